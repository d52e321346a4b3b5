"""The spider that goes through a source's past, one day after the other."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator
from datetime import date
from typing import Any, ClassVar

from scrapy import Request, signals
from scrapy.crawler import Crawler
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
"""Stories of sitemaps that are held in memory at once: about 300 MB. A longer past is gone through in parts."""


class BackfillSpider(SourceSpider):
    """Days come one by one: the next begins when each story of the one before has come to its end.

    The way is the daily index; for days that no index reaches, the sitemaps, which are read once, before the first day.
    """

    run_class = BackfillRun
    plan: ClassVar[Plan]

    @classmethod
    def from_crawler(cls, crawler: Crawler, *arguments: Any, **named: Any) -> BackfillSpider:
        spider = super().from_crawler(crawler, *arguments, **named)
        crawler.signals.connect(spider.all_ended, signals.spider_idle)
        return spider

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._days: deque[date] = deque()
        self._day: date | None = None
        self._unread: set[DailyIndex] = set()
        self._trouble: list[str] = []
        self._sitemap_trouble: str | None = None
        self._of_sitemaps: dict[date, list[Listing]] = {}
        self._held = self._dateless = 0
        self._left = self.plan.limit

    @property
    def backfill(self) -> BackfillRun:
        """The run, as the backfill that it is."""
        assert isinstance(self.run, BackfillRun)  # run_class
        return self.run

    async def start(self) -> AsyncIterator[Any]:
        """The sitemaps, where a day needs them; the days follow as soon as nothing is under way."""
        self._days.extend(self.backfill.days_to_do(self.plan))
        if any(not self._indexes(day) for day in self._days):
            for url in self.sitemaps:
                yield self.listing_request(url, self.parse_sitemap)

    def _indexes(self, day: date) -> list[DailyIndex]:
        found = [find for find in self.source.finds if isinstance(find, DailyIndex)]
        return [index for index in found if index.oldest is None or day >= index.oldest]

    def all_ended(self) -> None:
        """Nothing is under way: end the day, begin the next. Raises DontCloseSpider where there is more to do."""
        try:
            self._go_on()
        except (OSError, OperationalError) as error:
            extension_of(self.crawler).stop_unwritable(error)

    def _go_on(self) -> None:
        if self._day is not None:
            self._end_day(self._day)
        elif self._dateless:
            self.note(f"{self._dateless} stories of the sitemaps tell no day, and were left out.")
            self._dateless = 0
        while self._days and self._left != 0:
            self._day = day = self._days.popleft()
            requests = list(self._begin(day))
            for request in requests:
                assert self.crawler.engine is not None  # it has just said that it is idle
                self.crawler.engine.crawl(request)
            if requests:
                raise DontCloseSpider
            self._end_day(day)

    def _begin(self, day: date) -> Iterator[Request]:
        self._trouble = []
        self._unread = set(self._indexes(day))
        if self._unread:
            for index in self._indexes(day):
                yield self.index_request(IndexPage(index, day))
        elif self.sitemaps:
            if self._sitemap_trouble:
                self._trouble.append(self._sitemap_trouble)
            yield from self.visit_index(day, self._of_sitemaps.pop(day, []))
        else:
            self._trouble.append("it is older than its index, and the source has no sitemap")

    def _end_day(self, day: date) -> None:
        if self._unread and not self._trouble:
            self._trouble.append("its index was not read to the end")
        self.backfill.end_day(day, self._trouble[0] if self._trouble else None)
        self._day = None

    def visit_index(self, day: date, listings: Iterable[Listing]) -> Iterator[Request]:  # noqa: ARG002  it is self._day
        """Ask for the day's stories that are not archived, as far as the limit goes."""
        taken, left_out = self.backfill.take_up_missing(listings, self._left)
        if self._left is not None:
            self._left -= len(taken)
        if left_out:
            self._trouble.append("the limit was reached before all of its stories were asked for")
        for address in taken:
            yield self.article_request(address)

    def index_ended(self, page: IndexPage) -> None:
        """One of the day's indexes was read to its end."""
        self._unread.discard(page.index)

    def visit_sitemap(self, listings: Iterable[Listing]) -> Iterator[Request]:
        """Keep the stories of the days that are asked for, until their day comes."""
        for story in self.stories_of(listings):
            day = day_of(story, self.zone)
            if day is None:
                self._dateless += 1
            elif self.plan.first <= day <= self.plan.last and self._held < MOST_STORIES:
                self._of_sitemaps.setdefault(day, []).append(story)
                self._held += 1
                if self._held == MOST_STORIES:
                    self.listing_trouble(f"The sitemaps list more than {MOST_STORIES:,} stories of these days.")
        yield from ()

    def wanted_sitemap(self, further: ChildSitemap) -> bool:
        """Whether a sitemap may hold stories of the days that are asked for."""
        return may_hold(further, self.plan.first, self.plan.last, self.zone)

    def listing_trouble(self, sentence: str) -> None:
        """A day whose index has trouble stays open; trouble with a sitemap may concern any day that needs them."""
        super().listing_trouble(sentence)
        if self._day is not None:
            self._trouble.append(sentence)
        else:
            self._sitemap_trouble = self._sitemap_trouble or sentence
