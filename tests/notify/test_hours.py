"""Quiet hours and the hours of digests, by the user's clock."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from notify.hours import QuietHours, clock_time, last_day, next_day, next_hour

JAKARTA = ZoneInfo("Asia/Jakarta")
BERLIN = ZoneInfo("Europe/Berlin")


def at(text: str, zone: ZoneInfo = JAKARTA) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("hours", "moment", "allowed"),
    [
        ("22:00-06:00", "2026-03-01T21:59", "2026-03-01T21:59"),
        ("22:00-06:00", "2026-03-01T22:00", "2026-03-02T06:00"),
        ("22:00-06:00", "2026-03-01T00:30", "2026-03-01T06:00"),
        ("22:00-06:00", "2026-03-01T06:00", "2026-03-01T06:00"),
        ("12:00-13:30", "2026-03-01T12:10", "2026-03-01T13:30"),
        ("12:00-13:30", "2026-03-01T11:10", "2026-03-01T11:10"),
        ("0:00-0:00", "2026-03-01T00:00", "2026-03-01T00:00"),  # no hour is quiet
    ],
)
def test_a_message_waits_for_the_end_of_quiet_hours(hours: str, moment: str, allowed: str) -> None:
    assert QuietHours.read(hours).over(at(moment), JAKARTA) == at(allowed)


def test_quiet_hours_end_by_the_clock_where_it_changes() -> None:
    late = at("2026-03-28T23:00", BERLIN)  # summer time begins that night
    assert QuietHours.read("22:00-06:00").over(late, BERLIN) == at("2026-03-29T06:00", BERLIN)


def test_hourly_and_daily_messages_have_their_hour() -> None:
    moment = at("2026-03-01T06:59:30")
    assert next_hour(moment) == at("2026-03-01T07:00")
    assert next_day(moment, time(7), JAKARTA) == at("2026-03-01T07:00")
    assert next_day(at("2026-03-01T07:00"), time(7), JAKARTA) == at("2026-03-02T07:00")
    assert last_day(moment, time(7), JAKARTA) == at("2026-02-28T07:00")
    assert last_day(datetime(2026, 3, 1, 0, 0, tzinfo=UTC), time(7), JAKARTA) == at("2026-03-01T07:00")


def test_a_clock_time_is_read() -> None:
    assert clock_time("6:30") == time(6, 30)
    with pytest.raises(ValueError, match="hour"):
        clock_time("25:00")
