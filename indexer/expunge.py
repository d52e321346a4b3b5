"""Takes forgotten articles out of every index, and out of its files.

A deleted document is not found any more, but its text stays in the index's files until the engine merges them.
"""

from __future__ import annotations

from collections.abc import Sequence

from archive.changes import ChangeBatch, current_states
from archive.database import Archive
from archive.leases import Lease
from indexer.batches import prepare_batch
from indexer.contract import NeedsReindexError, PhysicalIndex, SearchError, SearchIndex
from indexer.follow import advance, hold_lease
from indexer.registry import check_compatible
from indexer.rollback import drop

_CHUNK = 500
"""Articles that are sent at once."""


def expunge(archive: Archive, index: SearchIndex, *, lease_seconds: float = 60.0, patience: float = 60.0) -> list[str]:
    """Bring every index of the alias up to the log's end, and purge its files. Returns the names of those that remain.

    An index that does not match the archive (it was made before a restore) is dropped; if it is the one that searches
    use, it remains, and has to be built again. Raises SearchError, IndexBusyError among them.
    """
    remaining = []
    for physical in index.list():
        try:
            remaining += _expunge(archive, index, physical, lease_seconds, patience)
        except SearchError:
            if physical.uuid in {each.uuid for each in index.list()}:
                raise  # else a reindex has dropped it meanwhile, with everything in it
    return remaining


def _expunge(
    archive: Archive, index: SearchIndex, physical: PhysicalIndex, lease_seconds: float, patience: float
) -> list[str]:
    try:
        check_compatible(archive, index, physical)
    except NeedsReindexError:
        return _drop(archive, index, physical)
    with hold_lease(archive, f"index:{physical.uuid}", seconds=lease_seconds, wait=patience) as lease:
        advance(archive, index, physical, lease)
        _purge(archive, index, physical, lease)
    return []


def _drop(archive: Archive, index: SearchIndex, physical: PhysicalIndex) -> list[str]:
    if index.alias_target() == physical.name:
        return [physical.name]
    drop(archive, index, physical.name)
    return []


def _purge(archive: Archive, index: SearchIndex, physical: PhysicalIndex, lease: Lease) -> None:
    beside: Sequence[str] = index.purge(physical.name)
    if not beside:
        return
    with index.writer(physical.name) as writer:
        for start in range(0, len(beside), _CHUNK):
            lease.renew()
            with archive.reading() as connection:
                states = current_states(connection, beside[start : start + _CHUNK])
            writer.send(prepare_batch(ChangeBatch(states, 0), writer.prepare).prepared)
        writer.commit()
