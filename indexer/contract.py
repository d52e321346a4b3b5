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
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from indexer.documents import Document
from indexer.nodes import Node
from indexer.queries import Query, Results, Stream
from indexer.schema import SCHEMA_VERSION
from lexicon import VERSION as LEXICON_VERSION

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


class IndexRefusesError(UnavailableError):
    """The index refuses documents for a reason of its own: it would refuse every one."""


class NeedsReindexError(SearchError):
    """The index does not match the archive's present state, and must be rebuilt.

    `why` is the reason without the remedy: whoever advises a reindex must know that the archive is whole.
    """

    def __init__(self, why: str, remedy: str = "Run `kliping reindex`.") -> None:
        super().__init__(f"{why} {remedy}")
        self.why = why


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

    @property
    def is_analysed_as_now(self) -> bool:
        """Whether its texts were analysed as this version analyses queries."""
        made = self.made_for
        return (made.schema_version, made.lexicon_version) == (SCHEMA_VERSION, LEXICON_VERSION)

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

    def purge(self, name: str) -> Sequence[str]:
        """Let the index's files lose what was deleted from it, as far as the engine can do that by itself.

        Returns the ids of the documents that stand in one file with deleted ones: once these are sent again, and
        committed together, nothing of the deleted ones is left.
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

    def sample(self, name: str, count: int) -> tuple[str, ...]:
        """The ids of up to `count` documents of an index, at random; all of them if it has no more."""
        ...

    def newest(self, name: str) -> tuple[int, str] | None:
        """The highest `seq` in the index and the id of its article, or None if the index is empty."""
        ...

    def search(self, query: Query) -> Results:
        """Search the index behind the alias. Raises NoIndexError, and `paging.BadCursorError` for a wrong cursor."""
        ...

    def stream(self, query: Query) -> Stream:
        """Search as `search` does, and read the hits while they are used. Meant for any number of hits."""
        ...

    def changed(
        self, name: str, roots: Sequence[Node], *, past: int, limit: int, until: int | None = None
    ) -> Iterator[tuple[int, ...]]:
        """For each query, the `seq` of the articles of an index that match and were last changed after `past`.

        At most `limit` of a query (up to 10,000), the latest first; with `until`, only those before it.
        What was not changed since is not looked at, so the time grows with the changes and not with the index.
        """
        ...

    def vocabulary(self, field: str, beginning: str, limit: int) -> tuple[tuple[str, int], ...]:
        """Words of a field of kind TEXT or NAME that begin so, each with about how many articles have it, most first.

        Words are exact terms, in lower case. A cluster looks at the newest articles that have such a word, so of many
        words it may miss some. Raises NoIndexError.
        """
        ...

    def frequencies(self, field: str, values: Sequence[str]) -> tuple[int, ...]:
        """About how many articles have each of these values in a field: a keyword, or an exact term of a text or name.

        0 for each if the index lacks the field. Raises NoIndexError.
        """
        ...

    def text(self, article_id: str) -> tuple[str, tuple[str, ...]] | None:
        """The title and the paragraphs of an article of the index behind the alias; None if it has no such article.

        Raises NoIndexError.
        """
        ...

    def texts(self, ids: Sequence[str]) -> dict[str, tuple[str, tuple[str, ...]]]:
        """The title and the paragraphs of each of these articles that the index behind the alias has, by id.

        Raises NoIndexError.
        """
        ...

    def per_day(self, roots: Sequence[Node]) -> tuple[dict[date, int], ...]:
        """For each query, how many articles match on each day that has any; the day is the one that a page prints.

        All counts are of one index. Nothing is relaxed or corrected: an article has all words. Raises NoIndexError, and
        NeedsReindexError if the index has no printed days.
        """
        ...

    def terms(self, text: str) -> tuple[str, ...]:
        """The terms that the stemmed fields index for a text, in order.

        Raises NoIndexError if the engine needs an index for this and there is none.
        """
        ...

    def conditions(self) -> Iterator[Condition]:
        """Health checks of the engine itself: whether it answers, and what needs attention."""
        ...
