"""Addresses out of feeds and sitemaps. Pure: bytes in, listings out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from urllib.parse import urljoin

from dateutil import parser as dates
from lxml import etree

from archive.addresses import Listing

# No entities, no network: a feed has no need of either, and both are ways to attack its readers.
_PARSER_OPTIONS = {"resolve_entities": False, "no_network": True, "recover": True, "remove_comments": True}


class BadListing(Exception):
    """A feed or sitemap that cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap file holds: pages, or (an index) further sitemaps."""

    pages: tuple[Listing, ...]
    further: tuple[Listing, ...]


def read_feed(content: bytes, url: str) -> tuple[Listing, ...]:
    """The article addresses of an RSS 2.0, RSS 1.0 or Atom feed, in its order. Raises BadListing.

    White space before the XML declaration is forgiven (ANTARA's and others' feeds begin with an empty line).
    """
    root = _parse(content)
    if _name(root) not in ("rss", "RDF", "feed"):
        raise BadListing(f"{url} is no feed: its root is <{_name(root)}>")
    return tuple(
        Listing(_joined(url, link), url) for item in _every(root, ("item", "entry")) if (link := _link_of(item))
    )


def read_sitemap(content: bytes, url: str) -> Sitemap:
    """The pages or further sitemaps of a sitemap file (sitemaps.org 0.9). Raises BadListing."""
    root = _parse(content)
    if _name(root) == "urlset":
        return Sitemap(tuple(_located(root, "url", url)), ())
    if _name(root) == "sitemapindex":
        return Sitemap((), tuple(_located(root, "sitemap", url)))
    raise BadListing(f"{url} is no sitemap: its root is <{_name(root)}>")


def _parse(content: bytes) -> etree._Element:
    try:
        root = etree.fromstring(content.lstrip(b"\xef\xbb\xbf \t\r\n"), etree.XMLParser(**_PARSER_OPTIONS))
    except (etree.XMLSyntaxError, ValueError) as error:
        raise BadListing(f"not XML: {error}") from error
    if root is None:
        raise BadListing("not XML: nothing could be read")
    return root


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _every(root: etree._Element, names: tuple[str, ...]) -> Iterator[etree._Element]:
    return (element for element in root.iter() if _name(element) in names)


def _child_text(element: etree._Element, name: str) -> str:
    for child in element:
        if _name(child) == name:
            return "".join(child.itertext()).strip()
    return ""


def _link_of(item: etree._Element) -> str:
    for child in item:
        if _name(child) == "link" and child.get("href") and child.get("rel", "alternate") == "alternate":
            return str(child.get("href")).strip()  # Atom
    return _child_text(item, "link") or _permalink(item)


def _permalink(item: etree._Element) -> str:
    guid = _child_text(item, "guid")
    return guid if guid.startswith(("http://", "https://")) else ""


def _located(root: etree._Element, name: str, url: str) -> Iterator[Listing]:
    for element in _every(root, (name,)):
        if location := _child_text(element, "loc"):
            yield Listing(_joined(url, location), url, _moment(_child_text(element, "lastmod")))


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:  # "http://[…": no address at all; the caller who looks at addresses says so
        return link


def _moment(text: str) -> datetime | None:
    # W3C datetime. A bare day may mean any moment of it, so it counts as its end: rather one visit too many.
    try:
        moment = dates.isoparse(text) if text else None
    except ValueError:
        return None
    if moment is None:
        return None
    if len(text) <= 10:
        return datetime.combine(moment.date(), time.max, tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
