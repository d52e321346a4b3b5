"""Spans of WARC files to articles. Pure apart from reading the file; runs in the processes of the pool."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from archive.addresses import READER_DIED
from archive.deadline import page_deadline
from archive.identity import part_number
from archive.records import PAGE_STATUSES, Rejected
from archive.same_story import FIRST_PAGE_ONLY
from archive.twins import capture_time, own_address, story_address
from archive.warc import writing
from archive.warc.foreign import ForeignRecord, WarcFile, spans
from archive.warc.framing import LARGEST_RECORD, DamagedRecordError
from archive.warc.pages import EXPORT_ROW, FetchedPage
from ingest.export_file import reread_row
from ingest.pool import Read, ReaderDiedError
from ingest.publishers import publisher_of
from ingest.read_tasks import ReadRecord, ReadResult, ReadTask
from reading.article import normalise
from reading.extract.addresses import require_address
from reading.extract.multi_page import next_page
from reading.extract.page import extract
from reading.validate import validate
from sources.definition import Source

SPAN = 1 << 20
"""Bytes of a file in one task: about forty compressed pages, half a second of reading."""


def tasks(path: Path, cursor: int, *, unknown_publishers: bool) -> Iterator[ReadTask]:
    """The rest of a WARC file after a cursor, as tasks. Raises NotAWarcFileError and OSError."""
    with WarcFile(path) as file:
        size = file.size
    for start, stop in spans(cursor, size, SPAN):
        arguments = (str(path), start, stop, start == cursor, unknown_publishers)
        yield ReadTask(read_span, arguments, stop, stop, _record_by_record)


def read_span(path: str, start: int, stop: int, exact: bool, unknown_publishers: bool) -> ReadResult:
    """Read the records that begin in a range of bytes. `exact`: a record is known to begin at `start`.

    With `unknown_publishers`, addresses that belong to no source are read too. Raises NotAWarcFileError and OSError.
    """
    found: list[ReadRecord] = []
    with WarcFile(Path(path)) as file:
        begin = at = start if exact else file.boundary(start)
        while at < min(stop, file.size):
            records, at = file.records_at(at)
            found += [_read(each, at if each is records[-1] else None, unknown_publishers) for each in records]
    return ReadResult(begin, at, tuple(found))


def _record_by_record(task: ReadTask, read: Read) -> ReadResult:
    """Read a span record by record: one that kills its process again has an outcome of that name, the rest are read."""
    path, start, stop, exact, unknown_publishers = task.arguments
    first: ReadResult = read(replace(task, arguments=(path, start, start, exact, unknown_publishers)))
    records: list[ReadRecord] = []
    at, read_to = first.begin, -1
    while read_to < at < stop:
        read_to = at
        try:
            result: ReadResult = read(replace(task, arguments=(path, at, at + 1, True, unknown_publishers)))
        except ReaderDiedError as died:
            left_out: ReadResult = read(replace(task, function=leave_out, arguments=(path, at, str(died))))
            result = _one_by_one(replace(task, function=read_one), left_out, read)
        records += result.records
        at = result.end
    return ReadResult(first.begin, at, tuple(records))


def _one_by_one(task: ReadTask, left_out: ReadResult, read: Read) -> ReadResult:
    """The records of a gzip member that has several: those that kill no process are read, the others left out."""
    path, _, _, _, unknown_publishers = task.arguments
    records = list(left_out.records)
    for number in range(len(records) if len(records) > 1 else 0):
        with suppress(ReaderDiedError):
            alone: ReadResult = read(replace(task, arguments=(path, left_out.begin, number, unknown_publishers)))
            records[number] = alone.records[0]
    return replace(left_out, records=tuple(records))


def read_one(path: str, at: int, number: int, unknown_publishers: bool) -> ReadResult:
    """One of the records at a place in a WARC file."""
    with WarcFile(Path(path)) as file:
        records, end = file.records_at(at)
        cursor = end if number == len(records) - 1 else None
        return ReadResult(at, end, (_read(records[number], cursor, unknown_publishers),))


def leave_out(path: str, at: int, why: str) -> ReadResult:
    """The records at a place in a WARC file, of which one killed the process that read it: only framing is read."""
    with WarcFile(Path(path)) as file:
        records, end = file.records_at(at)
    blanks = [_blank(each, end if each is records[-1] else None) for each in records]
    return ReadResult(at, end, tuple(replace(blank, outcome=READER_DIED, detail=why) for blank in blanks))


def _blank(record: ForeignRecord, cursor: int | None) -> ReadRecord:
    return ReadRecord(place=record.place, address=record.url or f"the record at {record.place}", cursor=cursor)


def _read(record: ForeignRecord, cursor: int | None, unknown_publishers: bool) -> ReadRecord:
    blank = _blank(record, cursor)
    try:
        return _article(record, blank, unknown_publishers)
    except DamagedRecordError as damage:
        return replace(blank, outcome=f"error:{damage.name}", detail=str(damage))
    except Rejected as rejected:
        return replace(blank, outcome=rejected.outcome, detail=rejected.detail)


def _article(record: ForeignRecord, blank: ReadRecord, unknown_publishers: bool) -> ReadRecord:
    url = own_address(record.url or "")  # a crawl of a web archive has the archive's addresses
    if record.damage and record.damage.name != "too-large":  # its headers may be torn as well
        raise record.damage
    if record.type == "metadata" and record.header("Content-Type") == EXPORT_ROW:
        return reread_row(record.block(), blank)
    if not record.is_page:
        return replace(blank, outcome=f"skipped:{record.type}")
    if not url.lower().startswith(("http://", "https://")):
        return replace(blank, outcome="skipped:no-web-address")
    source = publisher_of(url)
    if source is None and unknown_publishers:  # a publisher's address is one
        require_address(url)
    if skipped := _skipped(url, source, unknown_publishers):
        return replace(blank, outcome=skipped)
    if reason := record.header("WARC-Truncated"):
        raise Rejected("truncated", f"it was cut off when it was fetched: {reason}")
    answer = record.response(LARGEST_RECORD)  # with its inlined pictures, which the reader leaves out
    if answer.status not in PAGE_STATUSES:
        return replace(blank, outcome=f"skipped:http-{answer.status}")
    captured_at = capture_time(record.url or "") or record.date
    if captured_at is None:
        raise Rejected("no-warc-date", f"WARC-Date is {record.header('WARC-Date')!r}")
    page = FetchedPage(url, answer.status, answer.headers, answer.content, captured_at)
    return read_page(page, source, blank)


def _skipped(url: str, source: Source | None, unknown_publishers: bool) -> str | None:
    """The outcome of an address that is not read; None for one that is read."""
    if source is None:
        return None if unknown_publishers else "skipped:unknown-publisher"
    if not source.is_article(url) and not source.is_article(story_address(url)):
        return "skipped:no-article-address"
    # all parts of an article share its id: a later one would replace the first
    return "skipped:later-page" if (part_number(url) or 1) > 1 else None


def read_page(page: FetchedPage, source: Source | None, blank: ReadRecord) -> ReadRecord:
    """The article of a page, and the WARC record that keeps it. Raises Rejected."""
    with page_deadline():
        raw = extract(page.content, url=page.url, content_type=page.content_type, source=source)
        article = normalise(raw, source=source, url=page.url, fetched_at=page.fetched_at)
    if source is not None:
        validate(article, source, final_url=page.url)
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
