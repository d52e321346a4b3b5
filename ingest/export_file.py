"""Reads other scrapers' exports (.jsonl and .csv, also .gz): files to tasks of some rows, and rows to articles."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast
from zoneinfo import ZoneInfo

from archive.records import Rejected
from archive.warc import writing
from archive.warc.pages import page_of_export_row
from ingest.columns import BadColumnsError, guess
from ingest.export_row import read_row, texts
from ingest.publishers import publisher_named, publisher_of
from ingest.read_tasks import ReadRecord, ReadResult, ReadTask
from reading.article import normalise
from reading.dates.reader import read_date
from reading.extract.charset import decode
from reading.published import refuse_future
from reading.validate import LONGEST_TITLE
from sources.definition import Source

LONGEST_ROW = 16 << 20
"""Bytes. A longer row is no article; it is skipped without being kept in memory."""
_ROWS = 100
_BYTES = 1 << 20
"""A task ends at so many rows or bytes, whichever comes first."""
_SAMPLED = 100
"""Rows of a JSON export whose keys are taken for its columns."""
_DELIMITERS = ",;\t|"


class NotAnExportError(Exception):
    """A file that cannot be read as an export at all; the message says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class ExportLine:
    """A row as the file has it: JSON in bytes, a CSV row by column, or the reason why it cannot be read.

    `number` is its first line, `last` its last line, both counted from 1.
    """

    number: int
    last: int
    row: bytes | Mapping[str, str] | Rejected

    @property
    def size(self) -> int:
        """Its size, in bytes or characters."""
        if isinstance(self.row, Mapping):
            return sum(map(len, self.row.values()))
        return len(self.row) if isinstance(self.row, bytes) else 0


def columns_of(path: Path, chosen: Mapping[str, str]) -> Mapping[str, str]:
    """Field → column of an export, guessed from its header or its first rows (see `columns.guess`).

    Raises NotAnExportError, BadColumnsError and OSError.
    """
    with _open(path) as file:
        if _is_csv(path):
            if names_in_header := _header(file)[0]:
                return guess(names_in_header, chosen)
            raise NotAnExportError("it has no header with the names of its columns")
        names: dict[str, None] = {}
        try:
            for line in islice(_json_lines(file), _SAMPLED):
                with suppress(Rejected):
                    names |= dict.fromkeys(_parsed(line.row))
        except NotAnExportError:  # torn further down: the rows before are read, and then the import reports it
            if not names:
                raise
    if not names:
        raise NotAnExportError("none of its first lines is a JSON object (`jq -c '.[]'` turns an array into lines)")
    return guess(list(names), chosen)


def tasks(path: Path, cursor: int, *, columns: Mapping[str, str], now: datetime) -> Iterator[ReadTask]:
    """The rows of an export after a cursor (a line), as tasks. `now` is the time of fetch of rows that have none.

    Raises NotAnExportError and OSError; for a torn file after the tasks before the tear.
    """
    with path.open("rb") as raw, _open(path, raw) as file:
        lines = (line for line in (_csv_lines(file) if _is_csv(path) else _json_lines(file)) if line.last > cursor)
        begin = cursor
        while True:
            chunk, torn = _chunk(lines)
            if chunk:
                arguments = (path.name, dict(columns), chunk, begin, now.isoformat())
                yield ReadTask(read_rows, arguments, chunk[-1].last, raw.tell())
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


def _read(name: str, columns: Mapping[str, str], line: ExportLine, now: datetime) -> ReadRecord:
    blank = ReadRecord(place=str(line.number), address=f"{name}, line {line.number}", cursor=line.last)
    try:
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
    row, columns = kept["row"], kept["columns"]
    raw = read_row(row, columns)
    source = _source(row, columns, raw.url)
    zone = ZoneInfo(source.zone if source else "Asia/Jakarta")
    fetched_at = _fetched_at(row.get(columns.get("fetched_at", "")), zone)
    try:
        article = normalise(raw, source=source, url=raw.url, fetched_at=fetched_at)
    except Rejected as rejected:
        if rejected.reason == "no-date" and raw.printed:
            raise Rejected("no-date", f"{raw.printed[0].text[:80]!r} cannot be read as a date") from rejected
        raise
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


def _parsed(row: bytes | Mapping[str, str] | Rejected) -> Mapping[str, Any]:
    if isinstance(row, Rejected):
        raise row
    if isinstance(row, Mapping):
        return row
    try:
        value = json.loads(decode(row))
    except (ValueError, RecursionError) as error:
        raise Rejected("bad-row", f"the line is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise Rejected("bad-row", f"the line is a {type(value).__name__}, not an object")
    return value


def _is_csv(path: Path) -> bool:
    return path.name.lower().endswith((".csv", ".csv.gz"))


def _open(path: Path, raw: IO[bytes] | None = None) -> IO[bytes]:
    if path.suffix.lower() == ".gz":
        return cast(IO[bytes], gzip.open(raw or path, "rb"))
    return raw or path.open("rb")


def _numbered_lines(file: IO[bytes]) -> Iterator[tuple[int, bytes | None]]:
    """Each line with its number, None for one that is too long. Raises NotAnExportError at a tear."""
    number = 0
    try:
        for number, line in enumerate(_bytes_lines(file), 1):
            yield number, line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise NotAnExportError(f"it is torn or damaged after line {number}: {error}") from error


def _bytes_lines(file: IO[bytes]) -> Iterator[bytes | None]:
    start = file.peek(4)[:4] if isinstance(file, io.BufferedReader | gzip.GzipFile) else b""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # as spreadsheets save "Unicode text"
        yield from _utf_16_lines(file)
        return
    while line := file.readline(LONGEST_ROW + 1):
        long = len(line) > LONGEST_ROW
        while long and line and not line.endswith(b"\n"):
            line = file.readline(LONGEST_ROW)
        yield None if long else line


def _utf_16_lines(file: IO[bytes]) -> Iterator[bytes | None]:
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    rest: list[str] = []  # of a line that goes on in the next chunk
    size = 0
    while chunk := file.read(_BYTES):
        first, *more = decoder.decode(chunk).split("\n")
        for following in more:
            yield f"{''.join(rest)}{first}\n".encode() if size + len(first) <= LONGEST_ROW else None
            rest, size, first = [], 0, following
        size += len(first)
        rest = [*rest, first] if size <= LONGEST_ROW else []
    yield "".join(rest).encode() if size <= LONGEST_ROW else None


def _json_lines(file: IO[bytes]) -> Iterator[ExportLine]:
    for number, line in _numbered_lines(file):
        if line is None:
            yield ExportLine(number, number, Rejected("too-large", f"longer than {LONGEST_ROW:,} bytes"))
        elif line.strip(b"\xef\xbb\xbf \t\r\n\x00"):
            yield ExportLine(number, number, line)


def _text_lines(file: IO[bytes]) -> Iterator[str]:
    for _, line in _numbered_lines(file):
        yield "" if line is None else decode(line)


def _header(file: IO[bytes]) -> tuple[list[str], str, Iterator[str]]:
    """The column names of a CSV, its delimiter, and the lines after the header."""
    lines = _text_lines(file)
    first = next(lines, "")
    best: tuple[int, list[str], str] = (-1, [], ",")
    for delimiter in _DELIMITERS:
        names = next(csv.reader([first], delimiter=delimiter), [])
        if len(names) > best[0]:
            best = (len(names), names, delimiter)
    if len(set(best[1])) < len(best[1]):
        raise BadColumnsError(f"Two columns have the same name: {', '.join(best[1])}.")
    return best[1], best[2], lines


def _csv_lines(file: IO[bytes]) -> Iterator[ExportLine]:
    csv.field_size_limit(LONGEST_ROW)
    names, delimiter, lines = _header(file)
    reader = csv.reader(lines, delimiter=delimiter)
    begin = 1
    while True:
        number = begin + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            begin = reader.line_num + 1
            yield ExportLine(number, begin, Rejected("bad-row", f"lines {number} to {begin}: {error}"))
            continue
        begin = reader.line_num + 1
        if not any(value.strip() for value in values):
            continue
        if len(values) != len(names):
            detail = f"it has {len(values)} values for {len(names)} columns"
            if begin > number:
                detail += f", and goes on to line {begin}: a quotation mark may be missing"
            yield ExportLine(number, begin, Rejected("uneven-row", detail))
        else:
            yield ExportLine(number, begin, dict(zip(names, values, strict=True)))
