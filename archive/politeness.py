"""The politeness ledger: what each run requested from each host, and how the host responded."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime

from sqlalchemy import Connection, cast, func, insert, select

from archive.tables import host_traffic, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class HostTraffic:
    """The traffic of one or several runs with one host.

    `requests` counts all that were sent, including robots.txt, redirects and retries; `bytes` the response bodies as
    transferred. `not_modified` counts 304 responses: pages that conditional GET saved. `refused` counts the responses
    401, 403, 429 and 451; `forbidden` the requests not sent because of robots.txt. `waits` counts the requests that
    waited for a Crawl-delay or Retry-After, `waited_seconds` the total wait. `crawl_delay` is the delay that robots.txt
    asks for, in seconds (None: no delay), and `shortest_interval` the shortest time between two requests in seconds
    since that was known (None: fewer than two).
    """

    host: str
    requests: int = 0
    bytes: int = 0
    not_modified: int = 0
    refused: int = 0
    forbidden: int = 0
    waits: int = 0
    waited_seconds: float = 0.0
    shortest_interval: float | None = None
    crawl_delay: float | None = None


_SUMS = ("requests", "bytes", "not_modified", "refused", "forbidden", "waits", "waited_seconds")


def save_traffic(connection: Connection, run_id: str, hosts: Sequence[HostTraffic]) -> None:
    """Save a run's ledger."""
    if hosts:
        connection.execute(insert(host_traffic), [{"run_id": run_id, **asdict(each)} for each in hosts])


def traffic_of_run(connection: Connection, run_id: str) -> tuple[HostTraffic, ...]:
    """The ledger of one run, by host."""
    names = [getattr(host_traffic.c, each.name) for each in fields(HostTraffic)]
    rows = connection.execute(select(*names).where(host_traffic.c.run_id == run_id).order_by(host_traffic.c.host))
    return tuple(HostTraffic(**row._mapping) for row in rows)


def traffic_since(
    connection: Connection, moment: datetime, source: str | None = None
) -> Sequence[tuple[str, HostTraffic]]:
    """(source, traffic) of all runs that began at `moment` (aware) or later, summed by source and host.

    The interval and the Crawl-delay are those of the runs that came nearest to the delay, or below it: a publisher that
    asks for 5 s since yesterday asked for less before.
    """
    # PostgreSQL sums a bigint to a numeric, which Python reads as a Decimal; the cast keeps the column's own type.
    columns = [getattr(host_traffic.c, name) for name in _SUMS]
    sums = [cast(func.sum(column), column.type).label(column.name) for column in columns]
    statement = (
        select(
            runs.c.source,
            host_traffic.c.host,
            *sums,
            host_traffic.c.crawl_delay,
            func.min(host_traffic.c.shortest_interval).label("shortest_interval"),
        )
        .join(runs, runs.c.id == host_traffic.c.run_id)
        .where(runs.c.started_at >= moment)
        .group_by(runs.c.source, host_traffic.c.host, host_traffic.c.crawl_delay)
        .order_by(runs.c.source, host_traffic.c.host)
    )
    if source is not None:
        statement = statement.where(runs.c.source == source)
    found: dict[tuple[str, str], HostTraffic] = {}
    for row in connection.execute(statement):
        counted = dict(row._mapping)
        key, traffic = (str(counted.pop("source")), row.host), HostTraffic(**counted)
        found[key] = _added(found[key], traffic) if key in found else traffic
    return [(source, traffic) for (source, _), traffic in found.items()]


def _added(one: HostTraffic, other: HostTraffic) -> HostTraffic:
    """The traffic of runs under two different delays."""
    sums = {name: getattr(one, name) + getattr(other, name) for name in _SUMS}
    nearest = min((one, other), key=_room)
    return replace(nearest, **sums)


def _room(traffic: HostTraffic) -> float:
    """By how many seconds the shortest interval exceeds the delay."""
    return math.inf if traffic.shortest_interval is None else traffic.shortest_interval - (traffic.crawl_delay or 0.0)
