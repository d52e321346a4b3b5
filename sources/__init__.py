"""The publishers: one small file each, and the file is the registration."""

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
from sources.registry import for_url, load, names

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
    "names",
]
