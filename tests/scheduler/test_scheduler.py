"""The scheduler on a simulated machine: each window is run once, whatever is killed, asleep or started twice."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from archive import leases, runs, schedules, windows
from archive.database import Archive
from archive.leases import LeaseLostError
from archive.window import RETRY_MINUTES, START_SECONDS, RunFailure, WindowState
from scheduler.timetable import TimetableEntry
from tests.support.postgresql.archives import DATABASES
from tests.support.simulated import (
    LEASE_SECONDS,
    ChildBehaviour,
    SimulatedMachine,
)

ZONE = "Asia/Jakarta"
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NIGHTLY = TimetableEntry("nightly", "site:nightly.test", ZONE, cron="0 2 * * *", configured=True, time_limit=3600)
HOURLY = TimetableEntry("hourly", "site:hourly.test", ZONE, every=3600, configured=True, time_limit=1800)


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """Each database in turn; other files of the scheduler's tests, whose subject is time, have SQLite alone."""
    return str(request.param)


def timetable(*entries: TimetableEntry) -> dict[str, TimetableEntry]:
    return {entry.source: entry for entry in entries}


def test_each_window_is_run_once_and_the_index_follows(archive: Archive) -> None:
    """A day without trouble: one run a window, a follow after each, and no window from before the source was on."""
    machine = SimulatedMachine(archive, timetable(NIGHTLY, HOURLY))
    machine.step(0)  # at noon the scheduler sees the sources for the first time
    machine.run_for(24.5 * HOUR)
    assert machine.table("nightly") == [(datetime(2025, 3, 3, 19, tzinfo=UTC), "done")]
    assert [state for _, state in machine.table("hourly")] == ["done"] * 25
    assert len(machine.began) == 26
    assert 25 <= machine.follows <= 26, "one follow for each ended run; two that end in one tick share one"
    machine.check_nothing_lost("nightly", NOON)
    machine.check_nothing_lost("hourly", NOON)


def test_windows_missed_asleep_are_caught_up_by_one_run(archive: Archive) -> None:
    """After ten hours of sleep one run covers all ten windows, so the publisher is crawled once."""
    machine = SimulatedMachine(archive, timetable(HOURLY))
    machine.run_for(HOUR + timedelta(minutes=20))
    before = len(machine.began)
    machine.sleep(10 * 3600)
    machine.run_for(timedelta(minutes=30))
    assert len(machine.began) == before + 1
    found = windows.history(archive, "hourly", 10)
    assert len(found) == 10
    assert {window.run_id for window in found} == {machine.began[-1].run_id}
    assert {str(window.state) for window in found} == {"done"}


def test_windows_older_than_the_limit_are_recorded_as_missed(archive: Archive) -> None:
    """Five days asleep with a catch-up of two leave three windows recorded as missed."""
    machine = SimulatedMachine(archive, timetable(NIGHTLY), catch_up=timedelta(days=2))
    machine.step(0)
    machine.sleep(5 * 86400)
    machine.run_for(HOUR)
    assert [state for _, state in machine.table("nightly")] == ["missed", "missed", "missed", "done", "done"]
    missed = windows.history(archive, "nightly")[-1]
    assert missed.note == "not run within 2 days"
    machine.check_nothing_lost("nightly", NOON)


def test_a_failed_harvest_is_tried_again_with_growing_delays_and_then_fails_visibly(archive: Archive) -> None:
    """Five attempts with growing gaps; then the window is failed, with the reason."""
    machine = SimulatedMachine(archive, timetable(NIGHTLY), behaviour=lambda _: ChildBehaviour("failed", 60))
    machine.run_for(23 * HOUR)
    starts = [child.started for child in machine.began]
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert len(starts) == 1 + len(RETRY_MINUTES[RunFailure.FAILED])
    assert gaps == sorted(gaps)
    assert gaps[0] >= 600
    [window] = windows.history(archive, "nightly")
    assert (str(window.state), window.attempts, window.next_try) == ("failed", 5, None)
    assert window.note


def test_a_killed_crawl_is_taken_over_when_its_lease_has_run_out(archive: Archive) -> None:
    """A killed child says nothing about the publisher: the next starts when the dead child's lease has expired."""
    behaviours = [ChildBehaviour("dies", 120), ChildBehaviour("good", 60)]
    machine = SimulatedMachine(archive, timetable(NIGHTLY), behaviour=lambda _: behaviours.pop(0))
    machine.run_for(7 * HOUR)
    machine.run_for(HOUR, step=60)
    first, second = machine.began
    assert 0 < second.started - first.started <= LEASE_SECONDS + 240
    assert [state for _, state in machine.table("nightly")] == ["done"]


def test_a_child_that_dies_before_it_writes_its_run_is_replaced(archive: Archive) -> None:
    behaviours = [ChildBehaviour("dies-at-start"), ChildBehaviour("good", 60)]
    machine = SimulatedMachine(archive, timetable(NIGHTLY), behaviour=lambda _: behaviours.pop(0))
    machine.run_for(8 * HOUR)
    machine.check_nothing_lost("nightly", NOON)
    assert len(machine.began) == 1


def test_a_frozen_child_is_killed_and_its_windows_taken_over(archive: Archive) -> None:
    """A child that stops renewing its lease is killed before its time limit, so it does not block its source."""
    behaviours = [ChildBehaviour("frozen"), ChildBehaviour("good", 60)]
    patient = TimetableEntry("nightly", "site:nightly.test", ZONE, cron="0 2 * * *", configured=True, time_limit=1e6)
    machine = SimulatedMachine(archive, timetable(patient), behaviour=lambda _: behaviours.pop(0))
    machine.run_for(9 * HOUR)
    assert machine.began[0].status is not None
    assert machine.began[0].status.forced
    assert [state for _, state in machine.table("nightly")] == ["done"]


def test_a_child_that_slept_with_the_machine_continues(archive: Archive) -> None:
    """After the machine slept every lease has expired; a child that wakes up renews its own, and is not killed."""
    machine = SimulatedMachine(archive, timetable(NIGHTLY), behaviour=lambda _: ChildBehaviour("good", 1800))
    machine.run_for(7 * HOUR + timedelta(minutes=10))
    assert len(machine.began) == 1
    machine.sleep(2 * LEASE_SECONDS)
    machine.step(60, schedulers_first=True)
    machine.run_for(HOUR)
    assert len(machine.began) == 1
    assert [state for _, state in machine.table("nightly")] == ["done"]


def test_a_new_scheduler_settles_the_run_of_a_dead_one(archive: Archive) -> None:
    """The crawl outlives its scheduler; the next scheduler waits for its end and does not start another."""
    machine = SimulatedMachine(archive, timetable(NIGHTLY), behaviour=lambda _: ChildBehaviour("good", 3000))
    machine.run_for(7 * HOUR + timedelta(minutes=10))
    machine.schedulers[0] = None
    machine.run_for(timedelta(minutes=20))
    machine.start_scheduler(0)
    machine.run_for(2 * HOUR)
    assert len(machine.began) == 1
    machine.check_nothing_lost("nightly", NOON)
    assert [state for _, state in machine.table("nightly")] == ["done"]


def test_a_scheduler_killed_between_claim_and_start_loses_nothing(archive: Archive) -> None:
    """A claim whose run never begins is retried after `START_SECONDS`."""
    machine = SimulatedMachine(archive, timetable(NIGHTLY))
    machine.run_for(HOUR)
    due_at = datetime(2025, 3, 3, 19, tzinfo=UTC)
    machine.now = due_at.timestamp()
    assert windows.claim(archive, "nightly", [due_at], "never-begins", now=machine.moment)
    machine.schedulers[0] = None
    machine.start_scheduler(0)
    machine.run_for(timedelta(seconds=START_SECONDS), step=60)
    assert machine.began == []
    machine.run_for(HOUR, step=60)
    assert [state for _, state in machine.table("nightly")] == ["done"]
    assert len(machine.began) == 1


def test_of_two_schedulers_one_leads_and_the_other_takes_over(archive: Archive) -> None:
    """Two on one database run each window once; when the leader is killed the other leads once its lease expires."""
    machine = SimulatedMachine(archive, timetable(HOURLY), scheduler_count=2)
    machine.run_for(5.4 * HOUR)
    assert [scheduler is not None and scheduler.leads for scheduler in machine.schedulers] == [True, False]
    assert len(machine.began) == len(machine.table("hourly"))
    machine.schedulers[0] = None
    machine.run_for(timedelta(seconds=LEASE_SECONDS + 300))
    assert machine.schedulers[1] is not None
    assert machine.schedulers[1].leads
    machine.run_for(5 * HOUR)
    machine.finish_now()
    machine.check_nothing_lost("hourly", NOON + HOUR / 2)


def test_a_scheduler_that_froze_and_woke_writes_nothing_beside_its_successor(archive: Archive) -> None:
    """Each of its writes checks its lease inside the transaction."""
    first = leases.acquire(archive, "scheduler", seconds=60, clock=lambda: 1000.0)
    second = leases.acquire(archive, "scheduler", seconds=60, clock=lambda: 2000.0)
    assert first is not None
    assert second is not None
    lapse = windows.Lapse("nightly", NOON, WindowState.MISSED, "late")
    for write in (
        lambda: windows.claim(archive, "nightly", [NOON], "a", now=NOON, lease=first),
        lambda: windows.record_lapses(archive, [lapse], now=NOON, lease=first),
        lambda: windows.finish(archive, "a", now=NOON, lease=first),
        lambda: windows.retry(archive, "a", RunFailure.DIED, now=NOON, note="", lease=first),
        lambda: windows.release(archive, "a", now=NOON, note="", lease=first),
        lambda: schedules.record_enabled(archive, ["nightly"], now=NOON, lease=first),
    ):
        with pytest.raises(LeaseLostError):
            write()
    assert windows.history(archive) == []


def test_of_two_claims_one_gets_the_windows(archive: Archive) -> None:
    assert windows.claim(archive, "nightly", [NOON], "first", now=NOON)
    assert not windows.claim(archive, "nightly", [NOON], "second", now=NOON)
    assert not windows.claim(archive, "nightly", [NOON + HOUR], "second", now=NOON), "one run of a source at once"
    assert windows.finish(archive, "first", now=NOON) == 0 + 1
    assert not windows.claim(archive, "nightly", [NOON], "third", now=NOON), "an end is final"
    assert windows.claim(archive, "nightly", [NOON + HOUR], "third", now=NOON)


def test_sources_of_one_politeness_group_take_turns(archive: Archive) -> None:
    """Two sources on the same hosts are due at the same time, and run one after the other."""
    pair = [TimetableEntry(name, "site:same.test", ZONE, cron="0 2 * * *", configured=True) for name in ("one", "two")]
    machine = SimulatedMachine(archive, timetable(*pair))
    machine.run_for(9 * HOUR)
    first, second = machine.began
    assert second.started >= first.started + first.behaviour.seconds
    assert [state for name in ("one", "two") for _, state in machine.table(name)] == ["done", "done"]


def test_a_crawl_by_hand_holds_the_scheduled_one_back(archive: Archive) -> None:
    """While another process holds the group's lease no child is started, and the window waits."""
    machine = SimulatedMachine(archive, timetable(NIGHTLY))
    machine.run_for(6 * HOUR)
    by_hand = leases.acquire(archive, NIGHTLY.lease, seconds=3 * 3600, clock=machine.clock)
    assert by_hand is not None
    machine.run_for(2 * HOUR)
    assert machine.began == []
    by_hand.release()
    machine.run_for(HOUR)
    assert [state for _, state in machine.table("nightly")] == ["done"]


def test_a_child_that_finds_the_lease_taken_counts_as_no_attempt(archive: Archive) -> None:
    machine = SimulatedMachine(archive, timetable(NIGHTLY))
    machine.run_for(7 * HOUR - timedelta(minutes=5))
    machine.now += 300
    machine.tick_schedulers()
    by_hand = leases.acquire(archive, NIGHTLY.lease, seconds=600, clock=machine.clock)
    assert by_hand is not None
    machine.step(60)
    [window] = windows.history(archive, "nightly")
    assert (str(window.state), window.attempts, window.run_id) == ("waiting", 0, None)
    machine.run_for(HOUR)
    assert [state for _, state in machine.table("nightly")] == ["done"]


def test_no_more_children_run_than_allowed(archive: Archive) -> None:
    """Nine sources due at the same time run two at a time, and all are done."""
    many = [
        TimetableEntry(f"s{number}", f"site:{number}", ZONE, cron="0 2 * * *", configured=True) for number in range(9)
    ]
    machine = SimulatedMachine(archive, timetable(*many), at_once=2)
    most = 0
    while machine.now < NOON.timestamp() + 9 * 3600:
        machine.step(120)
        most = max(most, len(machine.children))
    assert most == 2
    assert all(machine.table(entry.source)[-1][1] == "done" for entry in many)


def test_pause_and_resume(archive: Archive) -> None:
    """A paused source does not run; resumed, it starts from then. Windows open when the pause began are missed."""
    machine = SimulatedMachine(archive, timetable(HOURLY))
    machine.run_for(HOUR / 2)
    assert schedules.pause(archive, "hourly", now=machine.moment + 2 * HOUR)
    assert not schedules.pause(archive, "hourly", now=machine.moment)
    machine.sleep(5 * 3600)
    machine.step(60)
    assert [state for _, state in machine.table("hourly")] == ["missed", "missed"]
    assert machine.began == []
    assert schedules.resume(archive, "hourly", now=machine.moment)
    assert not schedules.resume(archive, "hourly", now=machine.moment)
    machine.run_for(HOUR)
    assert [state for _, state in machine.table("hourly")] == ["missed", "missed", "done"]


def test_a_source_switched_off_and_on_starts_anew(archive: Archive) -> None:
    """`sources disable` stops the windows; `sources enable` starts them from that moment, without the ones between."""
    flagged = TimetableEntry("hourly", "site:hourly.test", ZONE, every=3600)
    machine = SimulatedMachine(archive, timetable(flagged))
    machine.run_for(2.5 * HOUR)
    assert machine.table("hourly") == [], "off until it is switched on"
    for enabled, runs_so_far in ((True, 3), (False, 3), (True, 6), (None, 6)):
        schedules.set_enabled(archive, "hourly", enabled, now=machine.moment)
        machine.run_for(3 * HOUR)
        assert len(machine.began) == runs_so_far


def test_a_timetable_edited_today_makes_no_window_of_the_past(archive: Archive) -> None:
    machine = SimulatedMachine(archive, timetable(HOURLY))
    machine.run_for(3 * HOUR + timedelta(minutes=20))
    before = len(machine.began)
    machine.timetable = timetable(
        TimetableEntry("hourly", HOURLY.lease, ZONE, cron="0 16 * * *", configured=True)
    )  # 09:00 UTC
    machine.run_for(HOUR)
    assert len(machine.began) == before


def test_an_error_of_follow_is_reported_and_stops_nothing(archive: Archive) -> None:
    machine = SimulatedMachine(archive, timetable(HOURLY))

    def failing_follow() -> None:
        raise RuntimeError("no index today")

    machine._follow = failing_follow  # type: ignore[method-assign]  # in place of the machine's own, which only counts
    machine.start_scheduler(0)
    with capture_logs() as logged:
        machine.run_for(3 * HOUR + timedelta(minutes=20))
    assert [state for _, state in machine.table("hourly")] == ["done", "done", "done"]
    assert any("follow failed" in each["event"] for each in logged)


def test_a_child_that_cannot_be_started_is_an_attempt_with_its_reason(archive: Archive) -> None:
    machine = SimulatedMachine(archive, timetable(NIGHTLY))

    def full_disk(entry: TimetableEntry, run_id: str) -> None:
        raise OSError("no space left")

    machine._start_child = full_disk  # type: ignore[method-assign,assignment]  # raises as a full disk does
    machine.start_scheduler(0)
    machine.run_for(20 * HOUR)
    [window] = windows.history(archive, "nightly")
    assert str(window.state) == "failed"
    assert window.note == "the crawl could not be started: no space left"


def test_closing_releases_claims_and_the_next_scheduler_runs_them(archive: Archive) -> None:
    """A child stopped by `close` costs no attempt; the window of one that had just succeeded is done."""
    behaviours = {"nightly": ChildBehaviour("good", 3000), "quick": ChildBehaviour("good", 400)}
    quick = TimetableEntry("quick", "site:quick.test", ZONE, cron="0 2 * * *", configured=True)
    machine = SimulatedMachine(archive, timetable(NIGHTLY, quick), behaviour=behaviours.__getitem__)
    machine.run_for(7 * HOUR + timedelta(minutes=5))
    assert len(machine.children) == 2
    quick_child = next(child for child in machine.children if child.entry is quick)
    machine.now += 300
    machine.awake += 300
    quick_child.advance()  # succeeds just before `close` stops it
    scheduler = machine.schedulers[0]
    assert scheduler is not None
    scheduler.close(pause=lambda _: machine.advance_children())
    assert machine.table("quick")[-1][1] == "done"
    [window] = windows.history(archive, "nightly")
    assert (str(window.state), window.attempts, window.note) == ("waiting", 0, "released: the service was stopped")
    lease = leases.holder_of(archive, "scheduler", clock=machine.clock)
    assert lease is not None
    assert not lease.living
    machine.start_scheduler(0)
    machine.run_for(2 * HOUR)
    machine.check_nothing_lost("nightly", NOON)


def test_a_failed_window_is_done_when_its_run_wakes_up_and_succeeds(archive: Archive) -> None:
    """A crawl presumed dead on its last attempt wakes up before anyone took its lease, and stores its articles."""
    machine = SimulatedMachine(archive, timetable(NIGHTLY))
    machine.run_for(HOUR)
    due_at = datetime(2025, 3, 3, 19, tzinfo=UTC)
    for _ in range(5):
        assert windows.claim(archive, "nightly", [due_at], "sleeper", now=due_at)
        windows.retry(archive, "sleeper", RunFailure.DIED, now=due_at, note="no sign of life")
    machine.now = due_at.timestamp()
    machine.step(60)
    assert [state for _, state in machine.table("nightly")] == ["failed"]
    with archive.writing() as connection:
        fields = {"source": "nightly", "kind": "crawl", "holder": "h", "lease": None, "now": due_at}
        runs.begin(connection, "sleeper", **fields)
        good = runs.Verdict("good", None)
        runs.finish(connection, "sleeper", listed=1, traffic={}, verdict=good, now=machine.moment)
    follows = machine.follows
    machine.step(60)
    machine.step(60)
    assert [state for _, state in machine.table("nightly")] == ["done"]
    assert machine.follows == follows + 1


def test_a_run_that_needs_attention_makes_its_window_done(archive: Archive) -> None:
    machine = SimulatedMachine(archive, timetable(NIGHTLY), behaviour=lambda _: ChildBehaviour("attention"))
    machine.run_for(9 * HOUR)
    assert [state for _, state in machine.table("nightly")] == ["done"]
    report = runs.latest(archive, "nightly")
    assert report is not None
    assert report.verdict == "attention"
