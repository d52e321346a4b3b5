"""Sitemaps, sitemap indexes and news sitemaps (sitemaps.org 0.9; Google's news extension), plain or gzipped.

A sitemap may also be a text file of addresses, or an RSS or Atom feed (sitemaps.org, "Other sitemap formats").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from archive.identity import url_path
from archive.records import Listing
from crawler.discover.feed import FEED_ROOTS, absolute, listing_of
from crawler.discover.stamps import read_lastmod, read_published
from crawler.discover.stream import LONGEST, entries
from crawler.discover.text import BadListingError, text_lines

_ROOTS = {"urlset": "url", "sitemapindex": "sitemap"}
_LINE = re.compile(r"(https?://\S+)(?:[\s,;|]+(\S.*))?$", re.IGNORECASE)
_SITEMAP = re.compile(r"\.xml(?:\.gz)?$|/[^/]*sitemap[^/]*\.txt(?:\.gz)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ChildSitemap:
    """A sitemap named by a sitemap index. No page in it changed after `changed_at`; None if the index does not say."""

    url: str
    changed_at: datetime | None = None


def read_sitemap(content: bytes, url: str, *, zone: tzinfo) -> Iterator[Listing | ChildSitemap]:
    """The pages of a sitemap, or the sitemaps of a sitemap index, in its order.

    `zone` is the source's, for publication times without a zone. Raises BadListingError, possibly after the last entry.
    """
    if (lines := text_lines(content)) is not None:
        yield from _read_lines(lines, url)
        return
    for root, fields in entries(content, _ROOTS | FEED_ROOTS):
        if root in FEED_ROOTS:
            if listing := listing_of(fields, url, zone=zone):
                published = listing.published_at
                updated = read_lastmod(fields.get("updated"))
                yield replace(listing, changed_at=updated or (published if isinstance(published, datetime) else None))
            continue
        location = fields.get("loc")
        if not location:
            continue
        address, changed_at = absolute(url, location), read_lastmod(fields.get("lastmod"))
        if root == "sitemapindex":
            yield ChildSitemap(address, changed_at)
        else:
            published_at = read_published(fields.get("news:publication_date"), zone)
            yield Listing(address, url, changed_at, published_at, fields.get("news:title"))


def _read_lines(lines: Iterator[str], url: str) -> Iterator[Listing | ChildSitemap]:
    """The addresses of a text file, one a line, perhaps with the day of the last change behind them."""
    others = count = 0
    for line in lines:
        text = line[:LONGEST].strip("\ufeff\x00 \t\r\n\"'")
        if not text or text.startswith("#"):
            continue
        found = _LINE.match(text)
        if found is None:
            others += 1
            continue
        count += 1
        changed_at = read_lastmod(found[2])
        path = url_path(found[1])
        yield ChildSitemap(found[1], changed_at) if _SITEMAP.search(path) else Listing(found[1], url, changed_at)
    if not count:
        raise BadListingError("it is neither XML nor a list of addresses")
    if others:
        raise BadListingError(f"{others:,} of its lines are no addresses")
