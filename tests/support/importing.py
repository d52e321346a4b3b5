"""Imports for tests: files of rows, and an import in this process."""

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
from ingest.bulk import BulkImport, FileReport, FileToImport, verdict_of
from ingest.run import begin_import

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
    """A file of JSON lines, gzipped if its name ends in .gz; a string among the rows becomes a line."""
    lines = "".join((row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)) + "\n" for row in rows)
    path.write_bytes(gzip.compress(lines.encode()) if path.suffix == ".gz" else lines.encode())
    return path


def table(rows: list[Mapping[str, Any]], delimiter: str = ",") -> str:
    """The rows as CSV."""
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


class InProcessReaders:
    """Runs tasks in this process, in their order: a ReaderPool without child processes."""

    def run_in_order(self, tasks: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
        return ((task, self.run(task)) for task in tasks)

    def run(self, task: Any) -> Any:
        return task.function(*task.arguments)


def import_one(archive: Archive, path: Path, readers: Any = None, **options: Any) -> FileReport:
    """Import one file under a run of its own, with a pool of readers or in this process."""
    with begin_import(archive, software="test", lease_seconds=5, now=datetime.now(UTC)) as run:
        pool: Any = readers or InProcessReaders()
        bulk = BulkImport(run, pool, lease_seconds=1, report_progress=lambda *_: None)
        report = bulk.import_file(FileToImport(path, **options))
        reason = verdict_of([report])
        run.finish(listed=report.read_now, verdict=Verdict("attention" if reason else "good", reason))
    return report


def deadly(path: str, number: int) -> int:
    """Returns the number; at three it kills its own process, as many times as the file at `path` has lines."""
    times = Path(path).read_text().splitlines()
    if number == 3 and times:
        Path(path).write_text("\n".join(times[1:]))
        os.kill(os.getpid(), signal.SIGKILL)
    return number
