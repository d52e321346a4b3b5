"""Leases: who may do a thing now, with a generation that tells a holder that slept from its successor.

A lease is a row with an expiry. Its holder renews it while it works; once it has expired anyone may take it, and the
generation goes up by one. Every saving transaction of a holder checks its generation inside the transaction (`check`),
so a process that was frozen past its lease and woken can write nothing beside its successor (DESIGN, decision 12).
Moments are seconds since 1970 by the clock of the machines; a machine whose clock is minutes wrong steals leases.
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
from sqlalchemy.exc import OperationalError

from archive.database import Archive
from archive.tables import leases

Clock = Callable[[], float]
log = structlog.get_logger()

MAX_SECONDS_AHEAD = 86400.0
"""Seconds. A lease that runs on for longer, and for twice its taker's own length, was written before the clock was set
back: its holder is dead, or it would have renewed it by now. It may be taken."""


class LeaseLostError(Exception):
    """The lease belongs to somebody else now; nothing more may be written under it."""


@dataclass(frozen=True)
class LeaseInfo:
    """What the table says of a lease. `living` is false once it expired or was given back."""

    name: str
    holder: str
    generation: int
    acquired_at: datetime
    living: bool
    seconds_left: float

    @property
    def in_words(self) -> str:
        """The holder, and when the lease is free where that was killed: a dead one gives no sign, so nobody knows."""
        return f"{self.holder} (free in {ceil(self.seconds_left)} s, if that was killed)"


@dataclass(frozen=True)
class Lease:
    """A lease that this process took: good until its generation is another's."""

    archive: Archive
    name: str
    holder: str
    generation: int
    seconds: float
    clock: Clock = time.time

    def renew(self) -> None:
        """Extend the lease by its full time from now. Raises LeaseLostError."""
        with self.archive.writing() as connection:
            check(connection, self)
            connection.execute(
                update(leases).where(leases.c.name == self.name).values(expires_at=self.clock() + self.seconds)
            )

    def release(self) -> None:
        """Give the lease back; one that was lost meanwhile is left to its holder."""
        with self.archive.writing() as connection:
            connection.execute(
                update(leases)
                .where(leases.c.name == self.name, leases.c.generation == self.generation)
                .values(expires_at=0.0)
            )


def this_process() -> str:
    """A name for this process that no other one has: host, process id and a random part."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


def acquire(
    archive: Archive, name: str, *, holder: str | None = None, seconds: float, clock: Clock = time.time
) -> Lease | None:
    """Take the lease `name` for `seconds`, or give null where somebody else holds it."""
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
    """Make sure, inside a writing transaction, that the lease is still this holder's. Raises LeaseLostError.

    An expired lease that nobody took is still its holder's: nobody can have written in between.
    """
    row = connection.execute(
        select(leases.c.generation, leases.c.holder).where(leases.c.name == lease.name).with_for_update()
    ).first()
    if row is None or row.generation != lease.generation:
        taker = row.holder if row else "nobody"
        raise LeaseLostError(f"The lease {lease.name} of {lease.holder} has passed to {taker}.")


def holder_of(archive: Archive, name: str, *, clock: Clock = time.time) -> LeaseInfo | None:
    """Who holds a lease, or held it last; null for a name that was never taken."""
    with archive.reading() as connection:
        row = connection.execute(select(leases).where(leases.c.name == name)).first()
    if row is None:
        return None
    left = row.expires_at - clock()
    return LeaseInfo(
        row.name, row.holder, row.generation, row.acquired_at, 0 < left <= MAX_SECONDS_AHEAD, max(0.0, left)
    )


class Heartbeat:
    """Renews a lease from a thread of its own, three times within its length, until the block ends.

    `lost` is set, and `on_lost` called once from that thread, when the lease has passed to another.
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
            except OperationalError as error:  # a database that is busy or away for a moment; the next beat tries again
                log.warning("lease not renewed", lease=self.lease.name, detail=str(error.orig))
