"""robots.txt by RFC 9309, where Scrapy is more lenient."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from archive.hosts import REFUSALS
from archive.identity import host_of
from crawler.fetching import guard, ledger
from crawler.fetching.guard import PrivateAddressError
from crawler.fetching.politeness import CrawlIsEnding, HostAskedToWait, HostBlocksUs, polite_hosts


class RobotsUnavailableError(IgnoreRequest):
    """The host's robots.txt could not be fetched, so this run requests nothing from the host."""


class CarefulRobots(RobotsTxtMiddleware):
    """Scrapy's middleware, except that an unreachable robots.txt forbids everything in this run (RFC 9309, 2.3.1.4):
    one that answers 5xx, is cut off or too large, or gives no answer.

    A host on a private address is exempt: nothing is sent to it, and its pages end as `rejected:private-address`.
    Scrapy has no public hook for this, so `_parse_robots` and `_robots_error` are overridden.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unavailable: dict[str, str] = {}
        self._not_asked: dict[str, IgnoreRequest] = {}

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        host = host_of(request.url)
        known = polite_hosts(self.crawler).memory.record(host).crawl_delay
        if response.status >= 500:
            self._unavailable[netloc] = f"answers {response.status}"
        await super()._parse_robots(response, netloc, request)
        if response.status >= 500 or response.status in REFUSALS:  # the Crawl-delay is the one that it told before
            polite_hosts(self.crawler).set_crawl_delay(host, known)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        if isinstance(exc, HostAskedToWait | HostBlocksUs | CrawlIsEnding):
            self._not_asked[netloc] = exc
            super()._robots_error(exc, netloc)
            return
        private = isinstance(exc, PrivateAddressError) and host_of(f"//{netloc}") in guard.refused_hosts
        # RFC 9309 (2.3.1.2): too many redirects count as no robots.txt. Scrapy marks them only by the message.
        too_many_redirects = isinstance(exc, IgnoreRequest) and "redirect" in str(exc)
        if not private and not too_many_redirects:
            self._unavailable[netloc] = f"could not be fetched ({str(exc).rstrip('.') or type(exc).__name__})"
        super()._robots_error(exc, netloc)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raises RobotsUnavailableError, or Scrapy's IgnoreRequest for what robots.txt forbids.

        If the host may not be asked for its robots.txt now, raises for its pages what was raised for that.
        """
        netloc = urlparse_cached(request).netloc
        if error := self._not_asked.get(netloc):
            raise type(error)(str(error))
        try:
            if netloc in self._unavailable:
                raise RobotsUnavailableError(f"the robots.txt of {netloc} {self._unavailable[netloc]}")
            super().process_request_2(rp, request)
        except IgnoreRequest:
            assert self.crawler.stats is not None  # Scrapy creates the stats before any middleware
            ledger.count_forbidden(self.crawler.stats, host_of(request.url))
            raise
