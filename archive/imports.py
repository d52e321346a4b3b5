"""Imports of files of many records: which run has claimed a file, how far it has come, and its records by outcome.

A file is claimed by a run. Every saving transaction checks the claim, and moves cursor and counts together with the
records it saves. So two runs never import a file at once, and a killed import resumes where it was: no record is
counted twice, and none is left out.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, func, insert, select, update

from archive import ending, leases, runs
from archive.database import Archive
from archive.leases import Lease, LeaseLostError
from archive.outcomes import require_known
from archive.tables import imports, outcomes, pages
from archive.tables import runs as runs_table
from archive.warc import writing

KIND = "import"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the import of a file has come. `done`: it was read to its end; `claimed_by`: another open run."""

    id: int
    cursor: int
    counts: Mapping[str, int]
    done: bool
    claimed_by: str | None = None


def file_key(path: Path, how: str) -> str:
    """Key of the import of a file: its path, size, modification time, and the options it is read with (`how`)."""
    state = path.stat()
    parts = f"{path.resolve()}\0{state.st_size}\0{state.st_mtime_ns}\0{how}"
    return hashlib.sha256(parts.encode("utf-8", "surrogateescape")).hexdigest()


def lease_of(run_id: str) -> str:
    """The name of the lease that an import run holds while it is alive."""
    return f"import:{run_id}"


def claim(
    connection: Connection, *, key: str, path: str, how: str, run_id: str, from_start: bool, now: datetime
) -> Progress:
    """Claim a file for this run, unless it was read to its end or another open run has claimed it.

    With `from_start`, a file that was read to its end is read again from its beginning. Must run in a writing
    transaction.
    """
    row = connection.execute(select(imports).where(imports.c.key == key).with_for_update()).first()
    if row is None:
        values = {"key": key, "path": path, "how": how, "run_id": run_id, "cursor": 0, "counts": {}, "started_at": now}
        result = connection.execute(insert(imports).values(**values))
        assert result.inserted_primary_key is not None  # one row in, one key out
        return Progress(int(result.inserted_primary_key[0]), 0, {}, done=False)
    if row.ended_at is not None and not from_start:
        return Progress(row.id, row.cursor, row.counts, done=True)
    if row.run_id != run_id:
        open_run = select(runs_table.c.id).where(runs_table.c.id == row.run_id, runs_table.c.ended_at.is_(None))
        if row.ended_at is None and connection.execute(open_run).first():
            return Progress(row.id, row.cursor, row.counts, done=False, claimed_by=row.run_id)
    reset = {"cursor": 0, "counts": {}, "started_at": now, "ended_at": None} if row.ended_at is not None else {}
    connection.execute(update(imports).where(imports.c.id == row.id).values(run_id=run_id, **reset))
    return Progress(row.id, 0 if reset else row.cursor, {} if reset else row.counts, done=False)


def advance(connection: Connection, import_id: int, run_id: str, cursor: int, ended: Mapping[str, int]) -> None:
    """Move a file's cursor past records that are saved in the same transaction, and count them by outcome.

    Raises LeaseLostError if another run has claimed the file, and UnknownOutcomeError.
    """
    for outcome in ended:
        require_known(outcome)
    row = connection.execute(select(imports).where(imports.c.id == import_id).with_for_update()).one()
    if row.run_id != run_id:
        raise LeaseLostError(f"The import of {row.path} has passed to the run {row.run_id}.")
    counts = dict(Counter(row.counts) + Counter(ended))
    connection.execute(update(imports).where(imports.c.id == import_id).values(cursor=cursor, counts=counts))


def finish(connection: Connection, import_id: int, now: datetime) -> Mapping[str, int]:
    """Mark a file as read to its end; returns its counts."""
    connection.execute(update(imports).where(imports.c.id == import_id).values(ended_at=now))
    counts: Mapping[str, int] = connection.execute(
        select(imports.c.counts).where(imports.c.id == import_id)
    ).scalar_one()
    return counts


def problems(connection: Connection, run_id: str, import_id: int, most: int) -> tuple[runs.Problem, ...]:
    """The first records of a file that a run rejected or could not read, in the order of the file."""
    table = outcomes.c
    bad = table.outcome.like("rejected:%") | table.outcome.like("error:%")
    of_file = select(outcomes).where(table.run_id == run_id, table.address_key.like(f"{import_id}#%"), bad)
    rows = connection.execute(of_file.order_by(func.length(table.address_key), table.address_key).limit(most))
    return tuple(runs.Problem(each.address, each.outcome, each.detail, each.article_id) for each in rows)


def close_dead_runs(archive: Archive, lease_seconds: float, now: datetime) -> Sequence[str]:
    """Close import runs whose lease has expired, and cut off what they wrote and did not save. Returns their ids."""
    with archive.reading() as connection:
        opened = select(runs_table.c.id).where(runs_table.c.kind == KIND, runs_table.c.ended_at.is_(None))
        candidates = list(connection.execute(opened).scalars())
    return [run_id for run_id in candidates if close_if_dead(archive, run_id, lease_seconds, now)]


def close_if_dead(archive: Archive, run_id: str, lease_seconds: float, now: datetime) -> bool:
    """Close an import run whose lease has expired; returns False if it is still alive."""
    lease = leases.acquire(archive, lease_of(run_id), seconds=lease_seconds)
    if lease is None:
        return False
    _close(archive, lease, run_id, now)
    lease.release()
    return True


def wait_until_dead(archive: Archive, run_id: str, lease_seconds: float) -> bool:
    """Wait until an import run is certainly dead, and close it. Returns False as soon as it renews its lease.

    A killed run leaves a lease that has not expired yet, so this takes up to `lease_seconds`.
    """
    deadline = time.monotonic() + lease_seconds + 1
    before = leases.holder_of(archive, lease_of(run_id))
    while not close_if_dead(archive, run_id, lease_seconds, datetime.now(UTC)):
        now = leases.holder_of(archive, lease_of(run_id))
        if time.monotonic() > deadline or (now and before and now.seconds_left > before.seconds_left):
            return False
        before = now
        if ending.wait(min(0.1, lease_seconds / 10)):
            return False
    return True


def _close(archive: Archive, lease: Lease, run_id: str, now: datetime) -> None:
    with archive.writing() as connection:
        leases.check(connection, lease)
        if connection.execute(select(runs_table.c.ended_at).where(runs_table.c.id == run_id)).scalar_one():
            return  # it has ended, or another process has closed it, in the meantime
        ends = connection.execute(
            select(pages.c.warc_file, func.max(pages.c.warc_offset + pages.c.warc_length))
            .where(pages.c.run_id == run_id)
            .group_by(pages.c.warc_file)
        )
        writing.cut_unreferenced(archive.warc_folder, run_id, {row[0]: row[1] for row in ends})
        runs.close_dead(connection, run_id, now)
