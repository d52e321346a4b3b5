"""Leases: exclusive locks with an expiry, and a generation that distinguishes a stalled holder from its successor.

A lease is a row with an expiry. Its holder renews it while it works. Once it has expired anybody may take it, and its
generation increases by one. Every saving transaction of a holder checks the generation inside the transaction
(`check`), so a process that was frozen beyond its lease cannot write beside its successor (decision 12).
Expiry times are seconds since 1970 by each machine's clock, so a machine whose clock is minutes fast steals leases.
A lease is never longer than its own length from now: an expiry further ahead was written before the clock was set back.
Whoever finds one cuts it to the full length from now. A holder that lives renews it before that; a dead one does not.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

import structlog
from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import DatabaseError

from archive.database import Archive
from archive.dialects import insert_if_absent
from archive.tables import leases

Clock = Callable[[], float]
log = structlog.get_logger()

LONGEST = 86400.0
"""Seconds. The length of a lease that does not tell it (`KLIPING_LEASE_SECONDS` allows no more)."""

SKEW = 1.0
"""Seconds by which an expiry may exceed its length: the clocks of two processes were read a moment apart."""


class LeaseLostError(Exception):
    """Another process has taken the lease; nothing more may be written under it."""


@dataclass(frozen=True)
class LeaseInfo:
    """A row of the table. `living` is False once the lease has expired or was released.

    `seconds_left` is at most the lease's length. `too_far`: it expires later than that, so the clock was set back since
    (`holder_now`). `renewed_at` is None of a lease that was released.
    """

    name: str
    holder: str
    generation: int
    acquired_at: datetime
    living: bool
    seconds_left: float
    too_far: bool = False
    renewed_at: datetime | None = None

    @property
    def released(self) -> bool:
        """Whether its holder gave it back."""
        return self.renewed_at is None

    @property
    def in_words(self) -> str:
        """The holder, and in how many seconds the lease is free if that process is dead, which we cannot tell."""
        return f"{self.holder} (if that process is dead, the lease is free in {ceil(self.seconds_left)} s)"


@dataclass(frozen=True)
class Lease:
    """A lease that this process acquired. It is valid until another process acquires it."""

    archive: Archive
    name: str
    holder: str
    generation: int
    seconds: float
    clock: Clock = time.time

    def renew(self) -> None:
        """Set the expiry to the full length from now. Raises LeaseLostError."""
        with self.archive.writing(in_turn=False) as connection:
            check(connection, self)
            connection.execute(
                update(leases)
                .where(leases.c.name == self.name)
                .values(expires_at=self.clock() + self.seconds, seconds=self.seconds)
            )

    def release(self) -> None:
        """Release the lease. Does nothing if it was lost meanwhile."""
        with self.archive.writing(in_turn=False) as connection:
            connection.execute(
                update(leases)
                .where(leases.c.name == self.name, leases.c.generation == self.generation)
                .values(expires_at=0.0)
            )


def this_process() -> str:
    """A unique name for this process: host, process id and a random part."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


def acquire(
    archive: Archive, name: str, *, holder: str | None = None, seconds: float, clock: Clock = time.time
) -> Lease | None:
    """Acquire the lease `name` for `seconds`. Returns None if another process holds it.

    Also if that process is dead and the lease expires too far ahead; then its expiry is cut, so that it is free after
    its own length.
    """
    holder = holder or this_process()
    now = clock()
    with archive.writing(in_turn=False) as connection:
        row = _locked(connection, name)
        if row.expires_at > now:
            _cut_expiry(connection, row, now)
            return None
        values = {
            "holder": holder,
            "acquired_at": datetime.fromtimestamp(now, UTC),
            "expires_at": now + seconds,
            "seconds": seconds,
        }
        generation = int(row.generation) + 1
        connection.execute(update(leases).where(leases.c.name == name).values(generation=generation, **values))
    return Lease(archive, name, holder, generation, seconds, clock)


def _locked(connection: Connection, name: str) -> Row[Any]:
    """The lease's row, locked until the transaction ends. Of two that make it first, the second finds the first's."""
    chosen = select(leases).where(leases.c.name == name).with_for_update()
    row = connection.execute(chosen).first()
    if row is None:
        free = {"holder": "", "generation": 0, "acquired_at": datetime.fromtimestamp(0, UTC), "expires_at": 0.0}
        connection.execute(insert_if_absent(connection, leases).values(name=name, **free))
        row = connection.execute(chosen).one()
    return row


def check(connection: Connection, lease: Lease) -> None:
    """Check inside a writing transaction that this holder still has the lease. Raises LeaseLostError.

    An expired lease that nobody has taken is still valid: no other process can have written in between.
    """
    row = connection.execute(
        select(leases.c.generation, leases.c.holder).where(leases.c.name == lease.name).with_for_update()
    ).first()
    if row is None or row.generation != lease.generation:
        fate = f"was taken by {row.holder}" if row else "no longer exists"
        raise LeaseLostError(f"The lease {lease.name} of {lease.holder} {fate}.")


def living(archive: Archive, *, clock: Clock = time.time) -> Sequence[LeaseInfo]:
    """The leases that somebody holds now, by name."""
    with archive.reading() as connection:
        held = select(leases.c.name).where(leases.c.expires_at > clock()).order_by(leases.c.name)
        names = list(connection.execute(held).scalars())
    found = (holder_of(archive, name, clock=clock) for name in names)
    return [each for each in found if each is not None and each.living]


def holder_of(archive: Archive, name: str, *, clock: Clock = time.time) -> LeaseInfo | None:
    """The current or last holder of a lease; None if it was never acquired."""
    with archive.reading() as connection:
        row = connection.execute(select(leases).where(leases.c.name == name)).first()
    return None if row is None else _lease_info(row, clock())


def holder_now(archive: Archive, name: str, *, clock: Clock = time.time) -> LeaseInfo | None:
    """`holder_of`, for those who wait until the lease is free: cuts an expiry that lies too far ahead."""
    info = holder_of(archive, name, clock=clock)
    if info is not None and info.too_far:
        with archive.writing(in_turn=False) as connection:
            row = connection.execute(select(leases).where(leases.c.name == name).with_for_update()).one()
            _cut_expiry(connection, row, clock())
        info = holder_of(archive, name, clock=clock)
    return info


def _lease_info(row: Row[Any], now: float) -> LeaseInfo:
    left, length = row.expires_at - now, _length(row)
    renewed_at = datetime.fromtimestamp(row.expires_at - length, UTC) if row.expires_at else None
    return LeaseInfo(
        row.name,
        row.holder,
        row.generation,
        row.acquired_at,
        left > 0,
        min(max(0.0, left), length),
        left > length + SKEW,
        renewed_at,
    )


def _length(row: Row[Any]) -> float:
    return LONGEST if row.seconds is None else float(row.seconds)


def _cut_expiry(connection: Connection, row: Row[Any], now: float) -> None:
    """Cut an expiry that lies further ahead than the lease is long to its length from now."""
    if row.expires_at - now > _length(row) + SKEW:
        log.warning("lease cut: the clock was set back", lease=row.name, holder=row.holder)
        cut = update(leases).where(leases.c.name == row.name, leases.c.generation == row.generation)
        connection.execute(cut.values(expires_at=now + _length(row)))


class Heartbeat:
    """Renews a lease from its own thread, three times per lease length, until the block ends.

    When another process has taken the lease, it sets `lost` and calls `on_lost` once from that thread.
    """

    def __init__(self, lease: Lease, on_lost: Callable[[], None] | None = None) -> None:
        self.lease = lease
        self.lost = threading.Event()
        self._on_lost = on_lost
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {lease.name}", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._ended.wait(self.lease.seconds / 3):
            try:
                self.lease.renew()
            except LeaseLostError as lost:
                log.warning("lease lost", lease=self.lease.name, detail=str(lost))
                self.lost.set()
                if self._on_lost:
                    self._on_lost()
                return
            except DatabaseError as error:  # the database is busy or unreachable for a moment; the next beat retries
                log.warning("lease not renewed", lease=self.lease.name, detail=str(error.orig))


@contextmanager
def renewed(lease: Lease) -> Iterator[Lease]:
    """Renew a lease while the block runs, and release it afterwards."""
    try:
        with Heartbeat(lease):
            yield lease
    finally:
        lease.release()
