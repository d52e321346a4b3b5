"""Leases: one holder at a time, ensured by expiry and generation."""

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


def test_a_lease_has_one_holder_until_it_expires_or_is_released(archive: Archive) -> None:
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


def test_a_holder_that_stalled_beyond_its_lease_can_neither_renew_nor_write(archive: Archive) -> None:
    clock = FakeClock()
    sleeper = leases.acquire(archive, "site:x.test", holder="a", seconds=60, clock=clock)
    assert sleeper
    clock.now += 61
    with archive.writing() as connection:
        leases.check(connection, sleeper)  # expired, but nobody has taken it: no other process can have written
    successor = leases.acquire(archive, "site:x.test", holder="b", seconds=60, clock=clock)
    assert successor
    with pytest.raises(leases.LeaseLostError):
        sleeper.renew()
    with pytest.raises(leases.LeaseLostError), archive.writing() as connection:
        leases.check(connection, sleeper)
    sleeper.release()
    info = leases.holder_of(archive, "site:x.test", clock=clock)
    assert info
    assert info.holder == "b"
    assert info.living


@pytest.mark.parametrize("back", [600, 2 * 3600, 365 * 86400])
def test_a_lease_written_before_the_clock_was_set_back_is_free_after_its_own_length(
    archive: Archive, back: int
) -> None:
    """A dead holder would block everybody until that future moment. Whoever asks cuts the lease to its length."""
    clock = FakeClock()
    clock.now += back
    assert leases.acquire(archive, "site:x.test", holder="a", seconds=60, clock=clock)
    clock.now -= back
    info = leases.holder_of(archive, "site:x.test", clock=clock)
    assert info
    assert (info.living, info.seconds_left, info.too_far) == (True, 60, True)
    assert leases.acquire(archive, "site:x.test", holder="b", seconds=60, clock=clock) is None
    clock.now += 59
    assert leases.acquire(archive, "site:x.test", holder="b", seconds=60, clock=clock) is None
    clock.now += 2
    assert leases.acquire(archive, "site:x.test", holder="b", seconds=60, clock=clock)


def test_a_living_holder_keeps_its_lease_when_the_clock_is_set_back(archive: Archive) -> None:
    """It renews within a third of the length, and others may take nothing before that."""
    clock = FakeClock()
    lease = leases.acquire(archive, "site:x.test", holder="a", seconds=60, clock=clock)
    assert lease
    clock.now -= 7200
    info = leases.holder_now(archive, "site:x.test", clock=clock)
    assert info
    assert (info.living, info.seconds_left, info.too_far) == (True, 60, False)
    for _ in range(10):
        clock.now += 20
        lease.renew()
        assert leases.acquire(archive, "site:x.test", holder="b", seconds=60, clock=clock) is None


def test_only_one_of_eight_concurrent_requests_gets_a_lease(archive: Archive) -> None:
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


def test_a_heartbeat_renews_a_lease_and_reports_its_loss(archive: Archive) -> None:
    clock = FakeClock()
    lease = leases.acquire(archive, "site:x.test", seconds=0.3, clock=clock)
    assert lease

    def renewed() -> bool:
        info = leases.holder_of(archive, "site:x.test", clock=clock)
        return info is not None and info.seconds_left == pytest.approx(0.3, abs=0.001)

    notified = threading.Event()
    with leases.Heartbeat(lease, on_lost=notified.set) as heartbeat:
        for _ in range(2):
            clock.now += 0.2  # together longer than the lease
            until(renewed)
        assert not heartbeat.lost.is_set()
        assert leases.acquire(archive, "site:x.test", seconds=60, clock=clock) is None
        with archive.writing() as connection:
            connection.execute(update(leases.leases).values(generation=99))
        assert notified.wait(60)
        assert heartbeat.lost.is_set()
