"""An import as a run of its own: its lease, its outcomes and its WARC file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog
from sqlalchemy import Connection

from archive import imports, leases, runs
from archive.database import Archive, SavingTransaction
from archive.leases import Lease
from archive.runs import Verdict
from archive.warc.pages import StoredRecord
from archive.warc.writing import WarcWriter

SOURCE = "import"

log = structlog.get_logger()


class ImportRun:
    """A run under a lease of its own, which nobody else wants while it lives; every transaction checks it.

    It is no politeness lease: imports ask nothing of a publisher, and any number of them may run beside a crawl.
    """

    def __init__(self, archive: Archive, lease: Lease, run_id: str, software: str) -> None:
        self.id = run_id
        self.archive = archive
        self._lease = lease
        self._warc = WarcWriter(archive.warc_folder, run_id, software)
        self._heartbeat = leases.Heartbeat(lease)

    @classmethod
    def begin(cls, archive: Archive, *, software: str, lease_seconds: float, now: datetime) -> ImportRun:
        """Close the runs of imports that died, and open one."""
        for dead in imports.close_dead_runs(archive, lease_seconds, now):
            log.warning("closed a dead run", run=dead)
        run_id = runs.new_id(SOURCE, now)
        lease = leases.acquire(archive, imports.lease_of(run_id), seconds=lease_seconds)
        assert lease is not None  # the name is new
        with archive.writing() as connection:
            runs.begin(connection, run_id, source=SOURCE, kind=imports.KIND, holder=lease.holder, lease=lease, now=now)
        return cls(archive, lease, run_id, software)

    def __enter__(self) -> ImportRun:
        self._heartbeat.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._heartbeat.__exit__()
        self._warc.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A writing transaction under the lease. Raises LeaseLostError."""
        with self.archive.writing() as connection:
            leases.check(connection, self._lease)
            yield connection

    @contextmanager
    def saving(self) -> Iterator[SavingTransaction]:
        """A saving transaction under the lease. Raises LeaseLostError."""
        with self.archive.saving() as saving:
            leases.check(saving.connection, self._lease)
            yield saving

    @contextmanager
    def kept(self, members: Sequence[bytes]) -> Iterator[Sequence[StoredRecord]]:
        """Records (`gzip_member`) on disk, for the transaction within; they go again where that surely fails."""
        stored = self._warc.write_members(members) if members else ()
        with self._warc.discard_on_failure(stored):
            yield stored

    def finish(self, *, listed: int, verdict: Verdict) -> None:
        """Close the run with its verdict, and give the lease back. Raises LeaseLostError."""
        self._heartbeat.__exit__()
        with self.writing() as connection:
            runs.finish(connection, self.id, listed=listed, traffic={}, verdict=verdict, now=datetime.now(UTC))
        self._lease.release()
