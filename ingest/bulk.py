"""Imports files of many records, WARC files and exports: on all cores, and resumable at any moment."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import structlog

from archive import ending, imports
from archive.outcomes import HARVEST
from archive.run import Run
from archive.runs import TOLERATED_SHARE, Problem
from archive.warc.foreign import NotAWarcFileError
from ingest import captures, export_file
from ingest.export_lines import NotAnExportError
from ingest.paths import is_export, printable
from ingest.pool import ReaderDiedError, ReaderPool
from ingest.read_tasks import ReadResult, ReadTask
from ingest.saving import batches, save

log = structlog.get_logger()

MOST_SHOWN = 20
"""Most records of one file that are named: a file of millions may have thousands that give no article."""


@dataclass(frozen=True, slots=True)
class FileToImport:
    """A file to import, and its options.

    `columns` are an export's. `unknown_publishers` reads addresses of a WARC file that belong to no source, too.
    `from_start` reads a file again that was read to its end.
    """

    path: Path
    columns: Mapping[str, str] = field(default_factory=dict)
    unknown_publishers: bool = False
    from_start: bool = False

    @property
    def how(self) -> str:
        """The options that change what is read, as text. The same file with other options is another import."""
        columns = " ".join(f"{name}={column}" for name, column in sorted(self.columns.items()))
        return columns if is_export(self.path) else "every publisher" if self.unknown_publishers else "known publishers"

    def tasks(self, cursor: int, now: datetime) -> Iterator[ReadTask]:
        """The rest of the file after a cursor, as tasks. Raises NotAWarcFileError, NotAnExportError and OSError."""
        if is_export(self.path):
            return export_file.tasks(self.path, cursor, columns=self.columns, now=now)
        return captures.tasks(self.path, cursor, unknown_publishers=self.unknown_publishers)


@dataclass(frozen=True, slots=True)
class FileReport:
    """Result of one file: its records by outcome, including those of earlier, interrupted imports of it.

    `state` is "done", "done-before" (nothing was read now), "held" (another import has claimed it), "failed", or
    "stopped" (the process was asked to end); `detail` explains it. `read_now` is the number of records that this run
    read, `seconds` how long that took.
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
        """The outcomes of records that were rejected or could not be read, with their counts."""
        return {name: n for name, n in self.counts.items() if name.startswith(("rejected:", "error:"))}

    @property
    def needs_attention(self) -> str | None:
        """Why the file needs attention, in a sentence: it was not read to its end, or too few records are articles."""
        if self.state in ("held", "failed", "stopped"):
            return f"{printable(self.path)}: {self.detail}."
        if not self.counts:
            return f"{printable(self.path)}: there is no record in it."
        bad = self.bad
        taken_up = sum(bad.values()) + sum(self.counts.get(name, 0) for name in HARVEST)
        errors = [name for name in bad if name.startswith("error:")]
        if errors or sum(bad.values()) > TOLERATED_SHARE * taken_up:
            counted = ", ".join(f"{count} {name}" for name, count in sorted(bad.items()))
            return f"{printable(self.path)}: of {taken_up} records that should give an article, {counted}."
        return None


STOPPED = "it was asked to end, and the same command goes on where it stopped"

ReportProgress = Callable[[Path, int, int], None]
"""Called with a file, how many of its bytes have been read, and how many records this run has read of it."""


class BulkImport:
    """Imports files under one run. `lease_seconds` is how long a killed import may still look alive."""

    def __init__(self, run: Run, readers: ReaderPool, *, lease_seconds: float, report_progress: ReportProgress) -> None:
        self._run = run
        self._readers = readers
        self._lease_seconds = lease_seconds
        self._report_progress = report_progress

    def import_file(self, file: FileToImport) -> FileReport:
        """Import a file, from where an earlier import of it stopped. Raises LeaseLostError."""
        now = datetime.now(UTC)
        try:
            progress = self._claim(file, now)
        except OSError as error:
            return FileReport(file.path, "failed", {}, 0, 0.0, error.strerror or type(error).__name__)
        if progress.done:
            return FileReport(file.path, "done-before", progress.counts, 0, 0.0)
        if progress.claimed_by:
            why = f"another import is reading it, the run {progress.claimed_by}"
            return FileReport(file.path, "held", progress.counts, 0, 0.0, why)
        started = time.monotonic()  # after the claim: waiting for a dead import is not reading
        counts = Counter(progress.counts)
        state = "done"
        detail: str | None = None
        try:
            for saved in self._save_rest(file, progress, now):
                counts.update(saved)
                if ending.asked():
                    state, detail = "stopped", STOPPED
                    break
        except (NotAWarcFileError, NotAnExportError, ReaderDiedError) as error:
            state, detail = "failed", str(error)
        except OSError as error:
            state, detail = "failed", error.strerror or type(error).__name__
        if state == "done":
            with self._run.writing() as connection:
                imports.finish(connection, progress.id, datetime.now(UTC))
        read_now = counts.total() - sum(progress.counts.values())
        with self._run.archive.reading() as connection:
            problems = imports.problems(connection, self._run.id, progress.id, MOST_SHOWN)
        return FileReport(file.path, state, dict(counts), read_now, time.monotonic() - started, detail, problems)

    def _claim(self, file: FileToImport, now: datetime) -> imports.Progress:
        """Claim the file. If a run holds it that may be dead, wait until that is certain, and try again."""
        key = imports.file_key(file.path, file.how)
        path = printable(file.path.resolve())
        while True:
            with self._run.writing() as connection:
                progress = imports.claim(
                    connection,
                    key=key,
                    path=path,
                    how=file.how,
                    run_id=self._run.id,
                    from_start=file.from_start,
                    now=now,
                )
            other = progress.claimed_by
            if other:
                log.info("waiting to see whether an earlier import is dead", file=path, run=other)
            if not other or not imports.wait_until_dead(self._run.archive, other, self._lease_seconds):
                return progress

    def _save_rest(self, file: FileToImport, progress: imports.Progress, now: datetime) -> Iterator[Mapping[str, int]]:
        """Read and save the rest of a file; yields the counts of each batch."""
        expected = progress.cursor
        read = 0
        for task, result in self._readers.run_in_order(file.tasks(progress.cursor, now)):
            joined = self._joined(task, result, expected)
            if joined is None:
                continue
            for batch in batches(joined.records):
                read += len(batch)
                yield save(self._run, progress.id, batch)
            expected = joined.end
            self._report_progress(file.path, task.position, read)

    def _joined(self, task: ReadTask, result: ReadResult, expected: int) -> ReadResult | None:
        """The result of a task, if it begins where the one before ended; None if that one read past this task's end.

        A span that begins elsewhere took bytes within a record for the beginning of one. It is read again from the
        right offset.
        """
        if result.begin == expected:
            return result
        if expected >= task.end:
            return None
        path, _, stop, _, unknown_publishers = task.arguments
        exact: ReadResult = self._readers.run(replace(task, arguments=(path, expected, stop, True, unknown_publishers)))
        return exact


def verdict_of(reports: Sequence[FileReport]) -> str | None:
    """Why an import needs attention, in a sentence for each file; None if it does not."""
    return " ".join(filter(None, (report.needs_attention for report in reports))) or None
