"""`kliping coverage`: how complete each day is, and how to fill the gaps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from archive.coverage import coverage as coverage_of
from archive.coverage import date_ranges
from kliping.cli import context, output, source_facts
from kliping.cli.crawl import chosen
from kliping.cli.days import check_range, first_day, last_day, yesterday_of
from kliping.cli.output import Csv, Json, Jsonl, OutputFormat

if TYPE_CHECKING:
    from archive.coverage import DayCoverage
    from kliping.config import Settings
    from sources import Source

_DAYS = 30


def coverage(
    name: Annotated[
        str | None, typer.Argument(metavar="SOURCE", help="One source; without it, all that are on.")
    ] = None,
    first: Annotated[
        date | None,
        typer.Option("--from", parser=first_day, metavar="DAY", help="Default: 30 days, counted back from --to."),
    ] = None,
    last: Annotated[
        date | None, typer.Option("--to", parser=last_day, metavar="DAY", help="Default: yesterday.")
    ] = None,
    json: Json = False,
    jsonl: Jsonl = False,
    csv: Csv = False,
) -> None:
    """Compare expected and collected articles per day.

    Prints the command that fills each gap. The number of stories a publisher had is known for days that a backfill has
    listed; for other days it shows "?". Days are those of the source's zone. One source is shown day by day, all
    sources with a line each; --jsonl and --csv have one row per source and day. Ends with 1 if there is a gap.

    \b
    Example: kliping coverage antara --from 2015-12-01 --to 2015-12-31
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    found: dict[str, list[DayCoverage]] = {}
    with context.archive(settings, or_empty=True) as archive:
        covered_sources = [context.source(each) for each in ([name] if name else chosen(settings, archive, []))]
        for source in covered_sources:
            begin, end = _range(source, first, last)
            found[source.name] = coverage_of(archive, source.name, begin, end, ZoneInfo(source.zone))
    if form is OutputFormat.JSON:
        output.print_json({each: [day.as_json() for day in days] for each, days in found.items()})
    elif form is not OutputFormat.TABLE:
        output.print_records(form, [{"source": each} | day.as_json() for each, days in found.items() for day in days])
    else:
        if name:
            _print_days(found[name])
        else:
            _print_sources(found)
        for source in covered_sources:
            _print_remedies(settings, source, found[source.name])
    if any(day.state == "gap" for days in found.values() for day in days):
        raise typer.Exit(context.NEEDS_ATTENTION)


def _range(source: Source, first: date | None, last: date | None) -> tuple[date, date]:
    end = last or yesterday_of(source)
    begin = first or end - timedelta(days=_DAYS - 1)
    check_range(begin, end, source)
    return begin, end


def _print_days(days: list[DayCoverage]) -> None:
    output.print_table(
        ("day", "expected", "collected", "to be tried again", "state", "why"),
        [
            (
                day.day,
                "?" if day.expected is None else day.expected,
                day.collected,
                day.waiting or "",
                day.state,
                day.note,
            )
            for day in days
        ],
    )


def _print_sources(found: dict[str, list[DayCoverage]]) -> None:
    rows = []
    for name, days in found.items():
        counts = [sum(day.state == cover for day in days) for cover in ("compared", "uncompared", "gap")]
        rows.append((name, days[0].day, days[-1].day, *counts, sum(day.collected for day in days)))
    output.print_table(("source", "from", "to", "compared", "uncompared", "gaps", "stories"), rows)


def _print_remedies(settings: Settings, source: Source, days: list[DayCoverage]) -> None:
    """Print the commands that fill the gaps, one per stretch of days, and those that compare the other days."""
    if not source_facts.can_backfill(settings, source):
        typer.echo(f"{source.name} has neither a daily index nor a sitemap, so its past articles cannot be found.")
        return
    for cover, heading in (("gap", "To fill the gaps"), ("uncompared", "To compare the days not compared yet")):
        open_stretches = date_ranges(day.day for day in days if day.state == cover)
        if open_stretches:
            typer.echo(f"{heading}:")
        for begin, end in open_stretches:
            typer.echo(f"  kliping backfill {source.name} --from {begin} --to {end}")
