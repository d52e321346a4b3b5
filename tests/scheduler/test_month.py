"""A simulated month of twelve sources, in which the simulation knows the truth and compares.

Schedulers are killed, the machine sleeps, clocks jump both ways, summer time begins, crawls fail, die and freeze. No
source is crawled twice at once, each missed window is filled once, none is lost, status is never green in an hour in
which something is wrong, and never red in one in which nothing was for as long as it takes to make up for it.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from archive import rounds, runs
from archive.clock import TOLERANCE
from archive.database import Archive
from archive.tables import windows as windows_table
from archive.window import WindowState
from scheduler import watchman
from scheduler.lookout import look
from scheduler.timetable import Job, TimetableEntry, newest_windows, windows_between
from scheduler.watchman import START_ALLOWED, alarms
from tests.support.simulated import LEASE_SECONDS, ChildBehaviour, SimulatedMachine, quick_archive

JAKARTA, BERLIN, NEW_YORK = "Asia/Jakarta", "Europe/Berlin", "America/New_York"
GRACE = 60.0
STEP = 1200.0
HOUR = timedelta(hours=1)
CATCH_UP = timedelta(days=2)
MADE_UP_FOR = LEASE_SECONDS + 2 * 3600 + 2 * STEP
"""Most seconds until what was killed is taken over, and its crawl and that of its sibling are done."""
TROUBLES = ("attention", "failed", "dies", "dies-at-start", "frozen")


def entry(name: str, zone: str, lease: str | None = None, **when: object) -> TimetableEntry:
    group = f"site:{lease or name}.test"
    return TimetableEntry(name, group, zone, configured=True, time_limit=3600, **when)  # type: ignore[arg-type]


SOURCES = (
    entry("nightly", JAKARTA, cron="0 2 * * *"),
    entry("hourly", JAKARTA, every=3600),
    entry("shared", JAKARTA, "pair", every=7200),
    entry("sibling", BERLIN, "pair", cron="15 */3 * * *"),
    entry("skipped", BERLIN, cron="30 2 * * *"),  # 02:30 does not exist on 30 March
    entry("morning", NEW_YORK, cron="0 6 * * mon-fri"),
    entry("twice", NEW_YORK, cron="10 1,13 * * *"),
    entry("daily", BERLIN, every=86400),
    entry("sixth", JAKARTA, cron="0 */6 * * *"),
    entry("weekly", JAKARTA, cron="0 4 * * 0"),
    entry("news", JAKARTA, cron="30 1 * * *"),
    entry("late", NEW_YORK, cron="45 23 * * *"),
)
SHARED = "site:pair.test"
ROUND = TimetableEntry(
    "news-round", "site:news.test", JAKARTA, configured=True, time_limit=3600, job=Job.ROUND, adaptive=True
)


@dataclass
class Truth:
    """What is truly so, by the simulation's own time and its children, without a look at the archive."""

    machine: SimulatedMachine
    began: datetime
    awake_since: float = 0.0
    dead_since: float | None = None
    off_since: float | None = None
    last_off: float | None = None
    off_seen: float = 0.0
    unnoticed: bool = False
    """Whether the clock was set while nobody led, and the next leader has not compared the clocks yet."""
    alive_since: float | None = None
    troubled_at: float = 0.0
    seen: int = 0
    harvests: dict[str, float] = field(default_factory=dict)
    verdicts: dict[str, str] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return datetime.fromtimestamp(self.machine.now, UTC)

    def update(self) -> None:
        """After each step: which runs have ended, since when nobody schedules, and since when the clock is wrong."""
        machine = self.machine
        for child, verdict in machine.ended[self.seen :]:
            self.verdicts[child.entry.source] = verdict
            if verdict != "failed":
                self.harvests[child.entry.source] = max(child.begun, self.harvests.get(child.entry.source, 0.0))
        self.seen = len(machine.ended)
        if None in machine.schedulers or any(each.behaviour.kind in TROUBLES for each in machine.children):
            self.troubled_at = machine.now
        alive = any(scheduler is not None for scheduler in machine.schedulers)
        self.dead_since = None if alive else self.dead_since or machine.now
        right = abs(machine.off) <= TOLERANCE.total_seconds()
        self.off_since = None if right else self.off_since or machine.now
        self.alive_since = (self.alive_since or machine.awake) if alive else None  # asleep nobody notices
        if machine.off != self.off_seen:
            self.off_seen, self.unnoticed = machine.off, True
        if self.alive_since is not None and machine.awake - self.alive_since > LEASE_SECONDS + 2 * STEP:
            self.unnoticed = False
        if not right or self.unnoticed:
            self.last_off = machine.now

    def wrongs(self) -> list[str]:
        """Everything that is wrong, and has been for long enough that status must know it."""
        found = []
        allowed = 2 * STEP
        if self.dead_since is not None and self.machine.now - self.dead_since > LEASE_SECONDS + allowed:
            found.append("nobody schedules")
        if self.off_since is not None and self.machine.now - self.off_since > allowed:
            found.append(f"the clock is off by {self.machine.off:.0f} s")
        for source in self.machine.timetable.values():
            if self.verdicts.get(source.source) in ("failed", "attention"):
                found.append(f"the last run of {source.source} was {self.verdicts[source.source]}")
            if source.adaptive:
                continue
            turns = 1 + (source.lease == SHARED)  # a crawl may wait for one of its sibling
            limit = turns * (timedelta(seconds=source.time_limit + GRACE) + START_ALLOWED)
            latest = self._latest(source, limit + timedelta(seconds=allowed))
            if latest is not None and self.harvests.get(source.source, 0.0) < (latest - TOLERANCE).timestamp():
                found.append(f"{source.source} has no harvest since {latest}")
        return found

    def _latest(self, source: TimetableEntry, limit: timedelta) -> datetime | None:
        """The latest window whose harvest must have come by now."""
        if self.now - limit <= self.began:
            return None
        newest, _ = newest_windows(source, self.began, self.now - limit, 1)
        return newest[0] if newest else None

    def quiet(self) -> bool:
        """Whether nothing has been wrong for so long that status must be green: any alarm is a false one.

        A jump of the clock is told for a day from when it was noticed. What was killed, hung, failed or slept may be
        told until its windows are made up for.
        """
        told = timedelta(days=1, hours=2).total_seconds()
        return (
            not self.wrongs()
            and self.machine.now - self.troubled_at > MADE_UP_FOR
            and (self.last_off is None or self.machine.now - self.last_off > told)
        )


def status(machine: SimulatedMachine) -> list[str]:
    """Why status is red, by the archive and the machine's clock; empty if it is green."""
    archive, now = machine.archive, machine.moment
    red = [each.sentence for each in alarms(look(archive, machine.timetable, now, grace=GRACE), now, ZoneInfo(JAKARTA))]
    for source in machine.timetable.values():
        report = runs.latest(archive, source.run_source, now, kinds=(str(source.job),), ended=True)
        if report is not None and report.verdict in ("failed", "attention"):
            red.append(f"{source.source}: {report.verdict}")
    return red


def trouble(machine: SimulatedMachine, dice: random.Random) -> bool:
    """What one step may bring: kills, sleep, and a clock that is set wrong. Returns whether it brought any."""
    some = False
    for index, scheduler in enumerate(machine.schedulers):
        if scheduler is None:
            if dice.random() < 0.2:
                machine.start_scheduler(index)
        elif dice.random() < 0.02:
            machine.schedulers[index] = None
            some = True
    if machine.children and dice.random() < 0.02:
        dice.choice(machine.children).kill()
        some = True
    if dice.random() < 0.01:
        machine.sleep(dice.uniform(600, 8 * 3600))
        some = True
    if machine.off == 0.0 and dice.random() < 0.015:
        machine.off = dice.choice((-1, 1)) * dice.uniform(600, 12 * 3600)
        some = True
    return some


def check_by_truth(machine: SimulatedMachine, source: TimetableEntry, began: datetime) -> Counter[str]:
    """Each window that has truly come has one row, and a done one a run that truly began after it. Counts states.

    A run may have begun before its window if the clock was ahead by as much, and another had a harvest after it.
    """
    expected = windows_between(source, began, machine.moment)
    with machine.archive.reading() as connection:
        rows = connection.execute(
            select(windows_table)
            .where(windows_table.c.source == source.source, windows_table.c.due_at.between(began, machine.moment))
            .order_by(windows_table.c.due_at)
        ).all()
    assert [row.due_at for row in rows] == expected
    began_as = {child.run_id: child for child in machine.began}
    harvests = [child.begun for child, verdict in machine.ended if child.entry is source and verdict != "failed"]
    for row in rows:
        assert row.state in {WindowState.DONE, WindowState.FAILED, WindowState.MISSED}, row
        if row.state == WindowState.DONE:
            run, earliest = began_as[row.run_id], (row.due_at - TOLERANCE).timestamp()
            assert run.begun >= earliest - max(0.0, run.begun_off), row
            assert any(each >= earliest for each in harvests), row
        else:
            assert row.note, row
    return Counter(row.state for row in rows)


def live_through(archive: Archive, began: datetime, days: int, dice: random.Random) -> None:
    """The month, or a part of it: two days with trouble, then a quiet one, and so on; compares each hour."""
    entries = {each.source: each for each in (*SOURCES, ROUND)}
    troubled = True

    def behaviour(_source: str) -> ChildBehaviour:
        bad = troubled and dice.random() < 0.04
        return ChildBehaviour(dice.choice(TROUBLES) if bad else "good", dice.uniform(60, 2400))

    machine = SimulatedMachine(
        archive, entries, behaviour, start=began, catch_up=CATCH_UP, at_once=6, scheduler_count=2
    )
    truth = Truth(machine, began)
    hours: Counter[str] = Counter()
    compared_at, right_at, long_sleep = 0.0, 0.0, dice.uniform(4, 5) if days > 5 else 99.0
    machine.step(0)
    while machine.now < (began + timedelta(days=days)).timestamp():
        day = (machine.now - began.timestamp()) / 86400
        troubled = int(day) % 3 != 2
        if troubled:
            before = machine.off
            truth.troubled_at = machine.now if trouble(machine, dice) else truth.troubled_at
            if machine.off != before:
                right_at, truth.last_off = machine.now + dice.uniform(3600, 16 * 3600), machine.now
            if day > long_sleep:
                long_sleep = 99.0
                machine.sleep(3 * 86400)
                truth.troubled_at = machine.now
        else:
            for index, scheduler in enumerate(machine.schedulers):
                if scheduler is None:
                    machine.start_scheduler(index)
        if machine.off and machine.now >= right_at:
            machine.off, truth.last_off = 0.0, machine.now
        machine.step(STEP, schedulers_first=dice.random() < 0.5)
        truth.update()
        if machine.now // 3600 == compared_at:
            continue
        compared_at = machine.now // 3600
        wrong, red = truth.wrongs(), status(machine)
        assert red or not wrong, f"{truth.now}: status is green, but {wrong}"
        assert not (red and truth.quiet()), f"{truth.now}: nothing is wrong, but status says {red}"
        hours["wrong" if wrong else "quiet" if truth.quiet() else "after"] += 1
        hours["red" if red else "green"] += 1
    machine.off = 0.0
    troubled = False
    machine.settle_down()
    machine.finish_now()
    states = sum((check_by_truth(machine, source, began) for source in SOURCES), Counter[str]())
    print(f"hours: {dict(hours)}; windows: {dict(states)}; runs: {len(machine.began)}")  # noqa: T201
    assert days < 30 or hours["quiet"] > sum(hours.values()) / 20
    assert hours["green"] > (sum(hours.values()) / 20 if days >= 30 else 0), "there was something to compare"
    assert states["done"] > sum(states.values()) * 0.8
    assert "news-round" in rounds.plans(archive)
    assert days <= 5 or states["missed"], "three days asleep with a limit of two"


@pytest.mark.large
@pytest.mark.parametrize(
    ("began", "days"),
    [
        (datetime(2025, 3, 28, 6, tzinfo=UTC), 3),
        pytest.param(datetime(2025, 3, 6, 6, tzinfo=UTC), 30, marks=pytest.mark.soak),
    ],
    ids=["three days", "a month"],
)
def test_status_is_green_if_and_only_if_nothing_is_wrong(
    tmp_path: Path, template: Path, monkeypatch: pytest.MonkeyPatch, began: datetime, days: int
) -> None:
    """Summer time begins in New York on 9 March and in Berlin on 30 March.

    The service looks every few seconds, the simulated one in each step. So a start may be that much later here.
    """
    monkeypatch.setattr(watchman, "START_ALLOWED", timedelta(seconds=STEP) + timedelta(minutes=5))
    seed = 20_250_328 if days <= 5 else random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201  shown when the test fails
    with quick_archive(tmp_path, template) as archive, capture_logs():
        live_through(archive, began, days, random.Random(seed))
