"""A source that stands still is told, and one that publishes seldom is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from archive.database import Archive
from archive.health.silence import silence, silence_of
from archive.tables import articles, runs

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def every(gap: timedelta, count: int, newest: timedelta) -> list[datetime]:
    return [NOW - newest - gap * place for place in reversed(range(count))]


@pytest.mark.parametrize(
    ("published", "silent"),
    [
        ([], False),
        (every(DAY, 30, 1.5 * DAY), False),
        (every(DAY, 30, 2.5 * DAY), True),
        (every(DAY, 9, 30 * DAY), False),  # too few to know
        (every(DAY / 4, 40, 30 * DAY), False),  # of ten days
        (every(DAY / 100, 500, 3 * DAY), True),  # a busy one, of five days
        (every(DAY / 100, 500, 1.9 * DAY), False),
        (every(7 * DAY, 12, 13 * DAY), False),  # a weekly
        ([*every(DAY, 20, 32 * DAY), *every(DAY, 20, 5 * DAY)], False),  # it had a pause of eight days
        ([*every(DAY, 20, 32 * DAY), *every(DAY, 20, 17 * DAY)], True),
        ([*every(DAY, 20, 160 * DAY), *every(DAY, 20, 5 * DAY)], True),  # a long pause of months ago does not count
    ],
)
def test_a_pause_is_a_silence_if_it_is_twice_as_long_as_any_of_the_weeks_before(
    published: Sequence[datetime], silent: bool
) -> None:
    found = silence(published, NOW)
    assert (found is not None) == silent
    if found:
        assert found.since == published[-1]
        assert "nothing new for" in found.in_words(NOW)


@pytest.mark.parametrize(("began", "told"), [(60 * DAY, True), (2 * DAY, False)])
def test_nobody_listened_before_the_first_crawl(archive: Archive, began: timedelta, told: bool) -> None:
    with archive.writing() as connection:
        for number, moment in enumerate(every(DAY, 30, 5 * DAY)):
            fixed = {"source": "antara", "seq": 0, "version": 1, "content_hash": "x", "status": "live"}
            moments = dict.fromkeys(("published_on", "first_saved", "last_saved", "last_seen"), moment)
            connection.execute(insert(articles).values(id=str(number), **fixed, **moments))
        run = {"id": "r", "source": "antara", "kind": "crawl", "started_at": NOW - began, "holder": "t", "traffic": {}}
        connection.execute(insert(runs).values(**run, ended_at=NOW - began, verdict="good"))
    assert (silence_of(archive, "antara", NOW) is not None) == told
