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
from crawler.fetching import guard, ledger
from crawler.fetching.guard import PrivateAddressError


class RobotsUnavailableError(IgnoreRequest):
    """The host's robots.txt could not be had, so nobody knows what it forbids: nothing is asked for in this run."""


class CarefulRobots(RobotsTxtMiddleware):
    """Scrapy's middleware, except that a robots.txt which cannot be had forbids everything for now (RFC 9309, 2.3.1.4):
    one that answers 5xx, is cut off or too large, or does not answer though its host may answer a moment later.

    A host on a private address needs no rule: nothing is ever sent to it, and its pages say so under their own name.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._unavailable: dict[str, str] = {}

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500:
            self._unavailable[netloc] = f"answers {response.status}"
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        private = isinstance(exc, PrivateAddressError) and host_of(f"//{netloc}") in guard.refused
        # of redirects without end RFC 9309 (2.3.1.2) says that they count as none; Scrapy has no other name for them
        endless = isinstance(exc, IgnoreRequest) and "redirect" in str(exc)
        if not private and not endless:
            self._unavailable[netloc] = f"could not be had ({str(exc).rstrip('.') or type(exc).__name__})"
        super()._robots_error(exc, netloc)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Refuse by name. Raises RobotsUnavailableError, and Scrapy's IgnoreRequest for what robots.txt forbids."""
        netloc = urlparse_cached(request).netloc
        try:
            if netloc in self._unavailable:
                raise RobotsUnavailableError(f"the robots.txt of {netloc} {self._unavailable[netloc]}")
            super().process_request_2(rp, request)
        except IgnoreRequest:
            assert self.crawler.stats is not None  # Scrapy makes it before any middleware
            ledger.forbidden(self.crawler.stats, host_of(request.url))
            raise
