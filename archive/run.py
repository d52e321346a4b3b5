"""A run under a lease: what a crawl, an import and a re-extraction have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TypeVar

import structlog
from sqlalchemy import Connection

from archive import addresses, clock, dialects, leases, reading_now, runs
from archive.database import Archive, SavingTransaction
from archive.leases import Lease, LeaseLostError
from archive.runs import Verdict
from archive.warc import writing
from archive.warc.pages import StoredRecord
from archive.warc.writing import WarcWriter

log = structlog.get_logger()

T = TypeVar("T")


class LeaseHeldError(Exception):
    """Another process holds the lease that a run needs; the message names it."""


class Run:
    """An open run with its lease and its WARC files. Every transaction checks the lease first.

    So a process that slept past its lease writes nothing beside its successor. As a context manager it renews the lease
    from a thread of its own, and closes the files at the end. `on_lost` is called when a transaction finds the lease
    lost, before LeaseLostError is raised.
    """

    def __init__(self, archive: Archive, lease: Lease, run_id: str, *, software: str) -> None:
        self.id = run_id
        self.archive = archive
        self.lease = lease
        self.on_lost: Callable[[], None] | None = None
        self._warc = WarcWriter(archive.warc_folder, run_id, software)
        self._heartbeat = leases.Heartbeat(lease)
        self._last_look = clock.steady()

    @classmethod
    def begin(
        cls,
        archive: Archive,
        run_id: str,
        *,
        source: str,
        kind: str,
        lease: str,
        lease_seconds: float,
        now: datetime,
        software: str = "",
        closes: Sequence[str] = (),
    ) -> Run:
        """Take the lease of this name and open a run under it. Raises LeaseHeldError.

        `closes` names the kinds of runs that need this lease. Those of the source that never ended are closed first:
        their process died or lost the lease. `software` is named in the WARC files, if any are written.
        """
        taken = leases.acquire(archive, lease, seconds=lease_seconds)
        if taken is None:
            info = leases.holder_of(archive, lease)
            holder = info.in_words if info else "another process"
            raise LeaseHeldError(f"The lease {lease} is held by {holder}. Try again when that process has ended.")
        run = cls(archive, taken, run_id, software=software)
        if closes:
            run._close_dead_runs(source, closes, now)
        with run.writing() as connection:
            runs.begin(connection, run_id, source=source, kind=kind, holder=taken.holder, lease=taken, now=now)
        return run

    def _close_dead_runs(self, source: str, kinds: Sequence[str], now: datetime) -> None:
        closed: list[str] = []
        with self.writing() as connection:
            for dead in runs.open_runs(connection, source, kinds):
                for file, cut in writing.repair(self.archive.warc_folder, dead):
                    log.warning("torn WARC record cut off", file=file, bytes=cut)
                runs.close_dead(connection, dead, now)
                page = reading_now.page_at_death(self.archive.home, dead)
                if page is not None:
                    addresses.count_reader_death(connection, page)
                log.warning("closed a dead run", run=dead, reading=page)
                closed.append(dead)
        for dead in closed:
            reading_now.forget(self.archive.home, dead)

    def __enter__(self) -> Run:
        self._heartbeat.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._heartbeat.__exit__()
        self.close_files()

    def close_files(self) -> None:
        """Close the WARC file in use, if any."""
        self._warc.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A writing transaction under the lease. Raises LeaseLostError."""
        with self._reporting_loss(), self.archive.writing() as connection:
            leases.check(connection, self.lease)
            yield connection

    @contextmanager
    def saving(self) -> Iterator[SavingTransaction]:
        """A saving transaction under the lease. Raises LeaseLostError."""
        with self._reporting_loss(), self.archive.saving() as saving:
            leases.check(saving.connection, self.lease)
            yield saving

    def save(self, work: Callable[[SavingTransaction], T]) -> T:
        """Do `work` in a saving transaction; again, if the database was away meanwhile (`dialects.patiently`).

        Raises LeaseLostError.
        """

        def once() -> T:
            with self.saving() as saving:
                return work(saving)

        return dialects.patiently(once)

    @contextmanager
    def _reporting_loss(self) -> Iterator[None]:
        try:
            yield
        except LeaseLostError:
            if self.on_lost:
                self.on_lost()
            raise

    def renew_if_stale(self) -> None:
        """Renew the lease if more than half of its time has passed since the last call: this process may have slept.

        To be called before WARC records are written outside a transaction. Raises LeaseLostError.
        """
        now = clock.steady()
        if now - self._last_look > self.lease.seconds / 2:
            with self._reporting_loss():
                self.lease.renew()
        self._last_look = now

    @contextmanager
    def kept(self, members: Sequence[bytes]) -> Iterator[Sequence[StoredRecord]]:
        """Write records (`warc.writing.gzip_member`) to disk for the transaction that points to them.

        If the transaction fails for certain, the records are removed again.
        """
        stored = self._warc.write_members(members) if members else ()
        with self._warc.discard_on_failure(stored):
            yield stored

    def finish(self, verdict: Verdict, *, listed: int) -> None:
        """Close the run with its verdict, and release the lease. Raises LeaseLostError."""
        self._heartbeat.__exit__()
        with self.writing() as connection:
            runs.finish(connection, self.id, listed=listed, traffic={}, verdict=verdict, now=datetime.now(UTC))
        self.lease.release()
