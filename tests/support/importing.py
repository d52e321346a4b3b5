"""Imports of many records for tests: in this process, or as a command of its own that can be killed."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.database import Archive
from archive.runs import Verdict
from ingest.bulk import BulkImport, FileReport, Wanted, verdict_of
from ingest.run import ImportRun

Importer = Callable[..., FileReport]
ROW: dict[str, Any] = {
    "url": "https://www.antaranews.com/berita/4512345/nelayan-kendari-panen-cakalang",
    "title": "Nelayan Kendari Panen Cakalang",
    "content": "Kendari (ANTARA) - Nelayan di Kendari memanen cakalang dalam jumlah besar sejak akhir pekan.\n\n"
    '"Hasilnya dua kali lipat," kata ketua kelompok nelayan, Basri Tangke, Senin.',
    "date": "Senin, 3 Juni 2024 14:05 WIB",
    "author": "Salma Wuna",
}
COLUMNS = {"url": "url", "title": "title", "body": "content", "published": "date", "author": "author"}
"""The columns of ROW."""


def jsonl(path: Path, rows: list[Any]) -> Path:
    """A file of JSON lines, packed where its name says so; a text among the rows is a line as it stands."""
    lines = "".join((row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)
    path.write_bytes(gzip.compress(lines.encode()) if path.suffix == ".gz" else lines.encode())
    return path


def table(rows: list[Mapping[str, Any]], delimiter: str = ",") -> str:
    """The rows as a spreadsheet writes them."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


class Here:
    """Reads in this process, in the order asked: what a pool does, without starting one for each test."""

    def in_order(self, units: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        return ((unit, self.one(unit)) for unit in units)

    def one(self, unit: Any) -> Any:
        return unit.read(*unit.arguments)


def import_one(archive: Archive, path: Path, **how: Any) -> FileReport:
    """Import one file under a run of its own."""
    with ImportRun.begin(archive, software="test", lease_seconds=5, now=datetime.now(UTC)) as run:
        report = BulkImport(run, Here(), lease_seconds=1, tell=lambda *_: None).take(Wanted(path, **how))
        reason = verdict_of([report])
        run.finish(listed=report.read_now, verdict=Verdict("attention" if reason else "good", reason))
    return report


def deadly(path: str, number: int) -> int:
    """Reads a number; kills its own process at three, as often as the file at `path` has lines."""
    times = Path(path).read_text().splitlines()
    if number == 3 and times:
        Path(path).write_text("\n".join(times[1:]))
        os.kill(os.getpid(), signal.SIGKILL)
    return number
