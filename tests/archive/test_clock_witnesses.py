"""What publishers said of the time: the last word of each source, until our clock is known to have changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from archive import clock_jumps, clock_witnesses
from archive.clock import Jump
from archive.database import Archive

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def said(archive: Archive, now: datetime = NOW) -> dict[str, int]:
    with archive.reading() as connection:
        return clock_witnesses.since(connection, now - 24 * HOUR, now)


def test_the_last_word_of_each_source_counts_for_a_day(archive: Archive) -> None:
    with archive.writing() as connection:
        clock_witnesses.note(connection, "antara", 7200.4, NOW - 3 * HOUR)
        clock_witnesses.note(connection, "antara", 7199.6, NOW - 2 * HOUR)
        clock_witnesses.note(connection, "kompas", -3.0, NOW - 23 * HOUR)
    assert said(archive) == {"antara": 7200, "kompas": -3}
    assert said(archive, NOW + 2 * HOUR) == {"antara": 7200}
    assert said(archive, NOW + 30 * HOUR) == {}


def test_what_was_said_before_the_clock_changed_or_will_be_said_does_not_count(archive: Archive) -> None:
    with archive.writing() as connection:
        clock_witnesses.note(connection, "antara", 7200, NOW)
        clock_witnesses.note(connection, "kompas", 7200, NOW + HOUR)
    assert said(archive) == {"antara": 7200}
    with archive.writing() as connection:
        clock_jumps.record(connection, Jump(NOW, NOW + 2 * HOUR))
    assert said(archive, NOW + 2 * HOUR) == {}
