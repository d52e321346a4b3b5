"""The watchman compares timetable and runs: what is missing is told, in a sentence with a remedy, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from archive import runs, schedules, windows
from archive.clock import Jump
from archive.database import Archive
from archive.leases import LeaseInfo, acquire
from archive.window import Window, WindowState
from archive.windows import Lapse
from scheduler.lookout import look
from scheduler.timetable import TimetableEntry
from scheduler.watchman import Alarm, AlarmKind, Observation, WatchedSource, alarms

ZONE = ZoneInfo("Asia/Jakarta")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2025, 3, 3, 17, tzinfo=UTC)
TWO = datetime(2025, 3, 3, 19, tzinfo=UTC)
"""02:00 in Jakarta, a window of the source."""

ANTARA = TimetableEntry("antara", "site:antaranews.com", "Asia/Jakarta", cron="0 2 * * *", time_limit=7200)
LIVING = LeaseInfo("scheduler", "vm:1:a", 3, TWO - DAY, True, 60.0, renewed_at=TWO)
DONE, CLAIMED, WAITING = WindowState.DONE, WindowState.CLAIMED, WindowState.WAITING
DEAD = replace(LIVING, living=False, seconds_left=0.0)


def window(state: WindowState, *, due_at: datetime = TWO, at: datetime | None = None, **more: object) -> Window:
    return Window("antara", due_at, state, "run-1", 1, at=at or due_at, **more)  # type: ignore[arg-type]


LAST_NIGHT = WatchedSource(ANTARA, TWO - 30 * DAY, (window(DONE),), TWO + timedelta(seconds=2))
"""A source whose last window was run."""


def a_watch(*sources: WatchedSource, **changes: object) -> Observation:
    watch = Observation(sources, LIVING, (), None, crawls_at_once=4, grace=60.0)
    return replace(watch, **changes)  # type: ignore[arg-type]


def found(watch: Observation, now: datetime) -> list[Alarm]:
    return alarms(watch, now, ZONE)


NIGHT_BEFORE = replace(LAST_NIGHT, windows=(window(DONE, due_at=TWO - DAY),), last_harvest=TWO - DAY)
CASES: list[tuple[str, WatchedSource, timedelta, AlarmKind | None]] = [
    ("every window was run", LAST_NIGHT, 20 * HOUR, None),
    ("the window has just come", NIGHT_BEFORE, timedelta(minutes=5), None),
    ("no crawl was started", NIGHT_BEFORE, timedelta(minutes=16), AlarmKind.NOT_STARTED),
    ("somebody crawls its hosts", replace(NIGHT_BEFORE, held_by="vm:2:b"), timedelta(minutes=16), None),
    ("somebody crawls its hosts for ever", replace(NIGHT_BEFORE, held_by="vm:2:b"), 3 * HOUR, AlarmKind.STALE),
    ("no harvest came of it", NIGHT_BEFORE, 3 * HOUR, AlarmKind.STALE),
    ("a sibling's crawl has just ended", replace(NIGHT_BEFORE, freed_at=TWO + HOUR), 66 * MINUTE, None),
    (
        "a sibling's crawl ended a while ago",
        replace(NIGHT_BEFORE, freed_at=TWO + HOUR),
        76 * MINUTE,
        AlarmKind.NOT_STARTED,
    ),
    (
        "its crawl began when a sibling's had ended",
        replace(NIGHT_BEFORE, freed_at=TWO + 2 * HOUR, windows=(window(CLAIMED, at=TWO + 2 * HOUR),)),
        3 * HOUR,
        None,
    ),
    (
        "its crawl began long after a sibling's had ended",
        replace(NIGHT_BEFORE, freed_at=TWO + HOUR, windows=(window(CLAIMED, at=TWO + 2 * HOUR),)),
        3 * HOUR,
        AlarmKind.STALE,
    ),
    (
        "its hosts were held for longer than a crawl takes",
        replace(NIGHT_BEFORE, freed_at=TWO + 4 * HOUR, windows=(window(CLAIMED, at=TWO + 4 * HOUR),)),
        5 * HOUR,
        AlarmKind.STALE,
    ),
    ("its crawl is under way", replace(NIGHT_BEFORE, windows=(window(CLAIMED),)), 2 * HOUR, None),
    (
        "its crawl hangs, after a harvest by hand",
        replace(LAST_NIGHT, windows=(window(CLAIMED),), last_harvest=TWO + HOUR),
        3 * HOUR,
        AlarmKind.HANGS,
    ),
    (
        "its crawl failed, and is tried again",
        replace(NIGHT_BEFORE, windows=(window(WAITING, next_try=TWO + 2 * HOUR),)),
        HOUR,
        None,
    ),
    (
        "nobody tries it again",
        replace(NIGHT_BEFORE, windows=(window(WAITING, next_try=TWO + HOUR),)),
        2 * HOUR,
        AlarmKind.NOT_STARTED,
    ),
    (
        "its window failed",
        replace(NIGHT_BEFORE, windows=(window(WindowState.FAILED, note="An empty harvest."),)),
        HOUR,
        AlarmKind.MISSED,
    ),
    (
        "its window failed, and a crawl by hand made up for it",
        replace(LAST_NIGHT, windows=(window(WindowState.FAILED),), last_harvest=TWO + HOUR),
        2 * HOUR,
        None,
    ),
    ("it was switched on after the window", replace(NIGHT_BEFORE, since=TWO + HOUR, windows=()), 20 * HOUR, None),
    ("no scheduler has seen it yet", WatchedSource(ANTARA), 20 * HOUR, None),
    ("it never had a harvest", WatchedSource(ANTARA, TWO - DAY), 20 * HOUR, AlarmKind.STALE),
    (
        "its windows were done in the future",
        replace(LAST_NIGHT, windows=(window(DONE, due_at=TWO + 400 * DAY),), last_harvest=TWO - 5 * DAY),
        4 * HOUR,
        AlarmKind.STALE,
    ),
]


@pytest.mark.parametrize(("case", "source", "later", "kind"), CASES, ids=[case[0] for case in CASES])
def test_what_is_late(case: str, source: WatchedSource, later: timedelta, kind: AlarmKind | None) -> None:
    """Some time after the window of 02:00."""
    told = found(a_watch(source), TWO + later)
    assert [alarm.kind for alarm in told] == ([kind] if kind else [])
    for alarm in told:
        assert alarm.source == "antara"
        assert alarm.sentence.startswith("antara: ")
        assert alarm.sentence.endswith(".")
        assert alarm.remedy


@pytest.mark.parametrize(
    ("scheduler", "says"),
    [
        (None, "There was never one."),
        (DEAD, "The last one, vm:1:a, was last heard of 2025-03-04 02:00 WIB."),
        (replace(DEAD, renewed_at=None), "The last one, vm:1:a, has ended."),
        (replace(LIVING, too_far=True), "The last one, vm:1:a, has not been heard of since the clock was set back."),
    ],
)
def test_a_dead_scheduler_is_an_alarm_while_sources_are_on(scheduler: LeaseInfo | None, says: str) -> None:
    (alarm,) = found(a_watch(LAST_NIGHT, scheduler=scheduler), TWO + HOUR)
    assert alarm.kind is AlarmKind.NO_SCHEDULER
    so = "No scheduler runs, so nothing is crawled by itself, though sources are on (antara)."
    assert alarm.sentence == f"{so} {says}"
    assert "kliping schedule run" in alarm.remedy
    assert found(a_watch(scheduler=scheduler), TWO + HOUR) == [], "nothing is on"


def test_ten_days_without_a_scheduler_are_told_with_the_last_harvest() -> None:
    dead, late = found(a_watch(LAST_NIGHT, scheduler=DEAD), TWO + 10 * DAY + 3 * HOUR)
    assert dead.kind is AlarmKind.NO_SCHEDULER
    assert late.kind is AlarmKind.STALE
    assert late.sentence == (
        "antara: no harvest since its window of 2025-03-14 02:00 WIB; its last harvest began 2025-03-04 02:00 WIB."
    )
    assert late.remedy == "Start the scheduler: it makes up for what was missed."


def test_lost_windows_of_one_source_are_one_alarm_with_the_reason_of_the_latest() -> None:
    lost = tuple(
        window(WindowState.MISSED, due_at=TWO - number * DAY, note="not run within 7 days") for number in range(3)
    )
    told = found(a_watch(replace(LAST_NIGHT, windows=lost, last_harvest=TWO - 9 * DAY)), TWO + timedelta(minutes=1))
    (alarm,) = [each for each in told if each.kind is AlarmKind.MISSED]
    assert alarm.sentence == (
        "antara: the window of 2025-03-04 02:00 WIB was missed, the latest of 3 since its last harvest: "
        "not run within 7 days."
    )


def test_a_crawl_that_waits_for_others_is_late_only_when_its_own_time_is_over() -> None:
    """With as many crawls under way as the scheduler runs at once, the next one waits."""
    others = [
        replace(LAST_NIGHT, entry=replace(ANTARA, source=f"s{number}"), windows=(window(CLAIMED, at=TWO + HOUR),))
        for number in range(4)
    ]
    assert found(a_watch(*others[:3], NIGHT_BEFORE), TWO + HOUR) != []
    assert found(a_watch(*others, NIGHT_BEFORE), TWO + HOUR) == []
    assert [each.kind for each in found(a_watch(*others, NIGHT_BEFORE), TWO + 3 * HOUR)] == [AlarmKind.STALE]


BACK = Jump(MIDNIGHT + 2 * HOUR, MIDNIGHT)
AHEAD = Jump(MIDNIGHT + 400 * DAY, MIDNIGHT)


@pytest.mark.parametrize(
    ("changes", "now", "says"),
    [
        ({"jumps": (BACK,)}, MIDNIGHT + HOUR, "The clock was set back by 2 h 0 min, to 2025-03-04 00:00 WIB."),
        ({"jumps": (BACK,)}, MIDNIGHT + 25 * HOUR, None),
        ({"jumps": (Jump(MIDNIGHT, MIDNIGHT + 400 * DAY),)}, MIDNIGHT + HOUR, None),
        ({"newest_ahead": AHEAD.before}, MIDNIGHT + HOUR, "dated up to 2026-04-08 00:00 WIB, later than now"),
        ({"newest_ahead": AHEAD.before, "jumps": (AHEAD,)}, MIDNIGHT + 25 * HOUR, None),
        ({}, datetime(1970, 1, 1, tzinfo=UTC), "shows 1970-01-01 07:00 WIB: it was never set"),
    ],
)
def test_what_the_clock_did_is_told_for_a_day(changes: dict[str, object], now: datetime, says: str | None) -> None:
    """A jump that was recorded while the clock stood ahead is not told: the one back is."""
    told = [alarm.sentence for alarm in found(a_watch(**changes), now)]
    assert len(told) == (says is not None)
    assert all(says in sentence for sentence in told if says)


def test_the_lookout_reads_what_the_watchman_needs(archive: Archive) -> None:
    """Of a real archive: off and paused sources are not watched, a lost window counts until the next harvest."""
    entries = {
        name: TimetableEntry(name, f"site:{name}", "Asia/Jakarta", cron="0 2 * * *") for name in ("a", "b", "c", "d")
    }
    now = TWO + HOUR
    schedules.record_enabled(archive, ["a", "b", "c"], now=TWO - 5 * DAY)
    for name in ("a", "b", "c"):
        schedules.set_enabled(archive, name, True, now=TWO - 5 * DAY)
    schedules.pause(archive, "c", now=TWO - DAY)
    windows.record_lapses(archive, [Lapse("a", TWO, WindowState.MISSED, "late")], now=now)
    assert acquire(archive, "scheduler", seconds=60, clock=now.timestamp)
    assert acquire(archive, "site:b", holder="by hand", seconds=60, clock=now.timestamp)
    watch = look(archive, entries, now, grace=60)
    assert [source.entry.source for source in watch.sources] == ["a", "b"]
    assert watch.scheduler_lives
    assert watch.sources[1].held_by == "by hand"
    assert [alarm.kind for alarm in alarms(watch, now, ZONE)] == [
        AlarmKind.MISSED,
        AlarmKind.STALE,
        AlarmKind.STALE,
    ]
    with archive.writing() as connection:
        for name in ("a", "b"):
            runs.begin(connection, name, source=name, kind="crawl", holder="h", lease=None, now=now)
            runs.finish(connection, name, listed=1, traffic={}, verdict=runs.Verdict("attention", "x"), now=now)
    assert alarms(look(archive, entries, now, grace=60), now, ZONE) == []


def test_when_all_places_were_taken_until_now_nothing_is_late() -> None:
    """The scheduler starts the next crawl a few seconds after another one has ended."""
    late = TWO + HOUR
    assert found(a_watch(NIGHT_BEFORE, full_at=late - MINUTE), late) == []
    (alarm,) = found(a_watch(NIGHT_BEFORE, full_at=late - 20 * MINUTE), late)
    assert alarm.kind is AlarmKind.NOT_STARTED


def test_the_last_moment_at_which_all_places_were_taken_is_known_by_the_runs(archive: Archive) -> None:
    with archive.writing() as connection:
        for number, (began, ended) in enumerate([(0, 30), (10, 40), (20, 35), (36, None)]):
            run_id, at = f"run-{number}", TWO + began * MINUTE
            runs.begin(connection, run_id, source="antara", kind="crawl", holder="t", lease=None, now=at)
            if ended is not None:
                done = TWO + ended * MINUTE
                runs.finish(connection, run_id, listed=1, traffic={}, verdict=runs.Verdict("good", None), now=done)
        now = TWO + 41 * MINUTE
        full = {count: runs.last_full(connection, {"antara"}, count, TWO, now) for count in (1, 2, 3, 4)}
        assert full == {1: now, 2: TWO + 40 * MINUTE, 3: TWO + 30 * MINUTE, 4: None}
        assert runs.last_ended(connection, {"antara"}, TWO + 36 * MINUTE) == TWO + 35 * MINUTE
        assert runs.last_ended(connection, {"tempo"}, now) is None


@pytest.mark.parametrize(
    ("clocks", "told"),
    [
        ({}, None),
        ({"antara": 25200.0}, None),  # one publisher's clock may be wrong
        ({"antara": 25200.0, "kompas": 25230.0}, "The clock of this machine is 7 h 0 min behind: so say"),
        (
            {"antara": -7200.0, "kompas": -7190.0, "detik": -7210.0},
            "The clock of this machine is 2 h 0 min ahead: so say",
        ),
        ({"antara": 25200.0, "kompas": 25230.0, "detik": 3.0}, None),  # this one agrees with ours
        ({"antara": 25200.0, "kompas": 3600.0}, None),  # they say different times: two wrong clocks, or old answers
        ({"antara": 20.0, "kompas": 40.0}, None),
    ],
)
def test_a_clock_that_is_hours_off_is_told_where_several_publishers_say_the_same(
    clocks: dict[str, float], told: str | None
) -> None:
    alarms_found = found(a_watch(LAST_NIGHT, clocks=clocks), TWO + 20 * HOUR)
    assert [each.kind for each in alarms_found] == ([AlarmKind.CLOCK] if told else [])
    if told:
        assert alarms_found[0].sentence.startswith(told)
        assert alarms_found[0].sentence.endswith("in their last crawls.")
