"""Follows the archive's change log into an index (decisions 7 to 9).

Each index has a cursor: it has every change up to that `seq`. Following reads the log after the cursor, loads each
article's present state, sends it, and moves the cursor once the engine has it on disk. If a follower is killed in
between, the next one sends some articles again. That is harmless, because an index keeps the latest version.
"""

from __future__ import annotations

import gc
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Generic

from sqlalchemy import Connection

from archive import changes, ending, indexes
from archive.changes import ChangeBatch
from archive.database import Archive
from archive.ending import Stop, never
from archive.families.growing import grow
from archive.leases import Lease, acquire, check, holder_now, holder_of, renewed
from indexer.batches import (
    Change,
    PreparedBatch,
    prepare_batch,
    read_batches,
)
from indexer.contract import (
    IndexBusyError,
    IndexWriter,
    ItemResult,
    Outcome,
    PhysicalIndex,
    Prepared,
    SearchIndex,
)
from indexer.current import is_current
from indexer.registry import check_compatible, cursor_of, first_index

BATCH_CHANGES = 2_000
POLL = 0.05
"""Seconds between two attempts to acquire a lease that another process holds."""

Progress = Callable[[int, int], None]
"""Called after each batch that was sent, with the cursor and the `seq` to reach."""

Sent = tuple[Change, ItemResult]
"""A change that was sent, and its result."""

Inspect = Callable[[Sequence[Sent]], None]
"""Called with each batch that was sent, before it is committed. What it raises ends the following."""


@dataclass(frozen=True, slots=True)
class FollowResult:
    """What a follow did. If another process follows already, `held_by` names it and nothing was done."""

    index: str | None
    cursor: int
    done: int = 0
    deleted: int = 0
    stale: int = 0
    refused: int = 0
    held_by: str | None = None
    stopped: bool = False
    """Whether it was asked to end before it had come to the end of the log."""


def follow(
    archive: Archive,
    index: SearchIndex,
    *,
    lease_seconds: float = 60.0,
    wait: float = 0.0,
    progress: Progress | None = None,
    batch_changes: int = BATCH_CHANGES,
    stop: Stop = never,
) -> FollowResult:
    """Bring the index behind the alias up to the archive's latest change. Creates an index first if there is none.

    One process at a time follows an index, under the lease `index:UUID`. If another process holds the lease or has
    reserved it for a swap, this waits up to `wait` seconds and then returns the holder's name. Raises NeedsReindexError
    for an index of another archive, LeaseLostError if this process slept past its lease, and what the engine raises.
    The cursor then stays at the last commit. `stop` is asked after each batch. A wait ends when the process is asked to
    end.
    """
    deadline = time.monotonic() + wait
    with rare_garbage_collection():
        grow(archive, lease_seconds=lease_seconds, stop=stop)  # first, so that what is indexed knows its copies
    while True:
        physical = index.current() or first_index(archive, index, lease_seconds=lease_seconds)
        name = f"index:{physical.uuid}" if physical else f"reindex:{index.alias}"
        reserved_by = _live_holder(archive, reservation(name))
        if physical is not None and reserved_by is None:
            lease = acquire(archive, name, seconds=lease_seconds)
            if lease is not None:
                with renewed(lease):
                    if is_current(index, physical):  # and stays so: a swap needs this lease
                        check_compatible(archive, index, physical)
                        return advance(
                            archive, index, physical, lease, progress=progress, batch_changes=batch_changes, stop=stop
                        )
                continue  # a reindex moved the alias while this waited
        if time.monotonic() >= deadline or ending.asked():
            cursor = cursor_of(archive, physical) if physical else 0
            held_by = reserved_by or _live_holder(archive, name) or "another process"
            return FollowResult(physical.name if physical else None, cursor, held_by=held_by)
        ending.wait(POLL)


def advance(
    archive: Archive,
    index: SearchIndex,
    physical: PhysicalIndex,
    lease: Lease,
    *,
    progress: Progress | None = None,
    inspect: Inspect | None = None,
    batch_changes: int = BATCH_CHANGES,
    stop: Stop = never,
) -> FollowResult:
    """Bring one index up to the archive's latest change. The caller holds its lease.

    Reads to the end of the log, then again to the new end, while each pass has fewer changes than the one before. So it
    ends even if articles are saved faster than the engine indexes them. `stop` is asked after each batch.
    """
    cursor = cursor_of(archive, physical)
    result = FollowResult(physical.name, cursor)
    target = archive.last_seq()
    behind = target - cursor
    if behind <= 0:
        return result
    with index.writer(physical.name) as writer, rare_garbage_collection():
        sender = _LogSender(archive, physical, lease, writer, result, cursor, inspect)
        while True:
            with closing(read_batches(archive, cursor, writer.prepare, count=batch_changes, until=target)) as batches:
                while (batch := sender.next_of(batches)) is not None:
                    sender.send(batch)
                    cursor = batch.cursor
                    if progress:
                        progress(cursor, target)
                    if stop():
                        break
            sender.commit()
            if stop() and cursor < target:
                return replace(sender.result, stopped=True)
            before, target = behind, archive.last_seq()
            behind = target - cursor
            if not 0 < behind < before:
                return sender.result


@contextmanager
def rare_garbage_collection() -> Iterator[None]:
    """Run Python's cycle collector rarely. Batches hold objects by the hundred thousand, none of them in a cycle, so
    reference counting frees them all and scanning them only costs time."""
    threshold = gc.get_threshold()
    gc.set_threshold(100_000, *threshold[1:])
    try:
        yield
    finally:
        gc.set_threshold(*threshold)


@dataclass(slots=True)
class _LogSender(Generic[Prepared]):
    """Sends batches of the log to an index. `sent` and `size` cover the batches since the last commit, `cursor` is the
    end of the last batch, and `result` covers what is committed."""

    archive: Archive
    physical: PhysicalIndex
    lease: Lease
    writer: IndexWriter[Prepared]
    result: FollowResult
    cursor: int
    inspect: Inspect | None = None
    sent: list[Sent] = field(default_factory=list)
    size: int = 0

    def next_of(self, batches: Iterator[PreparedBatch[Prepared]]) -> PreparedBatch[Prepared] | None:
        """The next batch, or None at the end. If reading the log fails, commits what was sent and raises the error."""
        try:
            return next(batches, None)
        except Exception:
            self.commit()
            raise

    def send(self, batch: PreparedBatch[Prepared]) -> None:
        """Send a batch, and commit if `commit_bytes` is reached."""
        sent = send(self.writer, batch)
        if self.inspect:
            self.inspect(sent)
        self.sent += sent
        self.size += batch.size
        self.cursor = batch.cursor
        if self.size >= self.writer.commit_bytes:
            self.commit()

    def commit(self) -> None:
        """Make everything sent durable, then save results and cursor in the archive.

        Raises LeaseLostError if another process has taken over the lease.
        """
        if not self.sent:
            return
        self.writer.commit()
        with self.archive.writing() as connection:
            check(connection, self.lease)
            record_results(connection, self.physical, self.sent)
            indexes.set_cursor(connection, self.physical.uuid, self.cursor, datetime.now(UTC))
        self.result = _with_results(self.result, self.sent, self.cursor)
        self.sent, self.size = [], 0


def send(writer: IndexWriter[Prepared], batch: PreparedBatch[Prepared]) -> list[Sent]:
    """Send a batch to an index. Returns each change with its result, in order."""
    results = {result.id: result for result in writer.send(batch.prepared)} | batch.unreadable
    return [(change, results[change.article_id]) for change in batch.changes]


def record_results(connection: Connection, physical: PhysicalIndex, sent: Sequence[Sent]) -> None:
    """Save refused articles as dead letters, and remove the dead letters of articles that were accepted."""
    refused = [
        (change.article_id, change.seq, result.reason or "no reason was given")
        for change, result in sent
        if result.outcome is Outcome.REFUSED
    ]
    accepted = [change.article_id for change, result in sent if result.outcome is not Outcome.REFUSED]
    indexes.remove_dead_letters(connection, physical.uuid, accepted)
    indexes.save_dead_letters(connection, physical.uuid, refused, datetime.now(UTC))


def retry(archive: Archive, index: SearchIndex, *, lease_seconds: float = 60.0) -> FollowResult:
    """Send the dead letters of the index behind the alias again.

    Raises IndexBusyError if another process follows the index.
    """
    physical = index.current()
    if physical is None:
        return FollowResult(None, 0)
    with hold_lease(archive, f"index:{physical.uuid}", seconds=lease_seconds) as lease:
        if not is_current(index, physical):
            raise IndexBusyError(f"A reindex has replaced {physical.name} meanwhile. Run this command again.")
        check_compatible(archive, index, physical)
        with archive.reading() as connection:
            letters = indexes.dead_letters_of(connection, physical.uuid)
            articles = changes.current_states(connection, [letter.article_id for letter in letters])
        cursor = cursor_of(archive, physical)
        if not articles:
            return FollowResult(physical.name, cursor)
        with index.writer(physical.name) as writer:
            sent = send(writer, prepare_batch(ChangeBatch(articles, cursor), writer.prepare))
            writer.commit()
        with archive.writing() as connection:
            check(connection, lease)
            record_results(connection, physical, sent)
        return _with_results(FollowResult(physical.name, cursor), sent, cursor)


# -- leases -----------------------------------------------------------------------------------------------------------


def reservation(name: str) -> str:
    """Reservation: taken before a swap, so that followers stop re-acquiring the lease `name`.

    Without it a swap could wait for ever, because a follower acquires the lease again and again. If the process that
    reserved dies, its reservation expires like any lease.
    """
    return f"{name}:next"


def _live_holder(archive: Archive, name: str) -> str | None:
    """The present holder of a lease, or None."""
    lease = holder_now(archive, name)
    return lease.holder if lease and lease.living else None


@contextmanager
def hold_lease(
    archive: Archive, name: str, *, seconds: float, wait: float = 0.0, meanwhile: Callable[[], object] | None = None
) -> Iterator[Lease]:
    """Acquire a lease, waiting up to `wait` seconds and calling `meanwhile` between attempts. Raises IndexBusyError."""
    deadline = time.monotonic() + wait
    while (lease := acquire(archive, name, seconds=seconds)) is None:
        if time.monotonic() >= deadline or ending.asked():
            other = holder_of(archive, name)
            holder = other.holder if other else "another process"
            raise IndexBusyError(f"{holder} holds {name}. Nothing was done; try again when it has ended.")
        if meanwhile:
            meanwhile()
        ending.wait(POLL)
    with renewed(lease):
        yield lease


def _with_results(result: FollowResult, sent: Sequence[Sent], cursor: int) -> FollowResult:
    outcomes = Counter((item.outcome, change.deletes) for change, item in sent)
    return replace(
        result,
        cursor=cursor,
        done=result.done + outcomes[Outcome.DONE, False],
        deleted=result.deleted + outcomes[Outcome.DONE, True],
        stale=result.stale + outcomes[Outcome.STALE, False] + outcomes[Outcome.STALE, True],
        refused=result.refused + outcomes[Outcome.REFUSED, False] + outcomes[Outcome.REFUSED, True],
    )
