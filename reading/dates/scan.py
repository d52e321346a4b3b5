"""Scans tokens from left to right and yields every date, with the clock time printed beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from archive.records import Precision
from reading.dates.clocks import ClockTime, read_clock
from reading.dates.forms import TokenSpan, read_span
from reading.dates.relative import STARTS, Instant, Period, RelativeDate, read_relative_date
from reading.dates.tokens import Tokens, UnreadableDateError

_START = re.compile("[" + "".join(re.escape(letter) for letter in sorted(STARTS | set("dcyWwYMmHjhT(~"))) + "]")
_REFUSED = re.compile(r"h?[WwY]?\.?J?(?:ih|[PIKl])?,?[MmdyncT/.\-:()Rr]*")
_OF_A_STAMP = frozenset("dyncMmWwYZ")
_LONGEST_LABEL = 6  # tokens
_BETWEEN = re.compile(r"[,|\-(]{0,2}p?")


class DateMatch(NamedTuple):
    """One date, tokens `start` to `stop`: its value, or the reason why it is refused."""

    start: int
    stop: int
    value: str | None = None
    moment: datetime | date | None = None
    precision: Precision | None = None
    reason: str | None = None
    form: str = "relative"
    sure: bool = False
    zoned: bool = False  # a zone is printed
    complete: bool = False  # it can be read without a reference
    zone_unknown: bool = False  # a clock is printed, in an unknown zone


def scan(
    tokens: Tokens, reference: date | datetime | None, zone: tzinfo, *, in_text: bool = False, stop: int | None = None
) -> Iterator[DateMatch]:
    """Yields all dates that start before token `stop`. In running text (`in_text`), a clock counts only with "pukul" or
    a zone."""
    at, end = 0, len(tokens.letters) if stop is None else stop
    while (start := _START.search(tokens.letters, at, end)) is not None:
        at = start.start()
        try:
            found = _match_at(tokens, at, reference, zone, in_text)
        except UnreadableDateError as error:
            # Skip the whole expression: "(10/6/2025)" must not count alone when its weekday contradicts it.
            refused = _REFUSED.match(tokens.letters, at)
            found = DateMatch(at, refused.end() if refused else at + 1, reason=error.reason)
        if found is None:
            at += 1
        else:
            yield found
            at = max(at + 1, found.stop)


def _match_at(
    tokens: Tokens, at: int, reference: date | datetime | None, zone: tzinfo, in_text: bool
) -> DateMatch | None:
    """Reads the date at a token, with the clock before or after it; None where there is none."""
    letter = tokens.letters[at]
    if letter in "Hjd~" and (found := _clock_first(tokens, at, reference, zone, in_text)) is not None:
        return found
    resolved = _read_date_at(tokens, at, reference, in_text)
    if resolved is None:
        return None
    clock = read_clock(tokens, resolved.stop) if isinstance(resolved, TokenSpan) else None
    if clock is not None and in_text and not clock.marked:
        clock = None
    return _date_match(resolved, clock, zone, resolved.start, clock.stop if clock else resolved.stop)


def _read_date_at(tokens: Tokens, at: int, reference: date | datetime | None, in_text: bool) -> RelativeDate | None:
    day = reference.date() if isinstance(reference, datetime) else reference
    span = read_span(tokens, at, day)
    if span is not None:
        return span
    return read_relative_date(tokens, at, reference, ahead=_looks_ahead(tokens, at, in_text))


def _clock_first(
    tokens: Tokens, at: int, reference: date | datetime | None, zone: tzinfo, in_text: bool
) -> DateMatch | None:
    """Reads a clock before its date: "10:02 WIB | Jumat, 9 Agustus 2019"; "10:02, 9/8/2019" only as a stamp's start."""
    if tokens.letters[at : at + 1] == "d" and tokens.letters[at + 1 : at + 2] not in (":", "."):
        return None
    if (clock := read_clock(tokens, at)) is None or not (clock.marked or (not in_text and _is_first(tokens, at))):
        return None
    between = _BETWEEN.match(tokens.letters, clock.stop)
    begin = between.end() if between else clock.stop
    if begin >= len(tokens.letters):
        return None
    resolved = _read_date_at(tokens, begin, reference, True)
    if not isinstance(resolved, TokenSpan) or resolved.last is not None:
        return None
    stop = resolved.stop
    if not clock.marked and (own := read_clock(tokens, stop)) is not None:
        clock, stop = own, own.stop  # "00:01 | Kamis, 8 Agustus 2019, 14:12 WIB": a video's length comes first
    return _date_match(resolved, clock, zone, at, stop)


def _is_first(tokens: Tokens, at: int) -> bool:
    """Whether a stamp begins here, after a label of a few words at most."""
    return at <= _LONGEST_LABEL and _OF_A_STAMP.isdisjoint(tokens.letters[:at])


def _date_match(resolved: RelativeDate, clock: ClockTime | None, zone: tzinfo, start: int, stop: int) -> DateMatch:
    """Joins a date and its clock."""
    if isinstance(resolved, Period):
        return DateMatch(start, stop, resolved.value, sure=True)
    if isinstance(resolved, Instant):
        moment = resolved.moment if resolved.moment.tzinfo else resolved.moment.replace(tzinfo=zone)
        return DateMatch(start, stop, moment.isoformat(), moment, Precision.MINUTE, sure=True)
    if resolved.last is not None:
        value = f"{resolved.first.isoformat()}/{resolved.last.isoformat()}"
        return DateMatch(start, resolved.stop, value, form=resolved.form, sure=resolved.sure)
    if clock is None or clock.local:  # "10.00 waktu setempat": the day is certain, the zone is unknown
        day = resolved.first
        return DateMatch(
            start,
            stop,
            day.isoformat(),
            day,
            Precision.DAY,
            form=resolved.form,
            sure=resolved.sure,
            complete=resolved.complete,
            zone_unknown=clock is not None,
        )
    moment = clock.on(resolved.first, zone)
    if clock.until is not None:
        end = moment.replace(hour=0, minute=0) if moment.hour or moment.minute else moment
        end += timedelta(hours=clock.until[0], minutes=clock.until[1])
        if end <= moment:
            raise UnreadableDateError("range-reversed")
        interval = f"{moment.isoformat()}/{end.isoformat()}"
        return DateMatch(start, stop, interval, form=resolved.form, sure=resolved.sure, zoned=clock.zone is not None)
    precision = Precision.MINUTE if clock.second is None else Precision.SECOND
    return DateMatch(
        start, stop, moment.isoformat(), moment, precision,
        form=resolved.form, sure=resolved.sure, zoned=clock.zone is not None, complete=resolved.complete,
    )  # fmt: skip


_LOOK_BACK = 60  # tokens: longer than nearly all sentences, and it bounds the work


def _looks_ahead(tokens: Tokens, at: int, in_text: bool) -> bool:
    """Whether the sentence so far is about the future: "akan … pada Minggu".

    A verb of speech after "akan" cancels that: in "akan naik, kata dia pada Kamis" he spoke on the past Thursday.
    """
    if tokens.letters[at] not in "hWw":
        return False
    for index in range(at - 1, max(-1, at - _LOOK_BACK), -1):
        letter = tokens.letters[index]
        if letter == "v":
            return True
        if letter == "!" or (in_text and letter in ".?" and _ends_sentence(tokens, index)):
            return False
    return False


def _ends_sentence(tokens: Tokens, index: int) -> bool:
    """Whether white space or the end follows a full stop or question mark; in "1.000" and "A.S" none does."""
    return index + 1 >= len(tokens.letters) or not tokens.glued(index + 1)
