"""A simulated machine for the scheduler's tests: real SQLite, leases and runs; only clock and children are made up.

A simulated child keeps the rules of `python -m crawler`: it takes the lease of its group, writes its run, renews its
lease, and writes nothing once it has lost it. Children outlive the scheduler that started them, as real ones do.
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
from archive.windows import WindowState
from scheduler.service import Scheduler
from scheduler.supervise import ExitStatus
from scheduler.timetable import TimetableEntry, windows_between

LEASE_SECONDS = 1800.0


@contextmanager
def quick_archive(folder: Path, template: Path | None = None) -> Iterator[Archive]:
    """A new archive whose SQLite does not wait for the disk (no power fails in these tests)."""
    folder.mkdir(parents=True, exist_ok=True)
    if template is not None:
        shutil.copy(template, folder / "archive.sqlite3")
    archive = Archive(f"sqlite:///{folder / 'archive.sqlite3'}", folder)

    @event.listens_for(archive.engine, "connect")
    def _do_not_wait(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    archive.migrate()
    with archive:
        yield archive


@dataclass(frozen=True)
class ChildBehaviour:
    """What a child will do: its verdict, or "dies", "unborn" (dies before it writes its run), "frozen"."""

    kind: str = "good"
    seconds: float = 600.0


@dataclass
class SimulatedChild:
    """One crawl of the simulated machine."""

    world: SimulatedMachine
    entry: TimetableEntry
    run_id: str
    fate: ChildBehaviour
    started: float
    started_awake: float
    ending: ExitStatus | None = None
    lease: Lease | None = None
    stopped: bool = False

    @property
    def age(self) -> float:
        """Seconds that it has been running; the machine's sleep does not count, as in `scheduler.supervise`."""
        return self.world.awake - self.started_awake

    def poll(self) -> ExitStatus | None:
        if self.ending is None and self.age > self.entry.time_limit:
            self.ending = ExitStatus(None, 9, timed_out=True, forced=True)
        return self.ending

    def stop(self) -> None:
        self.stopped = True

    def kill(self) -> None:
        if self.ending is None:
            self.ending = ExitStatus(None, 9, forced=True)

    def live(self) -> None:
        """Do what a child does in one step of time."""
        if self.ending is not None:
            return
        try:
            if self.lease is None:
                self._begin()
            elif self.fate.kind != "frozen":
                self.lease.renew()
                self._go_on(self.lease)
        except LeaseLostError:
            self.ending = ExitStatus(4)

    def _begin(self) -> None:
        if self.fate.kind == "unborn":
            self.ending = ExitStatus(None, 9)
            return
        archive, clock = self.world.archive, self.world.clock
        self.lease = leases.acquire(archive, self.entry.lease, seconds=LEASE_SECONDS, clock=clock)
        if self.lease is None:
            self.ending = ExitStatus(3)
            return
        self.world.note_begin(self)
        with archive.writing() as connection:
            runs.begin(
                connection,
                self.run_id,
                source=self.entry.source,
                kind="crawl",
                holder=self.lease.holder,
                lease=self.lease,
                now=self.world.moment,
            )

    def _go_on(self, lease: Lease) -> None:
        if self.fate.kind == "dies" and self.age >= self.fate.seconds / 2:
            self.ending = ExitStatus(None, 9)
        elif self.stopped:
            self._finish(lease, Verdict("attention", "cut short"), 1)
        elif self.age >= self.fate.seconds and self.fate.kind != "dies":
            self._finish(lease, Verdict(self.fate.kind, None), 0 if self.fate.kind == "good" else 1)

    def _finish(self, lease: Lease, verdict: Verdict, code: int) -> None:
        with self.world.archive.writing() as connection:
            leases.check(connection, lease)
            runs.finish(connection, self.run_id, listed=1, traffic={}, verdict=verdict, now=self.world.moment)
        lease.release()
        self.ending = ExitStatus(code, stopped=self.stopped)


@dataclass
class SimulatedMachine:
    """The machine: its clock, its schedulers (a place is null while its scheduler is dead), its children."""

    archive: Archive
    timetable: dict[str, TimetableEntry]
    fate: Callable[[str], ChildBehaviour] = lambda _source: ChildBehaviour()
    start: datetime = datetime(2025, 3, 3, 12, tzinfo=UTC)
    catch_up: timedelta = timedelta(days=2)
    at_once: int = 4
    places: int = 1
    now: float = 0.0
    awake: float = 0.0
    schedulers: list[Scheduler | None] = field(default_factory=list)
    children: list[SimulatedChild] = field(default_factory=list)
    begun: list[SimulatedChild] = field(default_factory=list)
    follows: int = 0

    def __post_init__(self) -> None:
        self.now = self.start.timestamp()
        for place in range(self.places):
            self.schedulers.append(None)
            self.revive(place)

    def clock(self) -> float:
        return self.now

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.now, UTC)

    def revive(self, place: int) -> None:
        """Start a scheduler anew; it knows nothing but the archive."""
        self.schedulers[place] = Scheduler(
            self.archive,
            lambda: self.timetable,
            self._start_child,
            self._follow,
            catch_up=self.catch_up,
            lease_seconds=LEASE_SECONDS,
            clock=self.clock,
            at_once=self.at_once,
        )

    def _start_child(self, entry: TimetableEntry, run_id: str) -> SimulatedChild:
        child = SimulatedChild(self, entry, run_id, self.fate(entry.source), self.now, self.awake)
        self.children.append(child)
        return child

    def _follow(self) -> None:
        self.follows += 1

    def note_begin(self, child: SimulatedChild) -> None:
        """A child took its lease: no other of its group may be at work that has not lost its own."""
        for other in self.begun:
            if other.ending is None and other.lease is not None and other.entry.lease == child.entry.lease:
                holding = leases.holder_of(self.archive, child.entry.lease, clock=self.clock)
                assert holding is not None
                assert holding.generation > other.lease.generation, f"{other.run_id} and {child.run_id} at once"
        self.begun.append(child)

    def sleep(self, seconds: float) -> None:
        """The machine sleeps: only the clock goes on."""
        self.now += seconds

    def step(self, seconds: float, schedulers_first: bool = False) -> None:
        """Let time pass, with everybody at work at its end."""
        self.now += seconds
        self.awake += seconds
        acts: list[Callable[[], None]] = [self._let_children_live, self._let_schedulers_tick]
        for act in reversed(acts) if schedulers_first else acts:
            act()

    def _let_children_live(self) -> None:
        for child in self.children:
            child.live()
        self.children = [child for child in self.children if child.ending is None]

    def _let_schedulers_tick(self) -> None:
        for scheduler in self.schedulers:
            if scheduler is not None:
                scheduler.tick()

    def run_for(self, span: timedelta, step: float = 300.0) -> None:
        """Let time pass in steps."""
        end = self.now + span.total_seconds()
        while self.now < end:
            self.step(min(step, end - self.now))

    def calm_down(self) -> None:
        """Everybody lives and every crawl is good, until all that can still be tried has been."""
        self.fate = lambda _: ChildBehaviour("good", 60)
        for place in range(self.places):
            if self.schedulers[place] is None:
                self.revive(place)
        self.run_for(timedelta(hours=9), step=600)

    def finish_now(self) -> None:
        """Go on to a moment at which no run is under way and no window open."""
        for _ in range(200):
            self.step(60)
            under_way = [child for child in self.children if child.fate.kind != "frozen"]  # a frozen orphan stays
            if not under_way and not any(each.state in windows.OPEN for each in windows.standing(self.archive)):
                return
        raise AssertionError(f"windows stay open: {windows.standing(self.archive)}")

    def table(self, source: str) -> list[tuple[datetime, str]]:
        """The windows of a source and their states, oldest first."""
        return [(each.due_at, str(each.state)) for each in reversed(windows.history(self.archive, source, 100_000))]

    def check_nothing_lost(self, source: str, since: datetime) -> None:
        """Every window that has come stands in the table once: done by one run that ended well, or visibly given up."""
        expected = windows_between(self.timetable[source], since, self.moment)
        with self.archive.reading() as connection:
            rows = connection.execute(
                select(windows_table, runs_table.c.started_at, runs_table.c.ended_at, runs_table.c.verdict)
                .select_from(windows_table.outerjoin(runs_table, runs_table.c.id == windows_table.c.run_id))
                .where(windows_table.c.source == source)
                .order_by(windows_table.c.due_at)
            ).all()
        assert [row.due_at for row in rows] == expected
        for row in rows:
            assert row.state in {WindowState.DONE, WindowState.FAILED, WindowState.MISSED}, row
            if row.state == WindowState.DONE:
                assert row.verdict in {"good", "attention"}, row
                assert row.due_at <= row.started_at <= row.ended_at, row
            else:
                assert row.note, row
                assert row.verdict not in {"good", "attention"}, row
