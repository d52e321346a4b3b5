"""Files of many records into the archive: WARC files and exports, on all cores, resumable at every moment."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from archive import imports
from archive.outcomes import HARVEST
from archive.runs import TOLERATED_SHARE, Problem
from archive.warc.foreign import NotAWarcFileError
from ingest import captures, export_file
from ingest.export_file import NotAnExportError
from ingest.paths import is_export, printable
from ingest.pool import ReaderDiedError, Readers
from ingest.readings import Read, ReadTask
from ingest.run import ImportRun
from ingest.saving import batches, save

log = structlog.get_logger()

MOST_SHOWN = 20
"""Records of one file that are named; a file of millions may have thousands that give no article."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to import. `columns` is an export's; `every` takes a WARC file's unknown publishers too.

    `again` reads a file anew that was read to its end.
    """

    path: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    every: bool = False
    again: bool = False

    @property
    def how(self) -> str:
        """What is asked of the reading, as the archive notes it: asked otherwise, it is another import."""
        told = " ".join(f"{name}={column}" for name, column in sorted(self.columns.items()))
        return told if is_export(self.path) else "every publisher" if self.every else "known publishers"

    def units(self, cursor: int, now: datetime) -> Iterator[ReadTask]:
        """The rest of it in units of work. Raises NotAWarcFileError, NotAnExportError and OSError."""
        if is_export(self.path):
            return export_file.units(self.path, cursor, columns=self.columns, now=now)
        return captures.units(self.path, cursor, every=self.every)


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file: its records by outcome, those of earlier tries included.

    `state` is "done", "done-before" (nothing was read now), "held" (another import is at it) or "failed"; `detail`
    says more, in a sentence. `read_now` is how many records this run read, `seconds` how long that took.
    """

    path: Path
    state: str
    counts: Mapping[str, int]
    read_now: int
    seconds: float
    detail: str | None = None
    problems: tuple[Problem, ...] = ()
    """The first records that this run rejected or could not read, `MOST_SHOWN` at most."""

    @property
    def bad(self) -> Mapping[str, int]:
        """The outcomes of records that were rejected or could not be read, and how many have each."""
        return {name: n for name, n in self.counts.items() if name.startswith(("rejected:", "error:"))}

    @property
    def needs_attention(self) -> str | None:
        """A sentence where somebody should look: not read to its end, or too much that gave no article."""
        if self.state in ("held", "failed"):
            return f"{printable(self.path)}: {self.detail}."
        if not self.counts:
            return f"{printable(self.path)}: there is no record in it."
        bad = self.bad
        taken = sum(bad.values()) + sum(self.counts.get(name, 0) for name in HARVEST)
        torn = [name for name in bad if name.startswith("error:")]
        if torn or sum(bad.values()) > TOLERATED_SHARE * taken:
            told = ", ".join(f"{count} {name}" for name, count in sorted(bad.items()))
            return f"{printable(self.path)}: of {taken} records that should give an article, {told}."
        return None


Tell = Callable[[Path, int, int], None]
"""Told of a file how many of its bytes lie behind, and how many records were read now."""


class BulkImport:
    """The importing of files under one run. `lease_seconds` is how long a killed import may still look alive."""

    def __init__(self, run: ImportRun, readers: Readers, *, lease_seconds: float, tell: Tell) -> None:
        self._run = run
        self._readers = readers
        self._lease_seconds = lease_seconds
        self._tell = tell

    def take(self, wanted: Wanted) -> FileReport:
        """Import a file from where an earlier import of it ended. Raises LeaseLostError."""
        now = datetime.now(UTC)
        try:
            progress = self._claim(wanted, now)
        except OSError as error:
            return FileReport(wanted.path, "failed", {}, 0, 0.0, error.strerror or type(error).__name__)
        if progress.done:
            return FileReport(wanted.path, "done-before", progress.counts, 0, 0.0)
        if progress.held_by:
            why = f"another import is at it, the run {progress.held_by}"
            return FileReport(wanted.path, "held", progress.counts, 0, 0.0, why)
        begun = time.monotonic()  # behind the claim: what is waited for a dead import is no reading
        counts = Counter(progress.counts)
        state = "done"
        detail: str | None = None
        try:
            for ended in self._records(wanted, progress, now):
                counts.update(ended)
        except (NotAWarcFileError, NotAnExportError, ReaderDiedError) as error:
            state, detail = "failed", str(error)
        except OSError as error:
            state, detail = "failed", error.strerror or type(error).__name__
        if state == "done":
            with self._run.writing() as connection:
                imports.finish(connection, progress.id, datetime.now(UTC))
        read_now = counts.total() - sum(progress.counts.values())
        with self._run.archive.reading() as connection:
            shown = imports.problems(connection, self._run.id, progress.id, MOST_SHOWN)
        return FileReport(wanted.path, state, dict(counts), read_now, time.monotonic() - begun, detail, shown)

    def _claim(self, wanted: Wanted, now: datetime) -> imports.Progress:
        key = imports.file_key(wanted.path, wanted.how)
        path = printable(wanted.path.resolve())
        while True:
            with self._run.writing() as connection:
                progress = imports.claim(
                    connection, key=key, path=path, how=wanted.how, run_id=self._run.id, again=wanted.again, now=now
                )
            if progress.held_by:
                log.info("waiting to see whether an earlier import is dead", file=path, run=progress.held_by)
            if not progress.held_by or not imports.outlive(self._run.archive, progress.held_by, self._lease_seconds):
                return progress

    def _records(self, wanted: Wanted, progress: imports.Progress, now: datetime) -> Iterator[Mapping[str, int]]:
        """Read and save the rest of a file, batch by batch; gives each batch's counts."""
        expected = progress.cursor
        read = 0
        for unit, result in self._readers.in_order(wanted.units(progress.cursor, now)):
            joined = self._joined(unit, result, expected)
            if joined is None:
                continue
            for batch in batches(joined.readings):
                read += len(batch)
                yield save(self._run, progress.id, batch)
            expected = joined.end
            self._tell(wanted.path, unit.position, read)

    def _joined(self, unit: ReadTask, result: Read, expected: int) -> Read | None:
        """What a unit gives where the one before it has ended: null where that reached beyond it.

        A span that does not begin there took something within a record for the beginning of one: it is read again.
        """
        if result.begin == expected:
            return result
        if expected >= unit.upto:
            return None
        path, _, stop, _, every = unit.arguments
        exact: Read = self._readers.one(replace(unit, arguments=(path, expected, stop, True, every)))
        return exact


def verdict_of(reports: Sequence[FileReport]) -> str | None:
    """Why an import needs attention, in a sentence for each file; null where all is well."""
    return " ".join(filter(None, (report.needs_attention for report in reports))) or None
