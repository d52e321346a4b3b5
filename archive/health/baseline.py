"""What is normal for a source, measured by its own past runs, and whether a run is out of it. Pure.

The rules, and what each is for:

- A run is judged by at least `ENOUGH` pages. One that has fewer says nothing by itself, so it is judged together with
  the runs before it: a source that brings two articles a night is judged by its last five nights.
- The norm is the median over batches of past runs. A batch is a day, or several days on end where a day brings less
  than `ENOUGH`; up to `WINDOW` batches count, and nothing is judged before there are `FEWEST`: a week, so that its
  weekend is among them. A field that fell in a run is left out of its norm there, else a norm would follow a break
  within weeks.
- A share has fallen where it is lower by `FALL`, or less than half of the usual, and chance does not explain it: pages
  drawn at a low share would give so few in less than one of ten thousand runs (binomial test). The low share is what
  nine batches in ten reach, not the median, for weekends and holidays bring wire copy without bylines every week; one
  above `SUREST` counts as that much, for one page in twenty fails on any night.
- The body's median length is out where it is less than half, or more than twice, the usual and outside what the
  batches showed.
- New articles are counted by the day (the last `DAY`, so that a run by hand after the nightly one says nothing), and
  are too few where they are less than half of what came on the poorest of the last `WINDOW` days, two weekends among
  them.
- A norm that follows a slow decay would hide it. So the present norm, and the run, are held against the norm of the
  first batches that were ever measured, or measured since somebody accepted a change (`kliping sources accept`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, islice, repeat, takewhile
from statistics import median

from archive.health.harvest import REJECTED, Fall, Harvest

ENOUGH = 10
FEWEST = 7
FEWEST_DAYS = 14
WINDOW = 30
FALL = 0.2
FALL_OF_READ = 0.1
"""Pages rejected for one reason: the share that a run's verdict tolerates altogether (`runs.TOLERATED_SHARE`)."""
CHANCE = 0.0001
SUREST = 0.95
DAY = timedelta(hours=20)
"""Less than a day, for a nightly run may begin some hours early or late."""
FEWEST_A_DAY = 10
LENGTH, ARTICLES = "body length", "articles"


@dataclass(frozen=True, slots=True)
class PageSample:
    """Some runs on end, the youngest first, and what they say of one field: a share, or the body's median length."""

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
    """What batches say is usual: the median, and what all but a tenth of them reach, and do not exceed."""

    usual: float
    low: float
    high: float
    since: date

    @classmethod
    def of(cls, values: Sequence[float], since: date) -> Baseline:
        """The norm of some values, one for each batch."""
        ordered = sorted(values)
        tenth = len(values) // 10
        return cls(median(values), ordered[tenth], ordered[-1 - tenth], since)


def judge(present: Harvest, past: Sequence[Harvest], first: Sequence[Harvest]) -> list[Fall]:
    """What of a run is out of its source's norm.

    `past` are the runs before it, the youngest first, and `first` the first ones ever, the oldest first; the two may
    share runs.
    """
    falls = [_fallen(name, present, past, first) for name in (*sorted(present.fields), LENGTH)]
    return [fall for fall in (*falls, _too_few(present, past)) if fall]


def measure(name: str, past: Iterable[Harvest], *, after: int = 0) -> Baseline | None:
    """The norm of a field by the youngest of these runs (the youngest first), after the first few of them.

    Null while there are too few.
    """
    return _norm(list(islice(batches(name, past, after=after), WINDOW)))


def measure_first(name: str, first: Sequence[Harvest], lately: Baseline | None) -> Baseline | None:
    """The norm of a field by the oldest of these runs (the oldest first), where it is older than the present norm."""
    norm = _norm(list(batches(name, reversed(first)))[-WINDOW:])
    return norm if norm and (lately is None or norm.since < lately.since) else None


def _norm(measured: Sequence[PageSample]) -> Baseline | None:
    return Baseline.of([batch.value for batch in measured], measured[-1].since) if len(measured) >= FEWEST else None


def batches(name: str, past: Iterable[Harvest], *, after: int = 0, fallen_too: bool = False) -> Iterator[PageSample]:
    """Past runs (the youngest first) by the day, or by several days until they have enough pages.

    Left out are the first `after` runs; those in which the field fell unless `fallen_too`, each with the runs before it
    that made up its pages; and the oldest, where they are not enough.
    """
    taken: list[Harvest] = []
    pages = left_out = 0
    for place, run in enumerate(past):
        if name in run.fallen and not fallen_too:
            left_out = ENOUGH
        if left_out > 0 or place < after:
            left_out -= _pages(name, run)
            continue
        if pages >= ENOUGH and run.started_at.date() != taken[-1].started_at.date():
            yield _batch(name, taken)
            taken, pages = [], 0
        taken.append(run)
        pages += _pages(name, run)
    if pages >= ENOUGH:
        yield _batch(name, taken)


def _fallen(name: str, present: Harvest, past: Sequence[Harvest], first: Sequence[Harvest]) -> Fall | None:
    now = _present(name, present, past)
    if now is None:
        return None
    # of a break that has lasted longer than `past` reaches, only the first days know better
    lately = measure(name, past, after=len(now.runs) - 1) or measure_first(name, first, None)
    if lately is None:
        return None
    at_first = measure_first(name, first, lately)
    if _is_far(name, now.value, lately) and (name == LENGTH or _is_no_chance(now, lately)):
        usual, why = lately.usual, f"usually {in_words(name, lately.usual)}."
    elif at_first and _is_far(name, lately.usual, at_first) and _is_far(name, now.value, at_first):
        usual = at_first.usual
        why = (
            f"lately {in_words(name, lately.usual)}; it was {in_words(name, usual)} at first (from {at_first.since}), "
            "and changed so slowly that no night stood out."
        )
    else:
        return None
    sentence = f"{_seen(name, now)}, {why}"
    return Fall(
        name, now.value, usual, sentence, _last_good(name, past[len(now.runs) - 1 :]), _first_bad(name, now, past)
    )


def _is_far(name: str, value: float, norm: Baseline) -> bool:
    if name == LENGTH:
        return value < min(norm.usual / 2, norm.low) or value > max(norm.usual * 2, norm.high)
    by = FALL_OF_READ if name.startswith(REJECTED) else FALL
    return value < norm.low and (norm.usual - value >= by or value < norm.usual / 2)


def _is_no_chance(now: PageSample, norm: Baseline) -> bool:
    return _at_most(now.good, now.pages, min(norm.low, SUREST)) < CHANCE


def _at_most(good: int, pages: int, share: float) -> float:
    """The chance that so many pages, each of them good by the chance `share`, give at most so many good ones."""
    if share <= 0:
        return 1.0

    def exactly(count: int) -> float:
        ways = math.lgamma(pages + 1) - math.lgamma(count + 1) - math.lgamma(pages - count + 1)
        return math.exp(ways + count * math.log(share) + (pages - count) * math.log1p(-share))

    return sum(map(exactly, range(good + 1)))


def _seen(name: str, now: PageSample) -> str:
    over = f" in {len(now.runs)} runs" if len(now.runs) > 1 else ""
    things = f"{now.pages} {'pages' if name.startswith(REJECTED) else 'articles'}{over}"
    if name == LENGTH:
        return f"{name}: a median of {in_words(name, now.value)} over {things}"
    return f"{name}: {in_words(name, now.value)} of {things}"


def in_words(name: str, value: float) -> str:
    """A value of a field as people read it. What was rejected is told by its own share, not by that of the rest."""
    if name == LENGTH:
        return f"{value:,.0f} characters"
    return f"{100 * (1 - value if name.startswith(REJECTED) else value):.0f} %"


def _too_few(present: Harvest, past: Sequence[Harvest]) -> Fall | None:
    """Whether a day's new articles are too few. A run that was cut short says nothing of the publisher."""
    if present.shortened:
        return None
    days: dict[date, float] = {}
    for place, run in enumerate(past):
        if not run.shortened and ARTICLES not in run.fallen:
            days.setdefault(run.started_at.date(), _day_s_harvest(past[place:]))
    days.pop(present.started_at.date(), None)
    counts = list(days.values())[:WINDOW]
    new = _day_s_harvest([present, *past])
    if len(counts) < FEWEST_DAYS or median(counts) < FEWEST_A_DAY or new >= min(counts) / 2:
        return None
    usual, fewest = median(counts), min(counts)
    sentence = f"{ARTICLES}: {new} new in a day, usually {usual:.0f} and never less than {fewest:.0f}."
    return Fall(ARTICLES, new, usual, sentence)


def _day_s_harvest(youngest_first: Sequence[Harvest]) -> int:
    latest = youngest_first[0].started_at
    return sum(run.stored for run in takewhile(lambda run: latest - run.started_at < DAY, youngest_first))


def _present(name: str, present: Harvest, past: Sequence[Harvest]) -> PageSample | None:
    """The run, with as many before it as make enough pages; null where all are too few, or it has none itself."""
    taken: list[Harvest] = []
    pages = 0
    for run in chain([present], past):
        taken.append(run)
        pages += _pages(name, run)
        if pages == 0:
            return None
        if pages >= ENOUGH:
            return _batch(name, taken)
    return None


def _pages(name: str, run: Harvest) -> int:
    return run.articles if name == LENGTH else run.count(name).pages


def _batch(name: str, taken: Sequence[Harvest]) -> PageSample:
    pages, good = sum(_pages(name, run) for run in taken), sum(run.count(name).good for run in taken)
    if name == LENGTH:  # the median over all articles, near enough: each run's stands for its own
        value = median(chain.from_iterable(repeat(run.length or 0, run.articles) for run in taken))
    else:
        value = good / pages
    return PageSample(tuple(taken), pages, good, value)


def _last_good(name: str, before: Sequence[Harvest]) -> int | None:
    normal = (run for run in before if name not in run.fallen)
    pages = (run.length_page if name == LENGTH else run.count(name).last_good for run in normal)
    return next((page for page in pages if page is not None), None)


def _first_bad(name: str, now: PageSample, past: Sequence[Harvest]) -> int | None:
    """The first bad page of the break: where the run before it was broken already, that one's."""
    before = next((run for run in past if _pages(name, run)), None)
    if before is not None and before.fallen.get(name) is not None:
        return before.fallen[name]
    pages = (run.length_page if name == LENGTH else run.count(name).first_bad for run in now.runs)
    return next((page for page in pages if page is not None), None)
