"""Which files can be imported, and as what kind: the name decides."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PAGES = (".html", ".htm", ".xhtml")
CLIPPINGS = (".txt", ".text")
WARC_FILES = (".warc", ".warc.gz")
EXPORTS = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz")


def is_warc(path: Path) -> bool:
    """Whether a file is a WARC file by its name."""
    return path.name.lower().endswith(WARC_FILES)


def is_export(path: Path) -> bool:
    """Whether a file is an export of rows by its name."""
    return path.name.lower().endswith(EXPORTS)


def files_of(paths: list[Path]) -> Iterator[Path]:
    """The files to import, each once: every path that is a file, and in folders all files of a known kind."""
    known = (*PAGES, *CLIPPINGS, *WARC_FILES, *EXPORTS)
    seen: set[Path] = set()
    for path in paths:
        below = sorted(each for each in path.rglob("*") if each.is_file() and each.name.lower().endswith(known))
        for each in below if path.is_dir() else [path]:
            if (place := each.resolve()) not in seen:
                seen.add(place)
                yield each


def printable(path: Path) -> str:
    """A file's name as text; bytes that are not text are written as "\\xff"."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
