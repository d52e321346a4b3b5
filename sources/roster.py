"""`python -m sources.roster` prints the table of all sources; with `--write` it puts the table into docs/sources.md."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import sources
from sources.definition import DailyIndex, Feed, Finding, FrontPage, NewsSitemap, Sitemap, Source

DOCS_PAGE = Path(__file__).parents[1] / "docs" / "sources.md"

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


def with_roster(page: str, table: str) -> str:
    """The text of docs/sources.md with another table at its end. Raises ValueError if it has no table."""
    return page[: page.index("| source |")] + table


def stale_rows(page: str, all_sources: Iterable[Source]) -> list[str]:
    """The names of the sources whose row is missing from the table in docs/sources.md, or differs from their file."""
    rows = set(page.splitlines())
    return [source.name for source in all_sources if roster((source,)).splitlines()[-1] not in rows]


def main() -> None:
    """Print the table, or write it. Names on stderr the source files that do not load; they have no row."""
    parser = argparse.ArgumentParser(prog="python -m sources.roster", description="The table of all sources.")
    parser.add_argument("--write", action="store_true", help="write it to docs/sources.md")
    write = parser.parse_args().write
    usable, problems = sources.load_all()
    for problem in problems.values():
        sys.stderr.write(f"{problem}. The source is skipped.\n")
    table = roster(usable)
    if write:
        DOCS_PAGE.write_text(with_roster(DOCS_PAGE.read_text(encoding="utf-8"), table), encoding="utf-8")
    else:
        sys.stdout.write(table)


if __name__ == "__main__":
    main()
