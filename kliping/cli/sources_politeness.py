"""`kliping sources politeness`: the crawls' requests to each publisher's hosts, and how those answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kliping.cli import context, output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.politeness import HostTraffic


def politeness(
    source: Annotated[str | None, typer.Argument(metavar="SOURCE", help="One source; by default all.")] = None,
    days: Annotated[int, typer.Option(min=1, help="How many days back.")] = 30,
    json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False,
) -> None:
    """Show the politeness ledger: requests, bytes, 304s, waits and refusals of each host.

    \b
    Example: kliping sources politeness antara --days 7
    """
    from dataclasses import asdict
    from datetime import UTC, datetime, timedelta
    from itertools import groupby

    import sources
    from archive import politeness as ledger

    if source is not None and source not in sources.names():
        context.fail(f"There is no source {source!r}; there are: {', '.join(sources.names())}.")
    settings = context.settings()
    with context.archive(settings) as archive, archive.reading() as connection:
        found = ledger.traffic_since(connection, datetime.now(UTC) - timedelta(days=days), source)
    if json:
        output.print_json([{"source": name, **asdict(each)} for name, each in found])
    else:
        for name, rows in groupby(found, key=lambda each: each[0]):
            output.console().print(name, style="bold", markup=False)
            print_ledger([each for _, each in rows])
        if not found:
            typer.echo(f"No crawl sent a request in the last {days} days.")


def print_ledger(hosts: Sequence[HostTraffic]) -> None:
    """Print the ledger as a table, one row for each host.

    "barred" counts requests that robots.txt forbids. "interval s" is the shortest interval / the Crawl-delay.
    """
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column("host", no_wrap=True)
    for heading in ("asked", "kB", "304s", "refused", "barred", "waits", "interval s"):
        table.add_column(heading, justify="right", no_wrap=True)
    for each in hosts:
        shortest = "-" if each.shortest_interval is None else f"{each.shortest_interval:.2f}"
        delay = "-" if each.crawl_delay is None else f"{each.crawl_delay:g}"
        table.add_row(
            each.host,
            str(each.requests),
            f"{each.bytes / 1000:.0f}",
            str(each.not_modified),
            str(each.refused),
            str(each.forbidden),
            str(each.waits),
            f"{shortest} / {delay}",
        )
    output.console().print(table)
