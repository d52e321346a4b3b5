"""The status of the indexes: which one the alias points at, how far it is behind the archive, what needs attention."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from archive import indexes
from archive.database import Archive
from archive.leases import holder_of
from indexer.contract import NeedsReindexError, PhysicalIndex, SearchIndex, UnavailableError
from indexer.current import ask_current
from indexer.registry import check_compatible, current_provenance


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The status of one alias. `reindex_needed` has one sentence per reason. `unusable`: follow would refuse it."""

    alias: str
    engine: str
    index: str | None
    made_for: dict[str, Any] | None
    documents: int
    cursor: int
    last_seq: int
    dead_letters: int
    follower: str | None
    reindex_needed: tuple[str, ...]
    unusable: bool

    @property
    def lag(self) -> int:
        """Changes that are not in the index yet."""
        return max(0, self.last_seq - self.cursor)

    @property
    def fine(self) -> bool:
        """Whether nothing needs attention. A lag is not a fault."""
        return not (self.dead_letters or self.reindex_needed)

    def as_json(self) -> dict[str, Any]:
        """The object that `kliping index status --json` prints."""
        return asdict(self) | {"lag": self.lag, "reindex_needed": list(self.reindex_needed)}


@dataclass(frozen=True, slots=True)
class IndexListing:
    """One line of `kliping index list`. `state` is the state in the archive, or "unknown".

    If an index is missing or unreadable, `state` says so and `documents` is None.
    """

    name: str
    state: str
    behind_alias: bool
    documents: int | None
    cursor: int | None
    created_at: datetime


def status(archive: Archive, index: SearchIndex) -> IndexStatus:
    """The status of the index behind the alias. Raises UnavailableError."""
    return ask_current(index, lambda physical: _status(archive, index, physical))


def _status(archive: Archive, index: SearchIndex, physical: PhysicalIndex | None) -> IndexStatus:
    last = archive.last_seq()
    if physical is None:
        return IndexStatus(index.alias, index.engine, None, None, 0, 0, last, 0, None, (), False)
    with archive.reading() as connection:
        known = indexes.find(connection, physical.uuid)
        letters = indexes.count_dead_letters(connection, physical.uuid)
    lease = holder_of(archive, f"index:{physical.uuid}")
    reasons: list[str] = []
    unusable = False
    try:
        check_compatible(archive, index, physical)
    except NeedsReindexError as error:
        reasons.append(error.why)
        unusable = True
    made, now = physical.made_for, current_provenance(archive)
    if made.schema_version != now.schema_version:
        reasons.append(f"It has schema {made.schema_version}, and this version writes schema {now.schema_version}.")
    if made.lexicon_version != now.lexicon_version:
        reasons.append(f"Its lexicon is {made.lexicon_version}, and the present one is {now.lexicon_version}.")
    return IndexStatus(
        alias=index.alias,
        engine=index.engine,
        index=physical.name,
        made_for=asdict(made),
        documents=index.count(physical.name),
        cursor=known.cursor if known else 0,
        last_seq=last,
        dead_letters=letters,
        follower=lease.holder if lease and lease.living else None,
        reindex_needed=tuple(reasons),
        unusable=unusable,
    )


def behind(archive: Archive, index: SearchIndex) -> int:
    """How many changes searches do not show. Reads the archive only, so it works when the engine does not answer.

    The index behind the alias is the one that is followed, so of all searched indexes it has the highest cursor.
    """
    searched = searched_up_to(archive, index)
    return archive.last_seq() - searched


def searched_up_to(archive: Archive, index: SearchIndex) -> int:
    """The `seq` of the last change that searches show; 0 without an index. Reads the archive only."""
    with archive.reading() as connection:
        known = indexes.find_all(connection, index.engine, index.alias)
    return max((row.cursor for row in known if row.state is indexes.IndexState.READY), default=0)


def listing(archive: Archive, index: SearchIndex) -> tuple[IndexListing, ...]:
    """Every index of the alias that exists or that the archive knows, oldest first."""
    current = index.alias_target()
    existing = {each.uuid: each for each in index.list()}
    with archive.reading() as connection:
        known = {row.uuid: row for row in indexes.find_all(connection, index.engine, index.alias)}
    found = []
    for uuid in existing.keys() | known.keys():
        physical, row = existing.get(uuid), known.get(uuid)
        name = physical.name if physical else known[uuid].name
        documents = _documents(index, name) if physical else None
        fault = "" if documents is not None else ", unreadable" if physical else ", missing"
        found.append(
            IndexListing(
                name=name,
                state=f"{row.state if row else 'unknown'}{fault}",
                behind_alias=name == current,
                documents=documents,
                cursor=row.cursor if row else None,
                created_at=physical.created_at if physical else known[uuid].created_at,
            )
        )
    return tuple(sorted(found, key=lambda each: (each.created_at, each.name)))


def _documents(index: SearchIndex, name: str) -> int | None:
    try:
        return index.count(name)
    except UnavailableError:
        return None
