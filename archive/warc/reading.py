"""Reading pages back from our own WARC files. `archive.warc.foreign` reads everybody else's."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from fastwarc.warc import ArchiveIterator, WarcRecordType

from archive.warc.pages import EXPORT_ROW, FetchedPage, StoredRecord, page_of_export_row

_PAGE_TYPES = WarcRecordType.response | WarcRecordType.metadata


class BadRecordError(Exception):
    """A WARC record cannot be read; the message names file and offset."""


def load_page(folder: Path, stored: StoredRecord) -> FetchedPage:
    """Read one record back. Raises BadRecordError if the file is missing or torn, or the digest is wrong."""
    place = f"{stored.file} at {stored.offset}"
    try:
        with (folder / stored.file).open("rb") as file:
            file.seek(stored.offset)
            member = file.read(stored.length)
    except OSError as error:
        raise BadRecordError(f"{place}: {error.strerror}") from error
    if len(member) < stored.length:
        raise BadRecordError(f"{place}: the file ends inside the record")
    for page in _pages(io.BytesIO(member), place):
        return page
    raise BadRecordError(f"{place}: no record of a page")


def load_pages(path: Path) -> Iterator[FetchedPage]:
    """Yield every page and export row of one of our WARC files. Raises BadRecordError at the first unreadable one."""
    with path.open("rb") as file:
        yield from _pages(file, str(path))


def _pages(stream: IO[bytes], place: str) -> Iterator[FetchedPage]:
    try:
        for record in ArchiveIterator(stream, record_types=_PAGE_TYPES, parse_http=False):
            # Before parse_http: the digest covers the whole block. A torn record fails here as well.
            if "WARC-Block-Digest" in record.headers and not record.verify_block_digest():
                raise BadRecordError(f"{place}: the content does not match its digest")
            if record.record_type == WarcRecordType.metadata:
                if record.headers.get("Content-Type") == EXPORT_ROW:
                    yield page_of_export_row(
                        record.headers["WARC-Target-URI"], record.reader.read(), record.record_date
                    )
                continue
            record.parse_http()
            if record.http_headers is None:
                raise BadRecordError(f"{place}: a response without HTTP headers")
            yield FetchedPage(
                record.headers["WARC-Target-URI"],
                record.http_headers.status_code or 0,
                tuple((str(name), str(value)) for name, value in record.http_headers.to_tuples()),
                record.reader.read(),
                record.record_date,
            )
    except OSError as error:
        raise BadRecordError(f"{place}: {error}") from error
