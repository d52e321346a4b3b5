"""Politeness that Scrapy lacks: each host's Crawl-delay, Retry-After, and an end of asking where a host refuses us."""

from __future__ import annotations

import asyncio
import math
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

from archive.hosts import REFUSALS
from archive.identity import host_of
from crawler.fetching import ledger
from crawler.fetching.host_memory import HostMemory
from crawler.fetching.retry_after import retry_after, wish_of
from kliping.config import PRODUCT_TOKEN

LONGEST_WAIT = timedelta(seconds=60)
"""The longest Retry-After that a crawl waits for. After a longer one, the host's addresses wait for a later run."""

TIMER_MARGIN = 0.01
"""Seconds added to a Crawl-delay, because timers of the event loop may fire a few milliseconds early."""

MOST_QUEUED = 64
"""Requests that may queue for one host's Crawl-delay. Scrapy has fewer than this in progress at once."""

LOOK_SECONDS = 0.1
"""How often a request that waits looks whether the crawl is ending, or the request before it has been answered."""

END_PATIENCE = 10.0
"""Seconds for which an ending crawl waits for answers to what it has asked."""

ROBOTS = "dont_obey_robotstxt"
"""Scrapy's mark of its own requests for robots.txt."""

log = structlog.get_logger()


class HostAskedToWait(IgnoreRequest):
    """The host sent Retry-After, and that time is not over."""


class HostBlocksUs(IgnoreRequest):
    """The host refused us again and again, and is left alone for now."""


class CrawlIsEnding(IgnoreRequest):
    """The crawl was asked to end before the request was sent. Its address keeps its place in the queue."""


class HostGate:
    """Refuses requests to hosts that may not be asked now, before anything else: not even robots.txt is."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> HostGate:
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Raises HostAskedToWait, HostBlocksUs or CrawlIsEnding."""
        polite_hosts(self._crawler).require_open(host_of(request.url))


class PoliteHosts:
    """Spaces all requests to a host, of every kind, as its robots.txt and its Retry-After ask.

    Crawl-delay is not part of the robots.txt standard (RFC 9309 leaves it out), but Indonesian publishers use it.
    `memory` knows what earlier crawls met; the run sets it. A host that refuses us is asked one thing at a time, and
    after `archive.hosts.MOST_REFUSALS` on end no more.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.memory = HostMemory("")
        self._stats = crawler.stats
        self._least_delay = crawler.settings.getfloat("DOWNLOAD_DELAY")
        self._not_before: dict[str, float] = {}
        self._last_sent: dict[str, float] = {}
        self._under_way: Counter[str] = Counter()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._ending_since: float | None = None
        crawler.signals.connect(self.robots_parsed, signals.robots_parsed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PoliteHosts:
        return cls(crawler)

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Remember the Crawl-delay that applies to us."""
        self.set_crawl_delay(host_of(request.url), robotparser.crawl_delay(PRODUCT_TOKEN) or None)

    def set_crawl_delay(self, host: str, seconds: float | None) -> None:
        """The host's robots.txt asks for so many seconds between two requests; None for no delay."""
        self.memory.set_crawl_delay(host, seconds)
        if seconds and self._stats:
            ledger.set_crawl_delay(self._stats, host, seconds)

    def _delay(self, host: str) -> float:
        return max(self.memory.record(host).crawl_delay or 0.0, self._least_delay)

    def require_open(self, host: str) -> None:
        """Check that the host may be asked. Raises HostAskedToWait, HostBlocksUs or CrawlIsEnding."""
        if self._ending_since is not None:
            raise CrawlIsEnding("the crawl was asked to end")
        if self.memory.pause_left(host):
            raise HostBlocksUs(self.memory.why_paused(host))
        wait = self.memory.wait_left(host)
        if wait > LONGEST_WAIT.total_seconds():
            raise HostAskedToWait(f"{host} asked for no requests for another {wait:.0f} s")

    async def process_request(self, request: Request) -> None:
        """Delay a request until its host may be asked. Raises HostAskedToWait if that would take too long, and what
        `require_open` raises: the answer for robots.txt may have said so.
        """
        host, now = host_of(request.url), time.monotonic()
        self.require_open(host)
        delay = self.memory.record(host).crawl_delay or 0.0
        turn = self._not_before.get(host, now) - now
        if turn > max(LONGEST_WAIT.total_seconds(), delay * MOST_QUEUED):
            raise HostAskedToWait(f"{turn:.0f} s of requests to {host} are waiting already")
        wait = max(turn, self.memory.wait_left(host))
        if delay:
            self._not_before[host] = now + max(0.0, wait) + delay + TIMER_MARGIN
        if wait > 0:
            if self._stats:
                ledger.count_wait(self._stats, host, wait)
            await self._wait(wait)

    async def _wait(self, seconds: float) -> None:
        """Wait. Raises CrawlIsEnding as soon as the crawl is asked to end."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if self._ending_since is not None:
                raise CrawlIsEnding("the crawl was asked to end")
            await asyncio.sleep(min(left, LOOK_SECONDS))

    async def wait_for_turn(self, host: str) -> float:
        """Wait until a request may be sent to the host, and return that moment on the monotonic clock.

        A busy event loop wakes tasks late, and then several at once. So the interval is measured from when the last
        request was really sent, and this is called right before sending. Raises what `require_open` raises.
        """
        while True:
            self.require_open(host)
            if self._under_way[host] and self.memory.is_suspect(host):
                await self._wait(LOOK_SECONDS)
            elif (early := self._last(host) + self._delay(host) - time.monotonic()) > 0:
                await self._wait(early)
            else:
                break
        self._last_sent[host] = time.monotonic()
        return self._last_sent[host]

    def _last(self, host: str) -> float:
        """When the last request was sent to a host, also by an earlier crawl."""
        if host not in self._last_sent:
            ago = self.memory.asked_before(host)
            self._last_sent[host] = -math.inf if ago is None else time.monotonic() - ago
        return self._last_sent[host]

    @contextmanager
    def under_way(self, host: str) -> Iterator[None]:
        """While a request is answered. Raises CrawlIsEnding if the crawl ends and no answer comes."""
        task = asyncio.current_task()
        if task:
            self._tasks.add(task)
        self._under_way[host] += 1
        try:
            yield
        except asyncio.CancelledError as error:
            if self._ending_since is None:
                raise
            raise CrawlIsEnding("the crawl was asked to end, and no answer came") from error
        finally:
            self._under_way[host] -= 1
            if task:
                self._tasks.discard(task)

    def answered(self, request: Request, response: Response) -> None:
        """Remember what an answer says of its host. robots.txt says nothing: who blocks us may still show it.

        A refusal with a short Retry-After is a request to slow down, unless we did wait.
        """
        host, status = host_of(request.url), response.status
        if status in REFUSALS:
            wait = retry_after(response, datetime.now(UTC))
            slow_down = wait is not None and wait <= LONGEST_WAIT and not request.meta.get("retried_after_wait")
            if not slow_down and ROBOTS not in request.meta:
                self.memory.refused(host, status)
        elif status < 500 and ROBOTS not in request.meta:
            self.memory.answered(host)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """Remember a Retry-After, and retry once if it is short."""
        if response.status not in (403, 429, 503):
            return response
        wait, host = retry_after(response, datetime.now(UTC)), host_of(request.url)
        if wait is None:
            if wish := wish_of(response):
                log.warning("Retry-After is nonsense, and was ignored", host=host, header=wish[:100])
            return response
        self.memory.asked_to_wait(host, wait)
        if wait > LONGEST_WAIT or request.meta.get("retried_after_wait"):
            return response
        again = request.replace(dont_filter=True)
        again.meta["retried_after_wait"] = True
        return again

    def end_soon(self, downloader: Any) -> None:
        """The crawl is ending: send nothing more, wait for nothing, and for answers no longer than END_PATIENCE.

        To be called again and again. `downloader` is Scrapy's; its queues have delays of their own, and no public way
        to empty them.
        """
        now = time.monotonic()
        self._ending_since = self._ending_since or now
        for slot in list(downloader.slots.values()):
            slot.delay = 0.0
            if slot.latercall:
                slot.latercall.cancel()
                slot.latercall = None
                downloader._process_queue(slot)
        if now - self._ending_since > END_PATIENCE:
            for task in list(self._tasks):
                task.cancel()

    @property
    def hosts_asked(self) -> tuple[str, ...]:
        """The hosts to which this crawl has sent a request."""
        return tuple(self._last_sent)


def polite_hosts(crawler: Crawler) -> PoliteHosts:
    """The crawler's middleware of that class."""
    hosts = crawler.get_downloader_middleware(PoliteHosts)
    assert isinstance(hosts, PoliteHosts)  # DOWNLOADER_MIDDLEWARES in settings.py
    return hosts
