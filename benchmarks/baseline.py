"""How many false alarms a baseline raises, and how soon it notices a break: simulated publishers, night by night.

    .venv/bin/python benchmarks/baseline.py

A publisher has a number of articles a night (a third of it on weekends, when fewer have bylines, for more are wire
copy); each article has each field with a fixed probability. Peer: the usual moving median over 30 runs with a fixed
margin of 20 points, which judges each run by itself and includes every run in its baseline.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median

from archive.health.baseline import find_deviations
from archive.health.harvest import Deviation, FieldCount, Harvest

START = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
SHARES = {"author": 0.92, "dateline": 0.45, "agency": 0.15, "tags": 0.99}
YEARS = 1
BROKEN_AT = 100
SIZES = (2, 12, 60)

Judge = Callable[[Harvest, Sequence[Harvest]], Sequence[str]]


def night(chance: random.Random, number: int, size: int, author: float) -> Harvest:
    weekend = number % 7 in (5, 6)
    usual = size / 3 if weekend else size
    articles = max(0, round(chance.gauss(usual, usual**0.5)))
    shares = SHARES | {"author": author * (0.6 if weekend else 1)}
    fields = {
        name: FieldCount(articles, sum(chance.random() < share for _ in range(articles)))
        for name, share in shares.items()
    }
    at = START + timedelta(days=number)
    return Harvest(
        f"run-{number}", at, articles, articles, 0, 2000 if articles else None, fields=fields if articles else {}
    )


def ours(run: Harvest, before: Sequence[Harvest]) -> Sequence[str]:
    falls: Sequence[Deviation] = find_deviations(run, before[:-151:-1], before[:150])
    return [fall.field for fall in falls]


def moving_median(run: Harvest, before: Sequence[Harvest]) -> Sequence[str]:
    lately = [each for each in before[-30:] if each.articles]
    if len(lately) < 7:
        return []
    fallen = []
    for name, count in run.fields.items():
        usual = median(each.count(name).good / each.articles for each in lately)
        if count.good / count.pages < usual - 0.2:
            fallen.append(name)
    return fallen


def nights(judge_with: Judge, size: int, count: int, author: Callable[[int], float]) -> list[tuple[int, Sequence[str]]]:
    """Each night, and the fields judged to have fallen."""
    chance = random.Random(f"{size} {count}")
    before: list[Harvest] = []
    judged = []
    for number in range(count):
        run = night(chance, number, size, author(number))
        fields = judge_with(run, before)
        values = {name: getattr(run, name) for name in Harvest.__slots__}
        before.append(Harvest(**values | {"deviating": dict.fromkeys(fields)}))
        judged.append((number, fields))
    return judged


def first_alarm(judge_with: Judge, size: int, author: Callable[[int], float]) -> str:
    alarms = [
        number for number, fields in nights(judge_with, size, 400, author) if number >= BROKEN_AT and "author" in fields
    ]
    first = f"{alarms[0] - BROKEN_AT + 1}" if alarms else "never"
    return f"{first} ({len(alarms)})"


def main() -> None:
    breaks: dict[str, Callable[[int], float]] = {
        "all bylines gone": lambda number: 0.92 if number < BROKEN_AT else 0.02,
        "a third gone": lambda number: 0.92 if number < BROKEN_AT else 0.61,
        "a point less every 3 nights": lambda number: 0.92 - max(0, number - BROKEN_AT) / 300,
    }
    print(f"{'':44}{'ours':>16}{'moving median':>16}")
    for size in SIZES:
        print(f"{size} articles a night")
        alarms = [
            sum(bool(fields) for _, fields in nights(each, size, YEARS * 365, lambda _: 0.92)) / YEARS
            for each in (ours, moving_median)
        ]
        print(f"  {'false alarms a year':42}{alarms[0]:16.1f}{alarms[1]:16.1f}")
        for name, author in breaks.items():
            found = [first_alarm(each, size, author) for each in (ours, moving_median)]
            print(f"  {name + ': nights until alarm (alarms of 300)':42}{found[0]:>16}{found[1]:>16}")


if __name__ == "__main__":
    main()
