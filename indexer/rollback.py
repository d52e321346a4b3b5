"""Manages the indexes beside the current one: rolls back to the previous index, and drops indexes nobody needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from archive import indexes
from archive.database import Archive
from archive.indexes import IndexState, TrackedIndex
from archive.leases import check
from indexer.contract import IndexBusyError, PhysicalIndex, SearchError, SearchIndex
from indexer.follow import advance, hold_lease, reservation
from indexer.registry import check_compatible


class NoPreviousIndexError(SearchError):
    """There is no previous index, or no index of that name."""


@dataclass(frozen=True, slots=True)
class RollbackResult:
    """Result of a rollback: the index behind the alias now, and the one before."""

    index: str
    previous: str


def rollback(
    archive: Archive, index: SearchIndex, *, lease_seconds: float = 60.0, patience: float = 600.0
) -> RollbackResult:
    """Bring the previous index up to date and move the alias back to it. A second rollback undoes the first.

    Raises NoPreviousIndexError, NeedsReindexError if the previous index does not match the archive, and IndexBusyError
    if a reindex or follower does not finish within `patience` seconds.
    """
    with hold_lease(archive, f"reindex:{index.alias}", seconds=lease_seconds, wait=patience) as lease:
        target = index.alias_target()
        previous = previous_index(archive, index)
        if target is None or previous is None:
            raise NoPreviousIndexError(f"There is no previous index of {index.alias} to go back to.")
        check_compatible(archive, index, previous)
        current = next((each for each in index.list() if each.name == target), None)
        with hold_lease(archive, f"index:{previous.uuid}", seconds=lease_seconds, wait=patience) as previous_lease:
            advance(archive, index, previous, previous_lease)
            current_lease = f"index:{current.uuid if current else target}"
            with (
                hold_lease(archive, reservation(current_lease), seconds=lease_seconds, wait=patience),
                hold_lease(
                    archive,
                    current_lease,
                    seconds=lease_seconds,
                    wait=patience,
                    meanwhile=lambda: advance(archive, index, previous, previous_lease),
                ),
            ):
                advance(archive, index, previous, previous_lease)
                index.refresh(previous.name)
                with archive.writing() as connection:
                    check(connection, lease)
                    check(connection, previous_lease)
                    if current:
                        indexes.set_state(connection, current.uuid, IndexState.READY, datetime.now(UTC))
                index.swap(previous.name, expected=target)
    return RollbackResult(previous.name, target)


def prune(archive: Archive, index: SearchIndex, keep: int, *, lease_seconds: float = 60.0) -> tuple[str, ...]:
    """Drop all indexes except the current one, the `keep` that were searched last, and one that is being built.

    Returns the names of the dropped indexes. Raises IndexBusyError if a reindex is running.
    """
    with hold_lease(archive, f"reindex:{index.alias}", seconds=lease_seconds):
        return prune_under_lease(archive, index, keep)


def prune_under_lease(archive: Archive, index: SearchIndex, keep: int) -> tuple[str, ...]:
    """`prune` for a caller that holds the lease. Also drops indexes of this archive that it no longer knows."""
    current = index.alias_target()
    ready = _previously_searched(archive, index, current)
    kept = {row.name for row in ready[:keep]} | {current}
    with archive.reading() as connection:
        known = indexes.find_all(connection, index.engine, index.alias)
    kept |= {row.name for row in known if row.state is IndexState.BUILDING}
    ours = [each for each in index.list() if each.made_for.archive_id == archive.identity.archive_id]
    dropped = [each for each in ours if each.name not in kept]
    for row in known:
        if row.name not in kept:
            _mark_dropped(archive, row.uuid)
    for each in dropped:
        index.drop(each.name)
    return tuple(each.name for each in dropped)


def drop(archive: Archive, index: SearchIndex, name: str, *, lease_seconds: float = 60.0) -> None:
    """Drop one index.

    Raises IndexBusyError for the index behind the alias and while a reindex runs. Raises NoPreviousIndexError for an
    unknown index.
    """
    with hold_lease(archive, f"reindex:{index.alias}", seconds=lease_seconds):
        if name == index.alias_target():
            raise IndexBusyError(f"{name} is the index that the alias {index.alias} points at, so it is not dropped.")
        with archive.reading() as connection:
            known = {row.name: row.uuid for row in indexes.find_all(connection, index.engine, index.alias)}
        existing = {each.name: each.uuid for each in index.list()}
        uuid = known.get(name) or existing.get(name)
        if uuid is None:
            raise NoPreviousIndexError(f"There is no index {name}. `kliping index list` shows all.")
        _mark_dropped(archive, uuid)
        if name in existing:
            index.drop(name)


def _mark_dropped(archive: Archive, uuid: str) -> None:
    """Called before the index is deleted. The next prune deletes an index without a row, but never a row alone."""
    with archive.writing() as connection:
        indexes.set_state(connection, uuid, IndexState.DROPPED, datetime.now(UTC))


def _previously_searched(archive: Archive, index: SearchIndex, current: str | None) -> list[TrackedIndex]:
    """The indexes that were searched before the current one, the last one first."""
    with archive.reading() as connection:
        known = indexes.find_all(connection, index.engine, index.alias)
    ready = [row for row in known if row.state is IndexState.READY and row.name != current]
    return sorted(ready, key=lambda row: (row.updated_at, row.created_at), reverse=True)


def previous_index(archive: Archive, index: SearchIndex) -> PhysicalIndex | None:
    """The index that was searched before the current one; None if there is none. `rollback` goes back to it."""
    existing = {each.uuid: each for each in index.list()}
    rows = _previously_searched(archive, index, index.alias_target())
    return next((existing[row.uuid] for row in rows if row.uuid in existing), None)
