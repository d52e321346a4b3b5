"""The rows of export files, one by one and in little memory: JSON of any shape, tables, and Excel's workbooks."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO, cast

from archive.records import Rejected
from ingest.columns import BadColumnsError
from ingest.json_rows import is_one_row, parsed, pieces, rows_in
from ingest.paths import TABLES, WORKBOOKS
from ingest.table_lines import LONGEST_RECORD, RecordNeverEndsError, TableLines
from ingest.workbook import BadWorkbookError, workbook_rows
from reading.extract.charset import decode

LONGEST_ROW = LONGEST_RECORD
"""Bytes. A longer row is no article; it is skipped without being kept in memory."""
_BYTES = 1 << 20
_DELIMITERS = ",;\t|"
_SEPARATOR = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
"""The first line by which Excel knows a table's delimiter."""
_MOST_BLANK_LINES = 10
_ADDRESS = re.compile(r"https?://\S+")


class NotAnExportError(Exception):
    """A file that cannot be read as an export at all; the message says why, in a sentence."""


@dataclass(frozen=True, slots=True)
class ExportLine:
    """A row as the file has it: JSON in bytes, a row by column, or the reason why it cannot be read.

    `number` is its first line, `last` its last line, both counted from 1; in JSON that is not one row a line, and in a
    workbook, both are the number of the row (`unit`).
    """

    number: int
    last: int
    row: bytes | Mapping[str, object] | Rejected
    unit: str = "line"

    @property
    def size(self) -> int:
        """Its size, in bytes or characters."""
        if isinstance(self.row, Mapping):
            return sum(len(value) if isinstance(value, str) else 100 for value in self.row.values())
        return len(self.row) if isinstance(self.row, bytes) else 0


@dataclass(frozen=True, slots=True)
class Header:
    """The column names of a table, its delimiter, the lines after the header, and how many lines come before those."""

    names: list[str]
    delimiter: str
    lines: Iterator[str | None]
    consumed: int


def is_table(path: Path) -> bool:
    """Whether an export has a header with the names of its columns: a CSV or a workbook."""
    return path.name.lower().removesuffix(".gz").endswith((*TABLES, *WORKBOOKS))


def lines_of(path: Path, file: IO[bytes]) -> Iterator[ExportLine]:
    """The rows of an export that is open as `file`. Raises NotAnExportError, at a tear after the rows before it."""
    if path.name.lower().endswith(WORKBOOKS):
        return _workbook_lines(path)
    return table_lines(file) if is_table(path) else json_lines(path, file)


def names_of(path: Path) -> list[str]:
    """The column names of a table or workbook. Raises NotAnExportError, BadColumnsError and OSError."""
    if path.name.lower().endswith(WORKBOOKS):
        try:
            return next(workbook_rows(path), [])
        except BadWorkbookError as error:
            raise NotAnExportError(str(error)) from error
    with opened(path) as file:
        return read_header(_text_lines(file)).names


def opened(path: Path, raw: IO[bytes] | None = None) -> IO[bytes]:
    """The export's bytes, unpacked. `raw` is the file if it is open already."""
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


def json_lines(path: Path, file: IO[bytes]) -> Iterator[ExportLine]:
    """The rows of a JSON file: its lines if the first is a row, else its objects (see json_rows)."""
    with opened(path) as beginning:
        one_a_line = _first_line_is_row(beginning)
    if not one_a_line:
        yield from _json_rows(file)
        return
    for number, line in _numbered_lines(file):
        if line is None:
            yield ExportLine(number, number, Rejected("too-large", f"longer than {LONGEST_ROW:,} bytes"))
        elif line.strip(b"\xef\xbb\xbf \t\r\n\x00"):
            yield ExportLine(number, number, line)


def _first_line_is_row(file: IO[bytes]) -> bool:
    lines = (line for _, line in _numbered_lines(file) if line is None or line.strip(b"\xef\xbb\xbf \t\r\n\x00"))
    first = next(lines, None)
    return first is not None and is_one_row(first)


def _json_rows(file: IO[bytes]) -> Iterator[ExportLine]:
    number = 0
    try:
        for piece in pieces(file, LONGEST_ROW):
            for row in _rows_of(piece.content, is_row=piece.is_row, whole=piece.whole):
                number += 1
                yield ExportLine(number, number, row, "row")
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise NotAnExportError(f"it is torn or damaged after row {number}: {error}") from error


def _rows_of(content: bytes | None, *, is_row: bool, whole: bool) -> Iterable[bytes | Mapping[str, object] | Rejected]:
    if content is None:
        remedy = "if it wraps the rows, `jq -c '.NAME[]'` takes them out"
        return [Rejected("too-large", f"the object is longer than {LONGEST_ROW:,} bytes; {remedy}")]
    if not is_row or not whole:
        why = "it ends inside the row" if is_row else f"it is no JSON object: {decode(content[:60])!r}"
        return [Rejected("bad-row", why)]
    try:
        value = parsed(decode(content))
    except (ValueError, RecursionError):
        return [content]  # the reader says what is wrong
    rows = rows_in(value) if isinstance(value, dict) else []
    return rows if len(rows) > 1 or (rows and rows[0] is not value) else [content]


def _text_lines(file: IO[bytes]) -> Iterator[str | None]:
    """The lines as text; None for one that is too long."""
    for _, line in _numbered_lines(file):
        yield None if line is None else decode(line)


def read_header(table: Iterator[str | None]) -> Header:
    """The header of a table, after Excel's line "sep=;" and blank lines. Raises NotAnExportError, BadColumnsError.

    A table without a header is known only if it is trafilatura's, which writes none.
    """
    lines = (line or "" for line in table)  # no header is too long
    first, consumed, delimiters = next(lines, ""), 1, _DELIMITERS
    if found := _SEPARATOR.fullmatch(first.strip("\ufeff\r\n ")):
        first, consumed, delimiters = next(lines, ""), 2, found[1]
    while not first.strip() and consumed < _MOST_BLANK_LINES:
        first, consumed = next(lines, ""), consumed + 1
    names, delimiter = max(((_split(first, each), each) for each in delimiters), key=lambda found: len(found[0]))
    if any(_ADDRESS.fullmatch(name) for name in names):
        seen: list[str] = []
        row = next(csv.reader(_recorded(chain([first], lines), seen), delimiter=delimiter), [])
        return Header(_trafilatura_names(row), delimiter, chain(seen, table), consumed - 1)
    named = [name for name in names if name]
    if len(set(named)) < len(named):
        raise BadColumnsError(f"Two columns have the same name: {', '.join(names)}.")
    return Header(names if named else [], delimiter, table, consumed)


def _recorded(lines: Iterator[str], seen: list[str]) -> Iterator[str]:
    for line in lines:
        seen.append(line)
        yield line


def _split(line: str, delimiter: str) -> list[str]:
    return [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]


def _trafilatura_names(values: list[str]) -> list[str]:
    """The columns of trafilatura's CSV, by a row: address, perhaps an id, fingerprint, host, title, picture, day, text.

    Raises NotAnExportError for a row of another shape.
    """
    hosts = [at for at in (2, 3) if len(values) in (9, 10, 11) and values[at] and values[at] in values[0]]
    if not hosts:
        raise NotAnExportError("its first line is a row, not the names of its columns; put those above it")
    names = ["url", *(f"column {number}" for number in range(2, len(values) + 1))]
    names[hosts[0] : hosts[0] + 6] = ["hostname", "title", "image", "date", "text", "comments"]
    return names


def table_lines(file: IO[bytes]) -> Iterator[ExportLine]:
    """The rows of a CSV, by column."""
    csv.field_size_limit(LONGEST_ROW)
    header = read_header(_text_lines(file))
    lines = TableLines(header.lines, header.consumed)
    reader = csv.reader(lines, delimiter=header.delimiter)
    while True:
        number = lines.number + 1
        lines.begin_record()
        try:
            values = next(reader)
        except StopIteration:
            return
        except RecordNeverEndsError as error:
            yield ExportLine(number, lines.number, error.rejected)
            continue
        except csv.Error as error:
            yield ExportLine(number, lines.number, Rejected("bad-row", f"lines {number} to {lines.number}: {error}"))
            continue
        if any(value.strip() for value in values):
            yield ExportLine(number, lines.number, _row(header.names, values, number, lines.number))


def _row(names: list[str], values: list[str], number: int, last: int) -> Mapping[str, object] | Rejected:
    while len(values) > len(names) and not values[-1].strip():  # Excel writes delimiters for empty cells
        values = values[:-1]
    if len(values) == len(names):
        return dict(zip(names, values, strict=True))
    detail = f"it has {len(values)} values for {len(names)} columns"
    if last > number:
        detail += f", and goes on to line {last}: a quotation mark may be missing"
    return Rejected("uneven-row", detail)


def _workbook_lines(path: Path) -> Iterator[ExportLine]:
    number = 0
    try:
        rows = workbook_rows(path)
        names = next(rows, [])
        for number, values in enumerate(rows, 2):
            if any(value.strip() for value in values):
                padded = values + [""] * (len(names) - len(values))
                yield ExportLine(number, number, _row(names, padded, number, number), "row")
    except BadWorkbookError as error:
        raise NotAnExportError(f"{error} (after row {number})" if number else str(error)) from error
