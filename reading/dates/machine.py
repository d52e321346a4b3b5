"""Stamps that machines write: Unix times, two labels at once, and the dates that stand for a missing one.

Metadata and attributes of elements hold ISO 8601 mostly, but also what other programs print: .NET's JSON, seconds or
milliseconds since 1970. An empty field becomes a date that nobody meant (`is_default`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from archive.records import Precision
from reading.dates.reader import DateReading, read_date

# "2024-06-03T14:05:00+07:00Z": a template adds a Z to what has an offset already; only the offset was computed
_TWO_LABELS = re.compile(r"(\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)[Zz]?\s?([+-]\d\d:?\d\d)[Zz]?")
_UNIX_TIME = re.compile(r"(?:/Date\()?([1-9]\d{9})(?:(\d{3})|(\d{6})|\.\d{1,6})?(?:[+-]\d{4})?(?:\)/)?")
_FIRST_UNIX, _LAST_UNIX = 631_152_000, 4_102_444_800  # 1990 and 2100: other numbers of ten digits are none
_ZERO = re.compile(r"\W*0{1,10}(?:\W{1,3}0{1,4}){0,7}\W*Z?")
_DEFAULT_YEARS = re.compile(
    r"(?<!\d)-?000[01](?!\d)"  # 0000-00-00, 30 November -0001, 01/01/0001
    r"|(?<!\d)(?:0?1|30|31)[-/. ]\w{1,9}[-/. ](?:1899|190[01])(?!\d)"  # spreadsheets and old databases begin there
    r"|(?<!\d)(?:1899|190[01])[-/.](?:01|12)[-/.]"
)
_LONGEST = 200
_DEFAULT_DAYS = frozenset({(1969, 12, 31), (1970, 1, 1)})
_DEFAULT_MIDNIGHTS = frozenset({(1980, 1, 1), (2000, 1, 1), (2001, 1, 1)})
"""First days of the calendars of other systems (FAT, Palm, macOS): defaults at midnight, and days of news otherwise."""


def read_machine(text: str, *, reference: datetime | None, zone: tzinfo) -> DateReading:
    """Reads a stamp of metadata. Like `read_date`, and reads Unix times; a default date has the reason "no-date"."""
    if len(text) > _LONGEST:
        return DateReading(None, "too-long")
    unix = _UNIX_TIME.fullmatch(text.strip())
    if unix is not None and _FIRST_UNIX <= int(unix[1]) < _LAST_UNIX:
        moment = datetime.fromtimestamp(int(unix[1]), UTC)
        return DateReading(moment.isoformat(), None, moment, Precision.SECOND, zoned=True, complete=True)
    joined = _TWO_LABELS.search(text)
    if joined is not None:
        text = text[: joined.start()] + joined[1] + joined[2] + text[joined.end() :]
    reading = read_date(text, reference=reference, zone=zone)
    return DateReading(None, "no-date") if is_default(text, reading, alone=True) else reading


def is_default(text: str, reading: DateReading, *, alone: bool) -> bool:
    """Whether a stamp is what a system writes for a missing date: second zero of 1970, 0000-00-00, 1 January 1900.

    `alone`: no printed stamp says the same, so the first days of other calendars count as missing too, at midnight.
    """
    if _ZERO.fullmatch(text):
        return True
    moment = reading.moment
    if moment is None:
        return reading.reason in ("implausible-year", "impossible-date", "unread") and bool(_DEFAULT_YEARS.search(text))
    day = (moment.year, moment.month, moment.day)
    if day in _DEFAULT_DAYS:
        return True
    midnight = not isinstance(moment, datetime) or (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return alone and midnight and day in _DEFAULT_MIDNIGHTS
