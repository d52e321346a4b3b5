"""What is stored from later than now counts as if it were not there, each kind up to its own bound."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from archive import addresses, clock_jumps, flag_counts, runs
from archive.addresses import FetchResult, SettledAddress
from archive.clock import Jump, JumpWatch, duration
from archive.database import Archive
from archive.health import harvest
from archive.records import Listing
from archive.tables import addresses as addresses_table
from archive.tables import harvests, run_flags
from archive.tables import runs as runs_table

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
AHEAD = NOW + timedelta(days=400)
URL = "http://www.newsstand.test/berita/1/satu"


@pytest.mark.parametrize(
    ("wall", "steady", "expected"),
    [
        (3600, 3600, None),
        (3600 + 200, 3600, None),
        (3600 - 7200, 3600, "the clock was set back by 2 h 0 min"),
        (3600 + 400 * 86400, 3600, "the clock was set forward by 400 d 0 h"),
        (365 * 86400, 365 * 86400, None),
    ],
    ids=["an hour", "a small correction", "set back", "set forward", "a year asleep"],
)
def test_a_jump_is_what_the_wall_clock_gains_or_loses_against_the_steady_one(
    wall: float, steady: float, expected: str | None
) -> None:
    times = {"wall": NOW.timestamp(), "steady": 50.0}
    watch = JumpWatch(lambda: times["wall"], lambda: times["steady"], counts_sleep=True)
    assert watch.look() is None
    times = {"wall": times["wall"] + wall, "steady": times["steady"] + steady}
    jump = watch.look()
    assert (jump and jump.in_words) == expected
    assert watch.look() is None, "told once"


def test_where_the_steady_clock_stops_asleep_only_a_set_back_is_certain() -> None:
    times = [NOW.timestamp(), 50.0]
    watch = JumpWatch(lambda: times[0], lambda: times[1], counts_sleep=False)
    times[0] += 10 * 3600
    assert watch.look() is None
    times[0] -= 7200
    assert watch.look() is not None


@pytest.mark.parametrize(
    ("seconds", "words"), [(40, "40 s"), (600, "10 min"), (7260, "2 h 1 min"), (400 * 86400 + 3 * 3600, "400 d 3 h")]
)
def test_a_duration_in_words(seconds: int, words: str) -> None:
    assert duration(timedelta(seconds=seconds)) == words


# -- the queue --------------------------------------------------------------------------------------------------------


def queued(archive: Archive, **values: object) -> None:
    with archive.writing() as connection:
        addresses.remember(connection, "newsstand", [Listing(URL, "feed")], NOW)
        if values:
            connection.execute(update(addresses_table).values(**values))


@pytest.mark.parametrize(
    ("next_try", "due"),
    [
        (None, True),
        (NOW, True),
        (NOW + timedelta(hours=1), False),
        (NOW + timedelta(days=7), False),
        (NOW + timedelta(days=8), True),
        (AHEAD, True),
        (datetime(2099, 1, 1, tzinfo=UTC), True),
    ],
)
def test_a_next_try_beyond_a_week_is_now(archive: Archive, next_try: datetime | None, due: bool) -> None:
    """No retry waits longer: it was written while the clock stood ahead, or by an older version for Retry-After."""
    queued(archive, next_try=next_try)
    with archive.reading() as connection:
        assert [each.url for each in addresses.due(connection, "newsstand", NOW)] == ([URL] if due else [])
        address = addresses.find(connection, URL)
    assert address
    assert addresses.should_fetch(address, None, NOW, always=True) is due


def test_a_page_fetched_in_the_future_is_fetched_again_when_a_sitemap_lists_it(archive: Archive) -> None:
    """Otherwise no change until then would be seen."""
    listing = Listing(URL, "sitemap", changed_at=NOW - timedelta(days=1))
    for last_fetched, expected in ((NOW, False), (AHEAD, True)):
        queued(archive, state="done", last_fetched=last_fetched)
        with archive.reading() as connection:
            address = addresses.find(connection, URL)
        assert address
        assert addresses.should_fetch(address, listing, NOW, always=False) is expected


def test_a_host_that_asks_to_wait_until_2099_is_asked_again_within_a_week(archive: Archive) -> None:
    queued(archive)
    with archive.writing() as connection:
        answer = FetchResult(429, retry_after=timedelta(days=27_000))
        key = addresses.find_all(connection, [addresses.canonical_key(URL)])[0].key
        addresses.settle(connection, [SettledAddress(key, "error:http-429", answer)], NOW)
        found = addresses.find(connection, URL)
    assert found
    assert found.next_try == NOW + timedelta(days=7)


# -- runs -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_runs(archive: Archive) -> Archive:
    """A run of yesterday, and one from while the clock stood ahead."""
    with archive.writing() as connection:
        for run_id, began in (("true", NOW - timedelta(days=1)), ("ahead", AHEAD)):
            row = {"id": run_id, "source": "newsstand", "kind": "crawl", "started_at": began, "ended_at": began}
            connection.execute(insert(runs_table).values(**row, holder="h", traffic={}, verdict="good"))
            connection.execute(insert(harvests).values(run_id=run_id, articles=5, stored=5, updated=0, shortened=False))
            flags = {"run_id": run_id, "source": "newsstand", "articles": 5, "doubtful": 0, "counts": {}}
            connection.execute(insert(run_flags).values(**flags))
    return archive


def test_a_run_from_the_future_is_not_the_latest(two_runs: Archive) -> None:
    latest = runs.latest(two_runs, "newsstand", NOW)
    assert latest
    assert latest.id == "true"
    later = runs.latest(two_runs, "newsstand", AHEAD)
    assert later
    assert later.id == "ahead"
    with two_runs.reading() as connection:
        assert runs.last_harvest(connection, "newsstand", NOW) == NOW - timedelta(days=1)
        assert clock_jumps.newest_ahead(connection, NOW) == AHEAD
        assert clock_jumps.newest_ahead(connection, AHEAD) is None


def test_a_baseline_has_no_runs_from_the_future_and_does_not_begin_there(two_runs: Archive) -> None:
    with two_runs.writing() as connection:
        assert [each.run_id for each in harvest.recent_harvests(connection, "newsstand", NOW)] == ["true"]
        assert [each.run_id for each in harvest.first_harvests(connection, "newsstand", NOW)] == ["true"]
        harvest.accept(connection, "newsstand", AHEAD)
        assert harvest.baseline_since(connection, "newsstand", NOW) is None
        assert harvest.baseline_since(connection, "newsstand", AHEAD) == AHEAD


def test_flags_of_the_last_runs_are_those_of_runs_that_have_been(two_runs: Archive) -> None:
    far = datetime.now(UTC) + timedelta(days=400)
    with two_runs.writing() as connection:
        connection.execute(update(runs_table).where(runs_table.c.id == "ahead").values(started_at=far))
        assert [each.articles for each in flag_counts.of_last_runs(connection, 7)] == [5]


def test_moments_later_than_now_are_told_once(two_runs: Archive) -> None:
    with two_runs.writing() as connection:
        found = clock_jumps.unexplained(connection, NOW)
        assert found == Jump(AHEAD, NOW)
        clock_jumps.record(connection, found)
        assert clock_jumps.unexplained(connection, NOW + timedelta(days=1)) is None
        assert list(clock_jumps.last(connection)) == [found]
