"""Dates told from the reference: "kemarin", "dua pekan lalu", "pada Kamis", "Rabu pekan ini", "akhir September".

A bare weekday is the latest such day up to and including the reference; with akan, mendatang, depan, besok or nanti it
is the next one. What newspapers leave open ("Minggu depan", "Selasa lalu" on a Wednesday) is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from lexicon.calendar import DATE_WORDS, ONE_OF
from reading.dates.forms import (
    FIRST_YEAR,
    LAST_YEAR,
    TokenSpan,
    exact,
)
from reading.dates.tokens import Refused, Tokens


@dataclass(frozen=True, slots=True)
class Period:
    """A month ("2015-10"), ISO week ("2015-W50"), year ("2023"), or the months from one to another ("a/b")."""

    value: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Instant:
    """ "2 jam lalu": counted from a reference that has a clock."""

    moment: datetime
    start: int
    stop: int


Told = TokenSpan | Period | Instant


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question each reader below answers: what is told at token `start`, seen from `reference`."""

    tokens: Tokens
    start: int
    reference: date | datetime | None
    ahead: bool


# Letters as in date_tokens. Ways: l lalu, f depan or mendatang, g lagi, o nanti, I ini, K kemarin, B besok, G yang.
_COUNTED = re.compile(r"(?:(?P<number>d|N{1,4})(?P<unit>[ujhkbtw])|(?P<one>s)|(?P<half>Fj))(?P<way>G?l|g|f)")
_VAGUE = re.compile(r"q(?:d|N{1,4})?[ujhkbtw]")
_UNIT = re.compile(r"(?P<part>E)?(?P<unit>[kbtw])(?P<way>G?l|I|f)")
_DAY = re.compile(
    r"(?P<today>hI|a|(?:P|ih)I)|(?P<night>DP|Dih|PD|ihD|S)|(?P<tonight>oP)"
    r"|(?P<before>KL|KO|LK)|(?P<after>BL|L)|(?P<yesterday>h?Kh?(?:P|ih)?)|(?P<tomorrow>h?Bh?(?:P|ih)?)"
)
_WEEKDAY = re.compile(
    r"(?P<sunday>h)?(?P<day>[Ww])J?(?P<part>ih|P)?(?:k(?P<week>[lIf])|(?P<way>G?l|[fgoIKB]))?(?P<late>ih|P)?"
)
_WEEKDAYS = re.compile(r"h?(?P<one>W)(?P<joint>r|-|Re?)(?P<two>W)(?P<way>[foB]|G?l)?")
_MONTH = re.compile(
    r"(?P<part>E)?b?(?P<month>[Mm])\.?(?P<first_year>y(?=(?:-|Re?)[Mm]\.?y))?(?:(?:-|Re?)(?P<last>[Mm])\.?)?(?:(?P<year>y)|t(?P<year_way>[lIf])|G?(?P<way>[lfoI]))?"
)
_YEAR = re.compile(r"E?t(?P<year>y)(?:(?:-|Re?)(?P<last>y))?|[Ep](?P<alone>y)(?![\-/.:,]?[dyncMm])")
_DAY_OF_MONTH = re.compile(r"T(?P<day>d)b(?P<way>G?l|I|f)")
_DAYS = {"h": 1, "k": 7, "w": 7}
_UNITS = {"day_word": "h", "week": "k", "month_unit": "b", "year_unit": "t"}


def read_told(tokens: Tokens, start: int, reference: date | datetime | None, *, ahead: bool) -> Told | None:
    """What is told at a token, seen from the reference; None where nothing is. `ahead` turns a bare weekday forward."""
    letter = tokens.letters[start]
    asked = _Asked(tokens, start, reference, ahead)
    for letters, reader in _READERS:
        if letter in letters and (told := reader(asked)) is not None:
            return told
    return None


def _day_of(reference: date | datetime | None) -> date:
    if reference is None:
        raise Refused("needs-reference")
    return reference.date() if isinstance(reference, datetime) else reference


def _shifted(day: date, days: int) -> date:
    try:
        return day + timedelta(days)
    except OverflowError:
        raise Refused("implausible-year") from None


def _month(year: int, month: int) -> str:
    """ "2015-10"; months beyond December or before January belong to the neighbouring years."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return f"{_plausible(year):04d}-{month:02d}"


def _plausible(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused("implausible-year")
    return year


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def _number(tokens: Tokens, start: int, stop: int) -> int:
    """ "dua" is 2, "dua belas" 12, "dua puluh lima" 25."""
    total = 0
    for index in range(start, stop):
        value = tokens.values[index]
        if isinstance(value, int):
            total += value
        elif value == "belas":
            total += 10
        elif value == "puluh":
            total *= 10
    return total


def _counted(asked: _Asked) -> Told | None:
    if _VAGUE.match(asked.tokens.letters, asked.start):
        raise Refused("vague")
    match = _COUNTED.match(asked.tokens.letters, asked.start)
    if match is None:
        return None
    today = _day_of(asked.reference)
    if match["half"]:
        return _clockwise(asked.reference, timedelta(minutes=30), match)
    if match["one"]:
        count, part = 1, ONE_OF[str(asked.tokens.values[asked.start])]
        unit = _UNITS.get(part, "u")
    else:
        count, unit = _number(asked.tokens, asked.start, match.end("number")), match["unit"]
        part = DATE_WORDS.get(str(asked.tokens.values[match.start("unit")]), "")
        if unit == "j":
            part = "hour"
    back = match["way"].endswith("l")
    if unit in ("u", "j"):
        seconds = {"second": 1, "minute": 60}.get(part, 3600)
        return _clockwise(asked.reference, timedelta(seconds=seconds * count), match)
    signed = -count if back else count
    if unit in _DAYS:
        return TokenSpan(_shifted(today, signed * _DAYS[unit]), None, match.start(), match.end(), True)
    value = _month(today.year, today.month + signed) if unit == "b" else str(_plausible(today.year + signed))
    return Period(value, match.start(), match.end())


def _clockwise(reference: date | datetime | None, span: timedelta, match: re.Match[str]) -> Instant:
    if not isinstance(reference, datetime):
        raise Refused("needs-clock")
    try:
        moment = reference - span if match["way"].endswith("l") else reference + span
    except OverflowError:
        raise Refused("implausible-year") from None
    return Instant(moment, match.start(), match.end())


def _unit(asked: _Asked) -> Told | None:
    match = _UNIT.match(asked.tokens.letters, asked.start)
    if match is None:
        return None
    if match["part"] and match["unit"] in "kw":
        raise Refused("vague")  # "akhir pekan lalu": which days is a matter of taste
    today, step = _day_of(asked.reference), {"l": -1, "I": 0, "f": 1}[match["way"][-1]]
    if match["unit"] == "b":
        value = _month(today.year, today.month + step)
    elif match["unit"] == "t":
        value = str(_plausible(today.year + step))
    else:
        value = _week(_shifted(today, 7 * step))
    return Period(value, match.start(), match.end())


def _near_day(asked: _Asked) -> Told | None:
    match = _DAY.match(asked.tokens.letters, asked.start)
    if match is None:
        return None
    step = {"today": 0, "tonight": 0, "before": -2, "after": 2, "yesterday": -1, "tomorrow": 1}.get(
        match.lastgroup or "", 0
    )
    if match.lastgroup == "night":
        words = asked.tokens.values[match.start() : match.end()]
        step = -1 if {"malam", "semalam"} & set(words) else 0  # "tadi malam" is last night, "tadi pagi" this morning
    return TokenSpan(_shifted(_day_of(asked.reference), step), None, match.start(), match.end(), True)


def _weekday(asked: _Asked) -> Told | None:
    match = _WEEKDAY.match(asked.tokens.letters, asked.start)
    if match is None:
        return None
    weekday, way = asked.tokens.number(match.start("day")), (match["way"] or "")[-1:]
    part = match["part"] or match["late"]
    if match["day"] == "w" and not (match["sunday"] or part):
        return None  # "minggu" alone is a week
    if asked.start and asked.tokens.letters[asked.start - 1] == "V":
        raise Refused("several-dates")  # "tiap Senin"
    if asked.start and asked.tokens.values[asked.start - 1] == "malam" and not match["part"]:
        raise Refused("ambiguous")  # "malam Jumat" is the night before Friday
    today = _day_of(asked.reference)
    capital_sunday = weekday == 7 and not match["sunday"] and not part and asked.tokens.values[match.start("day")] == 7
    if (
        capital_sunday
        and way in ("l", "f", "I", "g")
        and asked.tokens.text[asked.tokens.starts[match.start("day")]] in "Mm"
    ):
        raise Refused("ambiguous")  # "Minggu depan": Sunday, or next week
    monday = _shifted(today, 1 - today.isoweekday())
    back = (today.isoweekday() - weekday) % 7
    if match["week"]:
        day = _shifted(monday, weekday - 1 + 7 * {"l": -1, "I": 0, "f": 1}[match["week"]])
    elif way == "I":
        day = _shifted(monday, weekday - 1)
    elif way == "l":
        if back == 1:
            raise Refused("ambiguous")  # "Selasa lalu" on a Wednesday: yesterday, or a week before
        day = _shifted(today, -(back or 7))
    elif way == "K":
        day = _shifted(today, -(back or 7))
    elif way or asked.ahead:
        if not way and back == 0:
            raise Refused("ambiguous")  # "akan … pada Kamis" in a Thursday's story: today, or in a week
        day = _shifted(today, 7 - back)
    else:
        day = _shifted(today, -back)
    return TokenSpan(day, None, match.start(), match.end(), bool(way or match["week"]))


def _weekdays(asked: _Asked) -> Told | None:
    """ "Minggu dan Senin": two days running, in the direction that the sentence looks."""
    match = _WEEKDAYS.match(asked.tokens.letters, asked.start)
    if match is None:
        return None
    today = _day_of(asked.reference)
    one, two = asked.tokens.number(match.start("one")), asked.tokens.number(match.start("two"))
    length = (two - one) % 7
    if length == 0 or (match["joint"] == "r" and length != 1):
        raise Refused("several-dates")
    way = (match["way"] or "")[-1:]
    if way in ("f", "o", "B") or (asked.ahead and way != "l"):
        first = _shifted(today, (one - today.isoweekday()) % 7 or 7)
        return TokenSpan(first, _shifted(first, length), match.start(), match.end(), True)
    last = _shifted(today, -((today.isoweekday() - two) % 7))
    return TokenSpan(_shifted(last, -length), last, match.start(), match.end(), bool(way))


def _months(asked: _Asked) -> Told | None:
    match = _MONTH.match(asked.tokens.letters, asked.start)
    if match is None:
        return None
    month = asked.tokens.number(match.start("month"))
    printed = match["year"] or match["year_way"] or match["way"] or match["part"]
    if match["month"] == "m" and not match["year"]:
        return None  # "mar", "des" alone
    if match["year"]:
        year = _plausible(asked.tokens.number(match.start("year")))
    else:
        today = _day_of(asked.reference)
        if match["year_way"]:
            year = today.year + {"l": -1, "I": 0, "f": 1}[match["year_way"]]
        else:
            year = _year_of_month(month, today, match["way"])
    if match["first_year"]:
        return _months_over_years(asked.tokens, match, year)
    first = _month(year, month)
    if match["last"]:
        last = asked.tokens.number(match.start("last"))
        if last <= month:
            raise Refused("range-reversed")
        return Period(f"{first}/{_month(year, last)}", match.start(), match.end())
    return Period(first, match.start() if printed else match.start("month"), match.end())


def _months_over_years(tokens: Tokens, match: re.Match[str], last_year: int) -> Period:
    """ "November 2015 - Januari 2016"."""
    first = _month(_plausible(tokens.number(match.start("first_year"))), tokens.number(match.start("month")))
    last = _month(last_year, tokens.number(match.start("last")))
    if last <= first:
        raise Refused("range-reversed")
    return Period(f"{first}/{last}", match.start(), match.end())


def _year_of_month(month: int, today: date, way: str | None) -> int:
    """The year of a month that prints none: the last one (l), the next one (f, o), this year's (I), or the nearest."""
    if way == "I":
        return today.year
    if way == "l":
        return today.year - (month >= today.month)
    if way in ("f", "o"):
        return today.year + (month <= today.month)
    ahead = month - today.month
    if abs(ahead) == 6:
        raise Refused("ambiguous")
    return today.year + (ahead < -6) - (ahead > 6)


def _years(asked: _Asked) -> Told | None:
    match = _YEAR.match(asked.tokens.letters, asked.start)
    if match is None:
        return None
    year = _plausible(asked.tokens.number(match.start("year" if match["year"] else "alone")))
    start = match.start() + (match["alone"] is not None and asked.tokens.letters[match.start()] == "p")
    if match["last"]:
        last = _plausible(asked.tokens.number(match.start("last")))
        if last <= year:
            raise Refused("range-reversed")
        return Period(f"{year}/{last}", start, match.end())
    return Period(str(year), start, match.end())


def _day_of_month(asked: _Asked) -> Told | None:
    """ "tanggal 8 bulan ini"."""
    match = _DAY_OF_MONTH.match(asked.tokens.letters, asked.start)
    if match is None:
        return None
    today, step = _day_of(asked.reference), {"l": -1, "I": 0, "f": 1}[match["way"][-1]]
    year, month = divmod(today.year * 12 + today.month - 1 + step, 12)
    day = exact(year, month + 1, asked.tokens.number(match.start("day")))
    return TokenSpan(day, None, match.start(), match.end(), True)


_READERS = (
    ("dNsFq", _counted),
    ("hWw", _weekdays),
    ("hWw", _weekday),
    ("haPiDSoKLB", _near_day),
    ("Ekbtw", _unit),
    ("EbMm", _months),
    ("Etp", _years),
    ("T", _day_of_month),
)
STARTS = frozenset("".join(letters for letters, _ in _READERS))
"""Letters at which something told may begin."""
