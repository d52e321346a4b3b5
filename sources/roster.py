"""`python -m sources.roster` prints the table of all sources for docs/sources.md."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable

import sources
from sources.definition import DailyIndex, Feed, Finding, FrontPage, NewsSitemap, Sitemap, Source

_KIND_NAMES: dict[type[Finding], tuple[str, str]] = {
    Feed: ("feed", "feeds"),
    NewsSitemap: ("news sitemap", "news sitemaps"),
    Sitemap: ("sitemap", "sitemaps"),
    FrontPage: ("front page", "front pages"),
    DailyIndex: ("daily index", "daily indexes"),
}


def roster(all_sources: Iterable[Source]) -> str:
    """A Markdown table with a row for each source; every line ends with a newline."""
    rows = [("source", "publisher", "zone", "found by", "layouts proved on"), ("---",) * 5]
    for source in all_sources:
        proved = source.proved.isoformat() if source.proved else "unproved"
        rows.append((f"`{source.name}`", source.title, source.zone, _found_by(source), proved))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _found_by(source: Source) -> str:
    """ "5 feeds, 2 news sitemaps, a daily index"."""
    counts = Counter(type(find) for find in source.finds)
    return ", ".join(
        f"{counts[kind]} {many}" if counts[kind] > 1 else f"a {one}"
        for kind, (one, many) in _KIND_NAMES.items()
        if counts[kind]
    )


if __name__ == "__main__":
    sys.stdout.write(roster(map(sources.load, sources.names())))
