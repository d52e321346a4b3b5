"""The rows of `schedules`: which sources are switched on or off, paused, and from when on their windows count.

Every change here is one writing transaction. A change under a scheduler's lease checks the lease inside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from archive.clock import is_ahead
from archive.database import Archive
from archive.leases import Lease
from archive.tables import schedules
from archive.windows import Lapse, check_lease, write_lapses


@dataclass(frozen=True, slots=True)
class Schedule:
    """The schedule row of one source: switched on or off, paused, and from when on its windows count.

    `enabled` is None if the source file decides.
    """

    source: str
    enabled: bool | None = None
    paused_at: datetime | None = None
    since: datetime | None = None

    def is_dated_ahead(self, now: datetime) -> bool:
        """Whether it was switched on or paused while the clock stood ahead (`mend_schedules`)."""
        return any(moment is not None and is_ahead(moment, now) for moment in (self.since, self.paused_at))


def all_schedules(archive: Archive) -> dict[str, Schedule]:
    """The rows of `schedules` by source. A source that was never enabled, disabled or paused has none."""
    with archive.reading() as connection:
        rows = connection.execute(select(schedules)).all()
    return {row.source: _as_schedule(row) for row in rows}


def set_enabled(archive: Archive, source: str, enabled: bool | None, *, now: datetime) -> None:
    """Switch a source on or off, or (None) back to the setting in its file.

    A source that was not on before starts at `now`.
    """
    with archive.writing() as connection:
        row = _schedule(connection, source)
        if enabled is None or bool(row.enabled) != enabled or row.since is None or is_ahead(row.since, now):
            _update_schedule(connection, row, enabled=enabled, since=now if enabled else None)


def pause(archive: Archive, source: str, *, now: datetime) -> bool:
    """Stop new runs of the source until it is resumed; a run under way goes on. False if it was paused already."""
    with archive.writing() as connection:
        row = _schedule(connection, source)
        if row.paused_at is not None:
            return False
        _update_schedule(connection, row, paused_at=now)
    return True


def resume(archive: Archive, source: str, *, now: datetime, unrecorded: Iterable[Lapse] = ()) -> bool:
    """End a pause: windows from `now` on are run again. False if the source was not paused.

    `unrecorded` are the windows from before the pause that have no row yet.
    """
    with archive.writing() as connection:
        row = _schedule(connection, source)
        if row.paused_at is None:
            return False
        _update_schedule(connection, row, paused_at=None, since=now if row.since else None)
        write_lapses(connection, unrecorded, now)
    return True


def record_enabled(archive: Archive, on: Collection[str], *, now: datetime, lease: Lease | None = None) -> None:
    """Record which sources are on: a newly enabled one starts at `now`, and a disabled one loses its start.

    Call it only when something changed, because it is a writing transaction. Raises LeaseLostError.
    """
    with archive.writing() as connection:
        check_lease(connection, lease)
        known = {row.source: _as_schedule(row) for row in connection.execute(select(schedules))}
        for source in sorted(set(on) | set(known)):
            row = known.get(source, Schedule(source))
            if (row.since is not None) != (source in on):
                _update_schedule(connection, row, since=now if source in on else None)


def mend_schedules(archive: Archive, *, now: datetime, lease: Lease | None = None) -> list[str]:
    """Let sources that were switched on or paused while the clock stood ahead begin or pause at `now`.

    Returns their names. Raises LeaseLostError.
    """
    mended = []
    with archive.writing() as connection:
        check_lease(connection, lease)
        for row in connection.execute(select(schedules)).all():
            moments = {"since": row.since, "paused_at": row.paused_at}
            late = {name: now for name, moment in moments.items() if moment is not None and is_ahead(moment, now)}
            if late:
                _update_schedule(connection, _as_schedule(row), **late)
                mended.append(row.source)
    return mended


def _schedule(connection: Connection, source: str) -> Schedule:
    row = connection.execute(select(schedules).where(schedules.c.source == source)).first()
    return Schedule(source) if row is None else _as_schedule(row)


def _as_schedule(row: Any) -> Schedule:
    return Schedule(row.source, row.enabled, row.paused_at, row.since)


def _update_schedule(connection: Connection, row: Schedule, **values: Any) -> None:
    changed = update(schedules).where(schedules.c.source == row.source).values(**values)
    if not connection.execute(changed).rowcount:
        connection.execute(insert(schedules).values(source=row.source, **values))
