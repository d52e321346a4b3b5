"""Which listed addresses are stories: no videos, galleries, tags and lists, and no story's AMP or print twin."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from archive.identity import host_of
from archive.records import Listing
from sources.definition import Source

LEFT_OUT: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("video", re.compile(r"^https?://(?:video|videos|tv|vod)\.|/(?:video|videos|vidio)(?:/|$)", re.I)),
    ("gallery", re.compile(r"^https?://(?:foto|photo|photos)\.|/(?:foto|photo|photos|galeri|gallery)(?:/|$)", re.I)),
    ("tag", re.compile(r"/(?:tag|tags|tagar|topik|topic|topics)(?:/|$)", re.I)),
    ("list", re.compile(r"/(?:indeks|index|search|cari|rss|feed|category|kategori|author|penulis)(?:/|$)", re.I)),
)
"""What no source wants, by whole path segments or host labels: "/video/1/x", and never "/berita/1/video-viral".

A source's own `exclude` adds to this. The address's query is not looked at.
"""

_MARKED = r"(?:amp|print|cetak|(?:view|mode|output|outputType)=(?:amp|print))"

TWINS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^(https?://)amp\.(?=[^/]+\.[^/]+)", re.I), r"\1"),
    (re.compile(r"(?<!/)/(?:amp|print|cetak|printer)(?=/|$|[?#])", re.I), ""),
    (re.compile(r"\.amp(?=\.html?\b|$|[?#])", re.I), ""),
    (re.compile(rf"(?<=[?&]){_MARKED}(?:=1|=true)?(?:&|$)", re.I), ""),
)
"""How publishers mark the AMP and print twin of a story, and what is left of the address without the mark."""

_LOCAL = re.compile(r"(?:^|\.)(?:localhost|local|internal|lan|home\.arpa)$")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The stories among some listings, and the private hosts that others stand on."""

    stories: tuple[Listing, ...]
    private: frozenset[str]


def choose(listings: Iterable[Listing], source: Source) -> Chosen:
    """The listings that are stories of the source, at their own addresses, each address once."""
    stories: dict[str, Listing] = {}
    private: set[str] = set()
    for listing in listings:
        for url in filter(None, (listing.url, listing.also_at)):
            story = without_twin(url)
            if source.is_article(story) and kind_left_out(story) is None:
                stories.setdefault(story, listing if story == listing.url else replace(listing, url=story))
                break
            if _is_private(host := host_of(url)) and not source.owns(url):
                private.add(host)
    return Chosen(tuple(stories.values()), frozenset(private))


def without_twin(url: str) -> str:
    """The address of the story whose AMP or print twin this is; any other address as it is."""
    story = url
    for mark, left in TWINS:
        story = mark.sub(left, story)
    return story.rstrip("?&") if story != url else url


def kind_left_out(url: str) -> str | None:
    """The row of LEFT_OUT that an address falls under, or None."""
    path = re.split(r"[?#]", url, maxsplit=1)[0]
    return next((kind for kind, pattern in LEFT_OUT if pattern.search(path)), None)


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return bool(_LOCAL.search(host))
