"""Attention: how many articles match a query over time, as counts and as a share of all articles of the same days.

A share needs no correction for how much was crawled, but a day without any article says nothing: its counts are None,
not 0. What is missing is told beside the counts: days on which sources are unusually silent (docs/decisions/0039).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise

from indexer.contract import SearchIndex
from indexer.nodes import All, And, Node, Or, Term

MOST_PERIODS = 750
"""Points of a chart. A longer time is shown in longer periods."""
_KNOWN_AFTER = 7
"""Days with articles after which it can be told how often a source publishes."""

Days = Mapping[date, int]


class Interval(StrEnum):
    """How long a period is. Weeks begin on Monday (ISO 8601)."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class ChartPeriod:
    """From `first` to `last`, inclusive. It is not `whole` if the question cuts it off, or if it is not over."""

    first: date
    last: date
    whole: bool

    def name(self, interval: Interval) -> str:
        """Its name in ISO 8601: 2015-12-18, 2015-W51, 2015-12 or 2015."""
        match interval:
            case Interval.DAY:
                return self.first.isoformat()
            case Interval.WEEK:
                year, week, _ = self.first.isocalendar()
                return f"{year:04}-W{week:02}"
            case Interval.MONTH:
                return self.first.isoformat()[:7]
            case Interval.YEAR:
                return self.first.isoformat()[:4]


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of a chart: in each period the articles that match, out of `of`. Both are None where there is no article
    to count in."""

    name: str
    counts: tuple[int | None, ...]
    of: tuple[int | None, ...]

    @property
    def shares(self) -> tuple[float | None, ...]:
        """The matching part of all articles, from 0 to 1."""
        return tuple(
            count / of if count is not None and of else None for count, of in zip(self.counts, self.of, strict=True)
        )

    @property
    def total(self) -> int:
        """All articles that match."""
        return sum(count or 0 for count in self.counts)


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the archive has of a period: its articles, the days of its sources (three sources have 21 a week), and on
    how many of these the source is unusually silent: it may not have been crawled."""

    articles: int
    source_days: int
    silent: int

    @property
    def is_gap(self) -> bool:
        """Whether the archive has nothing, so that nothing can be said."""
        return not self.articles

    @property
    def is_partial(self) -> bool:
        """Whether at least a tenth of what should be there is missing."""
        return not self.is_gap and self.silent * 10 >= self.source_days > 0


@dataclass(frozen=True, slots=True)
class Attention:
    """The answer. `coarser` tells that the time is too long for the interval that was asked for."""

    interval: Interval
    periods: tuple[ChartPeriod, ...]
    curves: tuple[Curve, ...]
    coverage: tuple[Coverage, ...]
    coarser: bool = False

    def names(self) -> tuple[str, ...]:
        """The names of the periods."""
        return tuple(period.name(self.interval) for period in self.periods)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """What is asked beside the queries. Dates are inclusive, on the clock of the place where an article was printed;
    None begins with the first article that matches, and ends with the last. `interval` None takes what suits the time.

    `sources` are those that are counted, and `running` those of them that are crawled now: their silence lasts until
    `today`, that of others ends with their last article. `curves_for` are those that get a
    curve each, of one query, instead of one curve for each query.
    """

    today: date
    sources: Sequence[str]
    running: Collection[str] = ()
    interval: Interval | None = None
    since: date | None = None
    until: date | None = None
    curves_for: Sequence[str] = ()


def attention(index: SearchIndex, queries: Mapping[str, Node], span: Span) -> Attention:
    """Count the articles that match each query (by the name of its curve), all words required (`with_all_words`).

    Raises NoIndexError, NeedsReindexError and UnavailableError.
    """
    scopes = [Term("source", name) for name in span.sources]
    scope: Node = Or(tuple(scopes)) if scopes else All()
    if span.curves_for:
        (root,) = queries.values()
        names, roots = list(span.curves_for), [And((root, Term("source", each))) for each in span.curves_for]
    else:
        names, roots = list(queries), [And((root, scope)) for root in queries.values()]
    everything, *rest = index.per_day([scope, *scopes, *roots])
    by_source, counted = dict(zip(span.sources, rest, strict=False)), rest[len(scopes) :]
    first, last = _range(span, counted, everything)
    interval = span.interval or _suiting(first, last)
    chosen = next((each for each in _from(interval) if _length(first, last, each) <= MOST_PERIODS), Interval.YEAR)
    if span.since is None:  # what was not asked for does not cut a period off
        first = _start(first, chosen)
    if span.until is None:
        last = _end(_start(last, chosen), chosen)
    periods = tuple(periods_of(first, last, chosen, span.today))
    found = [_rhythm(days, span.today if name in span.running else None) for name, days in by_source.items()]
    rhythms = [each for each in found if each is not None]
    coverage = tuple(_coverage(period, everything, rhythms) for period in periods)
    curves = tuple(
        _curve(name, periods, days, by_source[name] if span.curves_for else everything)
        for name, days in zip(names, counted, strict=True)
    )
    return Attention(chosen, periods, curves, coverage, coarser=chosen is not interval)


def periods_of(first: date, last: date, interval: Interval, today: date) -> Iterator[ChartPeriod]:
    """The periods from one day to another, inclusive, cut off at both."""
    start = _start(first, interval)
    while start <= last:
        end = _end(start, interval)
        yield ChartPeriod(max(start, first), min(end, last), start >= first and end <= last and end < today)
        if end == date.max:
            return
        start = end + timedelta(days=1)


def _start(day: date, interval: Interval) -> date:
    match interval:
        case Interval.DAY:
            return day
        case Interval.WEEK:
            return day - timedelta(days=min(day.weekday(), (day - date.min).days))
        case Interval.MONTH:
            return day.replace(day=1)
        case Interval.YEAR:
            return day.replace(month=1, day=1)


def _end(start: date, interval: Interval) -> date:
    """The last day of the period with this first day."""
    match interval:
        case Interval.DAY:
            return start
        case Interval.WEEK:
            return start + timedelta(days=min(6, (date.max - start).days))
        case Interval.MONTH:
            later = (
                date.max if (start.year, start.month) == (9999, 12) else _start(start + timedelta(days=31), interval)
            )
            return later if later == date.max else later - timedelta(days=1)
        case Interval.YEAR:
            return start.replace(month=12, day=31)


def _range(span: Span, counted: Sequence[Days], everything: Days) -> tuple[date, date]:
    matching = [day for days in counted for day in days] or list(everything) or [span.today]
    since = span.since or min(*matching, span.until or date.max)
    until = span.until or max(*matching, since)
    return since, max(since, until)


def _suiting(first: date, last: date) -> Interval:
    days = (last - first).days + 1
    return Interval.DAY if days <= 92 else Interval.WEEK if days <= 3 * 366 else Interval.MONTH


def _from(interval: Interval) -> Iterator[Interval]:
    every = list(Interval)
    return iter(every[every.index(interval) :])


def _length(first: date, last: date, interval: Interval) -> float:
    days = {Interval.DAY: 1, Interval.WEEK: 7, Interval.MONTH: 30.4, Interval.YEAR: 365.2}
    return ((last - first).days + 1) / days[interval]


def _curve(name: str, periods: Sequence[ChartPeriod], days: Days, of: Days) -> Curve:
    out_of = _summed(periods, of)
    counts = _summed(periods, days)
    known = [bool(all_of_it) for all_of_it in out_of]
    return Curve(
        name,
        tuple(count if there else None for count, there in zip(counts, known, strict=True)),
        tuple(all_of_it or None for all_of_it in out_of),
    )


def _summed(periods: Sequence[ChartPeriod], days: Days) -> list[int]:
    """The articles of each period. Periods are in order and have no day in common."""
    sums = [0] * len(periods)
    starts = [period.first for period in periods]
    for day, count in days.items():
        place = bisect_right(starts, day) - 1
        if place >= 0 and day <= periods[place].last:
            sums[place] += count
    return sums


@dataclass(frozen=True, slots=True)
class _Rhythm:
    """From when until when a source is known to publish, and the days on which it is unusually silent."""

    first: date
    last: date
    silent: frozenset[date]


def _rhythm(days: Days, until: date | None) -> _Rhythm | None:
    """When a source publishes; None if that cannot be known from a few days.

    A silence is unusual if it is longer than nineteen of twenty of its silences: a daily paper's single day, a weekly's
    second week. With `until` (a source that is crawled now), the silence since its last article counts as well.
    """
    ordered = sorted(days)
    if len(ordered) < _KNOWN_AFTER:
        return None
    distances = sorted((two - one).days for one, two in pairwise(ordered))
    usual = distances[(len(distances) - 1) * 19 // 20]
    ends = [*ordered, until] if until and until > ordered[-1] else ordered  # today is not over
    silent = {
        one + timedelta(days=number)
        for one, two in pairwise(ends)
        if (two - one).days > usual
        for number in range(1, (two - one).days)
    }
    return _Rhythm(ordered[0], max(ordered[-1], *silent) if silent else ordered[-1], frozenset(silent))


def _coverage(period: ChartPeriod, everything: Days, rhythms: Sequence[_Rhythm]) -> Coverage:
    source_days = silent = 0
    for rhythm in rhythms:
        first, last = max(period.first, rhythm.first), min(period.last, rhythm.last)
        if first <= last:
            source_days += (last - first).days + 1
            silent += sum(first <= day <= last for day in rhythm.silent)
    days = ((period.first + timedelta(days=number)) for number in range((period.last - period.first).days + 1))
    return Coverage(sum(everything.get(day, 0) for day in days), source_days, silent)
