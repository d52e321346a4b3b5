"""The timeline of a search: how many hits a year, a month or a day has, as bars that narrow the search. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from web.searching import SearchState

MOST_MONTHS = 48
"""A longer span is shown by year."""
WIDTH, HEIGHT, LABELS = 720, 90, 18
"""Of the chart, in its own units; LABELS is the height of the line below the bars."""
WIDEST_STEP = 56
FEW = 24
"""Months that have a label each. Of more, the Januaries have one."""


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """A bar: its year, month and day (None: of the whole year or month), its hits, its place and size, and the state it
    leads to."""

    year: int
    month: int | None
    day: int | None
    count: int
    x: float
    y: float
    width: float
    height: float
    state: SearchState
    labelled: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The bars, and the highest count. `by` is "year", "month" or "day"."""

    bars: Sequence[TimelineBar]
    highest: int
    by: str
    width: int
    height: int = HEIGHT
    labels: int = LABELS


Key = tuple[int, int | None, int | None]


def timeline(
    state: SearchState, facets: Mapping[str, Mapping[str, int]], days: Mapping[date, int] | None = None
) -> Timeline | None:
    """The timeline of hits counted by "year" and "month" ("2015-12"), or by `days`; None if it would have one bar.

    Years, months and days without a hit are shown, so that a gap is seen.
    """
    if days:
        first, last = min(days), max(days)
        spread = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        counts: dict[Key, int] = {(day.year, day.month, day.day): days.get(day, 0) for day in spread}
        return _drawn(state, counts, "day")
    years = {int(year): count for year, count in facets.get("year", {}).items() if year.isdigit()}
    months = months_of(facets)
    if not months:
        return None
    if is_short(months) and len(years) <= MOST_MONTHS // 12 + 1:
        begin, end = (year * 12 + month - 1 for year, month in (min(months), max(months)))
        counts = {
            (number // 12, number % 12 + 1, None): months.get((number // 12, number % 12 + 1), 0)
            for number in range(begin, end + 1)
        }
        return _drawn(state, counts, "month")
    return _drawn(state, {(year, None, None): years.get(year, 0) for year in range(min(years), max(years) + 1)}, "year")


def months_of(facets: Mapping[str, Mapping[str, int]]) -> dict[tuple[int, int], int]:
    """The hits by year and month."""
    return {
        (int(text[:4]), int(text[5:7])): count
        for text, count in facets.get("month", {}).items()
        if len(text) == 7 and 1 <= int(text[5:7]) <= 12
    }


def is_short(months: Mapping[tuple[int, int], int], most: int = MOST_MONTHS) -> bool:
    """Whether hits are spread over at most so many months."""
    first, last = min(months), max(months)
    return (last[0] - first[0]) * 12 + last[1] - first[1] < most


def _drawn(state: SearchState, counts: Mapping[Key, int], by: str) -> Timeline | None:
    if len(counts) < 2:
        return None
    highest = max(counts.values())
    width = min(WIDTH, WIDEST_STEP * len(counts))
    step = width / len(counts)
    every = max(1, round(len(counts) * (44 if by == "year" else 24) / width))
    bars = []
    for place, (key, count) in enumerate(counts.items()):
        year, month, day = key
        height = 0.0 if not count else max(2.0, count / highest * HEIGHT)
        labelled = _is_labelled(month, place, len(counts)) if by == "month" else place % every == 0
        bars.append(
            TimelineBar(
                year,
                month,
                day,
                count,
                round(place * step, 2),
                round(HEIGHT - height, 2),
                round(max(1.0, min(step - 1.5, 48)), 2),
                round(height, 2),
                state.changed(after=_after(key), before=_before(key)),
                labelled,
            )
        )
    return Timeline(bars, highest, by, width)


def _is_labelled(month: int | None, place: int, months: int) -> bool:
    """Whether a month has its name below it: each of a few, else each January, and the first if none stands beside."""
    return months <= FEW or month == 1 or (place == 0 and (month or 0) < 11)


def _after(key: Key) -> str:
    year, month, day = key
    return "-".join((f"{year:04}", *(f"{part:02}" for part in (month, day) if part is not None)))


def _before(key: Key) -> str:
    """The beginning of the next year, month or day."""
    year, month, day = key
    if month is None:
        return f"{year + 1:04}"
    if day is None:
        return f"{year + month // 12:04}-{month % 12 + 1:02}"
    return (date(year, month, day) + timedelta(days=1)).isoformat()
