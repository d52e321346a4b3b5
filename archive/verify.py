"""Checks the archive: each page row leads to a record with the right digest, and each version can be read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, func, select

from archive import ending, forget, tombstones
from archive.database import Archive
from archive.integrity import Defect, examine, is_known_run
from archive.mark import warc_files
from archive.records import Article
from archive.tables import pages, versions
from archive.versions import RECORD_TEXT
from archive.warc.pages import StoredRecord
from archive.warc.reading import BadRecordError, load_page
from archive.warc.unreferenced import run_of_file, unreferenced_pages


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """How much was read, and what is wrong.

    `left_over` is how many kept pages a killed run left without rows. They are no fault: their addresses are still
    queued. `--mend` reads them too. `stopped`: this process was asked to end before everything was read.
    """

    pages: int
    versions: int
    faults: tuple[Defect, ...]
    left_over: int = 0
    stopped: bool = False

    @property
    def wrong(self) -> tuple[str, ...]:
        """One sentence per error."""
        return tuple(fault.sentence for fault in self.faults)


def verify(archive: Archive) -> VerifyReport:
    """Read all pages and versions, and check what belongs together.

    Raises sqlalchemy's DatabaseError if damage of the database stops the check.
    """
    found = list(examine(archive).faults)
    with archive.reading() as connection:
        counted_pages = _count(connection, pages)
        counted_versions = _count(connection, versions)
        read_pages, read_versions = _Counted(), _Counted()
        found += _bad_pages(archive, connection, read_pages)
        found += _bad_versions(connection, read_versions)
        rowless, left_over = ([], 0) if ending.asked() else _rowless(archive, connection)
    found += rowless
    if ending.asked():
        return VerifyReport(read_pages.count, read_versions.count, tuple(found), left_over, stopped=True)
    return VerifyReport(counted_pages, counted_versions, tuple(found), left_over)


class _Counted:
    """Counts rows as they pass, until this process is asked to end."""

    def __init__(self) -> None:
        self.count = 0

    def rows(self, rows: Iterable[Row[Any]]) -> Iterator[Row[Any]]:
        """The rows."""
        for row in rows:
            if ending.asked():
                return
            self.count += 1
            yield row


def _count(connection: Connection, table: Any) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _bad_pages(archive: Archive, connection: Connection, read: _Counted) -> Iterator[Defect]:
    rows = connection.execute(select(pages).order_by(pages.c.warc_file, pages.c.warc_offset))
    for name, of_file in groupby(read.rows(rows), key=lambda row: str(row.warc_file)):
        if (archive.warc_folder / name).exists():  # else `examine` has named the file
            yield from _bad_pages_of_file(archive, of_file)


def _bad_pages_of_file(archive: Archive, rows: Iterable[Row[Any]]) -> Iterator[Defect]:
    for row in rows:
        try:
            page = load_page(archive.warc_folder, StoredRecord(row.warc_file, row.warc_offset, row.warc_length))
        except BadRecordError as error:
            yield Defect(f"The stored page of {row.url} cannot be read: {error}.")
            continue
        if page.url != row.url:
            yield Defect(f"The stored page at {row.warc_file}:{row.warc_offset} is {page.url}, not {row.url}.")


def _bad_versions(connection: Connection, read: _Counted) -> Iterator[Defect]:
    known = select(versions.c.article_id, versions.c.version, versions.c.content_hash).add_columns(RECORD_TEXT)
    for row in read.rows(connection.execute(known.order_by(versions.c.article_id, versions.c.version))):
        if problem := problem_of_version(row.record, row.content_hash):
            yield Defect(f"Version {row.version} of {row.article_id} {problem}.", mendable=True)


def problem_of_version(record: str, content_hash: str) -> str | None:
    """What is wrong with a version, from its record as text; None if nothing is."""
    try:
        digest = Article.from_json(json.loads(record)).content_hash
    except (ValueError, TypeError, KeyError, AttributeError) as error:  # whatever the record contains
        return f"cannot be read: {error}"
    return None if digest == content_hash else "does not match its content hash"


def _rowless(archive: Archive, connection: Connection) -> tuple[list[Defect], int]:
    """WARC files that have lost the rows of some pages, and how many pages killed runs left without rows.

    Of a file that has no row at all, `examine` says so.
    """
    hashes = tombstones.address_hashes(connection)
    forgotten = forget.unreferenced_of(archive, hashes)
    faults = []
    if forgotten:
        faults.append(
            Defect(f"{len(forgotten):,} kept pages in the WARC files were forgotten on purpose.", mendable=True)
        )
    left_over = 0
    for path in warc_files(archive.warc_folder):
        rows = [(int(row.warc_offset), int(row.warc_length)) for row in _extents(connection, path.name)]
        missing = [each for each in unreferenced_pages(path, rows) if each not in forgotten]
        last = max((offset for offset, _ in rows), default=0)
        lost = [each for each in missing if each.offset < last]
        if is_known_run(connection, run_of_file(path.name)):
            left_over += len(missing) - len(lost)
        elif rows:
            lost = missing
        if lost:
            faults.append(
                Defect(f"The database has lost the rows of {len(lost):,} kept pages in {path}.", mendable=True)
            )
    return faults, left_over


def _extents(connection: Connection, name: str) -> Iterable[Row[Any]]:
    return connection.execute(select(pages.c.warc_offset, pages.c.warc_length).where(pages.c.warc_file == name))
