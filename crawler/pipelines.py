"""Thin pipelines: normalise → validate → archive. Each records the outcome of a bad item and drops it."""

from __future__ import annotations

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from archive.deadline import page_deadline
from archive.records import Rejected
from crawler.extension import run_of
from crawler.items import FetchedItem
from crawler.run import CrawlRun
from reading.article import normalise
from reading.validate import validate


class _Pipeline:
    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> _Pipeline:
        return cls(crawler)

    @property
    def run(self) -> CrawlRun:
        return run_of(self._crawler)

    def drop(self, item: FetchedItem, rejected: Rejected) -> DropItem:
        self.run.end(item.address, rejected.outcome, detail=rejected.detail, answer=item.answer, pages=item.pages)
        return DropItem(str(rejected))


class NormalisePipeline(_Pipeline):
    """RawArticle to Article."""

    def process_item(self, item: FetchedItem) -> FetchedItem:
        """Normalise; a page without a date, title or body is dropped as rejected."""
        try:
            with self.run.reading.page(item.address.key), page_deadline():
                item.article = normalise(
                    item.raw,
                    source=self.run.source,
                    url=item.raw.url,
                    fetched_at=item.fetched_at,
                    announced=item.address.announced,
                )
        except Rejected as rejected:
            raise self.drop(item, rejected) from rejected
        return item


class ValidatePipeline(_Pipeline):
    """Checks of the article as a whole."""

    def process_item(self, item: FetchedItem) -> FetchedItem:
        """Check the article against its source and final address."""
        assert item.article is not None  # NormalisePipeline dropped it otherwise
        try:
            validate(item.article, self.run.source, final_url=item.raw.url)
        except Rejected as rejected:
            raise self.drop(item, rejected) from rejected
        return item


class ArchivePipeline(_Pipeline):
    """Hands the article to the run, which saves it and its outcome in one transaction, in batches."""

    def process_item(self, item: FetchedItem) -> FetchedItem:
        """Queue the article for the run's next batch."""
        assert item.article is not None  # NormalisePipeline dropped it otherwise
        self.run.save(item)
        return item
