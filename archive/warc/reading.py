"""Reading pages back from our own WARC files. `archive.warc.foreign` reads everybody else's."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from fastwarc.warc import ArchiveIterator, WarcRecordType

from archive.warc.pages import EXPORT_ROW, FetchedPage, StoredRecord, page_of_export_row

_PAGE_TYPES = WarcRecordType.response | WarcRecordType.metadata


_STATUS = re.compile(r"HTTP/1\.1 (-?\d{1,9}) ")


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
    for page in pages_in(io.BytesIO(member), place):
        return page
    raise BadRecordError(f"{place}: no record of a page")


def load_pages(path: Path) -> Iterator[FetchedPage]:
    """Yield every page and export row of one of our WARC files. Raises BadRecordError at the first unreadable one."""
    with path.open("rb") as file:
        yield from pages_in(file, str(path))


def pages_in(stream: IO[bytes], place: str) -> Iterator[FetchedPage]:
    """Yield every page and export row of a stream of records. `place` names it in a BadRecordError."""
    try:
        for record in ArchiveIterator(stream, record_types=_PAGE_TYPES, parse_http=False):
            # The digest covers the whole block. A torn record fails here as well.
            if "WARC-Block-Digest" in record.headers and not record.verify_block_digest():
                raise BadRecordError(f"{place}: the content does not match its digest")
            if record.record_type == WarcRecordType.metadata:
                if record.headers.get("Content-Type") == EXPORT_ROW:
                    yield page_of_export_row(
                        record.headers["WARC-Target-URI"], record.reader.read(), record.record_date
                    )
                continue
            status, headers, content = _http_message(record.reader.read(), place)
            yield FetchedPage(record.headers["WARC-Target-URI"], status, headers, content, record.record_date)
    except OSError as error:
        raise BadRecordError(f"{place}: {error}") from error


def _http_message(block: bytes, place: str) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """Status, headers and content, in the form that `archive.warc.writing` writes.

    Not FastWARC's `parse_http`: it reads no head of more than 32 kB, and earlier versions of ours wrote larger ones.
    """
    head, blank, content = block.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    status = _STATUS.match(first)
    if not blank or status is None:
        raise BadRecordError(f"{place}: a response without HTTP headers")
    pairs = (line.partition(":") for line in lines)
    return int(status[1]), tuple((name, value.strip()) for name, _, value in pairs), content
