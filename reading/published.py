"""The publication time of a page, settled from what it prints and what its metadata say (DESIGN, decision 3).

The print is the publication time. Metadata lend what it leaves out, where they agree: the seconds, the zone, and the
clock of a print that is a day alone. Where they disagree the print wins and the article is flagged. A print that needs
the time of the fetch ("2 jam lalu") is no stamp of its own and stands behind them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from archive.records import Precision, Rejected
from reading.dates.reader import DateReading, read_date
from reading.dates.tokens import tokenise


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time as a page gives it, and where: "json-ld", "microdata", "meta", "selector", "url" or "feed"."""

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Publication:
    """When an article appeared: `printed` as the page has it, `found` where the value comes from ("selector+meta").

    `flags`: "weekday-contradicts" (the print contradicts itself, metadata decided), "metadata-contradicts" (the print
    decided), "only-modified" (nothing but an update stamp is there), "print-is-crawl-day" (the page head prints today's
    date), "modified-before-published" (that modification time is left out).
    """

    published_at: datetime | date
    precision: Precision
    printed: str | None
    found: str
    modified_at: datetime | date | None
    modified_found: str | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _ReadStamp:
    """A stamp that gave one instant or one day."""

    stamp: Stamp
    moment: datetime | date
    precision: Precision
    updated: bool
    zoned: bool
    complete: bool  # it needs no reference, as "2 jam lalu" and "Kamis (5/11)" do

    @property
    def utc(self) -> bool:
        """Printed with Z or +00:00, as metadata do, rightly or not."""
        return self.zoned and isinstance(self.moment, datetime) and self.moment.utcoffset() == timedelta(0)


_A_DAY = timedelta(days=1)
# What a stamp says that holds no date at all: a wrong selector's text, or a relative one without a reference.
_SILENT = frozenset({"no-date", "unread", "vague", "needs-reference", "needs-clock", "ambiguous", "too-long"})


def settle_publication(
    *,
    printed: Sequence[Stamp],
    metadata: Sequence[Stamp],
    modified: Sequence[Stamp] = (),
    zone: tzinfo,
    fetched_at: datetime | None,
) -> Publication:
    """Settle when a page was published. Stamps stand in the order of trust; `zone` is the source's.

    `fetched_at` (aware) answers relative stamps ("2 jam lalu") and bounds the future; without it both are left out.
    Raises Rejected: "no-date", "bad-date" (the print cannot be), "date-contradicts" (it contradicts itself and no
    metadata agree with its date), "future-date" (more than a day after the fetch).
    """
    reference = fetched_at.astimezone(zone) if fetched_at is not None else None
    lent, _ = _read_all(metadata, reference, zone)
    changes, _ = _read_all(modified, reference, zone)
    prints, refused = _read_all(printed, reference, zone)
    flags: list[str] = []
    prints = _without_page_head(prints, lent, reference, flags)
    updates = [each for each in prints if each.updated]
    relative = [each for each in prints if not each.updated and not each.complete]
    prints = [each for each in prints if not each.updated and each.complete]

    if prints:
        settled, found, false_utc = _from_print(prints[0], lent, zone, flags)
        words: str | None = prints[0].stamp.text
    else:
        chosen, words = _without_print(refused, [*relative, *updates, *changes], lent, zone, reference, flags)
        false_utc = False
        settled, found = _local(chosen, zone, false_utc=False), chosen.stamp.where
        if words is None and chosen in (*relative, *updates):
            words = chosen.stamp.text
        if chosen not in lent and chosen in (*updates, *changes):
            flags.append("only-modified")
    if reference is not None:
        refuse_future(settled.moment, reference)

    change = next((_local(each, zone, false_utc=false_utc) for each in (*changes, *updates)), None)
    if change is not None and _before(change, settled):
        flags.append("modified-before-published")
        change = None
    modified_at, modified_found = (change.moment, change.stamp.where) if change else (None, None)
    return Publication(
        settled.moment, settled.precision, words, found, modified_at, modified_found, tuple(dict.fromkeys(flags))
    )


def _read_all(
    stamps: Sequence[Stamp], reference: datetime | None, zone: tzinfo
) -> tuple[list[_ReadStamp], list[tuple[Stamp, DateReading]]]:
    """The stamps that give a moment, and those that are refused though they hold a date."""
    good: list[_ReadStamp] = []
    refused: list[tuple[Stamp, DateReading]] = []
    for stamp in stamps:
        reading = read_date(stamp.text, reference=reference, zone=zone)
        if reading.moment is not None and reading.precision is not None:
            good.append(
                _ReadStamp(stamp, reading.moment, reading.precision, reading.updated, reading.zoned, reading.complete)
            )
        elif reading.reason is not None and reading.reason not in _SILENT:
            refused.append((stamp, reading))
    return good, refused


def _without_page_head(
    prints: list[_ReadStamp], lent: list[_ReadStamp], reference: datetime | None, flags: list[str]
) -> list[_ReadStamp]:
    """Leave out a print of the crawl's day where the address carries another (tribunnews.com's head prints today)."""
    address = next((_day(each.moment) for each in lent if each.stamp.where == "url"), None)
    if reference is None or address is None:
        return prints
    kept = [
        each for each in prints if _day(each.moment) != reference.date() or abs(_day(each.moment) - address) <= _A_DAY
    ]
    if len(kept) < len(prints):
        flags.append("print-is-crawl-day")
    return kept


def _from_print(
    printed: _ReadStamp, lent: list[_ReadStamp], zone: tzinfo, flags: list[str]
) -> tuple[_ReadStamp, str, bool]:
    """The print with what agreeing metadata lend it, where it was found, and whether their Z is false."""
    for each in lent:
        if (joined := _joined(printed, each, zone)) is not None:
            moment, false_utc = joined
            seconds = each.precision is Precision.SECOND
            precision = Precision.SECOND if seconds else max(printed.precision, each.precision, key=_EXACTNESS.index)
            if moment == printed.moment and precision is printed.precision and _same_offset(moment, printed.moment):
                return printed, printed.stamp.where, false_utc
            return (
                replace(printed, moment=moment, precision=precision),
                f"{printed.stamp.where}+{each.stamp.where}",
                false_utc,
            )
    if any(_disagrees(printed, each, zone) for each in lent):
        flags.append("metadata-contradicts")
    return printed, printed.stamp.where, False


_EXACTNESS = [Precision.DAY, Precision.MINUTE, Precision.SECOND]


def _joined(printed: _ReadStamp, other: _ReadStamp, zone: tzinfo) -> tuple[datetime, bool] | None:
    """The print's moment made exact by metadata that agree with it to what it prints; None where they do not."""
    if not isinstance(other.moment, datetime):
        return None
    there = other.moment.replace(microsecond=0)
    if not isinstance(printed.moment, datetime):  # a day alone: the clock is lent
        local = there.astimezone(zone) if other.utc else there
        return (local, False) if local.date() == printed.moment else None
    here = printed.moment
    second = there.second if other.precision is Precision.SECOND else here.second
    if printed.precision is Precision.SECOND:
        second = here.second
    exact = here.replace(second=second)
    if _minute(there.astimezone(here.tzinfo)) == _minute(here):
        return exact, False
    if _minute(there).replace(tzinfo=None) == _minute(here).replace(tzinfo=None):
        if other.utc:  # detik's "T10:08:58Z" beside a printed 10:08 WIB: local time with a false Z
            return exact, True
        if not printed.zoned:
            return exact.replace(tzinfo=there.tzinfo), False
    return None


def _disagrees(printed: _ReadStamp, other: _ReadStamp, zone: tzinfo) -> bool:
    """Whether metadata that did not join the print say another time; a day alone, only where it is another day."""
    if isinstance(other.moment, datetime) and isinstance(printed.moment, datetime):
        return True
    local = _local(other, zone, false_utc=False).moment
    return _day(local) != _day(printed.moment)


def _without_print(
    refused: list[tuple[Stamp, DateReading]],
    others: list[_ReadStamp],
    lent: list[_ReadStamp],
    zone: tzinfo,
    reference: datetime | None,
    flags: list[str],
) -> tuple[_ReadStamp, str | None]:
    """The moment where no print can be used, and the words of the print that it replaces."""
    for stamp, reading in refused:
        if reading.updated:
            continue
        if reading.reason != "weekday-contradicts":
            raise Rejected("bad-date", f"the page prints {stamp.text.strip()!r} ({reading.reason})")
        day = _day_ignoring_weekday(stamp.text, reference, zone)
        for each in _most_exact_first(lent):
            if day is not None and day in (_day(_local(each, zone, false_utc=False).moment), _day(each.moment)):
                flags.append("weekday-contradicts")
                return each, stamp.text
        raise Rejected("date-contradicts", f"weekday and date of {stamp.text.strip()!r} contradict each other")
    pages = _most_exact_first(lent)
    if pages:
        return pages[0], None
    if others:
        return others[0], None
    raise Rejected("no-date", "neither the page nor its metadata give a publication time")


def _most_exact_first(reads: Iterable[_ReadStamp]) -> list[_ReadStamp]:
    """Instants before days, otherwise in the order of trust."""
    return sorted(reads, key=lambda each: not isinstance(each.moment, datetime))


def _day_ignoring_weekday(text: str, reference: datetime | None, zone: tzinfo) -> date | None:
    tokens = tokenise(text)
    letters = list(text)
    for index, letter in enumerate(tokens.letters):
        if letter in "WwY":
            for position in range(tokens.starts[index], tokens.stops[index]):
                letters[position] = " "
    moment = read_date("".join(letters), reference=reference, zone=zone).moment
    return None if moment is None else _day(moment)


def _local(read: _ReadStamp, zone: tzinfo, *, false_utc: bool) -> _ReadStamp:
    """A stamp in UTC told in the source's zone; with `false_utc` its clock is local already and only the Z is wrong."""
    if not isinstance(read.moment, datetime):
        return read
    moment = read.moment.replace(microsecond=0)
    if read.utc:
        moment = moment.replace(tzinfo=zone) if false_utc else moment.astimezone(zone)
    return replace(read, moment=moment)


def refuse_future(moment: datetime | date, reference: datetime) -> None:
    """Raise Rejected("future-date") where a publication lies more than a day after the fetch, or after now."""
    limit = reference + _A_DAY
    late = moment > limit if isinstance(moment, datetime) else moment > limit.date()
    if late:
        raise Rejected(
            "future-date", f"{moment.isoformat()} is more than a day after {reference:%Y-%m-%d}, when it was had"
        )


def _before(one: _ReadStamp, two: _ReadStamp) -> bool:
    """Whether one moment lies before another, as far as both are known: to the second, the minute or the day."""
    here, there = one.moment, two.moment
    if not isinstance(here, datetime) or not isinstance(there, datetime):
        return _day(here) < _day(there)
    if one.precision is two.precision is Precision.SECOND:
        return here < there
    return _minute(here) < _minute(there)


def _same_offset(one: datetime | date, two: datetime | date) -> bool:
    return isinstance(one, datetime) and isinstance(two, datetime) and one.utcoffset() == two.utcoffset()


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _day(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
