"""The scheduler: the holder of its lease starts a child for every due run, and marks each window by how its run ended.

All state that must survive is in the archive: a scheduler may be killed at any moment, and the next one continues from
there. `Scheduler.tick` does everything, with injected clocks and child starter; `scheduler.daemon` calls it. The wall
clock says only which windows have come. Whatever is a span is measured on the steady one (decision 21).
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Connection

from archive import clock_jumps, runs, schedules, windows
from archive.clock import EARLIEST, Jump, JumpWatch, is_ahead, steady, this_boot
from archive.clock_jumps import ClockChange
from archive.database import Archive, is_unusable
from archive.leases import (
    Lease,
    LeaseInfo,
    LeaseLostError,
    acquire,
    holder_now,
)
from archive.schedules import Schedule
from archive.window import OPEN_STATES, START_SECONDS, RunFacts, RunFailure, Window, WindowState
from scheduler.rounds import plan_rounds
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

READING_SECONDS = 3600.0
"""How often the leader stores what both clocks show; small corrections of the clock add up between two readings."""

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
    """A child of this scheduler, when it was started, and when its lease was first seen to have expired (steady)."""

    entry: TimetableEntry
    child: RunningChild
    started_at: float
    lease_expired_at: float | None = None


class Scheduler:
    """Starts due runs and settles ended ones.

    `timetable` is called at every tick. `follow` is called after crawls have ended and must return quickly; an error it
    raises is logged and stops nothing. `lease_seconds` is the length of the scheduler's own lease, and of its
    children's. `clock` is the wall clock, `steady` one that nobody sets and that counts sleep, from the start of the
    machine that `boot` names. `on_jump` is called when the wall clock jumped.
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
        steady: Callable[[], float] = steady,
        boot: str | None = None,
        on_jump: Callable[[], object] = lambda: None,
        at_once: int = CRAWLS_AT_ONCE,
    ) -> None:
        self._archive = archive
        self._timetable = timetable
        self._start_child = start_child
        self._follow = follow
        self._catch_up = catch_up
        self._lease_seconds = lease_seconds
        self._clock = clock
        self._steady = steady
        self._watch = JumpWatch(clock, steady)
        self._boot = boot or this_boot()
        self._on_jump = on_jump
        self._at_once = at_once
        self._lease: Lease | None = None
        self._renewed_at = 0.0
        self._ticked_at = steady()
        self._doubt_expiry_until = steady() + lease_seconds
        self._jumps: list[Jump] = []  # noticed, and not recorded yet
        self._started: dict[str, _StartedCrawl] = {}  # by run id
        self._ended: dict[str, ExitStatus] = {}  # children that ended and are not settled yet
        self._standing_by = False
        self._looked_back = False  # at what the clock did before it led
        self._reading_at = 0.0
        self._last_tick_failed = False

    @property
    def leads(self) -> bool:
        """Whether this scheduler held the lease at its last tick."""
        return self._lease is not None

    @property
    def children(self) -> int:
        """How many children of this scheduler are running."""
        return len(self._started)

    def tick(self) -> None:
        """Check everything once: children, lease, claims, timetable. Safe to call at any time, however often.

        Raises what the archive raises. After a tick that failed the lease is not renewed: to `kliping status` and to a
        scheduler that stands by, one that can do nothing is as good as dead. A later tick settles children that ended.
        """
        self._look_at_clocks()
        self._ended |= self._reap()
        failed, self._last_tick_failed = self._last_tick_failed, True
        self._tick(may_renew=not failed)
        self._last_tick_failed = False

    def _tick(self, *, may_renew: bool) -> None:
        try:
            if not self._lead(may_renew=may_renew):
                self._jumps.clear()  # the leader records them
                self._ended.clear()
                return  # the scheduler that holds the lease settles these children from their run reports
            now = self._now()
            if now < EARLIEST:
                return
            self._record_jumps(now)
            timetable = self._timetable()
            settled = [self._settle(run_id, status, now) for run_id, status in self._ended.items()]
            self._ended.clear()
            flags = self._update_flags(timetable, now)
            recorded = windows.open_and_latest(self._archive, now)
            recovered = self._recover(recorded, timetable, now)
            if recovered:
                recorded = windows.open_and_latest(self._archive, now)
            on = [name for name, schedule in flags.items() if schedule.since is not None]
            timetable = plan_rounds(self._archive, timetable, recorded, on, now=now, lease=self._lease)
            self._start_due(recorded, flags, timetable, now)
        except LeaseLostError as error:
            log.warning("another scheduler leads", detail=str(error))
            self._lease = None
            return
        if settled or recovered:
            self._call_follow()

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock(), UTC)

    def _look_at_clocks(self) -> None:
        """Notice a jump of the wall clock, and that this process has slept.

        After either, and after the start, a lease may seem to have expired although its holder lives and is about to
        renew it: such leases are not taken for free until one length of a lease has passed.
        """
        now = self._steady()
        jump = self._watch.look()
        if jump is not None:
            log.warning("the clock jumped", what=jump.in_words, before=str(jump.before), after=str(jump.after))
            self._jumps.append(jump)
            self._renewed_at = -math.inf  # renew at once: to others the lease seems to be expired, or odd
            self._on_jump()
        if jump is not None or now - self._ticked_at > self._lease_seconds * 2 / 3:
            self._doubt_expiry_until = now + self._lease_seconds
        self._ticked_at = now

    def _record_jumps(self, now: datetime) -> None:
        """Record the jumps noticed, at the start those since the last leader, and from time to time both clocks."""
        steady_now = self._steady()
        if self._looked_back and not self._jumps and steady_now < self._reading_at + READING_SECONDS:
            return
        with self._archive.writing() as connection:
            if not self._looked_back:
                self._look_back(connection, now)
            else:
                for jump in self._jumps:
                    clock_jumps.record(connection, jump)
            clock_jumps.store_reading(connection, self._boot, self._watch.read())
        self._jumps.clear()
        self._looked_back = True
        self._reading_at = steady_now

    def _look_back(self, connection: Connection, now: datetime) -> None:
        """Record what the clock did while this scheduler did not lead, as far as it can be known."""
        last = clock_jumps.last_reading(connection)
        if last is not None and last[0] == self._boot:
            jump = self._watch.since(last[1])
            if jump is not None:
                log.warning("the clock jumped while no scheduler led", what=jump.in_words)
                clock_jumps.record(connection, jump)
        else:
            for jump in self._jumps:
                clock_jumps.record(connection, jump)
            clock_jumps.record(connection, Jump(now, now), ClockChange.START)
        found = clock_jumps.unexplained(connection, now)
        if found is not None:
            log.warning("the clock was ahead, or is behind", newest=str(found.before), now=str(now))
            clock_jumps.record(connection, found, ClockChange.FOUND)

    def _lead(self, *, may_renew: bool = True) -> bool:
        """Take or renew the scheduler's lease; returns whether it is held. Raises LeaseLostError if another took it."""
        now = self._steady()
        if self._lease is None:
            current = holder_now(self._archive, LEASE, clock=self._clock)
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
                self._looked_back = False
                if self._now() < EARLIEST:
                    log.error("nothing is started: the clock was never set", clock=str(self._now()))
        elif may_renew and now >= self._renewed_at + self._lease_seconds / 3:
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
        if report is not None and verdict is not None:
            tell = log.info if verdict == "good" else log.warning
            outcomes = dict(report.outcomes)
            tell("crawl judged", source=report.source, run_id=run_id, verdict=verdict, reason=report.reason, **outcomes)
        if verdict == "good" or (verdict == "attention" and not status.stopped):
            windows.finish(self._archive, run_id, now=now, lease=self._lease)
        elif status.stopped:
            windows.release(self._archive, run_id, now=now, note="released: the service was stopped", lease=self._lease)
        elif report is None and status.exit_code == LEASE_HELD:
            wait, note = timedelta(seconds=LEASE_HELD_SECONDS), "another process held the lease"
            windows.release(self._archive, run_id, now=now, wait=wait, note=note, lease=self._lease)
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
        known = schedules.all_schedules(self._archive)
        if any(each.is_dated_ahead(now) for each in known.values()):
            mended = schedules.mend_schedules(self._archive, now=now, lease=self._lease)
            log.warning("switched on or paused while the clock stood ahead: counted from now", sources=mended)
            known = schedules.all_schedules(self._archive)
        on = {
            source
            for source, entry in timetable.items()
            if entry.is_on(known[entry.publisher].enabled if entry.publisher in known else None)
        }
        if on != {source for source, schedule in known.items() if schedule.since is not None}:
            schedules.record_enabled(self._archive, on, now=now, lease=self._lease)
            known = schedules.all_schedules(self._archive)
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
                if not self._child_lives(window, entry):
                    self._kill_frozen(window.run_id)
                else:
                    self._started[window.run_id].lease_expired_at = None
            elif run is not None and run.is_done:
                # also if it was presumed dead and woke up: its articles are stored
                windows.finish(self._archive, window.run_id, now=now, lease=self._lease)
                settled[window.run_id] = None
            elif window.state is WindowState.CLAIMED and run is not None and run.ended_at is not None:
                self._retry(window.run_id, RunFailure.FAILED, run.reason or "the run failed", now)
                settled[window.run_id] = None
            elif window.state is WindowState.CLAIMED and not self._run_lives(window, entry, now):
                self._retry(window.run_id, RunFailure.DIED, "the run never ended: its holder is gone", now)
                settled[window.run_id] = None
        return list(settled)

    def _run_lives(self, window: Window, entry: TimetableEntry | None, now: datetime) -> bool:
        """Whether a window that another scheduler claimed needs no retry.

        Its run holds its lease, or has ended, or its claim is so new that the run need not have begun.
        """
        if window.run is None:
            begins_by, longest = window.next_try, timedelta(seconds=START_SECONDS)
            return begins_by is not None and now < begins_by and not is_ahead(begins_by, now, longest)
        return window.run.ended_at is not None or self._holds_lease(window.run, entry)

    def _child_lives(self, window: Window, entry: TimetableEntry | None) -> bool:
        """The same for a window whose run is a child of ours: we know when it was started."""
        if window.run is None:
            assert window.run_id is not None  # the caller found the child by it
            return self._steady() - self._started[window.run_id].started_at < START_SECONDS
        return window.run.ended_at is not None or self._holds_lease(window.run, entry)

    def _holds_lease(self, run: RunFacts, entry: TimetableEntry | None) -> bool:
        lease = self._lease_of(entry) if entry else None
        return lease is not None and self._seems_held(lease) and lease.generation == run.generation

    def _lease_of(self, entry: TimetableEntry) -> LeaseInfo | None:
        return holder_now(self._archive, entry.lease, clock=self._clock)

    def _seems_held(self, lease: LeaseInfo) -> bool:
        """Whether its holder may live: the lease has not expired, or expired while nobody could renew it."""
        return lease.living or (not lease.released and self._steady() < self._doubt_expiry_until)

    def _kill_frozen(self, run_id: str) -> None:
        """Kill a child whose lease has been expired for `lease_seconds`.

        Not as soon as it has expired: after the machine slept every lease has, and its holder is about to renew it.
        """
        crawl = self._started[run_id]
        now = self._steady()
        if crawl.lease_expired_at is None:
            crawl.lease_expired_at = now
        elif now >= crawl.lease_expired_at + self._lease_seconds:
            log.warning("killing a child that no longer renews its lease", source=crawl.entry.source, run_id=run_id)
            crawl.child.kill()

    def _start_due(
        self, recorded: list[Window], flags: dict[str, Schedule], timetable: Timetable, now: datetime
    ) -> None:
        plan = due(
            timetable,
            recorded,
            since={name: each.since for name, each in flags.items() if each.since is not None},
            paused=_paused(timetable, flags),
            now=now,
            catch_up=self._catch_up,
        )
        if plan.abandoned:
            for each in plan.abandoned:
                log.warning("window given up", source=each.source, window=each.due_at.isoformat(), reason=each.note)
            windows.record_lapses(self._archive, plan.abandoned, now=now, lease=self._lease)
        running = {window.source for window in recorded if window.state is WindowState.CLAIMED}
        busy = {timetable[source].lease for source in running if source in timetable}
        for run in plan.runs:
            entry = timetable[run.source]
            if len(running) >= self._at_once or entry.lease in busy:
                continue
            lease = self._lease_of(entry)
            if lease is not None and self._seems_held(lease):
                continue  # somebody crawls by hand, or the lease of a dead crawl has not expired yet
            if self._start(run, entry, now):
                running.add(run.source)
                busy.add(entry.lease)

    def _start(self, run: DueRun, entry: TimetableEntry, now: datetime) -> bool:
        run_id = runs.new_id(run.source, now)
        claimed = windows.claim(
            self._archive, run.source, run.windows, run_id, now=now, since=run.since, lease=self._lease
        )
        if not claimed:
            return False
        newest = run.windows[-1].isoformat()
        log.info("crawl starts", source=run.source, run_id=run_id, window=newest, windows=len(run.windows))
        try:
            child = self._start_child(entry, run_id)
        except OSError as error:
            self._retry(run_id, RunFailure.DIED, f"the crawl could not be started: {error}", now)
            return False
        self._started[run_id] = _StartedCrawl(entry, child, self._steady())
        return True

    def _call_follow(self) -> None:
        try:
            self._follow()
        except Exception:  # crawls go on without an index (decision 11); any error is logged with its traceback
            log.exception("follow failed; the next one continues from the cursor")

    def kill_children(self) -> None:
        """Kill every child at once: their windows are tried again when their leases have expired."""
        for crawl in list(self._started.values()):
            crawl.child.kill()

    def close(self, pause: Callable[[float], None] = time.sleep) -> None:
        """Ask every child to end, wait until all have, release the claims of those cut short, then release the lease.

        `Child.poll` kills a child that does not end within its grace period.
        """
        for crawl in self._started.values():
            crawl.child.stop()
        try:
            while True:
                leads = self.leads and self._lead()
                self._ended |= self._reap()
                for run_id, status in self._ended.items():
                    if leads:
                        self._settle(run_id, status, self._now())
                self._ended.clear()
                if not self._started:
                    break
                pause(0.05)
            if self._lease is not None:
                self._lease.release()
        except LeaseLostError as error:
            log.warning("another scheduler leads; it settles our children", detail=str(error))
        except Exception as error:
            if not is_unusable(error):
                raise
            log.error("the archive cannot be written; the next scheduler settles our children", detail=str(error))
        self._lease = None
        while self._started:
            self._reap()
            pause(0.05)


def _paused(timetable: Timetable, flags: Mapping[str, Schedule]) -> dict[str, datetime]:
    """Since when each entry is paused: a source's rounds are paused with it."""
    since = {name: flags[entry.publisher].paused_at for name, entry in timetable.items() if entry.publisher in flags}
    return {name: moment for name, moment in since.items() if moment is not None}
