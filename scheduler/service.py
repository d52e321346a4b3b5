"""The scheduler: one holder of its lease starts a child for every due run, and marks each window by how its run ended.

All that must survive stands in the archive: a scheduler may be killed at any moment, and the next one goes on from
there. `Scheduler.tick` does everything, from an injected clock and child starter; `scheduler.daemon` fires it.
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
from archive.windows import OPEN, Blow, Schedule, Window, WindowState
from scheduler.supervise import LEASE_HELD, ExitStatus
from scheduler.timetable import (
    DueRun,
    Timetable,
    TimetableEntry,
    due,
)

LEASE = "scheduler"
CRAWLS_AT_ONCE = 4
"""Children under way at once; each is one publisher's, and mostly waits for it."""

HELD_SECONDS = 60
"""How long a window waits after its child found the lease in other hands, in the moment between look and start."""

log = structlog.get_logger()


class RunningChild(Protocol):
    """What the scheduler asks of a child (`scheduler.supervise.Child`)."""

    def poll(self) -> ExitStatus | None: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


StartChild = Callable[[TimetableEntry, str], RunningChild]
"""Starts the crawl of an entry under a run id. Raises OSError."""


@dataclass(slots=True)
class _Own:
    """A child of this scheduler, and when its lease was first seen to have lapsed."""

    entry: TimetableEntry
    child: RunningChild
    lapsed: float | None = None


class Scheduler:
    """Starts what is due and settles what has ended.

    `timetable` is asked at every tick. `follow` is called after crawls have ended and must not take long; an error of
    it is logged and stops nothing. `lease_seconds` is the length of the scheduler's own lease.
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
        self._renewed = 0.0
        self._own: dict[str, _Own] = {}
        self._stands_by = False

    @property
    def leads(self) -> bool:
        """Whether this scheduler held the lease at its last look."""
        return self._lease is not None

    @property
    def children(self) -> int:
        """How many children of this scheduler are running."""
        return len(self._own)

    def tick(self) -> None:
        """Look once at everything: children, lease, claims, timetable. Safe to call at any time and any pace."""
        ended = self._reap()
        try:
            if not self._lead():
                return  # children that ended meanwhile are settled by whoever leads, from their reports
            now = self._now()
            timetable = self._timetable()
            settled = [self._settle(run_id, ending, now) for run_id, ending in ended.items()]
            schedules = self._note_flags(timetable, now)
            standing = windows.standing(self._archive)
            recovered = self._recover(standing, timetable, now)
            if recovered:
                standing = windows.standing(self._archive)
            self._start_due(standing, schedules, timetable, now)
        except LeaseLostError as lost:
            log.warning("another scheduler leads", detail=str(lost))
            self._lease = None
            return
        if settled or recovered:
            self._call_follow()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def _lead(self) -> bool:
        """Take or renew the scheduler's lease. Raises LeaseLostError where it has passed to another."""
        now = self._clock()
        if self._lease is None:
            holding = holder_of(self._archive, LEASE, clock=self._clock)
            if holding is not None and holding.living:
                if not self._stands_by:
                    log.info("standing by: another scheduler leads", holder=holding.holder)
                self._stands_by = True
                return False
            self._lease = acquire(self._archive, LEASE, seconds=self._lease_seconds, clock=self._clock)
            self._renewed = now
            self._stands_by = False
            if self._lease is not None:
                log.info("leading", holder=self._lease.holder, generation=self._lease.generation)
        elif not self._renewed <= now < self._renewed + self._lease_seconds / 3:
            self._lease.renew()
            self._renewed = now
        return self._lease is not None

    def _reap(self) -> dict[str, ExitStatus]:
        polled = {run_id: own.child.poll() for run_id, own in self._own.items()}
        ended = {run_id: ending for run_id, ending in polled.items() if ending is not None}
        for run_id, ending in ended.items():
            own = self._own.pop(run_id)
            log.info("crawl ended", source=own.entry.source, run_id=run_id, ending=str(ending))
        return ended

    def _settle(self, run_id: str, ending: ExitStatus, now: datetime) -> str:
        """Mark the windows of an ended child by its run report, or by its ending where it wrote none."""
        report = runs.find(self._archive, run_id)
        verdict = report.verdict if report and report.ended_at else None
        if verdict == "good" or (verdict == "attention" and not ending.stopped):
            windows.finish(self._archive, run_id, lease=self._lease)
        elif ending.stopped:
            windows.release(self._archive, run_id, now=now, note="given back: asked to end", lease=self._lease)
        elif report is None and ending.exit_code == LEASE_HELD:
            again = now + timedelta(seconds=HELD_SECONDS)
            windows.release(self._archive, run_id, now=again, note="the lease was in other hands", lease=self._lease)
        elif report is not None and report.ended_at:
            self._retry(run_id, Blow.FAILED, report.reason or "the run failed", now)
        else:
            self._retry(run_id, Blow.DIED, str(ending), now)
        return run_id

    def _retry(self, run_id: str, blow: Blow, note: str, now: datetime) -> None:
        for window in windows.retry(self._archive, run_id, blow, now=now, note=note, lease=self._lease):
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

    def _note_flags(self, timetable: Timetable, now: datetime) -> dict[str, Schedule]:
        """Note which sources are switched on or off since the last look, and give all schedules as they stand."""
        known = windows.all_schedules(self._archive)
        on = {
            source
            for source, entry in timetable.items()
            if entry.is_on(known[source].enabled if source in known else None)
        }
        if on != {source for source, schedule in known.items() if schedule.since is not None}:
            windows.mark_on(self._archive, on, now=now, lease=self._lease)
            known = windows.all_schedules(self._archive)
        return known

    def _recover(self, standing: Iterable[Window], timetable: Timetable, now: datetime) -> list[str]:
        """Settle the claims of schedulers that are gone, and kill children of our own that are frozen."""
        settled: dict[str, None] = {}  # in order, each once
        for window in standing:
            if window.state not in (*OPEN, WindowState.FAILED) or window.run_id is None or window.run_id in settled:
                continue
            run = window.run
            entry = timetable.get(window.source)
            if window.run_id in self._own and window.state is WindowState.CLAIMED:
                if not self._run_lives(window, entry, now):
                    self._kill_frozen(window.run_id)
                else:
                    self._own[window.run_id].lapsed = None
            elif run is not None and run.is_done:
                # also where it was taken for dead and woke: its harvest is in
                windows.finish(self._archive, window.run_id, lease=self._lease)
                settled[window.run_id] = None
            elif window.state is WindowState.CLAIMED and run is not None and run.ended_at is not None:
                self._retry(window.run_id, Blow.FAILED, run.reason or "the run failed", now)
                settled[window.run_id] = None
            elif window.state is WindowState.CLAIMED and not self._run_lives(window, entry, now):
                self._retry(window.run_id, Blow.DIED, "the run never ended: its holder is gone", now)
                settled[window.run_id] = None
        return list(settled)

    def _run_lives(self, window: Window, entry: TimetableEntry | None, now: datetime) -> bool:
        """Whether a claimed window's run may still end: its lease lives, or it is only just beginning."""
        if window.run is None:
            return window.next_try is not None and now < window.next_try
        holding = self._holding(entry) if entry else None
        holds = holding is not None and holding.living and holding.generation == window.run.generation
        return holds or window.run.ended_at is not None

    def _holding(self, entry: TimetableEntry) -> LeaseInfo | None:
        return holder_of(self._archive, entry.lease, clock=self._clock)

    def _kill_frozen(self, run_id: str) -> None:
        """Kill a child whose lease has stayed lapsed for a lease's whole time.

        Not at first sight: after a sleep of the machine every lease has lapsed, and its holder is about to renew it.
        """
        own = self._own[run_id]
        now = self._clock()
        if own.lapsed is None:
            own.lapsed = now
        elif now >= own.lapsed + self._lease_seconds:
            log.warning("killing a child that no longer renews its lease", source=own.entry.source, run_id=run_id)
            own.child.kill()

    def _start_due(
        self, standing: list[Window], schedules: dict[str, Schedule], timetable: Timetable, now: datetime
    ) -> None:
        plan = due(
            timetable,
            standing,
            since={name: each.since for name, each in schedules.items() if each.since is not None},
            paused={name: each.paused_at for name, each in schedules.items() if each.paused_at is not None},
            now=now,
            catch_up=self._catch_up,
        )
        if plan.abandoned:
            for each in plan.abandoned:
                log.warning("window given up", source=each.source, window=each.due_at.isoformat(), reason=each.note)
            rows = [(each.source, each.due_at, each.state, each.note) for each in plan.abandoned]
            windows.give_up(self._archive, rows, lease=self._lease)
        running = {window.source for window in standing if window.state is WindowState.CLAIMED}
        busy = {timetable[source].lease for source in running if source in timetable}
        for run in plan.runs:
            entry = timetable[run.source]
            if len(running) >= self._at_once or entry.lease in busy:
                continue
            holding = self._holding(entry)
            if holding is not None and holding.living:
                continue  # somebody crawls by hand, or a dead one's lease has yet to run out
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
            self._retry(run_id, Blow.DIED, f"the crawl could not be started: {error}", now)
            return False
        self._own[run_id] = _Own(entry, child)
        return True

    def _call_follow(self) -> None:
        try:
            self._follow()
        except Exception:  # crawls go on without an index (DESIGN, decision 11); any error of it is shown whole
            log.exception("follow failed; the cursor waits")

    def close(self, pause: Callable[[float], None] = time.sleep) -> None:
        """Ask every child to end, wait until all have, and give back the claims of those cut short, and the lease.

        A child that does not end within its grace is killed by its own supervision.
        """
        for own in self._own.values():
            own.child.stop()
        try:
            while True:
                leads = self.leads and self._lead()
                for run_id, ending in self._reap().items():
                    if leads:
                        self._settle(run_id, ending, self._now())
                if not self._own:
                    break
                pause(0.05)
            if self._lease is not None:
                self._lease.release()
        except LeaseLostError as lost:
            log.warning("another scheduler leads; it settles our children", detail=str(lost))
            self._lease = None
            while self._own:
                self._reap()
                pause(0.05)
        self._lease = None
