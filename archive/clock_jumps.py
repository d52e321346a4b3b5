"""The changes of the clock that are known, and what they mean for the moments that the archive holds.

Each window and each run stores the number of the last change before it (`clock`). So a moment that was stored while the
clock was wrong can be told by today's clock, even after today's clock has reached it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select

from archive.clock import ClockReading, Jump, latest
from archive.facts import set_fact
from archive.tables import clock_jumps, facts, runs, windows


class ClockChange(StrEnum):
    """How a change of the clock is known."""

    NOTICED = "noticed"
    """A scheduler saw it: the clock jumped from `before` to `after`."""
    FOUND = "found"
    """The archive held later moments than now when a scheduler began: the clock was ahead of `after` by some time."""
    START = "start"
    """The machine was started, or another one took over: what its clock showed before is unknown. No jump."""


@dataclass(frozen=True, slots=True)
class _Change:
    number: int
    kind: ClockChange
    before: datetime
    after: datetime


@dataclass(frozen=True, slots=True)
class Clocks:
    """All changes of the clock, in order, of one archive."""

    changes: Sequence[_Change] = ()

    @classmethod
    def of(cls, connection: Connection) -> Clocks:
        """Those that are recorded."""
        rows = connection.execute(select(clock_jumps).order_by(clock_jumps.c.id))
        return cls([_Change(row.id, ClockChange(row.kind), row.before, row.after) for row in rows])

    @property
    def number(self) -> int:
        """The number of the last change; 0 if there was none. It is stored with whatever is written now."""
        return self.changes[-1].number if self.changes else 0

    def today(self, moment: datetime, number: int | None) -> datetime:
        """When a moment was, by the clock as it is now. It was stored when `number` was the last change.

        Across noticed jumps that is exact. Before a start or a found change the clock may have been ahead by any time:
        then the moment is at most that of the change. None, from an older version: the moment as it is.
        """
        if number is None:
            return moment
        own, bounds = True, list[datetime]()
        for change in self.changes:
            if change.number <= number:
                continue
            if change.kind is ClockChange.NOTICED:
                by = change.after - change.before
                bounds = [bound + by for bound in bounds]
                moment += by if own else timedelta()
            else:
                own = False
                bounds.append(change.after)
        return min([moment, *bounds])


def record(connection: Connection, jump: Jump, kind: ClockChange = ClockChange.NOTICED) -> None:
    """Record a jump that was just noticed, or (START) that the machine was started; then both moments are equal."""
    connection.execute(insert(clock_jumps).values(before=jump.before, after=jump.after, kind=kind))


def last(connection: Connection, most: int = 20) -> Sequence[Jump]:
    """The jumps known last, the latest one first. Starts are left out."""
    jumps = select(clock_jumps).where(clock_jumps.c.kind != ClockChange.START).order_by(clock_jumps.c.id.desc())
    clocks = Clocks.of(connection)
    rows = connection.execute(jumps.limit(most))
    return [Jump(row.before, row.after, clocks.today(row.after, row.id)) for row in rows]


_READING = "clock"


def last_reading(connection: Connection) -> tuple[str, ClockReading] | None:
    """The reading that a scheduler stored last, and in which boot (`archive.clock.this_boot`)."""
    found = connection.execute(select(facts.c.value).where(facts.c.name == _READING)).scalar_one_or_none()
    if found is None:
        return None
    stored = json.loads(found)
    return stored["boot"], ClockReading(stored["wall"], stored["steady"])


def store_reading(connection: Connection, boot: str, reading: ClockReading) -> None:
    """Store what both clocks show, so that the next scheduler notices a jump while none ran."""
    value = json.dumps({"boot": boot} | asdict(reading))
    set_fact(connection, _READING, value)


def newest_ahead(connection: Connection, now: datetime) -> datetime | None:
    """The latest moment at which a run began or a window was dealt with, if that is later than now; else None.

    Then the clock stood ahead at that time, or is behind now.
    """
    columns = (runs.c.started_at, windows.c.due_at, windows.c.at)
    moments = [connection.execute(select(func.max(column)).where(column > latest(now))).scalar() for column in columns]
    return max((moment for moment in moments if moment is not None), default=None)


def unexplained(connection: Connection, now: datetime) -> Jump | None:
    """A set back that nobody has recorded: the archive holds later moments than now, and than any recorded jump."""
    newest = newest_ahead(connection, now)
    if newest is None or any(jump.before >= newest for jump in last(connection)):
        return None
    return Jump(newest, now)
