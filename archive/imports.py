"""Files of many records, each with how far its import has come: who imports it now, and what became of its records.

A file is claimed by a run; the claim is checked in every saving transaction, and cursor and counts move in the same one
as what was read. So a file is never imported by two at once, and a killed import goes on where it was: no record is
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

from archive import leases, runs
from archive.database import Archive
from archive.leases import Lease, LeaseLostError
from archive.outcomes import require_known
from archive.runs import Verdict
from archive.tables import imports, outcomes, pages
from archive.tables import runs as runs_table
from archive.warc import writing

KIND = "import"


@dataclass(frozen=True, slots=True)
class RecordOutcome:
    """How one record ended. `key` says where in its file it is; `address` is its own, or names its line."""

    key: str
    address: str
    outcome: str
    detail: str | None = None
    article_id: str | None = None
    page_id: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the import of a file has come. `done`: it was read to its end; `held_by`: the open run that is at it."""

    id: int
    cursor: int
    counts: Mapping[str, int]
    done: bool
    held_by: str | None = None


def file_key(path: Path, how: str) -> str:
    """What tells one import of a file from another: its place, size and time of change, and how it is to be read."""
    state = path.stat()
    told = f"{path.resolve()}\0{state.st_size}\0{state.st_mtime_ns}\0{how}"
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()


def lease_of(run_id: str) -> str:
    """The name of the lease that an import run holds while it lives."""
    return f"import:{run_id}"


def claim(
    connection: Connection, *, key: str, path: str, how: str, run_id: str, again: bool, now: datetime
) -> Progress:
    """Make a file this run's, unless it was read to its end or a run that has not ended holds it.

    `again` begins anew with a file that was read to its end. Must run in a writing transaction.
    """
    row = connection.execute(select(imports).where(imports.c.key == key).with_for_update()).first()
    if row is None:
        values = {"key": key, "path": path, "how": how, "run_id": run_id, "cursor": 0, "counts": {}, "started_at": now}
        result = connection.execute(insert(imports).values(**values))
        assert result.inserted_primary_key is not None  # one row in, one key out
        return Progress(int(result.inserted_primary_key[0]), 0, {}, done=False)
    if row.ended_at is not None and not again:
        return Progress(row.id, row.cursor, row.counts, done=True)
    if row.run_id != run_id:
        open_run = select(runs_table.c.id).where(runs_table.c.id == row.run_id, runs_table.c.ended_at.is_(None))
        if row.ended_at is None and connection.execute(open_run).first():
            return Progress(row.id, row.cursor, row.counts, done=False, held_by=row.run_id)
    anew = {"cursor": 0, "counts": {}, "started_at": now, "ended_at": None} if row.ended_at is not None else {}
    connection.execute(update(imports).where(imports.c.id == row.id).values(run_id=run_id, **anew))
    return Progress(row.id, 0 if anew else row.cursor, {} if anew else row.counts, done=False)


def advance(connection: Connection, import_id: int, run_id: str, cursor: int, ended: Mapping[str, int]) -> None:
    """Move a file's cursor past records that are saved in the same transaction.

    Raises LeaseLostError if it is another's, and UnknownOutcomeError.
    """
    for outcome in ended:
        require_known(outcome)
    row = connection.execute(select(imports).where(imports.c.id == import_id).with_for_update()).one()
    if row.run_id != run_id:
        raise LeaseLostError(f"The import of {row.path} has passed to the run {row.run_id}.")
    counts = dict(Counter(row.counts) + Counter(ended))
    connection.execute(update(imports).where(imports.c.id == import_id).values(cursor=cursor, counts=counts))


def finish(connection: Connection, import_id: int, now: datetime) -> Mapping[str, int]:
    """Note that a file was read to its end; gives its counts."""
    connection.execute(update(imports).where(imports.c.id == import_id).values(ended_at=now))
    counts: Mapping[str, int] = connection.execute(
        select(imports.c.counts).where(imports.c.id == import_id)
    ).scalar_one()
    return counts


def note(connection: Connection, run_id: str, ended: Sequence[RecordOutcome]) -> None:
    """Write records into the run's outcomes, taken up and ended in one. Raises UnknownOutcomeError."""
    for each in ended:
        require_known(each.outcome)
    rows = [
        {
            "run_id": run_id,
            "address_key": each.key,
            "address": each.address,
            "outcome": each.outcome,
            "detail": each.detail,
            "article_id": each.article_id,
            "page_id": each.page_id,
        }
        for each in ended
    ]
    if rows:
        connection.execute(insert(outcomes), rows)


def problems(connection: Connection, run_id: str, import_id: int, most: int) -> tuple[runs.Problem, ...]:
    """The first records of a file that a run rejected or could not read, in the order in which they stand there."""
    table = outcomes.c
    bad = table.outcome.like("rejected:%") | table.outcome.like("error:%")
    of_file = select(outcomes).where(table.run_id == run_id, table.address_key.like(f"{import_id}#%"), bad)
    rows = connection.execute(of_file.order_by(func.length(table.address_key), table.address_key).limit(most))
    return tuple(runs.Problem(each.address, each.outcome, each.detail, each.article_id) for each in rows)


def close_dead_runs(archive: Archive, lease_seconds: float, now: datetime) -> Sequence[str]:
    """Close the import runs whose lease has expired, and cut off what they wrote and did not save; gives their ids."""
    with archive.reading() as connection:
        opened = select(runs_table.c.id).where(runs_table.c.kind == KIND, runs_table.c.ended_at.is_(None))
        candidates = list(connection.execute(opened).scalars())
    return [run_id for run_id in candidates if close_if_dead(archive, run_id, lease_seconds, now)]


def close_if_dead(archive: Archive, run_id: str, lease_seconds: float, now: datetime) -> bool:
    """Close an import run, unless its lease is living."""
    lease = leases.acquire(archive, lease_of(run_id), seconds=lease_seconds)
    if lease is None:
        return False
    _close(archive, lease, run_id, now)
    lease.release()
    return True


def outlive(archive: Archive, run_id: str, lease_seconds: float) -> bool:
    """Wait until an import run is dead for certain, and close it; false as soon as it gives a sign of life.

    A killed run leaves a lease behind that has not expired yet, so this takes up to `lease_seconds`.
    """
    deadline = time.monotonic() + lease_seconds + 1
    before = leases.holder_of(archive, lease_of(run_id))
    while not close_if_dead(archive, run_id, lease_seconds, datetime.now(UTC)):
        seen = leases.holder_of(archive, lease_of(run_id))
        if time.monotonic() > deadline or (seen and before and seen.seconds_left > before.seconds_left):
            return False
        before = seen
        time.sleep(min(0.1, lease_seconds / 10))
    return True


def _close(archive: Archive, lease: Lease, run_id: str, now: datetime) -> None:
    with archive.writing() as connection:
        leases.check(connection, lease)
        if connection.execute(select(runs_table.c.ended_at).where(runs_table.c.id == run_id)).scalar_one():
            return  # it ended, or somebody else closed it, since it was looked at
        ends = connection.execute(
            select(pages.c.warc_file, func.max(pages.c.warc_offset + pages.c.warc_length))
            .where(pages.c.run_id == run_id)
            .group_by(pages.c.warc_file)
        )
        writing.cut_unclaimed(archive.warc_folder, run_id, {row[0]: row[1] for row in ends})
        for key in runs.unfinished(connection, run_id):
            runs.end_address(connection, run_id, key, "error:interrupted", detail="its process ended")
        verdict = Verdict("failed", "Its process died before it ended.")
        runs.finish(connection, run_id, listed=0, traffic={}, verdict=verdict, now=now)
