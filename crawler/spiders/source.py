"""The one spider for any source: it finds (listings.py), fetches and extracts; the pipelines take what it yields."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from archive.addresses import Address, FetchResult
from archive.records import Rejected
from archive.warc.writing import FetchedPage
from crawler.fetching.politeness import retry_after
from crawler.items import FetchedItem
from crawler.spiders.failures import reason_of
from crawler.spiders.listings import ListingSpider, led_elsewhere
from kliping.config import Settings
from reading.extract.multi_page import join_pages, next_page
from reading.extract.page import extract
from reading.extract.raw import RawArticle
from sources.definition import Source

MOST_PAGES = 40
"""Parts of one article; a chain of next pages longer than this is a loop or no article."""


class SourceSpider(ListingSpider):
    """Crawls one source; `spider_for` makes the class of each."""

    async def start(self) -> AsyncIterator[Any]:
        """What the source lists now, and what earlier runs left in the queue."""
        for request in self.listings_now(datetime.now(UTC)):
            yield request
        for address in self.run.take_up_queued():
            yield self.article_request(address)

    def article_request(self, address: Address) -> Request:
        """The request for one article, conditional where the archive holds it."""
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
        before: tuple[tuple[FetchedPage, RawArticle], ...] = (),
        answer: FetchResult | None = None,
    ) -> Iterator[Request | FetchedItem]:
        """One page of an article: read, and kept in WARC whatever it is; its further pages are asked for in turn."""
        now = datetime.now(UTC)
        this = _answer(response, now)
        first = answer or this
        if response.status == 304 and not before:
            self.run.end(address, "unchanged", answer=this)
            return
        page = _page(response, now)
        kept = (*(each for each, _ in before), page)
        if before and (response.status != 200 or led_elsewhere(response)):
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
            yield FetchedItem(address, first, kept, raw, page.fetched_at)
            return
        # The first page's validators say nothing of the others: a correction on page 2 would hide behind its 304.
        whole = join_pages(parts[0][1], [raw for _, raw in parts[1:]])
        unvalidated = replace(first, etag=None, last_modified=None)
        yield FetchedItem(address, unvalidated, kept, whole, parts[0][0].fetched_at)

    def article_failed(self, failure: Failure) -> None:
        """An article that gave no answer: its outcome names why. Parts that had come stay in WARC."""
        request: Request = failure.request  # type: ignore[attr-defined]  # Scrapy sets it on every failure of a request
        outcome, detail = reason_of(failure)
        kept = tuple(page for page, _ in request.cb_kwargs.get("before", ()))
        self.run.end(request.cb_kwargs["address"], outcome, detail=detail, pages=kept)


def spider_for(source: Source, kind: type[SourceSpider] = SourceSpider) -> type[SourceSpider]:
    """The spider class of a source. Its own delay holds unless the settings ask for another."""

    class OneSourceSpider(kind):  # type: ignore[misc, valid-type]  # mypy knows no class made at run time
        name = source.name

        @classmethod
        def update_settings(cls, settings: Any) -> None:
            super().update_settings(settings)
            ours: Settings = settings["KLIPING"]
            mine = ours.of_source(source.name)
            settings.set("DOWNLOAD_DELAY", source.delay_by(mine), priority="spider")
            # The supervisor ends a crawl at its limit; this one ends by itself where no supervisor is left.
            limit = (mine.time_limit or ours.time_limit) + ours.grace
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


def _answer(response: Response, now: datetime) -> FetchResult:
    def header(name: str) -> str | None:
        value = response.headers.get(name)
        return value.decode("latin-1") if value else None

    return FetchResult(response.status, header("ETag"), header("Last-Modified"), retry_after(response, now))


def _outcome_of(status: int, address: Address) -> str:
    if status in (404, 410):
        # Gone when seen twice, some hours apart (the queue sees to the hours).
        return "gone" if address.misses else f"error:http-{status}"
    if status in (401, 403, 451):
        return "blocked"
    return f"error:http-{status}"
