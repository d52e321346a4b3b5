"""The half of the spider that finds addresses: feeds, sitemaps, daily indexes and front pages, each of them bounded.

A listing that cannot be read is a sentence in the run's verdict, and never ends the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import scrapy
from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.addresses import Address
from archive.identity import BadAddressError, canonical_key
from archive.records import Listing
from crawler import discover
from crawler.discover.links import has_pages
from crawler.discover.text import LARGEST
from crawler.extension import run_of
from crawler.run import CrawlRun
from crawler.spiders.failures import reason_of
from kliping.config import Settings
from sources.definition import DailyIndex, Feed, Finding, FrontPage, NewsSitemap, Sitemap, Source

MOST_SITEMAPS = 500
"""Sitemap files read in one run; a run that meets more says so. A publisher's whole past is `backfill`'s work."""

SETTLED = timedelta(days=7)
"""A sitemap that has not changed since so long before the last harvest was read then, or on a night before."""

MOST_INDEX_PAGES = 200
"""Pages of one day's index; the busiest publishers print some twenty-five, and an index without end is none."""

_BATCH = 1_000
"""Addresses of a sitemap that are remembered in one transaction."""


@dataclass(frozen=True, slots=True)
class IndexPage:
    """A page of a day's index that was asked for, and the stories that the pages before it listed."""

    index: DailyIndex
    day: date
    number: int = 1
    seen: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        return discover.index_address(self.index, self.day, self.number)


class ListingSpider(scrapy.Spider):
    """Reads what a source's `finds` name, and asks for each story that is worth a visit."""

    source: ClassVar[Source]
    run_class: ClassVar[type[CrawlRun]] = CrawlRun

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._listings_asked: set[str] = set()

    @property
    def run(self) -> CrawlRun:
        """The run that this crawl writes."""
        return run_of(self.crawler)

    @property
    def zone(self) -> ZoneInfo:
        """The zone of the source's clock."""
        return ZoneInfo(self.source.zone)

    def article_request(self, address: Address) -> Request:
        """The request for one article; the other half of the spider."""
        raise NotImplementedError

    def listings_now(self, now: datetime) -> Iterator[Request]:
        """What a nightly crawl reads. A daily index serves where neither feed nor sitemap is known: today's and
        yesterday's, in the source's zone."""
        feeds = tuple(find.url for find in self.finds if isinstance(find, Feed))
        sitemaps = self.sitemaps
        for url in feeds:
            yield self.listing_request(url, self.parse_feed)
        for url in sitemaps:
            yield self.listing_request(url, self.parse_sitemap)
        for find in self.finds:
            if isinstance(find, FrontPage):
                yield self.listing_request(find.url, self.parse_front_page, find=find)
            elif isinstance(find, DailyIndex) and not feeds and not sitemaps:
                today = now.astimezone(self.zone).date()
                for day in (today, today - timedelta(days=1)):
                    yield self.index_request(IndexPage(find, day))

    @property
    def finds(self) -> tuple[Finding, ...]:
        """The ways in which the source's articles are found, as the settings have it."""
        return self.source.configured_finds(self._settings.of_source(self.source.name))

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps and news sitemaps among them."""
        return tuple(find.url for find in self.finds if isinstance(find, Sitemap | NewsSitemap))

    @property
    def _settings(self) -> Settings:
        settings: Settings = self.crawler.settings["KLIPING"]
        return settings

    def listing_request(self, url: str, callback: Any, **more: Any) -> Request:
        """A request for a listing, before any article's; the file may be as large as sitemaps are allowed to be."""
        self.run.feeds += 1
        self._listings_asked.add(url)
        largest = max(LARGEST, self._settings.max_page_bytes)
        return Request(
            url,
            callback=callback,
            errback=self.listing_failed,
            priority=10,
            dont_filter=True,
            meta={"download_maxsize": largest},
            cb_kwargs=more,
        )

    def index_request(self, page: IndexPage) -> Request:
        """A request for a page of a daily index."""
        return self.listing_request(page.url, self.parse_index, page=page)

    def parse_feed(self, response: Response) -> Iterator[Request]:
        """Stories of a feed: each is visited, because feeds are short and say nothing of changes."""
        if self._answered(response):
            listings = discover.read_feed(response.body, response.url, zone=self.zone)
            yield from self._visit(self._readable(listings, response), always=True)

    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        """Stories of a sitemap, and the sitemaps that an index names, the youngest first."""
        if not self._answered(response):
            return
        further: list[discover.ChildSitemap] = []
        pages: list[Listing] = []
        for each in self._readable(discover.read_sitemap(response.body, response.url, zone=self.zone), response):
            if isinstance(each, discover.ChildSitemap):
                further.append(each)
                continue
            pages.append(each)
            if len(pages) == _BATCH:
                yield from self.visit_sitemap(pages)
                pages = []
        yield from self.visit_sitemap(pages)
        yield from self._further(further, response)

    def visit_sitemap(self, listings: Iterable[Listing]) -> Iterator[Request]:
        """Ask for what a sitemap lists and is new, or has changed since the last fetch."""
        return self._visit(listings, always=False)

    def wanted_sitemap(self, further: discover.ChildSitemap) -> bool:
        """Whether a sitemap that an index names is read: not again where it says that it has long been the same."""
        since = self.run.last_harvest
        return since is None or further.changed_at is None or further.changed_at >= since - SETTLED

    def _further(self, further: list[discover.ChildSitemap], response: Response) -> Iterator[Request]:
        oldest = datetime.min.replace(tzinfo=UTC)
        for each in sorted(further, key=lambda each: each.changed_at or oldest, reverse=True):
            if not self.source.owns(each.url):
                self.note(f"The sitemap {response.url} names {each.url}, which is not the source's own.")
            elif each.url in self._listings_asked or not self.wanted_sitemap(each):
                continue
            elif self.run.feeds >= MOST_SITEMAPS:
                self.listing_trouble(f"More than {MOST_SITEMAPS} sitemaps; the rest was not read.")
                return
            else:
                yield self.listing_request(each.url, self.parse_sitemap)

    def parse_front_page(self, response: Response, find: FrontPage) -> Iterator[Request]:
        """Stories of a front page: as a feed's, for it holds the same few newest ones."""
        if self._answered(response):
            yield from self._visit(self._linked(response, find) or (), always=True)

    def parse_index(self, response: Response, page: IndexPage) -> Iterator[Request]:
        """Stories of a page of a day's index, and the next page.

        The index ends with a page that lists no story which those before it did not: an empty one, the last one once
        more, or one of teasers alone; also with one that is not there or leads elsewhere.
        """
        if page.number > 1 and (response.status in (404, 410) or led_elsewhere(response)):
            self.index_ended(page)
            return
        if not self._answered(response):
            return
        if led_elsewhere(response):
            self.listing_trouble(f"{page.url} leads elsewhere, to {response.url}.")
            return
        listings = self._linked(response, page.index)
        if listings is None:
            return
        new = [each for each in discover.choose(listings, self.source).stories if each.url not in page.seen]
        page.seen.update(each.url for each in new)
        yield from self.visit_index(page.day, new)
        if not new or not has_pages(page.index):
            self.index_ended(page)
        elif page.number >= MOST_INDEX_PAGES:
            self.listing_trouble(f"The index of {page.day} has more than {MOST_INDEX_PAGES} pages.")
        else:
            yield self.index_request(replace(page, number=page.number + 1))

    def visit_index(self, day: date, listings: Iterable[Listing]) -> Iterator[Request]:  # noqa: ARG002  backfill's
        """Ask for what an index of today or yesterday lists: each story once on each of these nights."""
        return self._visit(listings, always=True)

    def index_ended(self, page: IndexPage) -> None:
        """The index of a day was read to its end."""

    def _linked(self, response: Response, find: DailyIndex | FrontPage) -> tuple[Listing, ...] | None:
        """The links of a page; None, and a sentence for the verdict, where it cannot be read."""
        kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
        try:
            return discover.read_links(response.body, response.url, links=find.links, content_type=kind)
        except discover.BadListingError as error:
            self.listing_trouble(f"The page {response.url} cannot be read: {error}.")
            return None

    def _readable(self, listings: Iterator[Any], response: Response) -> Iterator[Any]:
        """The listings up to where they break off, which is a sentence for the verdict."""
        try:
            yield from listings
        except discover.BadListingError as error:
            self.listing_trouble(f"{response.url} cannot be read: {error}.")

    def _answered(self, response: Response) -> bool:
        if response.status != 200:
            self.listing_trouble(f"{response.url} answered {response.status}.")
        return response.status == 200

    def listing_failed(self, failure: Failure) -> None:
        """A listing that gave no answer: the run goes on, and its verdict says so."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it on every failure of a request
        self.listing_trouble(f"{request.url} gave no answer: {reason_of(failure)[1].rstrip('.')}.")

    def listing_trouble(self, sentence: str) -> None:
        """A listing could not be read, or not to its end."""
        self.note(sentence)

    def note(self, sentence: str) -> None:
        """Say in the run's verdict what needs a look."""
        self.logger.warning(sentence)
        self.run.trouble.append(sentence)

    def _visit(self, listings: Iterable[Listing], *, always: bool) -> Iterator[Request]:
        for address in self.run.take_up_listed(self.stories_of(listings), always=always):
            yield self.article_request(address)

    def stories_of(self, listings: Iterable[Listing]) -> tuple[Listing, ...]:
        """The stories among the listings; private hosts are told of, for an honest listing has none."""
        chosen = discover.choose(listings, self.source)
        if chosen.private:
            hosts = ", ".join(sorted(chosen.private)[:3])
            self.note(f"A listing names addresses on private hosts ({hosts}); they were left out.")
        return chosen.stories


def led_elsewhere(response: Response) -> bool:
    """Whether redirects led to another address; from http to https, or to the first part of an article, is none."""
    asked = response.meta.get("redirect_urls", [response.url])[0]
    try:
        return canonical_key(asked) != canonical_key(response.url)
    except BadAddressError:
        return True
