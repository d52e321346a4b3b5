"""Reads Excel's workbooks (.xlsx): the rows of the first sheet as text, as a CSV of it would have them."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from lxml import etree

MOST_BYTES = 1 << 30
"""Unpacked bytes of one part of a workbook; a million rows of a sheet have some hundred million."""
MOST_TEXT = 1 << 28
"""Characters of all texts that a workbook shares between its cells; they are held in memory."""
_MOST_COLUMNS = 1_000
_FIRST_DAY = datetime(1899, 12, 30)  # noqa: DTZ001  a cell has no zone; the source's is taken, as for a printed date
_DATE_FORMATS = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_QUOTED = re.compile(r'"[^"]{0,200}"|\[[^\]]{0,60}\]|\\.')


class BadWorkbookError(Exception):
    """The file is no workbook that can be read; the message says why and completes a sentence."""


def workbook_rows(path: Path) -> Iterator[list[str]]:
    """The rows of the first sheet; a cell with a time is written in ISO 8601. Raises BadWorkbookError and OSError."""
    try:
        with zipfile.ZipFile(path) as file:
            sheet = _first_sheet(file)
            texts, dates = _shared_texts(file), _date_styles(file)
            for row in _elements(file, sheet, "row"):
                yield _values(row, texts, dates)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
        raise BadWorkbookError(f"it is no workbook, or damaged: {error}") from error
    except etree.XMLSyntaxError as error:
        raise BadWorkbookError(f"its XML is damaged: {error}") from error


def _first_sheet(file: zipfile.ZipFile) -> str:
    """The part with the first sheet, by the workbook's own relations."""
    first = next(_elements(file, "xl/workbook.xml", "sheet"), None)
    if first is None:
        raise BadWorkbookError("it has no sheet")
    wanted = next((value for name, value in first.attrib.items() if name.endswith("}id")), None)
    for relation in _elements(file, "xl/_rels/workbook.xml.rels", "Relationship"):
        if relation.get("Id") == wanted:
            target = str(relation.get("Target"))
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return "xl/worksheets/sheet1.xml"


def _shared_texts(file: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in file.namelist():
        return []
    texts: list[str] = []
    size = 0
    for each in _elements(file, "xl/sharedStrings.xml", "si"):
        texts.append(_text(each))
        size += len(texts[-1])
        if size > MOST_TEXT:
            raise BadWorkbookError(f"its texts have more than {MOST_TEXT:,} characters; save it as CSV")
    return texts


def _date_styles(file: zipfile.ZipFile) -> frozenset[int]:
    """The cell styles that show a number as a date or time."""
    if "xl/styles.xml" not in file.namelist():
        return frozenset()
    styles: list[int] = []
    own: set[int] = set()
    for sheet in _elements(file, "xl/styles.xml", "styleSheet"):
        own |= {
            int(each.get("numFmtId", "0")) for each in sheet.iter("{*}numFmt") if _shows_time(each.get("formatCode"))
        }
        formats = (each for group in sheet.iter("{*}cellXfs") for each in group.iter("{*}xf"))
        styles += [int(each.get("numFmtId", "0")) for each in formats]
    return frozenset(number for number, kind in enumerate(styles) if kind in _DATE_FORMATS or kind in own)


def _shows_time(code: str | None) -> bool:
    return re.search(r"[ymdhs]", _QUOTED.sub("", code or ""), re.IGNORECASE) is not None


def _values(row: Any, texts: list[str], dates: frozenset[int]) -> list[str]:
    values: list[str] = []
    for cell in row.iter("{*}c"):
        column = _column(cell.get("r", ""))
        if column is not None and column < _MOST_COLUMNS:
            values += [""] * (column - len(values))
        values.append(_value(cell, texts, dates))
    return values


def _column(reference: str) -> int | None:
    """The number of a column, from 0: "A7" is 0, "AA7" is 26."""
    letters = re.match(r"[A-Z]{1,3}", reference)
    number = 0
    for letter in letters[0] if letters else "":
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1 if letters else None


def _value(cell: Any, texts: list[str], dates: frozenset[int]) -> str:
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return _text(cell)
    found = cell.find("{*}v")
    value = (found.text or "") if found is not None else ""
    if kind == "s":
        return texts[int(value)] if value.isdecimal() and int(value) < len(texts) else ""
    if kind == "n" and value and int(cell.get("s", "0")) in dates:
        return _moment(value)
    return "" if kind == "e" else value


def _moment(value: str) -> str:
    try:
        moment = _FIRST_DAY + timedelta(days=float(value))
    except (ValueError, OverflowError):
        return value
    moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)
    return moment.date().isoformat() if float(value).is_integer() else moment.isoformat(sep=" ")


def _text(element: Any) -> str:
    """The text of a cell, without its phonetic hints."""
    found = (each for each in element.iter("{*}t") if not str(each.getparent().tag).endswith("}rPh"))
    return "".join(each.text or "" for each in found)


def _elements(file: zipfile.ZipFile, part: str, name: str) -> Iterator[Any]:
    """The elements of a part with this local name, each forgotten after its turn."""
    if file.getinfo(part).file_size > MOST_BYTES:
        raise BadWorkbookError(f"its part {part} is larger than {MOST_BYTES:,} bytes; save it as CSV")
    with file.open(part) as stream:
        for _, element in etree.iterparse(
            _Bounded(stream), tag=f"{{*}}{name}", no_network=True, resolve_entities=False
        ):
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]


class _Bounded:
    """A stream that ends in an error after MOST_BYTES: a part may be larger than it says."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._left = MOST_BYTES

    def read(self, size: int = -1) -> bytes:
        chunk = self._stream.read(size)
        self._left -= len(chunk)
        if self._left < 0:
            raise BadWorkbookError("it is a bomb: a part is larger than it says")
        return chunk
