"""The witnesses of a page's publication time: each stamp, read, with what it claims (docs/decisions/0019).

A stamp claims a clock, and perhaps the zone of that clock. The two are kept apart, because the clock is mostly right
and its label often is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import islice

from archive.records import Precision
from lexicon.calendar import DATE_WORDS
from reading.dates.machine import is_default, read_machine
from reading.dates.reader import DateReading, read_date
from reading.dates.tokens import tokenise


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as printed, and where, as in `reading.extract.raw.FoundText`."""

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Witness:
    """A stamp that was read.

    `clock` is its day and time as written, or its day alone; `label` is the offset from UTC that it claims for them,
    None if none. `updated`: it says that it is of an update. `complete`: it needs no reference, unlike "2 jam lalu".
    """

    stamp: Stamp
    clock: datetime | date
    label: timedelta | None
    precision: Precision
    updated: bool = False
    complete: bool = True
    zone_unknown: bool = False

    @property
    def loose(self) -> bool:
        """Whether it is a visible text in a place that no source names, and may be no stamp at all."""
        return self.stamp.where in ("text", "above")

    @property
    def day(self) -> date:
        """The day as written."""
        return self.clock.date() if isinstance(self.clock, datetime) else self.clock

    @property
    def at_midnight(self) -> bool:
        """Whether the clock is that of a day without a time, as databases write it."""
        return isinstance(self.clock, datetime) and self.clock == datetime.combine(self.day, datetime.min.time())

    def in_zone(self, zone: tzinfo) -> datetime | None:
        """Its instant if the clock is that of `zone`, whatever the label says; None for a day alone."""
        return self.clock.replace(tzinfo=zone) if isinstance(self.clock, datetime) else None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A printed stamp that holds a date but cannot be read, and why."""

    stamp: Stamp
    reason: str
    updated: bool


@dataclass(frozen=True, slots=True)
class Testimony:
    """What all stamps of a page claim, in the order of trust.

    `printed`: the visible publication stamps. `relative`: those that need the fetch ("2 jam lalu"). `updates`: the
    visible stamps of an update. `metadata`, `modified`: publication and last change in metadata. `address`: the day in
    the address, and `month` its year and month if it has no day. `feed`: what a listing announced.
    """

    printed: tuple[Witness, ...]
    relative: tuple[Witness, ...]
    updates: tuple[Witness, ...]
    refused: tuple[Refusal, ...]
    metadata: tuple[Witness, ...]
    modified: tuple[Witness, ...]
    address: Witness | None
    month: tuple[int, int] | None
    feed: Witness | None


# Reasons of text that is no stamp: matched by a wrong selector, or relative without a reference.
_NOT_A_STAMP = frozenset({"no-date", "unread", "vague", "needs-reference", "needs-clock", "ambiguous", "too-long"})
_DAY_AND_MONTH = re.compile(r"\d{1,2}\s?[/ -]\s?(?:\d|[A-Za-z]{3})")
_YEAR_AND_MONTH = re.compile(r"(\d{4})-(\d\d)")
_MOST_STAMPS = 40
"""Stamps of one kind that are heard, because each is weighed against the others; real pages have up to a dozen."""
_MOST_MARKS = 4
_MARKS = re.compile(
    r"(?<!\w)(?:" + "|".join(word for word, role in DATE_WORDS.items() if role == "update") + r")(?!\w)", re.IGNORECASE
)


def hear(
    *,
    printed: Sequence[Stamp],
    metadata: Sequence[Stamp],
    modified: Sequence[Stamp],
    feed: Stamp | None,
    zone: tzinfo,
    fetched_at: datetime | None,
    online: bool,
) -> Testimony:
    """Reads all stamps of a page once. `fetched_at` is in the source's zone; it resolves "2 jam lalu".

    `online`: the stamps are of a web page, where 1 January 1970 is a missing date.
    """
    in_metadata = tuple(_read_machines(metadata, fetched_at, zone))
    address = next((each for each in in_metadata if each.stamp.where == "url"), None)
    in_metadata = tuple(each for each in in_metadata if each is not address)
    known = list(dict.fromkeys(each.day for each in (*in_metadata, *([address] if address else []))))
    month = next((found for each in metadata if (found := _month_in_address(each))), None)
    visible: list[Witness] = []
    refused: list[Refusal] = []
    for stamp in printed[:_MOST_STAMPS]:
        reading = read_date(stamp.text, reference=fetched_at, zone=zone)
        if not reading.complete and (dated := _dated_by(stamp.text, known, month, zone)) is not None:
            reading = dated
        if online and is_default(stamp.text, reading, alone=False):
            continue
        if (witness := _witness(stamp, reading)) is not None:
            visible += [witness, *_update_behind(stamp, reading, fetched_at, zone)]
        elif reading.reason is not None and reading.reason not in _NOT_A_STAMP:
            refused.append(Refusal(stamp, reading.reason, reading.updated))
    return Testimony(
        printed=tuple(each for each in visible if each.complete and not each.updated),
        relative=tuple(each for each in visible if not each.complete and not each.updated),
        updates=tuple(each for each in visible if each.updated),
        refused=tuple(refused),
        metadata=in_metadata,
        modified=tuple(_read_machines(modified, fetched_at, zone)),
        address=address,
        month=month,
        feed=next(_read_machines([feed], fetched_at, zone), None) if feed else None,
    )


def _month_in_address(stamp: Stamp) -> tuple[int, int] | None:
    found = _YEAR_AND_MONTH.fullmatch(stamp.text) if stamp.where == "url" else None
    return (int(found[1]), int(found[2])) if found else None


def _read_machines(stamps: Sequence[Stamp], reference: datetime | None, zone: tzinfo) -> Iterator[Witness]:
    for stamp in stamps[:_MOST_STAMPS]:
        witness = _witness(stamp, read_machine(stamp.text, reference=reference, zone=zone))
        if witness is not None:
            yield witness


def _witness(stamp: Stamp, reading: DateReading) -> Witness | None:
    moment, label = reading.moment, None
    if moment is None or reading.precision is None:
        return None
    if isinstance(moment, datetime):
        label = moment.utcoffset() if reading.zoned else None
        moment = moment.replace(tzinfo=None, microsecond=0)
    return Witness(stamp, moment, label, reading.precision, reading.updated, reading.complete, reading.zone_unknown)


def _dated_by(text: str, known: Sequence[date], month: tuple[int, int] | None, zone: tzinfo) -> DateReading | None:
    """Reads "Senin (3/6) 14:05" where metadata or the address name that very day, or its month, and so its year."""
    if not _DAY_AND_MONTH.search(text):
        return None
    middle = [date(*month, 15)] if month else []
    for day in (*known, *middle):
        reading = read_date(text, reference=day, zone=zone)
        if reading.moment is None:
            continue
        found = (reading.moment.year, reading.moment.month, reading.moment.day)
        if found == (day.year, day.month, day.day) or found[:2] == month:
            return reading._replace(complete=True)
    return None


def _update_behind(stamp: Stamp, reading: DateReading, reference: datetime | None, zone: tzinfo) -> Iterator[Witness]:
    """The update in "3 Juni 2024 14:05 WIB | Diperbarui 4 Juni 2024 09:00", of which `reading` is the publication."""
    if reading.updated:
        return
    for mark in islice(_MARKS.finditer(stamp.text), _MOST_MARKS):
        witness = _witness(stamp, read_date(stamp.text[mark.start() :], reference=reference, zone=zone))
        if witness is not None and witness.updated:
            yield witness
            return


def without_weekday(text: str) -> str:
    """Returns a stamp with its weekday blanked."""
    tokens = tokenise(text)
    letters = list(text)
    for index, letter in enumerate(tokens.letters):
        if letter in "WwY":
            for position in range(tokens.starts[index], tokens.stops[index]):
                letters[position] = " "
    return "".join(letters)


def read_without_weekday(stamp: Stamp, reference: datetime | None, zone: tzinfo) -> Witness | None:
    """Reads a stamp whose weekday contradicts its date as if it had none."""
    return _witness(stamp, read_date(without_weekday(stamp.text), reference=reference, zone=zone))


def words_beside(text: str) -> int:
    """How many words of a stamp are about something else than time; 0 if it says that it is a stamp ("Diterbitkan")."""
    letters = tokenise(text).letters
    return 0 if "C" in letters or "|" in letters else letters.count("_")
