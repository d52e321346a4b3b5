"""What to try next where a search found nothing, or little because of how it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import islice
from typing import Protocol

from archive.flags import FLAGS
from indexer.analysis.analyzer import exact_terms
from indexer.nodes import All, And, Beginning, DateRange, Node, Not, Or, Phrase, Term, Word
from indexer.schema import BY_NAME, Kind
from indexer.sentences import Sentence
from indexer.wording import typed

OPERATORS = ("and", "or", "not")
MOST_LEFT_OUT = 4
"""Conditions of a query that are tried without, each with a search of its own."""
MOST_VALUES = 8
"""Values of a field that a hint lists."""
SIMILAR = 0.6
"""How alike two values must be (`difflib`) for one to be meant by the other."""
LONGEST_VALUE = 80
"""Characters of a value that hints compare. A longer one is text that was taken for a value."""
LONG_WORD = 6
ENDING = 3
"""Letters that a hint takes off a long word."""


class Countable(Protocol):
    """What hints need of an index."""

    def count(self, root: Node) -> int:
        """How many articles a query finds."""
        ...

    def values(self, field: str) -> Sequence[str]:
        """The values of a KEYWORD field, the most frequent first."""
        ...


_INNER_WILDCARD = re.compile(r"\w[*?]\w|^[*?]+\w|\w[*?]{2,}$")


def of_writing(root: Node) -> Iterator[Sentence]:
    """Near misses of the syntax. Only for a query that found little: the words may be meant as they are."""
    parts = root.parts if isinstance(root, And) else ()
    joining = [part for part in parts[1:-1] if isinstance(part, Word) and part.text in OPERATORS]
    if joining:
        capitals = And(tuple(Word(part.text.upper()) if part in joining else part for part in parts))
        names = " and ".join(sorted({part.text.upper() for part in joining}))
        yield Sentence("capitals", names=names, tried=typed(capitals))
    for word in _words(root):
        if _INNER_WILDCARD.search(word):
            yield Sentence("inner-sign", word=word)


def of_nothing(root: Node, index: Countable) -> Iterator[Sentence]:
    """What to try next where nothing was found: at least one sentence."""
    certain = [*_dates(root), *_unknown_values(root, index)]
    yield from certain or _without_one(root, index) or [_anything_else(root, index)]


def _words(root: Node) -> Iterator[str]:
    match root:
        case Word(text):
            yield text
        case And(parts) | Or(parts):
            for part in parts:
                yield from _words(part)
        case _:
            return


def _dates(root: Node) -> Iterator[Sentence]:
    """`after:` that is not before `before:`."""
    ranges = [part for part in (root.parts if isinstance(root, And) else ()) if isinstance(part, DateRange)]
    since = max((each.since for each in ranges if each.since), default=None)
    until = min((each.until for each in ranges if each.until), default=None)
    if since is None or until is None or since < until:
        return
    after, before = typed(DateRange(since=since)), typed(DateRange(until=until))
    if since == until:
        yield Sentence("same-day", after=after, before=before)
    else:
        other_way = typed(And((DateRange(since=until), DateRange(until=since))))
        yield Sentence("wrong-way", after=after, before=before, tried=other_way)


def _unknown_values(root: Node, index: Countable) -> Iterator[Sentence]:
    """Values that no article has, and what may be meant."""
    for term in dict.fromkeys(_terms(root)):
        if not index.count(term):
            yield _unknown(term, index)


def _unknown(term: Term, index: Countable) -> Sentence:
    value = typed(term)
    asked = term.value.casefold()[:LONGEST_VALUE]
    if term.field == "flags":
        known = {name: name for name in FLAGS}
        if asked in known:
            return Sentence("unknown-value", value=value)
    elif BY_NAME[term.field].kind is Kind.KEYWORD and term.field != "family":
        known = {value.casefold(): value for value in index.values(term.field) if len(value) <= LONGEST_VALUE}
    else:
        return Sentence("unknown-name" if term.field == "authors" else "unknown-value", value=value)
    if similar := get_close_matches(asked, known, 1, SIMILAR):
        return Sentence("unknown-value-meant", value=value, tried=typed(Term(term.field, known[similar[0]])))
    if not known:
        return Sentence("unknown-value", value=value)
    some = [*islice(known.values(), MOST_VALUES), *(["…"] if len(known) > MOST_VALUES else [])]
    return Sentence("unknown-value-known", value=value, known=", ".join(some))


def _terms(root: Node) -> Iterator[Term]:
    """The terms that an article must or may have."""
    match root:
        case Term():
            yield root
        case And(parts) | Or(parts):
            for part in parts:
                yield from _terms(part)
        case _:
            return


def _without_one(root: Node, index: Countable) -> list[Sentence]:
    """The conditions without which articles are found."""
    parts = root.parts if isinstance(root, And) else (root,)
    sentences = []
    for condition in [part for part in parts if _is_condition(part)][:MOST_LEFT_OUT]:
        others = tuple(part for part in parts if part is not condition)
        if others and (found := index.count(And(others))):
            kind = "without-one" if found == 1 else "without-many"
            sentences.append(Sentence(kind, typed(And(others)), left_out=typed(condition), found=found))
        elif isinstance(condition, Phrase) and len(words := exact_terms(condition.text)) > 1:
            loose = And((*others, *map(Word, words)))
            if found := index.count(loose):
                kind = "apart-one" if found == 1 else "apart-many"
                sentences.append(Sentence(kind, typed(loose), phrase=typed(condition), found=found))
    return sentences


def _is_condition(part: Node) -> bool:
    """Whether a part of a query always counts, whatever else is relaxed."""
    return isinstance(part, Term | DateRange | Not | Phrase | Beginning) or (
        isinstance(part, Word) and part.within != ()
    )


def _anything_else(root: Node, index: Countable) -> Sentence:
    if isinstance(root, All) or not index.count(All()):
        return Sentence("no-articles")
    words = [word for word in _words(root) if len(word) >= LONG_WORD]
    if not words:
        return Sentence("other-words")
    beginning = max(words, key=len)[:-ENDING]
    return Sentence("beginning", f"{beginning}*")
