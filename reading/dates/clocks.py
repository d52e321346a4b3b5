"""Reads clock times printed beside a date: "14.05 WIB", "pukul 2.00 Wita", "08:04 PM PDT", "10.00 waktu setempat"."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple

from lexicon.calendar import PART_HOURS
from reading.dates.tokens import Tokens, UnreadableDateError


class ClockTime(NamedTuple):
    """`zone` is None where none is printed; `local` marks a place's own zone, which we do not know."""

    hour: int
    minute: int
    second: int | None
    zone: tzinfo | None
    local: bool
    marked: bool  # by "pukul", "jam" or a zone, so certain even inside a sentence
    until: tuple[int, int] | None
    stop: int  # the token after it

    def on(self, day: date, zone: tzinfo) -> datetime:
        """Returns this time on that day; 24:00 is the next midnight. `zone` is used where none is printed."""
        hour, zone = self.hour, self.zone or zone
        moment = datetime(day.year, day.month, day.day, hour % 24, self.minute, self.second or 0, tzinfo=zone)
        return moment + timedelta(days=1) if hour == 24 else moment


# Letters as in `tokens`: d and y numbers, H "pukul", j "jam", ~ "sekitar", A "am" or "pm", R "hingga", Z a zone.
_FORM = (
    r"[,|\-/(.]{0,2}~{0,3}(?P<word>[Hj][.:]?)?"
    r"(?:(?P<hour>d)[:.](?P<minute>d)(?:[:.](?P<second>d)(?P<fraction>[.,][dyn])?)?(?![:./][dyn])"
    r"|(?P<apart>d)d(?=Z)|(?P<whole>(?<=H)d(?![:./\-+]?[dyncMmWw])|(?<=j)d(?=P|ih|Z)))(?P<half>A)?(?P<part>P|ih)?"
)
_CLOCK, _WITHOUT_FRACTION = re.compile(_FORM), re.compile(_FORM.replace("(?P<fraction>[.,][dyn])?", ""))
_UNTIL = re.compile(r"(?:Re?|-)(?:[Hj][.:]?)?(?P<hour>d)[:.](?P<minute>d)(?![:./\-][dyn])")
_ZONE = re.compile(
    r"\(?(?:Z(?P<sign>[+\-])(?:(?P<joined>y)|(?P<hours>d)(?:[:.](?P<minutes>d))?)"
    r"|(?P<bare>[+\-])(?:(?P<four>y)|(?P<bare_hours>d):(?P<bare_minutes>d)|(?P<bare_only>d)(?![:./\-,]?[dyncMm]))"
    r"|(?P<letters>Z)|xQ(?P<part>[123])|x(?:X|_{1,2}))\)?"
)
_NAMED_ZONE = re.compile(r"\(?(?P<letters>Z)")
_PART = re.compile(r"(?P<part>P|ih)")
_INDONESIAN = {"1": 7, "2": 8, "3": 9}  # Waktu Indonesia Barat, Tengah, Timur


def _offset(sign: str, hours: int, minutes: int) -> timezone:
    if hours > 14 or minutes > 59:
        raise UnreadableDateError("impossible-zone")
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if sign == "-" else span)


def _is_offset(tokens: Tokens, match: re.Match[str]) -> bool:
    """Whether a sign and a number behind letters are an offset: "GMT+7", not "10:05 WIB - 18 Desember"."""
    sign = match.start("sign")
    zone = tokens.values[sign - 1]
    at_zero = isinstance(zone, tzinfo) and zone.utcoffset(None) == timedelta(0)
    return at_zero and tokens.glued(sign + 1) and (match["joined"] is None or tokens.number(sign + 1) <= 1400)


def _hour_in(part: str, hour: int) -> int:
    """Returns the hour of a part of the day: "pukul 7 malam" is 19. Raises UnreadableDateError for "pukul 9 siang"."""
    kept, late = PART_HOURS[part]
    if hour in late:
        return hour + 12
    if hour in kept:
        return hour
    raise UnreadableDateError("ambiguous" if hour in (0, 12, 24) else "clock-contradicts")


def _read_zone(tokens: Tokens, index: int) -> tuple[tzinfo | None, int] | None:
    """Returns the zone (None where it is local) and the token after it; None where no zone is printed."""
    match = _ZONE.match(tokens.letters, index)
    if match is None:
        return None
    number = tokens.number
    if match["sign"] and not _is_offset(tokens, match):
        match = _NAMED_ZONE.match(tokens.letters, index)
        assert match is not None, "an offset with a name starts with that name"
        zone = tokens.values[match.start("letters")]
        return (zone if isinstance(zone, tzinfo) else None), match.end()
    if match["joined"]:
        value = number(match.start("joined"))
        return _offset(match["sign"], value // 100, value % 100), match.end()
    if match["sign"]:
        minutes = number(match.start("minutes")) if match["minutes"] else 0
        return _offset(match["sign"], number(match.start("hours")), minutes), match.end()
    if match["bare"]:
        if not tokens.glued(match.start("bare") + 1):
            return None
        if match["four"]:
            value = number(match.start("four"))
            if value > 1400:  # the year in "14:05 -2015"
                return None
            return _offset(match["bare"], value // 100, value % 100), match.end()
        if match["bare_only"]:
            return _hours_alone(tokens, match)
        hours, minutes = number(match.start("bare_hours")), number(match.start("bare_minutes"))
        return _offset(match["bare"], hours, minutes), match.end()
    if match["letters"]:
        zone = tokens.values[match.start("letters")]
        return (zone if isinstance(zone, tzinfo) else None), match.end()
    if match["part"]:
        return timezone(timedelta(hours=_INDONESIAN[match["part"]])), match.end()
    return None, match.end()


def _hours_alone(tokens: Tokens, match: re.Match[str]) -> tuple[tzinfo, int] | None:
    """Reads "14:05:00 +9". With a minus sign only at the end of the text: "14:05 -3 komentar" has no zone."""
    stop = match.end()
    if match["bare"] == "-" and stop < len(tokens.letters):
        return None
    return _offset(match["bare"], tokens.number(match.start("bare_only")), 0), stop


_UNKNOWN_ZONE = re.compile(r"\(?[A-Z]{2,3}T\)?")
"""Letters behind a clock that name a zone which zones.tsv lacks: nearly all such names end in T (for "time")."""


def _unknown_zone(tokens: Tokens, index: int) -> bool:
    """Whether capitals behind a clock name a zone that we do not know; the clock is then that of some other place."""
    if tokens.letters[index : index + 1] == "(":
        index += 1
    return tokens.letters[index : index + 1] == "_" and _UNKNOWN_ZONE.fullmatch(tokens.words[index]) is not None


def read_clock(tokens: Tokens, index: int) -> ClockTime | None:
    """Returns the clock time at a token, or None. Raises UnreadableDateError: "impossible-clock" for 24:30 or 7.75."""
    match = _CLOCK.match(tokens.letters, index)
    if match is not None and match["fraction"] and not tokens.glued(match.start("fraction") + 1):
        match = _WITHOUT_FRACTION.match(tokens.letters, index)  # "20:15:30, 05-11-2015"
    if match is None:
        return None
    if match["whole"]:
        hour, minute = tokens.number(match.start("whole")), 0  # "pukul 7 malam"
    else:
        at = match.start("hour" if match["hour"] else "apart")
        minute_at = match.start("minute") if match["hour"] else at + 1
        if tokens.digits(minute_at) != 2:
            return None  # "3.2" is a plain number
        hour, minute = tokens.number(at), tokens.number(minute_at)
    second = tokens.number(match.start("second")) if match["second"] else None
    if match["half"]:
        if not 1 <= hour <= 12:
            raise UnreadableDateError("impossible-clock")
        hour = hour % 12 + (12 if tokens.values[match.start("half")] == "pm" else 0)
    stop = match.end()
    until = None
    following = tokens.letters[stop : stop + 1]
    if (
        following in ("R", "-")
        and (end := _UNTIL.match(tokens.letters, stop)) is not None
        and tokens.digits(end.start("minute")) == 2
    ):
        until = tokens.number(end.start("hour")), tokens.number(end.start("minute"))
        stop = end.end()
    zone = _read_zone(tokens, stop)
    if zone is None and _unknown_zone(tokens, stop):
        zone = None, stop + 1
    for each_hour, each_minute in ((hour, minute), until or (0, 0)):
        whole_day = each_hour == 24 and each_minute == 0 and not second
        if (each_hour > 23 and not whole_day) or each_minute > 59 or (second or 0) > 59:
            raise UnreadableDateError("impossible-clock")
    stop = zone[1] if zone else stop
    part = match.start("part") if match["part"] else None
    if (
        part is None
        and until is None
        and tokens.letters[stop : stop + 1] in ("P", "i")
        and (late := _PART.match(tokens.letters, stop)) is not None
    ):
        part, stop = stop, late.end()
    if part is not None:
        hour = _hour_in(str(tokens.values[part]), hour)
    return ClockTime(
        hour=hour,
        minute=minute,
        second=second,
        zone=zone[0] if zone else None,
        local=zone is not None and zone[0] is None,
        marked=bool(match["word"]) or zone is not None,
        until=until,
        stop=stop,
    )
