"""The one spider for any source: discover, fetch, extract. What it yields goes through the pipelines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import scrapy
from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.addresses import Address, Answer, Listing
from archive.identity import BadAddress, canonical_key
from archive.records import Rejected
from archive.warc import Page
from crawler import discover
from crawler.extension import run_of
from crawler.extract.page import extract
from crawler.extract.pages import join, next_page
from crawler.extract.raw import RawArticle
from crawler.guard import PrivateAddress
from crawler.items import Fetched
from crawler.middlewares import HostAskedToWait, retry_after
from crawler.robots import RobotsUnavailable
from crawler.run import CrawlRun
from crawler.sources.definition import Feed, NewsSitemap, Sitemap, Source
from kliping.config import Settings

MOST_SITEMAPS = 500
"""Sitemap files read in one run; a run that meets more says so. A publisher's whole past is `backfill`'s work."""

MOST_PAGES = 40
"""Parts of one article; a chain of next pages longer than this is a loop or no article."""

_FAILURES: Sequence[tuple[type[Exception], str]] = (
    (HostAskedToWait, "error:asked-to-wait"),
    (RobotsUnavailable, "error:robots-unavailable"),
    (PrivateAddress, "rejected:private-address"),
    (DownloadTimeoutError, "error:timeout"),
    (DownloadConnectionRefusedError, "error:connection-refused"),
    (CannotResolveHostError, "error:no-such-host"),
    (ResponseDataLossError, "error:cut-off"),
    (DownloadCancelledError, "rejected:too-large"),
    (DownloadFailedError, "error:connection"),
)


class SourceSpider(scrapy.Spider):
    """Crawls one source; `spider_for` makes the class of each."""

    source: ClassVar[Source]

    @property
    def run(self) -> CrawlRun:
        """The run that this crawl writes."""
        return run_of(self.crawler)

    async def start(self) -> AsyncIterator[Any]:
        """The source's feeds and sitemaps, and what earlier runs left in the queue."""
        settings: Settings = self.crawler.settings["KLIPING"]
        mine = settings.of_source(self.source.name)
        feeds = [find.url for find in self.source.finds if isinstance(find, Feed)]
        sitemaps = [find.url for find in self.source.finds if isinstance(find, Sitemap | NewsSitemap)]
        for url in feeds if mine.feeds is None else mine.feeds:
            yield self._listing_request(url, self.parse_feed)
        for url in sitemaps if mine.sitemaps is None else mine.sitemaps:
            yield self._listing_request(url, self.parse_sitemap)
        for address in self.run.take_up_queued():
            yield self._article_request(address)

    def _listing_request(self, url: str, callback: Any) -> Request:
        self.run.feeds += 1
        return Request(url, callback=callback, errback=self.listing_failed, priority=10, dont_filter=True)

    def parse_feed(self, response: Response) -> Iterator[Request]:
        """Addresses of a feed: each is visited, because feeds are short and say nothing of changes."""
        if not self._answered(response):
            return
        try:
            listings = discover.read_feed(response.body, response.url)
        except discover.BadListing as error:
            self._trouble(f"The feed {response.url} cannot be read: {error}.")
            return
        yield from self._visit(listings, always=True)

    def parse_sitemap(self, response: Response) -> Iterator[Request]:
        """Addresses of a sitemap, and the sitemaps that an index names."""
        if not self._answered(response):
            return
        try:
            sitemap = discover.read_sitemap(response.body, response.url)
        except discover.BadListing as error:
            self._trouble(f"The sitemap {response.url} cannot be read: {error}.")
            return
        for further in sitemap.further:
            if not self.source.owns(further.url):
                self._trouble(f"The sitemap {response.url} names {further.url}, which is not the source's own.")
            elif self.run.feeds >= MOST_SITEMAPS:
                self._trouble(f"More than {MOST_SITEMAPS} sitemaps; the rest was not read.")
                break
            else:
                yield self._listing_request(further.url, self.parse_sitemap)
        yield from self._visit(sitemap.pages, always=False)

    def _answered(self, response: Response) -> bool:
        if response.status != 200:
            self._trouble(f"{response.url} answered {response.status}.")
        return response.status == 200

    def listing_failed(self, failure: Failure) -> None:
        """A feed or sitemap that gave no answer: the run goes on, and its verdict says so."""
        self._trouble(f"{failure.request.url} gave no answer: {_reason(failure)[1].rstrip('.')}.")  # type: ignore[attr-defined]

    def _trouble(self, sentence: str) -> None:
        self.logger.warning(sentence)
        self.run.trouble.append(sentence)

    def _visit(self, listings: Iterable[Listing], *, always: bool) -> Iterator[Request]:
        for address in self.run.take_up_listed(listings, always=always):
            yield self._article_request(address)

    def _article_request(self, address: Address) -> Request:
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
        before: tuple[tuple[Page, RawArticle], ...] = (),
        answer: Answer | None = None,
    ) -> Iterator[Request | Fetched]:
        """One page of an article: read, and kept in WARC whatever it is; its further pages are asked for in turn."""
        now = datetime.now(UTC)
        this = _answer(response, now)
        first = answer or this
        if response.status == 304 and not before:
            self.run.end(address, "unchanged", answer=this)
            return
        page = _page(response, now)
        kept = (*(each for each, _ in before), page)
        if before and (response.status != 200 or _led_elsewhere(response)):
            # The article stands; one of its parts does not. That is no word on the address itself.
            went = f"answered {response.status}" if response.status != 200 else "leads elsewhere"
            detail = f"its part {len(before) + 1} at {response.url} {went}"
            self.run.end(address, "error:missing-part", detail=detail, answer=first, pages=kept)
            return
        if response.status != 200:
            self.run.end(address, _outcome_of(response.status, address), answer=this, pages=kept)
            return
        try:
            raw = extract(page.content, url=response.url, content_type=page.content_type, source=self.source)
        except Rejected as rejected:
            outcome = "blocked" if rejected.reason == "blocked" else f"rejected:{rejected.reason}"
            self.run.end(address, outcome, detail=rejected.detail, answer=this, pages=kept)
            return
        parts = (*before, (page, raw))
        further = next_page(raw, {each.url for each, _ in parts})
        if further:
            if len(parts) >= MOST_PAGES:
                self.run.end(address, "rejected:endless-pages", answer=this, pages=kept)
                return
            yield Request(
                further,
                callback=self.parse_article,
                errback=self.article_failed,
                dont_filter=True,
                priority=5,
                cb_kwargs={"address": address, "before": parts, "answer": first},
            )
            return
        if len(parts) == 1:
            yield Fetched(address, first, kept, raw, page.fetched_at)
            return
        # The first page's validators say nothing of the others: a correction on page 2 would hide behind its 304.
        whole = join(parts[0][1], [raw for _, raw in parts[1:]])
        unvalidated = replace(first, etag=None, last_modified=None)
        yield Fetched(address, unvalidated, kept, whole, parts[0][0].fetched_at)

    def article_failed(self, failure: Failure) -> None:
        """An article that gave no answer: its outcome names why. Parts that had come stay in WARC."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it on every failure of a request
        outcome, detail = _reason(failure)
        kept = tuple(page for page, _ in request.cb_kwargs.get("before", ()))
        self.run.end(request.cb_kwargs["address"], outcome, detail=detail, pages=kept)


def spider_for(source: Source) -> type[SourceSpider]:
    """The spider class of a source. Its own delay holds unless the settings ask for another."""

    class OneSourceSpider(SourceSpider):
        name = source.name

        @classmethod
        def update_settings(cls, settings: Any) -> None:
            super().update_settings(settings)
            ours: Settings = settings["KLIPING"]
            mine = ours.of_source(source.name)
            settings.set("DOWNLOAD_DELAY", source.delay if mine.delay is None else mine.delay, priority="spider")
            # The supervisor ends a crawl at its limit; this one ends by itself where no supervisor is left.
            limit = (mine.time_limit or ours.time_limit) + ours.grace
            settings.set("CLOSESPIDER_TIMEOUT", limit, priority="spider")

    OneSourceSpider.source = source
    return OneSourceSpider


def _page(response: Response, now: datetime) -> Page:
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    )
    return Page(response.url, response.status, headers, response.body, now)


def _answer(response: Response, now: datetime) -> Answer:
    def header(name: str) -> str | None:
        value = response.headers.get(name)
        return value.decode("latin-1") if value else None

    return Answer(response.status, header("ETag"), header("Last-Modified"), retry_after(response, now))


def _led_elsewhere(response: Response) -> bool:
    """Whether redirects led to another article's address; from http to https, or to the first part, is none."""
    asked = response.meta.get("redirect_urls", [response.url])[0]
    try:
        return canonical_key(asked) != canonical_key(response.url)
    except BadAddress:
        return True


def _outcome_of(status: int, address: Address) -> str:
    if status in (404, 410):
        # Gone when seen twice, some hours apart (the queue sees to the hours).
        return "gone" if address.misses else f"error:http-{status}"
    if status in (401, 403, 451):
        return "blocked"
    return f"error:http-{status}"


def _reason(failure: Failure) -> tuple[str, str]:
    error = failure.value
    for kind, outcome in _FAILURES:
        if isinstance(error, kind):
            return outcome, str(error) or kind.__name__
    if isinstance(error, IgnoreRequest):
        if "robots.txt" in str(error):
            return "skipped:robots", "robots.txt forbids it"
        return "error:redirects" if "redirect" in str(error).lower() else "error:ignored", str(error)
    return "error:unexpected", f"{type(error).__name__}: {error}"
