"""`kliping crawl`: one run now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated

import typer

import sources
from archive import ending, runs
from archive.leases import holder_of
from archive.outcomes import explanation
from kliping.cli import context, output
from kliping.cli.following import follow_quietly
from kliping.cli.found import print_flags
from kliping.cli.output import Json
from kliping.cli.source_facts import is_on, not_running
from kliping.cli.sources_politeness import print_ledger
from scheduler.supervise import LEASE_HELD, ExitStatus, log_file, run_child

if TYPE_CHECKING:
    from archive.database import Archive
    from archive.runs import RunReport
    from kliping.config import Settings

_PROBLEMS_SHOWN = 20
_TRAFFIC = {"feeds": "listings"}
"""What people read for a count in a run's report: feeds, sitemaps, indexes and front pages are all counted as feeds."""


def crawl(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="SOURCE", help="Sources to crawl; without any, all that are on.")
    ] = None,
    json: Json = False,
) -> None:
    """Crawl sources once, now, then index the new articles.

    Each source is crawled in a child process of its own. Prints the run report: every address taken up ends in exactly
    one counted outcome. Ends with 1 if a harvest was empty or needs attention. Ctrl-C ends the crawl under way, indexes
    what it has archived and crawls no other source; a second one ends at once.

    \b
    Example: kliping crawl antara
    """
    settings = context.settings()
    with context.long_work(), context.archive(settings, creates=True) as archive:
        results: list[tuple[str, RunReport | None, ExitStatus]] = []
        left = chosen(settings, archive, names or [])
        while left and not ending.asked():
            name = left.pop(0)
            results.append((name, *_crawl_one(settings, archive, name, quiet=json)))
        if left:
            typer.echo(f"Not crawled, because of {ending.signal_name()}: {', '.join(left)}.", err=True)
        needs_look = follow_quietly(settings, archive)
    if json:
        output.print_json(
            [
                {"source": name, "ending": str(status), "report": report.as_json() if report else None}
                for name, report, status in results
            ]
        )
    if needs_look or any(report is None or report.verdict != "good" for _, report, _ in results):
        raise typer.Exit(context.NEEDS_ATTENTION)


def chosen(settings: Settings, archive: Archive, names: list[str]) -> list[str]:
    """The sources to crawl: the named ones, or all that are on. Exits with status 2 if one is unknown or off."""
    for name in names:
        context.source(name)
        if reason := not_running(settings, name):
            context.fail(reason)
    off = [name for name in names if not is_on(settings, archive, name)]
    if off:
        context.fail(f"The source {off[0]} is off. `kliping sources enable {off[0]}` shows its terms and turns it on.")
    found = list(dict.fromkeys(names)) or [name for name in sources.names() if is_on(settings, archive, name)]
    if not found:
        context.fail("No source is on. `kliping sources list` shows all; `kliping sources enable NAME` turns one on.")
    return found


def _crawl_one(settings: Settings, archive: Archive, name: str, *, quiet: bool) -> tuple[RunReport | None, ExitStatus]:
    run_id = runs.new_id(name, datetime.now(UTC))
    log = log_file(settings.home, run_id)
    if not quiet:
        typer.echo(f"Crawling {name} …")
    try:
        with live_line(lambda: addresses_so_far(archive, run_id), quiet=quiet):
            status = run_child(
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
        print_report(archive, name, report, status, log)
    return report, status


def addresses_so_far(archive: Archive, run_id: str) -> str | None:
    """How many addresses a run has finished; None before its first heartbeat."""
    report = runs.find(archive, run_id)
    return f"{report.taken_up - report.unfinished} of {report.taken_up} addresses taken up so far" if report else None


@contextmanager
def live_line(progress: Callable[[], str | None], *, quiet: bool) -> Iterator[None]:
    """On a terminal, a line that is updated once per second with what `progress` returns."""
    console = output.console(stderr=True)
    if quiet or not console.is_terminal:
        yield
        return
    ended = Event()

    def update() -> None:
        with console.status("starting") as line:
            while not ended.wait(1):
                if text := progress():
                    line.update(text)

    thread = Thread(target=update, name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def print_report(archive: Archive, name: str, report: RunReport | None, status: ExitStatus, log: Path) -> None:
    """Print a run's report for people: outcomes, traffic, problems, and the verdict."""
    if report is None or report.ended_at is None:
        reason = _hosts_in_use(archive, name) if status.exit_code == LEASE_HELD else str(status).capitalize()
        typer.echo(f"{name}: no report. {reason}; its log is {log}.", err=True)
        return
    print_run(report, log)


def print_run(report: RunReport, log: Path) -> None:
    """Print the report of a run that has ended. `log` is where its log is, or was."""
    console, name = output.console(), report.source
    console.print(f"{name}: run {report.id}", style="bold")
    rows = [(outcome, count, explanation(outcome)) for outcome, count in report.outcomes.items()]
    output.print_table(("", "", ""), [*rows, ("addresses taken up", report.taken_up, None)], header=False)
    traffic = ", ".join(
        f"{count} {_TRAFFIC.get(what, what.replace('_', ' '))}" for what, count in report.traffic.items() if count
    )
    console.print(f"{report.listed} addresses listed; {traffic or 'no traffic'}.", style="dim")
    if len(report.hosts) > 1 or any(host.refused or host.forbidden for host in report.hosts):
        print_ledger(report.hosts)
    for problem in report.problems[:_PROBLEMS_SHOWN]:
        console.print(f"  {problem.outcome}  {problem.address}  {problem.detail or ''}")
    if len(report.problems) > _PROBLEMS_SHOWN:
        more = len(report.problems) - _PROBLEMS_SHOWN
        console.print(f"  … and {more} more. `kliping runs show {report.id} --json` prints all.")
    print_flags(report.flags)
    reason = report.reason or ""
    if report.hosts and not any(host.bytes or host.not_modified for host in report.hosts):
        reason = (
            f"No host of {name} answered. Check the network connection, then run `kliping crawl {name}` again; "
            f"the log {log} has each failure."
        )
    console.print(f"verdict: {report.verdict}{'. ' if reason else ''}{reason}", style="bold")


def _hosts_in_use(archive: Archive, name: str) -> str:
    """Who crawls a source's hosts now."""
    lease = holder_of(archive, sources.load(name).lease)
    holder = lease.in_words if lease and lease.living else "another process"
    return f"Its hosts are being crawled by {holder}"
