"""Rounds: the newest stories of a source are looked for as often as it publishes, one planned round at a time."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert

from archive import rounds, runs, schedules, windows
from archive.database import Archive
from archive.tables import articles
from archive.window import WindowState
from kliping import config
from scheduler.lookout import look
from scheduler.rounds import LONGEST, SHORTEST, jittered, pace
from scheduler.timetable import (
    VERIFY,
    BadTimetableError,
    Job,
    TimetableEntry,
    from_settings,
    next_window,
    with_jobs,
)
from scheduler.watchman import alarms
from tests.support.simulated import ChildBehaviour, SimulatedMachine

ZONE = ZoneInfo("Asia/Jakarta")
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CRAWL = TimetableEntry("antara", "site:a.test", "Asia/Jakarta", cron="0 2 * * *", configured=True, time_limit=3600)
ROUND = TimetableEntry(
    "antara-round", "site:a.test", "Asia/Jakarta", configured=True, time_limit=3600, job=Job.ROUND, adaptive=True
)


def every(interval: timedelta, days: float = 7) -> list[datetime]:
    """Publication times up to noon, evenly spaced."""
    return [NOON - interval * number for number in range(round(timedelta(days=days) / interval))]


def office_hours(stories: int) -> list[datetime]:
    """So many stories in each hour from 08:00 to 18:00 of Jakarta, on seven days."""
    midnight = datetime(2025, 2, 24, tzinfo=ZONE)
    return [
        midnight + day * DAY + hour * HOUR + HOUR / stories * number + MINUTE
        for day in range(7)
        for hour in range(8, 18)
        for number in range(stories)
    ]


@pytest.mark.parametrize(
    ("published", "now", "low", "high", "why"),
    [
        ([], NOON, HOUR, HOUR, "every 60 min: the archive has no story of its last 7 days"),
        (every(timedelta(minutes=7)), NOON, SHORTEST, 12 * MINUTE, "every 11 min: 1440 stories in 7 days, 8.6 an hour"),
        (every(30 * MINUTE), NOON, 25 * MINUTE, 35 * MINUTE, "every 29 min: 336 stories in 7 days, 2.0 an hour"),
        (every(6 * HOUR), NOON, 50 * MINUTE, 8 * HOUR, "28 stories in 7 days"),
        (every(3.5 * DAY), NOON, LONGEST, LONGEST, "every 24.0 h: 2 stories in 4 days"),
        ([NOON - HOUR], NOON, LONGEST - 2 * HOUR, LONGEST, "1 stories in 1 day"),
        # by day and by night: at ten in the evening the next story is expected after eight in the morning
        (office_hours(6), datetime(2025, 3, 3, 10, tzinfo=ZONE), 10 * MINUTE, 12 * MINUTE, "6.0 an hour at this time"),
        (office_hours(6), datetime(2025, 3, 3, 22, tzinfo=ZONE), 10 * HOUR, 10.5 * HOUR, "0.0 an hour at this time"),
        # of bare days, which count from 00:00, the hour is not known
        ([datetime(2025, 3, day, tzinfo=ZONE) for day in (1, 2, 3)] * 16, NOON, 50 * MINUTE, 90 * MINUTE, "48 stories"),
    ],
)
def test_the_interval_ends_when_one_more_story_is_expected(
    published: Sequence[datetime], now: datetime, low: timedelta, high: timedelta, why: str
) -> None:
    found = pace(published, now, ZONE)
    assert low <= found.interval <= high, found
    assert why in found.why


def test_the_jitter_never_leaves_the_bounds_and_differs_between_sources() -> None:
    """From ten minutes to a day; the same source at the same moment always gets the same."""
    shortest = pace(every(MINUTE), NOON, ZONE).interval
    drawn = {jittered(shortest, f"s{number}", NOON) for number in range(200)}
    assert len(drawn) == 200
    assert all(SHORTEST <= each <= shortest for each in drawn)
    assert jittered(HOUR, "s", NOON) == jittered(HOUR, "s", NOON)
    assert max(jittered(LONGEST, f"s{number}", NOON) for number in range(200)) <= LONGEST


def settings_of(**changes: object) -> config.Settings:
    return config.load(**changes)


def test_rounds_are_made_of_sources_without_a_timetable_of_their_own() -> None:
    """What somebody set for a source holds; `rounds` asks for both, or for none."""
    own = {"b": {"every": 3600}, "c": {"cron": "0 * * * *", "rounds": True}, "d": {"rounds": False}}
    settings = settings_of(sources=own)
    crawls = from_settings(settings, {name: f"site:{name}" for name in "abcde"})
    jobs = with_jobs(settings, crawls, ["a", "b", "c", "d"])
    assert [name for name in jobs if name not in crawls] == ["a-round", "c-round", VERIFY]
    assert jobs["a-round"].publisher == "a"
    assert jobs["a-round"].lease == "site:a"
    assert next_window(jobs["a-round"], NOON) is None
    assert jobs[VERIFY].describe() == "cron 30 4 * * 0"
    none = settings_of(rounds=False, verify_cron="never")
    assert list(with_jobs(none, crawls, ["a"])) == list(crawls)
    with pytest.raises(BadTimetableError, match="KLIPING_VERIFY_CRON has a bad hour"):
        with_jobs(settings_of(verify_cron="0 25 * * *"), crawls, [])


def publish(archive: Archive, times: Sequence[datetime]) -> None:
    with archive.writing() as connection:
        connection.execute(
            insert(articles),
            [
                {"id": f"a{number}", "source": "antara", "url": None, "seq": 0, "version": 1, "content_hash": "x"}
                | {"status": "live", "published_on": at, "first_saved": at, "last_saved": at, "last_seen": at}
                for number, at in enumerate(times)
            ],
        )


def machine_of(archive: Archive) -> SimulatedMachine:
    machine = SimulatedMachine(archive, {"antara": CRAWL, "antara-round": ROUND})
    machine.behaviour = lambda _: ChildBehaviour("good", 60)
    return machine


def starts(machine: SimulatedMachine, source: str = "antara-round") -> list[float]:
    return [child.started for child in machine.began if child.entry.source == source]


def told(machine: SimulatedMachine) -> list[str]:
    watch = look(machine.archive, machine.timetable, machine.moment, grace=60)
    return [alarm.sentence for alarm in alarms(watch, machine.moment, ZONE)]


def test_rounds_follow_each_other_at_the_pace_of_the_source(archive: Archive) -> None:
    """The first comes at once, each next one an interval after the last has ended, whatever was killed meanwhile.

    A night of sleep is one round, and windows are recorded as those of crawls."""
    publish(archive, [NOON - 20 * MINUTE * number for number in range(500)])
    machine = machine_of(archive)
    machine.run_for(3 * HOUR, step=60)
    begun = starts(machine)
    assert begun[0] - NOON.timestamp() <= 120
    gaps = [later - earlier for earlier, later in itertools.pairwise(begun)]
    assert all(18 * 60 <= gap <= 25 * 60 for gap in gaps), gaps
    assert rounds.plans(archive)["antara-round"].why.startswith("every 22 min: 496 stories in 7 days")
    assert told(machine) == []
    before = len(begun)
    machine.sleep(8 * 3600)
    machine.schedulers[0] = None
    machine.start_scheduler(0)
    machine.run_for(16 * MINUTE, step=60)
    assert len(starts(machine)) == before + 1
    assert {state for _, state in machine.table("antara-round")} == {"done"}
    assert len(starts(machine, "antara")) == 1, "the window of 02:00, in the sleep"


def test_a_round_that_fails_is_tried_again_and_its_loss_is_told(archive: Archive) -> None:
    publish(archive, every(20 * MINUTE))
    machine = machine_of(archive)
    machine.behaviour = lambda source: ChildBehaviour("failed" if source == "antara-round" else "good", 60)
    machine.run_for(6 * HOUR)
    assert any(sentence.startswith("antara-round: the window of") for sentence in told(machine)), told(machine)
    machine.behaviour = lambda _: ChildBehaviour("good", 60)
    machine.run_for(1 * HOUR)
    assert told(machine) == []


def test_a_paused_source_has_no_rounds(archive: Archive) -> None:
    machine = machine_of(archive)
    machine.run_for(HOUR)
    schedules.pause(archive, "antara", now=machine.moment)
    paused = len(starts(machine))
    machine.run_for(5 * HOUR)
    assert len(starts(machine)) == paused
    assert told(machine) == []
    schedules.resume(archive, "antara", now=machine.moment)
    machine.run_for(HOUR)
    assert len(starts(machine)) > paused


def test_a_round_planned_while_the_clock_stood_ahead_is_planned_anew(archive: Archive) -> None:
    machine = machine_of(archive)
    machine.run_for(HOUR)
    machine.off = 40 * 86400.0
    machine.run_for(2 * HOUR)
    machine.off = 0.0
    before = len(starts(machine))
    machine.run_for(2 * HOUR)
    assert len(starts(machine)) > before
    plan = rounds.plans(archive)["antara-round"]
    assert plan.next_at - machine.moment <= LONGEST


def test_a_crawl_makes_up_for_rounds(archive: Archive) -> None:
    """A harvest by hand reads the feeds too."""
    machine = machine_of(archive)
    machine.run_for(HOUR)
    with archive.writing() as connection:
        runs.begin(connection, "hand", source="antara", kind="crawl", holder="h", lease=None, now=machine.moment)
        runs.finish(connection, "hand", listed=1, traffic={}, verdict=runs.Verdict("good", None), now=machine.moment)
    watch = look(archive, machine.timetable, machine.moment, grace=60)
    by_name = {each.entry.source: each for each in watch.sources}
    assert by_name["antara-round"].last_harvest == machine.moment
    assert {window.state for window in windows.history(archive, "antara-round", 50, machine.moment)} <= {
        WindowState.DONE,
        WindowState.CLAIMED,
    }
