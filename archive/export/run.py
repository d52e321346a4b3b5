"""Writes an export: the file, its stamp, and its codebook. A file that is not whole never has the export's name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from archive import ending
from archive.database import Archive
from archive.disk import sync_folder
from archive.export.columns import ExportedArticle, codebook
from archive.export.files import CITATIONS, TABLES, write_codebook
from archive.export.selection import IdsOnDisk, Selection, count, selected
from archive.export.stamp import ExportStamp
from archive.export.warc_file import WarcFileOfPages

EVERY = 200
"""Articles between two reports of progress."""
_BYTES = 1 << 20


class EndedError(Exception):
    """The process was asked to end before the export was whole."""


@dataclass(frozen=True, slots=True)
class ExportReport:
    """What was exported: articles, records of a WARC file, and the kept pages that are lost."""

    path: Path
    stamp: ExportStamp
    articles: int
    sha256: str
    records: int = 0
    missing: Sequence[str] = ()
    codebook: Sequence[Mapping[str, Any]] = field(default=(), repr=False)

    def as_json(self) -> dict[str, Any]:
        """The report as plain values; FILE.stamp.json has the same, without the path."""
        counted = {"records": self.records, "missing": len(self.missing)} if self.stamp.format == "warc" else {}
        return {
            **self.stamp.as_json(),
            "articles": self.articles,
            **counted,
            "sha256": self.sha256,
            "citation": self.stamp.citation(self.articles),
        }


def export(
    archive: Archive,
    path: Path,
    selection: Selection,
    ids: IdsOnDisk | None,
    make_stamp: Callable[[int], ExportStamp],
    *,
    names: Mapping[str, str],
    with_codebook: bool,
    report_progress: Callable[[int, int], None],
) -> ExportReport:
    """Write the selected articles to a file, in one view of the archive, and the stamp beside it.

    `make_stamp` gets the archive's `seq` in that view. `names` are the sources' titles. `report_progress` gets the
    articles written, 0 at first, and how many there are (of a selection by days, about how many). Raises OSError,
    MissingPyArrowError, LostVersionError and EndedError; nothing is left behind then.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with archive.reading() as connection:
            stamp = make_stamp(archive.seq_in(connection))
            written = _write(archive, connection, part, selection, ids, stamp, names, report_progress)
        digest = _sha256(part)
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    report = ExportReport(path, stamp, written.articles, digest, written.records, written.missing, written.book)
    beside = path.with_name(f"{path.name}.stamp.json")
    beside.write_text(json.dumps(report.as_json(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    if with_codebook:
        write_codebook(codebook_path(path), report.codebook)
    sync_folder(path.parent)
    return report


def codebook_path(path: Path) -> Path:
    """Where the codebook of an export is written."""
    return path.with_name(f"{path.name}.codebook.csv")


@dataclass(slots=True)
class _Written:
    articles: int = 0
    records: int = 0
    missing: Sequence[str] = ()
    book: Sequence[Mapping[str, Any]] = ()


def _write(
    archive: Archive,
    connection: Connection,
    part: Path,
    selection: Selection,
    ids: IdsOnDisk | None,
    stamp: ExportStamp,
    names: Mapping[str, str],
    report_progress: Callable[[int, int], None],
) -> _Written:
    total = count(connection, selection, ids)
    done = _Written()
    report_progress(0, total)

    def write_all(write: Callable[[ExportedArticle], None]) -> None:
        for row in selected(connection, selection, ids):
            write(row)
            done.articles += 1
            if ending.asked():
                raise EndedError
            if done.articles % EVERY == 0:
                report_progress(done.articles, total)

    if stamp.format == "warc":
        file = WarcFileOfPages(part, stamp, connection, archive.warc_folder)
        try:
            write_all(file.write)
        finally:
            file.close()
        done.records, done.missing = file.records, file.missing
    else:
        table = (TABLES | CITATIONS)[stamp.format](part, stamp, names)  # type: ignore[operator]  # both are dicts
        try:
            write_all(table.write)
        except BaseException:
            table.abandon()
            raise
        table.close()
        done.book = codebook(table.filled, done.articles)
    report_progress(done.articles, done.articles)
    return done


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
