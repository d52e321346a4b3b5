"""Exports the kept pages of articles as one WARC file: the records as they were kept, byte for byte."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import ColumnElement, Connection, func, or_, select

from archive.export.columns import ExportedArticle
from archive.export.stamp import ExportStamp
from archive.identity import BadAddressError, article_id_of_key, canonical_key
from archive.tables import pages, versions
from archive.warc.pages import StoredRecord


class WarcFileOfPages:
    """A WARC file being written. `missing` names the records that are lost: their file is missing or cut off."""

    def __init__(self, path: Path, stamp: ExportStamp, connection: Connection, folder: Path) -> None:
        self.records = 0
        self.missing: list[str] = []
        self._connection = connection
        self._folder = folder
        self._file: IO[bytes] = path.open("wb")
        newest = connection.execute(select(func.max(versions.c.saved_at))).scalar_one_or_none()
        self._file.write(_warcinfo(stamp, newest or datetime(1970, 1, 1, tzinfo=UTC)))

    def write(self, row: ExportedArticle) -> None:
        """Add every page of an article that was kept: of its versions, and those that showed no change."""
        for stored in _pages_of(self._connection, row):
            member = _member(self._folder, stored)
            if member is None:
                self.missing.append(f"{stored.file} at {stored.offset}")
            else:
                self._file.write(member)
                self.records += 1

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _pages_of(connection: Connection, row: ExportedArticle) -> Iterator[StoredRecord]:
    of_versions = select(versions.c.page_id).where(versions.c.article_id == row.article.id)
    of_others = select(versions.c.page_id).where(
        versions.c.page_id == pages.c.id, versions.c.article_id != row.article.id
    )
    wanted: list[ColumnElement[bool]] = [pages.c.id.in_(of_versions)]
    key = _own_key(row)
    if key is not None:
        wanted.append((pages.c.key == key) & ~of_others.exists())
    place = select(pages.c.warc_file, pages.c.warc_offset, pages.c.warc_length).where(or_(*wanted))
    for file, offset, length in connection.execute(place.order_by(pages.c.fetched_at, pages.c.id)).all():
        yield StoredRecord(file, offset, length)


def _own_key(row: ExportedArticle) -> str | None:
    """The key of the article's address, if no other article can have it."""
    try:
        key = canonical_key(row.article.url) if row.article.url else row.article.id
    except BadAddressError:
        return None
    return key if row.article.id in (key, article_id_of_key(key)) else None


def _member(folder: Path, stored: StoredRecord) -> bytes | None:
    try:
        with (folder / stored.file).open("rb") as file:
            file.seek(stored.offset)
            member = file.read(stored.length)
    except OSError:
        return None
    return member if len(member) == stored.length else None


def _warcinfo(stamp: ExportStamp, at: datetime) -> bytes:
    """The record that describes the file. Its date and id follow from the stamp, so that equal exports are equal."""
    said = json.dumps(stamp.as_json(), ensure_ascii=False)
    content = f"software: {stamp.software}\r\nformat: WARC File Format 1.1\r\ndescription: {said}\r\n".encode()
    head = (
        "WARC/1.1\r\nWARC-Type: warcinfo\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid5(NAMESPACE_URL, stamp.id)}>\r\n"
        f"WARC-Date: {at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\r\n"
        f"Content-Type: application/warc-fields\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return gzip.compress(head.encode() + content + b"\r\n\r\n", mtime=0)
