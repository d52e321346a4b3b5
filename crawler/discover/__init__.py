"""Reads addresses from feeds, sitemaps and pages of links. Pure: bytes in, listings out; no network, no clock."""

from crawler.discover.choose import choose
from crawler.discover.feed import read_feed
from crawler.discover.links import index_address, read_links
from crawler.discover.sitemap import ChildSitemap, read_sitemap
from crawler.discover.text import BadListingError

__all__ = ["BadListingError", "ChildSitemap", "choose", "index_address", "read_feed", "read_links", "read_sitemap"]
