"""A clock that is wrong by hours: what it did too early is done again when its time truly comes, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import clock_jumps, runs
from archive.clock import ClockReading, Jump
from archive.clock_jumps import ClockChange, Clocks
from archive.database import Archive
from scheduler.timetable import TimetableEntry
from tests.support.simulated import SimulatedMachine

pytestmark = pytest.mark.large

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
TWO = datetime(2025, 3, 3, 19, tzinfo=UTC)
"""02:00 in Jakarta."""
NIGHTLY = TimetableEntry("nightly", "site:n.test", "Asia/Jakarta", cron="0 2 * * *", configured=True, time_limit=3600)


def true_starts(machine: SimulatedMachine) -> list[datetime]:
    return [datetime.fromtimestamp(child.started, UTC) for child in machine.began]


@pytest.mark.parametrize("dead", [False, True], ids=["noticed", "while no scheduler ran"])
def test_a_crawl_that_ended_just_after_its_window_in_the_wrong_time_is_run_again(archive: Archive, dead: bool) -> None:
    """The clock is seven hours ahead from noon on, and set right after half an hour. The window of 02:00 comes once
    more, and the rows of the wrong time, which lie within five minutes of it, do not count."""
    machine = SimulatedMachine(archive, {"nightly": NIGHTLY})
    machine.step(0)
    machine.off = 7 * 3600.0 - 60
    machine.run_for(timedelta(minutes=15), step=60)
    assert len(machine.began) == 1, "at 02:00 of the wrong clock"
    if dead:
        machine.schedulers[0] = None
    machine.off = 0.0
    machine.sleep(600)
    if dead:
        machine.start_scheduler(0)
    machine.run_for(9 * HOUR)
    starts = true_starts(machine)
    assert [each >= TWO for each in starts] == [False, True]
    assert machine.table("nightly") == [(TWO, "done")]
    with archive.reading() as connection:
        last = runs.last_harvest(connection, "nightly", machine.moment)
        assert last is not None
        assert timedelta() <= last - starts[1] <= timedelta(minutes=5)
    assert len([jump for jump in jumps(archive) if jump.after < jump.before]) == 1


def test_a_clock_set_back_by_mistake_and_right_again_runs_nothing_twice(archive: Archive) -> None:
    machine = SimulatedMachine(archive, {"nightly": NIGHTLY})
    machine.step(0)
    machine.run_for(8 * HOUR)
    machine.off = -7200.0
    machine.run_for(timedelta(minutes=20))
    machine.off = 0.0
    machine.run_for(5 * HOUR)
    assert len(machine.began) == 1
    assert machine.table("nightly") == [(TWO, "done")]


@pytest.mark.parametrize("off", [-600.0, -7.7 * 3600])
def test_a_clock_set_back_gives_up_no_window_that_was_run(archive: Archive, off: float) -> None:
    """By the new clock each crawl of the last days began before its window. The next crawl made up for it, whichever
    clock is right: only the windows of the last day are run again, in one crawl."""
    hourly = TimetableEntry("hourly", "site:h.test", "Asia/Jakarta", every=3600, configured=True, time_limit=3600)
    machine = SimulatedMachine(archive, {"hourly": hourly})
    machine.step(0)
    machine.run_for(timedelta(days=4))
    machine.off = off
    before = len(machine.began)
    machine.run_for(2 * HOUR)
    assert {state for _, state in machine.table("hourly")} == {"done"}
    assert len(machine.began) - before <= 4, "the last one again, and those of two hours"
    machine.off = 0.0
    machine.run_for(2.5 * HOUR)
    assert {state for _, state in machine.table("hourly")} == {"done"}
    assert len(machine.began) - before <= 8
    assert len(machine.table("hourly")) == 4 * 24 + 5


def test_a_jump_is_told_for_a_day_by_the_clock_that_is_right_now(archive: Archive) -> None:
    """Ahead by 11 h and right again an hour later: both are over a day after, not when the wrong time has come."""
    with archive.writing() as connection:
        clock_jumps.record(connection, Jump(NOON, NOON + 11 * HOUR))
        clock_jumps.record(connection, Jump(NOON + 12 * HOUR, NOON + HOUR))
    assert [jump.happened for jump in jumps(archive)] == [NOON + HOUR, NOON]


def jumps(archive: Archive) -> list[Jump]:
    with archive.reading() as connection:
        return list(clock_jumps.last(connection))


@pytest.mark.parametrize(
    ("number", "stored", "today"),
    [
        (0, NOON - 3 * HOUR, NOON - 3 * HOUR),  # ahead by 12 h and back again: as it was
        (1, NOON + 13 * HOUR, NOON + HOUR),  # while it stood ahead
        (2, NOON + 3 * HOUR, NOON + 3 * HOUR),
        (3, NOON + 3 * HOUR, NOON + 3 * HOUR),
        (None, NOON + 13 * HOUR, NOON + 13 * HOUR),
    ],
)
def test_a_stored_moment_is_told_by_the_clock_as_it_is_now(
    archive: Archive, number: int | None, stored: datetime, today: datetime
) -> None:
    with archive.writing() as connection:
        clock_jumps.record(connection, Jump(NOON, NOON + 12 * HOUR))
        clock_jumps.record(connection, Jump(NOON + 14 * HOUR, NOON + 2 * HOUR))
        clock_jumps.record(connection, Jump(NOON + 4 * HOUR, NOON + 4 * HOUR), ClockChange.START)
        clocks = Clocks.of(connection)
        assert clocks.today(stored, number) == today


def test_before_a_start_a_moment_is_at_most_that_of_the_start(archive: Archive) -> None:
    """What the clock showed before the machine was started is unknown: what lies ahead of the start was wrong. A jump
    after the start moves that bound, and not the moment."""
    with archive.writing() as connection:
        clock_jumps.record(connection, Jump(NOON, NOON), ClockChange.START)
        assert Clocks.of(connection).today(NOON + HOUR, 0) == NOON
        clock_jumps.record(connection, Jump(NOON, NOON + 3 * HOUR))
        assert Clocks.of(connection).today(NOON + HOUR, 0) == NOON + HOUR
        assert Clocks.of(connection).today(NOON - HOUR, 0) == NOON - HOUR


def test_the_next_scheduler_compares_with_the_reading_of_the_last_one(archive: Archive, tmp_path: Path) -> None:
    with archive.writing() as connection:
        assert clock_jumps.last_reading(connection) is None
        clock_jumps.store_reading(connection, "boot", ClockReading(1.0, 2.0))
        clock_jumps.store_reading(connection, "boot", ClockReading(3.0, 4.0))
        assert clock_jumps.last_reading(connection) == ("boot", ClockReading(3.0, 4.0))
