"""Which files can be imported, and as what kind: the name decides."""

from __future__ import annotations

import os
from pathlib import Path

PAGES = (".html", ".htm", ".xhtml")
CONTAINERS = (".mht", ".mhtml", ".webarchive")
CLIPPINGS = (".txt", ".text")
WARC_FILES = (".warc", ".warc.gz")
LINES, ROWS, TABLES = (".jsonl", ".ndjson"), (".json",), (".csv", ".tsv")
WORKBOOKS = (".xlsx",)
EXPORTS = (*(f"{ending}{packed}" for ending in (*LINES, *ROWS, *TABLES) for packed in ("", ".gz")), *WORKBOOKS)
KNOWN = (*PAGES, *CONTAINERS, *CLIPPINGS, *WARC_FILES, *EXPORTS)
KINDS = " ".join(KNOWN)


def is_warc(path: Path) -> bool:
    """Whether a file is a WARC file by its name."""
    return path.name.lower().endswith(WARC_FILES)


def is_export(path: Path) -> bool:
    """Whether a file is an export of rows by its name."""
    return path.name.lower().endswith(EXPORTS)


def files_of(paths: list[Path]) -> tuple[list[Path], list[Path]]:
    """The files to import, each once, and the files of saved pages' own folders, which are left out.

    Every path that is a file is imported, and in folders all files of a known kind. A browser that saves "Panen.html"
    puts its frames and advertisements into "Panen_files", as HTML too.
    """
    seen: set[Path] = set()
    found: list[Path] = []
    parts: list[Path] = []
    for path in paths:
        below = sorted(each for each in path.rglob("*") if each.is_file() and each.name.lower().endswith(KNOWN))
        for each in below if path.is_dir() else [path]:
            if (place := each.resolve()) not in seen:
                seen.add(place)
                (parts if path.is_dir() and _belongs_to_page(each, path) else found).append(each)
    return found, parts


def _belongs_to_page(file: Path, folder: Path) -> bool:
    """Whether a file below a folder is in the companion folder of a saved page."""
    inner = file.parent
    while inner != folder and inner != inner.parent:
        stem, sign, _ = inner.name.rpartition("_files") if inner.name.endswith("_files") else ("", "", "")
        if sign and any(inner.with_name(f"{stem}{ending}").exists() for ending in PAGES):
            return True
        inner = inner.parent
    return False


def printable(path: Path) -> str:
    """A file's name as text; bytes that are not text are written as "\\xff"."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
