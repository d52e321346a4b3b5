"""`kliping crawl`: one run now."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kliping.cli import context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from archive.database import Archive
    from archive.runs import RunReport
    from kliping.config import Settings
    from scheduler.supervise import ExitStatus


def crawl(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE]...", help="Which; without any, all that are on.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False,
) -> None:
    """Crawl sources once, now, each in a child process of its own, then index what came.

    Prints the run report: every address taken up ends in exactly one counted outcome. Ends with 1 where a harvest was
    empty or needs attention.

    \b
    Example: kliping crawl antara
    """
    settings = context.settings()
    with context.archive(settings) as archive:
        results = [
            (name, *_crawl_one(settings, archive, name, quiet=json)) for name in chosen(settings, archive, names or [])
        ]
        from kliping.cli.following import follow_quietly

        behind = follow_quietly(settings, archive)
    if json:
        context.print_json([_as_json(name, report, ending) for name, report, ending in results])
    if behind or any(report is None or report.verdict != "good" for _, report, _ in results):
        raise typer.Exit(context.NEEDS_ATTENTION)


def chosen(settings: Settings, archive: Archive, names: list[str]) -> list[str]:
    """The sources to crawl: those named, or all that are on. Ends with status 2 where one is unknown or off."""
    import sources
    from kliping.cli.sources import is_on

    for name in names:
        try:
            sources.load(name)
        except sources.BadSourceError as error:
            context.fail(f"{error}.")
    off = [name for name in names if not is_on(settings, archive, name)]
    if off:
        context.fail(f"The source {off[0]} is off. `kliping sources enable {off[0]}` shows its terms and turns it on.")
    found = list(dict.fromkeys(names)) or [name for name in sources.names() if is_on(settings, archive, name)]
    if not found:
        context.fail("No source is on. `kliping sources list` shows them.")
    return found


def _crawl_one(settings: Settings, archive: Archive, name: str, *, quiet: bool) -> tuple[RunReport | None, ExitStatus]:
    from datetime import UTC, datetime

    from archive import runs
    from scheduler.supervise import log_file, run_child

    run_id = runs.new_id(name, datetime.now(UTC))
    log = log_file(settings.home, run_id)
    if not quiet:
        typer.echo(f"Crawling {name} …")
    try:
        with watching(lambda: addresses_so_far(archive, run_id), quiet=quiet):
            ending = run_child(
                name,
                run_id=run_id,
                time_limit=settings.of_source(name).time_limit or settings.time_limit,
                grace=settings.grace,
                log=log,
            )
    except OSError as error:
        context.fail(f"The crawl of {name} could not be started: {error}.", context.NEEDS_ATTENTION)
    report = runs.find(archive, run_id)
    if not quiet:
        print_report(archive, name, report, ending, log)
    return report, ending


def addresses_so_far(archive: Archive, run_id: str) -> str | None:
    """How far a run has come, in a line; null before its first sign of life."""
    from archive import runs

    report = runs.find(archive, run_id)
    return f"{report.taken_up - report.unfinished} of {report.taken_up} addresses taken up so far" if report else None


@contextmanager
def watching(progress: Callable[[], str | None], *, quiet: bool) -> Iterator[None]:
    """On a terminal, how far the block has come: the line that `progress` gives, asked for once a second."""
    console = context.console(stderr=True)
    if quiet or not console.is_terminal:
        yield
        return
    from threading import Event, Thread

    ended = Event()

    def watch() -> None:
        with console.status("starting") as line:
            while not ended.wait(1):
                if seen := progress():
                    line.update(seen)

    thread = Thread(target=watch, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def print_report(archive: Archive, name: str, report: RunReport | None, ending: ExitStatus, log: Path) -> None:
    """A run's report for people: outcomes, traffic, verdict, and the addresses that need a look."""
    from scheduler.supervise import LEASE_HELD

    if report is None or report.ended_at is None:
        why = _held(archive, name) if ending.exit_code == LEASE_HELD else str(ending).capitalize()
        typer.echo(f"{name}: no report. {why}; its log is {log}.", err=True)
        return
    from rich.table import Table

    from archive.outcomes import explanation
    from kliping.cli.sources_politeness import print_ledger

    table = Table(box=None, pad_edge=False, show_header=False)
    for outcome, count in report.outcomes.items():
        table.add_row(outcome, str(count), explanation(outcome))
    table.add_row("addresses taken up", str(report.taken_up), style="bold")
    console = context.console()
    console.print(f"{name}: run {report.id}", style="bold", markup=False)
    console.print(table)
    spent = ", ".join(f"{count} {thing.replace('_', ' ')}" for thing, count in report.traffic.items() if count)
    console.print(f"{report.listed} addresses listed; {spent or 'no traffic'}.", style="dim")
    if len(report.hosts) > 1 or any(each.refused or each.forbidden for each in report.hosts):
        print_ledger(report.hosts)
    for problem in report.problems[:20]:
        console.print(f"  {problem.outcome}  {problem.address}  {problem.detail or ''}", markup=False)
    if len(report.problems) > 20:
        console.print(f"  … and {len(report.problems) - 20} more: kliping crawl --json, or the log {log}")
    console.print(f"{report.verdict}. {report.reason or ''}".rstrip(), style="bold", markup=False)


def _held(archive: Archive, name: str) -> str:
    """Who crawls a source's hosts."""
    import sources
    from archive.leases import holder_of

    holding = holder_of(archive, sources.load(name).lease)
    holder = holding.in_words if holding and holding.living else "another process"
    return f"Its hosts are being crawled by {holder}"


def _as_json(name: str, report: RunReport | None, ending: ExitStatus) -> dict[str, object]:
    return {"source": name, "ending": str(ending), "report": report.as_json() if report else None}
