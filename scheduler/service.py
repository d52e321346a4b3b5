"""The scheduler: the holder of its lease starts a child for every due run, and marks each window by how its run ended.

All state that must survive is in the archive: a scheduler may be killed at any moment, and the next one continues from
there. `Scheduler.tick` does everything, with an injected clock and child starter; `scheduler.daemon` calls it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog

from archive import runs, windows
from archive.database import Archive
from archive.leases import (
    Lease,
    LeaseInfo,
    LeaseLostError,
    acquire,
    holder_of,
)
from archive.windows import (
    OPEN_STATES,
    RunFailure,
    Schedule,
    Window,
    WindowState,
)
from scheduler.supervise import LEASE_HELD, ExitStatus
from scheduler.timetable import (
    DueRun,
    Timetable,
    TimetableEntry,
    due,
)

LEASE = "scheduler"
CRAWLS_AT_ONCE = 4
"""Children running at once; each crawls one publisher, and mostly waits for it."""

LEASE_HELD_SECONDS = 60
"""How long a window waits if its child found the lease taken: somebody took it between our check and its start."""

log = structlog.get_logger()


class RunningChild(Protocol):
    """What the scheduler needs of a child (`scheduler.supervise.Child`)."""

    def poll(self) -> ExitStatus | None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


StartChild = Callable[[TimetableEntry, str], RunningChild]
"""Starts the crawl of a timetable entry with a run id. Raises OSError."""


@dataclass(slots=True)
class _StartedCrawl:
    """A child of this scheduler, and when its lease was first seen to have expired (seconds since 1970)."""

    entry: TimetableEntry
    child: RunningChild
    lease_expired_at: float | None = None


class Scheduler:
    """Starts due runs and settles ended ones.

    `timetable` is called at every tick. `follow` is called after crawls have ended and must return quickly; an error it
    raises is logged and stops nothing. `lease_seconds` is the length of the scheduler's own lease.
    """

    def __init__(
        self,
        archive: Archive,
        timetable: Callable[[], Timetable],
        start_child: StartChild,
        follow: Callable[[], object],
        *,
        catch_up: timedelta,
        lease_seconds: float,
        clock: Callable[[], float] = time.time,
        at_once: int = CRAWLS_AT_ONCE,
    ) -> None:
        self._archive = archive
        self._timetable = timetable
        self._start_child = start_child
        self._follow = follow
        self._catch_up = catch_up
        self._lease_seconds = lease_seconds
        self._clock = clock
        self._at_once = at_once
        self._lease: Lease | None = None
        self._renewed_at = 0.0
        self._started: dict[str, _StartedCrawl] = {}  # by run id
        self._standing_by = False

    @property
    def leads(self) -> bool:
        """Whether this scheduler held the lease at its last tick."""
        return self._lease is not None

    @property
    def children(self) -> int:
        """How many children of this scheduler are running."""
        return len(self._started)

    def tick(self) -> None:
        """Check everything once: children, lease, claims, timetable. Safe to call at any time, however often."""
        ended = self._reap()
        try:
            if not self._lead():
                return  # the scheduler that holds the lease settles these children from their run reports
            now = self._now()
            timetable = self._timetable()
            settled = [self._settle(run_id, status, now) for run_id, status in ended.items()]
            schedules = self._update_flags(timetable, now)
            recorded = windows.open_and_latest(self._archive)
            recovered = self._recover(recorded, timetable, now)
            if recovered:
                recorded = windows.open_and_latest(self._archive)
            self._start_due(recorded, schedules, timetable, now)
        except LeaseLostError as error:
            log.warning("another scheduler leads", detail=str(error))
            self._lease = None
            return
        if settled or recovered:
            self._call_follow()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def _lead(self) -> bool:
        """Take or renew the scheduler's lease; returns whether it is held. Raises LeaseLostError if another took it."""
        now = self._clock()
        if self._lease is None:
            current = holder_of(self._archive, LEASE, clock=self._clock)
            if current is not None and current.living:
                if not self._standing_by:
                    log.info("standing by: another scheduler leads", holder=current.holder)
                self._standing_by = True
                return False
            self._lease = acquire(self._archive, LEASE, seconds=self._lease_seconds, clock=self._clock)
            self._renewed_at = now
            self._standing_by = False
            if self._lease is not None:
                log.info("leading", holder=self._lease.holder, generation=self._lease.generation)
        elif not self._renewed_at <= now < self._renewed_at + self._lease_seconds / 3:
            self._lease.renew()
            self._renewed_at = now
        return self._lease is not None

    def _reap(self) -> dict[str, ExitStatus]:
        polled = {run_id: crawl.child.poll() for run_id, crawl in self._started.items()}
        ended = {run_id: status for run_id, status in polled.items() if status is not None}
        for run_id, status in ended.items():
            crawl = self._started.pop(run_id)
            log.info("crawl ended", source=crawl.entry.source, run_id=run_id, ending=str(status))
        return ended

    def _settle(self, run_id: str, status: ExitStatus, now: datetime) -> str:
        """Mark the windows of an ended child by its run report, or by its exit status if it wrote none."""
        report = runs.find(self._archive, run_id)
        verdict = report.verdict if report and report.ended_at else None
        if verdict == "good" or (verdict == "attention" and not status.stopped):
            windows.finish(self._archive, run_id, lease=self._lease)
        elif status.stopped:
            windows.release(self._archive, run_id, now=now, note="released: the service was stopped", lease=self._lease)
        elif report is None and status.exit_code == LEASE_HELD:
            again = now + timedelta(seconds=LEASE_HELD_SECONDS)
            windows.release(self._archive, run_id, now=again, note="another process held the lease", lease=self._lease)
        elif report is not None and report.ended_at:
            self._retry(run_id, RunFailure.FAILED, report.reason or "the run failed", now)
        else:
            self._retry(run_id, RunFailure.DIED, str(status), now)
        return run_id

    def _retry(self, run_id: str, failure: RunFailure, note: str, now: datetime) -> None:
        for window in windows.retry(self._archive, run_id, failure, now=now, note=note, lease=self._lease):
            again = window.next_try.isoformat() if window.next_try else None
            log.warning(
                "window not done",
                source=window.source,
                window=window.due_at.isoformat(),
                attempts=window.attempts,
                state=str(window.state),
                next_try=again,
                reason=note,
            )

    def _update_flags(self, timetable: Timetable, now: datetime) -> dict[str, Schedule]:
        """Record which sources were switched on or off since the last tick; returns all current schedules."""
        known = windows.all_schedules(self._archive)
        on = {
            source
            for source, entry in timetable.items()
            if entry.is_on(known[source].enabled if source in known else None)
        }
        if on != {source for source, schedule in known.items() if schedule.since is not None}:
            windows.record_enabled(self._archive, on, now=now, lease=self._lease)
            known = windows.all_schedules(self._archive)
        return known

    def _recover(self, recorded: Iterable[Window], timetable: Timetable, now: datetime) -> list[str]:
        """Settle claims of schedulers that are gone, and kill our frozen children. Returns the settled run ids."""
        settled: dict[str, None] = {}  # an ordered set
        for window in recorded:
            if (
                window.state not in (*OPEN_STATES, WindowState.FAILED)
                or window.run_id is None
                or window.run_id in settled
            ):
                continue
            run = window.run
            entry = timetable.get(window.source)
            if window.run_id in self._started and window.state is WindowState.CLAIMED:
                if not self._run_lives(window, entry, now):
                    self._kill_frozen(window.run_id)
                else:
                    self._started[window.run_id].lease_expired_at = None
            elif run is not None and run.is_done:
                # also if it was presumed dead and woke up: its articles are stored
                windows.finish(self._archive, window.run_id, lease=self._lease)
                settled[window.run_id] = None
            elif window.state is WindowState.CLAIMED and run is not None and run.ended_at is not None:
                self._retry(window.run_id, RunFailure.FAILED, run.reason or "the run failed", now)
                settled[window.run_id] = None
            elif window.state is WindowState.CLAIMED and not self._run_lives(window, entry, now):
                self._retry(window.run_id, RunFailure.DIED, "the run never ended: its holder is gone", now)
                settled[window.run_id] = None
        return list(settled)

    def _run_lives(self, window: Window, entry: TimetableEntry | None, now: datetime) -> bool:
        """Whether a claimed window needs no retry: its run holds its lease, has just been started, or has ended."""
        if window.run is None:
            return window.next_try is not None and now < window.next_try
        lease = self._lease_of(entry) if entry else None
        holds = lease is not None and lease.living and lease.generation == window.run.generation
        return holds or window.run.ended_at is not None

    def _lease_of(self, entry: TimetableEntry) -> LeaseInfo | None:
        return holder_of(self._archive, entry.lease, clock=self._clock)

    def _kill_frozen(self, run_id: str) -> None:
        """Kill a child whose lease has been expired for `lease_seconds`.

        Not as soon as it has expired: after the machine slept every lease has, and its holder is about to renew it.
        """
        crawl = self._started[run_id]
        now = self._clock()
        if crawl.lease_expired_at is None:
            crawl.lease_expired_at = now
        elif now >= crawl.lease_expired_at + self._lease_seconds:
            log.warning("killing a child that no longer renews its lease", source=crawl.entry.source, run_id=run_id)
            crawl.child.kill()

    def _start_due(
        self, recorded: list[Window], schedules: dict[str, Schedule], timetable: Timetable, now: datetime
    ) -> None:
        plan = due(
            timetable,
            recorded,
            since={name: each.since for name, each in schedules.items() if each.since is not None},
            paused={name: each.paused_at for name, each in schedules.items() if each.paused_at is not None},
            now=now,
            catch_up=self._catch_up,
        )
        if plan.abandoned:
            for each in plan.abandoned:
                log.warning("window given up", source=each.source, window=each.due_at.isoformat(), reason=each.note)
            rows = [(each.source, each.due_at, each.state, each.note) for each in plan.abandoned]
            windows.record_lapses(self._archive, rows, lease=self._lease)
        running = {window.source for window in recorded if window.state is WindowState.CLAIMED}
        busy = {timetable[source].lease for source in running if source in timetable}
        for run in plan.runs:
            entry = timetable[run.source]
            if len(running) >= self._at_once or entry.lease in busy:
                continue
            lease = self._lease_of(entry)
            if lease is not None and lease.living:
                continue  # somebody crawls by hand, or the lease of a dead crawl has not expired yet
            if self._start(run, entry, now):
                running.add(run.source)
                busy.add(entry.lease)

    def _start(self, run: DueRun, entry: TimetableEntry, now: datetime) -> bool:
        run_id = runs.new_id(run.source, now)
        if not windows.claim(self._archive, run.source, run.windows, run_id, now=now, lease=self._lease):
            return False
        log.info("crawl starts", source=run.source, run_id=run_id, windows=[each.isoformat() for each in run.windows])
        try:
            child = self._start_child(entry, run_id)
        except OSError as error:
            self._retry(run_id, RunFailure.DIED, f"the crawl could not be started: {error}", now)
            return False
        self._started[run_id] = _StartedCrawl(entry, child)
        return True

    def _call_follow(self) -> None:
        try:
            self._follow()
        except Exception:  # crawls go on without an index (decision 11); any error is logged with its traceback
            log.exception("follow failed; the next one continues from the cursor")

    def close(self, pause: Callable[[float], None] = time.sleep) -> None:
        """Ask every child to end, wait until all have, release the claims of those cut short, then release the lease.

        `Child.poll` kills a child that does not end within its grace period.
        """
        for crawl in self._started.values():
            crawl.child.stop()
        try:
            while True:
                leads = self.leads and self._lead()
                for run_id, status in self._reap().items():
                    if leads:
                        self._settle(run_id, status, self._now())
                if not self._started:
                    break
                pause(0.05)
            if self._lease is not None:
                self._lease.release()
        except LeaseLostError as error:
            log.warning("another scheduler leads; it settles our children", detail=str(error))
            self._lease = None
            while self._started:
                self._reap()
                pause(0.05)
        self._lease = None
