"""Reads dates relative to the publication: "kemarin", "dua pekan lalu", "pada Kamis", "Rabu pekan ini".

A weekday alone is the latest such day, the reference's day included; with akan, mendatang, depan, besok or nanti it is
the next one. Ambiguous dates ("Minggu depan", "Selasa lalu" on a Wednesday) are refused.
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
from reading.dates.tokens import Tokens, UnreadableDateError


@dataclass(frozen=True, slots=True)
class Period:
    """A month ("2015-10"), ISO week ("2015-W50"), year ("2023"), or the months from one to another ("a/b")."""

    value: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Instant:
    """A time counted from a reference with a clock: "2 jam lalu"."""

    moment: datetime
    start: int
    stop: int


RelativeDate = TokenSpan | Period | Instant


@dataclass(frozen=True, slots=True)
class _Context:
    """What each reader below needs: read the relative date at token `start`, as of `reference`."""

    tokens: Tokens
    start: int
    reference: date | datetime | None
    ahead: bool


# Letters as in `tokens`. Directions: l lalu, f depan or mendatang, g lagi, o nanti, I ini, K kemarin, B besok, G yang.
_COUNTED = re.compile(r"(?:(?P<number>d|N{1,4})(?P<unit>[ujhkbtw])|(?P<one>s)|(?P<half>Fj))(?P<direction>G?l|g|f)")
_VAGUE = re.compile(r"q(?:d|N{1,4})?[ujhkbtw]")
_UNIT = re.compile(r"(?P<part>E)?(?P<unit>[kbtw])(?P<direction>G?l|I|f)")
_DAY = re.compile(
    r"(?P<today>hI|a|(?:P|ih)I)|(?P<night>DP|Dih|PD|ihD|S)|(?P<tonight>oP)"
    r"|(?P<before>KL|KO|LK)|(?P<after>BL|L)|(?P<yesterday>h?Kh?(?:P|ih)?)|(?P<tomorrow>h?Bh?(?:P|ih)?)"
)
_WEEKDAY = re.compile(
    r"(?P<sunday>h)?(?P<day>[Ww])J?(?P<part>ih|P)?(?:k(?P<week>[lIf])|(?P<direction>G?l|[fgoIKB]))?(?P<late>ih|P)?"
)
_WEEKDAYS = re.compile(r"h?(?P<one>W)(?P<joint>r|-|Re?)(?P<two>W)(?P<direction>[foB]|G?l)?")
_MONTH = re.compile(
    r"(?P<part>E)?b?(?P<month>[Mm])\.?(?P<first_year>y(?=(?:-|Re?)[Mm]\.?y))?(?:(?:-|Re?)(?P<last>[Mm])\.?)?(?:(?P<year>y)|t(?P<year_direction>[lIf])|G?(?P<direction>[lfoI]))?"
)
_YEAR = re.compile(r"E?t(?P<year>y)(?:(?:-|Re?)(?P<last>y))?|[Ep](?P<alone>y)(?![\-/.:,]?[dyncMm])")
_DAY_OF_MONTH = re.compile(r"T(?P<day>d)b(?P<direction>G?l|I|f)")
_DAYS = {"h": 1, "k": 7, "w": 7}
_UNITS = {"day_word": "h", "week": "k", "month_unit": "b", "year_unit": "t"}


def read_relative_date(
    tokens: Tokens, start: int, reference: date | datetime | None, *, ahead: bool
) -> RelativeDate | None:
    """Reads the relative date at a token, or returns None. `ahead` makes a weekday alone the next one. Raises
    UnreadableDateError."""
    letter = tokens.letters[start]
    for letters, reader in _READERS:
        if letter in letters and (found := reader(_Context(tokens, start, reference, ahead))) is not None:
            return found
    return None


def _day_of(reference: date | datetime | None) -> date:
    if reference is None:
        raise UnreadableDateError("needs-reference")
    return reference.date() if isinstance(reference, datetime) else reference


def _shifted(day: date, days: int) -> date:
    try:
        return day + timedelta(days)
    except OverflowError:
        raise UnreadableDateError("implausible-year") from None


def _month(year: int, month: int) -> str:
    """Returns "2015-10"; a month below 1 or above 12 falls in a neighbouring year."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return f"{_plausible(year):04d}-{month:02d}"


def _plausible(year: int) -> int:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UnreadableDateError("implausible-year")
    return year


def _week(day: date) -> str:
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def _number(tokens: Tokens, start: int, stop: int) -> int:
    """Returns the value of number words: "dua belas" is 12, "dua puluh lima" 25."""
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


def _counted(context: _Context) -> RelativeDate | None:
    if _VAGUE.match(context.tokens.letters, context.start):
        raise UnreadableDateError("vague")
    match = _COUNTED.match(context.tokens.letters, context.start)
    if match is None:
        return None
    today = _day_of(context.reference)
    if match["half"]:
        return _shift_clock(context.reference, timedelta(minutes=30), match)
    if match["one"]:
        count, part = 1, ONE_OF[str(context.tokens.values[context.start])]
        unit = _UNITS.get(part, "u")
    else:
        count, unit = _number(context.tokens, context.start, match.end("number")), match["unit"]
        part = DATE_WORDS.get(str(context.tokens.values[match.start("unit")]), "")
        if unit == "j":
            part = "hour"
    back = match["direction"].endswith("l")
    if unit in ("u", "j"):
        seconds = {"second": 1, "minute": 60}.get(part, 3600)
        return _shift_clock(context.reference, timedelta(seconds=seconds * count), match)
    signed = -count if back else count
    if unit in _DAYS:
        return TokenSpan(_shifted(today, signed * _DAYS[unit]), None, match.start(), match.end(), True)
    value = _month(today.year, today.month + signed) if unit == "b" else str(_plausible(today.year + signed))
    return Period(value, match.start(), match.end())


def _shift_clock(reference: date | datetime | None, span: timedelta, match: re.Match[str]) -> Instant:
    if not isinstance(reference, datetime):
        raise UnreadableDateError("needs-clock")
    try:
        moment = reference - span if match["direction"].endswith("l") else reference + span
    except OverflowError:
        raise UnreadableDateError("implausible-year") from None
    return Instant(moment, match.start(), match.end())


def _unit(context: _Context) -> RelativeDate | None:
    match = _UNIT.match(context.tokens.letters, context.start)
    if match is None:
        return None
    if match["part"] and match["unit"] in "kw":
        raise UnreadableDateError("vague")  # "akhir pekan lalu": nobody knows which days
    today, step = _day_of(context.reference), {"l": -1, "I": 0, "f": 1}[match["direction"][-1]]
    if match["unit"] == "b":
        value = _month(today.year, today.month + step)
    elif match["unit"] == "t":
        value = str(_plausible(today.year + step))
    else:
        value = _week(_shifted(today, 7 * step))
    return Period(value, match.start(), match.end())


def _near_day(context: _Context) -> RelativeDate | None:
    match = _DAY.match(context.tokens.letters, context.start)
    if match is None:
        return None
    step = {"today": 0, "tonight": 0, "before": -2, "after": 2, "yesterday": -1, "tomorrow": 1}.get(
        match.lastgroup or "", 0
    )
    if match.lastgroup == "night":
        words = context.tokens.values[match.start() : match.end()]
        step = -1 if {"malam", "semalam"} & set(words) else 0  # "tadi malam" is last night, "tadi pagi" this morning
    return TokenSpan(_shifted(_day_of(context.reference), step), None, match.start(), match.end(), True)


def _weekday(context: _Context) -> RelativeDate | None:
    match = _WEEKDAY.match(context.tokens.letters, context.start)
    if match is None:
        return None
    weekday, direction = context.tokens.number(match.start("day")), (match["direction"] or "")[-1:]
    part = match["part"] or match["late"]
    if match["day"] == "w" and not (match["sunday"] or part):
        return None  # "minggu" alone is a week
    if context.start and context.tokens.letters[context.start - 1] == "V":
        raise UnreadableDateError("several-dates")  # "tiap Senin"
    if context.start and context.tokens.values[context.start - 1] == "malam" and not match["part"]:
        raise UnreadableDateError("ambiguous")  # "malam Jumat" is the night before Friday
    today = _day_of(context.reference)
    capital_sunday = (
        weekday == 7 and not match["sunday"] and not part and context.tokens.values[match.start("day")] == 7
    )
    if (
        capital_sunday
        and direction in ("l", "f", "I", "g")
        and context.tokens.text[context.tokens.starts[match.start("day")]] in "Mm"
    ):
        raise UnreadableDateError("ambiguous")  # "Minggu depan": Sunday, or next week
    monday = _shifted(today, 1 - today.isoweekday())
    back = (today.isoweekday() - weekday) % 7
    if match["week"]:
        day = _shifted(monday, weekday - 1 + 7 * {"l": -1, "I": 0, "f": 1}[match["week"]])
    elif direction == "I":
        day = _shifted(monday, weekday - 1)
    elif direction == "l":
        if back == 1:
            raise UnreadableDateError("ambiguous")  # "Selasa lalu" on a Wednesday: yesterday, or a week before
        day = _shifted(today, -(back or 7))
    elif direction == "K":
        day = _shifted(today, -(back or 7))
    elif direction or context.ahead:
        if not direction and back == 0:
            raise UnreadableDateError("ambiguous")  # "akan … pada Kamis" in a Thursday's story: today, or in a week
        day = _shifted(today, 7 - back)
    else:
        day = _shifted(today, -back)
    return TokenSpan(day, None, match.start(), match.end(), bool(direction or match["week"]))


def _weekdays(context: _Context) -> RelativeDate | None:
    """Reads "Minggu dan Senin": consecutive days, in the sentence's direction."""
    match = _WEEKDAYS.match(context.tokens.letters, context.start)
    if match is None:
        return None
    today = _day_of(context.reference)
    one, two = context.tokens.number(match.start("one")), context.tokens.number(match.start("two"))
    length = (two - one) % 7
    if length == 0 or (match["joint"] == "r" and length != 1):
        raise UnreadableDateError("several-dates")
    direction = (match["direction"] or "")[-1:]
    if direction in ("f", "o", "B") or (context.ahead and direction != "l"):
        first = _shifted(today, (one - today.isoweekday()) % 7 or 7)
        return TokenSpan(first, _shifted(first, length), match.start(), match.end(), True)
    last = _shifted(today, -((today.isoweekday() - two) % 7))
    return TokenSpan(_shifted(last, -length), last, match.start(), match.end(), bool(direction))


def _months(context: _Context) -> RelativeDate | None:
    match = _MONTH.match(context.tokens.letters, context.start)
    if match is None:
        return None
    month = context.tokens.number(match.start("month"))
    printed = match["year"] or match["year_direction"] or match["direction"] or match["part"]
    if match["month"] == "m" and not match["year"]:
        return None  # "mar", "des" alone
    if match["year"]:
        year = _plausible(context.tokens.number(match.start("year")))
    else:
        today = _day_of(context.reference)
        if match["year_direction"]:
            year = today.year + {"l": -1, "I": 0, "f": 1}[match["year_direction"]]
        else:
            year = _year_of_month(month, today, match["direction"])
    if match["first_year"]:
        return _months_over_years(context.tokens, match, year)
    first = _month(year, month)
    if match["last"]:
        last = context.tokens.number(match.start("last"))
        if last <= month:
            raise UnreadableDateError("range-reversed")
        return Period(f"{first}/{_month(year, last)}", match.start(), match.end())
    return Period(first, match.start() if printed else match.start("month"), match.end())


def _months_over_years(tokens: Tokens, match: re.Match[str], last_year: int) -> Period:
    """Reads "November 2015 - Januari 2016"."""
    first = _month(_plausible(tokens.number(match.start("first_year"))), tokens.number(match.start("month")))
    last = _month(last_year, tokens.number(match.start("last")))
    if last <= first:
        raise UnreadableDateError("range-reversed")
    return Period(f"{first}/{last}", match.start(), match.end())


def _year_of_month(month: int, today: date, direction: str | None) -> int:
    """Returns the year of a month without one: the last (l), the next (f, o), this year's (I), or the nearest."""
    if direction == "I":
        return today.year
    if direction == "l":
        return today.year - (month >= today.month)
    if direction in ("f", "o"):
        return today.year + (month <= today.month)
    ahead = month - today.month
    if abs(ahead) == 6:
        raise UnreadableDateError("ambiguous")
    return today.year + (ahead < -6) - (ahead > 6)


def _years(context: _Context) -> RelativeDate | None:
    match = _YEAR.match(context.tokens.letters, context.start)
    if match is None:
        return None
    year = _plausible(context.tokens.number(match.start("year" if match["year"] else "alone")))
    start = match.start() + (match["alone"] is not None and context.tokens.letters[match.start()] == "p")
    if match["last"]:
        last = _plausible(context.tokens.number(match.start("last")))
        if last <= year:
            raise UnreadableDateError("range-reversed")
        return Period(f"{year}/{last}", start, match.end())
    return Period(str(year), start, match.end())


def _day_of_month(context: _Context) -> RelativeDate | None:
    """Reads "tanggal 8 bulan ini"."""
    match = _DAY_OF_MONTH.match(context.tokens.letters, context.start)
    if match is None:
        return None
    today, step = _day_of(context.reference), {"l": -1, "I": 0, "f": 1}[match["direction"][-1]]
    year, month = divmod(today.year * 12 + today.month - 1 + step, 12)
    day = exact(year, month + 1, context.tokens.number(match.start("day")))
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
"""Letters at which a relative date may start."""
