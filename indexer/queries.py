"""What a search asks and what it answers, whatever the engine: the tree of a query, and the hits.

`indexer/query.py` reads what a person types into such a tree. Each engine translates the tree in its own `search.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class All:
    """Matches every article."""


@dataclass(frozen=True, slots=True)
class Word:
    """Text whose words must all occur in text fields, stemmed or exact. "anti-ISIS" is two words."""

    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """Exact words in this order, next to each other, within one paragraph, title or caption."""

    text: str


@dataclass(frozen=True, slots=True)
class Term:
    """A field of `schema.FIELDS` with this value: a keyword, or exact words in this order in a name or text."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class DateRange:
    """Published at or after `since` and before `until` (aware). None means no limit."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class And:
    """All of the parts match."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of the parts matches."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not match."""

    part: Node


@dataclass(frozen=True, slots=True)
class Alike:
    """At least `least` of these words occur in title or body, in any form. Each ranks by its weight."""

    words: tuple[tuple[str, float], ...]
    least: int


Node = All | Word | Phrase | Term | DateRange | And | Or | Not | Alike


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
    """

    root: Node
    sort: Sort = Sort.RELEVANCE
    limit: int = 10
    offset: int = 0
    explain: bool = False
    after: str | None = None
    facets: tuple[str, ...] = ()
    highlights: bool = True

    @property
    def order(self) -> Sort:
        """Effective sort order; relevance falls back to newest when the query has no words."""
        has_words = any(True for _ in text_clauses(self.root))
        return self.sort if self.sort is not Sort.RELEVANCE or has_words else Sort.NEWEST


def text_clauses(node: Node) -> Iterator[Word | Phrase]:
    """The words and phrases that a hit can match, without those under a Not."""
    match node:
        case Word() | Phrase():
            yield node
        case Alike(words):
            yield from (Word(word) for word, _ in words)
        case And(parts) | Or(parts):
            for part in parts:
                yield from text_clauses(part)
        case _:
            return


@dataclass(frozen=True, slots=True)
class Hit:
    """A matching article. `highlights` are escaped HTML with <em>…</em> around the matches. `score` is None if hits are
    sorted by date. `family` and `copies` are not filled yet."""

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
        }
        return record if self.explanation is None else record | {"explanation": self.explanation}


@dataclass(frozen=True, slots=True)
class Results:
    """The result of a search: the total number of matches, the hits of a page, and counts by facet, largest first.

    `next` is the cursor of the next page (`Query.after`), or None if this page is the last (by relevance, pages end
    after 10,000 articles).
    """

    total: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    next: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The object that `kliping search --json` prints."""
        return {
            "total": self.total,
            "hits": [hit.as_json() for hit in self.hits],
            "facets": {name: dict(counts) for name, counts in self.facets.items()},
            "next": self.next,
        }


@dataclass(slots=True)
class Stream:
    """The result of a search whose hits are read while they are used, so that any number of them takes little memory.

    All hits are of one moment, whatever is indexed meanwhile. `answer` is the result without hits. After the last hit,
    `next` is the cursor of the next page, or None. Reading a hit may raise UnavailableError.
    """

    answer: Results
    hits: Iterator[Hit]
    next: str | None = None

    def results(self) -> Results:
        """All hits at once."""
        hits = tuple(self.hits)
        return replace(self.answer, hits=hits, next=self.next)
