"""The base class of the spider, which reads feeds, sitemaps, daily indexes and front pages, all within limits.

A listing that cannot be read is a sentence in the run's verdict; the other listings are read all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import scrapy
from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.addresses import Address
from archive.deadline import page_deadline
from archive.identity import BadAddressError, canonical_key
from archive.listings import ListingRecord
from archive.records import PAGE_STATUSES, Listing, Rejected
from crawler import discover
from crawler.discover.links import is_paged
from crawler.discover.text import LARGEST
from crawler.extension import run_of
from crawler.fetching.politeness import CrawlIsEnding
from crawler.run import CrawlRun
from crawler.spiders.failures import outcome_of
from crawler.spiders.reading import KNOWN, ListingReading
from kliping.config import Settings
from sources.definition import DailyIndex, Feed, Finding, FrontPage, NewsSitemap, Sitemap, Source

MOST_SITEMAPS = 500
"""Sitemap files read in one run; the verdict says if there are more. To read a whole past, use `kliping backfill`."""

REREAD_WITHIN = timedelta(days=7)
"""A sitemap that changed later than this before the last harvest is read again. An older one has been read by then."""

MOST_INDEX_PAGES = 200
"""Pages of one day's index. The busiest publishers have about twenty-five; an endless index stops here."""

_BATCH = 1_000
"""Addresses of a sitemap that are stored in one transaction."""


@dataclass(frozen=True, slots=True)
class IndexPage:
    """A requested page of a day's index, and the stories listed on the pages before it."""

    index: DailyIndex
    day: date
    number: int = 1
    seen: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        return discover.index_address(self.index, self.day, self.number)


class ListingSpider(scrapy.Spider):
    """Reads the listings in a source's `finds`, and requests each story that needs a visit."""

    source: ClassVar[Source]
    run_class: ClassVar[type[CrawlRun]] = CrawlRun
    conditional: ClassVar[bool] = True
    """Whether a listing that has not changed may be answered by 304. A backfill needs all that stands in it."""
    visits_known: ClassVar[bool] = True
    """Whether stories that a feed or front page lists are visited again although they are archived."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._requested_listings: set[str] = set()

    @property
    def run(self) -> CrawlRun:
        """The run of this crawl."""
        return run_of(self.crawler)

    @property
    def zone(self) -> ZoneInfo:
        """The source's time zone."""
        return ZoneInfo(self.source.zone)

    def article_request(self, address: Address) -> Request:
        """The request for one article; SourceSpider implements it."""
        raise NotImplementedError

    def listings_now(self, now: datetime) -> Iterator[Request]:
        """Requests for the listings of a nightly crawl. Daily indexes of today and yesterday, in the source's zone, are
        read only if the source has neither feeds nor sitemaps."""
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
        """The source's listings, with the settings applied."""
        return self.source.configured_finds(self._settings.of_source(self.source.name))

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps and news sitemaps among them."""
        return tuple(find.url for find in self.finds if isinstance(find, Sitemap | NewsSitemap))

    @property
    def _settings(self) -> Settings:
        settings: Settings = self.crawler.settings["KLIPING"]
        return settings

    def listing_request(self, url: str, parse: Any, *, whole: bool = False, **more: Any) -> Request:
        """A request for a listing, sent before those for articles; sitemaps may be larger than pages.

        It is conditional if an earlier crawl has read the listing, unless it must be `whole`.
        """
        self.run.feeds += 1
        self._requested_listings.add(url)
        known = self.run.known_listing(url) if self.conditional and not whole else None
        validators = (("If-None-Match", known.etag), ("If-Modified-Since", known.last_modified)) if known else ()
        return Request(
            url,
            headers={name: value for name, value in validators if value},
            callback=self.parse_listing,
            errback=self.listing_failed,
            priority=10,
            dont_filter=True,
            meta={"download_maxsize": max(LARGEST, self._settings.max_page_bytes), KNOWN: known},
            cb_kwargs={"parse": parse, "more": more},
        )

    def parse_listing(self, response: Response, parse: Any, more: dict[str, Any]) -> Iterator[Request]:
        """Read a listing. One that redirects elsewhere than before is asked for again: its 304 says nothing."""
        known: ListingRecord | None = response.meta.get(KNOWN)
        if response.status == 304 and known is not None and known.final_url != response.url:
            yield self.listing_request(known.url, parse, whole=True, **more)
            return
        yield from parse(response, **more)

    def index_request(self, page: IndexPage) -> Request:
        """A request for a page of a daily index."""
        return self.listing_request(page.url, self.parse_index, page=page)

    def parse_feed(self, response: Response) -> Iterator[Request]:
        """Request each story of a feed, because feeds are short and do not say what changed."""
        if self._is_ok(response):
            reading = self._reading(response)
            read = partial(discover.read_feed, response.body, response.url, zone=self.zone)
            yield from self._visit(reading.pages(read), always=self.visits_known)
            reading.end()

    def parse_sitemap(self, response: Response) -> Iterator[Request | None]:
        """Request stories of a sitemap, and the sitemaps of a sitemap index, the newest first."""
        if not self._is_ok(response):
            return
        children: list[discover.ChildSitemap] = []
        pages: list[Listing] = []
        reading = self._reading(response)
        for each in reading.entries(partial(discover.read_sitemap, response.body, response.url, zone=self.zone)):
            if isinstance(each, discover.ChildSitemap):
                children.append(each)
                continue
            pages.append(each)
            if len(pages) == _BATCH:
                yield from self.visit_sitemap(pages)
                yield None  # a sitemap of 300,000 addresses takes a minute: others have their turn in between
                pages = []
        yield from self.visit_sitemap(pages)
        reading.end()
        yield from self._request_children(children, response)

    def visit_sitemap(self, listings: Iterable[Listing]) -> Iterator[Request]:
        """Request the listed stories that are new, or changed since the last fetch."""
        return self._visit(listings, always=False)

    def should_read(self, child: discover.ChildSitemap) -> bool:
        """Whether to read a sitemap of a sitemap index: not if it has not changed for long."""
        since = self.run.last_harvest
        return since is None or child.changed_at is None or child.changed_at >= since - REREAD_WITHIN

    def _request_children(self, children: list[discover.ChildSitemap], response: Response) -> Iterator[Request]:
        oldest = datetime.min.replace(tzinfo=UTC)
        for each in sorted(children, key=lambda each: each.changed_at or oldest, reverse=True):
            if not self.source.owns(each.url):
                self.note(f"The sitemap {response.url} names {each.url}, which is on none of the source's domains.")
            elif each.url in self._requested_listings or not self.should_read(each):
                continue
            elif self.run.feeds >= MOST_SITEMAPS:
                self.listing_trouble(f"There are more than {MOST_SITEMAPS} sitemaps; the rest was not read.")
                return
            else:
                yield self.listing_request(each.url, self.parse_sitemap)

    def parse_front_page(self, response: Response, find: FrontPage) -> Iterator[Request]:
        """Request each story of a front page, as for a feed: it lists the same few newest stories."""
        if self._is_ok(response):
            reading = self._reading(response)
            yield from self._visit(reading.pages(partial(_links_of, response, find)), always=self.visits_known)
            reading.end()

    def parse_index(self, response: Response, page: IndexPage) -> Iterator[Request]:
        """Request the stories of one page of a day's index, and the next page.

        The index ends at a page without new stories: an empty page, the last page again, or a page with only teasers.
        It also ends at a later page that is missing or redirects to another address.
        """
        if page.number > 1 and (response.status in (404, 410) or redirected_elsewhere(response)):
            self.index_ended(page)
            return
        if not self._is_ok(response):
            return
        if redirected_elsewhere(response):
            self.listing_trouble(f"{page.url} redirects to {response.url}.")
            return
        reading = self._reading(response)
        listings = tuple(reading.pages(partial(_links_of, response, page.index)))
        if reading.failed:
            return
        new = [each for each in discover.choose(listings, self.source).stories if each.url not in page.seen]
        page.seen.update(each.url for each in new)
        yield from self.visit_index(page.day, new)
        reading.end()
        if not new or not is_paged(page.index):
            self.index_ended(page)
        elif page.number >= MOST_INDEX_PAGES:
            self.listing_trouble(f"The index of {page.day} has more than {MOST_INDEX_PAGES} pages.")
        else:
            yield self.index_request(replace(page, number=page.number + 1))

    def visit_index(self, day: date, listings: Iterable[Listing]) -> Iterator[Request]:  # noqa: ARG002  BackfillSpider needs it
        """Request each story that an index of today or yesterday lists, so each story is visited on two nights."""
        return self._visit(listings, always=True)

    def index_ended(self, page: IndexPage) -> None:
        """Called when the index of a day was read to its end."""

    def _reading(self, response: Response) -> ListingReading:
        return ListingReading(self.run, response, self.listing_trouble)

    def _is_ok(self, response: Response) -> bool:
        """Whether the answer is the listing, or says that it is as it was when an earlier crawl read it."""
        ok = response.status in PAGE_STATUSES or (response.status == 304 and response.meta.get(KNOWN) is not None)
        if not ok:
            self.listing_trouble(f"{response.url} answered {response.status}.")
        return ok

    def listing_failed(self, failure: Failure) -> None:
        """A listing's request failed: the verdict says so, and the crawl continues."""
        if isinstance(failure.value, CrawlIsEnding):
            return
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it on every failure of a request
        self.listing_trouble(f"{request.url} gave no answer: {outcome_of(failure)[1].rstrip('.')}.")

    def listing_trouble(self, sentence: str) -> None:
        """Report that a listing could not be read, or not to its end."""
        self.note(sentence)

    def note(self, sentence: str) -> None:
        """Add a sentence to the run's verdict, which is then "attention"."""
        self.logger.warning(sentence)
        self.run.trouble.append(sentence)

    def _visit(self, listings: Iterable[Listing], *, always: bool) -> Iterator[Request]:
        for address in self.run.take_up_listed(self.stories_of(listings), always=always):
            yield self.article_request(address)

    def stories_of(self, listings: Iterable[Listing]) -> tuple[Listing, ...]:
        """The stories among the listings. Private hosts are reported, because an honest listing has none."""
        chosen = discover.choose(listings, self.source)
        if chosen.private:
            hosts = ", ".join(sorted(chosen.private)[:3])
            self.note(f"A listing names addresses on private hosts ({hosts}); they were skipped.")
        return chosen.stories


def _links_of(response: Response, find: DailyIndex | FrontPage) -> tuple[Listing, ...]:
    """The links of a page. Raises BadListingError."""
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1")
    try:
        with page_deadline():
            return discover.read_links(response.body, response.url, links=find.links, content_type=kind)
    except Rejected as error:
        raise discover.BadListingError(str(error)) from error


def redirected_elsewhere(response: Response) -> bool:
    """Whether redirects led to another page. A change from http to https, or to page 1 of the same article, does not
    count."""
    requested = response.meta.get("redirect_urls", [response.url])[0]
    try:
        return canonical_key(requested) != canonical_key(response.url)
    except BadAddressError:
        return True
