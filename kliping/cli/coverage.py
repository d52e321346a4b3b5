"""`kliping coverage`: what the archive has of each day, and what fills the gaps."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from kliping.cli import context, source_facts

if TYPE_CHECKING:
    from datetime import date
    from zoneinfo import ZoneInfo

    from archive.coverage import DayCoverage
    from kliping.config import Settings
    from sources import Source

_DAY = ["%Y-%m-%d"]
_DAYS = 30


def coverage(
    name: Annotated[str | None, typer.Argument(metavar="[SOURCE]", help="Which; without one, all that are on.")] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=_DAY, metavar="DAY", help="Default: 30 days before the last.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=_DAY, metavar="DAY", help="Default: yesterday.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False,
) -> None:
    """Expected against collected, day by day, with the command that fills each gap.

    How many stories a publisher had is known of days that a backfill has listed; of others it shows "?". Days are
    those of the source's zone. Of one source every day is shown, of all a line each. Ends with 1 where there is a gap.

    \b
    Example: kliping coverage antara --from 2015-12-01 --to 2015-12-31
    """
    settings = context.settings()
    with context.archive(settings) as archive:
        from archive.coverage import coverage as covered
        from kliping.cli.crawl import chosen

        found = {}
        for source in map(_load, [name] if name else chosen(settings, archive, [])):
            begin, end = _range(source, first, last)
            found[source.name] = (source, covered(archive, source.name, begin, end, _zone(source)))
    if json:
        context.print_json({each: [day.as_json() for day in days] for each, (_, days) in found.items()})
    elif name:
        _print_days(found[name][1])
    else:
        _print_sources({each: days for each, (_, days) in found.items()})
    if not json:
        for source, days in found.values():
            _print_remedies(settings, source, days)
    if any(day.state == "gap" for _, days in found.values() for day in days):
        raise typer.Exit(context.NEEDS_ATTENTION)


def _load(name: str) -> Source:
    import sources

    try:
        return sources.load(name)
    except sources.BadSourceError as error:
        context.fail(f"{error}.")


def _zone(source: Source) -> ZoneInfo:
    from zoneinfo import ZoneInfo

    return ZoneInfo(source.zone)


def _range(source: Source, first: datetime | None, last: datetime | None) -> tuple[date, date]:
    from datetime import UTC, timedelta

    yesterday = datetime.now(UTC).astimezone(_zone(source)).date() - timedelta(days=1)
    end = last.date() if last else yesterday
    begin = first.date() if first else end - timedelta(days=_DAYS - 1)
    if begin > end:
        context.fail(f"--from {begin} is after --to {end}.")
    if end > yesterday:
        context.fail(f"--to {end} is not over yet in {source.zone}.")
    return begin, end


def _print_days(days: list[DayCoverage]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("day", "expected", "collected", "to be tried again", "state", "why"):
        table.add_column(column)
    for day in days:
        expected = "?" if day.expected is None else str(day.expected)
        cells = (expected, str(day.collected), str(day.waiting or ""), str(day.state), day.note or "")
        table.add_row(day.day.isoformat(), *cells)
    context.console().print(table)


def _print_sources(found: dict[str, list[DayCoverage]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("source", "from", "to", "compared", "uncompared", "gaps", "stories"):
        table.add_column(column)
    for name, days in found.items():
        counts = [sum(day.state == cover for day in days) for cover in ("compared", "uncompared", "gap")]
        stories = sum(day.collected for day in days)
        table.add_row(name, f"{days[0].day}", f"{days[-1].day}", *map(str, counts), str(stories))
    context.console().print(table)


def _print_remedies(settings: Settings, source: Source, days: list[DayCoverage]) -> None:
    """The commands that fill the gaps, a stretch of days each, and those that compare the rest."""
    from archive.coverage import date_ranges

    if not source_facts.can_backfill(settings, source):
        typer.echo(f"{source.name} has neither a daily index nor a sitemap: nothing tells its past.")
        return
    for cover, says in (("gap", "To fill the gaps"), ("uncompared", "To compare the days that nobody has compared")):
        wanted = date_ranges(day.day for day in days if day.state == cover)
        if wanted:
            typer.echo(f"{says}:")
        for begin, end in wanted:
            typer.echo(f"  kliping backfill {source.name} --from {begin} --to {end}")
