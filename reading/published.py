"""Settles the publication time from all that a page, its address and a feed say (docs/decisions/0019).

Each stamp is a witness (`reading.stamp_witnesses`). First it is settled what the clocks mean (`reading.local_time`),
then which printed stamp is the publication's, by what speaks for and against each. That one decides; witnesses that
agree add what it leaves out: the seconds, or the clock of a day alone. Without one, the metadata decide, by what speaks
for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from archive.records import Precision, Rejected
from reading.local_time import LocalTime, weigh_zones
from reading.stamp_witnesses import Refusal, Stamp, Testimony, Witness, hear, read_without_weekday, words_beside


@dataclass(frozen=True, slots=True)
class Publication:
    """When an article was published: `printed` as on the page, `found` where the value comes from ("selector+meta").

    `flags`: "weekday-contradicts" (the printed stamp contradicts itself, metadata decided), "metadata-contradicts" (a
    witness says another time), "zone-mistaken" (metadata label a local clock with a wrong zone), "zone-unknown" (the
    printed clock is in a zone that we do not know, so only the day counts), "only-modified" (the page has only an
    update stamp), "print-is-crawl-day" (the page's header prints today's date), "modified-before-published" (the
    modification time is dropped).
    """

    published_at: datetime | date
    precision: Precision
    printed: str | None
    found: str
    modified_at: datetime | date | None
    modified_found: str | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Settled:
    moment: datetime | date
    precision: Precision
    found: str
    printed: str | None
    flags: tuple[str, ...] = ()


_A_DAY = timedelta(days=1)
_AN_HOUR = timedelta(hours=1)
_SERVERS_MINUTES = timedelta(minutes=5)
_EXACTNESS = [Precision.DAY, Precision.MINUTE, Precision.SECOND]


def settle_publication(
    *,
    printed: Sequence[Stamp],
    metadata: Sequence[Stamp],
    modified: Sequence[Stamp] = (),
    announced: Stamp | None = None,
    zone: tzinfo,
    place_zone: tzinfo | None = None,
    fetched_at: datetime | None,
    online: bool = True,
) -> Publication:
    """Settles when a page was published. Stamps come in the order of trust; `zone` is the source's.

    `announced` is the time in a feed or news sitemap. It counts only if the page has no date, or only the day in
    its address: feeds round, and are edited apart from pages. `place_zone` is the zone of the dateline's place.
    `fetched_at` (aware) resolves relative stamps ("2 jam lalu"), shows local clocks that claim to be UTC, and
    limits the future; None skips all three. `online` False: the text is no web page. Raises Rejected: "no-date",
    "bad-date" (the printed date does not exist), "date-contradicts" (its weekday contradicts it, and no metadata
    agree with the date), "future-date" (more than a day after the fetch).
    """
    reference = fetched_at.astimezone(zone) if fetched_at is not None else None
    testimony = hear(
        printed=printed, metadata=metadata, modified=modified, feed=announced, zone=zone, fetched_at=reference,
        online=online,
    )  # fmt: skip
    local = weigh_zones(testimony, zone=zone, place_zone=place_zone, fetched_at=reference)
    judge = _Judge(testimony, local, zone, reference)
    settled = judge.settle()
    if reference is not None:
        refuse_future(settled.moment, reference)
    change, change_found, flags = judge.last_change(settled)
    mistaken = ("zone-mistaken",) if local.mistaken else ()
    flags = tuple(dict.fromkeys((*settled.flags, *mistaken, *flags)))
    return Publication(settled.moment, settled.precision, settled.printed, settled.found, change, change_found, flags)


@dataclass(frozen=True, slots=True)
class _Judge:
    """Weighs the testimony of one page. `reference` is the fetch, in the source's zone."""

    testimony: Testimony
    local: LocalTime
    zone: tzinfo
    reference: datetime | None

    def settle(self) -> _Settled:
        """The publication: of the print, of a print with a wrong weekday, of metadata, of an update."""
        own = self._by_print() or self._by_refused_print() or self._by_metadata(self.testimony.metadata)
        if own is None and self.testimony.address is not None:
            own = _Settled(self.testimony.address.day, Precision.DAY, "url", None)
        feed = self._by_metadata((self.testimony.feed,)) if self.testimony.feed else None
        if own is not None and own.found != "url":
            return own
        if feed is not None and (own is None or _day(feed.moment) == own.moment):
            return feed
        own = own or self._by_fallback()
        if own is None:
            raise Rejected("no-date", "neither the page nor its metadata give a publication time")
        return own

    def last_change(self, settled: _Settled) -> tuple[datetime | date | None, str | None, tuple[str, ...]]:
        """The first modification that is not before the publication, and where it was found."""
        changes = (*self.testimony.modified, *self.testimony.updates)
        later = [each for each in changes if not self._before(each, settled)]
        if not later:
            return None, None, ("modified-before-published",) if changes else ()
        exact = [each for each in later if self._agrees(later[0], each) and isinstance(each.clock, datetime)]
        change = (*exact, later[0])[0]  # of a printed day, the clock that metadata have
        return self._moment(change), change.stamp.where, ()

    # The print

    def _by_print(self) -> _Settled | None:
        """The likeliest printed stamp, completed by witnesses that agree; None if all are unlikely."""
        candidates = self.testimony.printed
        if not candidates:
            return None
        best = max(candidates, key=self._weight_of_print)  # the first of equals
        flags = ["print-is-crawl-day"] if any(map(self._is_page_head, candidates)) else []
        if self._weight_of_print(best) < 0:
            instead = self._by_metadata(self.testimony.metadata)
            if instead is not None:
                return replace(instead, flags=(*(flags or ["metadata-contradicts"]), *instead.flags))
            if flags and self.testimony.address is not None:
                return _Settled(self.testimony.address.day, Precision.DAY, "url", None, tuple(flags))
        settled = self._completed(best, flags)
        if self._may_be_today(best) and settled.found == best.stamp.where and self._weight_of_print(best) <= 0:
            settled = replace(settled, flags=(*settled.flags, "print-is-crawl-day"))
        return settled

    def _may_be_today(self, printed: Witness) -> bool:
        """Whether a stamp above the headline may be that of the visit: the fetch's day alone, or its very minute."""
        if self.reference is None or printed.stamp.where != "above" or printed.day != self.reference.date():
            return False
        moment = self.local.of(printed)
        return moment is None or abs(moment - self.reference) <= _SERVERS_MINUTES

    def _weight_of_print(self, printed: Witness) -> int:
        """What speaks for a printed stamp less what speaks against it; 0 for one that nobody knows of."""
        weight = sum(self._agrees(printed, each) for each in self._publications())
        address, month = self.testimony.address, self.testimony.month
        if address is not None:
            far = abs(printed.day - address.day) > _A_DAY
            doubted = self._is_page_head(printed) or printed.loose
            weight += (-3 if doubted else 0) if far else 1
        elif month is not None and (printed.day.year, printed.day.month) != month:
            weight -= 1 if printed.loose and self._publications() else 0
        elif self._is_page_head(printed):
            weight -= 3
        if self._is_change(printed):
            weight -= 3
        if not weight and self._may_be_no_stamp(printed):
            weight -= 1
        if self.reference is not None and printed.day > self.reference.date() + _A_DAY:
            weight -= 5 if printed.loose else 0
        return weight

    def _agrees(self, printed: Witness, other: Witness) -> int:
        """2 for the same minute, 1 for the day of a stamp without a clock, 0 otherwise."""
        here, there = self.local.of(printed), self.local.of(other)
        if here is not None and there is not None:
            return 2 if _minute(here) == _minute(there) else 0
        return int(self._local_day(printed) == self._local_day(other))

    def _is_page_head(self, printed: Witness) -> bool:
        """Whether it is the day of the fetch, and address or metadata have another (tribunnews.com prints today).

        A stamp in the place that the source names is doubted only for the sake of the address.
        """
        if self.reference is None or printed.day != self.reference.date():
            return False
        if (address := self.testimony.address) is not None:
            return abs(printed.day - address.day) > _A_DAY
        others = [self._local_day(each) for each in self._publications()]
        return self._may_be_today(printed) and bool(others) and printed.day not in others

    def _is_change(self, printed: Witness) -> bool:
        """Whether it says what metadata say of the last change, and they say another time of the publication.

        Themes print the modification without a word about it.
        """
        publications, changes = self._publications(), self.testimony.modified
        if not publications or any(self._agrees(printed, each) for each in publications):
            return False
        earlier = all(self._before(each, self._as_settled(printed)) for each in publications)
        return earlier and any(self._agrees(printed, each) for each in changes)

    def _may_be_no_stamp(self, printed: Witness) -> bool:
        """Whether metadata name other days, and it may be no stamp: a teaser's, or a day with other words beside it."""
        if not (printed.loose and self._publications()):
            return False
        if isinstance(printed.clock, datetime):
            return printed.stamp.where == "above"
        return words_beside(printed.stamp.text) >= 2

    def _completed(self, printed: Witness, flags: Iterable[str]) -> _Settled:
        """The printed stamp with the seconds, or the clock, of the first witness that agrees to the minute or day."""
        words = printed.stamp.text
        for other in self.testimony.metadata:  # not by a feed: the page's kept record does not have it
            moment = self._joined(printed, other)
            if moment is None:
                continue
            seconds = Precision.SECOND in (printed.precision, other.precision)
            precision = Precision.SECOND if seconds else max(printed.precision, other.precision, key=_EXACTNESS.index)
            return _Settled(moment, precision, _places(printed.stamp, other.stamp), words, tuple(flags))
        contradicted = any(self._contradicts(printed, each) for each in self.testimony.metadata)
        doubts = ["zone-unknown"] if printed.zone_unknown else []
        doubts += ["metadata-contradicts"] if contradicted else []
        return _Settled(self._moment(printed), printed.precision, printed.stamp.where, words, (*flags, *doubts))

    def _joined(self, printed: Witness, other: Witness) -> datetime | None:
        """The printed moment made exact by a witness of the same minute or, for a printed day, of that day."""
        here, there = self.local.of(printed), self.local.of(other)
        if there is None:
            return None
        if here is None:
            exact = there.date() == printed.day and not self._is_day_only(other)
            return there if exact else None
        in_utc = other.label is None and _minute(here) - _minute(there) == here.utcoffset()
        if _minute(here) != _minute(there) and not in_utc:
            return None
        return here if printed.precision is Precision.SECOND else here.replace(second=there.second)

    def _contradicts(self, printed: Witness, other: Witness) -> bool:
        if self.local.of(printed) is not None and self.local.of(other) is not None and not self._is_day_only(other):
            return True
        return self._local_day(printed) != self._local_day(other)

    def _by_refused_print(self) -> _Settled | None:
        """Metadata in place of a printed stamp that contradicts itself, if they agree with its date."""
        for refusal in self.testimony.refused:
            if refusal.updated:
                continue
            if refusal.reason != "weekday-contradicts":
                if refusal.stamp.where in ("text", "above") and (instead := self._by_metadata(self.testimony.metadata)):
                    return replace(instead, flags=("metadata-contradicts", *instead.flags))
                raise Rejected("bad-date", f"the page prints {refusal.stamp.text.strip()!r} ({refusal.reason})")
            return self._by_wrong_weekday(refusal)
        return None

    def _by_wrong_weekday(self, refusal: Refusal) -> _Settled:
        printed = read_without_weekday(refusal.stamp, self.reference, self.zone)
        others = [*self.testimony.metadata, *([self.testimony.address] if self.testimony.address else [])]
        agreeing = [each for each in others if printed is not None and printed.day in (each.day, self._local_day(each))]
        settled = self._by_metadata([each for each in agreeing if isinstance(each.clock, datetime)])
        if settled is None and agreeing and printed is not None:
            found = _places(refusal.stamp, agreeing[0].stamp)
            settled = _Settled(self._moment(printed), printed.precision, found, None)
        if settled is None:
            raise Rejected(
                "date-contradicts", f"weekday and date of {refusal.stamp.text.strip()!r} contradict each other"
            )
        return replace(settled, printed=refusal.stamp.text, flags=("weekday-contradicts", *settled.flags))

    # Metadata

    def _by_metadata(self, witnesses: Sequence[Witness]) -> _Settled | None:
        """The likeliest stamp of metadata; a clock at midnight is a database's way to write a day."""
        if not witnesses:
            return None
        best = max(witnesses, key=self._weight_of_metadata)
        flags = ("metadata-contradicts",) if any(self._far_from(best, each) for each in witnesses) else ()
        if self._is_day_only(best):
            return _Settled(self._local_day(best), Precision.DAY, best.stamp.where, None, flags)
        return _Settled(self._moment(best), best.precision, best.stamp.where, None, flags)

    def _weight_of_metadata(self, witness: Witness) -> int:
        others = [each for each in self._publications() if each is not witness]
        weight = sum(self._agrees(witness, each) for each in others if each.stamp.text != witness.stamp.text)
        weight += 0 if self._is_day_only(witness) else 3
        day, address, month = self._local_day(witness), self.testimony.address, self.testimony.month
        if address is not None:
            weight += 2 if day == address.day else -2
        elif month is not None:
            weight += 0 if (day.year, day.month) == month else -2
        moment = self.local.of(witness)
        if self.reference is not None and moment is not None and moment > self.reference + _AN_HOUR:
            weight -= 4
        return weight - (2 if self._is_change(witness) else 0)

    def _far_from(self, one: Witness, two: Witness) -> bool:
        here, there = self.local.of(one), self.local.of(two)
        if here is None or there is None or self._is_day_only(one) or self._is_day_only(two):
            return self._local_day(one) != self._local_day(two)
        return abs(here - there) > _AN_HOUR

    def _is_day_only(self, witness: Witness) -> bool:
        moment = self.local.of(witness)
        return moment is None or witness.at_midnight or moment.time() == datetime.min.time()

    # What is left

    def _by_fallback(self) -> _Settled | None:
        """A stamp counted from the fetch ("2 jam lalu"), else one of an update."""
        for each in self.testimony.relative:
            return _Settled(self._moment(each), each.precision, each.stamp.where, each.stamp.text)
        for each in (*self.testimony.updates, *self.testimony.modified):
            printed = each.stamp.text if each in self.testimony.updates else None
            return _Settled(self._moment(each), each.precision, each.stamp.where, printed, ("only-modified",))
        return None

    # Of one witness

    def _publications(self) -> list[Witness]:
        feed = [self.testimony.feed] if self.testimony.feed else []
        return [*self.testimony.metadata, *(each for each in feed if not self.testimony.metadata)]

    def _moment(self, witness: Witness) -> datetime | date:
        return self.local.of(witness) or witness.day

    def _local_day(self, witness: Witness) -> date:
        """Its day; of a clock at midnight, which stands for a day alone, the day as written."""
        moment = self.local.of(witness)
        return witness.day if moment is None or witness.at_midnight else moment.date()

    def _as_settled(self, witness: Witness) -> _Settled:
        return _Settled(self._moment(witness), witness.precision, witness.stamp.where, None)

    def _before(self, witness: Witness, settled: _Settled) -> bool:
        """Whether it is before that moment, compared at the precision that both have: second, minute or day."""
        here, there = self._moment(witness), settled.moment
        if not isinstance(here, datetime) or not isinstance(there, datetime):
            return _day(here) < _day(there)
        if witness.precision is settled.precision is Precision.SECOND:
            return here < there
        return _minute(here) < _minute(there)


def refuse_future(moment: datetime | date, reference: datetime) -> None:
    """Raises Rejected("future-date") for a publication more than a day after `reference`, the fetch or now."""
    limit = reference + _A_DAY
    is_late = moment > limit if isinstance(moment, datetime) else moment > limit.date()
    if is_late:
        raise Rejected(
            "future-date",
            f"{moment.isoformat()} is more than a day after {reference:%Y-%m-%d}, the day of the fetch or import",
        )


def _places(one: Stamp, other: Stamp) -> str:
    """Where two agreeing witnesses were found; a layout may select a meta element as the print: then they are one."""
    return "+".join(dict.fromkeys((one.where, other.where)))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _day(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
