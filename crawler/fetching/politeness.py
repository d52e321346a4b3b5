"""Politeness that Scrapy lacks: each host's Crawl-delay, and Retry-After."""

from __future__ import annotations

import asyncio
import math
import re
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from archive.addresses import LATEST_TRY
from archive.identity import host_of
from crawler.fetching import ledger
from kliping.config import PRODUCT_TOKEN

LONGEST_WAIT = timedelta(seconds=60)
"""The longest Retry-After that a crawl waits for. After a longer one, the host's addresses wait for a later run."""

TIMER_MARGIN = 0.01
"""Seconds added to a Crawl-delay, because timers of the event loop may fire a few milliseconds early."""

MOST_QUEUED = 64
"""Requests that may queue for one host's Crawl-delay. Scrapy has fewer than this in progress at once."""


_DIGITS = 9
"""Digits of a Retry-After that are read: decades."""


class HostAskedToWait(IgnoreRequest):
    """The host sent Retry-After, and that time is not over."""


def retry_after(response: Response, now: datetime) -> timedelta | None:
    """How long a Retry-After header asks to wait (RFC 9110, 10.2.3: seconds or a date); None without a readable one.

    A date counts from the publisher's own clock where it is told. At most LATEST_TRY: a date in 2099 is no reason to
    never ask again.
    """
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if re.fullmatch("[0-9]+", value):
        return timedelta(seconds=min(int(value[:_DIGITS]), LATEST_TRY.total_seconds()))
    until = http_date(value)
    if until is None:
        return None
    asked_at = http_date((response.headers.get("Date") or b"").decode("latin-1")) or now
    return min(max(timedelta(), until - asked_at), LATEST_TRY)


def http_date(value: str) -> datetime | None:
    """An HTTP date (RFC 9110, 5.6.7), aware; None for anything else."""
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class PoliteHosts:
    """Spaces all requests to a host, of every kind, as its robots.txt and its Retry-After ask.

    Crawl-delay is not part of the robots.txt standard (RFC 9309 leaves it out), but Indonesian publishers use it.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._not_before: dict[str, float] = {}
        self._last_sent: dict[str, float] = {}
        self._crawl_delay: dict[str, float] = {}
        crawler.signals.connect(self.robots_parsed, signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PoliteHosts:
        return cls(crawler)

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Remember the Crawl-delay that applies to us."""
        delay = robotparser.crawl_delay(PRODUCT_TOKEN)
        if delay:
            self._crawl_delay[host_of(request.url)] = delay
            if self._stats:
                ledger.set_crawl_delay(self._stats, host_of(request.url), delay)

    async def process_request(self, request: Request) -> None:
        """Delay a request until its host may be asked. Raises HostAskedToWait if that would take too long."""
        host, now = host_of(request.url), time.monotonic()
        delay = self._crawl_delay.get(host, 0.0)
        wait = self._not_before.get(host, now) - now
        if wait > max(LONGEST_WAIT.total_seconds(), delay * MOST_QUEUED):
            raise HostAskedToWait(f"the host asked for no requests for another {wait:.0f} s")
        if delay:
            self._not_before[host] = now + max(0.0, wait) + delay + TIMER_MARGIN
        if wait > 0:
            if self._stats:
                ledger.count_wait(self._stats, host, wait)
            await asyncio.sleep(wait)

    async def wait_for_turn(self, host: str) -> float:
        """Wait until a request may be sent to the host, and return that moment on the monotonic clock.

        A busy event loop wakes tasks late, and then several at once. So the interval is measured from when the last
        request was really sent, and this is called right before sending.
        """
        delay = self._crawl_delay.get(host, 0.0)
        while (early := self._last_sent.get(host, -math.inf) + delay - time.monotonic()) > 0:
            await asyncio.sleep(early)
        self._last_sent[host] = time.monotonic()
        return self._last_sent[host]

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Remember a Retry-After, and retry once if it is short."""
        wait = retry_after(response, datetime.now(UTC)) if response.status in (429, 503) else None
        if wait is None:
            return response
        host = host_of(request.url)
        self._not_before[host] = max(self._not_before.get(host, -math.inf), time.monotonic() + wait.total_seconds())
        if wait > LONGEST_WAIT or request.meta.get("retried_after_wait"):
            return response
        again = request.replace(dont_filter=True)
        again.meta["retried_after_wait"] = True
        return again
