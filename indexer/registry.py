"""The indexes that an archive knows: each is registered before it is created, and must match the archive to be used."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from archive import changes, indexes
from archive.database import Archive
from archive.leases import acquire, renewed
from indexer.contract import NeedsReindexError, PhysicalIndex, Provenance, SearchIndex
from indexer.schema import SCHEMA_VERSION
from lexicon import VERSION as LEXICON_VERSION


def current_provenance(archive: Archive) -> Provenance:
    """The schema, lexicon and archive that a new index is built from."""
    identity = archive.identity
    return Provenance(SCHEMA_VERSION, LEXICON_VERSION, identity.archive_id, identity.epoch)


def first_index(archive: Archive, index: SearchIndex, *, lease_seconds: float = 60.0) -> PhysicalIndex | None:
    """Create an empty index and point the alias at it. Returns None if a reindex is running, which will do so."""
    lease = acquire(archive, f"reindex:{index.alias}", seconds=lease_seconds)
    if lease is None:
        return None
    with renewed(lease):
        current = index.current()
        if current is not None:
            return current
        physical = new_index(archive, index)
        with archive.writing() as connection:
            indexes.set_state(connection, physical.uuid, indexes.IndexState.READY, datetime.now(UTC))
        index.swap(physical.name, expected=None)
        return physical


def new_index(archive: Archive, index: SearchIndex) -> PhysicalIndex:
    """Register and create an empty index. Registered first, so that the archive knows every index that exists."""
    now = datetime.now(UTC)
    physical = PhysicalIndex.new(index.alias, current_provenance(archive), now)
    register(archive, index, physical)
    index.create(physical)
    return physical


def register(archive: Archive, index: SearchIndex, physical: PhysicalIndex) -> None:
    """Register an index in the archive as building, before it is created."""
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


def check_compatible(archive: Archive, index: SearchIndex, physical: PhysicalIndex) -> None:
    """Check that an index belongs to this archive in its present state. Raises NeedsReindexError with the remedy.

    If somebody put back an older copy of the archive's file, its id and epoch still match. But it lacks changes that
    the index has: the index's last `seq` is past the log's end, or belongs to another article.
    """
    remedy = "Nothing was written. Run `kliping reindex` to build an index from this archive."
    made, here = physical.made_for, archive.identity
    if made.archive_id != here.archive_id:
        raise NeedsReindexError(f"The index {physical.name} was made for another archive ({made.archive_id}).", remedy)
    if made.epoch != here.epoch:
        raise NeedsReindexError(f"The index {physical.name} was made before this archive was restored.", remedy)
    with archive.reading() as connection:
        known = indexes.find(connection, physical.uuid)
    if known is None:
        raise NeedsReindexError(
            f"The archive does not know the index {physical.name}: the archive is an older copy, made before it.",
            remedy,
        )
    newest = index.newest(physical.name)
    last = archive.last_seq()
    seen = max(known.cursor, newest[0] if newest else 0)
    if seen > last:
        raise NeedsReindexError(
            f"The index {physical.name} has changes up to {seen}, but the archive's log ends at {last}: "
            "the archive is an older copy.",
            remedy,
        )
    if newest is not None:
        with archive.reading() as connection:
            whose = changes.article_of(connection, newest[0])
        if whose != newest[1]:
            raise NeedsReindexError(
                f"In the index {physical.name}, change {newest[0]} belongs to another article: the archive is an "
                "older copy with changes of its own.",
                remedy,
            )


def cursor_of(archive: Archive, physical: PhysicalIndex) -> int:
    """The cursor of an index. Raises NeedsReindexError if the archive does not know the index."""
    with archive.reading() as connection:
        known = indexes.find(connection, physical.uuid)
    if known is None:
        raise NeedsReindexError(f"The archive does not know the index {physical.name}.")
    return known.cursor
