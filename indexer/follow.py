"""Following the archive's log into an index (DESIGN, decisions 7 to 9).

An index has a cursor: every change up to that `seq` stands in it. To follow is to read the log past the cursor, to
load each article's present state, to send it, and to move the cursor once the engine has it on disk. Killed anywhere
between, the next one sends some articles again, which an index that keeps the latest version does not mind.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Generic

from sqlalchemy import Connection

from archive import changes, indexes
from archive.changes import ChangeBatch
from archive.database import Archive
from archive.leases import Heartbeat, Lease, acquire, check, holder_of
from indexer.contract import (
    IndexBusyError,
    IndexWriter,
    ItemResult,
    MadeFor,
    NeedsReindexError,
    Outcome,
    PhysicalIndex,
    Prepared,
    SearchIndex,
)
from indexer.pieces import Change, Piece, piece_of, pieces
from indexer.schema import SCHEMA_VERSION
from lexicon import VERSION as LEXICON_VERSION

BATCH_CHANGES = 2_000
POLL = 0.05
"""Seconds between two tries for a lease that another holds."""

Progress = Callable[[int, int], None]
"""Told, after each piece that was sent, up to which `seq` that goes, and the one that is to be reached."""

Sent = tuple[Change, ItemResult]
"""An article that was sent, and what became of it."""


@dataclass(frozen=True, slots=True)
class Followed:
    """What following did. `held_by` names who follows already: nothing was done then."""

    index: str | None
    cursor: int
    done: int = 0
    deleted: int = 0
    stale: int = 0
    refused: int = 0
    held_by: str | None = None


def follow(
    archive: Archive,
    index: SearchIndex,
    *,
    lease_seconds: float = 60.0,
    wait: float = 0.0,
    progress: Progress | None = None,
    batch_changes: int = BATCH_CHANGES,
) -> Followed:
    """Bring the index behind the alias up to the archive's latest change; without any index, make one first.

    One process at a time follows an index, under the lease `index:UUID`; where another does, or a swap stands in line
    for it, this waits up to `wait` seconds and then says who it is. Raises NeedsReindexError for an index of another
    archive, LeaseLostError where this process slept past its lease, and what the engine raises; the cursor then stands
    where it was safe.
    """
    deadline = time.monotonic() + wait
    while True:
        physical = index.current() or first_index(archive, index, lease_seconds=lease_seconds)
        name = f"index:{physical.uuid}" if physical else f"reindex:{index.alias}"
        first = _living(archive, in_line(name))
        if physical is not None and first is None:
            check_fit(archive, index, physical)
            lease = acquire(archive, name, seconds=lease_seconds)
            if lease is not None:
                with releasing(lease):
                    standing = index.current()
                    if standing is not None and standing.uuid == physical.uuid:
                        return advance(archive, index, physical, lease, progress=progress, batch_changes=batch_changes)
                continue  # a reindex moved the alias while this waited
        if time.monotonic() >= deadline:
            cursor = cursor_of(archive, physical) if physical else 0
            held_by = first or _living(archive, name) or "another process"
            return Followed(physical.name if physical else None, cursor, held_by=held_by)
        time.sleep(POLL)


def advance(
    archive: Archive,
    index: SearchIndex,
    physical: PhysicalIndex,
    lease: Lease,
    *,
    progress: Progress | None = None,
    batch_changes: int = BATCH_CHANGES,
) -> Followed:
    """Bring one index, whose lease is held, up to the archive's latest change.

    It goes to the end that the log had when this began, and on from there as long as what came meanwhile is less than
    what it has just done: writers that are faster than the engine cannot hold it for ever.
    """
    cursor = cursor_of(archive, physical)
    followed = Followed(physical.name, cursor)
    target = archive.last_seq()
    behind = target - cursor
    if behind <= 0:
        return followed
    with index.writer(physical.name) as writer, _seldom_collected():
        filling = _Filling(archive, physical, lease, writer, followed, cursor)
        while True:
            with closing(pieces(archive, cursor, writer.prepare, count=batch_changes, until=target)) as coming:
                while (piece := filling.next_of(coming)) is not None:
                    filling.take(piece)
                    cursor = piece.cursor
                    if progress:
                        progress(cursor, target)
            filling.commit()
            before, target = behind, archive.last_seq()
            behind = target - cursor
            if not 0 < behind < before:
                return filling.followed


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Articles on their way are objects by the hundred thousand and none of them in a cycle: let Python's collector of
    cycles look at them seldom. It frees nothing of them; counting references does."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@dataclass(slots=True)
class _Filling(Generic[Prepared]):
    """An index that pieces of the log are brought into. `sent` and `size` are of those that no commit followed yet,
    `cursor` is where the last of them ends, and `followed` tells of the others."""

    archive: Archive
    physical: PhysicalIndex
    lease: Lease
    writer: IndexWriter[Prepared]
    followed: Followed
    cursor: int
    sent: list[Sent] = field(default_factory=list)
    size: int = 0

    def next_of(self, coming: Iterator[Piece[Prepared]]) -> Piece[Prepared] | None:
        """The next piece; null at the end. Where the log cannot be read on, what was sent before is committed first."""
        try:
            return next(coming, None)
        except Exception:
            self.commit()
            raise

    def take(self, piece: Piece[Prepared]) -> None:
        """Send a piece, and commit as often as the engine likes it."""
        self.sent += send(self.writer, piece)
        self.size += piece.size
        self.cursor = piece.cursor
        if self.size >= self.writer.commit_bytes:
            self.commit()

    def commit(self) -> None:
        """Have what was sent on the engine's disk, and then note it.

        Raises LeaseLostError where another follows by now.
        """
        if not self.sent:
            return
        self.writer.commit()
        with self.archive.writing() as connection:
            check(connection, self.lease)
            record(connection, self.physical, self.sent)
            indexes.set_cursor(connection, self.physical.uuid, self.cursor, datetime.now(UTC))
        self.followed = _added(self.followed, self.sent, self.cursor)
        self.sent, self.size = [], 0


def send(writer: IndexWriter[Prepared], piece: Piece[Prepared]) -> list[Sent]:
    """Bring a piece of the log into an index; what became of each of its articles, in their order."""
    results = {result.id: result for result in writer.send(piece.prepared)} | piece.unreadable
    return [(change, results[change.article_id]) for change in piece.changes]


def record(connection: Connection, physical: PhysicalIndex, sent: Sequence[Sent]) -> None:
    """Keep what was refused as dead letters, and clear those of articles that were not."""
    refused = [
        (change.article_id, change.seq, result.reason or "no reason was given")
        for change, result in sent
        if result.outcome is Outcome.REFUSED
    ]
    taken = [change.article_id for change, result in sent if result.outcome is not Outcome.REFUSED]
    indexes.remove_dead_letters(connection, physical.uuid, taken)
    indexes.save_dead_letters(connection, physical.uuid, refused, datetime.now(UTC))


def retry(archive: Archive, index: SearchIndex, *, lease_seconds: float = 60.0) -> Followed:
    """Send the dead letters of the index behind the alias once more. Raises IndexBusyError where another follows it."""
    physical = index.current()
    if physical is None:
        return Followed(None, 0)
    check_fit(archive, index, physical)
    with held_lease(archive, f"index:{physical.uuid}", seconds=lease_seconds) as lease:
        with archive.reading() as connection:
            letters = indexes.dead_letters_of(connection, physical.uuid)
            articles = changes.current_states(connection, [letter.article_id for letter in letters])
        cursor = cursor_of(archive, physical)
        if not articles:
            return Followed(physical.name, cursor)
        with index.writer(physical.name) as writer:
            sent = send(writer, piece_of(ChangeBatch(articles, cursor), writer.prepare))
            writer.commit()
        with archive.writing() as connection:
            check(connection, lease)
            record(connection, physical, sent)
        return _added(Followed(physical.name, cursor), sent, cursor)


# -- an index and the archive -----------------------------------------------------------------------------------------


def made_for(archive: Archive) -> MadeFor:
    """What an index made now is made for."""
    identity = archive.identity
    return MadeFor(SCHEMA_VERSION, LEXICON_VERSION, identity.archive_id, identity.epoch)


def first_index(archive: Archive, index: SearchIndex, *, lease_seconds: float = 60.0) -> PhysicalIndex | None:
    """Make an empty index and put it behind the alias; null where a reindex is about to do so."""
    lease = acquire(archive, f"reindex:{index.alias}", seconds=lease_seconds)
    if lease is None:
        return None
    with releasing(lease):
        standing = index.current()
        if standing is not None:
            return standing
        physical = new_index(archive, index)
        with archive.writing() as connection:
            indexes.set_state(connection, physical.uuid, indexes.IndexState.READY, datetime.now(UTC))
        index.swap(physical.name, expected=None)
        return physical


def new_index(archive: Archive, index: SearchIndex) -> PhysicalIndex:
    """Note and make an empty index. It is noted first, so that one made and then forgotten cannot be."""
    now = datetime.now(UTC)
    physical = PhysicalIndex.new(index.alias, made_for(archive), now)
    enter(archive, index, physical)
    index.create(physical)
    return physical


def enter(archive: Archive, index: SearchIndex, physical: PhysicalIndex) -> None:
    """Note an index in the archive, as building, before it is made."""
    with archive.writing() as connection:
        indexes.add(
            connection,
            uuid=physical.uuid,
            engine=index.engine,
            name=physical.name,
            alias=physical.alias,
            made_for=asdict(physical.made_for),
            created_at=physical.created_at,
        )


def check_fit(archive: Archive, index: SearchIndex, physical: PhysicalIndex) -> None:
    """Make sure that an index belongs to this archive as it now is. Raises NeedsReindexError with the remedy.

    An older copy of the archive's file that was put back has the same id and epoch, but not the changes that the index
    has seen since: its latest `seq`, or whose change that was, gives it away.
    """
    remedy = "Nothing was written. Run `kliping reindex` to build one from this archive."
    made, here = physical.made_for, archive.identity
    if made.archive_id != here.archive_id:
        raise NeedsReindexError(f"The index {physical.name} was made for another archive ({made.archive_id}). {remedy}")
    if made.epoch != here.epoch:
        raise NeedsReindexError(f"The index {physical.name} was made before this archive was restored. {remedy}")
    with archive.reading() as connection:
        known = indexes.find(connection, physical.uuid)
    if known is None:
        raise NeedsReindexError(
            f"The archive does not know the index {physical.name}: it is an older copy, made before the index. {remedy}"
        )
    newest = index.newest(physical.name)
    last = archive.last_seq()
    seen = max(known.cursor, newest[0] if newest else 0)
    if seen > last:
        raise NeedsReindexError(
            f"The index {physical.name} has followed the log up to {seen}, and the archive's ends at {last}: "
            f"it is an older copy. {remedy}"
        )
    if newest is not None:
        with archive.reading() as connection:
            whose = changes.article_of(connection, newest[0])
        if whose != newest[1]:
            raise NeedsReindexError(
                f"The index {physical.name} knows change {newest[0]} as that of another article: the archive is an "
                f"older copy that has gone its own way. {remedy}"
            )


def cursor_of(archive: Archive, physical: PhysicalIndex) -> int:
    """How far an index has followed. Raises NeedsReindexError for one that the archive does not know."""
    with archive.reading() as connection:
        known = indexes.find(connection, physical.uuid)
    if known is None:
        raise NeedsReindexError(f"The archive does not know the index {physical.name}. Run `kliping reindex`.")
    return known.cursor


# -- leases -----------------------------------------------------------------------------------------------------------


def in_line(name: str) -> str:
    """The lease of who shall have the lease `name` next: followers leave it to him.

    A swap needs the lease of an index once; followers that come again and again would take it from under its eyes. Who
    dies in line keeps followers back for the length of his lease and no longer.
    """
    return f"{name}:next"


def _living(archive: Archive, name: str) -> str | None:
    """Who holds a lease now; null for nobody."""
    held = holder_of(archive, name)
    return held.holder if held and held.living else None


@contextmanager
def releasing(lease: Lease) -> Iterator[Lease]:
    """Renew a lease while the block runs, and give it back after."""
    try:
        with Heartbeat(lease):
            yield lease
    finally:
        lease.release()


@contextmanager
def held_lease(
    archive: Archive, name: str, *, seconds: float, wait: float = 0.0, meanwhile: Callable[[], object] | None = None
) -> Iterator[Lease]:
    """Take a lease, waiting up to `wait` seconds for it and doing `meanwhile` between tries. Raises IndexBusyError."""
    deadline = time.monotonic() + wait
    while (lease := acquire(archive, name, seconds=seconds)) is None:
        if time.monotonic() >= deadline:
            held = holder_of(archive, name)
            holder = held.holder if held else "another process"
            raise IndexBusyError(f"{holder} holds {name}; nothing was done. Try again when it has ended.")
        if meanwhile:
            meanwhile()
        time.sleep(POLL)
    with releasing(lease):
        yield lease


def _added(followed: Followed, sent: Sequence[Sent], cursor: int) -> Followed:
    results = [result for _, result in sent]
    done = [change.deletes for change, result in sent if result.outcome is Outcome.DONE]
    return replace(
        followed,
        cursor=cursor,
        done=followed.done + done.count(False),
        deleted=followed.deleted + done.count(True),
        stale=followed.stale + sum(result.outcome is Outcome.STALE for result in results),
        refused=followed.refused + sum(result.outcome is Outcome.REFUSED for result in results),
    )
