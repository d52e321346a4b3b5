"""`kliping backfill`: a publisher's past, day by day."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from kliping.cli import context, source_facts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from archive.backfills import BackfillDay
    from archive.database import Archive
    from archive.runs import RunReport
    from crawler.backfill import Plan
    from kliping.config import Settings
    from scheduler.supervise import ExitStatus
    from sources import Source

_DAY = ["%Y-%m-%d"]


def backfill(
    name: Annotated[str, typer.Argument(metavar="SOURCE")],
    first: Annotated[datetime, typer.Option("--from", formats=_DAY, metavar="DAY", help="The first, as 2015-12-01.")],
    last: Annotated[datetime, typer.Option("--to", formats=_DAY, metavar="DAY", help="The last day; it must be over.")],
    newest_first: Annotated[bool, typer.Option("--newest-first/--oldest-first", help="Which end to begin at.")] = True,
    limit: Annotated[int | None, typer.Option(min=1, help="Take up at most so many addresses now.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False,
) -> None:
    """Fetch a publisher's past, day by day, by its daily index or else its sitemaps; then index what came.

    What is archived is never asked for again. Killed at any moment, the same command goes on where it was: days that
    are done are remembered. A day whose index cannot be read stays open, and is named. Ends with 1 where a day is open
    or the harvest needs attention.

    \b
    Example: kliping backfill antara --from 2015-12-01 --to 2015-12-31 --oldest-first
    """
    settings = context.settings()
    with context.archive(settings) as archive:
        from kliping.cli.crawl import chosen
        from kliping.cli.following import follow_quietly

        chosen(settings, archive, [name])
        plan, source = _plan(settings, name, first.date(), last.date(), newest_first=newest_first, limit=limit)
        stints = _run(settings, archive, source, plan, quiet=json)
        behind = follow_quietly(settings, archive)
        days = _days(archive, source, plan)
    reports = [report for report, _ in stints]
    if json:
        context.print_json(
            {
                "source": name,
                "days": [day.as_json() for day in days.values()],
                "endings": [str(ending) for _, ending in stints],
                "reports": [report.as_json() for report in reports if report],
            }
        )
    else:
        _print_days(plan, days)
    still_open = len(plan.days) - sum(day.state != "open" for day in days.values())
    if behind or still_open or any(report is None or report.verdict != "good" for report in reports):
        raise typer.Exit(context.NEEDS_ATTENTION)


def _plan(
    settings: Settings, name: str, first: date, last: date, *, newest_first: bool, limit: int | None
) -> tuple[Plan, Source]:
    from datetime import UTC
    from zoneinfo import ZoneInfo

    import sources
    from crawler.backfill import Plan

    source = sources.load(name)
    today = datetime.now(UTC).astimezone(ZoneInfo(source.zone)).date()
    if first > last:
        context.fail(f"--from {first} is after --to {last}.")
    if last >= today:
        context.fail(f"--to {last} is not over yet in {source.zone}; `kliping crawl {name}` reads what is new.")
    if not source_facts.can_backfill(settings, source):
        context.fail(f"{name} has neither a daily index nor a sitemap: nothing tells its past.")
    return Plan(first=first, last=last, newest_first=newest_first, limit=limit), source


def _run(
    settings: Settings, archive: Archive, source: Source, plan: Plan, *, quiet: bool
) -> list[tuple[RunReport | None, ExitStatus]]:
    """Run the backfill in stints, each a child process of its own; no child where every day is done already.

    At a crawl's time limit a stint gives the lease of the source's hosts back, so that a nightly crawl gets its turn.
    """
    stints: list[tuple[RunReport | None, ExitStatus]] = []
    while sum(day.state == "done" for day in _days(archive, source, plan).values()) < len(plan.days):
        report, ending = _stint(settings, archive, source, plan, quiet=quiet)
        stints.append((report, ending))
        came_on = report is not None and any(report.outcomes.get(each) for each in ("stored", "updated"))
        if not ending.timed_out or not came_on or plan.limit is not None:
            break
    return stints


def _stint(
    settings: Settings, archive: Archive, source: Source, plan: Plan, *, quiet: bool
) -> tuple[RunReport | None, ExitStatus]:
    from datetime import UTC

    from archive import runs
    from kliping.cli.crawl import addresses_so_far, print_report, watching
    from scheduler.supervise import CRAWLER, log_file, run_child

    run_id = runs.new_id(source.name, datetime.now(UTC))
    log = log_file(settings.home, run_id)
    words = ["--from", plan.first.isoformat(), "--to", plan.last.isoformat()]
    words += [] if plan.newest_first else ["--oldest-first"]
    words += ["--limit", str(plan.limit)] if plan.limit else []
    if not quiet:
        typer.echo(f"Filling {source.name} from {plan.first} to {plan.last} …")

    def progress() -> str | None:
        days = _days(archive, source, plan)
        done = sum(day.state != "open" for day in days.values())
        latest = max(days.values(), key=lambda day: day.at, default=None)
        so_far = addresses_so_far(archive, run_id)
        return so_far and f"{latest.day if latest else 'first day'}: {done} of {len(plan.days)} days, {so_far}"

    try:
        with watching(progress, quiet=quiet):
            ending = run_child(
                source.name,
                run_id=run_id,
                time_limit=settings.of_source(source.name).time_limit or settings.time_limit,
                grace=settings.grace,
                log=log,
                program=(*CRAWLER, *words),
            )
    except OSError as error:
        context.fail(f"The backfill of {source.name} could not be started: {error}.", context.NEEDS_ATTENTION)
    report = runs.find(archive, run_id)
    if not quiet:
        print_report(archive, source.name, report, ending, log)
    return report, ending


def _days(archive: Archive, source: Source, plan: Plan) -> Mapping[date, BackfillDay]:
    from archive import backfills

    return backfills.days_of(archive, source.name, plan.first, plan.last)


def _print_days(plan: Plan, days: Mapping[date, BackfillDay]) -> None:
    """Which days are done, and by name those that are not."""
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
