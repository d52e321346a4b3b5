"""`kliping backfill`: a publisher's past, day by day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from archive import backfills, ending, runs
from crawler.backfill import Plan
from kliping.cli import context, output, source_facts
from kliping.cli.crawl import addresses_so_far, chosen, live_line, print_report
from kliping.cli.days import check_range, first_day, last_day
from kliping.cli.following import follow_quietly
from kliping.cli.output import Json
from scheduler.supervise import CRAWLER, ExitStatus, log_file, run_child

if TYPE_CHECKING:
    from archive.backfills import BackfillDay
    from archive.database import Archive
    from archive.runs import RunReport
    from kliping.config import Settings
    from sources import Source


def backfill(
    name: Annotated[str, typer.Argument(metavar="SOURCE")],
    first: Annotated[
        date, typer.Option("--from", parser=first_day, metavar="DAY", help="The first day, like 2015-12-01.")
    ],
    last: Annotated[date, typer.Option("--to", parser=last_day, metavar="DAY", help="The last day; it must be over.")],
    newest_first: Annotated[
        bool, typer.Option("--newest-first/--oldest-first", help="Which end to start from.")
    ] = True,
    limit: Annotated[int | None, typer.Option(min=1, help="Take up at most this many addresses now.")] = None,
    json: Json = False,
) -> None:
    """Fetch a publisher's past articles, day by day.

    Finds them in the publisher's daily index, or else its sitemaps, and indexes what it archived. Addresses that are
    archived are not fetched again. If it is ended (Ctrl-C) or killed, the same command resumes: days that are done are
    remembered. A day whose index cannot be read stays open, and is named. Ends with 1 if a day is open or the harvest
    needs attention.

    \b
    Example: kliping backfill antara --from 2015-12-01 --to 2015-12-31 --oldest-first
    """
    settings = context.settings()
    with context.long_work(), context.archive(settings, creates=True) as archive:
        chosen(settings, archive, [name])
        source = context.source(name)
        check_range(first, last, source)
        if not source_facts.can_backfill(settings, source):
            context.fail(f"{name} has neither a daily index nor a sitemap, so its past articles cannot be found.")
        plan = Plan(first=first, last=last, newest_first=newest_first, limit=limit)
        stints = _run(settings, archive, source, plan, quiet=json)
        needs_look = follow_quietly(settings, archive)
        days = _days(archive, source, plan)
    reports = [report for report, _ in stints]
    if json:
        output.print_json(
            {
                "source": name,
                "days": [day.as_json() for day in days.values()],
                "endings": [str(status) for _, status in stints],
                "reports": [report.as_json() for report in reports if report],
            }
        )
    else:
        _print_days(plan, days)
    still_open = len(plan.days) - sum(day.state != "open" for day in days.values())
    if needs_look or still_open or any(report is None or report.verdict != "good" for report in reports):
        raise typer.Exit(context.NEEDS_ATTENTION)


def _run(
    settings: Settings, archive: Archive, source: Source, plan: Plan, *, quiet: bool
) -> list[tuple[RunReport | None, ExitStatus]]:
    """Run the backfill in stints, one child process each; no child if every day is done already.

    A stint ends at a crawl's time limit and releases the lease of the source's hosts, so that a nightly crawl can run.
    """
    stints: list[tuple[RunReport | None, ExitStatus]] = []
    while sum(day.state == "done" for day in _days(archive, source, plan).values()) < len(plan.days):
        report, status = _stint(settings, archive, source, plan, quiet=quiet)
        stints.append((report, status))
        progressed = report is not None and any(report.outcomes.get(each) for each in ("stored", "updated"))
        if not status.timed_out or not progressed or plan.limit is not None or ending.asked():
            break
    return stints


def _stint(
    settings: Settings, archive: Archive, source: Source, plan: Plan, *, quiet: bool
) -> tuple[RunReport | None, ExitStatus]:
    run_id = runs.new_id(source.name, datetime.now(UTC))
    log = log_file(settings.home, run_id)
    options = ["--from", plan.first.isoformat(), "--to", plan.last.isoformat()]
    options += [] if plan.newest_first else ["--oldest-first"]
    options += ["--limit", str(plan.limit)] if plan.limit else []
    if not quiet:
        typer.echo(f"Filling {source.name} from {plan.first} to {plan.last} …")

    def progress() -> str | None:
        days = _days(archive, source, plan)
        done = sum(day.state != "open" for day in days.values())
        latest = max(days.values(), key=lambda day: day.at, default=None)
        so_far = addresses_so_far(archive, run_id)
        return so_far and f"{latest.day if latest else 'first day'}: {done} of {len(plan.days)} days, {so_far}"

    try:
        with live_line(progress, quiet=quiet):
            status = run_child(
                source.name,
                run_id=run_id,
                time_limit=settings.of_source(source.name).time_limit or settings.time_limit,
                grace=settings.grace,
                log=log,
                program=(*CRAWLER, *options),
            )
    except OSError as error:
        context.fail(f"The backfill of {source.name} could not be started: {error}.", context.NEEDS_ATTENTION)
    report = runs.find(archive, run_id)
    if not quiet:
        print_report(archive, source.name, report, status, log)
    return report, status


def _days(archive: Archive, source: Source, plan: Plan) -> Mapping[date, BackfillDay]:
    return backfills.days_of(archive, source.name, plan.first, plan.last)


def _print_days(plan: Plan, days: Mapping[date, BackfillDay]) -> None:
    """Print how many days are done, and name the others."""
    done = [day for day in days.values() if day.state == "done"]
    empty = [day for day in days.values() if day.state == "empty"]
    listed, waiting = sum(day.listed for day in days.values()), sum(day.waiting for day in days.values())
    typer.echo(
        f"{len(done)} of {len(plan.days)} days done, {len(empty)} without a story; "
        f"{listed} stories listed, {waiting} of them to be tried again."
    )
    for day in plan.days:
        if day not in days:
            typer.echo(f"  {day}  not reached")
        elif days[day].state == "open":
            typer.echo(f"  {day}  open: {days[day].note}")
