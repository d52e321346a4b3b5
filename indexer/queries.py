"""What a search asks and what it answers, whatever the engine: the tree of a query, and the hits.

`indexer/query.py` reads what a person types into such a tree. Each engine translates the tree in its own `search.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from indexer.nodes import Node, text_clauses
from indexer.notes import NOTHING_NOTED, Notes


class Sort(StrEnum):
    """The requested sort order of hits."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True, slots=True)
class Query:
    """A query, independent of the engine. `limit` is at least 1.

    `offset` skips hits. `after` is the `next` of the page before, of the same search; the page then begins behind it
    (`indexer.paging`). `facets` are the facets to count, of `schema.FACETS`: counting reads every match, so it takes
    longer than the search. Without `highlights` a hit has none, and its text need not be read for them.

    `reference` is the time that recent articles are recent at; without it, age does not count. If `as_typed`, nothing
    is relaxed or corrected: a hit has all words. If `folds`, a page has one article of a family, the first in its
    order; `total` and `facets` count all.
    """

    root: Node
    sort: Sort = Sort.RELEVANCE
    limit: int = 10
    offset: int = 0
    explain: bool = False
    after: str | None = None
    facets: tuple[str, ...] = ()
    highlights: bool = True
    reference: datetime | None = None
    as_typed: bool = False
    folds: bool = False

    @property
    def order(self) -> Sort:
        """Effective sort order; relevance falls back to newest when the query has no words."""
        has_words = any(True for _ in text_clauses(self.root))
        return self.sort if self.sort is not Sort.RELEVANCE or has_words else Sort.NEWEST


@dataclass(frozen=True, slots=True)
class Hit:
    """A matching article. `highlights` are escaped HTML with <em>…</em> around the matches. `score` is None if hits are
    sorted by date. `missing` has the words of the query that the article lacks. `copies` is the number of other
    articles in its `family`."""

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
    """The result of a search: the total number of matches, the hits of a page, counts by facet, largest first, and what
    the search did beyond the words of the query.

    `next` is the cursor of the next page (`Query.after`), or None if this page is the last (by relevance, pages end
    after 10,000 articles).
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    next: str | None = None
    notes: Notes = NOTHING_NOTED

    def as_json(self) -> dict[str, Any]:
        """The object that `kliping search --json` prints."""
        return {
            "total": self.total,
            "hits": [hit.as_json() for hit in self.hits],
            "facets": {name: dict(counts) for name, counts in self.facets.items()},
            "next": self.next,
            "notes": self.notes.as_json(),
        }


@dataclass(slots=True)
class Stream:
    """The result of a search whose hits are read while they are used, so that any number of them takes little memory.

    All hits are of one moment, whatever is indexed meanwhile. `answer` is the result without hits. After the last hit,
    `next` is the cursor of the next page, or None, and `missing` has the words of the query that hits lack. Reading a
    hit may raise UnavailableError.
    """

    answer: Results
    hits: Iterator[Hit]
    next: str | None = None
    missing: set[str] = field(default_factory=set)

    def end(self) -> Results:
        """The result without hits, as it is after the last hit."""
        left_out = tuple(word for word in self.answer.notes.left_out if word in self.missing)
        return replace(self.answer, next=self.next, notes=replace(self.answer.notes, left_out=left_out))

    def results(self) -> Results:
        """All hits at once."""
        hits = tuple(self.hits)
        return replace(self.end(), hits=hits)
