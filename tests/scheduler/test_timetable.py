"""The timetable: windows are instants that follow crontab's rules, in any zone; and which of them are due."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.windows import Window, WindowState
from kliping import config
from scheduler.timetable import (
    BadTimetableError,
    DueRun,
    Entry,
    due,
    from_settings,
    next_window,
    weekday_names,
    windows_between,
)

JAKARTA, BERLIN, NEW_YORK = "Asia/Jakarta", "Europe/Berlin", "America/New_York"


def at(text: str) -> datetime:
    """An instant in UTC, written short."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def cron(fields: str, zone: str = JAKARTA) -> Entry:
    return Entry("s", "site:s", zone, cron=fields)


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
    """Sunday is 0 and 7; APScheduler's own reading would begin with Monday."""
    assert weekday_names(field) == names


@pytest.mark.parametrize(
    ("fields", "weekday"), [("0 2 * * 0", 6), ("0 2 * * 7", 6), ("0 2 * * 1", 0), ("0 2 * * 6", 5), ("0 2 * * sun", 6)]
)
def test_a_weekly_crawl_falls_on_its_day(fields: str, weekday: int) -> None:
    """Monday is 0 here, as Python counts."""
    found = windows_between(cron(fields, "UTC"), at("2025-03-03 00:00"), at("2025-03-09 23:59"))
    assert [window.weekday() for window in found] == [weekday]


# Berlin's clocks went from 02:00 to 03:00 on 2025-03-30 and back from 03:00 to 02:00 on 2025-10-26,
# New York's from 02:00 to 03:00 on 2025-03-09 and back from 02:00 to 01:00 on 2025-11-02.
NIGHTS = [
    (JAKARTA, "0 2 * * *", "2025-03-29 00:00", "2025-03-30 23:59", ["2025-03-29 19:00", "2025-03-30 19:00"]),
    (BERLIN, "30 1 * * *", "2025-03-29 12:00", "2025-03-30 12:00", ["2025-03-30 00:30"]),
    (BERLIN, "0 2 * * *", "2025-03-29 12:00", "2025-03-30 12:00", ["2025-03-30 01:00"]),
    (BERLIN, "30 2 * * *", "2025-03-29 12:00", "2025-03-30 12:00", ["2025-03-30 01:30"]),
    (BERLIN, "0 3 * * *", "2025-03-29 12:00", "2025-03-30 12:00", ["2025-03-30 01:00"]),
    (BERLIN, "30 2 * * *", "2025-10-25 12:00", "2025-10-27 12:00", ["2025-10-26 00:30", "2025-10-27 01:30"]),
    (BERLIN, "0 3 * * *", "2025-10-25 12:00", "2025-10-26 12:00", ["2025-10-26 02:00"]),
    (NEW_YORK, "30 2 * * *", "2025-03-08 12:00", "2025-03-10 12:00", ["2025-03-09 07:30", "2025-03-10 06:30"]),
    (NEW_YORK, "30 1 * * *", "2025-11-01 12:00", "2025-11-03 12:00", ["2025-11-02 05:30", "2025-11-03 06:30"]),
    (JAKARTA, "0 0 1 * 1", "2025-02-25 17:00", "2025-03-04 16:59", ["2025-02-28 17:00", "2025-03-02 17:00"]),
    (JAKARTA, "0 0 29 2 *", "2025-01-01 00:00", "2029-01-01 00:00", ["2028-02-28 17:00"]),
    (JAKARTA, "15,45 6-7 * mar mon", "2025-03-03 00:00", "2025-03-03 23:59", ["2025-03-03 00:15", "2025-03-03 00:45"]),
]


@pytest.mark.parametrize(("zone", "fields", "start", "end", "expected"), NIGHTS)
def test_a_window_is_an_instant(zone: str, fields: str, start: str, end: str, expected: list[str]) -> None:
    """No change of clocks runs a nightly crawl twice or never; either of two restricted day fields is enough."""
    assert windows_between(cron(fields, zone), at(start), at(end)) == [at(each) for each in expected]


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
    """A day of 23 hours has 23 windows, one of 25 has 25, evenly apart."""
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
    """Thirty days have thirty windows, 23 to 25 hours apart, whatever clocks do; cut anywhere, parts make the whole."""
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
def test_an_interval_neither_drifts_nor_restarts(zone: str, every: int) -> None:
    """Its windows stand on a grid anchored at a midnight, wherever one begins to look."""
    entry = Entry("s", "site:s", zone, every=every)
    start, end = at("2025-03-29 13:37"), at("2025-03-30 23:59")
    whole = windows_between(entry, start, end)
    later = windows_between(entry, start + timedelta(hours=3, seconds=17), end)
    assert later == [window for window in whole if window in set(later)]
    assert {int(window.timestamp()) % every for window in whole} == {int(whole[0].timestamp()) % every}
    assert next_window(entry, whole[0]) - whole[0] == timedelta(seconds=every)


def test_a_daily_interval_falls_on_local_midnight() -> None:
    entry = Entry("s", "site:s", JAKARTA, every=86400)
    assert windows_between(entry, at("2025-03-01 00:00"), at("2025-03-02 00:00")) == [at("2025-03-01 17:00")]


@pytest.mark.parametrize(
    "fields",
    ["", "0 2 * *", "0 2 * * * *", "60 2 * * *", "0 25 * * *", "0 2 * * 8", "0 2 * * fry", "0 2 31 2 *", "0 2 last * *",
     "0 2 2nd-fri * *", "0 2 * * 5-1", "@daily", "0 2 * * 1/2", "0 2 L * *", "a b c d e", "0 2 * 13 *"],
)  # fmt: skip
def test_a_cron_that_cannot_be_used_is_refused_in_a_sentence(fields: str) -> None:
    with pytest.raises(BadTimetableError, match=r"^The cron .* of s .*\.$"):
        cron(fields)


def test_settings_make_the_timetable() -> None:
    """A source's own interval or cron wins; a source that does not exist, or both at once, is refused by name."""
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
    assert [entry.in_words() for entry in table.values()] == [
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
    both = config.Settings.model_validate({"sources": {"a": {"every": 900, "cron": "0 1 * * *"}}})
    with pytest.raises(BadTimetableError, match="not both"):
        from_settings(both, {"a": "site:a"})


# --- what is due ------------------------------------------------------------------------------------------------------

HOURLY = Entry("s", "site:s", "UTC", every=3600)
NOW = at("2025-03-03 12:30")
SINCE = at("2025-03-03 08:30")


def window(hour: int, state: WindowState, *, attempts: int = 1, next_try: datetime | None = None) -> Window:
    return Window("s", at(f"2025-03-03 {hour:02}:00"), state, "run", attempts, next_try, "why")


DONE, CLAIMED, WAITING = WindowState.DONE, WindowState.CLAIMED, WindowState.WAITING
CASES = [
    ("everything since it was switched on", [], [9, 10, 11, 12]),
    ("only what came after the latest known", [window(10, DONE)], [11, 12]),
    ("nothing while a run is under way", [window(9, CLAIMED)], []),
    ("nothing while the delay lasts", [window(12, WAITING, next_try=NOW + timedelta(minutes=1))], []),
    ("a window whose delay is over", [window(12, WAITING, next_try=NOW)], [12]),
    (
        "a new window takes those along that wait",
        [window(10, WAITING, next_try=NOW + timedelta(hours=1)), window(11, DONE)],
        [10, 12],
    ),
]


@pytest.mark.parametrize(("promise", "known", "hours"), CASES, ids=[case[0] for case in CASES])
def test_due(promise: str, known: list[Window], hours: list[int]) -> None:
    found = due({"s": HOURLY}, known, since={"s": SINCE}, paused={}, now=NOW, catch_up=timedelta(days=7))
    expected = (DueRun("s", tuple(at(f"2025-03-03 {hour:02}:00") for hour in hours)),) if hours else ()
    assert found.runs == expected
    assert found.lapses == ()


def test_a_source_that_is_off_has_nothing_due() -> None:
    found = due({"s": HOURLY}, [], since={}, paused={}, now=NOW, catch_up=timedelta(days=7))
    assert (found.runs, found.lapses) == ((), ())


def test_what_is_too_old_lapses_visibly() -> None:
    """A window never tried is missed, one that was tried has failed; both say why."""
    known = [window(9, WAITING, attempts=2, next_try=NOW), window(10, WAITING, attempts=0, next_try=NOW)]
    found = due({"s": HOURLY}, known, since={"s": SINCE}, paused={}, now=NOW, catch_up=timedelta(hours=1))
    assert found.runs == (DueRun("s", (at("2025-03-03 12:00"),)),)
    assert [(lapse.due_at.hour, str(lapse.state)) for lapse in found.lapses] == [
        (11, "missed"),
        (9, "failed"),
        (10, "missed"),
    ]
    assert all("not run within" in lapse.note for lapse in found.lapses)


def test_the_longest_waiting_goes_first() -> None:
    """Where children are few, the order is by the oldest window and then by name."""
    entries = {name: Entry(name, name, "UTC", every=3600) for name in ("a", "b", "c")}
    since = {"a": at("2025-03-03 11:30"), "b": at("2025-03-03 09:30"), "c": at("2025-03-03 11:30")}
    found = due(entries, [], since=since, paused={}, now=NOW, catch_up=timedelta(days=1))
    assert [run.source for run in found.runs] == ["b", "a", "c"]


def test_a_clock_set_back_makes_nothing_due() -> None:
    known = [window(12, DONE)]
    found = due({"s": HOURLY}, known, since={"s": SINCE}, paused={}, now=at("2025-03-03 10:30"), catch_up=timedelta(1))
    assert (found.runs, found.lapses) == ((), ())
