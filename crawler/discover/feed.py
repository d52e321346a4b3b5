"""RSS 2.0, RSS 1.0 and Atom feeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import tzinfo
from urllib.parse import urljoin

from archive.records import Listing
from crawler.discover.stamps import published
from crawler.discover.stream import entries

_ROOTS = {"rss": "item", "RDF": "item", "feed": "entry"}
_STAMPS = ("pubDate", "published", "date", "issued", "updated")


def read_feed(content: bytes, url: str, *, zone: tzinfo) -> Iterator[Listing]:
    """What a feed lists, in its order, with the time of publication that it tells.

    Raises BadListingError, at the end too.

    `zone` is the source's, for stamps without one. Where an aggregator stands before the publisher (feedburner,
    feedsportal), the publisher's own address is `also_at`.
    """
    for _, fields in entries(content, _ROOTS):
        own = fields.get("origLink") or _address(fields.get("guid", "")) or _address(fields.get("id", ""))
        link = fields.get("href") or fields.get("link") or own
        if link:
            stamp = next((fields[name] for name in _STAMPS if name in fields), None)
            yield Listing(
                joined(url, link),
                url,
                published_at=published(stamp, zone),
                title=_one_line(fields, "title"),
                also_at=joined(url, own) if own and own != link else None,
            )


def _address(text: str) -> str | None:
    return text if text.startswith(("http://", "https://")) else None


def _one_line(fields: Mapping[str, str], name: str) -> str | None:
    return " ".join(fields.get(name, "").split()) or None


def joined(base: str, link: str) -> str:
    """The link as an absolute address, where it is one at all; the caller who looks at addresses says so."""
    try:
        return urljoin(base, link)
    except ValueError:  # "http://[…"
        return link
