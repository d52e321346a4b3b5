"""The rows of `windows` and `schedules`: which run claimed each window, and how the window ended.

A window without a row is unhandled. A row is *claimed* while a run covers it, *waiting* after that run failed, died or
was released, and finally *done*, *failed* or *missed*. These three are final, with one exception: a run that was taken
for dead may wake and end with a harvest, and then its failed windows become done. Every change here is one writing
transaction. A change under a scheduler's lease checks the lease inside the transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update

from archive.database import Archive
from archive.leases import Lease, check
from archive.tables import runs, schedules, windows

START_SECONDS = 300
"""A child that has not written its run row this long after its windows were claimed is taken for dead."""

HARVEST_VERDICTS = ("good", "attention")
"""The verdicts of runs that had a harvest; their windows are done."""


class WindowState(StrEnum):
    """The state of a window."""

    CLAIMED = "claimed"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    MISSED = "missed"


class RunFailure(StrEnum):
    """Why a run's windows must be retried."""

    FAILED = "failed"
    """The run ended with the verdict "failed"."""
    DIED = "died"
    """The run never ended: killed, crashed, or its lease was lost."""


RETRY_MINUTES: Mapping[RunFailure, tuple[float, ...]] = {
    RunFailure.FAILED: (10, 30, 120, 360),
    RunFailure.DIED: (0, 5, 30, 120),
}
"""How long a window waits after its first, second … failed attempt. After the last one it has failed for good.

After a failed harvest the publisher is left alone for a while. A killed child says nothing about the publisher, so the
first retry waits only until the dead child's lease expires."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The run row of the run that covers a window."""

    ended_at: datetime | None
    verdict: str | None
    reason: str | None
    generation: int | None

    @property
    def is_done(self) -> bool:
        """Whether the run ended with a harvest. A run with the verdict "attention" had one."""
        return self.ended_at is not None and self.verdict in HARVEST_VERDICTS


@dataclass(frozen=True, slots=True)
class Window:
    """One firing time of one source, and its state.

    `next_try` of a waiting window is the earliest time of its retry, and of a claimed one the time by which its run
    must have begun. `run` is None until the run has written its row.
    """

    source: str
    due_at: datetime
    state: WindowState
    run_id: str | None = None
    attempts: int = 0
    next_try: datetime | None = None
    note: str | None = None
    run: RunFacts | None = None

    def as_json(self) -> dict[str, Any]:
        """For `kliping schedule history --json`."""
        return {
            "source": self.source,
            "due_at": self.due_at.isoformat(),
            "state": str(self.state),
            "run_id": self.run_id,
            "attempts": self.attempts,
            "next_try": self.next_try.isoformat() if self.next_try and self.state is WindowState.WAITING else None,
            "note": self.note,
            "verdict": self.run.verdict if self.run else None,
        }


@dataclass(frozen=True, slots=True)
class Schedule:
    """The schedule row of one source: switched on or off, paused, and from when on its windows count.

    `enabled` is None if the source file decides.
    """

    source: str
    enabled: bool | None = None
    paused_at: datetime | None = None
    since: datetime | None = None


OPEN_STATES = (WindowState.CLAIMED, WindowState.WAITING)
"""The states that are not final."""

_WITH_RUN = select(
    windows,
    runs.c.id.label("ran"),
    runs.c.ended_at,
    runs.c.verdict,
    runs.c.reason,
    runs.c.generation,
).select_from(windows.outerjoin(runs, runs.c.id == windows.c.run_id))


def open_and_latest(archive: Archive) -> list[Window]:
    """Every open window, and the latest one of each source: the input of `scheduler.timetable.due`.

    Also the failed windows whose run ended with a harvest after all.
    """
    latest = (
        select(func.max(windows.c.due_at)).where(windows.c.source == schedules.c.source).correlate(schedules)
    ).scalar_subquery()
    with archive.reading() as connection:
        of_latest = [
            and_(windows.c.source == row.source, windows.c.due_at == row.due_at)
            for row in connection.execute(select(schedules.c.source, latest.label("due_at")))
            if row.due_at is not None
        ]
        revived = and_(windows.c.state == WindowState.FAILED, runs.c.verdict.in_(HARVEST_VERDICTS))
        rows = connection.execute(_WITH_RUN.where(or_(windows.c.state.in_(OPEN_STATES), revived, *of_latest))).all()
    return [_window(row) for row in rows]


def history(archive: Archive, source: str | None = None, limit: int = 50) -> list[Window]:
    """The latest windows, newest first, of one source or of all."""
    query = _WITH_RUN.order_by(windows.c.due_at.desc(), windows.c.source).limit(limit)
    if source is not None:
        query = query.where(windows.c.source == source)
    with archive.reading() as connection:
        return [_window(row) for row in connection.execute(query)]


def _window(row: Any) -> Window:
    run = RunFacts(row.ended_at, row.verdict, row.reason, row.generation) if row.ran is not None else None
    return Window(row.source, row.due_at, WindowState(row.state), row.run_id, row.attempts, row.next_try, row.note, run)


def claim(
    archive: Archive, source: str, due: Sequence[datetime], run_id: str, *, now: datetime, lease: Lease | None = None
) -> bool:
    """Claim the windows of one source for one run: all of them, or none. Returns whether they were claimed.

    False if the source has a run under way or is paused, or if one of the windows was claimed or ended meanwhile. So
    only one of two concurrent claims succeeds. Raises LeaseLostError.
    """
    start_by = now + timedelta(seconds=START_SECONDS)
    with archive.writing() as connection:
        _check_lease(connection, lease)
        of_source = windows.c.source == source
        first, last = min(due), max(due)
        rows = connection.execute(
            select(windows.c.due_at, windows.c.state).where(
                of_source, or_(windows.c.state == WindowState.CLAIMED, windows.c.due_at.between(first, last))
            )
        ).all()
        known = {row.due_at: row.state for row in rows}
        if WindowState.CLAIMED in known.values() or any(
            known.get(each, WindowState.WAITING) != WindowState.WAITING for each in due
        ):
            return False
        if connection.execute(
            select(schedules.c.paused_at).where(schedules.c.source == source, schedules.c.paused_at.is_not(None))
        ).first():
            return False
        claimed = {"state": WindowState.CLAIMED, "run_id": run_id, "next_try": start_by, "note": None}
        new = [{"source": source, "due_at": each, "attempts": 1, **claimed} for each in due if each not in known]
        retried = [{"of": each} for each in due if each in known]
        if new:
            connection.execute(insert(windows), new)
        if retried:
            connection.execute(
                update(windows)
                .where(of_source, windows.c.due_at == bindparam("of"))
                .values(attempts=windows.c.attempts + 1, **claimed),
                retried,
            )
    return True


def finish(archive: Archive, run_id: str, *, lease: Lease | None = None) -> int:
    """Mark the windows of a run that ended with a harvest as done. Returns how many changed. Raises LeaseLostError."""
    not_done = windows.c.state.in_((*OPEN_STATES, WindowState.FAILED))
    done = {"state": WindowState.DONE, "next_try": None, "note": None}
    with archive.writing() as connection:
        _check_lease(connection, lease)
        return connection.execute(update(windows).where(windows.c.run_id == run_id, not_done).values(**done)).rowcount


def retry(
    archive: Archive, run_id: str, failure: RunFailure, *, now: datetime, note: str, lease: Lease | None = None
) -> list[Window]:
    """After a run failed or died: let its claimed windows wait for their next attempt, or fail for good.

    Returns the changed windows. Raises LeaseLostError.
    """
    with archive.writing() as connection:
        _check_lease(connection, lease)
        claimed = and_(windows.c.run_id == run_id, windows.c.state == WindowState.CLAIMED)
        found = [_window(row) for row in connection.execute(_WITH_RUN.where(claimed))]
        after = [_after_failure(window, failure, now, note) for window in found]
        if after:
            connection.execute(
                update(windows)
                .where(windows.c.source == bindparam("of_source"), windows.c.due_at == bindparam("of"))
                .values(state=bindparam("to"), next_try=bindparam("at"), note=bindparam("why")),
                [
                    {"of_source": each.source, "of": each.due_at, "to": each.state, "at": each.next_try, "why": note}
                    for each in after
                ],
            )
    return after


def _after_failure(window: Window, failure: RunFailure, now: datetime, note: str) -> Window:
    delays = RETRY_MINUTES[failure]
    has_retry = window.attempts <= len(delays)
    next_try = now + timedelta(minutes=delays[window.attempts - 1]) if has_retry else None
    state = WindowState.WAITING if has_retry else WindowState.FAILED
    return Window(window.source, window.due_at, state, window.run_id, window.attempts, next_try, note)


def release(archive: Archive, run_id: str, *, now: datetime, note: str, lease: Lease | None = None) -> int:
    """Release a run's claims as if it had never been started. The windows may be claimed again at once.

    Returns how many windows were released. Raises LeaseLostError.
    """
    with archive.writing() as connection:
        _check_lease(connection, lease)
        released = (
            update(windows)
            .where(windows.c.run_id == run_id, windows.c.state == WindowState.CLAIMED)
            .values(state=WindowState.WAITING, run_id=None, attempts=windows.c.attempts - 1, next_try=now, note=note)
        )
        return connection.execute(released).rowcount


def record_lapses(
    archive: Archive,
    lapses: Iterable[tuple[str, datetime, WindowState, str]],
    *,
    lease: Lease | None = None,
) -> None:
    """Record windows that no run will cover: (source, window, state "missed" or "failed", reason).

    A claimed or ended window keeps its row. Raises LeaseLostError.
    """
    with archive.writing() as connection:
        _check_lease(connection, lease)
        _record_lapses(connection, lapses)


def _record_lapses(connection: Connection, lapses: Iterable[tuple[str, datetime, WindowState, str]]) -> None:
    for source, due_at, state, note in lapses:
        of_window = and_(windows.c.source == source, windows.c.due_at == due_at)
        state_before = connection.execute(select(windows.c.state).where(of_window)).scalar()
        if state_before is None:
            row = {"source": source, "due_at": due_at, "state": state, "attempts": 0, "note": note}
            connection.execute(insert(windows).values(**row))
        elif state_before == WindowState.WAITING:
            connection.execute(update(windows).where(of_window).values(state=state, next_try=None, note=note))


def _check_lease(connection: Connection, lease: Lease | None) -> None:
    if lease is not None:
        check(connection, lease)


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
        if enabled is None or bool(row.enabled) != enabled or row.since is None:
            _update_schedule(connection, row, enabled=enabled, since=now if enabled else None)


def pause(archive: Archive, source: str, *, now: datetime) -> bool:
    """Stop new runs of the source until it is resumed; a run under way goes on. False if it was paused already."""
    with archive.writing() as connection:
        row = _schedule(connection, source)
        if row.paused_at is not None:
            return False
        _update_schedule(connection, row, paused_at=now)
    return True


def resume(archive: Archive, source: str, *, now: datetime, unrecorded: Iterable[tuple[datetime, str]] = ()) -> bool:
    """End a pause: windows from `now` on are run again. False if the source was not paused.

    `unrecorded` are windows from before the pause that have no row yet, each with the reason why it was missed.
    """
    with archive.writing() as connection:
        row = _schedule(connection, source)
        if row.paused_at is None:
            return False
        _update_schedule(connection, row, paused_at=None, since=now if row.since else None)
        _record_lapses(connection, [(source, due_at, WindowState.MISSED, note) for due_at, note in unrecorded])
    return True


def record_enabled(archive: Archive, on: Collection[str], *, now: datetime, lease: Lease | None = None) -> None:
    """Record which sources are on: a newly enabled one starts at `now`, and a disabled one loses its start.

    Call it only when something changed, because it is a writing transaction. Raises LeaseLostError.
    """
    with archive.writing() as connection:
        _check_lease(connection, lease)
        known = {row.source: _as_schedule(row) for row in connection.execute(select(schedules))}
        for source in sorted(set(on) | set(known)):
            row = known.get(source, Schedule(source))
            if (row.since is not None) != (source in on):
                _update_schedule(connection, row, since=now if source in on else None)


def _schedule(connection: Connection, source: str) -> Schedule:
    row = connection.execute(select(schedules).where(schedules.c.source == source)).first()
    return Schedule(source) if row is None else _as_schedule(row)


def _as_schedule(row: Any) -> Schedule:
    return Schedule(row.source, row.enabled, row.paused_at, row.since)


def _update_schedule(connection: Connection, row: Schedule, **values: Any) -> None:
    changed = update(schedules).where(schedules.c.source == row.source).values(**values)
    if not connection.execute(changed).rowcount:
        connection.execute(insert(schedules).values(source=row.source, **values))
