"""Compares, day by day, the stories that a publisher lists with those in the archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from archive.backfills import BackfillDay, DayState, days_of
from archive.database import Archive
from archive.tables import articles


class CoverageState(StrEnum):
    """What is known about a day."""

    COMPARED = "compared"
    """A backfill read the publisher's list of the day and requested each story in it."""
    UNCOMPARED = "uncompared"
    """There are stories, but no list to say how many there should be."""
    GAP = "gap"
    """Its list could not be read to the end or is empty; or there is neither list nor story."""


@dataclass(frozen=True, slots=True)
class DayCoverage:
    """A day: how many stories its publisher lists (None: no list was read), and how many are in the archive.

    The two may differ without an error: a list may include yesterday's stories, and rejected ones are listed too.
    """

    day: date
    state: CoverageState
    expected: int | None
    collected: int
    waiting: int
    note: str | None

    def as_json(self) -> dict[str, Any]:
        """For `kliping coverage --json`."""
        plain = asdict(self) | {"day": self.day.isoformat()}
        return {"cover" if name == "state" else name: value for name, value in plain.items()}


def coverage(archive: Archive, source: str, first: date, last: date, zone: tzinfo) -> list[DayCoverage]:
    """The days from `first` to `last`, inclusive, in the source's zone."""
    begin = datetime.combine(first, time.min, zone)
    end = datetime.combine(last + timedelta(days=1), time.min, zone)
    query = select(articles.c.published_on).where(
        articles.c.source == source, articles.c.published_on >= begin, articles.c.published_on < end
    )
    with archive.reading() as connection:
        moments = connection.execute(query).scalars()
        collected = Counter(moment.astimezone(zone).date() for moment in moments)
    return compare_days(first, last, collected, days_of(archive, source, first, last))


def compare_days(
    first: date, last: date, collected: Mapping[date, int], backfilled: Mapping[date, BackfillDay]
) -> list[DayCoverage]:
    """The days, from the number of stories collected and the rows that backfills wrote. Pure."""
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        stories, row = collected.get(day, 0), backfilled.get(day)
        if row is None:
            state, note = (
                (CoverageState.UNCOMPARED, None) if stories else (CoverageState.GAP, "no story in the archive")
            )
        elif row.state is DayState.DONE:
            state, note = CoverageState.COMPARED, None
        else:
            state, note = CoverageState.GAP, row.note or "its list is empty"
        expected, waiting = (row.listed, row.waiting) if row else (None, 0)
        found.append(DayCoverage(day, state, expected, stories, waiting, note))
    return found


def date_ranges(days: Iterable[date]) -> Sequence[tuple[date, date]]:
    """Group days into ranges of consecutive days: (first day, last day) each, in order."""
    ordered = sorted(days)
    breaks = [place for place, (one, two) in enumerate(pairwise(ordered), 1) if two - one > timedelta(days=1)]
    edges = [0, *breaks, len(ordered)]
    return [(ordered[begin], ordered[end - 1]) for begin, end in pairwise(edges) if begin < end]
