"""Sitemaps, sitemap indexes and news sitemaps (sitemaps.org 0.9; Google's news extension), plain or gzipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from archive.records import Listing
from crawler.discover.feed import absolute
from crawler.discover.stamps import read_lastmod, read_published
from crawler.discover.stream import entries

_ROOTS = {"urlset": "url", "sitemapindex": "sitemap"}


@dataclass(frozen=True, slots=True)
class ChildSitemap:
    """A sitemap named by a sitemap index. No page in it changed after `changed_at`; None if the index does not say."""

    url: str
    changed_at: datetime | None = None


def read_sitemap(content: bytes, url: str, *, zone: tzinfo) -> Iterator[Listing | ChildSitemap]:
    """The pages of a sitemap, or the sitemaps of a sitemap index, in its order.

    `zone` is the source's, for publication times without a zone. Raises BadListingError, possibly after the last entry.
    """
    for root, fields in entries(content, _ROOTS):
        location = fields.get("loc")
        if not location:
            continue
        address, changed_at = absolute(url, location), read_lastmod(fields.get("lastmod"))
        if root == "sitemapindex":
            yield ChildSitemap(address, changed_at)
        else:
            published_at = read_published(fields.get("news:publication_date"), zone)
            yield Listing(address, url, changed_at, published_at, fields.get("news:title"))
