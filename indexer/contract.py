"""What every search engine does for us: the contract of the embedded engine and of Elasticsearch.

An alias names the physical index that searches see. A physical index is made once, for one schema, lexicon and
archive, filled by following the archive's log, and put behind the alias in one atomic step. Documents carry the
archive's `seq` as their version: an engine keeps the latest and calls an earlier one stale, so that replays and
reordering are harmless (Elasticsearch: `version_type=external_gte`).
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

# -- what can go wrong ------------------------------------------------------------------------------------------------


class SearchError(Exception):
    """Something about an index keeps us from going on; the message is a sentence with the remedy where there is one."""


class NoIndexError(SearchError):
    """The alias names no index."""


class IndexBusyError(SearchError):
    """Another process writes to the index."""


class UnavailableError(SearchError):
    """The engine, or an index that should be there, cannot be reached or used."""


class NoCopyError(UnavailableError):
    """No node that is up holds the index, or a part of it. It comes back with its node, or is built anew."""


class NeedsReindexError(SearchError):
    """The index does not belong to this archive as it now is."""


# -- physical indexes -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MadeFor:
    """What an index was made for; it says so itself (`_meta`)."""

    schema_version: int
    lexicon_version: str
    archive_id: str
    epoch: str


@dataclass(frozen=True, slots=True)
class PhysicalIndex:
    """A physical index. Its name is `ALIAS-vSCHEMA-yyyymmddHHMMSS-uuid8`, the moment in UTC."""

    name: str
    alias: str
    uuid: str
    created_at: datetime
    made_for: MadeFor

    @classmethod
    def new(cls, alias: str, made_for: MadeFor, now: datetime) -> PhysicalIndex:
        """A name and a UUID for an index that is to be created now."""
        uuid = secrets.token_hex(16)
        created = now.astimezone(UTC)
        name = f"{alias}-v{made_for.schema_version}-{created:%Y%m%d%H%M%S}-{uuid[:8]}"
        return cls(name, alias, uuid, created, made_for)

    def as_json(self) -> dict[str, Any]:
        """What the index says of itself."""
        return asdict(self) | {"created_at": self.created_at.isoformat()}

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> PhysicalIndex:
        """The inverse of `as_json`; raises KeyError, TypeError or ValueError."""
        return cls(
            record["name"],
            record["alias"],
            record["uuid"],
            datetime.fromisoformat(record["created_at"]),
            MadeFor(**record["made_for"]),
        )


# -- writing ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deletion:
    """An article that the index must not show any more."""

    id: str
    seq: int


class Outcome(StrEnum):
    """What became of one item of a batch."""

    DONE = "done"
    STALE = "stale"
    """The index holds a later version: as good as done."""
    REFUSED = "refused"
    """The engine will never take it as it is: a dead letter."""


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One item's outcome, with the reason where it was refused."""

    id: str
    outcome: Outcome
    reason: str | None = None


Prepared = TypeVar("Prepared")
"""What an engine makes of a document or deletion before it is sent."""


class IndexWriter(ABC, Generic[Prepared]):
    """A writer of a physical index. A second one is turned away, or does no harm: the latest version stays.

    What was sent counts once it was committed, all of it at once. `commit_bytes` says how much an engine likes to be
    sent before that, in bytes of the archive's records: 0 where everything sent is durable by itself.
    """

    commit_bytes: int = 0

    @abstractmethod
    def prepare(self, item: Document | Deletion) -> Prepared:
        """Make an item ready to be sent. That asks nothing of the index, so that another thread may do it beforehand,
        while the engine is busy with what was sent."""

    @abstractmethod
    def send(self, batch: Sequence[Prepared]) -> list[ItemResult]:
        """Bring prepared items into the index, in their order; gives their results in the same order.

        A refused item leaves the others alone. A deletion keeps the index from taking an earlier version of the same
        article while this writer is open. Raises UnavailableError where the batch as a whole failed: nothing counts
        then
        of what was sent since the last commit, and all of it may be sent again.
        """

    @abstractmethod
    def commit(self) -> None:
        """Make all that was sent durable; nothing is left to do where nothing was.

        Raises UnavailableError as `send` does,
        with the same consequence. Of what was sent and never committed, an index may have all, some or nothing."""

    def apply(self, batch: Sequence[Document | Deletion]) -> list[ItemResult]:
        """Prepare, send and commit a batch."""
        results = self.send([self.prepare(item) for item in batch])
        self.commit()
        return results


# -- searching --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class All:
    """Everything."""


@dataclass(frozen=True, slots=True)
class Word:
    """Text whose every word must stand in a text field, stemmed or exact ("anti-ISIS" has two)."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words in this order, side by side, exactly so, within one paragraph, title or caption."""

    text: str


@dataclass(frozen=True, slots=True)
class Term:
    """A field (of `schema.FIELDS`, kind KEYWORD or NAME) that has this value."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class DateRange:
    """Published at or after `since` and before `until` (aware); null is open."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class And:
    """All of these."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of these."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Not this."""

    part: Node


Node = All | Word | Phrase | Term | DateRange | And | Or | Not


class Sort(StrEnum):
    """The order of hits. Without a word or phrase that could rank them, relevance means newest."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Query:
    """A question to an index, in no engine's language. `limit` is at least 1."""

    root: Node
    sort: Sort = Sort.RELEVANCE
    limit: int = 10
    offset: int = 0
    explain: bool = False

    @property
    def order(self) -> Sort:
        """The order that `sort` comes to for this question."""
        ranks = any(True for _ in wanted(self.root))
        return self.sort if self.sort is not Sort.RELEVANCE or ranks else Sort.NEWEST


def wanted(node: Node) -> Iterator[Word | Phrase]:
    """The words and phrases a hit may have been found by, those under a Not left out."""
    match node:
        case Word() | Phrase():
            yield node
        case And(parts) | Or(parts):
            for part in parts:
                yield from wanted(part)
        case _:
            return


@dataclass(frozen=True, slots=True)
class Hit:
    """An article found. `highlights` are HTML, escaped, with <em>…</em> around what was found. `score` is null where
    hits are sorted by date. `family` and `copies` wait for part 4's families."""

    id: str
    score: float | None
    title: str
    source: str
    published_at: str
    url: str | None
    highlights: Mapping[str, tuple[str, ...]]
    family: str | None = None
    copies: int = 0
    explanation: Any = None

    def as_json(self) -> dict[str, Any]:
        """The hit as `kliping search --json` prints it; `explanation` only where it was asked for."""
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
        }
        return record if self.explanation is None else record | {"explanation": self.explanation}


@dataclass(frozen=True, slots=True)
class Results:
    """What a search gives: how many match in all, the hits asked for, and counts by facet, most frequent first."""

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The object that `kliping search --json` prints (DESIGN: *Contracts*)."""
        return {
            "total": self.total,
            "hits": [hit.as_json() for hit in self.hits],
            "facets": {name: dict(counts) for name, counts in self.facets.items()},
        }


# -- the engine -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Condition:
    """Something about an engine that a person should know: what was looked at, and the remedy where it is not well."""

    about: str
    fine: bool
    seen: str
    remedy: str | None = None


class SearchIndex(Protocol):
    """An engine, and its physical indexes of one alias. Every method may raise UnavailableError."""

    @property
    def engine(self) -> str:
        """The engine's name: "embedded" or "elasticsearch"."""
        ...

    @property
    def alias(self) -> str:
        """The name that searches use."""
        ...

    def create(self, physical: PhysicalIndex) -> None:
        """Make an empty index. One that stands already under this name and UUID is left as it is.

        Raises NoCopyError where that one has lost what it held, or a part of it.
        """
        ...

    def current(self) -> PhysicalIndex | None:
        """The index behind the alias; null where there is none yet. Raises UnavailableError where it is missing."""
        ...

    def standing(self) -> str | None:
        """The name that the alias stands on, whether or not an index of that name can be used; null without alias."""
        ...

    def list(self) -> tuple[PhysicalIndex, ...]:
        """Every physical index of the alias that says what it was made for, oldest first."""
        ...

    def swap(self, name: str, *, expected: str | None) -> None:
        """Put the alias on another index in one atomic step. Raises IndexBusyError unless it stood on `expected`."""
        ...

    def drop(self, name: str) -> None:
        """Remove an index; one that is not there is gone already.

        Raises IndexBusyError for the one behind the alias.
        """
        ...

    def writer(self, name: str) -> AbstractContextManager[IndexWriter[Any]]:
        """Open an index for writing. An engine that takes one writer raises IndexBusyError where another has it open.

        When it closes, what was committed is seen by searches.
        """
        ...

    def refresh(self, name: str) -> None:
        """Make all that was committed visible to searches."""
        ...

    def count(self, name: str) -> int:
        """How many documents an index holds."""
        ...

    def hashes(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        """The `content_hash` of those of these articles that the index holds, by id."""
        ...

    def newest(self, name: str) -> tuple[int, str] | None:
        """The highest `seq` that the index holds, and whose it is; null where it is empty."""
        ...

    def search(self, query: Query) -> Results:
        """Ask the index behind the alias. Raises NoIndexError."""
        ...

    def terms(self, text: str) -> tuple[str, ...]:
        """What the stemmed fields keep of a text, in its order.

        Raises NoIndexError where an index must be asked for it.
        """
        ...

    def conditions(self) -> Iterator[Condition]:
        """What there is to know of the engine itself, besides its indexes: whether it answers, and is well."""
        ...
