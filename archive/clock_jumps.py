"""The jumps of the clock that were noticed, and what the archive holds from later than now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from archive.clock import Jump, latest
from archive.tables import clock_jumps, runs, windows


def record(connection: Connection, jump: Jump) -> None:
    """Record a jump that was just noticed."""
    connection.execute(insert(clock_jumps).values(before=jump.before, after=jump.after))


def last(connection: Connection, most: int = 20) -> Sequence[Jump]:
    """The jumps noticed last, the latest one first."""
    rows = connection.execute(select(clock_jumps).order_by(clock_jumps.c.id.desc()).limit(most))
    return [Jump(row.before, row.after) for row in rows]


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
