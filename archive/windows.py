"""The rows of `windows`: which run claimed each window, and how the window ended.

A window without a row is unhandled. A row is *claimed* while a run covers it, *waiting* after that run failed, died or
was released, and finally *done*, *failed* or *missed*. These three are final, with one exception: a run that was taken
for dead may wake and end with a harvest, and then its failed windows become done. Every change here is one writing
transaction. A change under a scheduler's lease checks the lease inside the transaction.

A row that is dated later than now, by its window or its last change, was written while the clock stood ahead. It is
void: the window counts as unhandled, and a new claim overwrites the row. A row stays void when the time comes, if the
changes of the clock since then (`clock_jumps.Clocks`) show that it was dealt with before its window truly came. A
claimed row is never void.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select, update

from archive.clock import is_ahead
from archive.clock import latest as latest_believed
from archive.clock_jumps import Clocks
from archive.database import Archive
from archive.leases import Lease, check
from archive.tables import runs, schedules, windows
from archive.window import (
    HARVEST_VERDICTS,
    OPEN_STATES,
    RETRY_MINUTES,
    START_SECONDS,
    RunFacts,
    RunFailure,
    Window,
    WindowState,
)

MOST_LOST = 1000
"""Missed and failed windows of one source that are looked at."""

_WITH_RUN = select(
    windows,
    runs.c.id.label("ran"),
    runs.c.ended_at,
    runs.c.verdict,
    runs.c.reason,
    runs.c.generation,
    runs.c.started_at,
    runs.c.clock.label("clock_of_run"),
).select_from(windows.outerjoin(runs, runs.c.id == windows.c.run_id))


def open_and_latest(archive: Archive, now: datetime) -> list[Window]:
    """Every open window, and the latest one of each source: the input of `scheduler.timetable.due`.

    Also the failed windows whose run ended with a harvest after all. Void windows are left out.
    """
    come = and_(windows.c.source == schedules.c.source, windows.c.due_at <= latest_believed(now))
    latest = select(func.max(windows.c.due_at)).where(come).correlate(schedules).scalar_subquery()
    with archive.reading() as connection:
        rows_as = _Rows(connection)
        candidates = [
            and_(windows.c.source == row.source, windows.c.due_at == row.due_at)
            for row in connection.execute(select(schedules.c.source, latest.label("due_at")))
            if row.due_at is not None
        ]
        revived = and_(windows.c.state == WindowState.FAILED, runs.c.verdict.in_(HARVEST_VERDICTS))
        rows = connection.execute(_WITH_RUN.where(or_(windows.c.state.in_(OPEN_STATES), revived, *candidates))).all()
        found = {(row.source, row.due_at): rows_as.window(row) for row in rows}
        for source in {window.source for window in found.values() if window.is_void(now)}:
            real = _latest_real(connection, source, now, rows_as)
            if real is not None:
                found[source, real.due_at] = real
    return [window for window in found.values() if not window.is_void(now)]


def _latest_real(connection: Connection, source: str, now: datetime, rows_as: _Rows) -> Window | None:
    """The latest window of a source that is not void: below its newest row, where that was dealt with too early."""
    newest_first = _WITH_RUN.where(windows.c.source == source, windows.c.due_at <= latest_believed(now))
    with connection.execute(newest_first.order_by(windows.c.due_at.desc())) as rows:
        return next((each for row in rows if not (each := rows_as.window(row)).is_void(now)), None)


def not_done(archive: Archive, now: datetime, *, after: Mapping[str, datetime | None]) -> list[Window]:
    """The input of `scheduler.watchman`: `open_and_latest`, and what failed or was missed since each source's `after`.

    `after` is a source's last harvest; None if it never had one.
    """
    found = {(window.source, window.due_at): window for window in open_and_latest(archive, now)}
    lost = windows.c.state.in_((WindowState.FAILED, WindowState.MISSED))
    with archive.reading() as connection:
        rows_as = _Rows(connection)
        for source, harvest in after.items():
            since = [] if harvest is None else [windows.c.due_at > harvest]
            of_source = _WITH_RUN.where(windows.c.source == source, lost, *since)
            newest = of_source.order_by(windows.c.due_at.desc()).limit(MOST_LOST)
            found.update({(row.source, row.due_at): rows_as.window(row) for row in connection.execute(newest)})
    return [window for window in found.values() if not window.is_void(now)]


def history(archive: Archive, source: str | None = None, limit: int = 50, now: datetime | None = None) -> list[Window]:
    """The latest windows, newest first, of one source or of all. Those later than `now` (the present) are left out."""
    query = _WITH_RUN.where(windows.c.due_at <= latest_believed(now))
    query = query.order_by(windows.c.due_at.desc(), windows.c.source).limit(limit)
    if source is not None:
        query = query.where(windows.c.source == source)
    with archive.reading() as connection:
        rows_as = _Rows(connection)
        return [rows_as.window(row) for row in connection.execute(query)]


class _Rows:
    """Makes windows of their rows, in one transaction: told by today's clock."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.clocks = Clocks.of(connection)
        self._covered: dict[str, datetime | None] = {}

    def window(self, row: Any) -> Window:
        """A row of `_WITH_RUN`."""
        clocks, run = self.clocks, None
        if row.ran is not None:
            began = None if row.clock_of_run is None else clocks.today(row.started_at, row.clock_of_run)
            run = RunFacts(row.ended_at, row.verdict, row.reason, row.generation, began)
        window = Window(
            row.source,
            row.due_at,
            WindowState(row.state),
            row.run_id,
            row.attempts,
            row.next_try and clocks.today(row.next_try, row.clock),
            row.note,
            run,
            row.at and clocks.today(row.at, row.clock),
            row.since,
        )
        return replace(window, covered_at=self._covered_at(row.source)) if window.seems_early else window

    def _covered_at(self, source: str) -> datetime | None:
        """When the last run that did a window of the source began, by today's clock.

        Runs with the same number of the last change keep their order, so one of each number is enough.
        """
        if source not in self._covered:
            began, of_source = func.max(runs.c.started_at).label("began"), windows.c.source == source
            last = (
                select(runs.c.clock, began)
                .select_from(windows.join(runs, runs.c.id == windows.c.run_id))
                .where(of_source, windows.c.state == WindowState.DONE, runs.c.clock.is_not(None))
                .group_by(runs.c.clock)
            )
            told = [self.clocks.today(row.began, row.clock) for row in self._connection.execute(last)]
            self._covered[source] = max(told, default=None)
        return self._covered[source]


def claim(
    archive: Archive,
    source: str,
    due: Sequence[datetime],
    run_id: str,
    *,
    now: datetime,
    since: Mapping[datetime, datetime] | None = None,
    lease: Lease | None = None,
) -> bool:
    """Claim the windows of one source for one run: all of them, or none. Returns whether they were claimed.

    `since` maps a window that stands for many to the first of them. False if the source has a run under way or is
    paused, or if one of the windows was claimed or ended meanwhile. So only one of two concurrent claims succeeds.
    Raises LeaseLostError.
    """
    start_by = now + timedelta(seconds=START_SECONDS)
    with archive.writing() as connection:
        check_lease(connection, lease)
        of_source = windows.c.source == source
        first, last = min(due), max(due)
        rows = connection.execute(
            _WITH_RUN.where(
                of_source, or_(windows.c.state == WindowState.CLAIMED, windows.c.due_at.between(first, last))
            )
        )
        rows_as = _Rows(connection)
        known = {row.due_at: rows_as.window(row) for row in rows}
        void = {due_at for due_at, window in known.items() if window.is_void(now)}
        if any(window.state is WindowState.CLAIMED for window in known.values()) or any(
            each in known and each not in void and known[each].state is not WindowState.WAITING for each in due
        ):
            return False
        if connection.execute(
            select(schedules.c.paused_at).where(schedules.c.source == source, schedules.c.paused_at.is_not(None))
        ).first():
            return False
        claimed: dict[str, Any] = {"state": WindowState.CLAIMED, "run_id": run_id, "next_try": start_by, "note": None}
        claimed |= {"at": now, "clock": rows_as.clocks.number}
        first_claims = [
            {
                "source": source,
                "due_at": each,
                "attempts": 1,
                "since": (since or {}).get(each),
                **claimed,
            }
            for each in due
            if each not in known or each in void
        ]
        retried = [{"of": each} for each in due if each in known and each not in void]
        if void:
            connection.execute(delete(windows).where(of_source, windows.c.due_at.in_(void & set(due))))
        if first_claims:
            connection.execute(insert(windows), first_claims)
        if retried:
            connection.execute(
                update(windows)
                .where(of_source, windows.c.due_at == bindparam("of"))
                .values(attempts=windows.c.attempts + 1, **claimed),
                retried,
            )
    return True


def finish(archive: Archive, run_id: str, *, now: datetime, lease: Lease | None = None) -> int:
    """Mark the windows of a run that ended with a harvest as done. Returns how many changed. Raises LeaseLostError."""
    not_done = windows.c.state.in_((*OPEN_STATES, WindowState.FAILED))
    with archive.writing() as connection:
        check_lease(connection, lease)
        number = _unclaim_the_future(connection, run_id, now).number
        done = {"state": WindowState.DONE, "next_try": None, "note": None, "at": now, "clock": number}
        return connection.execute(update(windows).where(windows.c.run_id == run_id, not_done).values(**done)).rowcount


def retry(
    archive: Archive, run_id: str, failure: RunFailure, *, now: datetime, note: str, lease: Lease | None = None
) -> list[Window]:
    """After a run failed or died: let its claimed windows wait for their next attempt, or fail for good.

    Returns the changed windows. Raises LeaseLostError.
    """
    with archive.writing() as connection:
        check_lease(connection, lease)
        _unclaim_the_future(connection, run_id, now)
        claimed = and_(windows.c.run_id == run_id, windows.c.state == WindowState.CLAIMED)
        rows_as = _Rows(connection)
        found = [rows_as.window(row) for row in connection.execute(_WITH_RUN.where(claimed))]
        after = [_after_failure(window, failure, now, note) for window in found]
        if after:
            connection.execute(
                update(windows)
                .where(windows.c.source == bindparam("of_source"), windows.c.due_at == bindparam("of"))
                .values(state=bindparam("to"), next_try=bindparam("again"), note=bindparam("why"))
                .values(at=now, clock=rows_as.clocks.number),
                [
                    {"of_source": each.source, "of": each.due_at, "to": each.state, "again": each.next_try, "why": note}
                    for each in after
                ],
            )
    return after


def _unclaim_the_future(connection: Connection, run_id: str, now: datetime) -> Clocks:
    """Forget a run's claims of windows that had not come yet, by today's clock, when they were claimed.

    They are run when they come: a crawl from before a window says nothing of what the publisher shows then.
    """
    claimed = and_(windows.c.run_id == run_id, windows.c.state == WindowState.CLAIMED)
    rows_as = _Rows(connection)
    found = [rows_as.window(row) for row in connection.execute(_WITH_RUN.where(claimed))]
    early = [each.due_at for each in found if is_ahead(each.due_at, min(each.at or now, now))]
    if early:
        connection.execute(delete(windows).where(claimed, windows.c.due_at.in_(early)))
    return rows_as.clocks


def _after_failure(window: Window, failure: RunFailure, now: datetime, note: str) -> Window:
    delays = RETRY_MINUTES[failure]
    has_retry = window.attempts <= len(delays)
    next_try = now + timedelta(minutes=delays[window.attempts - 1]) if has_retry else None
    state = WindowState.WAITING if has_retry else WindowState.FAILED
    return replace(window, state=state, next_try=next_try, note=note, run=None, at=now)


def release(
    archive: Archive,
    run_id: str,
    *,
    now: datetime,
    note: str,
    wait: timedelta = timedelta(),
    lease: Lease | None = None,
) -> int:
    """Release a run's claims as if it had never been started. The windows may be claimed again after `wait`.

    Returns how many windows were released. Raises LeaseLostError.
    """
    with archive.writing() as connection:
        check_lease(connection, lease)
        waiting = {"state": WindowState.WAITING, "run_id": None, "next_try": now + wait, "note": note, "at": now}
        number = _unclaim_the_future(connection, run_id, now).number
        released = (
            update(windows)
            .where(windows.c.run_id == run_id, windows.c.state == WindowState.CLAIMED)
            .values(attempts=windows.c.attempts - 1, clock=number, **waiting)
        )
        return connection.execute(released).rowcount


@dataclass(frozen=True, slots=True)
class Lapse:
    """A window that no run will cover: it is recorded as missed or failed, with the reason in `note`.

    `since` is the first of the windows for which it stands, if there are too many for a row each.
    """

    source: str
    due_at: datetime
    state: WindowState
    note: str
    since: datetime | None = None


def record_lapses(archive: Archive, lapses: Iterable[Lapse], *, now: datetime, lease: Lease | None = None) -> None:
    """Record windows that no run will cover. A claimed or ended window keeps its row. Raises LeaseLostError."""
    with archive.writing() as connection:
        check_lease(connection, lease)
        write_lapses(connection, lapses, now)


def write_lapses(connection: Connection, lapses: Iterable[Lapse], now: datetime) -> None:
    """`record_lapses`, in the caller's transaction."""
    rows_as = _Rows(connection)
    for lapse in lapses:
        of_window = and_(windows.c.source == lapse.source, windows.c.due_at == lapse.due_at)
        row = connection.execute(_WITH_RUN.where(of_window)).first()
        known = None if row is None else rows_as.window(row)
        if known is not None and known.is_void(now):
            connection.execute(delete(windows).where(of_window))
            known = None
        ended = {"state": lapse.state, "note": lapse.note, "at": now, "clock": rows_as.clocks.number}
        if known is None:
            row_of = {"source": lapse.source, "due_at": lapse.due_at, "attempts": 0, "since": lapse.since}
            connection.execute(insert(windows).values(**row_of, **ended))
        elif known.state is WindowState.WAITING:
            connection.execute(update(windows).where(of_window).values(next_try=None, **ended))


def check_lease(connection: Connection, lease: Lease | None) -> None:
    """`leases.check`, if there is a lease to check."""
    if lease is not None:
        check(connection, lease)
