"""The politeness ledger: what each run asked of each host, and what the host said to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from archive.tables import host_traffic, runs


@dataclass(frozen=True, slots=True, kw_only=True)
class HostTraffic:
    """One host's share of a run, or of several.

    `requests` are all that left for it, robots.txt, redirects and retries among them; `bytes` those of its answers'
    bodies as they came over the wire. `not_modified` are the 304s: pages that conditional GET saved. `refused` are
    answers 401, 403, 429 and 451; `forbidden` requests that its robots.txt kept from being sent. `waits` counts the
    requests that waited for a Crawl-delay or Retry-After, `waited_seconds` for how long together. `shortest_interval`
    is the least time between two requests, in seconds, `crawl_delay` what its robots.txt asks for; null where there
    were no two, or it asks for nothing.
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
    """Keep a run's ledger."""
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
    """(source, ledger) of all runs that began at `moment` (aware) or later, summed by source and host.

    Of intervals the shortest, and of Crawl-delays the longest that was asked for, stand for all.
    """
    sums = [func.sum(getattr(host_traffic.c, name)).label(name) for name in _SUMS]
    statement = (
        select(
            runs.c.source,
            host_traffic.c.host,
            *sums,
            func.min(host_traffic.c.shortest_interval).label("shortest_interval"),
            func.max(host_traffic.c.crawl_delay).label("crawl_delay"),
        )
        .join(runs, runs.c.id == host_traffic.c.run_id)
        .where(runs.c.started_at >= moment)
        .group_by(runs.c.source, host_traffic.c.host)
        .order_by(runs.c.source, host_traffic.c.host)
    )
    if source is not None:
        statement = statement.where(runs.c.source == source)
    found = []
    for row in connection.execute(statement):
        counted = dict(row._mapping)
        found.append((str(counted.pop("source")), HostTraffic(**counted)))
    return found
