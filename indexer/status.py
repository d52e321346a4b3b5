"""What stands: the index behind the alias, how far it is behind the archive, and what needs attention."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from archive import indexes
from archive.database import Archive
from archive.leases import holder_of
from indexer.contract import NeedsReindexError, SearchIndex, UnavailableError
from indexer.follow import check_fit, made_for


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """The state of one alias. `reindex_needed` says why, one sentence each; `unusable` that follow would refuse."""

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
        """Changes that the index has not heard of yet."""
        return max(0, self.last_seq - self.cursor)

    @property
    def fine(self) -> bool:
        """Whether nothing needs anybody's attention; to be behind is no fault."""
        return not (self.dead_letters or self.reindex_needed)

    def as_json(self) -> dict[str, Any]:
        """The object that `kliping index status --json` prints."""
        return asdict(self) | {"lag": self.lag, "reindex_needed": list(self.reindex_needed)}


@dataclass(frozen=True, slots=True)
class Listed:
    """One index of `kliping index list`. `state` is the archive's word, or "unknown" to it.

    `documents` is null for an index that is missing or cannot be read, which `state` says too.
    """

    name: str
    state: str
    behind_alias: bool
    documents: int | None
    cursor: int | None
    created_at: datetime


def status(archive: Archive, index: SearchIndex) -> IndexStatus:
    """Look at the index behind the alias. Raises UnavailableError."""
    last = archive.last_seq()
    physical = index.current()
    if physical is None:
        return IndexStatus(index.alias, index.engine, None, None, 0, 0, last, 0, None, (), False)
    with archive.reading() as connection:
        known = indexes.find(connection, physical.uuid)
        letters = indexes.count_dead_letters(connection, physical.uuid)
    held = holder_of(archive, f"index:{physical.uuid}")
    reasons: list[str] = []
    unusable = False
    try:
        check_fit(archive, index, physical)
    except NeedsReindexError as error:
        reasons.append(str(error))
        unusable = True
    made, wanted = physical.made_for, made_for(archive)
    if made.schema_version != wanted.schema_version:
        reasons.append(f"It has schema {made.schema_version}, and this version writes schema {wanted.schema_version}.")
    if made.lexicon_version != wanted.lexicon_version:
        reasons.append(f"Its lexicon is {made.lexicon_version}, and the present one is {wanted.lexicon_version}.")
    return IndexStatus(
        alias=index.alias,
        engine=index.engine,
        index=physical.name,
        made_for=asdict(made),
        documents=index.count(physical.name),
        cursor=known.cursor if known else 0,
        last_seq=last,
        dead_letters=letters,
        follower=held.holder if held and held.living else None,
        reindex_needed=tuple(reasons),
        unusable=unusable,
    )


def behind(archive: Archive, index: SearchIndex) -> int:
    """How many changes searches do not show, by the archive's own notes: the engine itself need not answer.

    The index that is followed is the one behind the alias, so no other that was ever searched has come as far.
    """
    with archive.reading() as connection:
        known = indexes.find_all(connection, index.engine, index.alias)
    return archive.last_seq() - max((row.cursor for row in known if row.state is indexes.IndexState.READY), default=0)


def listing(archive: Archive, index: SearchIndex) -> tuple[Listed, ...]:
    """Every index of the alias that stands or that the archive expects, oldest first."""
    standing = index.standing()
    here = {each.uuid: each for each in index.list()}
    with archive.reading() as connection:
        known = {row.uuid: row for row in indexes.find_all(connection, index.engine, index.alias)}
    found = []
    for uuid in here.keys() | known.keys():
        physical, row = here.get(uuid), known.get(uuid)
        name = physical.name if physical else known[uuid].name
        documents = _documents(index, name) if physical else None
        fault = "" if documents is not None else ", unreadable" if physical else ", missing"
        found.append(
            Listed(
                name=name,
                state=f"{row.state if row else 'unknown'}{fault}",
                behind_alias=name == standing,
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
