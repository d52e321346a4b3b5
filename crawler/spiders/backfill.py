"""The spider that reads a source's past, one day after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import date
from typing import Any, ClassVar

from scrapy import Request
from scrapy.exceptions import DontCloseSpider
from sqlalchemy.exc import OperationalError

from archive.records import Listing
from crawler.backfill import BackfillRun, Plan
from crawler.discover import ChildSitemap
from crawler.discover.days import day_of, may_hold
from crawler.extension import extension_of
from crawler.spiders.listings import IndexPage
from crawler.spiders.source import SourceSpider
from sources.definition import DailyIndex

MOST_STORIES = 500_000
"""Stories of sitemaps that are kept in memory at once: about 300 MB. Backfill a longer past in parts."""


class BackfillSpider(SourceSpider):
    """Works day by day: the next day begins when every story of the day before has an outcome.

    Stories come from the daily index. For days older than every index they come from the sitemaps, which are read once,
    before the first day.
    """

    run_class = BackfillRun
    conditional = False
    plan: ClassVar[Plan]

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._days: deque[date] = deque()
        self._day: date | None = None
        self._unread_indexes: set[DailyIndex] = set()
        self._trouble: list[str] = []
        self._sitemap_trouble: str | None = None
        self._stories_by_day: dict[date, list[Listing]] = {}
        self._in_memory = self._without_day = 0
        self._remaining = self.plan.limit

    @property
    def backfill(self) -> BackfillRun:
        """The run."""
        assert isinstance(self.run, BackfillRun)  # see run_class
        return self.run

    async def start(self) -> AsyncIterator[Any]:
        """Request the sitemaps if a day needs them. The first day begins when the spider is idle."""
        self._days.extend(self.backfill.days_to_do(self.plan))
        if any(not self._indexes(day) for day in self._days):
            for url in self.sitemaps:
                yield self.listing_request(url, self.parse_sitemap)

    def _indexes(self, day: date) -> list[DailyIndex]:
        found = [find for find in self.source.finds if isinstance(find, DailyIndex)]
        return [index for index in found if index.oldest is None or day >= index.oldest]

    def on_idle(self) -> None:
        """No request is in progress: end the day and begin the next. Raises DontCloseSpider if there is more to do."""
        try:
            self._next_day()
        except (OSError, OperationalError) as error:
            extension_of(self.crawler).stop_unwritable(error)

    def _next_day(self) -> None:
        if self._day is not None:
            self._end_day(self._day)
        elif self._without_day:
            self.note(f"{self._without_day} stories of the sitemaps have no day, and were skipped.")
            self._without_day = 0
        while self._days and self._remaining != 0:
            self._day = day = self._days.popleft()
            requests = list(self._begin_day(day))
            for request in requests:
                assert self.crawler.engine is not None  # the engine sent spider_idle
                self.crawler.engine.crawl(request)
            if requests:
                raise DontCloseSpider
            self._end_day(day)

    def _begin_day(self, day: date) -> Iterator[Request]:
        self._trouble = []
        self._unread_indexes = set(self._indexes(day))
        if self._unread_indexes:
            for index in self._indexes(day):
                yield self.index_request(IndexPage(index, day))
        elif self.sitemaps:
            if self._sitemap_trouble:
                self._trouble.append(self._sitemap_trouble)
            yield from self.visit_index(day, self._stories_by_day.pop(day, []))
        else:
            self._trouble.append("it is older than the daily index, and the source has no sitemap")

    def _end_day(self, day: date) -> None:
        if self._unread_indexes and not self._trouble:
            self._trouble.append("its index was not read to the end")
        self.backfill.end_day(day, self._trouble[0] if self._trouble else None)
        self._day = None

    def visit_index(self, day: date, listings: Iterable[Listing]) -> Iterator[Request]:  # noqa: ARG002  day is always self._day
        """Request the day's stories that are not archived, up to the limit."""
        taken, over_limit = self.backfill.take_up_missing(listings, self._remaining)
        if self._remaining is not None:
            self._remaining -= len(taken)
        if over_limit:
            self._trouble.append("the limit was reached before all of its stories were requested")
        for address in taken:
            yield self.article_request(address)

    def index_ended(self, page: IndexPage) -> None:
        """One of the day's indexes was read to its end."""
        self._unread_indexes.discard(page.index)

    def visit_sitemap(self, listings: Iterable[Listing]) -> Iterator[Request]:
        """Keep the stories of the days of this backfill until their day begins."""
        for story in self.stories_of(listings):
            day = day_of(story, self.zone)
            if day is None:
                self._without_day += 1
            elif self.plan.first <= day <= self.plan.last and self._in_memory < MOST_STORIES:
                self._stories_by_day.setdefault(day, []).append(story)
                self._in_memory += 1
                if self._in_memory == MOST_STORIES:
                    self.listing_trouble(f"The sitemaps list more than {MOST_STORIES:,} stories of these days.")
        yield from ()

    def should_read(self, child: ChildSitemap) -> bool:
        """Whether a sitemap may list stories of the days of this backfill."""
        return may_hold(child, self.plan.first, self.plan.last, self.zone)

    def listing_trouble(self, sentence: str) -> None:
        """Report it. The current day stays open; an unreadable sitemap keeps open every day that needs sitemaps."""
        super().listing_trouble(sentence)
        if self._day is not None:
            self._trouble.append(sentence)
        else:
            self._sitemap_trouble = self._sitemap_trouble or sentence
