"""A source's baseline, measured from its own past runs, and the fields in which a run deviates from it. Pure.

The rules, and the reason for each:

- A run needs at least `MIN_PAGES` pages to be judged. A smaller one is judged together with the runs before it: a
  source that publishes two articles a night is judged by its last five nights.
- The baseline is the median over batches of past runs. A batch is one day, or several consecutive days if one day has
  fewer than `MIN_PAGES` pages. The last `WINDOW` batches count. Nothing is judged before there are `MIN_BATCHES`: a
  week, so that it includes a weekend. A run in which a field deviated does not count for that field; otherwise the
  baseline would follow a break within weeks.
- A share deviates if it is `MIN_DROP` lower than usual or less than half of it, and chance does not explain it: at the
  low share, fewer than one run in ten thousand would have so few good pages (binomial test). The low share is what nine
  batches in ten reach. It is not the median, because every weekend and holiday brings wire copy without bylines. It is
  capped at `MAX_EXPECTED_SHARE`, because one page in twenty fails on any night.
- The median length of the bodies deviates if it is less than half or more than twice the usual length, and outside the
  range that the batches showed.
- New articles are counted per day (the last `DAY`, so that a manual run after the nightly one changes nothing). They
  are too few if they are less than half of those on the poorest of the last `WINDOW` days, which include at least two
  weekends.
- A baseline that follows a slow decay would hide it. So the recent baseline and the run are also compared with the
  first baseline: that of the first batches ever measured, or measured since somebody accepted a change
  (`kliping sources accept`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, islice, repeat, takewhile
from statistics import median

from archive.health.harvest import FLAG, REJECTED, Deviation, Harvest

MIN_PAGES = 10
MIN_BATCHES = 7
MIN_DAYS = 14
WINDOW = 30
MIN_DROP = 0.2
MIN_RISE = 0.1
"""For pages rejected for one reason, or whose articles have one flag: equal to the share that a run's verdict tolerates
(`runs.TOLERATED_SHARE`)."""
SIGNIFICANCE = 0.0001
MAX_EXPECTED_SHARE = 0.95
DAY = timedelta(hours=20)
"""Less than a day, because a nightly run may begin some hours early or late."""
MIN_ARTICLES_A_DAY = 10
LENGTH, ARTICLES = "body length", "articles"
COUNTS_BAD = (REJECTED, FLAG)
"""The beginnings of fields whose bad pages people count."""


@dataclass(frozen=True, slots=True)
class PageSample:
    """Consecutive runs, newest first, and the value of one field in them: a share, or the median body length."""

    runs: tuple[Harvest, ...]
    pages: int
    good: int
    value: float

    @property
    def since(self) -> date:
        """The day of its first run."""
        return self.runs[-1].started_at.date()


@dataclass(frozen=True, slots=True)
class Baseline:
    """The usual value over several batches: the median, and the bounds that nine batches in ten reach or stay below."""

    usual: float
    low: float
    high: float
    since: date

    @classmethod
    def of(cls, values: Sequence[float], since: date) -> Baseline:
        """The baseline of these values, one per batch."""
        ordered = sorted(values)
        tenth = len(values) // 10
        return cls(median(values), ordered[tenth], ordered[-1 - tenth], since)


def find_deviations(run: Harvest, past: Sequence[Harvest], first: Sequence[Harvest]) -> list[Deviation]:
    """The fields in which a run deviates from its source's baseline.

    `past` are the runs before it, newest first. `first` are the first runs of the source, oldest first. The two may
    overlap.
    """
    found = [_field_deviation(name, run, past, first) for name in (*sorted(run.fields), LENGTH)]
    return [deviation for deviation in (*found, _articles_deviation(run, past)) if deviation]


def recent_baseline(name: str, past: Iterable[Harvest], *, skip: int = 0) -> Baseline | None:
    """The baseline of a field over the newest batches of these runs (newest first), without the first `skip` runs.

    None if there are too few batches.
    """
    return _baseline(list(islice(batches(name, past, skip=skip), WINDOW)))


def first_baseline(name: str, first: Sequence[Harvest], recent: Baseline | None) -> Baseline | None:
    """The baseline of a field over the oldest batches of these runs (oldest first).

    None if there are too few batches, or if it is no older than the recent baseline.
    """
    found = _baseline(list(batches(name, reversed(first)))[-WINDOW:])
    return found if found and (recent is None or found.since < recent.since) else None


def _baseline(measured: Sequence[PageSample]) -> Baseline | None:
    if len(measured) < MIN_BATCHES:
        return None
    return Baseline.of([batch.value for batch in measured], measured[-1].since)


def batches(
    name: str, past: Iterable[Harvest], *, skip: int = 0, include_deviating: bool = False
) -> Iterator[PageSample]:
    """Groups past runs (newest first) by day, or by several days until a group has enough pages.

    Leaves out the first `skip` runs and the oldest runs if they do not fill a batch. Unless `include_deviating`, it
    also leaves out runs in which the field deviated, each with the earlier runs that were judged together with it.
    """
    taken: list[Harvest] = []
    pages = pages_to_skip = 0
    for place, run in enumerate(past):
        if name in run.deviating and not include_deviating:
            pages_to_skip = MIN_PAGES
        if pages_to_skip > 0 or place < skip:
            pages_to_skip -= _pages(name, run)
            continue
        if pages >= MIN_PAGES and run.started_at.date() != taken[-1].started_at.date():
            yield _sample(name, taken)
            taken, pages = [], 0
        taken.append(run)
        pages += _pages(name, run)
    if pages >= MIN_PAGES:
        yield _sample(name, taken)


def _field_deviation(name: str, run: Harvest, past: Sequence[Harvest], first: Sequence[Harvest]) -> Deviation | None:
    now = _sample_of_run(name, run, past)
    if now is None:
        return None
    # If a break has lasted longer than `past` reaches back, only the first runs still show the usual value.
    recent = recent_baseline(name, past, skip=len(now.runs) - 1) or first_baseline(name, first, None)
    if recent is None:
        return None
    original = first_baseline(name, first, recent)
    if _exceeds_margin(name, now.value, recent) and (name == LENGTH or _is_significant(now, recent)):
        usual, why = recent.usual, f"usually {format_value(name, recent.usual)}."
    elif original and _exceeds_margin(name, recent.usual, original) and _exceeds_margin(name, now.value, original):
        usual = original.usual
        why = (
            f"lately {format_value(name, recent.usual)}; it was {format_value(name, usual)} at first "
            f"(from {original.since}), and changed so slowly that no night stood out."
        )
    else:
        return None
    sentence = f"{_describe(name, now)}, {why}"
    good_page, bad_page = _last_good(name, past[len(now.runs) - 1 :]), _first_bad(name, now, past)
    return Deviation(name, now.value, usual, sentence, good_page, bad_page)


def _exceeds_margin(name: str, value: float, baseline: Baseline) -> bool:
    if name == LENGTH:
        return value < min(baseline.usual / 2, baseline.low) or value > max(baseline.usual * 2, baseline.high)
    margin = MIN_RISE if name.startswith(COUNTS_BAD) else MIN_DROP
    return value < baseline.low and (baseline.usual - value >= margin or value < baseline.usual / 2)


def _is_significant(now: PageSample, baseline: Baseline) -> bool:
    return _binomial_cdf(now.good, now.pages, min(baseline.low, MAX_EXPECTED_SHARE)) < SIGNIFICANCE


def _binomial_cdf(good: int, pages: int, share: float) -> float:
    """The probability of at most `good` good pages among `pages`, if each is good with the probability `share`."""
    if share <= 0:
        return 1.0

    def exactly(count: int) -> float:
        ways = math.lgamma(pages + 1) - math.lgamma(count + 1) - math.lgamma(pages - count + 1)
        return math.exp(ways + count * math.log(share) + (pages - count) * math.log1p(-share))

    return sum(map(exactly, range(good + 1)))


def _describe(name: str, sample: PageSample) -> str:
    over = f" in {len(sample.runs)} runs" if len(sample.runs) > 1 else ""
    pages = f"{sample.pages} {'pages' if name.startswith(REJECTED) else 'articles'}{over}"
    if name == LENGTH:
        return f"{name}: a median of {format_value(name, sample.value)} over {pages}"
    return f"{name}: {format_value(name, sample.value)} of {pages}"


def format_value(name: str, value: float) -> str:
    """A field's value for people. For "rejected:<reason>" and "flag:<name>" it is the share that was, not the rest."""
    if name == LENGTH:
        return f"{value:,.0f} characters"
    return f"{100 * (1 - value if name.startswith(COUNTS_BAD) else value):.0f} %"


def _articles_deviation(run: Harvest, past: Sequence[Harvest]) -> Deviation | None:
    """The deviation if a day's new articles are too few. A run that was cut short says nothing about the publisher."""
    if run.shortened:
        return None
    days: dict[date, int] = {}
    for place, earlier in enumerate(past):
        if not earlier.shortened and ARTICLES not in earlier.deviating:
            days.setdefault(earlier.started_at.date(), _stored_within_day(past[place:]))
    days.pop(run.started_at.date(), None)
    counts = list(days.values())[:WINDOW]
    new = _stored_within_day([run, *past])
    if len(counts) < MIN_DAYS or median(counts) < MIN_ARTICLES_A_DAY or new >= min(counts) / 2:
        return None
    usual, fewest = median(counts), min(counts)
    sentence = f"{ARTICLES}: {new} new in a day, usually {usual:.0f} and never less than {fewest:.0f}."
    return Deviation(ARTICLES, new, usual, sentence)


def _stored_within_day(newest_first: Sequence[Harvest]) -> int:
    latest = newest_first[0].started_at
    return sum(run.stored for run in takewhile(lambda run: latest - run.started_at < DAY, newest_first))


def _sample_of_run(name: str, run: Harvest, past: Sequence[Harvest]) -> PageSample | None:
    """The run, with as many earlier runs as needed for enough pages.

    None if even all of them are too few, or if the run itself has no pages.
    """
    taken: list[Harvest] = []
    pages = 0
    for each in chain([run], past):
        taken.append(each)
        pages += _pages(name, each)
        if pages == 0:
            return None
        if pages >= MIN_PAGES:
            return _sample(name, taken)
    return None


def _pages(name: str, run: Harvest) -> int:
    return run.articles if name == LENGTH else run.count(name).pages


def _sample(name: str, runs: Sequence[Harvest]) -> PageSample:
    if name == LENGTH:  # an approximation: the median of a run counts for each of its articles
        lengths = list(chain.from_iterable(repeat(run.length or 0, run.articles) for run in runs))
        return PageSample(tuple(runs), len(lengths), 0, median(lengths))
    counts = [run.count(name) for run in runs]
    pages, good = sum(count.pages for count in counts), sum(count.good for count in counts)
    return PageSample(tuple(runs), pages, good, good / pages)


def _last_good(name: str, before: Sequence[Harvest]) -> int | None:
    normal = (run for run in before if name not in run.deviating)
    pages = (run.length_page if name == LENGTH else run.count(name).last_good for run in normal)
    return next((page for page in pages if page is not None), None)


def _first_bad(name: str, now: PageSample, past: Sequence[Harvest]) -> int | None:
    """The first bad page of the break. If the previous run deviated already, its first bad page is kept."""
    before = next((run for run in past if _pages(name, run)), None)
    if before is not None and before.deviating.get(name) is not None:
        return before.deviating[name]
    pages = (run.length_page if name == LENGTH else run.count(name).first_bad for run in now.runs)
    return next((page for page in pages if page is not None), None)
