"""What a crawl's articles carry, counted as they are read, and the crawl's harvest held against its source's norm."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection

from archive.health import harvest
from archive.health.baseline import find_deviations
from archive.health.harvest import Deviation, FieldCount, Harvest
from archive.records import Article, Precision

FIELDS: Mapping[str, Callable[[Article], bool]] = {
    "author": lambda article: bool(article.authors or article.editors),
    "dateline": lambda article: article.dateline is not None,
    "image": lambda article: bool(article.images and article.images[0].url and article.images[0].caption),
    "agency": lambda article: article.agency is not None,
    "section": lambda article: article.section is not None,
    "tags": lambda article: bool(article.tags),
    "clock": lambda article: article.published_precision is not Precision.DAY,
    "layout": lambda article: "layout-unknown" not in article.flags,
}
"""What a share of a source's articles has. Author: writer or editor; image: the lead image, with a caption."""


class Tally:
    """The articles of one run, counted one by one; two numbers stay of each, however many there are."""

    def __init__(self) -> None:
        self._good = dict.fromkeys(FIELDS, 0)
        self._last_good: dict[str, int | None] = {}
        self._first_bad: dict[str, int | None] = {}
        self._lengths: list[tuple[int, int | None]] = []

    def add(self, article: Article, page_id: int | None) -> None:
        """Count an article, and note the page (row id) that it was read from."""
        for name, has in FIELDS.items():
            if has(article):
                self._good[name] += 1
                self._last_good[name] = page_id
            else:
                self._first_bad.setdefault(name, page_id)
        self._lengths.append((sum(map(len, article.body)), page_id))

    def conclude(
        self, connection: Connection, run_id: str, *, stored: int, updated: int, shortened: bool
    ) -> Sequence[Deviation]:
        """Keep the run's harvest, and give what of it is out of the source's norm.

        Every outcome of the run must be written by then. Only a crawl's is judged: what a backfill meets is old.
        """
        source, kind, started_at = harvest.run_facts(connection, run_id)
        rejected = harvest.rejections(connection, run_id)
        length, page = self._median()
        present = Harvest(
            run_id,
            started_at,
            len(self._lengths),
            stored,
            updated,
            length,
            page,
            shortened,
            {**self._fields(), **self._rejections(rejected, page)},
        )
        falls: Sequence[Deviation] = ()
        if kind == "crawl":
            past = harvest.recent_harvests(connection, source, started_at)
            falls = find_deviations(present, past, harvest.first_harvests(connection, source))
        harvest.save_harvest(connection, present, falls)
        return falls

    def _fields(self) -> dict[str, FieldCount]:
        read = len(self._lengths)
        return {
            name: FieldCount(read, self._good[name], self._last_good.get(name), self._first_bad.get(name))
            for name in FIELDS
            if read
        }

    def _rejections(
        self, rejected: Mapping[str, tuple[int, int | None]], good_page: int | None
    ) -> dict[str, FieldCount]:
        pages = len(self._lengths) + sum(count for count, _ in rejected.values())
        return {name: FieldCount(pages, pages - count, good_page, bad) for name, (count, bad) in rejected.items()}

    def _median(self) -> tuple[int | None, int | None]:
        """The median length of a body, in characters, and the page of the article that has it."""
        if not self._lengths:
            return None, None
        return sorted(self._lengths, key=lambda each: each[0])[len(self._lengths) // 2]
