"""From what is seen now to what people are told: a state that has changed, once, and its recovery, once. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from archive.clock import is_ahead
from archive.conditions import ToldCondition

HEALTHY = "healthy"
SOURCE = "source:"
"""How the subject of a source begins."""
TROUBLE = "trouble"
"""The state of a subject that knows no other: index, disk, archive."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What was seen of a subject. `state` is None if that cannot be told now: what was told last stays.

    `sentence` and `remedy` say what is wrong and what to do, if it is not healthy. A state that may pass by itself is
    believed once it has been seen for `patience`.
    """

    subject: str
    state: str | None
    sentence: str | None = None
    remedy: str | None = None
    patience: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class StateChange:
    """A subject that is in another state than people know. `before` is None if they know nothing of it yet."""

    seen: Sighting
    before: str | None
    before_since: datetime | None
    since: datetime

    @property
    def recovers(self) -> bool:
        """Whether it is healthy again."""
        return self.seen.state == HEALTHY


@dataclass(frozen=True, slots=True)
class Comparison:
    """What to tell, the rows of `conditions` to write, and the subjects that are not judged any more."""

    changes: tuple[StateChange, ...]
    rows: tuple[ToldCondition, ...]
    gone: tuple[str, ...]


def compare(known: Mapping[str, ToldCondition], seen: Iterable[Sighting], now: datetime) -> Comparison:
    """Compare what is seen with what was told. A subject that was never seen before is told only if it is not healthy.

    Of anything but a source, nothing is seen any more when it is fine again. A source that is not seen any more was
    switched off, and is forgotten without a word.
    """
    changes: list[StateChange] = []
    rows: list[ToldCondition] = []
    subjects: set[str] = set()
    sightings = tuple(seen)
    named = {sighting.subject for sighting in sightings}
    quiet = [name for name in sorted(known.keys() - named) if not name.startswith(SOURCE)]
    for sighting in (*sightings, *(Sighting(name, HEALTHY) for name in quiet)):
        subjects.add(sighting.subject)
        before = known.get(sighting.subject)
        if sighting.state is None:
            continue
        if before is not None and before.state == sighting.state:
            if before.next_state is not None:
                rows.append(replace(before, next_state=None, next_since=None))
            continue
        since = _since(before, sighting, now)
        if now - since < sighting.patience and sighting.state != HEALTHY:
            base = before or ToldCondition(sighting.subject, HEALTHY, now)
            if (base.next_state, base.next_since) != (sighting.state, since):
                rows.append(replace(base, next_state=sighting.state, next_since=since))
            continue
        rows.append(ToldCondition(sighting.subject, sighting.state, since, sighting.sentence))
        if before is not None or sighting.state != HEALTHY:
            changes.append(
                StateChange(sighting, before.state if before else None, before.since if before else None, since)
            )
    return Comparison(tuple(changes), tuple(rows), tuple(sorted(known.keys() - subjects)))


def _since(before: ToldCondition | None, sighting: Sighting, now: datetime) -> datetime:
    """From when on the state is seen. A moment from a clock that stood ahead does not count."""
    if before is None or before.next_state != sighting.state or before.next_since is None:
        return now
    return now if is_ahead(before.next_since, now) else before.next_since
