"""On which day an article was published: the day that its page prints, in the article's own zone, not in UTC's.

An article of 1 January, 00:30 in Jayapura, is one of 1 January, though it was still 31 December in London. Search, its
facets and `kliping archive stats` all count so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from enum import IntEnum

from sqlalchemy import ColumnElement, Connection, and_, func, select

from archive.tables import articles, versions
from archive.versions import IS_CURRENT, RECORD_TEXT

# inside a JSON string every quotation mark is escaped, so this matches only the member itself
_DAY = re.compile(r'(?<!\\)"published_at"\s{0,9}:\s{0,9}"(\d{4}-\d\d-\d\d)')
_MOST_APART = timedelta(hours=28)
"""Two articles of one day are at most so far apart: a day, and the distance between UTC+14 and UTC-12 beyond it."""


class CountPeriod(IntEnum):
    """Periods by which articles are counted; the value is how much of "2015-12-18" names one."""

    YEAR = 4
    MONTH = 7
    DAY = 10


def first_and_last_days(connection: Connection) -> Mapping[str, tuple[str, str] | None]:
    """The first and the last day (ISO 8601) on which each source published; None if no record of it can be read."""
    edges = select(articles.c.source, func.min(articles.c.published_on), func.max(articles.c.published_on))
    found: dict[str, tuple[str, str] | None] = {}
    for source, first, last in connection.execute(edges.group_by(articles.c.source).order_by(articles.c.source)).all():
        of_source = articles.c.source == source
        early = [*_days(connection, and_(of_source, articles.c.published_on <= first + _MOST_APART))]
        late = [*_days(connection, and_(of_source, articles.c.published_on >= last - _MOST_APART))]
        found[source] = (min(early), max(late)) if early and late else None
    return found


def count_by(connection: Connection, period: CountPeriod, source: str | None = None) -> Mapping[tuple[str, str], int]:
    """How many articles were published in each period, by period and source, in order. Reads every current version."""
    chosen = articles.c.source == source if source else articles.c.source.is_not(None)
    counts: Counter[tuple[str, str]] = Counter()
    for name, day in _days_by_source(connection, chosen):
        counts[day[:period], name] += 1
    return dict(sorted(counts.items()))


def _days(connection: Connection, chosen: ColumnElement[bool]) -> Iterator[str]:
    return (day for _, day in _days_by_source(connection, chosen))


def _days_by_source(connection: Connection, chosen: ColumnElement[bool]) -> Iterator[tuple[str, str]]:
    """Source and day of each chosen article; those whose record is lost or damaged have none (`archive verify`)."""
    rows = connection.execution_options(yield_per=500).execute(
        select(articles.c.source, RECORD_TEXT).join(versions, IS_CURRENT).where(chosen)
    )
    for row in rows:
        if found := _DAY.search(row.record or ""):
            yield row.source, found[1]
