"""A clock that jumps under the scheduler: nothing waits for a far future or runs twice at once, and jumps are told."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from archive import clock_jumps, leases, runs, schedules, windows
from archive.clock import Jump
from archive.database import Archive
from archive.window import RunFailure, WindowState
from scheduler.timetable import TimetableEntry
from tests.support.simulated import LEASE_SECONDS, ChildBehaviour, SimulatedMachine

pytestmark = pytest.mark.large

ZONE = "Asia/Jakarta"
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NIGHTLY = TimetableEntry("nightly", "site:nightly.test", ZONE, cron="0 2 * * *", configured=True, time_limit=3600)
HOURLY = TimetableEntry("hourly", "site:hourly.test", ZONE, every=3600, configured=True, time_limit=1800)


def machine_of(archive: Archive, *entries: TimetableEntry) -> SimulatedMachine:
    machine = SimulatedMachine(archive, {entry.source: entry for entry in entries})
    machine.step(0)
    return machine


def jumps(archive: Archive) -> list[Jump]:
    with archive.reading() as connection:
        return list(clock_jumps.last(connection))


@pytest.mark.parametrize("restart", [False, True], ids=["the same service", "a new service"])
def test_after_400_days_ahead_the_windows_come_due_again_at_once(archive: Archive, restart: bool) -> None:
    """The windows that the wrong clock gave up or ran are void; one crawl makes up for those that have come."""
    machine = machine_of(archive, NIGHTLY, HOURLY)
    machine.run_for(DAY)
    machine.off = 400 * 86400.0
    machine.run_for(1.5 * DAY)
    assert runs.latest(archive, "nightly", machine.moment)
    machine.off = 0.0
    if restart:
        machine.start_scheduler(0)
    right_again, began = machine.now, len(machine.began)
    machine.run_for(HOUR)
    caught_up = [child.entry.source for child in machine.began[began:]]
    assert sorted(caught_up) == ["hourly", "hourly", "nightly"], "one catch-up each, and the window of this hour"
    assert machine.began[began].started - right_again <= LEASE_SECONDS + 300
    machine.run_for(2 * DAY)
    machine.finish_now()
    for source in ("nightly", "hourly"):
        machine.check_nothing_lost(source, NOON)
        assert {state for _, state in machine.table(source)} == {"done"}
        report = runs.latest(archive, source, machine.moment)
        assert report
        assert machine.moment - report.started_at < DAY, "not the run dated 400 days ahead"
    set_back = jumps(archive)[0]
    assert set_back.before - set_back.after > 399 * DAY


def test_a_clock_set_back_two_hours_holds_nothing_up(archive: Archive) -> None:
    """The scheduler keeps its lease, sees its children's ends, and starts each window when it comes again."""
    machine = machine_of(archive, HOURLY)
    machine.run_for(3 * HOUR + timedelta(minutes=2))  # a crawl is under way
    assert len(machine.children) == 1
    machine.off = -7200.0
    machine.step(300)
    lease = leases.holder_of(archive, "scheduler", clock=machine.clock)
    assert lease
    assert (lease.living, lease.too_far, lease.generation) == (True, False, 1)
    machine.run_for(HOUR / 2)
    assert machine.children == []
    assert machine.table("hourly")[-1] == (datetime(2025, 3, 3, 13, tzinfo=UTC), "done")
    machine.run_for(6 * HOUR)
    machine.finish_now()
    machine.check_nothing_lost("hourly", NOON)
    starts = [child.started for child in machine.began]
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert max(gaps) <= 3 * 3600, "the true time between two crawls"
    assert [jump.in_words for jump in jumps(archive)] == ["the clock was set back by 2 h 0 min"]


@pytest.mark.parametrize("off", [7200.0, -7200.0, 400 * 86400.0])
def test_a_jump_starts_no_second_crawl_beside_a_living_one(archive: Archive, off: float) -> None:
    """Its lease seems to have expired, or to last for days; it is renewed before anybody takes it."""
    machine = machine_of(archive, NIGHTLY)
    machine.behaviour = lambda _: ChildBehaviour("good", 3000)
    machine.run_for(7 * HOUR + timedelta(minutes=10))
    (crawl,) = machine.began
    machine.schedulers[0] = None  # its successor knows the crawl only by its claim
    machine.off = off
    machine.start_scheduler(0)
    machine.step(60, schedulers_first=True)
    machine.run_for(HOUR, step=60)
    assert crawl.status is not None
    assert crawl.status.exit_code == 0
    after = [child for child in machine.began if child is not crawl and child.started < crawl.started + 3000]
    assert after == []


def test_a_child_s_time_limit_is_true_time(archive: Archive) -> None:
    """A clock set back while a crawl hangs does not keep it: `kill` comes by the clock that nobody sets."""
    machine = machine_of(archive, NIGHTLY)
    machine.behaviour = lambda _: ChildBehaviour("frozen")
    machine.run_for(7 * HOUR + timedelta(minutes=10))
    machine.off = -7200.0
    machine.run_for(timedelta(seconds=2 * LEASE_SECONDS + 900))
    assert machine.began[0].status is not None


def test_a_source_switched_on_or_paused_while_the_clock_stood_ahead_counts_from_now(archive: Archive) -> None:
    flagged = TimetableEntry("hourly", "site:hourly.test", ZONE, every=3600)
    machine = machine_of(archive, flagged)
    schedules.set_enabled(archive, "hourly", True, now=machine.moment + 400 * DAY)
    schedules.pause(archive, "nightly", now=machine.moment + 400 * DAY)
    with capture_logs() as logged:
        machine.run_for(2.5 * HOUR)
    assert [state for _, state in machine.table("hourly")] == ["done", "done"]
    paused_at = schedules.all_schedules(archive)["nightly"].paused_at
    assert paused_at is not None
    assert paused_at <= machine.moment
    assert any(each.get("sources") == ["hourly", "nightly"] for each in logged)


def test_a_retry_in_400_days_is_tried_now(archive: Archive) -> None:
    machine = machine_of(archive, NIGHTLY)
    machine.run_for(7 * HOUR - timedelta(minutes=5))
    due_at = datetime(2025, 3, 3, 19, tzinfo=UTC)
    assert windows.claim(archive, "nightly", [due_at], "one", now=due_at)
    windows.retry(archive, "one", RunFailure.FAILED, now=due_at + 400 * DAY, note="no harvest")
    with archive.writing() as connection:  # as an older version wrote it, without the time of the change
        connection.execute(windows.windows.update().values(at=None))
    machine.run_for(HOUR)
    assert machine.table("nightly") == [(due_at, "done")]


def test_a_clock_that_was_never_set_starts_nothing(archive: Archive) -> None:
    """A machine without a battery shows 1970 until it has asked the time: nothing is recorded until then."""
    machine = machine_of(archive, HOURLY)
    machine.run_for(3 * HOUR + timedelta(minutes=30))
    before = machine.table("hourly"), len(machine.began)
    machine.off = -machine.now
    machine.start_scheduler(0)
    with capture_logs() as logged:
        machine.run_for(5 * HOUR)
    assert any("the clock was never set" in each["event"] for each in logged)
    machine.off = 0.0
    machine.step(60)
    assert (machine.table("hourly")[:4], len(machine.began)) == (before[0], before[1])
    machine.run_for(2 * HOUR)
    machine.finish_now()
    machine.check_nothing_lost("hourly", NOON)
    assert machine.began[before[1]].entry is HOURLY


def test_a_year_asleep_makes_one_catch_up(archive: Archive) -> None:
    """Of an interval of a minute one crawl covers all, and some hundred rows tell it."""
    minutely = TimetableEntry("minutely", "site:m.test", ZONE, every=60, configured=True, time_limit=1800)
    machine = machine_of(archive, minutely)
    machine.run_for(timedelta(minutes=10), step=60)
    woken_at = machine.moment + 365 * DAY
    machine.sleep(365 * 86400)
    machine.run_for(timedelta(minutes=25), step=60)
    found = windows.history(archive, "minutely", 10_000, machine.moment)
    (stands_for_many,) = [each for each in found if each.since]
    caught_up = [each for each in found if stands_for_many.due_at <= each.due_at <= woken_at]
    assert stands_for_many.since == NOON + timedelta(minutes=11)
    assert 490 < len(caught_up) <= 501
    assert {each.state for each in caught_up} == {WindowState.DONE}
    assert len({each.run_id for each in caught_up}) == 1
    assert len(found) < 600


def test_jumps_are_recorded_once_by_the_one_that_leads(archive: Archive) -> None:
    machine = SimulatedMachine(archive, {"hourly": HOURLY}, scheduler_count=2)
    machine.run_for(HOUR)
    for off, words in ((3 * 86400.0, "forward by 3 d 0 h"), (0.0, "back by 3 d 0 h"), (60.0, None), (0.0, None)):
        before = len(jumps(archive))
        machine.off = off
        machine.run_for(HOUR)
        found = [jump.in_words for jump in jumps(archive)[: len(jumps(archive)) - before]]
        assert found == ([f"the clock was set {words}"] if words else [])
    machine.sleep(5 * 86400)
    machine.run_for(HOUR)
    assert len(jumps(archive)) == 2, "a sleep is no jump"
