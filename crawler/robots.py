"""robots.txt as RFC 9309 asks, where Scrapy is laxer."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.httpobj import urlparse_cached

from archive.identity import host_of
from crawler import ledger


class RobotsUnavailable(IgnoreRequest):
    """The host's robots.txt could not be had, so nobody knows what it forbids: nothing is asked for in this run."""


class CarefulRobots(RobotsTxtMiddleware):
    """Scrapy's middleware, except that a robots.txt which answers 5xx forbids everything for now (RFC 9309, 2.3.1.4).

    A host that gives no answer at all needs no rule: its pages give none either, and say so under their own name.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unavailable: set[str] = set()

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500:
            self._unavailable.add(netloc)
        await super()._parse_robots(response, netloc, request)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Refuse by name. Raises RobotsUnavailable, and Scrapy's IgnoreRequest for what robots.txt forbids."""
        netloc = urlparse_cached(request).netloc
        try:
            if netloc in self._unavailable:
                raise RobotsUnavailable(f"the robots.txt of {netloc} answers with a server's error")
            super().process_request_2(rp, request)
        except IgnoreRequest:
            assert self.crawler.stats is not None  # Scrapy makes it before any middleware
            ledger.forbidden(self.crawler.stats, host_of(request.url))
            raise
