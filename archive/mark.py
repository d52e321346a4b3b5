"""The mark beside the archive: a small file that says what the archive held when it was last written.

A database that is missing, empty or older than its mark was lost or replaced, and is not taken for a new archive. The
mark is written after the database, so it never promises more than was saved.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from archive.disk import sync_folder

NAME = "archive.mark"
WARC_FILES = "*.warc.gz"


@dataclass(frozen=True, slots=True)
class Mark:
    """What an archive held: its id and epoch, its latest `seq`, and how many articles and pages. `at` is in UTC."""

    archive_id: str
    epoch: str
    seq: int
    articles: int
    pages: int
    at: datetime

    def __str__(self) -> str:
        """For messages: "118 articles and 120 kept pages on 2026-11-23"."""
        return f"{self.articles:,} articles and {self.pages:,} kept pages on {self.at:%Y-%m-%d}"


def read_mark(home: Path) -> Mark | None:
    """The mark of a home; None if there is none, or none that can be read (the next save writes it anew)."""
    try:
        record = json.loads((home / NAME).read_text())
        return Mark(**record | {"at": datetime.fromisoformat(record["at"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_mark(home: Path, mark: Mark) -> None:
    """Write the mark, whole or not at all. Raises OSError."""
    temporary = home / f".{NAME}.{os.getpid()}"
    with temporary.open("w") as file:
        file.write(json.dumps(asdict(mark) | {"at": mark.at.isoformat()}) + "\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(home / NAME)
    sync_folder(home)


def warc_files(folder: Path) -> list[Path]:
    """Our WARC files in a folder, by name; none if there is no such folder."""
    return sorted(folder.glob(WARC_FILES))


def traces(home: Path, warc_folder: Path) -> str | None:
    """What shows that a home had an archive, in words; None for a home that never had one."""
    return "; ".join(_traces(home, warc_folder)) or None


def _traces(home: Path, warc_folder: Path) -> Iterator[str]:
    if mark := read_mark(home):
        yield f"its mark says {mark}"
    if files := warc_files(warc_folder):
        yield f"{warc_folder} has {len(files)} WARC file{'s' if len(files) > 1 else ''}"


def older_than(mark: Mark, archive_id: str, seq: int) -> str | None:
    """Why a database is not the one that the mark was written for, in a sentence; None if it is."""
    if mark.archive_id != archive_id:
        return f"The database is of another archive ({archive_id}) than the one that this home held: {mark}."
    if seq < mark.seq:
        return f"The database is an older copy: it ends at change {seq}, and this home held change {mark.seq} ({mark})."
    return None
