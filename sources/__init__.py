"""The publishers: one small file each in `sources/publishers/`. Adding the file registers the source."""

from __future__ import annotations

from sources.definition import (
    BadSourceError,
    DailyIndex,
    Feed,
    Finding,
    FrontPage,
    Layout,
    NewsSitemap,
    Sitemap,
    Source,
)
from sources.registry import for_url, load, load_all, names

__all__ = [
    "BadSourceError",
    "DailyIndex",
    "Feed",
    "Finding",
    "FrontPage",
    "Layout",
    "NewsSitemap",
    "Sitemap",
    "Source",
    "for_url",
    "load",
    "load_all",
    "names",
]
