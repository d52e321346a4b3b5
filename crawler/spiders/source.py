"""The spider of every source: fetches and extracts the articles that listings.py finds; pipelines take its items."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from sqlalchemy.exc import OperationalError
from twisted.python.failure import Failure

from archive.addresses import READER_DIED, Address, FetchResult
from archive.deadline import page_deadline
from archive.records import PAGE_STATUSES, Rejected
from archive.warc.pages import FetchedPage
from archive.warc.writing import LONGEST_URL
from crawler.extension import extension_of
from crawler.fetching.politeness import CrawlIsEnding
from crawler.fetching.retry_after import retry_after
from crawler.isolated import PageToRead, ReaderDiedAloneError, read_alone
from crawler.items import FetchedItem
from crawler.spiders.failures import outcome_of
from crawler.spiders.listings import ListingSpider, redirected_elsewhere
from kliping.config import Settings
from reading.extract.multi_page import join_pages, next_page
from reading.extract.page import extract
from reading.extract.raw import RawArticle
from sources.definition import Source

REVISIT = -5
"""The priority of a request for an article that is archived: new ones come first."""

MOST_PAGES = 40
"""Pages of one article. A longer chain of next pages is a loop, or not an article."""


class SourceSpider(ListingSpider):
    """Crawls one source; `spider_for` creates the class for each."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *arguments: Any, **named: Any) -> Self:
        spider = super().from_crawler(crawler, *arguments, **named)
        crawler.signals.connect(spider.on_idle, signals.spider_idle)
        return spider

    def on_idle(self) -> None:
        """No request is in progress: take up what waits in the queue. Raises DontCloseSpider if there is more to do."""
        try:
            taken = self.run.take_up_queued()
        except (OSError, OperationalError) as error:
            extension_of(self.crawler).stop_unwritable(error)
            return
        for address in taken:
            assert self.crawler.engine is not None  # the engine sent spider_idle
            self.crawler.engine.crawl(self.article_request(address))
        if taken:
            raise DontCloseSpider

    async def start(self) -> AsyncIterator[Any]:
        """Request the listings, and the addresses that earlier runs left in the queue."""
        for request in self.listings_now(datetime.now(UTC)):
            yield request
        for address in self.run.take_up_queued():
            yield self.article_request(address)
        for address in self.run.take_up_revisits():
            yield self.article_request(address).replace(priority=REVISIT)

    def article_request(self, address: Address) -> Request:
        """The request for one article, conditional if the archive has it."""
        headers = {}
        if address.article_id and address.etag:
            headers["If-None-Match"] = address.etag
        if address.article_id and address.last_modified:
            headers["If-Modified-Since"] = address.last_modified
        return Request(
            address.url,
            headers=headers,
            callback=self.parse_article,
            errback=self.article_failed,
            dont_filter=True,
            cb_kwargs={"address": address},
        )

    def parse_article(
        self,
        response: Response,
        address: Address,
        earlier: tuple[tuple[FetchedPage, RawArticle], ...] = (),
        first: FetchResult | None = None,
    ) -> Iterator[Request | FetchedItem]:
        """Read one page of an article and request the next one. Every page is kept in WARC, also one that is rejected.

        `earlier` are the article's pages before this one, and `first` is the result of fetching its first page.
        """
        now = datetime.now(UTC)
        this = _fetch_result(response, now)
        first = first or this
        if response.status == 304 and not earlier:
            self.run.end(address, "unchanged", answer=this)
            return
        if len(response.url) > LONGEST_URL:
            detail = f"it leads to an address of {len(response.url):,} characters"
            self.run.end(address, "rejected:bad-address", detail=detail, answer=first)
            return
        page = _page(response, now)
        kept = (*(each for each, _ in earlier), page)
        if earlier and (response.status not in PAGE_STATUSES or redirected_elsewhere(response)):
            # Only a later page is missing, which says nothing about the article's own address.
            problem = (
                f"answered {response.status}" if response.status not in PAGE_STATUSES else "redirects to another page"
            )
            detail = f"its page {len(earlier) + 1} at {response.url} {problem}"
            self.run.end(address, "error:missing-part", detail=detail, answer=first, pages=kept)
            return
        if response.status not in PAGE_STATUSES:
            self.run.end(address, _outcome_of_status(response.status, address), answer=this, pages=kept)
            return
        try:
            raw = self._read(page, address)
        except ReaderDiedAloneError as died:
            self.run.end(address, READER_DIED, detail=str(died), answer=this, pages=kept)
            return
        except Rejected as rejected:
            outcome = "blocked" if rejected.reason == "blocked" else rejected.outcome
            self.run.end(address, outcome, detail=rejected.detail, answer=this, pages=kept)
            return
        parts = (*earlier, (page, raw))
        following = next_page(raw, {each.url for each, _ in parts})
        if following:
            if len(parts) >= MOST_PAGES:
                self.run.end(address, "rejected:endless-pages", answer=this, pages=kept)
                return
            yield Request(
                following,
                callback=self.parse_article,
                errback=self.article_failed,
                dont_filter=True,
                priority=5,
                cb_kwargs={"address": address, "earlier": parts, "first": first},
            )
            return
        if len(parts) == 1:
            yield FetchedItem(address, first, kept, raw, page.fetched_at)
            return
        # The first page's ETag does not cover the others: after a correction on page 2 it would still give a 304.
        whole = join_pages(parts[0][1], [raw for _, raw in parts[1:]])
        unvalidated = replace(first, etag=None, last_modified=None)
        yield FetchedItem(address, unvalidated, kept, whole, parts[0][0].fetched_at)

    def _read(self, page: FetchedPage, address: Address) -> RawArticle:
        """What a page prints; read in a process of its own if a crawl has died over its address.

        Raises Rejected and ReaderDiedAloneError.
        """
        if address.reader_deaths:
            return read_alone(PageToRead(page.content, page.url, page.content_type, self.source.name, page.fetched_at))
        with self.run.reading.page(address.key), page_deadline():
            return extract(page.content, url=page.url, content_type=page.content_type, source=self.source)

    def article_failed(self, failure: Failure) -> None:
        """End an article whose request failed. Its pages that were fetched before stay in WARC."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it on every failure of a request
        if isinstance(failure.value, CrawlIsEnding):
            return  # the run ends it as one that was not reached
        outcome, detail = outcome_of(failure)
        kept = tuple(page for page, _ in request.cb_kwargs.get("earlier", ()))
        self.run.end(request.cb_kwargs["address"], outcome, detail=detail, pages=kept)


def spider_for(source: Source, kind: type[SourceSpider] = SourceSpider) -> type[SourceSpider]:
    """The spider class of a source, with its delay and time limit from the source file or the settings."""

    class OneSourceSpider(kind):  # type: ignore[misc, valid-type]  # mypy does not follow a base class chosen at run time
        name = source.name

        @classmethod
        def update_settings(cls, settings: Any) -> None:
            super().update_settings(settings)
            kliping: Settings = settings["KLIPING"]
            own = kliping.of_source(source.name)
            settings.set("DOWNLOAD_DELAY", source.configured_delay(own), priority="spider")
            # The supervisor stops a crawl at its time limit. This stops it if there is no supervisor.
            limit = (own.time_limit or kliping.time_limit) + kliping.grace
            settings.set("CLOSESPIDER_TIMEOUT", limit, priority="spider")

    OneSourceSpider.source = source
    return OneSourceSpider


def _page(response: Response, now: datetime) -> FetchedPage:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )
    return FetchedPage(response.url, response.status, headers, response.body, now)


def _fetch_result(response: Response, now: datetime) -> FetchResult:
    def header(name: str) -> str | None:
        value = response.headers.get(name)
        return value.decode("latin-1") if value else None

    return FetchResult(response.status, header("ETag"), header("Last-Modified"), retry_after(response, now))


def _outcome_of_status(status: int, address: Address) -> str:
    if status in (404, 410):
        # Gone if missing twice, some hours apart; the queue keeps the hours.
        return "gone" if address.misses else f"error:http-{status}"
    if status in (401, 403, 451):
        return "blocked"
    return f"error:http-{status}"
