"""What came into the archive, by source; and of some span of time: new articles by section, stories, and changes."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from archive.articles import StoredArticle
from archive.edits import Edit, edits
from archive.finding import find_all
from archive.tables import EDITED, articles, runs, versions
from archive.versions import IS_CURRENT, RECORD_TEXT

MOST_READ = 20_000
"""Articles whose sections are read, and versions that are compared: more come in by an import, not in a night."""
_CHUNK = 500
# inside a JSON string every quotation mark is escaped, so this matches only the member itself
_SECTION = re.compile(r'(?<!\\)"section"\s{0,9}:\s{0,9}"((?:[^"\\]|\\.){1,200})"')


@dataclass(frozen=True, slots=True)
class Arrivals:
    """New articles of a span: how many each source had, and of each source, how many each section (None: no section).

    `sections_of` is how many articles were looked at for their section, the latest ones; it is less than all where more
    than MOST_READ came in.
    """

    by_source: Mapping[str, int]
    sections: Mapping[str, Mapping[str | None, int]]
    sections_of: int

    @property
    def total(self) -> int:
        """All new articles."""
        return sum(self.by_source.values())


@dataclass(frozen=True, slots=True)
class CarriedStory:
    """A story of which articles came in: its family, how many of the new articles are of it, how many sources they are
    from, and the earliest article of the family; None if that cannot be read."""

    family: str
    articles: int
    sources: int
    first: StoredArticle | None


def sources_in(connection: Connection) -> dict[str, int]:
    """The sources of the archive's articles, and how many each has."""
    counted = select(articles.c.source, func.count()).group_by(articles.c.source).order_by(articles.c.source)
    return {str(row[0]): int(row[1]) for row in connection.execute(counted)}


def sources_with_runs(connection: Connection) -> set[str]:
    """The sources of the archive's runs, whether they have brought articles or not."""
    return {str(name) for name in connection.execute(select(runs.c.source).distinct()).scalars()}


def arrivals(connection: Connection, since: datetime, until: datetime) -> Arrivals:
    """The articles that were first saved from `since` until before `until` (aware)."""
    of_span = (articles.c.first_saved >= since, articles.c.first_saved < until)
    counted = select(articles.c.source, func.count()).where(*of_span).group_by(articles.c.source)
    by_source = {str(row[0]): int(row[1]) for row in connection.execute(counted)}
    latest = select(articles.c.source, RECORD_TEXT).join(versions, IS_CURRENT).where(*of_span)
    sections: dict[str, Counter[str | None]] = {}
    looked_at = 0
    for row in connection.execute(latest.order_by(articles.c.first_saved.desc()).limit(MOST_READ)).yield_per(_CHUNK):
        found = _SECTION.search(row.record or "")
        sections.setdefault(row.source, Counter())[_unescaped(found[1]) if found else None] += 1
        looked_at += 1
    return Arrivals(by_source, {name: dict(each.most_common()) for name, each in sections.items()}, looked_at)


def newest(connection: Connection, since: datetime, until: datetime, limit: int) -> Sequence[StoredArticle]:
    """The articles that were first saved last in a span. Those that cannot be read any more are left out."""
    of_span = select(articles.c.id).where(articles.c.first_saved >= since, articles.c.first_saved < until)
    latest = of_span.order_by(articles.c.first_saved.desc(), articles.c.published_on.desc(), articles.c.id).limit(limit)
    ids = [str(each) for each in connection.execute(latest).scalars()]
    found = find_all(connection, ids)
    return [found[each] for each in ids if each in found]


def most_carried(connection: Connection, since: datetime, until: datetime, limit: int = 10) -> Sequence[CarriedStory]:
    """The stories that most sources carried, of the articles first saved in a span: of two sources at least."""
    sources, count = func.count(articles.c.source.distinct()), func.count()
    rows = connection.execute(
        select(articles.c.family, count, sources)
        .where(articles.c.first_saved >= since, articles.c.first_saved < until, articles.c.family.is_not(None))
        .group_by(articles.c.family)
        .having(sources > 1)
        .order_by(sources.desc(), count.desc(), articles.c.family)
        .limit(limit)
    ).all()
    earliest = _earliest(connection, [row[0] for row in rows])
    known = find_all(connection, list(earliest.values()))
    return [CarriedStory(str(row[0]), int(row[1]), int(row[2]), known.get(earliest.get(row[0], ""))) for row in rows]


def changes_of(connection: Connection, since: datetime, until: datetime) -> tuple[Sequence[Edit], bool]:
    """What publishers changed in stories, and corrections, that were saved and seen first in a span, the latest first;
    and whether all are there (False: more than MOST_READ articles changed)."""
    chosen = select(versions.c.article_id).where(
        versions.c.saved_at >= since,
        versions.c.saved_at < until,
        text(f"({EDITED})"),
    )
    latest = chosen.group_by(versions.c.article_id).order_by(func.max(versions.c.saved_at).desc())
    ids = list(connection.execute(latest.limit(MOST_READ + 1)).scalars())
    found: list[Edit] = []
    for start in range(0, len(ids), _CHUNK):
        chunk = edits(connection, ids=ids[start : start + _CHUNK], since=since)
        found += [each for each in chunk if each.seen is None or each.seen < until]
    found.sort(key=lambda each: (each.seen or since, each.article_id), reverse=True)
    return found, len(ids) <= MOST_READ


def _earliest(connection: Connection, families: Sequence[str]) -> dict[str, str]:
    """The first article of each family."""
    rows = connection.execute(
        select(articles.c.family, articles.c.id)
        .where(articles.c.family.in_(families))
        .order_by(articles.c.published_on.desc(), articles.c.id.desc())
    )
    return {str(row[0]): str(row[1]) for row in rows}


def _unescaped(text: str) -> str:
    unescaped: str = json.loads(f'"{text}"')
    return unescaped
