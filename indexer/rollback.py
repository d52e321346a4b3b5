"""The indexes besides the one that is searched: going back to the previous one, and dropping what nobody needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from archive import indexes
from archive.database import Archive
from archive.indexes import IndexState, TrackedIndex
from archive.leases import check
from indexer.contract import (
    IndexBusyError,
    PhysicalIndex,
    SearchError,
    SearchIndex,
)
from indexer.follow import advance, check_fit, held_lease, in_line


class NoPreviousIndexError(SearchError):
    """There is no index to go back to, or none of that name."""


@dataclass(frozen=True, slots=True)
class RolledBack:
    """The index behind the alias now, and the one that stood there before."""

    index: str
    left: str


def rollback(
    archive: Archive, index: SearchIndex, *, lease_seconds: float = 60.0, patience: float = 600.0
) -> RolledBack:
    """Put the index that was searched before behind the alias again, once it has every change up to now.

    A second rollback goes forth again. Raises NoPreviousIndexError, NeedsReindexError where the previous index is of
    another archive,
    IndexBusyError where a reindex or a follower does not end within `patience` seconds.
    """
    with held_lease(archive, f"reindex:{index.alias}", seconds=lease_seconds, wait=patience) as lease:
        left = index.standing()
        previous = _latest_besides(archive, index, left)
        if left is None or previous is None:
            raise NoPreviousIndexError(f"There is no previous index of {index.alias} to go back to.")
        check_fit(archive, index, previous)
        standing = next((each for each in index.list() if each.name == left), None)
        with held_lease(archive, f"index:{previous.uuid}", seconds=lease_seconds, wait=patience) as mine:
            advance(archive, index, previous, mine)
            leaving = f"index:{standing.uuid if standing else left}"
            with (
                held_lease(archive, in_line(leaving), seconds=lease_seconds, wait=patience),
                held_lease(
                    archive,
                    leaving,
                    seconds=lease_seconds,
                    wait=patience,
                    meanwhile=lambda: advance(archive, index, previous, mine),
                ),
            ):
                advance(archive, index, previous, mine)
                index.refresh(previous.name)
                with archive.writing() as connection:
                    check(connection, lease)
                    check(connection, mine)
                    if standing:
                        indexes.set_state(connection, standing.uuid, IndexState.READY, datetime.now(UTC))
                index.swap(previous.name, expected=left)
    return RolledBack(previous.name, left)


def prune(archive: Archive, index: SearchIndex, keep: int, *, lease_seconds: float = 60.0) -> tuple[str, ...]:
    """Drop all but the index behind the alias, the `keep` that were searched last, and one that is being built.

    Gives the names of those dropped. Raises IndexBusyError where a reindex runs.
    """
    with held_lease(archive, f"reindex:{index.alias}", seconds=lease_seconds):
        return prune_held(archive, index, keep)


def prune_held(archive: Archive, index: SearchIndex, keep: int) -> tuple[str, ...]:
    """`prune` for who holds the lease. What the archive made and knows no more (or has dropped) goes as well."""
    standing = index.standing()
    ready = _in_service(archive, index, besides=standing)
    kept = {row.name for row in ready[:keep]} | {standing}
    with archive.reading() as connection:
        known = indexes.find_all(connection, index.engine, index.alias)
    kept |= {row.name for row in known if row.state is IndexState.BUILDING}
    ours = [each for each in index.list() if each.made_for.archive_id == archive.identity.archive_id]
    dropped = [each for each in ours if each.name not in kept]
    for row in known:
        if row.name not in kept:
            _forget(archive, row.uuid)
    for each in dropped:
        index.drop(each.name)
    return tuple(each.name for each in dropped)


def drop(archive: Archive, index: SearchIndex, name: str, *, lease_seconds: float = 60.0) -> None:
    """Drop one index.

    Raises IndexBusyError for the one behind the alias and while a reindex runs, NoPreviousIndexError if unknown.
    """
    with held_lease(archive, f"reindex:{index.alias}", seconds=lease_seconds):
        if name == index.standing():
            raise IndexBusyError(f"The alias {index.alias} stands on {name}; an index that is searched is not dropped.")
        with archive.reading() as connection:
            known = {row.name: row.uuid for row in indexes.find_all(connection, index.engine, index.alias)}
        here = {each.name: each.uuid for each in index.list()}
        uuid = known.get(name) or here.get(name)
        if uuid is None:
            raise NoPreviousIndexError(f"There is no index {name}. `kliping index list` shows all.")
        _forget(archive, uuid)
        if name in here:
            index.drop(name)


def _forget(archive: Archive, uuid: str) -> None:
    """The row goes first: an index without one is dropped by the next prune, a row without an index by nobody."""
    with archive.writing() as connection:
        indexes.set_state(connection, uuid, IndexState.DROPPED, datetime.now(UTC))


def _in_service(archive: Archive, index: SearchIndex, *, besides: str | None) -> list[TrackedIndex]:
    """The indexes that were searched once, the latest in service first."""
    with archive.reading() as connection:
        known = indexes.find_all(connection, index.engine, index.alias)
    ready = [row for row in known if row.state is IndexState.READY and row.name != besides]
    return sorted(ready, key=lambda row: (row.updated_at, row.created_at), reverse=True)


def _latest_besides(archive: Archive, index: SearchIndex, standing: str | None) -> PhysicalIndex | None:
    here = {each.uuid: each for each in index.list()}
    rows = _in_service(archive, index, besides=standing)
    return next((here[row.uuid] for row in rows if row.uuid in here), None)
