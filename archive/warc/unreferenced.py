"""Records of our own WARC files to which no row of the database points."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from archive.warc.foreign import ForeignRecord, NotAWarcFileError, WarcFile
from archive.warc.pages import EXPORT_ROW, StoredRecord


def run_of_file(name: str) -> str:
    """The run that wrote a WARC file: RUN-00001.warc.gz."""
    return name.removesuffix(".warc.gz").rpartition("-")[0]


def gaps(referenced: Iterable[tuple[int, int]], size: int) -> Iterator[tuple[int, int]]:
    """The parts of a file of `size` bytes that no record with a row covers, from the records' offsets and lengths."""
    at = 0
    for offset, length in sorted(referenced):
        if offset > at:
            yield at, offset
        at = max(at, offset + length)
    if at < size:
        yield at, size


def unreferenced_pages(path: Path, referenced: Iterable[tuple[int, int]]) -> Iterator[StoredRecord]:
    """The whole records of pages and export rows between those that have rows. Damaged records are left out.

    Raises OSError.
    """
    try:
        with WarcFile(path) as file:
            for begin, end in gaps(referenced, file.size):
                at = begin
                while at < end:
                    records, following = file.records_at(at)
                    if any(_is_page(each) for each in records):
                        yield StoredRecord(path.name, at, following - at)
                    at = following
    except NotAWarcFileError:
        return


def has_page(path: Path) -> bool:
    """Whether a file holds a whole record of a page: a run may be killed after it has begun a file."""
    return next(unreferenced_pages(path, ()), None) is not None


def _is_page(record: ForeignRecord) -> bool:
    if record.damage:
        return False
    return record.type == "response" or (record.type == "metadata" and record.header("Content-Type") == EXPORT_ROW)
