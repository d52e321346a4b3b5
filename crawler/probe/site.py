"""One publisher's site, requested one address at a time through the crawler's own middlewares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.fetching.robots import CarefulRobots
from crawler.spiders.failures import FAILURES, describe
from kliping.config import PRODUCT_TOKEN

_NO_ANSWER: tuple[type[Exception], ...] = (IgnoreRequest, *(kind for kind, _ in FAILURES))


@dataclass(frozen=True, slots=True)
class SiteAnswer:
    """A response to one request; `url` is the address after redirects."""

    url: str
    status: int
    content_type: str | None
    content: bytes


@dataclass(frozen=True, slots=True)
class RobotsAnswer:
    """A host's robots.txt: the status, and the text if the status is 200; or why the host gave no answer."""

    status: int | None
    text: str | None
    error: str | None


class RecordingRobots(CarefulRobots):
    """The crawler's robots.txt middleware, which also records each host's answer.

    Scrapy's public signal `robots_parsed` has neither the status nor the failure, so this overrides Scrapy's hooks.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.answers: dict[str, RobotsAnswer] = {}

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        text = response.body[:64_000].decode("utf-8", "replace") if response.status == 200 else None
        self.answers[netloc] = RobotsAnswer(response.status, text, None)
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self.answers[netloc] = RobotsAnswer(None, None, _reason(exc))
        super()._robots_error(exc, netloc)


class ProbedSite:
    """Requests addresses one after the other."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    async def request(self, url: str) -> SiteAnswer | str:
        """The site's answer, or the reason why there was none."""
        assert self._crawler.engine is not None  # the engine runs the spider that calls this
        try:
            response = await self._crawler.engine.download_async(Request(url, dont_filter=True))
        except _NO_ANSWER as error:
            return _reason(error)
        kind = response.headers.get("Content-Type")
        return SiteAnswer(response.url, response.status, kind.decode("latin-1") if kind else None, response.body)

    async def robots(self, url: str) -> dict[str, Any]:
        """The robots.txt of the address's host, and the Crawl-delay in seconds that it asks of us, as JSON fields."""
        middleware = self._crawler.get_downloader_middleware(RecordingRobots)
        assert isinstance(middleware, RecordingRobots)  # crawler/probe/__main__.py installs it
        rules = await middleware.robot_parser(Request(url))
        netloc = urlsplit(url).netloc
        answer = middleware.answers[netloc]
        delay = rules.crawl_delay(PRODUCT_TOKEN) if rules else None
        return {
            "address": f"{urlsplit(url).scheme}://{netloc}/robots.txt",
            "status": answer.status,
            "error": answer.error,
            "crawl_delay": delay or None,
            "text": answer.text,
        }


def _reason(error: Exception) -> str:
    """Why a request got no answer, without a full stop."""
    message = str(error).rstrip(".")
    if isinstance(error, IgnoreRequest) and "robots.txt" in message and "Forbidden" in message:
        return "robots.txt forbids it"
    return message or next((describe(outcome) for kind, outcome in FAILURES if isinstance(error, kind)), "")
