"""Politeness that Scrapy leaves out: a host's Crawl-delay, and its wish to be left alone for a while."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from archive.identity import host_of
from crawler.fetching import ledger
from kliping.config import PRODUCT_TOKEN

PATIENCE = timedelta(seconds=60)
"""A crawl waits so long for a host that asked for it; past that its addresses are tried in another run."""

MARGIN = 0.01
"""Seconds added to a Crawl-delay: timers of the event loop may fire a few milliseconds apart."""

MOST_QUEUED = 64
"""Requests of ours that may wait in line for one host's Crawl-delay; Scrapy holds fewer under way than that."""


class HostAskedToWait(IgnoreRequest):
    """The host sent Retry-After, and its time has not come."""


def retry_after(response: Response, now: datetime) -> timedelta | None:
    """How long a Retry-After header asks to wait (RFC 9110, 10.2.3: seconds or a date); null where there is none."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isdigit():
        return timedelta(seconds=min(int(value), 7 * 86400))
    try:
        return max(timedelta(), parsedate_to_datetime(value) - now) if value else None
    except (TypeError, ValueError):  # neither form: the header says nothing we can keep to
        return None


class PoliteHosts:
    """Spaces the requests to each host, all kinds of them, as its robots.txt and its Retry-After ask.

    Crawl-delay is robots.txt's own word and no standard (RFC 9309 leaves it out), but Indonesian publishers write it.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._next: dict[str, float] = {}
        self._left: dict[str, float] = {}
        self._interval: dict[str, float] = {}
        crawler.signals.connect(self.robots_parsed, signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PoliteHosts:
        return cls(crawler)

    def robots_parsed(self, robotparser: Any, request: Request) -> None:
        """Note a Crawl-delay meant for us."""
        rules = getattr(robotparser, "rp", None)
        delay = rules.crawl_delay(PRODUCT_TOKEN) if rules else None
        if delay:
            self._interval[host_of(request.url)] = float(delay)
            if self._stats:
                ledger.demanded(self._stats, host_of(request.url), float(delay))

    async def process_request(self, request: Request) -> None:
        """Hold a request back while its host wants to be left alone. Raises HostAskedToWait where that is too long."""
        host, now = host_of(request.url), time.monotonic()
        interval = self._interval.get(host, 0.0)
        wait = self._next.get(host, 0.0) - now
        if wait > max(PATIENCE.total_seconds(), interval * MOST_QUEUED):
            raise HostAskedToWait(f"the host asked to be left alone for another {wait:.0f} s")
        if interval:
            self._next[host] = now + max(0.0, wait) + interval + MARGIN
        if wait > 0:
            if self._stats:
                ledger.waited(self._stats, host, wait)
            await asyncio.sleep(wait)

    async def turn(self, host: str) -> float:
        """Wait for the moment at which a request may leave for the host, and give it, by the monotonic clock.

        A busy event loop wakes late, and then several at once: what counts is when the last one really left, so this
        is asked for where requests leave.
        """
        interval = self._interval.get(host, 0.0)
        while (early := self._left.get(host, -interval) + interval - time.monotonic()) > 0:
            await asyncio.sleep(early)
        self._left[host] = time.monotonic()
        return self._left[host]

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Note a Retry-After, and ask once more where it is short."""
        asked = retry_after(response, datetime.now(UTC)) if response.status in (429, 503) else None
        if asked is None:
            return response
        host = host_of(request.url)
        self._next[host] = max(self._next.get(host, 0.0), time.monotonic() + asked.total_seconds())
        if asked > PATIENCE or request.meta.get("asked_again"):
            return response
        again = request.replace(dont_filter=True)
        again.meta["asked_again"] = True
        return again
