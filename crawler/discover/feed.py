"""RSS 2.0, RSS 1.0 and Atom feeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from urllib.parse import urljoin

from archive.records import Listing
from crawler.discover.stamps import read_published
from crawler.discover.stream import entries

FEED_ROOTS = {"rss": "item", "RDF": "item", "feed": "entry"}
_STAMPS = ("pubDate", "published", "date", "issued", "updated")


def read_feed(content: bytes, url: str, *, zone: tzinfo) -> Iterator[Listing]:
    """The entries of a feed, in its order, with their publication times.

    `zone` is the source's, for stamps without a zone. If an aggregator serves the feed (feedburner, feedsportal), the
    publisher's own address is `also_at`. Raises BadListingError, possibly after the last entry.
    """
    for _, fields in entries(content, FEED_ROOTS):
        if listing := listing_of(fields, url, zone=zone):
            yield listing


def listing_of(fields: Mapping[str, str], url: str, *, zone: tzinfo) -> Listing | None:
    """The listing of one entry of the feed at `url`; None for one without an address."""
    own = fields.get("origLink") or _address(fields.get("guid", "")) or _address(fields.get("id", ""))
    link = fields.get("href") or fields.get("link") or own
    if not link:
        return None
    stamp = next((fields[name] for name in _STAMPS if name in fields), None)
    return Listing(
        absolute(url, link),
        url,
        published_at=read_published(stamp, zone),
        title=_one_line(fields, "title"),
        also_at=absolute(url, own) if own and own != link else None,
    )


def _address(text: str) -> str | None:
    return text if text.startswith(("http://", "https://")) else None


def _one_line(fields: Mapping[str, str], name: str) -> str | None:
    return " ".join(fields.get(name, "").split()) or None


def absolute(base: str, link: str) -> str:
    """The link as an absolute address; a malformed link is returned unchanged, and refused later as an address."""
    try:
        return urljoin(base, link)
    except ValueError:  # "http://[…"
        return link
