"""`kliping archive verify`: whether the archive is whole, and the mend of what its kept pages can give back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from archive import ending
from archive.database import ArchiveError
from archive.leases import LeaseLostError, living
from archive.run import LeaseHeldError, Run
from archive.runs import Verdict
from archive.salvage import rebuild
from archive.verify import VerifyReport
from archive.verify import verify as verify_archive
from ingest.mend import MendReport
from ingest.mend import mend as mend_archive
from ingest.pool import ReaderDiedError, ReaderPool, cores
from kliping.cli import context, output
from kliping.cli.index import progress
from kliping.cli.output import Json
from scheduler.supervise import LEASE_HELD

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings

VERIFIED = "archive"
"""The source of a verification's run."""
_SHOWN = 20
_MEND = (
    "`kliping archive verify --mend` mends this from the kept pages. Stop everything else that uses the archive first."
)


@dataclass(frozen=True, slots=True)
class _Examined:
    """What verify found. `unusable` says why the database could not be read to its end; None if it could."""

    report: VerifyReport
    unusable: str | None = None

    @property
    def sentences(self) -> Sequence[str]:
        """Everything that is wrong."""
        return [*([self.unusable] if self.unusable else []), *self.report.wrong]

    @property
    def needs_rebuild(self) -> bool:
        """Whether the file of the database is lost or damaged, so that its rows cannot be mended in place."""
        return self.unusable is not None or any(fault.structural for fault in self.report.faults)

    @property
    def mendable(self) -> bool:
        """Whether `--mend` helps."""
        return self.unusable is not None or any(fault.mendable for fault in self.report.faults)


def verify(
    mend: Annotated[
        bool, typer.Option("--mend", help="Mend lost or damaged rows of the database from the kept pages.")
    ] = False,
    json: Json = False,
    run_id: Annotated[
        str | None, typer.Option("--run-id", hidden=True, help="Record the result as this run: the service does.")
    ] = None,
) -> None:
    """Read every kept page and version, and name what is wrong.

    Checks the database itself, its rows against each other and against the WARC files, and each page and version. With
    --mend, a lost or damaged database is made anew from what can be read of it and from the WARC files, and pages
    without rows are read again; the damaged file is kept beside it. Ends with 1 if anything is wrong. Ctrl-C ends it
    with what it has found so far; a mend can be run again.

    \\b
    Example: kliping archive verify
    """
    settings = context.settings()
    with context.long_work():
        _verify(settings, run_id, mend=mend, json=json)


def _verify(settings: Settings, run_id: str | None, *, mend: bool, json: bool) -> None:
    examined = _examine(settings, run_id)
    done: MendReport | None = None
    if mend and not ending.asked() and (examined.mendable or examined.report.left_over):
        if not json:
            _print(examined)
        done = _mend(settings, rebuilds=examined.needs_rebuild, quiet=json)
        examined = _examine(settings)
    if json:
        output.print_json(_as_json(examined, done))
    else:
        _print(examined)
        if examined.mendable and not mend:
            typer.echo(_MEND)
        if done and done.new_log:
            typer.echo("The index was made before this mend: build it again with `kliping reindex`.")
    if examined.sentences:
        raise typer.Exit(context.NEEDS_ATTENTION)


def _examine(settings: Settings, run_id: str | None = None) -> _Examined:
    try:
        with context.usable_archive(settings) as archive:
            return _Examined(verify_archive(archive) if run_id is None else _recorded(settings, archive, run_id))
    except context.UnusableArchiveError as error:
        if not error.lost:
            context.fail(str(error), error.status)
        return _Examined(VerifyReport(0, 0, ()), str(error))


def _recorded(settings: Settings, archive: Archive, run_id: str) -> VerifyReport:
    """Verify as a run of this id, whose verdict says what was found. Exits with LEASE_HELD if another one does."""
    try:
        run = Run.begin(
            archive,
            run_id,
            source=VERIFIED,
            kind="verify",
            lease="verify",
            lease_seconds=settings.lease_seconds,
            now=datetime.now(UTC),
            closes=("verify",),
        )
    except LeaseHeldError as error:
        context.fail(str(error), LEASE_HELD)
    try:
        with run:
            report = verify_archive(archive)
            run.finish(_verdict(report), listed=report.pages)
    except LeaseLostError as error:
        context.fail(str(error), context.NEEDS_ATTENTION)
    return report


def _verdict(report: VerifyReport) -> Verdict:
    if report.stopped and not report.wrong:
        return Verdict("attention", f"{ending.signal_name()} ended it before everything was read.")
    if not report.wrong:
        return Verdict("good", None)
    more = f" So it is with {len(report.wrong) - 1} more." if len(report.wrong) > 1 else ""
    return Verdict("attention", f"{report.wrong[0]}{more}")


def _mend(settings: Settings, *, rebuilds: bool, quiet: bool) -> MendReport:
    try:
        if rebuilds:
            _refuse_if_in_use(settings)
            made = rebuild(settings.archive_url, settings.home, datetime.now(UTC))
            if not quiet:
                aside = f"; the damaged one is {made.aside}" if made.aside else ""
                typer.echo(f"The database was made anew with {made.articles} articles that could be read{aside}.")
        with context.archive(settings, creates=True) as archive:
            with ReaderPool(cores()) as readers, progress("Reading") as show_progress:
                done = mend_archive(
                    archive, readers, lease_seconds=settings.lease_seconds, report_progress=show_progress
                )
            archive.save_mark()
    except (ArchiveError, LeaseLostError, ReaderDiedError) as error:
        context.fail(str(error), context.NEEDS_ATTENTION)
    except LeaseHeldError as error:
        context.fail(f"{error} Run this command again when it has ended.", context.NEEDS_ATTENTION)
    if not quiet:
        counts = ", ".join(f"{count} {outcome}" for outcome, count in sorted(done.outcomes.items()))
        typer.echo(f"{done.rows} kept pages have rows again; articles: {counts or 'none'}.")
        for address, outcome, detail in done.problems[:_SHOWN]:
            typer.echo(f"  {outcome}  {address}  {detail or ''}".rstrip())
    return MendReport(done.run_id, done.rows, done.outcomes, done.versions, done.new_log or rebuilds, done.problems)


def _refuse_if_in_use(settings: Settings) -> None:
    """Exit with status 1 if another process uses the database that is to be replaced, as far as that can be read."""
    try:
        with context.usable_archive(settings) as archive:
            in_use = living(archive)
    except context.UnusableArchiveError:
        return  # nobody can use it
    for lease in in_use:
        context.fail(
            f"The archive is in use: the lease {lease.name} is held by {lease.in_words}. Stop that process, then run "
            "this command again.",
            context.NEEDS_ATTENTION,
        )


def _print(examined: _Examined) -> None:
    for sentence in examined.sentences:
        typer.echo(sentence)
    report = examined.report
    if examined.unusable is None:
        typer.echo(
            f"{report.pages} kept pages and {report.versions} versions read; {len(examined.sentences)} are wrong."
        )
    if report.stopped:
        typer.echo(f"{ending.signal_name()} ended the check; the rest was not read.", err=True)
    if report.left_over:
        typer.echo(
            f"{report.left_over} kept pages have no row: runs that were killed left them. They will be fetched again; "
            "`kliping archive verify --mend` reads them now."
        )


def _as_json(examined: _Examined, done: MendReport | None) -> dict[str, object]:
    return {
        "pages": examined.report.pages,
        "versions": examined.report.versions,
        "left_over": examined.report.left_over,
        "stopped": examined.report.stopped,
        "wrong": list(examined.sentences),
        "mendable": examined.mendable,
        "mended": {
            "run": done.run_id,
            "rows": done.rows,
            "outcomes": dict(sorted(done.outcomes.items())),
            "versions": done.versions,
            "new_log": done.new_log,
        }
        if done
        else None,
    }
