"""One listing as it is read: from the answer, or, after a 304, as it was read before."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from scrapy.http import Response

from archive.listings import MOST_KEPT, ListingRecord
from archive.records import Listing
from crawler import discover
from crawler.discover import ChildSitemap
from crawler.run import CrawlRun

KNOWN = "known_listing"
"""In a request's meta: the ListingRecord whose validators it bears."""


class ListingReading:
    """Reads a listing, and tells the run what was in it once it was read to its end.

    `report` is called with a sentence if it cannot be read, or not to its end.
    """

    def __init__(self, run: CrawlRun, response: Response, report: Callable[[str], None]) -> None:
        self._run = run
        self._response = response
        self._report = report
        self._first: list[Listing] = []  # of MOST_KEPT pages, and one more
        self._pages = 0
        self._children: list[ChildSitemap] = []
        self.failed = False
        self.known: ListingRecord | None = response.meta.get(KNOWN) if response.status == 304 else None

    def entries(self, read: Callable[[], Iterable[Listing | ChildSitemap]]) -> Iterator[Listing | ChildSitemap]:
        """What stands in the listing, up to the first error. `read` reads the answer's body."""
        if self.known is not None:
            yield from self.known.entries or ()
            yield from (ChildSitemap(url, changed_at) for url, changed_at in self.known.children)
            return
        try:
            for each in read():
                self._keep(each)
                yield each
        except discover.BadListingError as error:
            self.failed = True
            self._report(f"{self._response.url} cannot be read: {error}.")

    def pages(self, read: Callable[[], Iterable[Listing | ChildSitemap]]) -> Iterator[Listing]:
        """`entries` of a listing that names no other listing."""
        return (each for each in self.entries(read) if isinstance(each, Listing))

    def _keep(self, each: Listing | ChildSitemap) -> None:
        if isinstance(each, ChildSitemap):
            self._children.append(each)
            return
        self._pages += 1
        if self._pages <= MOST_KEPT:
            self._first.append(each)

    def end(self) -> None:
        """The whole listing was read."""
        if self.known is not None:
            if self.known.entries is None:
                self._run.count_unchanged(self.known.count)
            return
        etag, last_modified = self._header("ETag"), self._header("Last-Modified")
        if self.failed or not (etag or last_modified) or len(self._children) > MOST_KEPT:
            return
        if self._run.has_forgotten:
            return  # it is read again, for the stories that were not remembered
        few = self._pages <= MOST_KEPT
        stories = discover.choose(self._first, self._run.source).stories if few else ()
        if few and not stories and not self._children:
            return  # an empty one is asked for whole again
        self._run.listing_read(
            ListingRecord(
                url=self._response.meta.get("redirect_urls", [self._response.url])[0],
                final_url=self._response.url,
                etag=etag,
                last_modified=last_modified,
                read_at=datetime.now(UTC),
                read_as=self._run.read_as,
                count=len(stories) if few else self._pages,
                entries=stories if few else None,
                children=tuple((each.url, each.changed_at) for each in self._children),
            )
        )

    def _header(self, name: str) -> str | None:
        value = self._response.headers.get(name)
        return value.decode("latin-1") if value else None
