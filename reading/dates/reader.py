"""One printed date, read or refused: the stamp of a page, a date of a text, what a reader typed.

The house rule of dates: a value is given only where the text allows one reading. The forms are those of Indonesian
newspapers since 1997 (tests/reading/test_dates.py lists them); ISO 8601 and RFC 2822 stamps are taken at their word.
"""

from __future__ import annotations

import re
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from archive.records import Precision
from reading.dates.forms import FIRST_YEAR, LAST_YEAR
from reading.dates.scan import Sighting, scan
from reading.dates.tokens import Tokens, tokenise
from reading.dates.zones import JAKARTA


class DateReading(NamedTuple):
    """What a text says: `value` in a form of `kliping read dates`, or the `reason` of the refusal.

    `moment` and `precision` are given where the value is one instant or one day; `updated` where the stamp is marked as
    an update ("Diperbarui", "Update", "Last modified"); `zoned` where a zone or an offset is printed.
    """

    value: str | None
    reason: str | None = None
    moment: datetime | date | None = None
    precision: Precision | None = None
    updated: bool = False
    zoned: bool = False


REASONS: dict[str, str] = {
    "no-date": "there is no date in it",
    "unread": "a number, month or weekday is left over that no form of a date explains",
    "too-long": "this is no stamp: it is longer than 2,000 characters",
    "vague": "it says about when, and not when",
    "ambiguous": "it has two readings",
    "several-dates": "it names several days that are no interval",
    "needs-reference": "it leaves out what only the publication time tells: give a reference",
    "needs-clock": "hours are counted from a time of day, and the reference is a day",
    "impossible-date": "the calendar has no such day",
    "impossible-clock": "no clock shows such a time",
    "impossible-zone": "no zone has such an offset",
    "implausible-year": f"the year is outside {FIRST_YEAR} to {LAST_YEAR}",
    "implausible-reference": f"the reference is outside {FIRST_YEAR} to {LAST_YEAR}",
    "weekday-contradicts": "the date falls on another day of the week",
    "clock-contradicts": "the time is in another part of the day",
    "direction-contradicts": "the date lies on the other side of the publication time",
    "range-reversed": "the end lies before the beginning",
}
"""Each reason of a refusal, in words for people."""

# ISO 8601 as metadata prints it, with the blank of "2015-11-05 T10:08:58Z" (detik) and "+0700" without a colon.
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
_WEEK = re.compile(r"\s*([0-9]{4})-?W([0-9]{2})(?:-?([1-7]))?\s*")
_JUST_NOW = re.compile(r"\bbaru(?:san|\s+saja)\b", re.IGNORECASE)
_LIMIT = 2_000
"""A date's own text is short; beyond this many characters `read_date` is asked to read an article, and refuses."""


def read_date(text: str, *, reference: datetime | date | None = None, zone: tzinfo = JAKARTA) -> DateReading:
    """Read one printed date. `reference` is the publication time: it lends a missing year, and answers "kemarin".

    A clock without a zone takes the reference's offset, else `zone`; at "waktu setempat" the day alone is given. Never
    raises: whatever the text, there is a value or a reason.
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
    tokens = tokenise(text)
    return _choose(tokens, list(scan(tokens, reference, zone)))


def _read_iso(match: re.Match[str], zone: tzinfo) -> DateReading:
    year, month, day, hour, minute, second, fraction, offset = match.groups()
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return DateReading(None, "implausible-year")
    try:
        if hour is None:
            only_day = date(int(year), int(month), int(day))
            return DateReading(only_day.isoformat(), moment=only_day, precision=Precision.DAY)
        digits = (fraction or "")[:6].ljust(6, "0")
        moment = datetime.fromisoformat(
            f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}.{digits}{offset.upper() if offset else ''}"
        )
    except ValueError:
        return DateReading(None, "impossible-date")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    precision = Precision.SECOND if second else Precision.MINUTE
    return DateReading(moment.isoformat(), moment=moment, precision=precision, zoned=offset is not None)


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
    return DateReading(day.isoformat(), moment=day, precision=Precision.DAY)


def _choose(tokens: Tokens, sightings: list[Sighting]) -> DateReading:
    """The one date of a stamp: publication before update, and no date where the text holds two different ones."""
    if not sightings:
        return DateReading(None, _reason_of_nothing(tokens))
    if len(sightings) == 1:
        return _alone(tokens, sightings)
    marked = [(each, _is_update(tokens, sightings, index)) for index, each in enumerate(sightings)]
    published = [each for each, update in marked if not update]
    chosen, updated = (published, False) if published else ([each for each, _ in marked], True)
    for each in chosen:
        if each.reason is not None:
            return DateReading(None, each.reason, updated=updated)
    if _unread(tokens, sightings):
        return DateReading(None, "unread", updated=updated)
    best = chosen[0]
    for each in chosen[1:]:
        if (together := _agreed(best, each)) is None:
            return DateReading(None, "several-dates", updated=updated)
        best = together
    return DateReading(best.value, None, best.moment, best.precision, updated, best.zoned)


def _alone(tokens: Tokens, sightings: list[Sighting]) -> DateReading:
    """The usual case: one date, and nothing to choose."""
    (only,) = sightings
    updated = "U" in tokens.letters and _is_update(tokens, sightings, 0)
    if only.reason is not None:
        return DateReading(None, only.reason, updated=updated)
    if _unread(tokens, sightings):
        return DateReading(None, "unread", updated=updated)
    return DateReading(only.value, None, only.moment, only.precision, updated, only.zoned)


def _reason_of_nothing(tokens: Tokens) -> str:
    letters = tokens.letters
    if "q" in letters or _JUST_NOW.search(tokens.text):
        return "vague"
    return "unread" if any(letter in "dyncMW" for letter in letters) else "no-date"


def _is_update(tokens: Tokens, sightings: list[Sighting], index: int) -> bool:
    """Whether the last marker between the date before and this one says "updated"."""
    begin = sightings[index - 1].stop if index else 0
    between = tokens.letters[begin : sightings[index].start]
    return between.rfind("U") > between.rfind("C")


def _agreed(one: Sighting, two: Sighting) -> Sighting | None:
    """The more exact of two readings of the same day ("hari ini, Rabu (18/6/2025)"), or None where they differ."""
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


def _outside(letters: str, sighting: Sighting) -> bool:
    """Whether any word or number of a date stands before or after the only one."""
    return bool(_OF_A_DATE.search(letters, 0, sighting.start) or _OF_A_DATE.search(letters, sighting.stop))


def _unread(tokens: Tokens, sightings: list[Sighting]) -> bool:
    """Whether a word or number of a date stands outside all dates: something was misprinted or misunderstood."""
    letters = tokens.letters
    if len(sightings) == 1 and not _outside(letters, sightings[0]):
        return False
    inside = bytearray(len(letters))
    for each in sightings:
        inside[each.start : each.stop] = b"\1" * (each.stop - each.start)
    only_told = all(each.form == "relative" for each in sightings)
    for index, letter in enumerate(letters):
        if inside[index]:
            continue
        if letter == "W" or (only_told and letter in _NUMBERS):
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
    """Whether a number stands right before or after a date, or is glued to it by a dot, slash, colon or dash."""
    last = len(tokens.letters) - 1
    if index < last and inside[index + 1]:
        return True
    if index and inside[index - 1] and tokens.letters[index - 1] in "dycMm":
        return True
    if index > 1 and tokens.letters[index - 1] == "_" and inside[index - 2]:
        return tokens.glued(index - 1) and tokens.glued(index)  # "2015-12-18T10:05:33 07:00", its plus sign lost
    forward = (
        index + 2 <= last and inside[index + 2] and tokens.letters[index + 1] in "./:-" and tokens.glued(index + 2)
    )
    back = index > 1 and inside[index - 2] and tokens.letters[index - 1] in "./:-" and tokens.glued(index)
    return bool(forward or back)
