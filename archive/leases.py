"""Leases: exclusive locks with an expiry, and a generation that distinguishes a stalled holder from its successor.

A lease is a row with an expiry. Its holder renews it while it works. Once it has expired anybody may take it, and its
generation increases by one. Every saving transaction of a holder checks the generation inside the transaction
(`check`), so a process that was frozen beyond its lease cannot write beside its successor (decision 12).
Expiry times are seconds since 1970 by each machine's clock, so a machine whose clock is minutes fast steals leases.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

import structlog
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DatabaseError

from archive.database import Archive
from archive.tables import leases

Clock = Callable[[], float]
log = structlog.get_logger()

MAX_SECONDS_AHEAD = 86400.0
"""Seconds. A lease that expires later than this, and later than twice the length that the new holder asks for, was
written before the clock was set back. A live holder would have renewed it since, so it may be taken."""


class LeaseLostError(Exception):
    """Another process has taken the lease; nothing more may be written under it."""


@dataclass(frozen=True)
class LeaseInfo:
    """A row of the table. `living` is False once the lease has expired or was released."""

    name: str
    holder: str
    generation: int
    acquired_at: datetime
    living: bool
    seconds_left: float

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
        with self.archive.writing() as connection:
            check(connection, self)
            connection.execute(
                update(leases).where(leases.c.name == self.name).values(expires_at=self.clock() + self.seconds)
            )

    def release(self) -> None:
        """Release the lease. Does nothing if it was lost meanwhile."""
        with self.archive.writing() as connection:
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
    """Acquire the lease `name` for `seconds`. Returns None if another process holds it."""
    holder = holder or this_process()
    now = clock()
    with archive.writing() as connection:
        row = connection.execute(select(leases).where(leases.c.name == name).with_for_update()).first()
        if row is not None and 0 < row.expires_at - now <= max(2 * seconds, MAX_SECONDS_AHEAD):
            return None
        values = {"holder": holder, "acquired_at": datetime.fromtimestamp(now, UTC), "expires_at": now + seconds}
        if row is None:
            generation = 1
            connection.execute(insert(leases).values(name=name, generation=generation, **values))
        else:
            generation = row.generation + 1
            connection.execute(update(leases).where(leases.c.name == name).values(generation=generation, **values))
    return Lease(archive, name, holder, generation, seconds, clock)


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


def holder_of(archive: Archive, name: str, *, clock: Clock = time.time) -> LeaseInfo | None:
    """The current or last holder of a lease; None if it was never acquired."""
    with archive.reading() as connection:
        row = connection.execute(select(leases).where(leases.c.name == name)).first()
    if row is None:
        return None
    left = row.expires_at - clock()
    return LeaseInfo(
        row.name, row.holder, row.generation, row.acquired_at, 0 < left <= MAX_SECONDS_AHEAD, max(0.0, left)
    )


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
