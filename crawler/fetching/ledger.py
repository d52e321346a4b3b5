"""What a crawl asked of each host: counted where requests leave, in Scrapy's own stats, and written with the run.

Everything that goes over the wire passes `RoutedDownloadHandler`: pages, feeds, robots.txt, redirects and retries.
Waits and refusals are known to those who wait and refuse, and they say so here.
"""

from __future__ import annotations

from typing import Any

from scrapy.statscollectors import StatsCollector

from archive.politeness import HostTraffic

_PREFIX = "kliping/hosts/"
_LEFT = "kliping/left/"
REFUSALS = frozenset({401, 403, 429, 451})
"""Answers by which a host refuses: RFC 9110 (401, 403), RFC 6585 (429), RFC 7725 (451)."""


def asked(stats: StatsCollector, host: str, now: float) -> None:
    """A request leaves for a host. `now` is a monotonic clock's, in seconds."""
    _inc(stats, host, "requests")
    before = stats.get_value(_LEFT + host)
    if before is not None:
        stats.min_value(f"{_PREFIX}{host}/shortest_interval", now - before)
    stats.set_value(_LEFT + host, now)


def unsent(stats: StatsCollector, host: str) -> None:
    """A request that was counted as leaving was held back by the guard against private addresses."""
    _inc(stats, host, "requests", -1)


def answered(stats: StatsCollector, host: str, status: int, size: int) -> None:
    """An answer came. `size` is its body's, in bytes as they came over the wire."""
    _inc(stats, host, "bytes", size)
    if status == 304:
        _inc(stats, host, "not_modified")
    elif status in REFUSALS:
        _inc(stats, host, "refused")


def forbidden(stats: StatsCollector, host: str) -> None:
    """A request was not sent, because the host's robots.txt forbids it or could not be had."""
    _inc(stats, host, "forbidden")


def waited(stats: StatsCollector, host: str, seconds: float) -> None:
    """A request waited for a Crawl-delay or a Retry-After."""
    _inc(stats, host, "waits")
    _inc(stats, host, "waited_seconds", seconds)


def demanded(stats: StatsCollector, host: str, seconds: float) -> None:
    """The host's robots.txt asks for so many seconds between two requests."""
    stats.set_value(f"{_PREFIX}{host}/crawl_delay", seconds)


def ledger(stats: StatsCollector) -> tuple[HostTraffic, ...]:
    """What was counted, host by host in alphabetical order."""
    hosts: dict[str, dict[str, Any]] = {}
    for key, value in stats.get_stats().items():
        if key.startswith(_PREFIX):
            host, _, name = key.removeprefix(_PREFIX).rpartition("/")
            hosts.setdefault(host, {})[name] = value
    told = (HostTraffic(host=host, **counted) for host, counted in sorted(hosts.items()))
    return tuple(each for each in told if each.requests or each.forbidden)


def _inc(stats: StatsCollector, host: str, name: str, count: float = 1) -> None:
    key = f"{_PREFIX}{host}/{name}"
    stats.set_value(key, stats.get_value(key, 0) + count)
