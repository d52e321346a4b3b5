"""Which zone a page's clocks are in, and which labels of metadata lie about it: the evidence is weighed.

Content systems often write the local clock with a label that is not its own: "Z" or "+00:00" (the clock was never
converted), or "-07:00" for "+07:00" (POSIX turns the sign round: its TZ "UTC-7" is seven hours *ahead* of Greenwich).
Each label on a page is tried on what the other witnesses say, and stands or falls for the whole page, because one
system wrote all of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo

from reading.stamp_witnesses import Testimony, Witness

_INDONESIAN = frozenset(timedelta(hours=hours) for hours in (7, 8, 9))
_UTC = timedelta(0)
_AGREEING = timedelta(minutes=1)
_CLOCKS_DIFFER = timedelta(minutes=10)
"""The server's clock and ours may differ by so much; a page that is later was not there when it was fetched."""

Label = tuple[timedelta, bool]
"""An offset, and whether a feed has it: another program writes the feed."""


@dataclass(frozen=True, slots=True)
class LocalTime:
    """The zone of a page's clocks, and the labels that are not to be believed."""

    zone: tzinfo
    mistaken: frozenset[Label] = frozenset()

    def distrusts(self, witness: Witness) -> bool:
        """Whether the label of that stamp of metadata is mistaken."""
        return witness.label is not None and _label(witness, witness.label) in self.mistaken

    def of(self, witness: Witness) -> datetime | None:
        """The instant of a stamp: in the page's zone, or in the one that it claims rightly. None for a day alone."""
        if witness.label is None or self.distrusts(witness):
            return witness.in_zone(self.zone)
        moment = witness.in_zone(timezone(witness.label))
        return moment.astimezone(self.zone) if moment is not None and witness.label == _UTC else moment


def weigh_zones(
    testimony: Testimony, *, zone: tzinfo, place_zone: tzinfo | None, fetched_at: datetime | None
) -> LocalTime:
    """Finds the page's zone and the mistaken labels. `zone` is the source's, `place_zone` that of the dateline's place.

    The place is weak evidence (a story from Makassar may be printed in Jakarta), so it only supports other evidence.
    """
    local = LocalTime(_zone_of_clocks(testimony, zone, place_zone))
    written = _by_machines(testimony)
    labels = {_label(each, each.label) for each in written if each.label is not None}
    mistaken = {label for label in labels if _case_against(label, testimony, local, fetched_at) > 0}
    return LocalTime(local.zone, frozenset(mistaken))


def _label(witness: Witness, label: timedelta) -> Label:
    return label, witness.stamp.where == "feed"


def _by_machines(testimony: Testimony) -> list[Witness]:
    feed = [testimony.feed] if testimony.feed else []
    return [*testimony.metadata, *testimony.modified, *feed]


def _clocks(witnesses: Sequence[Witness]) -> Iterator[tuple[Witness, datetime]]:
    for each in witnesses:
        if isinstance(each.clock, datetime):
            yield each, each.clock


def _offset(zone: tzinfo, at: datetime) -> timedelta:
    return at.replace(tzinfo=zone).utcoffset() or _UTC


def _zone_of_clocks(testimony: Testimony, zone: tzinfo, place_zone: tzinfo | None) -> tzinfo:
    """The printed zone; else the one by which a clock without a label is ahead of one with; else that of metadata.

    The source's where none of them says anything.
    """
    days = {each.day for each in _by_machines(testimony)}
    visible = [
        each
        for each in (*testimony.printed, *testimony.updates)
        if each.stamp.where != "above" or not days or each.day in days
    ]
    for printed, clock in _clocks(visible):
        if printed.label is not None and printed.label in (*_INDONESIAN, _offset(zone, clock)):
            return zone if printed.label == _offset(zone, clock) else timezone(printed.label)
    found: list[timedelta] = []
    written = list(_clocks(_by_machines(testimony)))
    unlabelled = [(each, clock) for each, clock in (*_clocks(visible), *written) if each.label is None]
    for _, clock in unlabelled:
        for other, there in written:
            ahead = _minute(clock) - _minute(there) + (other.label or _UTC)
            if other.label is None or ahead not in _INDONESIAN:
                continue
            place = place_zone is not None and ahead == _offset(place_zone, clock)
            if other.label == _UTC or ahead == other.label or place:
                found.append(ahead)
    if not found and not unlabelled:
        return _zone_of_labels(testimony) or zone
    if not found or any(each == _offset(zone, clock) for each in found for _, clock in unlabelled[:1]):
        return zone
    return timezone(found[0])


def _zone_of_labels(testimony: Testimony) -> tzinfo | None:
    """The one Indonesian offset that metadata have: no system writes "+08:00" by mistake, but its owner has set it."""
    labels = {each.label for each, _ in _clocks(testimony.metadata) if each.label in _INDONESIAN}
    return timezone(label) if len(labels) == 1 and (label := labels.pop()) is not None else None


def _case_against(label: Label, testimony: Testimony, local: LocalTime, fetched_at: datetime | None) -> int:
    """What speaks against a label less what speaks for it; it is mistaken if that is more than nothing."""
    case = prior = 0
    for witness, clock in _clocks(_by_machines(testimony)):
        if witness.label is None or _label(witness, witness.label) != label:
            continue
        claimed = clock.replace(tzinfo=timezone(witness.label))
        meant = clock.replace(tzinfo=local.zone)
        if _near(claimed, meant):
            return -1  # it is the page's own zone
        case += _by_printed_clocks(claimed, meant, testimony, local)
        case += _by_days(witness, claimed.astimezone(local.zone), meant, testimony)
        case += _by_other_metadata(witness, claimed, meant, testimony, local)
        case += _by_order(witness, claimed, meant, testimony, local, fetched_at)
        prior = _prior(label[0], _offset(local.zone, clock))
    return case + prior


def _prior(label: timedelta, own: timedelta) -> int:
    """Offsets of Indonesia are believed, those of the other half of the world with the sign turned round are not."""
    if label in _INDONESIAN:
        return -2
    return 1 if -label in (*_INDONESIAN, own) and label != _UTC else 0


def _by_printed_clocks(claimed: datetime, meant: datetime, testimony: Testimony, local: LocalTime) -> int:
    for printed in (*testimony.printed, *testimony.updates):
        instant = local.of(printed)
        if instant is not None and _near(instant, claimed):
            return -3
        if instant is not None and _near(instant, meant):
            return 3
    return 0


def _by_days(witness: Witness, claimed: datetime, meant: datetime, testimony: Testimony) -> int:
    """A day alone, printed or in the address, that only one of two readings falls on."""
    if witness in testimony.modified or claimed.date() == meant.date():
        return 0
    days = [each.day for each in testimony.printed if not isinstance(each.clock, datetime)]
    days += [testimony.address.day] if testimony.address else []
    return 2 * (days.count(meant.date()) - days.count(claimed.date()))


def _by_other_metadata(
    witness: Witness, claimed: datetime, meant: datetime, testimony: Testimony, local: LocalTime
) -> int:
    """Metadata with another label: the same instant speaks for both labels, the same clock against one of them."""
    case = 0
    for other, clock in _clocks(_by_machines(testimony)):
        if other.label == witness.label and (other.stamp.where == "feed") == (witness.stamp.where == "feed"):
            continue
        theirs = clock.replace(tzinfo=timezone(other.label) if other.label is not None else local.zone)
        if _near(theirs, claimed):
            case -= 2
        elif _near(theirs, meant):
            case += 2
        elif _minute(clock) == _minute(meant.replace(tzinfo=None)):
            case += 1
    return case


def _by_order(
    witness: Witness,
    claimed: datetime,
    meant: datetime,
    testimony: Testimony,
    local: LocalTime,
    fetched_at: datetime | None,
) -> int:
    """A page is published before it is changed, and both before it is fetched."""
    case = 0
    if fetched_at is not None and claimed > fetched_at + _CLOCKS_DIFFER >= meant:
        case += 4
    if witness not in testimony.modified:
        for change in (*testimony.modified, *testimony.updates):
            instant = None if change.label == witness.label else local.of(change)
            if instant is not None and claimed > instant + _AGREEING >= meant:
                case += 2
    return case


def _near(one: datetime, two: datetime) -> bool:
    return abs(one - two) < _AGREEING


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0)
