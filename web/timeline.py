"""The timeline of a search: how many hits a year or a month has, as bars that narrow the search. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from web.searching import SearchState

MOST_MONTHS = 48
"""A longer span is shown by year."""
WIDTH, HEIGHT, LABELS = 720, 90, 18
"""Of the chart, in its own units; LABELS is the height of the line below the bars."""


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """A bar: its year and month (None: of the whole year), its hits, its place and size, and the state it leads to."""

    year: int
    month: int | None
    count: int
    x: float
    y: float
    width: float
    height: float
    state: SearchState
    labelled: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    """The bars, and the highest count. By month if the span is short, else by year."""

    bars: Sequence[TimelineBar]
    highest: int
    by_month: bool
    width: int = WIDTH
    height: int = HEIGHT
    labels: int = LABELS


def timeline(state: SearchState, facets: Mapping[str, Mapping[str, int]]) -> Timeline | None:
    """The timeline of hits counted by "year" and "month" ("2015-12"); None if there are fewer than two bars to show.

    Years and months without a hit are shown, so that a gap is seen.
    """
    years = {int(year): count for year, count in facets.get("year", {}).items() if year.isdigit()}
    months = {
        (int(text[:4]), int(text[5:7])): count
        for text, count in facets.get("month", {}).items()
        if len(text) == 7 and 1 <= int(text[5:7]) <= 12
    }
    if not months:
        return None
    first, last = min(months), max(months)
    span = (last[0] - first[0]) * 12 + last[1] - first[1] + 1
    by_month = span <= MOST_MONTHS and len(years) <= MOST_MONTHS // 12 + 1
    counts: dict[tuple[int, int | None], int] = {}
    if by_month:
        for number in range(first[0] * 12 + first[1] - 1, last[0] * 12 + last[1]):
            key = (number // 12, number % 12 + 1)
            counts[key] = months.get(key, 0)
    else:
        for year in range(min(years), max(years) + 1):
            counts[year, None] = years.get(year, 0)
    if len(counts) < 2:
        return None
    highest = max(counts.values())
    step = WIDTH / len(counts)
    every = max(1, round(len(counts) * 44 / WIDTH))
    bars = []
    for place, ((year, month), count) in enumerate(counts.items()):
        height = 0.0 if not count else max(2.0, count / highest * HEIGHT)
        bars.append(
            TimelineBar(
                year,
                month,
                count,
                round(place * step, 2),
                round(HEIGHT - height, 2),
                round(max(1.0, min(step - 1.5, 48)), 2),
                round(height, 2),
                state.changed(after=_after(year, month), before=_before(year, month)),
                month in (None, 1) or place == 0 if by_month else place % every == 0,
            )
        )
    return Timeline(bars, highest, by_month)


def _after(year: int, month: int | None) -> str:
    return f"{year:04}" if month is None else f"{year:04}-{month:02}"


def _before(year: int, month: int | None) -> str:
    """The beginning of the next year or month."""
    return f"{year + 1:04}" if month is None else f"{year + month // 12:04}-{month % 12 + 1:02}"
