"""Imports of many records for tests: in this process, or as a command of its own that can be killed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive.database import Archive
from archive.runs import Verdict
from crawler.imports.bulk import BulkImport, FileReport, Wanted, verdict_of
from crawler.imports.run import ImportRun

Importer = Callable[..., FileReport]


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
