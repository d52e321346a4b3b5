"""The scheduler on a simulated machine: each window is run once, whatever is killed, asleep or doubled."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from structlog.testing import capture_logs

from archive import leases, runs, windows
from archive.database import Archive
from archive.leases import LeaseLostError
from archive.windows import START_SECONDS, Blow
from scheduler.timetable import TimetableEntry
from tests.support.simulated import (
    LEASE_SECONDS,
    ChildBehaviour,
    SimulatedMachine,
    quick_archive,
)

ZONE = "Asia/Jakarta"
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NIGHTLY = TimetableEntry("nightly", "site:nightly.test", ZONE, cron="0 2 * * *", configured=True, time_limit=3600)
HOURLY = TimetableEntry("hourly", "site:hourly.test", ZONE, every=3600, configured=True, time_limit=1800)


def timetable(*entries: TimetableEntry) -> dict[str, TimetableEntry]:
    return {entry.source: entry for entry in entries}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    with quick_archive(folder) as archive, archive.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "archive.sqlite3"


@pytest.fixture(autouse=True)
def logs_of_our_own() -> None:
    """A command that another test ran in this process has turned the logs to its own standard error."""
    structlog.reset_defaults()


@pytest.fixture
def archive(tmp_path: Path, template: Path) -> Iterator[Archive]:
    with quick_archive(tmp_path, template) as archive:
        yield archive


def test_each_window_is_run_once_and_the_index_follows(archive: Archive) -> None:
    """A calm day: one run a window, a follow after each, and a start from the moment of switching on."""
    world = SimulatedMachine(archive, timetable(NIGHTLY, HOURLY))
    world.step(0)  # the scheduler sees the sources for the first time at noon
    world.run_for(24.5 * HOUR)
    assert world.table("nightly") == [(datetime(2025, 3, 3, 19, tzinfo=UTC), "done")]
    assert [state for _, state in world.table("hourly")] == ["done"] * 25
    assert len(world.begun) == 26
    assert 25 <= world.follows <= 26, "one follow for each that ended; two that end in one look share one"
    world.check_nothing_lost("nightly", NOON)
    world.check_nothing_lost("hourly", NOON)


def test_windows_missed_asleep_are_caught_up_by_one_run(archive: Archive) -> None:
    """A machine that slept ten hours asks the publisher once, not ten times; the run covers every window."""
    world = SimulatedMachine(archive, timetable(HOURLY))
    world.run_for(HOUR + timedelta(minutes=20))
    before = len(world.begun)
    world.sleep(10 * 3600)
    world.run_for(timedelta(minutes=30))
    assert len(world.begun) == before + 1
    found = windows.history(archive, "hourly", 10)
    assert len(found) == 10
    assert {window.run_id for window in found} == {world.begun[-1].run_id}
    assert {str(window.state) for window in found} == {"done"}


def test_windows_older_than_the_limit_are_recorded_as_missed(archive: Archive) -> None:
    """Nothing is dropped in silence: five days asleep with a limit of two leave three days of missed windows."""
    world = SimulatedMachine(archive, timetable(NIGHTLY), catch_up=timedelta(days=2))
    world.step(0)
    world.sleep(5 * 86400)
    world.run_for(HOUR)
    assert [state for _, state in world.table("nightly")] == ["missed", "missed", "missed", "done", "done"]
    missed = windows.history(archive, "nightly")[-1]
    assert missed.note == "not run within 2 days"
    world.check_nothing_lost("nightly", NOON)


def test_a_failed_harvest_is_tried_again_with_growing_delays_and_then_fails_visibly(archive: Archive) -> None:
    """Five attempts, ever further apart; then the window stands as failed, with the reason."""
    world = SimulatedMachine(archive, timetable(NIGHTLY), fate=lambda _: ChildBehaviour("failed", 60))
    world.run_for(23 * HOUR, step=60)
    starts = [child.started for child in world.begun]
    gaps = [later - earlier for earlier, later in itertools.pairwise(starts)]
    assert len(starts) == 1 + len(windows.RETRY_MINUTES[Blow.FAILED])
    assert gaps == sorted(gaps)
    assert gaps[0] >= 600
    [window] = windows.history(archive, "nightly")
    assert (str(window.state), window.attempts, window.next_try) == ("failed", 5, None)
    assert window.note


def test_a_killed_crawl_is_taken_over_when_its_lease_has_run_out(archive: Archive) -> None:
    """A killed child says nothing about the publisher: the next begins as soon as the dead one's lease is over."""
    fates = [ChildBehaviour("dies", 120), ChildBehaviour("good", 60)]
    world = SimulatedMachine(archive, timetable(NIGHTLY), fate=lambda _: fates.pop(0))
    world.run_for(12 * HOUR, step=60)
    first, second = world.begun
    assert 0 < second.started - first.started <= LEASE_SECONDS + 240
    assert [state for _, state in world.table("nightly")] == ["done"]


def test_a_child_that_dies_before_it_writes_its_run_is_replaced(archive: Archive) -> None:
    fates = [ChildBehaviour("unborn"), ChildBehaviour("good", 60)]
    world = SimulatedMachine(archive, timetable(NIGHTLY), fate=lambda _: fates.pop(0))
    world.run_for(8 * HOUR)
    world.check_nothing_lost("nightly", NOON)
    assert len(world.begun) == 1


def test_a_frozen_child_is_killed_and_its_windows_taken_over(archive: Archive) -> None:
    """A child that stops renewing its lease, and does not wake, does not hold the source until its time limit."""
    fates = [ChildBehaviour("frozen"), ChildBehaviour("good", 60)]
    patient = TimetableEntry("nightly", "site:nightly.test", ZONE, cron="0 2 * * *", configured=True, time_limit=1e6)
    world = SimulatedMachine(archive, timetable(patient), fate=lambda _: fates.pop(0))
    world.run_for(9 * HOUR)
    assert world.begun[0].ending is not None
    assert world.begun[0].ending.forced
    assert [state for _, state in world.table("nightly")] == ["done"]


def test_a_child_that_slept_with_the_machine_goes_on(archive: Archive) -> None:
    """After a sleep every lease has lapsed; a child that wakes with us renews it, and is not killed for it."""
    world = SimulatedMachine(archive, timetable(NIGHTLY), fate=lambda _: ChildBehaviour("good", 1800))
    world.run_for(7 * HOUR + timedelta(minutes=10))
    assert len(world.begun) == 1
    world.sleep(2 * LEASE_SECONDS)
    world.step(60, schedulers_first=True)
    world.run_for(HOUR)
    assert len(world.begun) == 1
    assert [state for _, state in world.table("nightly")] == ["done"]


def test_a_new_scheduler_settles_what_a_dead_one_began(archive: Archive) -> None:
    """The crawl outlives its scheduler; the next one waits for its end and does not crawl again."""
    world = SimulatedMachine(archive, timetable(NIGHTLY), fate=lambda _: ChildBehaviour("good", 3000))
    world.run_for(7 * HOUR + timedelta(minutes=10))
    world.schedulers[0] = None
    world.run_for(timedelta(minutes=20))
    world.revive(0)
    world.run_for(2 * HOUR)
    assert len(world.begun) == 1
    world.check_nothing_lost("nightly", NOON)
    assert [state for _, state in world.table("nightly")] == ["done"]


def test_a_scheduler_killed_between_claim_and_start_loses_nothing(archive: Archive) -> None:
    """A claim whose run never begins is tried again once the time for beginning has passed."""
    world = SimulatedMachine(archive, timetable(NIGHTLY))
    world.run_for(HOUR)
    due_at = datetime(2025, 3, 3, 19, tzinfo=UTC)
    world.now = due_at.timestamp()
    assert windows.claim(archive, "nightly", [due_at], "never-begins", now=world.moment)
    world.schedulers[0] = None
    world.revive(0)
    world.run_for(timedelta(seconds=START_SECONDS), step=60)
    assert world.begun == []
    world.run_for(HOUR, step=60)
    assert [state for _, state in world.table("nightly")] == ["done"]
    assert len(world.begun) == 1


def test_of_two_schedulers_one_leads_and_the_other_takes_over(archive: Archive) -> None:
    """Two on one database run each window once; when the first is killed the second goes on within the lease's time."""
    world = SimulatedMachine(archive, timetable(HOURLY), places=2)
    world.run_for(5.4 * HOUR)
    assert [scheduler is not None and scheduler.leads for scheduler in world.schedulers] == [True, False]
    assert len(world.begun) == len(world.table("hourly"))
    world.schedulers[0] = None
    world.run_for(timedelta(seconds=LEASE_SECONDS + 300))
    assert world.schedulers[1] is not None
    assert world.schedulers[1].leads
    world.run_for(5 * HOUR)
    world.finish_now()
    world.check_nothing_lost("hourly", NOON + HOUR / 2)


def test_a_scheduler_that_froze_and_woke_writes_nothing_beside_its_successor(archive: Archive) -> None:
    """Its claims check its lease inside the transaction."""
    first = leases.acquire(archive, "scheduler", seconds=60, clock=lambda: 1000.0)
    second = leases.acquire(archive, "scheduler", seconds=60, clock=lambda: 2000.0)
    assert first is not None
    assert second is not None
    for write in (
        lambda: windows.claim(archive, "nightly", [NOON], "a", now=NOON, lease=first),
        lambda: windows.give_up(archive, [("nightly", NOON, windows.WindowState.MISSED, "late")], lease=first),
        lambda: windows.finish(archive, "a", lease=first),
        lambda: windows.retry(archive, "a", Blow.DIED, now=NOON, note="", lease=first),
        lambda: windows.release(archive, "a", now=NOON, note="", lease=first),
        lambda: windows.mark_on(archive, ["nightly"], now=NOON, lease=first),
    ):
        with pytest.raises(LeaseLostError):
            write()
    assert windows.history(archive) == []


def test_of_two_claims_one_gets_the_windows(archive: Archive) -> None:
    assert windows.claim(archive, "nightly", [NOON], "first", now=NOON)
    assert not windows.claim(archive, "nightly", [NOON], "second", now=NOON)
    assert not windows.claim(archive, "nightly", [NOON + HOUR], "second", now=NOON), "one run of a source at once"
    assert windows.finish(archive, "first") == 0 + 1
    assert not windows.claim(archive, "nightly", [NOON], "third", now=NOON), "an end is final"
    assert windows.claim(archive, "nightly", [NOON + HOUR], "third", now=NOON)


def test_sources_of_one_politeness_group_take_turns(archive: Archive) -> None:
    """Two sources on one publisher's hosts are due at once, and run one after the other."""
    pair = [TimetableEntry(name, "site:same.test", ZONE, cron="0 2 * * *", configured=True) for name in ("one", "two")]
    world = SimulatedMachine(archive, timetable(*pair))
    world.run_for(9 * HOUR)
    first, second = world.begun
    assert second.started >= first.started + first.fate.seconds
    assert [state for name in ("one", "two") for _, state in world.table(name)] == ["done", "done"]


def test_a_crawl_by_hand_holds_the_scheduled_one_back(archive: Archive) -> None:
    """While somebody else has the group's lease no child is started in vain, and the window waits."""
    world = SimulatedMachine(archive, timetable(NIGHTLY))
    world.run_for(6 * HOUR)
    by_hand = leases.acquire(archive, NIGHTLY.lease, seconds=3 * 3600, clock=world.clock)
    assert by_hand is not None
    world.run_for(2 * HOUR)
    assert world.begun == []
    by_hand.release()
    world.run_for(HOUR)
    assert [state for _, state in world.table("nightly")] == ["done"]


def test_a_lease_taken_in_the_moment_of_the_start_counts_as_no_attempt(archive: Archive) -> None:
    world = SimulatedMachine(archive, timetable(NIGHTLY))
    world.run_for(7 * HOUR - timedelta(minutes=5))
    world.now += 300
    world._let_schedulers_tick()
    by_hand = leases.acquire(archive, NIGHTLY.lease, seconds=600, clock=world.clock)
    assert by_hand is not None
    world.step(60)
    [window] = windows.history(archive, "nightly")
    assert (str(window.state), window.attempts, window.run_id) == ("waiting", 0, None)
    world.run_for(HOUR)
    assert [state for _, state in world.table("nightly")] == ["done"]


def test_no_more_children_run_than_allowed(archive: Archive) -> None:
    """Nine sources due at once run two at a time, and all are done."""
    many = [
        TimetableEntry(f"s{number}", f"site:{number}", ZONE, cron="0 2 * * *", configured=True) for number in range(9)
    ]
    world = SimulatedMachine(archive, timetable(*many), at_once=2)
    most = 0
    while world.now < NOON.timestamp() + 9 * 3600:
        world.step(120)
        most = max(most, len(world.children))
    assert most == 2
    assert all(world.table(entry.source)[-1][1] == "done" for entry in many)


def test_pause_and_resume(archive: Archive) -> None:
    """A paused source does not run; resumed, it starts from that moment, and what the pause cut off is recorded."""
    world = SimulatedMachine(archive, timetable(HOURLY))
    world.run_for(HOUR / 2)
    assert windows.pause(archive, "hourly", now=world.moment + 2 * HOUR)
    assert not windows.pause(archive, "hourly", now=world.moment)
    world.sleep(5 * 3600)
    world.step(60)
    assert [state for _, state in world.table("hourly")] == ["missed", "missed"]
    assert world.begun == []
    assert windows.resume(archive, "hourly", now=world.moment)
    assert not windows.resume(archive, "hourly", now=world.moment)
    world.run_for(HOUR)
    assert [state for _, state in world.table("hourly")] == ["missed", "missed", "done"]


def test_a_source_switched_off_and_on_starts_anew(archive: Archive) -> None:
    """`sources disable` stops the windows; `sources enable` starts them from that moment, not from the gap."""
    flagged = TimetableEntry("hourly", "site:hourly.test", ZONE, every=3600)
    world = SimulatedMachine(archive, timetable(flagged))
    world.run_for(2.5 * HOUR)
    assert world.table("hourly") == [], "off until it is switched on"
    for enabled, runs_so_far in ((True, 3), (False, 3), (True, 6), (None, 6)):
        windows.set_enabled(archive, "hourly", enabled, now=world.moment)
        world.run_for(3 * HOUR)
        assert len(world.begun) == runs_so_far


def test_a_timetable_edited_today_makes_no_window_of_the_past(archive: Archive) -> None:
    world = SimulatedMachine(archive, timetable(HOURLY))
    world.run_for(3 * HOUR + timedelta(minutes=20))
    before = len(world.begun)
    world.timetable = timetable(
        TimetableEntry("hourly", HOURLY.lease, ZONE, cron="0 16 * * *", configured=True)
    )  # 09:00 UTC
    world.run_for(HOUR)
    assert len(world.begun) == before


def test_an_error_of_follow_is_reported_and_stops_nothing(archive: Archive) -> None:
    world = SimulatedMachine(archive, timetable(HOURLY))

    def broken() -> None:
        raise RuntimeError("no index today")

    world._follow = broken  # type: ignore[method-assign]  # the world's own follow only counts
    world.revive(0)
    with capture_logs() as logged:
        world.run_for(3 * HOUR + timedelta(minutes=20))
    assert [state for _, state in world.table("hourly")] == ["done", "done", "done"]
    assert any("follow failed" in each["event"] for each in logged)


def test_a_child_that_cannot_be_started_is_an_attempt_with_its_reason(archive: Archive) -> None:
    world = SimulatedMachine(archive, timetable(NIGHTLY))

    def full_disk(entry: TimetableEntry, run_id: str) -> None:
        raise OSError("no space left")

    world._start_child = full_disk  # type: ignore[method-assign,assignment]  # as a full disk would
    world.revive(0)
    world.run_for(20 * HOUR)
    [window] = windows.history(archive, "nightly")
    assert str(window.state) == "failed"
    assert window.note == "the crawl could not be started: no space left"


def test_closing_gives_claims_back_and_the_next_scheduler_runs_them(archive: Archive) -> None:
    """A gentle end costs no attempt; a child that ended well in the last moment is done all the same."""
    fates = {"nightly": ChildBehaviour("good", 3000), "quick": ChildBehaviour("good", 400)}
    quick = TimetableEntry("quick", "site:quick.test", ZONE, cron="0 2 * * *", configured=True)
    world = SimulatedMachine(archive, timetable(NIGHTLY, quick), fate=fates.__getitem__)
    world.run_for(7 * HOUR + timedelta(minutes=5))
    assert len(world.children) == 2
    quick_one = next(child for child in world.children if child.entry is quick)
    world.now += 300
    world.awake += 300
    quick_one.live()  # ends by itself in the moment before it is asked to
    scheduler = world.schedulers[0]
    assert scheduler is not None
    scheduler.close(pause=lambda _: world._let_children_live())
    assert world.table("quick")[-1][1] == "done"
    [window] = windows.history(archive, "nightly")
    assert (str(window.state), window.attempts, window.note) == ("waiting", 0, "released: the service was stopped")
    holding = leases.holder_of(archive, "scheduler", clock=world.clock)
    assert holding is not None
    assert not holding.living
    world.revive(0)
    world.run_for(2 * HOUR)
    world.check_nothing_lost("nightly", NOON)


def test_a_window_that_failed_is_done_when_its_run_wakes_and_ends_well(archive: Archive) -> None:
    """A crawl taken for dead on its last attempt wakes before anyone took its lease, and brings its harvest in."""
    world = SimulatedMachine(archive, timetable(NIGHTLY))
    world.run_for(HOUR)
    due_at = datetime(2025, 3, 3, 19, tzinfo=UTC)
    for _ in range(5):
        assert windows.claim(archive, "nightly", [due_at], "sleeper", now=world.moment)
        windows.retry(archive, "sleeper", Blow.DIED, now=world.moment, note="no sign of life")
    world.now = due_at.timestamp()
    world.step(60)
    assert [state for _, state in world.table("nightly")] == ["failed"]
    with archive.writing() as connection:
        fields = {"source": "nightly", "kind": "crawl", "holder": "h", "lease": None, "now": due_at}
        runs.begin(connection, "sleeper", **fields)
        good = runs.Verdict("good", None)
        runs.finish(connection, "sleeper", listed=1, traffic={}, verdict=good, now=world.moment)
    follows = world.follows
    world.step(60)
    world.step(60)
    assert [state for _, state in world.table("nightly")] == ["done"]
    assert world.follows == follows + 1


def test_attention_is_done_and_shown(archive: Archive) -> None:
    world = SimulatedMachine(archive, timetable(NIGHTLY), fate=lambda _: ChildBehaviour("attention"))
    world.run_for(9 * HOUR)
    assert [state for _, state in world.table("nightly")] == ["done"]
    report = runs.latest(archive, "nightly")
    assert report is not None
    assert report.verdict == "attention"
