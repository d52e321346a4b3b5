"""Sitemaps, sitemap indexes and news sitemaps (sitemaps.org 0.9; Google's news extension), plain or gzipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from archive.records import Listing
from crawler.discover.feed import joined
from crawler.discover.stamps import changed, published
from crawler.discover.stream import entries

_ROOTS = {"urlset": "url", "sitemapindex": "sitemap"}


@dataclass(frozen=True, slots=True)
class ChildSitemap:
    """A sitemap that an index names. `changed_at`: no page in it changed later; null where the index does not say."""

    url: str
    changed_at: datetime | None = None


def read_sitemap(content: bytes, url: str, *, zone: tzinfo) -> Iterator[Listing | ChildSitemap]:
    """The pages of a sitemap, or the further sitemaps of an index, in its order.

    Raises BadListingError, at the end too.

    `zone` is the source's, for publication times without one.
    """
    for root, fields in entries(content, _ROOTS):
        location = fields.get("loc")
        if not location:
            continue
        address, moved = joined(url, location), changed(fields.get("lastmod"))
        if root == "sitemapindex":
            yield ChildSitemap(address, moved)
        else:
            told = published(fields.get("news:publication_date"), zone)
            yield Listing(address, url, moved, told, fields.get("news:title"))
