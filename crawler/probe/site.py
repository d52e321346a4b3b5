"""A few polite questions to a publisher's site, outside any run: `python -m crawler.probe.site TASK ARGUMENT`.

Everything goes the crawler's own ways: robots.txt, delays, Retry-After, limits of size and the guard against private
addresses (DESIGN, decision 16). Whoever calls holds the lease of the politeness group. The child prints one JSON
document and writes nothing else. Tasks: `check SOURCE`, `robots SOURCE` and `page ADDRESS`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import scrapy
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.fetching.robots import CarefulRobots
from crawler.spiders.failures import FAILURES, words_of
from kliping.config import PRODUCT_TOKEN, SourceSettings

TIME_LIMIT = 600
"""Seconds after which a probe is ended. It asks for a dozen addresses at most, some seconds apart."""

STRANGERS_DELAY = 5.0
"""Seconds between two requests to a publisher whom no source describes."""

_NO_ANSWER: tuple[type[Exception], ...] = (IgnoreRequest, *(kind for kind, _ in FAILURES))


class ProbeFailedError(Exception):
    """The child gave no answer; the message is one sentence."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What an address answered, after redirects: `url` is the last."""

    url: str
    status: int
    content_type: str | None
    content: bytes


@dataclass(frozen=True, slots=True)
class RobotsSeen:
    """A host's robots.txt: its status, and its text where that is 200; or why there was no answer."""

    status: int | None
    text: str | None
    error: str | None


class TellingRobots(CarefulRobots):
    """The crawler's own robots.txt middleware, except that it can tell what it saw."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.seen: dict[str, RobotsSeen] = {}

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        text = response.body[:64_000].decode("utf-8", "replace") if response.status == 200 else None
        self.seen[netloc] = RobotsSeen(response.status, text, None)
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        self.seen[netloc] = RobotsSeen(None, None, _why(exc))
        super()._robots_error(exc, netloc)

    def crawl_delay(self, netloc: str) -> float | None:
        """How long the host's robots.txt asks us to wait between two requests, in seconds."""
        rules = getattr(self._parsers.get(netloc), "rp", None)
        delay = rules.crawl_delay(PRODUCT_TOKEN) if rules else None
        return float(delay) if delay else None


class ProbedSite:
    """Asks one address after the other."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    async def ask(self, url: str) -> Answered | str:
        """The answer of an address, or why there is none."""
        assert self._crawler.engine is not None  # it runs the spider that asks
        try:
            response = await self._crawler.engine.download_async(Request(url, dont_filter=True))
        except _NO_ANSWER as error:
            return _why(error)
        kind = response.headers.get("Content-Type")
        return Answered(response.url, response.status, kind.decode("latin-1") if kind else None, response.body)

    async def robots(self, url: str) -> dict[str, Any]:
        """What the robots.txt of an address's host says, of us and at all, as JSON writes it."""
        middleware = self._crawler.get_downloader_middleware(TellingRobots)
        assert isinstance(middleware, TellingRobots)  # `_settings` put it there
        await middleware.robot_parser(Request(url))
        netloc = urlsplit(url).netloc
        seen = middleware.seen[netloc]
        return {
            "address": f"{urlsplit(url).scheme}://{netloc}/robots.txt",
            "status": seen.status,
            "error": seen.error,
            "crawl_delay": middleware.crawl_delay(netloc),
            "text": seen.text,
        }


def _why(error: Exception) -> str:
    said = str(error).rstrip(".")
    if isinstance(error, IgnoreRequest) and "robots.txt" in said and "Forbidden" in said:
        return "robots.txt forbids it"
    return said or next((words_of(outcome) for kind, outcome in FAILURES if isinstance(error, kind)), "")


Task = Callable[[ProbedSite], Awaitable[Mapping[str, Any]]]


class ProbeSpider(scrapy.Spider):
    """Carries out one task as its start, and crawls nothing."""

    name = "probe"
    task: Task
    found: Mapping[str, Any] | None = None

    async def start(self) -> AsyncIterator[Any]:
        """Do the task; there is nothing to crawl after it."""
        self.found = await type(self).task(ProbedSite(self.crawler))
        return
        yield  # a coroutine that yields nothing is no async iterator


def run(task: str, argument: str) -> dict[str, Any]:
    """Carry out a task in a child process, and give its answer. Raises ProbeFailedError."""
    command = [sys.executable, "-m", "crawler.probe.site", task, argument]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT, check=False)
    except subprocess.TimeoutExpired as error:
        raise ProbeFailedError(f"The site gave no answers within {TIME_LIMIT} seconds") from error
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise ProbeFailedError(lines[-1] if lines else f"The child ended with status {done.returncode}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _task_of(name: str, argument: str, configured: SourceSettings) -> tuple[Task, float]:
    """The task of that name, and the delay between its requests, in seconds."""
    import sources
    from crawler.probe import draft
    from crawler.probe.check import check, look_at_robots

    if name == "page":
        return lambda site: draft.fetch(site, argument), STRANGERS_DELAY
    source = sources.load(argument)
    finds = source.found_by(configured)
    delay = source.delay_by(configured)
    if name == "robots":
        return lambda site: look_at_robots(site, finds), delay
    return lambda site: check(site, source, finds), delay


def main() -> int:
    """The child: do one task, print its answer."""
    from scrapy.crawler import CrawlerProcess
    from scrapy.utils.project import get_project_settings

    from crawler import settings as our_settings

    name, argument = sys.argv[1:]
    settings = get_project_settings()
    settings.setmodule(our_settings, priority="project")
    task, delay = _task_of(name, argument, settings["KLIPING"].of_source(argument))
    settings.update(
        {
            "DOWNLOAD_DELAY": delay,
            "CLOSESPIDER_TIMEOUT": TIME_LIMIT,
            "EXTENSIONS": {"crawler.extension.RunExtension": None},
            "ITEM_PIPELINES": {},
            "LOG_LEVEL": "WARNING",
            "DOWNLOADER_MIDDLEWARES": {
                **settings.getdict("DOWNLOADER_MIDDLEWARES"),
                "crawler.fetching.robots.CarefulRobots": None,
                TellingRobots: settings.getdict("DOWNLOADER_MIDDLEWARES")["crawler.fetching.robots.CarefulRobots"],
            },
        },
        priority="cmdline",
    )
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(type("OneTaskSpider", (ProbeSpider,), {"task": staticmethod(task)}))
    process.crawl(crawler)
    process.start()
    found = crawler.spider.found if isinstance(crawler.spider, ProbeSpider) else None
    if found is None:
        return 1
    sys.stdout.write(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
