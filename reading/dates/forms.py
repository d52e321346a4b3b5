"""Reads printed dates into a day or an interval of days.

A date is read as printed or refused; misprints are never repaired. The weekday is a checksum, the day comes before the
month, and a missing year is the one nearest to the reference. Raises UnreadableDateError, with a short reason.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from reading.dates.tokens import Tokens, UnreadableDateError

FIRST_YEAR, LAST_YEAR = 1945, 2100
"""Years outside these are misprints (2926, 225), not news."""


class PrintedDate(NamedTuple):
    """A date as printed, not yet resolved to a day.

    `direction` is l (lalu), K (kemarin), f (mendatang), o (nanti), B (besok), I (ini) or None. `days` are the earlier
    days of "20 dan 21 Desember" or "10-12/6/2025", and `joint` is what joins them: r for "dan", else R or -.
    """

    form: str
    day: int
    month: int
    year: int | None = None
    short_year: bool = False
    weekday: int | None = None
    direction: str | None = None
    year_direction: str | None = None  # "23 Maret tahun lalu"
    named: bool = False  # "tanggal 8/6", "(8/6)"
    slashed: bool = False
    days: tuple[int, ...] = ()
    joint: str = ""
    first_weekday: int | None = None  # "Selasa-Kamis (10-12/6/2025)"
    stop: int = 0


class TokenSpan(NamedTuple):
    """A day, or the days from `first` to `last`, and its tokens `start` to `stop`."""

    first: date
    last: date | None
    start: int
    stop: int
    sure: bool  # a year, a weekday or a direction is printed
    form: str = "relative"
    complete: bool = False  # it can be read without a reference


# Letters as in `tokens`: d a number of one or two digits, y of four, M a month, m its abbreviation, W a weekday,
# Y one that needs a date, P a part of the day, R "hingga", r "dan", T "tanggal".
_DAY = re.compile(
    r"""
    (?P<written>d[-/.+]?(?P<wm>[Mm])(?:\.?[-/,+]?(?P<wy>y)|(?:\.?'|(?<=-[Mm])-(?!d[-Mm]))(?P<wyy>d)|(?<=m)\.)?)
  | (?P<english>(?P<em>[Mm])\.?(?P<ed>d),?(?P<ey>y))
  | (?P<numeric>d(?P<s>[/.\-])(?P<nm>d)(?P=s)(?P<ny>[yd])(?!(?P=s)[dync])(?![/.][dync](?!:)))
  | (?P<iso>y(?P<t>[/.\-])(?P<im>d)(?P=t)(?P<id>d)(?!(?P=t)[dync])(?![/.][dync](?!:)))
  | (?P<short>d/(?P<sm>d)(?![/.:][dync]))
  | (?P<compact>c)
    """,
    re.VERBOSE,
)
# "3 Juni 24, 14:05": two digits behind a month are its year if the whole clock follows; "3 Juni 24" may be "24 kali"
_SHORT_YEAR = re.compile(r"d-?(?P<month>[Mm])\.?,?(?P<year>d)(?=[,|]?H?d[:.](?P<minute>d))")
_WEEKDAY = re.compile(r"h?(?P<day>[WwY])\.?J?(?:ih|[PIKBDfloLgkG]){0,3}[,.\-/|]?")
_TWO_WEEKDAYS = re.compile(r"h?(?P<one>[WY])(?:Re?|-|r)(?P<two>[WY])[,/]?")
_FIRST_DAYS = re.compile(r"(?P<days>d(?:,d){0,5}),?(?P<joint>Re?|-|r)(?=d)")
_JOINT = re.compile(r"\)?,?(?P<joint>Re?|-|r)p?(?=[ThWwYdy(Mm])")
_TAIL = re.compile(r"(?:ih|P)?D?(?:t(?P<year>[lIf])|G?(?P<direction>[lfoIKB]))?(?:ih|P)?")
_CLOSING_WEEKDAY = re.compile(r",?(?P<day>W)(?![,(]{0,2}[dy])")
_HALF_A_YEAR = 183
_NAMING = frozenset("hWwY")
_NUMBERING = frozenset("dMmyc")
_TAILING = frozenset("ihPDtGlfoIKB")
_NUMERIC_FORMS = frozenset({"numeric", "iso", "short", "compact"})


def full_year(short: int, reference: date | None) -> int:
    """Returns the year of two printed digits: the nearest to the reference, else one of 1945 to 2044."""
    if reference is not None:
        return min((1900 + short, 2000 + short), key=lambda year: abs(year - reference.year))
    return 2000 + short if short < FIRST_YEAR % 100 else 1900 + short


def exact(year: int, month: int, day: int) -> date:
    """Returns that day. Raises UnreadableDateError where the calendar has none or the year is implausible."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise UnreadableDateError("implausible-year")
    try:
        return date(year, month, day)
    except ValueError:
        raise UnreadableDateError("impossible-date") from None


def nearest(day: int, month: int, reference: date, direction: str | None) -> date:
    """Returns that day in the year nearest to the reference; with "lalu" the last one, with "mendatang" the next one.

    The weekday never chooses the year: "Senin (16/5)" in June 2025 is a misprint of 16/6, not a day of 2022. 29
    February is refused if the year so chosen has none.
    """
    if not (1 <= month <= 12 and 1 <= day <= 31):
        raise UnreadableDateError("impossible-date")
    # 31 June counts as 1 July here; `exact` refuses it once the year is chosen.
    near = {year: date(year, month, 1) + timedelta(day - 1) for year in range(reference.year - 1, reference.year + 2)}
    if direction in ("l", "K"):
        near = {year: each for year, each in near.items() if each <= reference}
    elif direction in ("f", "o", "B"):
        near = {year: each for year, each in near.items() if each >= reference}
    return exact(min(near, key=lambda year: abs(near[year] - reference)), month, day)


def resolve(printed: PrintedDate, reference: date | None) -> date:
    """Returns the day, its weekday checked. Raises UnreadableDateError, also where it needs a reference."""
    if printed.year is not None:
        year = full_year(printed.year, reference) if printed.short_year else printed.year
        found = exact(year, printed.month, printed.day)
        if reference is not None and (
            (printed.direction == "l" and found > reference) or (printed.direction == "f" and found < reference)
        ):
            raise UnreadableDateError("direction-contradicts")  # "21 Desember 2015 lalu" in a story of the 18th
    elif reference is None:
        nearest(printed.day, printed.month, date(2000, 1, 1), None)  # 12/13 is in no year
        raise UnreadableDateError("needs-reference")
    elif printed.year_direction:
        found = exact(reference.year + {"l": -1, "I": 0, "f": 1}[printed.year_direction], printed.month, printed.day)
    else:
        found = nearest(printed.day, printed.month, reference, printed.direction)
    if printed.weekday is not None and found.isoweekday() != printed.weekday:
        raise UnreadableDateError("weekday-contradicts")
    return found


def _read_numbers(tokens: Tokens, index: int, first: int) -> PrintedDate | None:
    """Reads day, month and year at a token. No digits may be glued before `first`, where the expression began."""
    match = _DAY.match(tokens.letters, index)
    if match is None:
        return None
    form = match.lastgroup or ""
    if form == "written" and (clocked := _short_year(tokens, index)) is not None:
        return clocked
    number, stop = tokens.number, match.end()
    if form in _NUMERIC_FORMS and index == first and _digits_before(tokens, index):
        return None
    if form == "written":
        printed = "wyy" if match["wyy"] else "wy"
        year = number(match.start(printed)) if match[printed] else None
        return PrintedDate(form, number(index), number(match.start("wm")), year, bool(match["wyy"]), stop=stop)
    if form == "english":
        return PrintedDate(
            form, number(match.start("ed")), number(match.start("em")), number(match.start("ey")), stop=stop
        )
    if form == "numeric":
        short = match["ny"] == "d"
        year, slashed = number(match.start("ny")), match["s"] == "/"
        return PrintedDate(form, number(index), number(match.start("nm")), year, short, slashed=slashed, stop=stop)
    if form == "iso":
        return PrintedDate(form, number(match.start("id")), number(match.start("im")), number(index), stop=stop)
    if form == "short":
        return PrintedDate(form, number(index), number(match.start("sm")), stop=stop)
    value = number(index)
    return PrintedDate(form, value % 100, value // 100 % 100, value // 10000, stop=stop)


def _short_year(tokens: Tokens, index: int) -> PrintedDate | None:
    """Reads a day and a month with a year of two digits before a clock: "Senin, 3 Juni 24, 14:05 WIB"."""
    match = _SHORT_YEAR.match(tokens.letters, index)
    if match is None or tokens.digits(match.start("year")) != 2 or tokens.digits(match.start("minute")) != 2:
        return None
    day, month, year = (tokens.number(at) for at in (index, match.start("month"), match.start("year")))
    return PrintedDate("written", day, month, year, short_year=True, stop=match.end("year"))


def _digits_before(tokens: Tokens, index: int) -> bool:
    """Whether another number is glued before it: "1.8.12.2015" and "BS.01.02/06/2022" hold no date."""
    return (
        index > 1
        and tokens.letters[index - 1] in "/.-:"
        and tokens.letters[index - 2] in "dync"
        and tokens.glued(index)
        and tokens.glued(index - 1)
    )


def read_printed_date(tokens: Tokens, start: int, *, second: bool = False) -> PrintedDate | None:
    """Reads the date that starts at a token, with its weekday and the days joined to it; None where none starts.

    `second`: it is the second date of "30/5-2/6/2025", so digits may be glued before it.
    """
    letters, at = tokens.letters, start
    first = -1 if second else start
    weekday: int | None = None
    if letters[at : at + 1] in _NAMING:  # testing one letter first saves most regular expression matches
        if (pair := _TWO_WEEKDAYS.match(letters, at)) is not None:
            return _read_weekday_pair(tokens, pair, start)
        if (named := _WEEKDAY.match(letters, at)) is not None:
            weekday, at = tokens.number(named.start("day")), named.end()
    bracket = letters[at : at + 1] == "("
    at += bracket
    date_word = letters[at : at + 1] == "T"
    at += date_word
    numbers = _read_listed_days(tokens, at, first) if letters[at : at + 1] in _NUMBERING else None
    if numbers is None:
        return None
    stop = numbers.stop
    closed = letters[stop : stop + 1] == ")" and (bracket or (start > 0 and letters[start - 1] == "("))
    stop += closed and bracket
    # "(10/9) Rabu"
    reversible = weekday is None and closed and numbers.form in ("numeric", "short")
    if reversible and (closing := _CLOSING_WEEKDAY.match(letters, numbers.stop + 1)) is not None:
        weekday, stop = tokens.number(closing.start("day")), closing.end()
    direction = year_direction = None
    if letters[stop : stop + 1] in _TAILING and (tail := _TAIL.match(letters, stop)) is not None:
        direction, year_direction, stop = tail["direction"], tail["year"], tail.end()
    return numbers._replace(
        weekday=weekday, direction=direction, year_direction=year_direction, named=date_word or closed, stop=stop
    )


def _read_listed_days(tokens: Tokens, at: int, first: int) -> PrintedDate | None:
    numbers = _read_numbers(tokens, at, first)
    if numbers is not None:
        return numbers
    days = _FIRST_DAYS.match(tokens.letters, at)
    if days is None or (at == first and _digits_before(tokens, at)):
        return None
    numbers = _read_numbers(tokens, days.end(), first)
    if numbers is None or numbers.form not in ("written", "numeric", "short"):
        return None
    listed = tuple(tokens.number(index) for index in range(at, days.end("days"), 2))
    return numbers._replace(days=listed, joint=days["joint"][0])


def _read_weekday_pair(tokens: Tokens, pair: re.Match[str], start: int) -> PrintedDate | None:
    """Reads "Selasa-Kamis (10-12/6/2025)"; both weekdays are checked later."""
    at = pair.end()
    bracket = tokens.letters[at : at + 1] == "("
    numbers = _read_listed_days(tokens, at + bracket, start)
    if numbers is None or not numbers.days:
        return None
    stop = numbers.stop + (bracket and tokens.letters[numbers.stop : numbers.stop + 1] == ")")
    one, two = tokens.number(pair.start("one")), tokens.number(pair.start("two"))
    return numbers._replace(weekday=two, first_weekday=one, stop=stop)


def read_span(tokens: Tokens, start: int, reference: date | None) -> TokenSpan | None:
    """Reads the day or interval that starts at a token; None where none starts. Raises UnreadableDateError."""
    printed = read_printed_date(tokens, start)
    if printed is None:
        return None
    if printed.days:
        return _span_of_days(printed, start, reference)
    joint = _JOINT.match(tokens.letters, printed.stop) if tokens.letters[printed.stop : printed.stop + 1] else None
    if joint is not None:
        second = read_printed_date(tokens, joint.end(), second=True)
        if second is not None and not second.days:
            span = _span_of_dates(printed, second, start, reference)
            if joint["joint"] != "r" or (span.last is not None and span.last - span.first == timedelta(1)):
                return span
    _refuse_unclear(printed, tokens)
    sure = printed.year is not None or printed.weekday is not None or printed.direction is not None
    return TokenSpan(
        resolve(printed, reference), None, start, printed.stop, sure, printed.form, printed.year is not None
    )


def _refuse_unclear(printed: PrintedDate, tokens: Tokens) -> None:
    """Raises UnreadableDateError for numbers that may be a fraction, score or file name and have no weekday."""
    if printed.weekday is not None or printed.named:
        return
    if printed.form == "short" or (printed.form == "numeric" and printed.short_year and not printed.slashed):
        resolve(
            printed._replace(year=printed.year or 2000), None
        )  # says "impossible-date" rather than "ambiguous" where that is true
        raise UnreadableDateError("ambiguous")
    if printed.form == "compact" and len(tokens.letters) > 1:
        raise UnreadableDateError("ambiguous")


def _span_of_days(printed: PrintedDate, start: int, reference: date | None) -> TokenSpan:
    last = resolve(printed, reference)
    days = [exact(last.year, last.month, day) for day in printed.days]
    if days != sorted(days) or days[-1] >= last:
        raise UnreadableDateError("range-reversed")
    if printed.first_weekday is not None and days[0].isoweekday() != printed.first_weekday:
        raise UnreadableDateError("weekday-contradicts")
    listed = [*days, last]
    one_by_one = all(after - before == timedelta(1) for before, after in pairwise(listed))
    if (printed.joint == "r" or len(days) > 1) and not one_by_one:
        raise UnreadableDateError("several-dates")
    return TokenSpan(days[0], last, start, printed.stop, True, printed.form)


def _span_of_dates(one: PrintedDate, two: PrintedDate, start: int, reference: date | None) -> TokenSpan:
    """Resolves "29 April hingga 1 Mei 2019", "30 Desember - 2 Januari": a missing year comes from the other end."""
    if one.year is None and two.year is not None:
        last = resolve(two, reference)
        first = resolve(one._replace(direction="l", year_direction=None), last)
        if first.year < last.year and (last - first).days > _HALF_A_YEAR:
            raise UnreadableDateError("range-reversed")  # "2 Desember - 30 November 2015" is a misprint, not a year
    else:
        first = resolve(one, reference)
        last = resolve(two._replace(direction=two.direction or "f"), first if two.year is None else reference)
    if first >= last:
        raise UnreadableDateError("range-reversed")
    return TokenSpan(first, last, start, two.stop, True, one.form)
