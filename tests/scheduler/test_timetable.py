"""The timetable: windows are instants that follow crontab's rules in any zone; and which of them are due."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.window import Window, WindowState
from kliping import config
from scheduler.timetable import (
    MOST_WINDOWS,
    BadTimetableError,
    DueRun,
    TimetableEntry,
    due,
    from_settings,
    next_window,
    windows_between,
)

JAKARTA, AMSTERDAM, BERLIN, CAIRO, NEW_YORK = (
    "Asia/Jakarta",
    "Europe/Amsterdam",
    "Europe/Berlin",
    "Africa/Cairo",
    "America/New_York",
)


def at(text: str) -> datetime:
    """An instant in UTC."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def cron(fields: str, zone: str = JAKARTA) -> TimetableEntry:
    return TimetableEntry("s", "site:s", zone, cron=fields)


@pytest.mark.parametrize(
    ("field", "names"),
    [
        ("0", "sun"),
        ("7", "sun"),
        ("1", "mon"),
        ("6", "sat"),
        ("1-5", "mon,tue,wed,thu,fri"),
        ("5-7", "sun,fri,sat"),
        ("0,6", "sun,sat"),
        ("0-7", "*"),
        ("*", "*"),
        ("*/2", "sun,tue,thu,sat"),
        ("1-6/2", "mon,wed,fri"),
        ("sun", "sun"),
        ("mon-fri", "mon,tue,wed,thu,fri"),
        ("fri-sun", "sun,fri,sat"),
    ],
)
def test_weekdays_are_numbered_as_in_crontab(field: str, names: str) -> None:
    """Sunday is 0 and 7, and names may stand in lists and ranges."""
    week = windows_between(cron(f"0 2 * * {field}", "UTC"), at("2025-03-02 00:00"), at("2025-03-08 23:59"))
    days = ",".join(f"{window:%a}".lower() for window in week)
    assert days == ("sun,mon,tue,wed,thu,fri,sat" if names == "*" else names)


@pytest.mark.parametrize(
    ("fields", "weekday"), [("0 2 * * 0", 6), ("0 2 * * 7", 6), ("0 2 * * 1", 0), ("0 2 * * 6", 5), ("0 2 * * sun", 6)]
)
def test_a_weekly_crawl_falls_on_its_day(fields: str, weekday: int) -> None:
    """The expected weekday is Python's: Monday is 0."""
    found = windows_between(cron(fields, "UTC"), at("2025-03-03 00:00"), at("2025-03-09 23:59"))
    assert [window.weekday() for window in found] == [weekday]


# Berlin's clocks went from 02:00 to 03:00 on 2025-03-30 and back from 03:00 to 02:00 on 2025-10-26,
# New York's from 02:00 to 03:00 on 2025-03-09 and back from 02:00 to 01:00 on 2025-11-02.
NIGHTS = [
    (JAKARTA, "0 2 * * *", "2025-03-29 00:00", "2025-03-30 23:59", ["2025-03-29 19:00", "2025-03-30 19:00"]),
    (BERLIN, "30 1 * * *", "2025-03-29 12:00", "2025-03-30 12:00", ["2025-03-30 00:30"]),
    (BERLIN, "0 2 * * *", "2025-03-29 12:00", "2025-03-30 12:00", ["2025-03-30 01:00"]),
    (BERLIN, "30 2 * * *", "2025-03-29 12:00", "2025-03-30 12:00", ["2025-03-30 01:00"]),
    (BERLIN, "0 3 * * *", "2025-03-29 12:00", "2025-03-30 12:00", ["2025-03-30 01:00"]),
    (BERLIN, "30 2 * * *", "2025-10-25 12:00", "2025-10-27 12:00", ["2025-10-26 00:30", "2025-10-27 01:30"]),
    (BERLIN, "0 3 * * *", "2025-10-25 12:00", "2025-10-26 12:00", ["2025-10-26 02:00"]),
    (NEW_YORK, "30 2 * * *", "2025-03-08 12:00", "2025-03-10 12:00", ["2025-03-09 07:00", "2025-03-10 06:30"]),
    (NEW_YORK, "30 1 * * *", "2025-11-01 12:00", "2025-11-03 12:00", ["2025-11-02 05:30", "2025-11-03 06:30"]),
    (JAKARTA, "0 0 1 * 1", "2025-02-25 17:00", "2025-03-04 16:59", ["2025-02-28 17:00", "2025-03-02 17:00"]),
    (JAKARTA, "0 0 29 2 *", "2025-01-01 00:00", "2029-01-01 00:00", ["2028-02-28 17:00"]),
    (JAKARTA, "15,45 6-7 * mar mon", "2025-03-03 00:00", "2025-03-03 23:59", ["2025-03-03 00:15", "2025-03-03 00:45"]),
]


@pytest.mark.parametrize(("zone", "fields", "start", "end", "expected"), NIGHTS)
def test_a_window_is_an_instant(zone: str, fields: str, start: str, end: str, expected: list[str]) -> None:
    """A change of clocks makes no nightly crawl run twice or never; one of two restricted day fields is enough."""
    assert windows_between(cron(fields, zone), at(start), at(end)) == [at(each) for each in expected]


# What cronsim does at a change of clocks (docs/decisions/0018-crontab-by-cronsim.md). Cairo's clocks went from 00:00 to
# 01:00 on 2025-04-25. An expression whose minute or hour begins with * follows the clock as it is; all others are moved
# out of a skipped hour, and run once in an hour that comes twice.
CLOCK_CHANGES = [
    (AMSTERDAM, "15,45 2 * * *", "2025-03-29 12:00", "2025-03-30 12:00", ["2025-03-30 01:00"]),
    (AMSTERDAM, "30 2,3 * * *", "2025-03-29 12:00", "2025-03-30 12:00", ["2025-03-30 01:00", "2025-03-30 01:30"]),
    (NEW_YORK, "30 2 * * 0", "2025-03-08 12:00", "2025-03-09 12:00", ["2025-03-09 07:00"]),
    (CAIRO, "0 0 * * *", "2025-04-24 12:00", "2025-04-25 12:00", ["2025-04-24 22:00"]),
    (AMSTERDAM, "*/30 2 * * *", "2025-03-29 12:00", "2025-03-30 12:00", []),
    (AMSTERDAM, "0 */2 * * *", "2025-03-29 23:00", "2025-03-30 03:00", ["2025-03-29 23:00", "2025-03-30 02:00"]),
    (AMSTERDAM, "15,45 2 * * *", "2025-10-25 12:00", "2025-10-26 12:00", ["2025-10-26 00:15", "2025-10-26 00:45"]),
    (AMSTERDAM, "15 2 * * *", "2025-10-26 01:00", "2025-10-26 12:00", []),
    (NEW_YORK, "30 1 * * 0", "2025-11-01 12:00", "2025-11-02 12:00", ["2025-11-02 05:30"]),
    (AMSTERDAM, "*/30 2 * * *", "2025-10-25 12:00", "2025-10-26 12:00",
     ["2025-10-26 00:00", "2025-10-26 00:30", "2025-10-26 01:00", "2025-10-26 01:30"]),
    (NEW_YORK, "0 */2 * * *", "2025-11-02 04:00", "2025-11-02 09:00",
     ["2025-11-02 04:00", "2025-11-02 07:00", "2025-11-02 09:00"]),
    (AMSTERDAM, "0 */2 * * *", "2025-10-25 22:00", "2025-10-26 03:00",
     ["2025-10-25 22:00", "2025-10-26 00:00", "2025-10-26 01:00", "2025-10-26 03:00"]),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "fields", "start", "end", "expected"), CLOCK_CHANGES)
def test_a_change_of_clocks_is_handled_as_in_debians_cron(
    zone: str, fields: str, start: str, end: str, expected: list[str]
) -> None:
    """A time in the skipped hour runs when the clocks have moved; a time that comes twice runs at its first pass."""
    found = windows_between(cron(fields, zone), at(start), at(end))
    assert found == [at(each) for each in expected]
    assert next_window(cron(fields, zone), at(start) - timedelta(microseconds=1)) >= at(start)


@pytest.mark.parametrize(
    ("fields", "days"),
    [
        ("0 2 L * *", [31]),
        ("0 2 LW * *", [29]),
        ("0 2 * * 5L", [29]),
        ("0 2 * * mon#1", [4]),
        ("0 2 1-15/7 * *", [1, 8, 15]),
        ("0 2 1,20-22 * *", [1, 20, 21, 22]),
        ("0 2 */10 * *", [1, 11, 21, 31]),
        ("0 2 */2 * 1", [11, 25]),
    ],
)
def test_days_of_a_month(fields: str, days: list[int]) -> None:
    """Lists, ranges, steps, and cronsim's L and #. A day field that begins with * must match along with the weekday."""
    august = windows_between(cron(fields, "UTC"), at("2025-08-01 00:00"), at("2025-08-31 23:59"))
    assert [window.day for window in august] == days


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (BERLIN, "2025-03-30", 23),
        (BERLIN, "2025-10-26", 25),
        (NEW_YORK, "2025-03-09", 23),
        (NEW_YORK, "2025-11-02", 25),
        (JAKARTA, "2025-03-30", 24),
    ],
)
@pytest.mark.parametrize(("fields", "an_hour"), [("0 * * * *", 1), ("*/20 * * * *", 3)])
def test_an_hourly_crawl_runs_in_every_real_hour(zone: str, day: str, hours: int, fields: str, an_hour: int) -> None:
    """A day of 23 hours has 23 windows and a day of 25 has 25, evenly spaced."""
    entry = cron(fields, zone)
    night = next_window(cron("0 0 * * *", zone), at(f"{day} 00:00") - timedelta(hours=9))
    found = windows_between(entry, night, next_window(cron("0 0 * * *", zone), night) - timedelta(seconds=1))
    assert len(found) == hours * an_hour
    assert {later - earlier for earlier, later in itertools.pairwise(found)} == {timedelta(hours=1) / an_hour}


@given(
    start=st.integers(0, 3 * 365 * 86400).map(lambda seconds: at("2024-01-01 00:00") + timedelta(seconds=seconds)),
    zone=st.sampled_from([JAKARTA, BERLIN, NEW_YORK, "Australia/Lord_Howe", "Asia/Kolkata"]),
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
)
def test_a_nightly_crawl_runs_once_in_each_local_day(start: datetime, zone: str, minute: int, hour: int) -> None:
    """Thirty days have thirty windows, 23 to 25 hours apart, in every zone; adjoining spans give the same windows."""
    entry = cron(f"{minute} {hour} * * *", zone)
    end = start + timedelta(days=30)
    found = windows_between(entry, start, end)
    assert len(found) in {29, 30, 31}
    assert all(timedelta(hours=23) <= b - a <= timedelta(hours=25) for a, b in itertools.pairwise(found))
    middle = start + timedelta(days=11, hours=5)
    cut = windows_between(entry, start, middle) + windows_between(entry, middle + timedelta(microseconds=1), end)
    assert cut == found


@pytest.mark.parametrize("zone", [JAKARTA, BERLIN])
@pytest.mark.parametrize("every", [60, 900, 3600, 7000, 86400])
def test_an_interval_does_not_depend_on_where_the_search_starts(zone: str, every: int) -> None:
    """Its windows are whole intervals after a fixed midnight, whatever `start` is."""
    entry = TimetableEntry("s", "site:s", zone, every=every)
    start, end = at("2025-03-29 13:37"), at("2025-03-30 23:59")
    whole = windows_between(entry, start, end)
    later = windows_between(entry, start + timedelta(hours=3, seconds=17), end)
    assert later == [window for window in whole if window in set(later)]
    assert {int(window.timestamp()) % every for window in whole} == {int(whole[0].timestamp()) % every}
    assert next_window(entry, whole[0]) - whole[0] == timedelta(seconds=every)


def test_a_daily_interval_falls_on_local_midnight() -> None:
    entry = TimetableEntry("s", "site:s", JAKARTA, every=86400)
    assert windows_between(entry, at("2025-03-01 00:00"), at("2025-03-02 00:00")) == [at("2025-03-01 17:00")]


@pytest.mark.parametrize(
    "fields",
    ["", "0 2 * *", "0 2 * * * *", "60 2 * * *", "0 25 * * *", "0 2 * * 8", "0 2 * * fry", "0 2 31 2 *", "0 2 last * *",
     "0 2 2nd-fri * *", "0 2 * * 5-1", "@daily", "0 2 * * 1/2", "a b c d e", "0 2 * 13 *"],
)  # fmt: skip
def test_a_cron_that_cannot_be_used_is_refused_in_a_sentence(fields: str) -> None:
    with pytest.raises(BadTimetableError, match=r"^The cron .* of s .*\.$"):
        cron(fields)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ("0 2 * *", 'needs five fields (minute, hour, day-of-month, month, day-of-week), not 4: write "0 2 * * *"'),
        ("0 24 * * *", "has a bad hour: write 0 to 23"),
        ("0 2 32 2 *", "has a bad day-of-month: write 1 to 31"),
        ("0 2 30 feb *", "names a day that its months do not have: change the day or the month"),
        ("0 2 * * 8", "has a bad day-of-week: write 0 to 7 or sun to sat (0 and 7 are Sunday)"),
        ("5/15 * * * *", 'has a step after a single value: write a step after * or after a range, as in "*/2"'),
        ("0 2 */20 * 1L", "names a day that does not come within 50 years"),
    ],
)
def test_a_cron_error_says_what_to_write(fields: str, problem: str) -> None:
    with pytest.raises(BadTimetableError) as refused:
        cron(fields)
    assert str(refused.value).startswith(f"The cron {fields!r} of s {problem}")


def test_settings_make_the_timetable() -> None:
    """A source's own interval or cron overrides the common one; an unknown source, or both at once, is an error."""
    settings = config.Settings.model_validate(
        {
            "sources": {
                "a": {"every": 900, "time_limit": 60},
                "b": {"cron": "0 5 * * 1", "enabled": True},
                "c": {"enabled": False},
            }
        }
    )
    leases = {"a": "site:a", "b": "site:b", "c": "site:c", "d": "site:d"}
    table = from_settings(settings, leases, by_default=["c", "d"])
    assert [entry.describe() for entry in table.values()] == [
        "every 15 minutes",
        "cron 0 5 * * 1",
        "daily at 02:00",
        "daily at 02:00",
    ]
    assert [entry.is_on(None) for entry in table.values()] == [False, True, False, True]
    assert [entry.is_on(True) for entry in table.values()] == [True, True, False, True]
    assert [entry.is_on(False) for entry in table.values()] == [False, True, False, False]
    assert (table["a"].time_limit, table["d"].time_limit) == (60, settings.time_limit)
    with pytest.raises(BadTimetableError, match="'a'"):
        from_settings(settings, {"b": "site:b", "c": "site:c"})
    with pytest.raises(BadTimetableError, match=r"\(KLIPING_CRON\) has a bad hour: write 0 to 23"):
        from_settings(config.Settings(cron="0 24 * * *"), {"a": "site:a"})
    both = config.Settings.model_validate({"sources": {"a": {"every": 900, "cron": "0 1 * * *"}}})
    with pytest.raises(BadTimetableError, match="not both"):
        from_settings(both, {"a": "site:a"})


# --- which runs are due -----------------------------------------------------------------------------------------------

HOURLY = TimetableEntry("s", "site:s", "UTC", every=3600)
NOW = at("2025-03-03 12:30")
SINCE = at("2025-03-03 08:30")


def window(hour: int, state: WindowState, *, attempts: int = 1, next_try: datetime | None = None) -> Window:
    return Window("s", at(f"2025-03-03 {hour:02}:00"), state, "run", attempts, next_try, "why")


DONE, CLAIMED, WAITING = WindowState.DONE, WindowState.CLAIMED, WindowState.WAITING
CASES = [
    ("every window since the source was switched on", [], [9, 10, 11, 12]),
    ("only windows after the latest recorded one", [window(10, DONE)], [11, 12]),
    ("nothing while a run is under way", [window(9, CLAIMED)], []),
    ("nothing during the retry delay", [window(12, WAITING, next_try=NOW + timedelta(minutes=1))], []),
    ("a window whose retry delay is over", [window(12, WAITING, next_try=NOW)], [12]),
    (
        "a new window and every waiting one, in one run",
        [window(10, WAITING, next_try=NOW + timedelta(hours=1)), window(11, DONE)],
        [10, 12],
    ),
]


@pytest.mark.parametrize(("case", "known", "hours"), CASES, ids=[case[0] for case in CASES])
def test_due(case: str, known: list[Window], hours: list[int]) -> None:
    found = due({"s": HOURLY}, known, since={"s": SINCE}, paused={}, now=NOW, catch_up=timedelta(days=7))
    expected = (DueRun("s", tuple(at(f"2025-03-03 {hour:02}:00") for hour in hours)),) if hours else ()
    assert found.runs == expected
    assert found.abandoned == ()


def test_a_source_that_is_off_has_nothing_due() -> None:
    found = due({"s": HOURLY}, [], since={}, paused={}, now=NOW, catch_up=timedelta(days=7))
    assert (found.runs, found.abandoned) == ((), ())


def test_a_window_that_is_too_old_is_abandoned_with_a_reason() -> None:
    """A window that was never tried is missed, one that was tried has failed; both say why."""
    known = [window(9, WAITING, attempts=2, next_try=NOW), window(10, WAITING, attempts=0, next_try=NOW)]
    found = due({"s": HOURLY}, known, since={"s": SINCE}, paused={}, now=NOW, catch_up=timedelta(hours=1))
    assert found.runs == (DueRun("s", (at("2025-03-03 12:00"),)),)
    assert [(each.due_at.hour, str(each.state)) for each in found.abandoned] == [
        (11, "missed"),
        (9, "failed"),
        (10, "missed"),
    ]
    assert all("not run within" in each.note for each in found.abandoned)


def test_the_run_with_the_oldest_window_starts_first() -> None:
    """Runs are ordered by their oldest window and then by name."""
    entries = {name: TimetableEntry(name, name, "UTC", every=3600) for name in ("a", "b", "c")}
    since = {"a": at("2025-03-03 11:30"), "b": at("2025-03-03 09:30"), "c": at("2025-03-03 11:30")}
    found = due(entries, [], since=since, paused={}, now=NOW, catch_up=timedelta(days=1))
    assert [run.source for run in found.runs] == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("known", "hours"),
    [
        ([window(10, DONE), window(12, DONE)], []),
        ([window(9, DONE), window(12, DONE)], [10]),
        ([window(10, WAITING, next_try=NOW + timedelta(days=400)), window(12, DONE)], [10]),
        ([window(12, CLAIMED)], []),
    ],
)
def test_windows_written_while_the_clock_stood_ahead_hold_nothing_up(known: list[Window], hours: list[int]) -> None:
    """At 10:30 a window of 12:00 is void, unless its run is under way, and so is a retry in 400 days."""
    found = due({"s": HOURLY}, known, since={"s": SINCE}, paused={}, now=at("2025-03-03 10:30"), catch_up=timedelta(1))
    expected = (DueRun("s", tuple(at(f"2025-03-03 {hour:02}:00") for hour in hours)),) if hours else ()
    assert (found.runs, found.abandoned) == (expected, ())


@pytest.mark.parametrize("entry", [cron("* * * * *", "UTC"), TimetableEntry("s", "site:s", "UTC", every=60)])
def test_a_year_asleep_makes_one_catch_up_and_some_hundred_rows(entry: TimetableEntry) -> None:
    """525,600 minutes: the newest have rows of their own, and one row stands for all before them."""
    since, now = at("2024-03-03 12:00"), at("2025-03-03 12:30")
    found = due({"s": entry}, [], since={"s": since}, paused={}, now=now, catch_up=timedelta(days=7))
    (run,) = found.runs
    assert len(run.windows) == MOST_WINDOWS + 1
    assert run.windows[-1] == now
    assert dict(run.since) == {run.windows[0]: since}
    assert run.windows[1] - run.windows[0] == timedelta(minutes=1)
    assert found.abandoned == ()


def test_many_windows_that_are_too_old_are_told_in_one() -> None:
    hourly = {"s": HOURLY}
    since, now = at("2024-03-03 12:30"), at("2025-03-03 12:30")
    found = due(hourly, [], since={"s": since}, paused={}, now=now, catch_up=timedelta(days=7))
    assert [len(run.windows) for run in found.runs] == [7 * 24]
    stands_for_many, *others = found.abandoned
    assert stands_for_many.since == at("2024-03-03 13:00")
    assert len(others) == MOST_WINDOWS - 7 * 24
    assert {each.since for each in others} == {None}
    paused = due(hourly, [], since={"s": since}, paused={"s": now}, now=now, catch_up=timedelta.max)
    assert len(paused.abandoned) == MOST_WINDOWS + 1
