"""Spans of WARC files to articles. Pure but for reading the file; runs in the processes of a pool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from archive.records import Rejected
from archive.warc import writing
from archive.warc.foreign import (
    DamagedRecordError,
    ForeignRecord,
    WarcFile,
    spans,
)
from archive.warc.pages import EXPORT_ROW, FetchedPage
from ingest.export_file import reread_row
from ingest.publishers import publisher_of
from ingest.readings import Read, Reading, ReadTask
from reading.article import normalise
from reading.extract.page import extract
from reading.extract.pages import next_page
from reading.extract.refuse import LARGEST_PAGE
from reading.validate import validate
from sources.definition import Source

SPAN = 1 << 20
"""Bytes of a file in one unit of work: some forty pages as they are compressed, half a second of reading."""
FIRST_PAGE_ONLY = "first-page-only"
"""The flag of an article whose later pages stand in other records."""


def units(path: Path, cursor: int, *, every: bool) -> Iterator[ReadTask]:
    """The rest of a WARC file from a cursor, in units of work. Raises NotAWarcFileError and OSError."""
    with WarcFile(path) as file:
        size = file.size
    for start, stop in spans(cursor, size, SPAN):
        yield ReadTask(read_span, (str(path), start, stop, start == cursor, every), stop, stop)


def read_span(path: str, start: int, stop: int, exact: bool, every: bool) -> Read:
    """Read the records that begin in a range of bytes. `exact`: one is known to begin at `start`.

    With `every`, addresses of unknown publishers are read too, without a source. Raises NotAWarcFileError and OSError.
    """
    readings: list[Reading] = []
    with WarcFile(Path(path)) as file:
        begin = at = start if exact else file.boundary(start)
        while at < min(stop, file.size):
            records, at = file.records_at(at)
            readings += [_read(record, at if record is records[-1] else None, every) for record in records]
    return Read(begin, at, tuple(readings))


def _read(record: ForeignRecord, after: int | None, every: bool) -> Reading:
    url = record.url
    blank = Reading(place=record.place, address=url or f"the record at {record.place}", after=after)
    try:
        return _article(record, blank, every)
    except DamagedRecordError as damage:
        return replace(blank, outcome=f"error:{damage.name}", detail=str(damage))
    except Rejected as rejected:
        return replace(blank, outcome=f"rejected:{rejected.reason}", detail=rejected.detail)


def _article(record: ForeignRecord, blank: Reading, every: bool) -> Reading:
    url = record.url
    if record.damage and record.damage.name != "too-large":  # what it says of itself may be torn as well
        raise record.damage
    if record.type == "metadata" and record.header("Content-Type") == EXPORT_ROW:
        return reread_row(record.block(), blank)
    if record.type != "response":
        return replace(blank, outcome=f"skipped:{record.type}")
    if not url or urlsplit(url).scheme not in ("http", "https"):
        return replace(blank, outcome="skipped:no-web-address")
    source = publisher_of(url)
    if skipped := _unwanted(url, source, every):
        return replace(blank, outcome=f"skipped:{skipped}")
    if reason := record.header("WARC-Truncated"):
        raise Rejected("truncated", f"it was cut short when it was fetched: {reason}")
    answer = record.response(LARGEST_PAGE)
    if answer.status != 200:
        return replace(blank, outcome=f"skipped:http-{answer.status}")
    if record.date is None:
        raise Rejected("no-warc-date", f"WARC-Date is {record.header('WARC-Date')!r}")
    page = FetchedPage(url, answer.status, answer.headers, answer.content, record.date)
    return read_page(page, source, blank)


def _unwanted(url: str, source: Source | None, every: bool) -> str | None:
    """Why an address is not read; null where it is."""
    if source is None:
        return None if every else "unknown-publisher"
    if not source.is_article(url):
        return "no-article-address"
    # canonical_key leaves `page` out: the parts of an article share its id, and a later one would replace the first
    page = next(iter(parse_qs(urlsplit(url).query).get("page", ())), "")
    return "later-page" if page.isdecimal() and int(page) > 1 else None


def read_page(page: FetchedPage, source: Source | None, blank: Reading) -> Reading:
    """The article of a kept page, and the record that keeps it. Raises Rejected."""
    raw = extract(page.content, url=page.url, content_type=page.content_type, source=source)
    article = normalise(raw, source=source, url=page.url, fetched_at=page.fetched_at)
    if source is not None:
        validate(article, source, final=page.url)
    goes_on = next_page(raw) is not None
    if goes_on:
        article = replace(article, flags=(*article.flags, FIRST_PAGE_ONLY))
    return replace(
        blank,
        article=article,
        page=replace(page, content=b""),
        member=writing.gzip_member(page),
        final=page.url,
        fetched_at=page.fetched_at,
        zone=source.zone if source else None,
        first_page_only=goes_on,
    )
