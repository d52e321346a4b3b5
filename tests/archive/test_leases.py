"""Leases: one holder at a time, by the clock and by their generation."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import update

from archive import leases
from archive.database import Archive
from tests.support.children import until


class FakeClock:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_a_lease_has_one_holder_until_it_expires_or_is_given_back(archive: Archive) -> None:
    clock = FakeClock()
    first = leases.acquire(archive, "site:x.test", holder="a", seconds=60, clock=clock)
    assert first
    assert leases.acquire(archive, "site:x.test", holder="b", seconds=60, clock=clock) is None
    assert leases.acquire(archive, "site:y.test", holder="b", seconds=60, clock=clock) is not None
    clock.now += 50
    first.renew()
    clock.now += 50
    assert leases.acquire(archive, "site:x.test", holder="b", seconds=60, clock=clock) is None
    first.release()
    second = leases.acquire(archive, "site:x.test", holder="b", seconds=60, clock=clock)
    assert second
    assert second.generation == first.generation + 1


def test_a_holder_that_slept_past_its_lease_can_neither_renew_nor_write(archive: Archive) -> None:
    clock = FakeClock()
    sleeper = leases.acquire(archive, "site:x.test", holder="a", seconds=60, clock=clock)
    assert sleeper
    clock.now += 61
    with archive.writing() as connection:
        leases.check(connection, sleeper)  # expired, and nobody has taken it: nothing can have happened in between
    successor = leases.acquire(archive, "site:x.test", holder="b", seconds=60, clock=clock)
    assert successor
    with pytest.raises(leases.LeaseLostError):
        sleeper.renew()
    with pytest.raises(leases.LeaseLostError), archive.writing() as connection:
        leases.check(connection, sleeper)
    sleeper.release()
    holding = leases.holder_of(archive, "site:x.test", clock=clock)
    assert holding
    assert holding.holder == "b"
    assert holding.living


def test_a_lease_written_before_the_clock_was_set_back_can_be_taken(archive: Archive) -> None:
    """Else nobody crawled until the wrong year had come."""
    clock = FakeClock()
    clock.now += 365 * 86400
    assert leases.acquire(archive, "site:x.test", holder="a", seconds=60, clock=clock)
    clock.now -= 365 * 86400
    holding = leases.holder_of(archive, "site:x.test", clock=clock)
    assert holding
    assert not holding.living
    assert leases.acquire(archive, "site:x.test", holder="b", seconds=60, clock=clock)


def test_of_many_that_ask_for_a_lease_at_once_one_gets_it(archive: Archive) -> None:
    got: list[leases.Lease | None] = []
    threads = [
        threading.Thread(target=lambda: got.append(leases.acquire(archive, "site:x.test", seconds=60)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert len([lease for lease in got if lease]) == 1


def test_a_heartbeat_keeps_a_lease_and_tells_when_it_is_lost(archive: Archive) -> None:
    clock = FakeClock()
    lease = leases.acquire(archive, "site:x.test", seconds=0.3, clock=clock)
    assert lease

    def renewed() -> bool:
        holding = leases.holder_of(archive, "site:x.test", clock=clock)
        return holding is not None and holding.seconds_left == pytest.approx(0.3, abs=0.001)

    told = threading.Event()
    with leases.Heartbeat(lease, on_lost=told.set) as heartbeat:
        for _ in range(2):
            clock.now += 0.2  # together more than its length
            until(renewed)
        assert not heartbeat.lost.is_set()
        assert leases.acquire(archive, "site:x.test", seconds=60, clock=clock) is None
        with archive.writing() as connection:
            connection.execute(update(leases.leases).values(generation=99))
        assert told.wait(60)
        assert heartbeat.lost.is_set()
