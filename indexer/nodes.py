"""A query as a tree, independent of the engine: what both engines compile, and what the query syntax becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class All:
    """Matches every article."""


@dataclass(frozen=True, slots=True)
class Word:
    """Text whose words must all occur in text fields, stemmed or exact. "anti-ISIS" is two words.

    `within` names the only fields that are searched, if not all.
    """

    text: str
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Phrase:
    """Exact words in this order, next to each other, within one paragraph, title, caption or credit.

    `within` names the only fields that are searched, if not all.
    """

    text: str
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Beginning:
    """A word that begins like this, in any text field, unstemmed."""

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
class Some:
    """At least `minimum` of the parts match."""

    parts: tuple[Node, ...]
    minimum: int


@dataclass(frozen=True, slots=True)
class Preferring:
    """Matches what `part` matches; an article that a part of `preferred` matches as well ranks higher."""

    part: Node
    preferred: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Weighted:
    """Matches what `part` matches, and multiplies its score."""

    part: Node
    weight: float


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Matches what was `typed`, or one of `others`, which mean the same and count less: one free part of a query."""

    typed: Node
    others: tuple[Weighted, ...]

    @property
    def alternatives(self) -> Node:
        """The same in other nodes."""
        return Or((self.typed, *self.others)) if self.others else self.typed


@dataclass(frozen=True, slots=True)
class Constant:
    """Matches what `part` matches, and scores the same for every match."""

    part: Node
    score: float


@dataclass(frozen=True, slots=True)
class Alike:
    """At least `least` of these words occur in title or body, in any form. Each ranks by its weight."""

    words: tuple[tuple[str, float], ...]
    least: int


Node = (
    All
    | Word
    | Phrase
    | Beginning
    | Term
    | DateRange
    | And
    | Or
    | Not
    | Some
    | Preferring
    | Weighted
    | Synonyms
    | Constant
    | Alike
)


def text_clauses(node: Node) -> Iterator[Word | Phrase | Beginning]:
    """The words, phrases and prefixes that a hit can match, without those under a Not."""
    match node:
        case Word() | Phrase() | Beginning():
            yield node
        case Alike(words):
            yield from (Word(word) for word, _ in words)
        case And(parts) | Or(parts) | Some(parts):
            for part in parts:
                yield from text_clauses(part)
        case Preferring(part, preferred):
            for each in (part, *preferred):
                yield from text_clauses(each)
        case Synonyms(typed, others):
            for each in (typed, *others):
                yield from text_clauses(each)
        case Weighted(part) | Constant(part):
            yield from text_clauses(part)
        case _:
            return
