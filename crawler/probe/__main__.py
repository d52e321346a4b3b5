"""A few polite requests to a publisher's site, outside any run: `python -m crawler.probe TASK ARGUMENT`.

All requests go through the crawler's own middlewares: robots.txt, delays, Retry-After, size limits and the guard
against private addresses (docs/fetching.md). The caller holds the lease of the politeness group. The process prints one
JSON document to standard output and writes nothing else. Tasks: `check SOURCE`, `robots SOURCE` and `page ADDRESS`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import scrapy
from scrapy.crawler import CrawlerProcess
from scrapy.utils.project import get_project_settings

import sources
from crawler import settings as crawl_settings
from crawler.probe.check import check, check_robots
from crawler.probe.child import TIME_LIMIT
from crawler.probe.draft import fetch_page
from crawler.probe.site import ProbedSite, RecordingRobots
from kliping import streams
from kliping.config import SourceSettings

UNKNOWN_SITE_DELAY = 5.0
"""Seconds between two requests to a publisher that has no source file."""

Task = Callable[[ProbedSite], Awaitable[Mapping[str, Any]]]


class ProbeSpider(scrapy.Spider):
    """Runs one task when it starts, and crawls nothing."""

    name = "probe"
    task: Task
    answer: Mapping[str, Any] | None = None

    async def start(self) -> AsyncIterator[Any]:
        """Run the task; no request follows it."""
        self.answer = await type(self).task(ProbedSite(self.crawler))
        return
        yield  # Scrapy needs an async generator; without a yield this would be a coroutine


def _task_of(name: str, argument: str, configured: SourceSettings) -> tuple[Task, float]:
    """The task of that name, and the delay between its requests in seconds."""
    if name == "page":
        return lambda site: fetch_page(site, argument), UNKNOWN_SITE_DELAY
    source = sources.load(argument)
    finds = source.configured_finds(configured)
    delay = source.configured_delay(configured)
    if name == "robots":
        return lambda site: check_robots(site, finds), delay
    return lambda site: check(site, source, finds), delay


def main() -> int:
    """Run one task, print its answer and return the exit status."""
    streams.prepare()
    name, argument = sys.argv[1:]
    settings = get_project_settings()
    settings.setmodule(crawl_settings, priority="project")
    task, delay = _task_of(name, argument, settings["KLIPING"].of_source(argument))
    middlewares = settings.getdict("DOWNLOADER_MIDDLEWARES")
    settings.update(
        {
            "DOWNLOAD_DELAY": delay,
            "CLOSESPIDER_TIMEOUT": TIME_LIMIT,
            "EXTENSIONS": {"crawler.extension.RunExtension": None},
            "ITEM_PIPELINES": {},
            "LOG_LEVEL": "WARNING",
            "DOWNLOADER_MIDDLEWARES": {
                **middlewares,
                "crawler.fetching.robots.CarefulRobots": None,
                RecordingRobots: middlewares["crawler.fetching.robots.CarefulRobots"],
            },
        },
        priority="cmdline",
    )
    process = CrawlerProcess(settings)
    crawler = process.create_crawler(type("OneTaskSpider", (ProbeSpider,), {"task": staticmethod(task)}))
    process.crawl(crawler)
    process.start()
    answer = crawler.spider.answer if isinstance(crawler.spider, ProbeSpider) else None
    if answer is None:
        return 1
    sys.stdout.write(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main())
