"""The formats of an export, each a writer that gets articles one by one and holds at most a few of them."""

from __future__ import annotations

import csv
import io
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from archive.export.citations import bibtex, csl_json, ris
from archive.export.columns import COLUMNS, ColumnType, ExportedArticle, Value, record
from archive.export.stamp import ExportStamp

PARAGRAPHS, ITEMS = "\n\n", "; "
"""What joins paragraphs, and the items of other lists, in a cell of a CSV."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""First signs of a cell that a spreadsheet may run as a formula (OWASP, "CSV Injection")."""
_ROW_GROUP = 2_000


class MissingPyArrowError(Exception):
    """Parquet needs pyarrow, which is not installed; the message says how to install it."""


class ExportFile(ABC):
    """An export being written. `names` are the sources' titles by name."""

    def __init__(self, path: Path, stamp: ExportStamp, names: Mapping[str, str]) -> None:
        self.stamp = stamp
        self.names = names
        self.filled: dict[str, int] = {}
        self._file: IO[bytes] = path.open("wb")
        self._begin()

    @abstractmethod
    def write(self, row: ExportedArticle) -> None:
        """Add an article."""

    def close(self) -> None:
        """Write the end, and close the file."""
        self._end()
        self._file.close()

    def abandon(self) -> None:
        """Close the file as it is."""
        self._file.close()

    def _begin(self) -> None:
        """Write what comes before the articles."""
        return  # most formats begin with the first article

    def _end(self) -> None:
        """Write what comes after them."""
        return

    def _record(self, row: ExportedArticle) -> dict[str, Value]:
        """The article's record, whose filled columns are counted for the codebook."""
        found = record(row)
        for name, value in found.items():
            self.filled[name] = self.filled.get(name, 0) + (value not in (None, "", []))
        return found


class JsonLines(ExportFile):
    """One JSON object a line, in UTF-8."""

    def write(self, row: ExportedArticle) -> None:
        plain = {name: _plain(value) for name, value in self._record(row).items()}
        self._file.write(json.dumps(plain, ensure_ascii=False).encode() + b"\n")


class Csv(ExportFile):
    """CSV for spreadsheets: UTF-8 with the mark by which Excel knows it, and no cell that is run as a formula."""

    def _begin(self) -> None:
        self._text = io.TextIOWrapper(self._file, encoding="utf-8-sig", newline="", write_through=False)
        self._writer = csv.writer(self._text)
        self._writer.writerow([column.name for column in COLUMNS])

    def write(self, row: ExportedArticle) -> None:
        self._writer.writerow([csv_cell(name, value) for name, value in self._record(row).items()])

    def _end(self) -> None:
        self._text.flush()
        self._text.detach()


def csv_cell(name: str, value: Value) -> str | int:
    """A cell of a CSV. One that a spreadsheet may run as a formula gets an apostrophe before it."""
    plain = _plain(value)
    if isinstance(plain, int):
        return plain
    text = (PARAGRAPHS if name == "body" else ITEMS).join(plain) if isinstance(plain, list) else plain or ""
    text = text.replace("\x00", "\ufffd")
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(value: Value) -> str | int | list[str] | None:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return value if isinstance(value, str | int | list | None) else value.isoformat()


class Parquet(ExportFile):
    """Parquet, in groups of _ROW_GROUP rows. Lists are lists, times are times. Raises MissingPyArrowError."""

    def _begin(self) -> None:
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError as error:
            raise MissingPyArrowError(
                "Parquet needs pyarrow, which is not installed. Run `pip install 'kliping[parquet]'`, or take another "
                "--format."
            ) from error
        self._arrow: Any = pyarrow
        types = {
            ColumnType.TEXT: pyarrow.string(),
            ColumnType.TEXTS: pyarrow.list_(pyarrow.string()),
            ColumnType.INTEGER: pyarrow.int64(),
            ColumnType.DAY: pyarrow.date32(),
            ColumnType.MOMENT: pyarrow.timestamp("us", tz="UTC"),
        }
        fields = [
            pyarrow.field(column.name, types[column.type], metadata={"meaning": column.meaning, "rule": column.rule})
            for column in COLUMNS
        ]
        stamp = json.dumps(self.stamp.as_json(), ensure_ascii=False)
        self._schema = pyarrow.schema(fields, metadata={"kliping": stamp})
        self._writer = parquet.ParquetWriter(self._file, self._schema, compression="zstd")
        self._rows: list[dict[str, Value]] = []

    def write(self, row: ExportedArticle) -> None:
        self._rows.append(self._record(row))
        if len(self._rows) >= _ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        self._writer.write_table(self._arrow.Table.from_pylist(self._rows, schema=self._schema))
        self._rows.clear()

    def _end(self) -> None:
        if self._rows:
            self._flush()
        self._writer.close()


class BibTex(ExportFile):
    """BibTeX, one @misc an article."""

    def _begin(self) -> None:
        self._file.write(f"% {self.stamp.as_json()['stamp']}: an export of Kliping\n".encode())

    def write(self, row: ExportedArticle) -> None:
        self._file.write(bibtex(row, self.names).encode())


class Ris(ExportFile):
    """RIS, for Zotero, Mendeley and EndNote."""

    def write(self, row: ExportedArticle) -> None:
        self._file.write(ris(row, self.names).encode())


class CslJson(ExportFile):
    """CSL-JSON: one list of objects, one object a line."""

    def _begin(self) -> None:
        self._file.write(b"[")
        self._separator = b"\n"

    def write(self, row: ExportedArticle) -> None:
        self._file.write(self._separator + json.dumps(csl_json(row, self.names), ensure_ascii=False).encode())
        self._separator = b",\n"

    def _end(self) -> None:
        self._file.write(b"\n]\n")


TABLES: Mapping[str, type[ExportFile]] = {"jsonl": JsonLines, "csv": Csv, "parquet": Parquet}
CITATIONS: Mapping[str, type[ExportFile]] = {"bibtex": BibTex, "ris": Ris, "csl-json": CslJson}
ENDINGS: Mapping[str, str] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet", ".bib": "bibtex", ".ris": "ris",
    ".json": "csl-json", ".warc.gz": "warc",
}  # fmt: skip
"""Formats by the ending of a file's name."""
FORMATS: Sequence[str] = (*TABLES, *CITATIONS, "warc")


def write_codebook(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write a codebook as CSV for spreadsheets."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
