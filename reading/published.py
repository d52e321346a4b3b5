"""Settles the publication time from the printed stamp and the metadata (docs/normalisation.md, "Publication time").

The printed stamp wins. Metadata that agree add what it leaves out: the seconds, the zone, or the clock of a day alone.
Metadata that disagree only flag the article. A printed stamp that needs the time of the fetch ("2 jam lalu") counts
after the metadata.
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
    """A time as printed, and where: "json-ld", "microdata", "meta", "selector", "url" or "feed"."""

    text: str
    where: str


@dataclass(frozen=True, slots=True)
class Publication:
    """When an article was published: `printed` as on the page, `found` where the value comes from ("selector+meta").

    `flags`: "weekday-contradicts" (the printed stamp contradicts itself, metadata decided), "metadata-contradicts" (the
    printed stamp decided), "only-modified" (the page has only an update stamp), "print-is-crawl-day" (the page's header
    prints today's date), "modified-before-published" (the modification time is dropped).
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
    """A stamp that was read as one instant or one day."""

    stamp: Stamp
    moment: datetime | date
    precision: Precision
    updated: bool
    zoned: bool
    complete: bool  # it needs no reference, unlike "2 jam lalu" and "Kamis (5/11)"

    @property
    def utc(self) -> bool:
        """Whether it has Z or +00:00, as metadata do, rightly or not."""
        return self.zoned and isinstance(self.moment, datetime) and self.moment.utcoffset() == timedelta(0)


_A_DAY = timedelta(days=1)
# Reasons of text that is no stamp: matched by a wrong selector, or relative without a reference.
_NOT_A_STAMP = frozenset({"no-date", "unread", "vague", "needs-reference", "needs-clock", "ambiguous", "too-long"})


@dataclass(frozen=True, slots=True)
class _PageStamps:
    """The stamps of a page, read once; `refused` are printed ones that hold a date but cannot be read."""

    printed: list[_ReadStamp]
    refused: list[tuple[Stamp, DateReading]]
    metadata: list[_ReadStamp]
    modified: list[_ReadStamp]


def settle_publication(
    *,
    printed: Sequence[Stamp],
    metadata: Sequence[Stamp],
    modified: Sequence[Stamp] = (),
    announced: Stamp | None = None,
    zone: tzinfo,
    fetched_at: datetime | None,
) -> Publication:
    """Settles when a page was published. Stamps come in the order of trust; `zone` is the source's.

    `announced` is the time in a feed or news sitemap. It counts only if the page has no date, or only the day in its
    address and the feed names the same day: feeds round, and are edited apart from pages. `fetched_at` (aware) resolves
    relative stamps ("2 jam lalu") and limits the future; None skips both. Raises Rejected: "no-date", "bad-date" (the
    printed date does not exist), "date-contradicts" (its weekday contradicts it, and no metadata agree with the date),
    "future-date" (more than a day after the fetch).
    """
    reference = fetched_at.astimezone(zone) if fetched_at is not None else None
    read_metadata, _ = _read_all(metadata, reference, zone)
    read_modified, _ = _read_all(modified, reference, zone)
    page = _PageStamps(*_read_all(printed, reference, zone), read_metadata, read_modified)
    if announced is None:
        return _settle(page, zone, reference)
    of_feed, _ = _read_all([announced], reference, zone)
    with_feed = replace(page, metadata=[*page.metadata, *of_feed])
    try:
        own = _settle(page, zone, reference)
    except Rejected as rejected:
        if rejected.reason != "no-date":
            raise
        return _settle(with_feed, zone, reference)
    if own.found != "url":
        return own
    exact = _settle(with_feed, zone, reference)
    return exact if _date_of(exact.published_at) == own.published_at else own


def _settle(page: _PageStamps, zone: tzinfo, reference: datetime | None) -> Publication:
    flags: list[str] = []
    printed = _without_page_head(page.printed, page.metadata, reference, flags)
    updates = [each for each in printed if each.updated]
    relative = [each for each in printed if not each.updated and not each.complete]
    publications = [each for each in printed if not each.updated and each.complete]
    words: str | None
    if publications:
        settled, found, false_utc = _from_print(publications[0], page.metadata, zone, flags)
        words = publications[0].stamp.text
    else:
        fallbacks = [*relative, *updates, *page.modified]
        chosen, words = _without_print(page.refused, fallbacks, page.metadata, zone, reference, flags)
        settled, found, false_utc = _in_source_zone(chosen, zone, false_utc=False), chosen.stamp.where, False
        if words is None and chosen in (*relative, *updates):
            words = chosen.stamp.text
        if chosen not in page.metadata and chosen in (*updates, *page.modified):
            flags.append("only-modified")
    if reference is not None:
        refuse_future(settled.moment, reference)

    change = next((_in_source_zone(each, zone, false_utc=false_utc) for each in (*page.modified, *updates)), None)
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
    """Returns the stamps that were read, and those that hold a date but are refused."""
    good: list[_ReadStamp] = []
    refused: list[tuple[Stamp, DateReading]] = []
    for stamp in stamps:
        reading = read_date(stamp.text, reference=reference, zone=zone)
        if reading.moment is not None and reading.precision is not None:
            good.append(
                _ReadStamp(stamp, reading.moment, reading.precision, reading.updated, reading.zoned, reading.complete)
            )
        elif reading.reason is not None and reading.reason not in _NOT_A_STAMP:
            refused.append((stamp, reading))
    return good, refused


def _without_page_head(
    printed_stamps: list[_ReadStamp], metadata_stamps: list[_ReadStamp], reference: datetime | None, flags: list[str]
) -> list[_ReadStamp]:
    """Drops a printed stamp of the crawl's day if the address has another (tribunnews.com's header prints today)."""
    address = next((_date_of(each.moment) for each in metadata_stamps if each.stamp.where == "url"), None)
    if reference is None or address is None:
        return printed_stamps
    kept = [
        each
        for each in printed_stamps
        if _date_of(each.moment) != reference.date() or abs(_date_of(each.moment) - address) <= _A_DAY
    ]
    if len(kept) < len(printed_stamps):
        flags.append("print-is-crawl-day")
    return kept


def _from_print(
    printed: _ReadStamp, metadata_stamps: list[_ReadStamp], zone: tzinfo, flags: list[str]
) -> tuple[_ReadStamp, str, bool]:
    """Returns the printed stamp completed by agreeing metadata, where it was found, and whether their Z is false."""
    for each in metadata_stamps:
        if (completed := _completed_by(printed, each, zone)) is not None:
            moment, false_utc = completed
            seconds = each.precision is Precision.SECOND
            precision = Precision.SECOND if seconds else max(printed.precision, each.precision, key=_EXACTNESS.index)
            # a layout may select a meta element as the printed stamp: both are one witness then
            places = dict.fromkeys((printed.stamp.where, each.stamp.where))
            return replace(printed, moment=moment, precision=precision), "+".join(places), false_utc
    if any(_disagrees(printed, each, zone) for each in metadata_stamps):
        flags.append("metadata-contradicts")
    return printed, printed.stamp.where, False


_EXACTNESS = [Precision.DAY, Precision.MINUTE, Precision.SECOND]


def _completed_by(printed: _ReadStamp, other: _ReadStamp, zone: tzinfo) -> tuple[datetime, bool] | None:
    """Returns the printed moment completed by metadata, and whether their Z is false; None where they disagree."""
    if not isinstance(other.moment, datetime):
        return None
    there = other.moment.replace(microsecond=0)
    if not isinstance(printed.moment, datetime):  # a day alone: take the clock of the metadata
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
    """Whether metadata contradict the printed stamp; a day alone contradicts only another day."""
    if isinstance(other.moment, datetime) and isinstance(printed.moment, datetime):
        return True
    local = _in_source_zone(other, zone, false_utc=False).moment
    return _date_of(local) != _date_of(printed.moment)


def _without_print(
    refused: list[tuple[Stamp, DateReading]],
    fallbacks: list[_ReadStamp],
    metadata_stamps: list[_ReadStamp],
    zone: tzinfo,
    reference: datetime | None,
    flags: list[str],
) -> tuple[_ReadStamp, str | None]:
    """Returns the moment where no printed stamp can be used, and the text of the printed stamp that it replaces."""
    for stamp, reading in refused:
        if reading.updated:
            continue
        if reading.reason != "weekday-contradicts":
            raise Rejected("bad-date", f"the page prints {stamp.text.strip()!r} ({reading.reason})")
        day = _day_ignoring_weekday(stamp.text, reference, zone)
        for each in _most_exact_first(metadata_stamps):
            if day is not None and day in (
                _date_of(_in_source_zone(each, zone, false_utc=False).moment),
                _date_of(each.moment),
            ):
                flags.append("weekday-contradicts")
                return each, stamp.text
        raise Rejected("date-contradicts", f"weekday and date of {stamp.text.strip()!r} contradict each other")
    ordered = _most_exact_first(metadata_stamps)
    if ordered:
        return ordered[0], None
    if fallbacks:
        return fallbacks[0], None
    raise Rejected("no-date", "neither the page nor its metadata give a publication time")


def _most_exact_first(reads: Iterable[_ReadStamp]) -> list[_ReadStamp]:
    """Sorts instants before days, otherwise in the order of trust."""
    return sorted(reads, key=lambda each: not isinstance(each.moment, datetime))


def _day_ignoring_weekday(text: str, reference: datetime | None, zone: tzinfo) -> date | None:
    """Reads a stamp whose weekday is blanked."""
    tokens = tokenise(text)
    letters = list(text)
    for index, letter in enumerate(tokens.letters):
        if letter in "WwY":
            for position in range(tokens.starts[index], tokens.stops[index]):
                letters[position] = " "
    moment = read_date("".join(letters), reference=reference, zone=zone).moment
    return None if moment is None else _date_of(moment)


def _in_source_zone(read: _ReadStamp, zone: tzinfo, *, false_utc: bool) -> _ReadStamp:
    """Converts a stamp in UTC to the source's zone; with `false_utc` its clock is local, and only the Z is wrong."""
    if not isinstance(read.moment, datetime):
        return read
    moment = read.moment.replace(microsecond=0)
    if read.utc:
        moment = moment.replace(tzinfo=zone) if false_utc else moment.astimezone(zone)
    return replace(read, moment=moment)


def refuse_future(moment: datetime | date, reference: datetime) -> None:
    """Raises Rejected("future-date") for a publication more than a day after `reference`, the fetch or now."""
    limit = reference + _A_DAY
    is_late = moment > limit if isinstance(moment, datetime) else moment > limit.date()
    if is_late:
        raise Rejected(
            "future-date",
            f"{moment.isoformat()} is more than a day after {reference:%Y-%m-%d}, the day of the fetch or import",
        )


def _before(one: _ReadStamp, two: _ReadStamp) -> bool:
    """Whether one moment is before another, compared at the precision that both have: second, minute or day."""
    here, there = one.moment, two.moment
    if not isinstance(here, datetime) or not isinstance(there, datetime):
        return _date_of(here) < _date_of(there)
    if one.precision is two.precision is Precision.SECOND:
        return here < there
    return _minute(here) < _minute(there)


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _date_of(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
