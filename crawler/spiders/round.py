"""The spider that looks for the newest stories between two crawls, as often as the publisher publishes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from scrapy import Request

from crawler.run import RoundRun
from crawler.spiders.source import SourceSpider
from sources.definition import Feed, FrontPage, NewsSitemap


class RoundSpider(SourceSpider):
    """Reads feeds, news sitemaps and front pages, and visits what is new there, due for another try or for a revisit.

    A story that is archived is visited at its ages (`archive.revisits`), and not each time a feed lists it.
    """

    run_class = RoundRun
    visits_known = False

    def listings_now(self, now: datetime) -> Iterator[Request]:  # noqa: ARG002  the crawl's depend on the day
        """Requests for the listings that name the newest stories."""
        for find in self.finds:
            if isinstance(find, Feed):
                yield self.listing_request(find.url, self.parse_feed)
            elif isinstance(find, NewsSitemap):
                yield self.listing_request(find.url, self.parse_sitemap)
            elif isinstance(find, FrontPage):
                yield self.listing_request(find.url, self.parse_front_page, find=find)
