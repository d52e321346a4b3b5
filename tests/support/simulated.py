"""A simulated machine for the scheduler's tests: real SQLite, leases and runs; only clock and children are simulated.

A simulated child behaves like `python -m crawler`: it takes the lease of its group, writes its run, renews its lease,
and writes nothing once it has lost it. Children outlive the scheduler that started them, as real ones do.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, select

from archive import leases, runs, windows
from archive.database import Archive
from archive.leases import Lease, LeaseLostError
from archive.runs import Verdict
from archive.tables import runs as runs_table
from archive.tables import windows as windows_table
from archive.window import OPEN_STATES, WindowState
from scheduler.service import Scheduler
from scheduler.supervise import ExitStatus
from scheduler.timetable import TimetableEntry, windows_between

LEASE_SECONDS = 1800.0


@contextmanager
def quick_archive(folder: Path, template: Path | None = None) -> Iterator[Archive]:
    """A new archive, or a copy of `template`, whose SQLite does not wait for the disk: these tests cut no power."""
    folder.mkdir(parents=True, exist_ok=True)
    if template is not None:
        shutil.copy(template, folder / "archive.sqlite3")
    archive = Archive(f"sqlite:///{folder / 'archive.sqlite3'}", folder)

    @event.listens_for(archive.engine, "connect")
    def _write_without_sync(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    archive.migrate()
    with archive:
        yield archive


@dataclass(frozen=True)
class ChildBehaviour:
    """What a child does: ends with a verdict ("good", "attention", "failed"), "dies", is "frozen", or "dies-at-start".

    One that dies at the start has not written its run yet. `seconds` is how long the child runs.
    """

    kind: str = "good"
    seconds: float = 600.0


@dataclass
class SimulatedChild:
    """One crawl of the simulated machine."""

    machine: SimulatedMachine
    entry: TimetableEntry
    run_id: str
    behaviour: ChildBehaviour
    started: float
    started_awake: float
    status: ExitStatus | None = None
    lease: Lease | None = None
    stopped: bool = False
    begun: float = 0.0
    """When it took its lease, in true time."""
    begun_off: float = 0.0
    """How far the clock was off then."""

    @property
    def age(self) -> float:
        """Seconds that the child has run, without the machine's sleep, as `scheduler.supervise` counts them."""
        return self.machine.awake - self.started_awake

    def poll(self) -> ExitStatus | None:
        if self.status is None and self.age > self.entry.time_limit:
            self.status = ExitStatus(None, 9, timed_out=True, forced=True)
        return self.status

    def stop(self) -> None:
        self.stopped = True

    def kill(self) -> None:
        if self.status is None:
            self.status = ExitStatus(None, 9, forced=True)

    def advance(self) -> None:
        """Do what a child does in one step of time."""
        if self.status is not None:
            return
        try:
            if self.lease is None:
                self._begin()
            elif self.behaviour.kind != "frozen":
                self.lease.renew()
                self._continue(self.lease)
        except LeaseLostError:
            self.status = ExitStatus(4)

    def _begin(self) -> None:
        if self.behaviour.kind == "dies-at-start":
            self.status = ExitStatus(None, 9)
            return
        archive, clock = self.machine.archive, self.machine.clock
        self.lease = leases.acquire(archive, self.entry.lease, seconds=LEASE_SECONDS, clock=clock)
        if self.lease is None:
            self.status = ExitStatus(3)
            return
        self.machine.check_exclusive(self)
        with archive.writing() as connection:
            runs.begin(
                connection,
                self.run_id,
                source=self.entry.run_source,
                kind=str(self.entry.job),
                holder=self.lease.holder,
                lease=self.lease,
                now=self.machine.moment,
            )

    def _continue(self, lease: Lease) -> None:
        if self.behaviour.kind == "dies" and self.age >= self.behaviour.seconds / 2:
            self.status = ExitStatus(None, 9)
        elif self.stopped:
            self._finish(lease, Verdict("attention", "cut short"), 1)
        elif self.age >= self.behaviour.seconds and self.behaviour.kind != "dies":
            self._finish(lease, Verdict(self.behaviour.kind, None), 0 if self.behaviour.kind == "good" else 1)

    def _finish(self, lease: Lease, verdict: Verdict, code: int) -> None:
        with self.machine.archive.writing() as connection:
            leases.check(connection, lease)
            runs.finish(connection, self.run_id, listed=1, traffic={}, verdict=verdict, now=self.machine.moment)
        lease.release()
        self.status = ExitStatus(code, stopped=self.stopped)
        self.machine.ended.append((self, verdict.verdict))


@dataclass
class SimulatedMachine:
    """The machine: its clock, its schedulers (None while one is dead), its children."""

    archive: Archive
    timetable: dict[str, TimetableEntry]
    behaviour: Callable[[str], ChildBehaviour] = lambda _source: ChildBehaviour()
    start: datetime = datetime(2025, 3, 3, 12, tzinfo=UTC)
    catch_up: timedelta = timedelta(days=2)
    at_once: int = 4
    scheduler_count: int = 1
    now: float = 0.0
    off: float = 0.0
    awake: float = 0.0
    schedulers: list[Scheduler | None] = field(default_factory=list)
    children: list[SimulatedChild] = field(default_factory=list)
    began: list[SimulatedChild] = field(default_factory=list)
    ended: list[tuple[SimulatedChild, str]] = field(default_factory=list)
    follows: int = 0

    def __post_init__(self) -> None:
        self.now = self.start.timestamp()
        self.schedulers = [None] * self.scheduler_count
        for number in range(self.scheduler_count):
            self.start_scheduler(number)

    def clock(self) -> float:
        """The wall clock: the true time, and how far the clock is off."""
        return self.now + self.off

    def steady(self) -> float:
        """The clock that nobody sets; it counts sleep."""
        return self.now

    @property
    def moment(self) -> datetime:
        """What the wall clock shows."""
        return datetime.fromtimestamp(self.clock(), UTC)

    def start_scheduler(self, number: int) -> None:
        """Start a scheduler; it knows only what is in the archive."""
        self.schedulers[number] = Scheduler(
            self.archive,
            lambda: self.timetable,
            self._start_child,
            self._follow,
            catch_up=self.catch_up,
            lease_seconds=LEASE_SECONDS,
            clock=self.clock,
            steady=self.steady,
            at_once=self.at_once,
        )

    def _start_child(self, entry: TimetableEntry, run_id: str) -> SimulatedChild:
        child = SimulatedChild(self, entry, run_id, self.behaviour(entry.source), self.now, self.awake)
        self.children.append(child)
        return child

    def _follow(self) -> None:
        self.follows += 1

    def check_exclusive(self, child: SimulatedChild) -> None:
        """Called when a child took its lease: every other running child of its group must have lost its own."""
        for other in self.began:
            if other.status is None and other.lease is not None and other.entry.lease == child.entry.lease:
                current = leases.holder_of(self.archive, child.entry.lease, clock=self.clock)
                assert current is not None
                assert current.generation > other.lease.generation, f"{other.run_id} and {child.run_id} at once"
        child.begun, child.begun_off = self.now, self.off
        self.began.append(child)

    def sleep(self, seconds: float) -> None:
        """Put the machine to sleep: only the clock advances."""
        self.now += seconds

    def step(self, seconds: float, schedulers_first: bool = False) -> None:
        """Advance the clock, then let every child and every scheduler act once."""
        self.now += seconds
        self.awake += seconds
        actions: list[Callable[[], None]] = [self.advance_children, self.tick_schedulers]
        for act in reversed(actions) if schedulers_first else actions:
            act()

    def advance_children(self) -> None:
        for child in self.children:
            child.advance()
        self.children = [child for child in self.children if child.status is None]

    def tick_schedulers(self) -> None:
        for scheduler in self.schedulers:
            if scheduler is not None:
                scheduler.tick()

    def run_for(self, span: timedelta, step: float = 300.0) -> None:
        """Advance the clock in steps of `step` seconds."""
        end = self.now + span.total_seconds()
        while self.now < end:
            self.step(min(step, end - self.now))

    def settle_down(self) -> None:
        """Restart all schedulers and let every crawl succeed, until the last retry (after up to 6 hours)."""
        self.behaviour = lambda _: ChildBehaviour("good", 60)
        for number in range(self.scheduler_count):
            if self.schedulers[number] is None:
                self.start_scheduler(number)
        self.run_for(timedelta(hours=9), step=1200)

    def finish_now(self) -> None:
        """Continue until no run is under way and no window is open."""
        for _ in range(200):
            self.step(60)
            # a frozen child without a scheduler stays
            running = [child for child in self.children if child.behaviour.kind != "frozen"]
            recorded = windows.open_and_latest(self.archive, self.moment)
            if not running and not any(each.state in OPEN_STATES for each in recorded):
                return
        raise AssertionError(f"windows stay open: {windows.open_and_latest(self.archive, self.moment)}")

    def table(self, source: str) -> list[tuple[datetime, str]]:
        """The windows of a source and their states, oldest first."""
        return [
            (each.due_at, str(each.state))
            for each in reversed(windows.history(self.archive, source, 100_000, self.moment))
        ]

    def check_nothing_lost(self, source: str, since: datetime) -> None:
        """Every past window has one row: done by one run that succeeded, or failed or missed with a note.

        A row that stands for many windows stands for all from its `since` on.
        """
        expected = windows_between(self.timetable[source], since, self.moment)
        with self.archive.reading() as connection:
            rows = connection.execute(
                select(windows_table, runs_table.c.started_at, runs_table.c.ended_at, runs_table.c.verdict)
                .select_from(windows_table.outerjoin(runs_table, runs_table.c.id == windows_table.c.run_id))
                .where(windows_table.c.source == source, windows_table.c.due_at <= self.moment)
                .order_by(windows_table.c.due_at)
            ).all()
        told = [(row.since, row.due_at) for row in rows if row.since is not None]
        assert [row.due_at for row in rows] == [
            each for each in expected if not any(first <= each < last for first, last in told)
        ]
        for row in rows:
            assert row.state in {WindowState.DONE, WindowState.FAILED, WindowState.MISSED}, row
            if row.state == WindowState.DONE:
                assert row.verdict in {"good", "attention"}, row
                assert row.due_at <= row.started_at, row
                assert row.ended_at, row
            else:
                assert row.note, row
                assert row.verdict not in {"good", "attention"}, row
