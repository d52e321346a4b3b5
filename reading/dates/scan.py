"""Every date of a text, from left to right, with its clock where one stands beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from typing import NamedTuple

from archive.records import Precision
from reading.dates.clocks import ClockTime, read_clock
from reading.dates.forms import TokenSpan, read_span
from reading.dates.relative import STARTS, Instant, Period, Told, read_told
from reading.dates.tokens import Refused, Tokens

_START = re.compile("[" + "".join(re.escape(letter) for letter in sorted(STARTS | set("dcyWwYMmHjhT(~"))) + "]")
_REFUSED = re.compile(r"h?[WwY]?\.?J?(?:ih|[PIKl])?,?[MmdyncT/.\-:()Rr]*")
_OF_A_STAMP = frozenset("dyncMmWwYZ")
_LABEL = 6  # tokens
_BETWEEN = re.compile(r"[,|\-(]{0,2}p?")


class Sighting(NamedTuple):
    """One date of a text, tokens `start` to `stop`: its value, or the reason why it is refused."""

    start: int
    stop: int
    value: str | None = None
    moment: datetime | date | None = None
    precision: Precision | None = None
    reason: str | None = None
    form: str = "relative"
    sure: bool = False
    zoned: bool = False  # a zone is printed


def scan(
    tokens: Tokens, reference: date | datetime | None, zone: tzinfo, *, in_text: bool = False
) -> Iterator[Sighting]:
    """All dates of the tokens. `in_text` is for running text: a clock counts there only with "pukul" or a zone."""
    at = 0
    while (start := _START.search(tokens.letters, at)) is not None:
        at = start.start()
        try:
            sighting = _sight(tokens, at, reference, zone, in_text)
        except Refused as refusal:
            # The whole expression is spent: "(10/6/2025)" is no date of its own where its weekday contradicts it.
            spent = _REFUSED.match(tokens.letters, at)
            sighting = Sighting(at, spent.end() if spent else at + 1, reason=refusal.reason)
        if sighting is None:
            at += 1
        else:
            yield sighting
            at = max(at + 1, sighting.stop)


def _sight(tokens: Tokens, at: int, reference: date | datetime | None, zone: tzinfo, in_text: bool) -> Sighting | None:
    letter = tokens.letters[at]
    if letter in "Hjd~" and (sighting := _clock_first(tokens, at, reference, zone, in_text)) is not None:
        return sighting
    told = _told(tokens, at, reference, in_text)
    if told is None:
        return None
    clock = read_clock(tokens, told.stop) if isinstance(told, TokenSpan) else None
    if clock is not None and in_text and not clock.marked:
        clock = None
    return _seen(told, clock, zone, told.start, clock.stop if clock else told.stop)


def _told(tokens: Tokens, at: int, reference: date | datetime | None, in_text: bool) -> Told | None:
    day = reference.date() if isinstance(reference, datetime) else reference
    span = read_span(tokens, at, day)
    if span is not None:
        return span
    return read_told(tokens, at, reference, ahead=_looks_ahead(tokens, at, in_text))


def _clock_first(
    tokens: Tokens, at: int, reference: date | datetime | None, zone: tzinfo, in_text: bool
) -> Sighting | None:
    """ "10:02 WIB | Jumat, 9 Agustus 2019"; "10:02, 9/8/2019" where a stamp begins so, which running text does not."""
    if tokens.letters[at : at + 1] == "d" and tokens.letters[at + 1 : at + 2] not in (":", "."):
        return None
    if (clock := read_clock(tokens, at)) is None or not (clock.marked or (not in_text and _is_first(tokens, at))):
        return None
    between = _BETWEEN.match(tokens.letters, clock.stop)
    begin = between.end() if between else clock.stop
    if begin >= len(tokens.letters):
        return None
    told = _told(tokens, begin, reference, True)
    if not isinstance(told, TokenSpan) or told.last is not None:
        return None
    return _seen(told, clock, zone, at, told.stop)


def _is_first(tokens: Tokens, at: int) -> bool:
    """Whether a stamp begins here, behind a label of a few words at most."""
    return at <= _LABEL and _OF_A_STAMP.isdisjoint(tokens.letters[:at])


def _seen(told: Told, clock: ClockTime | None, zone: tzinfo, start: int, stop: int) -> Sighting:
    if isinstance(told, Period):
        return Sighting(start, stop, told.value, sure=True)
    if isinstance(told, Instant):
        moment = told.moment if told.moment.tzinfo else told.moment.replace(tzinfo=zone)
        return Sighting(start, stop, moment.isoformat(), moment, Precision.MINUTE, sure=True)
    if told.last is not None:
        value = f"{told.first.isoformat()}/{told.last.isoformat()}"
        return Sighting(start, told.stop, value, form=told.form, sure=told.sure)
    if clock is None or clock.local:  # "10.00 waktu setempat": the day is certain, the zone is not
        day = told.first
        return Sighting(start, stop, day.isoformat(), day, Precision.DAY, form=told.form, sure=told.sure)
    moment = clock.on(told.first, zone)
    if clock.until is not None:
        end = moment.replace(hour=0, minute=0) if moment.hour or moment.minute else moment
        end += timedelta(hours=clock.until[0], minutes=clock.until[1])
        if end <= moment:
            raise Refused("range-reversed")
        interval = f"{moment.isoformat()}/{end.isoformat()}"
        return Sighting(start, stop, interval, form=told.form, sure=told.sure, zoned=clock.zone is not None)
    precision = Precision.MINUTE if clock.second is None else Precision.SECOND
    return Sighting(
        start, stop, moment.isoformat(), moment, precision, form=told.form, sure=told.sure, zoned=clock.zone is not None
    )


_LOOK_BACK = 60  # tokens: longer than nearly all sentences, and a bound on the work


def _looks_ahead(tokens: Tokens, at: int, in_text: bool) -> bool:
    """Whether the sentence so far speaks of what will be: "akan … pada Minggu".

    A verb of saying after "akan" turns it back: in "akan naik, kata dia pada Kamis" the Thursday is that of the saying.
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
    """Whether a stop or a quotation mark is followed by a blank or the end: "1.000" and "A.S" go on."""
    return index + 1 >= len(tokens.letters) or not tokens.glued(index + 1)
