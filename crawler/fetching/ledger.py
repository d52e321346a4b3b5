"""The politeness ledger: counts a crawl's requests to each host in Scrapy's stats; the run stores them when it ends.

`RoutedDownloadHandler` counts everything that is sent: pages, feeds, robots.txt, redirects and retries. The middlewares
count what they delay or refuse.
"""

from __future__ import annotations

from typing import Any

from scrapy.statscollectors import StatsCollector

from archive.hosts import REFUSALS
from archive.politeness import HostTraffic

_PREFIX = "kliping/hosts/"
_LAST_SENT = "kliping/last_sent/"


def count_request(stats: StatsCollector, host: str, now: float) -> None:
    """A request is sent to a host. `now` is the monotonic clock in seconds."""
    _add(stats, host, "requests")
    previous = stats.get_value(_LAST_SENT + host)
    if previous is not None:
        shortest = stats.get_value(f"{_PREFIX}{host}/shortest_interval")
        interval = now - previous if shortest is None else min(shortest, now - previous)
        stats.set_value(f"{_PREFIX}{host}/shortest_interval", interval)
    stats.set_value(_LAST_SENT + host, now)


def uncount_request(stats: StatsCollector, host: str) -> None:
    """A request that was already counted was not sent: the guard refused the host's private address."""
    _add(stats, host, "requests", -1)


def count_response(stats: StatsCollector, host: str, status: int, size: int) -> None:
    """A response arrived. `size` is that of its body, in bytes as received."""
    _add(stats, host, "bytes", size)
    if status == 304:
        _add(stats, host, "not_modified")
    elif status in REFUSALS:
        _add(stats, host, "refused")


def count_forbidden(stats: StatsCollector, host: str) -> None:
    """A request was not sent, because the host's robots.txt forbids it or could not be fetched."""
    _add(stats, host, "forbidden")


def count_wait(stats: StatsCollector, host: str, seconds: float) -> None:
    """A request waited for a Crawl-delay or a Retry-After."""
    _add(stats, host, "waits")
    _add(stats, host, "waited_seconds", seconds)


def set_crawl_delay(stats: StatsCollector, host: str, seconds: float) -> None:
    """The host's robots.txt asks for this many seconds between two requests.

    The shortest interval is measured from when that is known: what lies before are the requests for robots.txt itself,
    its redirects and retries, which nobody could space by it.
    """
    if stats.get_value(f"{_PREFIX}{host}/crawl_delay") != seconds:
        stats.set_value(f"{_PREFIX}{host}/shortest_interval", None)
    stats.set_value(f"{_PREFIX}{host}/crawl_delay", seconds)


def host_traffic(stats: StatsCollector) -> tuple[HostTraffic, ...]:
    """The counts of each host, in alphabetical order; hosts without any request are left out."""
    hosts: dict[str, dict[str, Any]] = {}
    for key, value in stats.get_stats().items():
        if key.startswith(_PREFIX):
            host, _, name = key.removeprefix(_PREFIX).rpartition("/")
            hosts.setdefault(host, {})[name] = value
    traffic = (HostTraffic(host=host, **counts) for host, counts in sorted(hosts.items()))
    return tuple(each for each in traffic if each.requests or each.forbidden)


def _add(stats: StatsCollector, host: str, name: str, count: float = 1) -> None:
    key = f"{_PREFIX}{host}/{name}"
    stats.set_value(key, stats.get_value(key, 0) + count)
