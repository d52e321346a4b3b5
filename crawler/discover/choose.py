"""Which listed addresses are stories: not videos, galleries, tags or lists. An AMP or print page is its story."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from archive.identity import host_of
from archive.records import Listing
from archive.twins import story_address
from sources.definition import Source

NOT_STORIES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("video", re.compile(r"^https?://(?:video|videos|tv|vod)\.|/(?:video|videos|vidio)(?:/|$)", re.I)),
    ("gallery", re.compile(r"^https?://(?:foto|photo|photos)\.|/(?:foto|photo|photos|galeri|gallery)(?:/|$)", re.I)),
    ("tag", re.compile(r"/(?:tag|tags|tagar|topik|topic|topics)(?:/|$)", re.I)),
    ("list", re.compile(r"/(?:indeks|index|search|cari|rss|feed|category|kategori|author|penulis)(?:/|$)", re.I)),
)
"""Pages that are not stories, by whole path segments or host labels: "/video/1/x", but not "/berita/1/video-viral".

A source's own `exclude` adds to this. The query of the address is ignored.
"""

_LOCAL_HOST = re.compile(r"(?:^|\.)(?:localhost|local|internal|lan|home\.arpa)$")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The stories among some listings, and the private hosts of other addresses among them."""

    stories: tuple[Listing, ...]
    private: frozenset[str]


def choose(listings: Iterable[Listing], source: Source) -> Chosen:
    """The listings that are stories of the source, each address once and without AMP or print marks."""
    stories: dict[str, Listing] = {}
    private: set[str] = set()
    for listing in listings:
        for url in filter(None, (listing.url, listing.also_at)):
            story = story_address(url)
            if source.is_article(story) and non_story_kind(story) is None:
                stories.setdefault(story, listing if story == listing.url else replace(listing, url=story))
                break
            if _is_private(host := host_of(url)) and not source.owns(url):
                private.add(host)
    return Chosen(tuple(stories.values()), frozenset(private))


def non_story_kind(url: str) -> str | None:
    """The kind in NOT_STORIES that the address matches, or None."""
    path = re.split(r"[?#]", url, maxsplit=1)[0]
    return next((kind for kind, pattern in NOT_STORIES if pattern.search(path)), None)


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return bool(_LOCAL_HOST.search(host))
