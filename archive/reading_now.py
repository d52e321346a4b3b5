"""Which page a crawl is reading, in a file that outlives it: a page may kill the process that reads it.

The file costs two system calls a page, where a row in the database would cost a transaction. It need not survive the
machine, only the process.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FOLDER = "reading"


class ReadingNow:
    """Notes the page that a run is reading. Raises OSError if the home cannot be written."""

    def __init__(self, home: Path, run_id: str) -> None:
        self._path = home / FOLDER / run_id
        self._file: int | None = None

    @contextmanager
    def page(self, key: str) -> Iterator[None]:
        """The page of this address (canonical key) is being read in this block."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o644)
        os.pwrite(self._file, key.encode(), 0)
        try:
            yield
        finally:
            os.ftruncate(self._file, 0)

    def close(self) -> None:
        """The run reads no more."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        self._path.unlink(missing_ok=True)


def page_at_death(home: Path, run_id: str) -> str | None:
    """The address (canonical key) whose page a run was reading when its process died; None if it was reading none."""
    try:
        return (home / FOLDER / run_id).read_bytes().decode() or None
    except (FileNotFoundError, UnicodeDecodeError):
        return None


def forget(home: Path, run_id: str) -> None:
    """Remove the file of a dead run."""
    (home / FOLDER / run_id).unlink(missing_ok=True)
