"""The contract of a search engine, which the embedded engine and Elasticsearch both implement.

Searches go to an alias, which points at one physical index. A physical index is created for one schema, lexicon and
archive. It is filled by following the archive's change log, and then the alias moves to it in one atomic step.
Documents carry the archive's `seq` as their version. An engine keeps the latest version and reports an earlier one as
stale, so replays and reordering are harmless (Elasticsearch: `version_type=external_gte`).
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from indexer.documents import Document
from indexer.nodes import All as All
from indexer.nodes import And as And
from indexer.nodes import Beginning as Beginning
from indexer.nodes import Constant as Constant
from indexer.nodes import DateRange as DateRange
from indexer.nodes import Node as Node
from indexer.nodes import Not as Not
from indexer.nodes import Or as Or
from indexer.nodes import Phrase as Phrase
from indexer.nodes import Preferring as Preferring
from indexer.nodes import Some as Some
from indexer.nodes import Term as Term
from indexer.nodes import Weighted as Weighted
from indexer.nodes import Word as Word
from indexer.nodes import text_clauses as text_clauses
from indexer.notes import NOTHING_NOTED, Notes

# -- errors -----------------------------------------------------------------------------------------------------------


class SearchError(Exception):
    """A problem with an index or engine. The message is for a person, and names the remedy where there is one."""


class NoIndexError(SearchError):
    """The alias does not exist yet."""


class IndexBusyError(SearchError):
    """Another process is writing to the index."""


class UnavailableError(SearchError):
    """The engine, or an index that should exist, cannot be reached or used."""


class NoCopyError(UnavailableError):
    """No running node has the index, or a part of it. Restart the missing node, or rebuild the index."""


class NeedsReindexError(SearchError):
    """The index does not match the archive's present state, and must be rebuilt."""


# -- physical indexes -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Provenance:
    """The schema, lexicon and archive that an index was built from. The index stores it itself (`_meta`)."""

    schema_version: int
    lexicon_version: str
    archive_id: str
    epoch: str


@dataclass(frozen=True, slots=True)
class PhysicalIndex:
    """A physical index. Its name is `ALIAS-vSCHEMA-yyyymmddHHMMSS-uuid8`, with the time in UTC."""

    name: str
    alias: str
    uuid: str
    created_at: datetime
    made_for: Provenance

    @classmethod
    def new(cls, alias: str, made_for: Provenance, now: datetime) -> PhysicalIndex:
        """A new name and UUID, for an index about to be created."""
        uuid = secrets.token_hex(16)
        created = now.astimezone(UTC)
        name = f"{alias}-v{made_for.schema_version}-{created:%Y%m%d%H%M%S}-{uuid[:8]}"
        return cls(name, alias, uuid, created, made_for)

    def as_json(self) -> dict[str, Any]:
        """The description that the index stores."""
        return asdict(self) | {"created_at": self.created_at.isoformat()}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> PhysicalIndex:
        """The inverse of `as_json`. Raises KeyError, TypeError or ValueError."""
        return cls(
            record["name"],
            record["alias"],
            record["uuid"],
            datetime.fromisoformat(record["created_at"]),
            Provenance(**record["made_for"]),
        )


# -- writing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deletion:
    """An article to remove from the index."""

    id: str
    seq: int


class Outcome(StrEnum):
    """The outcome of one item of a batch."""

    DONE = "done"
    STALE = "stale"
    """The index already has a later version, so nothing needs to be done."""
    REFUSED = "refused"
    """The engine will never accept the item in its present form. It becomes a dead letter."""


@dataclass(frozen=True, slots=True)
class ItemResult:
    """The outcome of one item, and the reason if it was refused."""

    id: str
    outcome: Outcome
    reason: str | None = None


Prepared = TypeVar("Prepared")
"""An engine's own form of a document or deletion, ready to send."""


class IndexWriter(ABC, Generic[Prepared]):
    """Writes to one physical index. A second writer is refused, or is harmless because the latest version wins.

    Items take effect when they are committed, all at once. `commit_bytes` is how many bytes of archive records the
    engine prefers to receive between commits; 0 if everything sent is durable without a commit.
    """

    commit_bytes: int = 0

    @abstractmethod
    def prepare(self, item: Document | Deletion) -> Prepared:
        """Convert an item to the engine's form. This does not access the index, so another thread can prepare items
        while the engine is busy."""

    @abstractmethod
    def send(self, batch: Sequence[Prepared]) -> list[ItemResult]:
        """Send prepared items to the index, in order. Returns their results in the same order.

        A refused item does not affect the others. After a deletion, the open writer reports earlier versions of that
        article as stale. Raises UnavailableError if the whole batch failed: nothing sent since the last commit counts
        then, and all of it may be sent again.
        """

    @abstractmethod
    def commit(self) -> None:
        """Make everything sent durable. Does nothing if nothing was sent.

        Raises UnavailableError as `send` does, with the same consequence. Items that were sent but never committed may
        be in the index or not."""

    def apply(self, batch: Sequence[Document | Deletion]) -> list[ItemResult]:
        """Prepare, send and commit a batch."""
        results = self.send([self.prepare(item) for item in batch])
        self.commit()
        return results


# -- searching --------------------------------------------------------------------------------------------------------


class Sort(StrEnum):
    """The requested sort order of hits."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Query:
    """A query, independent of the engine. `limit` is at least 1.

    `reference` is the time that recent articles are recent at; without it, age does not count. If `as_typed`, nothing
    is relaxed or corrected: a hit has all words.
    """

    root: Node
    sort: Sort = Sort.RELEVANCE
    limit: int = 10
    offset: int = 0
    explain: bool = False
    reference: datetime | None = None
    as_typed: bool = False

    @property
    def order(self) -> Sort:
        """Effective sort order; relevance falls back to newest when the query has no words."""
        has_words = any(True for _ in text_clauses(self.root))
        return self.sort if self.sort is not Sort.RELEVANCE or has_words else Sort.NEWEST


@dataclass(frozen=True, slots=True)
class Hit:
    """A matching article. `highlights` are escaped HTML with <em>…</em> around the matches. `score` is None if hits are
    sorted by date. `missing` has the words of the query that the article lacks. `family` and `copies` are not filled
    yet."""

    id: str
    score: float | None
    title: str
    source: str
    published_at: str
    url: str | None
    highlights: Mapping[str, tuple[str, ...]]
    family: str | None = None
    copies: int = 0
    flags: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    explanation: Any = None

    def as_json(self) -> dict[str, Any]:
        """The hit as `kliping search --json` prints it, with `explanation` only if the query asked for it."""
        record = {
            "id": self.id,
            "score": self.score,
            "title": self.title,
            "source": self.source,
            "published_at": self.published_at,
            "url": self.url,
            "highlights": {name: list(fragments) for name, fragments in self.highlights.items()},
            "family": self.family,
            "copies": self.copies,
            "flags": list(self.flags),
            "missing": list(self.missing),
        }
        return record if self.explanation is None else record | {"explanation": self.explanation}


@dataclass(frozen=True, slots=True)
class Results:
    """The result of a search: the total number of matches, the requested hits, counts by facet, largest first, and
    what the search did beyond the words of the query."""

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    notes: Notes = NOTHING_NOTED

    def as_json(self) -> dict[str, Any]:
        """The object that `kliping search --json` prints."""
        return {
            "total": self.total,
            "hits": [hit.as_json() for hit in self.hits],
            "facets": {name: dict(counts) for name, counts in self.facets.items()},
            "notes": self.notes.as_json(),
        }


# -- the engine -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Condition:
    """One health check of an engine: what it is about, what was seen, and the remedy if that is not fine."""

    about: str
    fine: bool
    seen: str
    remedy: str | None = None


class SearchIndex(Protocol):
    """An engine with the physical indexes of one alias. Every method may raise UnavailableError."""

    @property
    def engine(self) -> str:
        """The name of the engine: "embedded" or "elasticsearch"."""
        ...

    @property
    def alias(self) -> str:
        """The name that searches use."""
        ...

    def create(self, physical: PhysicalIndex) -> None:
        """Create an empty index. Does nothing if this very index (name and UUID) exists already.

        Raises NoCopyError if the existing index has lost its data, or a part of it.
        """
        ...

    def current(self) -> PhysicalIndex | None:
        """The index behind the alias, or None if there is none yet. Raises UnavailableError if it is missing."""
        ...

    def alias_target(self) -> str | None:
        """The name that the alias points at, whether or not that index can be used. None if there is no alias."""
        ...

    def list(self) -> tuple[PhysicalIndex, ...]:
        """The physical indexes of the alias that have a readable description, oldest first."""
        ...

    def swap(self, name: str, *, expected: str | None) -> None:
        """Move the alias to another index in one atomic step.

        Raises IndexBusyError unless the alias pointed at `expected`.
        """
        ...

    def drop(self, name: str) -> None:
        """Delete an index. Does nothing if it does not exist. Raises IndexBusyError for the index behind the alias."""
        ...

    def writer(self, name: str) -> AbstractContextManager[IndexWriter[Any]]:
        """Open an index for writing. When the writer closes, searches see everything committed.

        Raises IndexBusyError if the engine allows a single writer and another process has the index open.
        """
        ...

    def refresh(self, name: str) -> None:
        """Make everything committed visible to searches."""
        ...

    def count(self, name: str) -> int:
        """The number of documents in an index."""
        ...

    def hashes(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """The `content_hash` of each of these articles that is in the index, by id."""
        ...

    def newest(self, name: str) -> tuple[int, str] | None:
        """The highest `seq` in the index and the id of its article, or None if the index is empty."""
        ...

    def search(self, query: Query) -> Results:
        """Search the index behind the alias. Raises NoIndexError."""
        ...

    def terms(self, text: str) -> tuple[str, ...]:
        """The terms that the stemmed fields index for a text, in order.

        Raises NoIndexError if the engine needs an index for this and there is none.
        """
        ...

    def conditions(self) -> Iterator[Condition]:
        """Health checks of the engine itself: whether it answers, and what needs attention."""
        ...
