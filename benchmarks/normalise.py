"""Reading dates, beside dateparser and python-dateutil: accuracy on the shared gold, and the time for a call.

    .venv/bin/pip install -r requirements-bench.txt     # once, for dateparser
    .venv/bin/python benchmarks/normalise.py

A value is right if it is exactly what the gold expects, with its precision and offset; for a string that must be
refused, None is right. dateparser parses as Indonesian with the reference as its base; dateutil gets the Indonesian
names of months, weekdays and zones, once strict and once fuzzy. Exit status 1 if our claims do not hold: 0.98 of the
gold, no peer more accurate, and 30 times cheaper than dateparser on publication dates.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from pathlib import Path
from typing import Any

from dateutil import parser as dateutil_parser

from lexicon.calendar import MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS, ZONES
from reading.dates.reader import read_date
from reading.dates.zones import JAKARTA

GOLD = Path(__file__).parents[1].parent / "shared" / "gold" / "dates.jsonl"
_ROUNDS = 5
_FLOOR = 0.98
_TIMES_CHEAPER = 30

Moment = datetime | date | None
Reader = Callable[[str, Moment], str | None]


@dataclass(frozen=True, slots=True)
class Question:
    """One row of the gold: the printed text, the reference time, and the expected value or None."""

    text: str
    reference: Moment
    expected: str | None
    header: bool


@dataclass(frozen=True, slots=True)
class Score:
    """The results of one reader. `cost` is the median of a call on publication dates, in microseconds."""

    name: str
    right: int
    headers: int
    refused: int
    wrong: int
    missed: int
    cost: float


def main() -> int:
    if not GOLD.is_file():
        print("normalise: SKIPPED, it needs ../shared/gold, which is missing")
        return os.environ.get("CI") == "true"
    questions = [_question(json.loads(line)) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    readers: dict[str, Reader] = {"kliping": _ours}
    try:
        readers["dateparser 1.5"] = _dateparser()
    except ImportError:
        print("dateparser is not installed, so its row is missing: pip install -r requirements-bench.txt")
    readers["dateutil, Indonesian names"] = _dateutil(fuzzy=False)
    readers["dateutil, the same, fuzzy"] = _dateutil(fuzzy=True)
    costs = _costs(readers, [each for each in questions if each.header])
    scores = [_score(name, reader, questions, costs[name]) for name, reader in readers.items()]
    _print(scores, questions)
    return 0 if _holds(scores, len(questions)) else 1


def _question(row: dict[str, Any]) -> Question:
    reference = row["reference"]
    moment: Moment = None
    if reference:
        moment = date.fromisoformat(reference) if len(reference) == 10 else datetime.fromisoformat(reference)
    return Question(row["input"], moment, row["expected"], row["kind"].startswith(("header", "iso_meta")))


def _ours(text: str, reference: Moment) -> str | None:
    return read_date(text, reference=reference).value


def _dateparser() -> Reader:
    import dateparser  # type: ignore[import-untyped]  # it ships no types

    def read(text: str, reference: Moment) -> str | None:
        settings = {"RELATIVE_BASE": _clocked(reference).replace(tzinfo=None)} if reference else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns about days without a year
            found = dateparser.parse(text, languages=["id"], settings=settings)
        return found.isoformat() if found else None

    return read


def _dateutil(*, fuzzy: bool) -> Reader:
    months = [_names(number, MONTHS, SHORT_MONTHS) for number in range(1, 13)]
    weekdays = [_names(number, WEEKDAYS, SHORT_WEEKDAYS) for number in range(1, 8)]
    zones = {name.upper(): zone for name, zone in ZONES.items() if zone is not None}

    class Indonesian(dateutil_parser.parserinfo):
        MONTHS = months  # type: ignore[assignment]  # its stubs know two names a month, it takes any number
        WEEKDAYS = weekdays  # type: ignore[assignment]  # likewise

    grammar = Indonesian(dayfirst=True)

    def read(text: str, reference: Moment) -> str | None:
        base = _clocked(reference).replace(hour=0, minute=0, second=0) if reference else None
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # about zones it does not know
                found = dateutil_parser.parse(text, parserinfo=grammar, default=base, fuzzy=fuzzy, tzinfos=zones)
        except (ValueError, OverflowError):  # the text was refused
            return None
        return found.isoformat()

    return read


def _names(number: int, *tables: dict[str, int]) -> tuple[str, ...]:
    return tuple(name for table in tables for name, value in table.items() if value == number)


def _clocked(reference: date | datetime) -> datetime:
    return reference if isinstance(reference, datetime) else datetime(*reference.timetuple()[:3], tzinfo=JAKARTA)


def _same(expected: str | None, value: str | None) -> bool:
    """Whether a value is right. Peers return instants only: midnight counts as the day, and a missing zone as WIB."""
    if expected is None or value is None:
        return expected == value
    if expected == value or (len(expected) == 10 and value == f"{expected}T00:00:00"):
        return True
    try:
        one, two = (_zoned(datetime.fromisoformat(each), JAKARTA) for each in (expected, value))
    except ValueError:
        return False
    return ("T" in expected) == ("T" in value) and one == two and one.utcoffset() == two.utcoffset()


def _zoned(moment: datetime, zone: tzinfo) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _score(name: str, reader: Reader, questions: Sequence[Question], cost: float) -> Score:
    answers = [(each, reader(each.text, each.reference)) for each in questions]
    good = [_same(each.expected, value) for each, value in answers]
    return Score(
        name,
        sum(good),
        sum(right for right, each in zip(good, questions, strict=True) if each.header),
        sum(value is None for each, value in answers if each.expected is None),
        sum(not right and value is not None for right, (_, value) in zip(good, answers, strict=True)),
        sum(value is None and each.expected is not None for each, value in answers),
        cost,
    )


def _costs(readers: Mapping[str, Reader], headers: Sequence[Question]) -> dict[str, float]:
    """Microseconds of a call: the median over the headers of each one's best round.

    The readers take turns in every round, so that changes of the machine's speed affect all alike.
    """
    best = {name: [float("inf")] * len(headers) for name in readers}
    for _ in range(_ROUNDS):
        for name, reader in readers.items():
            for index, each in enumerate(headers):
                started_at = time.perf_counter()
                reader(each.text, each.reference)
                best[name][index] = min(best[name][index], time.perf_counter() - started_at)
    return {name: statistics.median(times) * 1e6 for name, times in best.items()}


def _print(scores: Sequence[Score], questions: Sequence[Question]) -> None:
    headers = sum(each.header for each in questions)
    nulls = sum(each.expected is None for each in questions)
    print(f"{len(questions)} dates of the gold, {headers} of them publication dates, {nulls} to be refused\n")
    print(
        f"{'reader':28s}{'right':>8s}{'headers':>9s}{'refused':>9s}{'wrong':>7s}{'missed':>8s}"
        f"{'µs a call':>11s}{'times':>8s}"
    )
    for each in scores:
        print(
            f"{each.name:28s}{each.right / len(questions):8.1%}{each.headers / headers:9.1%}"
            f"{each.refused / nulls:9.1%}{each.wrong:7d}{each.missed:8d}{each.cost:11.1f}"
            f"{each.cost / scores[0].cost:8.1f}"
        )
    print("\nwrong: a value other than the printed one; missed: no value; times: our cost is 1")


def _holds(scores: Sequence[Score], count: int) -> bool:
    ours, *peers = scores
    dateparser = next((each for each in peers if each.name.startswith("dateparser")), None)
    claims = {
        f"at least {_FLOOR:.0%} of the gold": ours.right / count >= _FLOOR,
        "no peer reads more": all(each.right <= ours.right for each in peers),
        f"{_TIMES_CHEAPER} times cheaper than dateparser": (
            dateparser is None or dateparser.cost >= _TIMES_CHEAPER * ours.cost
        ),
    }
    for claim, holds in claims.items():
        if not holds:
            print(f"does not hold: {claim}")
    return all(claims.values())


if __name__ == "__main__":
    sys.exit(main())
