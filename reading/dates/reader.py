"""Reads one printed date, or refuses it: a page's stamp, a date in a text, what a user typed.

The rule for all dates: return a value only where the text has one meaning. The forms are those of Indonesian newspapers
since 1997 (tests/reading/test_dates.py lists them); ISO 8601 and RFC 2822 stamps are read as they are.
"""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from archive.records import Precision
from reading.dates.beside import without_neighbours
from reading.dates.forms import FIRST_YEAR, LAST_YEAR
from reading.dates.scan import DateMatch, scan
from reading.dates.tokens import Tokens, tokenise
from reading.dates.zones import JAKARTA


class DateReading(NamedTuple):
    """Result: `value` in the format of `kliping read dates`, or the `reason` of the refusal.

    `moment` and `precision` are set where the value is one instant or one day. `updated`: the stamp is marked as an
    update ("Diperbarui", "Update", "Last modified"). `zoned`: a zone or an offset is printed. `complete`: the value
    needs no reference, unlike "2 jam lalu" and "Kamis (5/11)". `zone_unknown`: a clock is printed, but in a zone that
    we do not know ("waktu setempat", "14.05 BST"), so that only the day counts.
    """

    value: str | None
    reason: str | None = None
    moment: datetime | date | None = None
    precision: Precision | None = None
    updated: bool = False
    zoned: bool = False
    complete: bool = False
    zone_unknown: bool = False


REASONS: dict[str, str] = {
    "no-date": "it contains no date",
    "unread": "a number, month or weekday in it is not part of any date",
    "too-long": "it is longer than 2,000 characters, so not a date",
    "vague": "it says only roughly when",
    "ambiguous": "it can mean two dates",
    "several-dates": "it names several days that are not an interval",
    "needs-reference": "it depends on the publication time: give a reference",
    "needs-clock": "hours are counted from a time, and the reference is only a day",
    "impossible-date": "the calendar has no such day",
    "impossible-clock": "there is no such time",
    "impossible-zone": "no zone has such an offset",
    "implausible-year": f"the year is outside {FIRST_YEAR} to {LAST_YEAR}",
    "implausible-reference": f"the reference is outside {FIRST_YEAR} to {LAST_YEAR}",
    "weekday-contradicts": "the date falls on another day of the week",
    "clock-contradicts": "the hour is not in that part of the day",
    "direction-contradicts": "the date lies on the other side of the publication time",
    "range-reversed": "the end is before the beginning",
}
"""Each reason of a refusal, as people read it."""

# ISO 8601 as metadata have it, with the blank of "2015-11-05 T10:08:58Z" (detik) and "+0700" without a colon.
_ISO = re.compile(
    r"\s*([0-9]{4})-([0-9]{2})-([0-9]{2})"
    r"(?:\s?[Tt ]\s?([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?"
    r"\s?([Zz]|[+-][0-9]{2}:?(?:[0-9]{2})?)?)?\s*"
)
# detik's "2023-11-02T20-59-53Z": dashes in the clock too
_DASHED = re.compile(
    r"\s*([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2})-([0-9]{2})-([0-9]{2})()([Zz]|[+-][0-9]{2}:?[0-9]{2})?\s*"
)
_BASIC = re.compile(
    r"\s*([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})?()([Zz]|[+-][0-9]{2}:?[0-9]{2})?\s*"
)
# Unix's `date` and C's `asctime`: the clock stands before the year, "Mon Jun  3 14:05:00 WIB 2024"
_CLOCK_BEFORE_YEAR = re.compile(
    r"(?:[A-Z][a-z]{2},? )?([A-Z][a-z]{2,8})\s{1,2}(\d{1,2}),?\s(\d\d:\d\d(?::\d\d)?)"
    r"(\s[A-Z]{1,5}|\s?[+-]\d{4})?\s(\d{4})"
)
_ISO_WITH_LETTER = re.compile(r"(?<=\d-\d\d)T(?=\d\d:\d\d)")  # "2024-06-03T14:05:00 WIB"
_ROMAN_MONTH = re.compile(r"(?<![\w/.-])(\d{1,2})([-/ ])(I{1,3}|I?[VX]|VI{1,3}|XI{1,2})\2((?:19|20)\d\d)(?![\w/-])")
_ROMANS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_WEEK = re.compile(r"\s*([0-9]{4})-?W([0-9]{2})(?:-?([1-7]))?\s*")
_JUST_NOW = re.compile(r"\bbaru(?:san|\s+saja)\b", re.IGNORECASE)
_LIMIT = 2_000
"""Characters: a longer text is not one date, and `read_date` refuses it."""


def read_date(text: str, *, reference: datetime | date | None = None, zone: tzinfo = JAKARTA) -> DateReading:
    """Reads one printed date. `reference` is the publication time: it supplies a missing year and resolves "kemarin".

    A clock without a zone uses the reference's offset, else `zone`; for "waktu setempat" only the day is returned.
    Never raises: the result has a value or a reason for any text.
    """
    if len(text) > _LIMIT:
        return DateReading(None, "too-long")
    if isinstance(reference, datetime) and reference.tzinfo is not None:
        zone = reference.tzinfo
    if text[:1].isdigit() or text[:1].isspace():
        if (iso := _ISO.fullmatch(text) or _BASIC.fullmatch(text) or _DASHED.fullmatch(text)) is not None:
            return _read_iso(iso, zone)
        if (week := _WEEK.fullmatch(text)) is not None:
            return _read_week(week)
    if reference is not None and not FIRST_YEAR < reference.year < LAST_YEAR:
        return DateReading(None, "implausible-reference")
    tokens = tokenise(_plain(without_neighbours(text)))
    return _choose(tokens, list(scan(tokens, reference, zone)))


def _plain(text: str) -> str:
    """Returns a text with the rare forms rewritten: Unix's `date`, "17-VIII-1954", a T before a clock with a zone."""
    if (unix := _CLOCK_BEFORE_YEAR.fullmatch(text.strip())) is not None:
        month, day, clock, zone, year = unix.groups()
        return f"{day} {month} {year} {clock}{zone or ''}"
    if "T" in text:
        text = _ISO_WITH_LETTER.sub(" ", text)
    if "I" in text or "V" in text or "X" in text:
        text = _ROMAN_MONTH.sub(lambda found: f"{found[1]}/{_ROMANS.index(found[3]) + 1}/{found[4]}", text)
    return text


def _read_iso(match: re.Match[str], zone: tzinfo) -> DateReading:
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return DateReading(None, "implausible-year")
    try:
        if hour is None:
            only_day = date(int(year), int(month), int(day))
            return DateReading(only_day.isoformat(), moment=only_day, precision=Precision.DAY, complete=True)
        digits = (fraction or "")[:6].ljust(6, "0")
        moment = datetime.fromisoformat(
            f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}.{digits}{offset.upper() if offset else ''}"
        )
    except ValueError:
        return DateReading(None, "impossible-date")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    precision = Precision.SECOND if second else Precision.MINUTE
    return DateReading(moment.isoformat(), moment=moment, precision=precision, zoned=offset is not None, complete=True)


def _read_week(match: re.Match[str]) -> DateReading:
    year, week, weekday = match.groups()
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return DateReading(None, "implausible-year")
    try:
        day = date.fromisocalendar(int(year), int(week), int(weekday or 1))
    except ValueError:
        return DateReading(None, "impossible-date")
    if weekday is None:
        return DateReading(f"{year}-W{week}")
    return DateReading(day.isoformat(), moment=day, precision=Precision.DAY, complete=True)


def _choose(tokens: Tokens, matches: list[DateMatch]) -> DateReading:
    """Picks the one date of a stamp: a publication rather than an update; refuses two different dates."""
    if not matches:
        return DateReading(None, _reason_of_nothing(tokens))
    if len(matches) == 1:
        return _alone(tokens, matches)
    marked = [(each, _is_update(tokens, matches, index)) for index, each in enumerate(matches)]
    published = [each for each, update in marked if not update]
    chosen, updated = (published, False) if published else ([each for each, _ in marked], True)
    for each in chosen:
        if each.reason is not None:
            return DateReading(None, each.reason, updated=updated)
    if _unread(tokens, matches):
        return DateReading(None, "unread", updated=updated)
    chosen = _without_counted(tokens, chosen)
    complete = all(each.complete for each in chosen)
    best = chosen[0]
    for each in chosen[1:]:
        if (together := _agreed(best, each)) is None:
            return DateReading(None, "several-dates", updated=updated)
        best = together
    return DateReading(best.value, None, best.moment, best.precision, updated, best.zoned, complete, best.zone_unknown)


def _without_counted(tokens: Tokens, matches: list[DateMatch]) -> list[DateMatch]:
    """Leaves out "2 jam lalu" where a date is printed beside it: it only counts to the date."""
    if not any(each.complete for each in matches):
        return matches
    return [
        each
        for each in matches
        if each.complete or not isinstance(each.moment, datetime) or "l" not in tokens.letters[each.start : each.stop]
    ]


def _alone(tokens: Tokens, matches: list[DateMatch]) -> DateReading:
    """Returns the reading of a stamp with one date, the usual case."""
    (only,) = matches
    updated = "U" in tokens.letters and _is_update(tokens, matches, 0)
    if only.reason is not None:
        return DateReading(None, only.reason, updated=updated)
    if _unread(tokens, matches):
        return DateReading(None, "unread", updated=updated)
    return DateReading(
        only.value, None, only.moment, only.precision, updated, only.zoned, only.complete, only.zone_unknown
    )


def _reason_of_nothing(tokens: Tokens) -> str:
    letters = tokens.letters
    if "q" in letters or _JUST_NOW.search(tokens.text):
        return "vague"
    return "unread" if any(letter in "dyncMW" for letter in letters) else "no-date"


def _is_update(tokens: Tokens, matches: list[DateMatch], index: int) -> bool:
    """Whether the last marker between the previous date and this one says "updated"."""
    begin = matches[index - 1].stop if index else 0
    between = tokens.letters[begin : matches[index].start]
    return between.rfind("U") > between.rfind("C")


def _agreed(one: DateMatch, two: DateMatch) -> DateMatch | None:
    """Returns the more exact of two readings of one day ("hari ini, Rabu (18/6/2025)"), or None where they differ."""
    if one.value == two.value:
        return one
    if one.moment is None or two.moment is None:
        return None
    if _date_of(one.moment) != _date_of(two.moment):
        return None
    if isinstance(one.moment, datetime) and isinstance(two.moment, datetime):
        return None
    return one if isinstance(one.moment, datetime) else two


def _date_of(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


_NUMBERS = frozenset("dync")
_CALENDAR = frozenset("MmY")


_OF_A_DATE = re.compile(r"[WMmYNdync]")


def _outside(letters: str, found: DateMatch) -> bool:
    """Whether a word or number of a date comes before or after the only date."""
    return bool(_OF_A_DATE.search(letters, 0, found.start) or _OF_A_DATE.search(letters, found.stop))


def _unread(tokens: Tokens, matches: list[DateMatch]) -> bool:
    """Whether a word or number of a date is outside all dates: something is misprinted or was misread."""
    letters = tokens.letters
    if len(matches) == 1 and not _outside(letters, matches[0]):
        return False
    inside = bytearray(len(letters))
    for each in matches:
        inside[each.start : each.stop] = b"\1" * (each.stop - each.start)
    only_relative = all(each.form == "relative" for each in matches)
    for index, letter in enumerate(letters):
        if inside[index]:
            continue
        if letter == "W" or (only_relative and letter in _NUMBERS):
            return True
        before = letters[index - 1 : index] if index else ""
        after = letters[index + 1 : index + 2]
        if letter in _CALENDAR and ((before and before in _NUMBERS) or (after and after in _NUMBERS)):
            return True
        if letter == "N" and after and after in "Mm":
            return True  # "dua puluh Desember 2015"
        if letter in _NUMBERS and _touches(tokens, inside, index):
            return True
    return False


def _touches(tokens: Tokens, inside: bytearray, index: int) -> bool:
    """Whether a number is next to a date, or glued to it by a dot, slash, colon or dash."""
    last = len(tokens.letters) - 1
    if index < last and inside[index + 1]:
        return True
    if index and inside[index - 1] and tokens.letters[index - 1] in "dycMm":
        return True
    if index > 1 and tokens.letters[index - 1] == "_" and inside[index - 2]:
        return tokens.glued(index - 1) and tokens.glued(index)  # "2015-12-18T10:05:33 07:00": the plus sign was lost
    forward = (
        index + 2 <= last and inside[index + 2] and tokens.letters[index + 1] in "./:-" and tokens.glued(index + 2)
    )
    back = index > 1 and inside[index - 2] and tokens.letters[index - 1] in "./:-" and tokens.glued(index)
    return bool(forward or back)
