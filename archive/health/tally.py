"""Counts the fields of a crawl's articles while they are read, and compares the harvest with the baseline."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection

from archive.flags import FLAGS
from archive.health import harvest
from archive.health.baseline import find_deviations
from archive.health.harvest import FLAG, Deviation, FieldCount, Harvest
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
"""The fields that are counted. Author: a writer or an editor; image: the lead image, with a caption."""

_FLAGS = {f"{FLAG}{flag}": flag for flag in FLAGS if flag != "layout-unknown"}
"""The fields that articles without a flag have. Each run has all of them, so that a new flag has a baseline of its own;
"layout" is the one of layout-unknown."""


class Tally:
    """Counts the articles of one run. It keeps two numbers per article, so memory stays small."""

    def __init__(self) -> None:
        self._good = dict.fromkeys((*FIELDS, *_FLAGS), 0)
        self._last_good: dict[str, int | None] = {}
        self._first_bad: dict[str, int | None] = {}
        self._lengths: list[tuple[int, int | None]] = []

    def add(self, article: Article, page_id: int | None) -> None:
        """Count an article that was read from this page (row id)."""
        good = [name for name, has in FIELDS.items() if has(article)]
        good += [name for name, flag in _FLAGS.items() if flag not in article.flags]
        for name in good:
            self._good[name] += 1
            self._last_good[name] = page_id
        for name in self._good.keys() - set(good):
            self._first_bad.setdefault(name, page_id)
        self._lengths.append((sum(map(len, article.body)), page_id))

    def conclude(
        self, connection: Connection, run_id: str, *, stored: int, updated: int, shortened: bool
    ) -> Sequence[Deviation]:
        """Save the run's harvest, and return its deviations from the source's baseline.

        Every outcome of the run must be written before. Only a crawl is judged: a backfill reads old articles.
        """
        source, kind, started_at = harvest.run_header(connection, run_id)
        rejected = harvest.rejections(connection, run_id)
        length, page = self._median()
        own = Harvest(
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
        deviations: Sequence[Deviation] = ()
        if kind == "crawl":
            past = harvest.recent_harvests(connection, source, started_at)
            deviations = find_deviations(own, past, harvest.first_harvests(connection, source, started_at))
        harvest.save_harvest(connection, own, deviations)
        return deviations

    def _fields(self) -> dict[str, FieldCount]:
        read = len(self._lengths)
        return {
            name: FieldCount(read, self._good[name], self._last_good.get(name), self._first_bad.get(name))
            for name in self._good
            if read
        }

    def _rejections(
        self, rejected: Mapping[str, tuple[int, int | None]], good_page: int | None
    ) -> dict[str, FieldCount]:
        pages = len(self._lengths) + sum(count for count, _ in rejected.values())
        return {name: FieldCount(pages, pages - count, good_page, bad) for name, (count, bad) in rejected.items()}

    def _median(self) -> tuple[int | None, int | None]:
        """The median body length in characters, and the page of the article that has it."""
        if not self._lengths:
            return None, None
        return sorted(self._lengths, key=lambda each: each[0])[len(self._lengths) // 2]
