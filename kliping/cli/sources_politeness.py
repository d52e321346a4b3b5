"""`kliping sources politeness`: the crawls' requests to each publisher's hosts, and how those answered."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer

import sources
from archive import hosts
from archive.politeness import traffic_since
from kliping.cli import context, output
from kliping.cli.output import Column, Csv, Json, Jsonl, OutputFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.politeness import HostTraffic


def politeness(
    source: Annotated[str | None, typer.Argument(metavar="SOURCE", help="One source; by default all.")] = None,
    days: Annotated[int, typer.Option(min=1, help="How many days back.")] = 30,
    json: Json = False,
    jsonl: Jsonl = False,
    csv: Csv = False,
) -> None:
    """Show what crawls requested of each host, and how it answered.

    The politeness ledger: requests, bytes, 304s, refusals, waits, and the shortest interval between two requests. Says
    of each host whether it asked us to wait or blocks us, and until when.

    \b
    Example: kliping sources politeness antara --days 7
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    if source is not None and source not in sources.names():
        context.unknown_source(source, sources.names())
    settings = context.settings()
    with context.archive(settings, or_empty=True) as archive, archive.reading() as connection:
        now = datetime.now(UTC)
        found = traffic_since(connection, now - timedelta(days=days), source)
        said = {each.host: each.in_words(now, settings.zone) for each in hosts.load_all(connection)}
    if form is not OutputFormat.TABLE:
        rows = [{"source": name, **asdict(each), "condition": said.get(each.host)} for name, each in found]
        output.print_records(form, rows)
        return
    for name, of_source in groupby(found, key=lambda each: each[0]):
        output.console().print(name, style="bold")
        traffic = [each for _, each in of_source]
        print_ledger(traffic)
        for sentence in filter(None, (said.get(each.host) for each in traffic)):
            typer.echo(sentence)
    if not found:
        typer.echo(f"No crawl sent a request in the last {days} days.")


def print_ledger(hosts: Sequence[HostTraffic]) -> None:
    """Print the ledger as a table, one row for each host.

    "barred" counts requests that robots.txt forbids. "interval s" is the shortest interval / the Crawl-delay.
    """
    numbers = ("asked", "kB", "304s", "refused", "barred", "waits", "interval s")
    output.print_table(
        (Column("host", wrap=False), *(Column(heading, right=True, wrap=False) for heading in numbers)),
        (
            (
                each.host,
                each.requests,
                f"{each.bytes / 1000:.0f}",
                each.not_modified,
                each.refused,
                each.forbidden,
                each.waits,
                f"{_seconds(each.shortest_interval, '.2f')} / {_seconds(each.crawl_delay, 'g')}",
            )
            for each in hosts
        ),
    )


def _seconds(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)
