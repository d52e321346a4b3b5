"""Expected against collected, day by day, from what the archive holds."""

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
    """What is known of a day."""

    COMPARED = "compared"
    """A backfill has read the publisher's list of the day, and asked for each story in it."""
    UNCOMPARED = "uncompared"
    """There are stories of it, and nobody knows how many there should be."""
    GAP = "gap"
    """Its list could not be read to the end, or lists nothing; or there is no story of it."""


@dataclass(frozen=True, slots=True)
class DayCoverage:
    """A day: how many stories its publisher lists (null: nobody has looked), and how many the archive holds of it.

    The two may differ where all is well: a list may name yesterday's stories, and what was refused is listed too.
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
    """The days from `first` to `last`, both included, in the source's zone."""
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
    first: date, last: date, collected: Mapping[date, int], filled: Mapping[date, BackfillDay]
) -> list[DayCoverage]:
    """The days, from the stories collected of each and what backfills have written. Pure."""
    found = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        held, row = collected.get(day, 0), filled.get(day)
        if row is None:
            state, note = (CoverageState.UNCOMPARED, None) if held else (CoverageState.GAP, "no story of it")
        elif row.state is DayState.DONE:
            state, note = CoverageState.COMPARED, None
        else:
            state, note = CoverageState.GAP, row.note or "its list names no story"
        expected, waiting = (row.listed, row.waiting) if row else (None, 0)
        found.append(DayCoverage(day, state, expected, held, waiting, note))
    return found


def date_ranges(days: Iterable[date]) -> Sequence[tuple[date, date]]:
    """Days in order, as stretches without a break: their first and last days."""
    ordered = sorted(days)
    breaks = [place for place, (one, two) in enumerate(pairwise(ordered), 1) if two - one > timedelta(days=1)]
    edges = [0, *breaks, len(ordered)]
    return [(ordered[begin], ordered[end - 1]) for begin, end in pairwise(edges) if begin < end]
