"""Reads other scrapers' exports (JSON, tables, workbooks): files to tasks of some rows, and rows to articles."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from archive.addresses import READER_DIED
from archive.deadline import page_deadline
from archive.records import Rejected
from archive.twins import capture_time, own_address
from archive.warc import writing
from archive.warc.pages import page_of_export_row
from ingest.columns import guess
from ingest.export_lines import ExportLine, NotAnExportError, is_table, lines_of, names_of, opened
from ingest.export_row import read_row, texts
from ingest.json_rows import flat, parsed
from ingest.pool import Read, ReaderDiedError
from ingest.publishers import publisher_named, publisher_of
from ingest.read_tasks import ReadRecord, ReadResult, ReadTask
from reading.article import normalise
from reading.dates.reader import read_date
from reading.extract.charset import decode
from reading.published import refuse_future
from reading.validate import LONGEST_TITLE
from sources.definition import Source

_ROWS = 100
_BYTES = 1 << 20
"""A task ends at so many rows or bytes, whichever comes first."""
_WITHOUT_ZONE = ("date_publish",)
"""Columns of programs that drop the zone of a publication time: news-please writes "+07:00" and "Z" alike."""
ZONE_ASSUMED = "zone-assumed"
"""The flag of a publication time whose zone the exporting program dropped; it is read in the source's zone."""
_SAMPLED = 100
"""Rows of a JSON export whose keys are taken for its columns."""


def columns_of(path: Path, chosen: Mapping[str, str]) -> Mapping[str, str]:
    """Field → column of an export, guessed from its header or its first rows (see `columns.guess`).

    Raises NotAnExportError, BadColumnsError and OSError.
    """
    if is_table(path):
        if names_in_header := names_of(path):
            return guess(names_in_header, chosen)
        raise NotAnExportError("it has no header with the names of its columns")
    names: dict[str, None] = {}
    with opened(path) as file:
        try:
            for line in islice(lines_of(path, file), _SAMPLED):
                with suppress(Rejected):
                    names |= dict.fromkeys(flat(_parsed(line.row)))
        except NotAnExportError:  # torn further down: the rows before are read, and then the import reports it
            if not names:
                raise
    if not names:
        raise NotAnExportError("none of its first rows is a JSON object")
    return guess(list(names), chosen)


def tasks(path: Path, cursor: int, *, columns: Mapping[str, str], now: datetime) -> Iterator[ReadTask]:
    """The rows of an export after a cursor (a line), as tasks. `now` is the time of fetch of rows that have none.

    Raises NotAnExportError and OSError; for a torn file after the tasks before the tear.
    """
    with path.open("rb") as raw, opened(path, raw) as file:
        lines = (line for line in lines_of(path, file) if line.last > cursor)
        begin = cursor
        while True:
            chunk, torn = _chunk(lines)
            if chunk:
                arguments = (path.name, dict(columns), chunk, begin, now.isoformat())
                yield ReadTask(read_rows, arguments, chunk[-1].last, raw.tell(), _row_by_row)
                begin = chunk[-1].last
            if torn:
                raise torn
            if not chunk:
                return


def _chunk(lines: Iterator[ExportLine]) -> tuple[tuple[ExportLine, ...], NotAnExportError | None]:
    """The lines of the next task, and the error if the file is torn after them."""
    chunk: list[ExportLine] = []
    size = 0
    try:
        for line in islice(lines, _ROWS):
            chunk.append(line)
            size += line.size
            if size > _BYTES:
                break
    except NotAnExportError as torn:
        return tuple(chunk), torn
    return tuple(chunk), None


def read_rows(name: str, columns: Mapping[str, str], lines: tuple[ExportLine, ...], begin: int, now: str) -> ReadResult:
    """Read rows of the export `name`. Whatever is wrong with a row is its outcome."""
    moment = datetime.fromisoformat(now)
    records = tuple(_read(name, columns, line, moment) for line in lines)
    return ReadResult(begin, lines[-1].last, records)


def _row_by_row(task: ReadTask, read: Read) -> ReadResult:
    """Read rows one by one: one that kills its process again ends in a named outcome, and the others are read."""
    name, columns, lines, begin, now = task.arguments
    records: list[ReadRecord] = []
    for line in lines:
        try:
            records += read(replace(task, arguments=(name, columns, (line,), begin, now))).records
        except ReaderDiedError as died:
            records.append(replace(_blank(name, line), outcome=READER_DIED, detail=str(died)))
    return ReadResult(begin, lines[-1].last, tuple(records))


def _blank(name: str, line: ExportLine) -> ReadRecord:
    return ReadRecord(place=str(line.number), address=f"{name}, {line.unit} {line.number}", cursor=line.last)


def _read(name: str, columns: Mapping[str, str], line: ExportLine, now: datetime) -> ReadRecord:
    blank = _blank(name, line)
    try:
        with page_deadline():
            return _article({"columns": dict(columns), "row": _parsed(line.row)}, blank, now)
    except Rejected as rejected:
        return replace(blank, outcome=rejected.outcome, detail=rejected.detail)


def reread_row(content: bytes, blank: ReadRecord, at: datetime | None = None) -> ReadRecord:
    """Read a row again from its WARC record (see `_article`). Raises Rejected."""
    try:
        kept = json.loads(content)
        now = at or datetime.fromisoformat(kept["kept_at"])
        return _article({"columns": kept["columns"], "row": kept["row"]}, blank, now)
    except (ValueError, KeyError, TypeError) as error:
        raise Rejected("bad-row", f"the kept row cannot be read: {error}") from error


def _article(kept: Mapping[str, Any], blank: ReadRecord, now: datetime) -> ReadRecord:
    """The article of {"columns", "row"}, and the WARC record that keeps both."""
    row, columns = flat(kept["row"]), kept["columns"]
    raw = read_row(row, columns)
    at = capture_time(raw.url) if raw.url else None  # a row of a crawl of a web archive
    raw = replace(raw, url=own_address(raw.url)) if raw.url else raw
    source = _source(row, columns, raw.url)
    zone = ZoneInfo(source.zone if source else "Asia/Jakarta")
    fetched_at = at or _fetched_at(row.get(columns.get("fetched_at", "")), zone)
    try:
        article = normalise(raw, source=source, url=raw.url, fetched_at=fetched_at)
    except Rejected as rejected:
        if rejected.reason == "no-date" and raw.printed:
            raise Rejected("no-date", f"{raw.printed[0].text[:80]!r} cannot be read as a date") from rejected
        raise
    if columns.get("published") in _WITHOUT_ZONE and isinstance(article.published_at, datetime) and raw.printed:
        article = replace(article, flags=(*article.flags, ZONE_ASSUMED))
    refuse_future(article.published_at, fetched_at or now)
    if len(article.title) > LONGEST_TITLE:
        raise Rejected("no-title", f"the title has {len(article.title)} characters")
    content = json.dumps({**kept, "kept_at": now.isoformat()}).encode()
    page = page_of_export_row(article.url or article.id, content, fetched_at or now)
    return replace(
        blank,
        article=article,
        page=replace(page, content=b""),
        member=writing.gzip_member(page),
        final=article.url,
        fetched_at=fetched_at,
        zone=source.zone if source else None,
    )


def _source(row: Mapping[str, Any], columns: Mapping[str, str], url: str | None) -> Source | None:
    """The source of the row's address; without an address, the source that the row names, if it is one of ours."""
    if url:
        return publisher_of(url)
    named = row.get(columns.get("source", ""))
    name = named.strip().lower() if isinstance(named, str) else ""
    return publisher_named(name) if name else None


def _fetched_at(value: object, zone: ZoneInfo) -> datetime | None:
    text = next(texts(value, "fetched_at"), None)
    moment = read_date(text.strip(), zone=zone).moment if text else None
    return moment if isinstance(moment, datetime) else None


def _parsed(row: bytes | Mapping[str, object] | Rejected) -> Mapping[str, Any]:
    if isinstance(row, Rejected):
        raise row
    if isinstance(row, Mapping):
        return row
    try:
        value = parsed(decode(row))
    except (ValueError, RecursionError) as error:
        raise Rejected("bad-row", f"it is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Rejected("bad-row", f"it is a {type(value).__name__}, not an object")
    return value
