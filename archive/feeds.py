"""Atom feeds (RFC 4287): of what a watch has found, and of any list of articles.

Ids never change: those of an article's corrections are the article's.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from archive.watches import SearchWatch, WatchHit

ATOM = "http://www.w3.org/2005/Atom"
_NO_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot say, and lxml refuses."""


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """An entry: its `id` is a URN or an address, `published` a moment with an offset (None: only the day is known)."""

    id: str
    title: str
    updated: datetime
    published: str | None
    author: str
    link: str | None
    summary: str
    category: str | None = None


@dataclass(frozen=True, slots=True)
class AtomFeed:
    """A feed, the newest entry first. `own` is the address at which it is read, if it has one."""

    id: str
    title: str
    updated: datetime
    entries: Sequence[FeedEntry]
    own: str | None = None


def feed_of_watch(archive_id: str, watch: SearchWatch, hits: Iterable[WatchHit]) -> AtomFeed:
    """The feed of what a watch has found, the newest first. It does not tell where messages go."""
    found = list(hits)
    return AtomFeed(
        urn(archive_id, watch.subject),
        f"Kliping: {watch.query}",
        max((hit.at for hit in found), default=watch.created_at),
        [
            FeedEntry(
                urn(archive_id, watch.subject, hit.article_id),
                hit.title,
                hit.at,
                hit.published_at if "T" in hit.published_at else None,
                hit.source,
                hit.url,
                f"{hit.source}, {hit.published_at}" + (" (corrected)" if hit.corrects else ""),
                "corrected" if hit.corrects else None,
            )
            for hit in found
        ],
    )


def atom(feed: AtomFeed) -> bytes:
    """A feed as XML."""
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    _add(root, "id", feed.id)
    _add(root, "title", feed.title)
    _add(root, "updated", _stamp(feed.updated))
    _add(_add(root, "author"), "name", "Kliping")
    _add(root, "generator", "Kliping")
    if feed.own:
        link = _add(root, "link")
        link.set("rel", "self")
        link.set("href", _NO_XML.sub("", feed.own))
    for each in feed.entries:
        entry = _add(root, "entry")
        _add(entry, "id", each.id)
        _add(entry, "title", each.title)
        _add(entry, "updated", _stamp(each.updated))
        if each.published:
            _add(entry, "published", each.published)
        _add(_add(entry, "author"), "name", each.author)
        if each.link:
            _add(entry, "link").set("href", _NO_XML.sub("", each.link))
        if each.category:
            _add(entry, "category").set("term", each.category)
        _add(entry, "summary", each.summary)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return written


def urn(archive_id: str, *parts: str) -> str:
    """An id for good, of something in this archive."""
    return uuid.uuid5(uuid.NAMESPACE_URL, ":".join(("kliping", archive_id, *parts))).urn


def _add(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    child = etree.SubElement(parent, f"{{{ATOM}}}{name}")
    if text is not None:
        child.text = _NO_XML.sub("", text)
    return child


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
