"""How a search is answered, in both engines alike: all words first, then corrected words, then fewer of them.

One search where enough articles have all words. Else a second one for fewer words, without the articles already found,
which therefore stand above; and one more in between if words were corrected. Of a sentence the second search has all
articles, and those with all words only gain by it (docs/decisions/0023).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

from indexer import relaxing
from indexer.analysis.analyzer import exact_terms
from indexer.contract import Query, Results, Sort
from indexer.correction import Known, Vocabulary, correct
from indexer.nodes import And, Constant, DateRange, Node, Not, Or, Preferring, Word
from indexer.notes import Notes

PAGE = 10
"""Articles that a search should find. With fewer, it asks for fewer words."""
FACET_VALUES = 20
"""Values of a facet that are counted, the largest first."""
FRESH = ((timedelta(days=7), 0.3), (timedelta(days=60), 0.3), (timedelta(days=365), 0.3))
"""What an article's score gains by its age at the query's `reference`: an age, and the gain of articles not older."""


@dataclass(frozen=True, slots=True)
class Request:
    """One search in an engine: `root` in the place of the query's own. `highlighted` is what its hits show as found,
    and `wanted` the words that they are checked for."""

    root: Node
    query: Query
    highlighted: Node
    wanted: tuple[Node, ...] = ()


class Searcher(Protocol):
    """One state of an index, in one engine. May raise UnavailableError."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of the index."""
        ...

    def run(self, request: Request) -> Results:
        """Search once."""
        ...


def answer(searcher: Searcher, query: Query) -> Results:
    """Search an index. The notes of the results say what was left out or corrected."""
    free = tuple(relaxing.free_words(query.root))
    if query.as_typed or not free:
        return searcher.run(_request(query, query.root, query.root))
    enough = min(query.limit, PAGE)
    root = query.root
    found = searcher.run(_request(query, relaxing.strict(root), root))
    if found.total >= enough:
        return found
    known = searcher.vocabulary.known(sorted({term for word in free for term in _terms(word)}))
    root, corrections = correct(root, searcher.vocabulary, known)
    if corrections:
        instead = sorted({each for one in corrections for each in one.instead})
        known = {**known, **searcher.vocabulary.known(instead)}
        found = searcher.run(_request(query, relaxing.strict(root), root))
    if found.total < enough:
        found = _with_fewer_words(searcher, query, root, found, known)
    return replace(found, notes=replace(found.notes, corrected=corrections))


def _with_fewer_words(
    searcher: Searcher, query: Query, root: Node, found: Results, known: Mapping[str, Known]
) -> Results:
    """The articles found, and after them, or among them if the query is a sentence, those with fewer words."""
    fewer = relaxing.relaxed(root, lambda word: _frequency(word, known), nearly_all=found.total > 0)
    if fewer is None:
        return found
    with_all = found.total
    if query.order is Sort.RELEVANCE and relaxing.is_sentence(root):
        found = Results(0, ())
    above = found.total
    window = replace(query, offset=max(0, query.offset - above), limit=query.limit - len(found.hits))
    others = fewer if above == 0 else And((fewer, Not(relaxing.strict(root))))
    words = tuple(dict.fromkeys(word for word in relaxing.free_words(root) if not relaxing.is_function_word(word)))
    more = searcher.run(replace(_request(window, others, root), wanted=words))
    if not more.total:
        return found
    missing = {word for hit in more.hits for word in hit.missing}
    left_out = tuple(name for word in words if (name := relaxing.name_of(word)) in missing)
    return Results(
        total=above + more.total,
        hits=(*found.hits, *more.hits),
        facets=_added(found.facets, more.facets),
        notes=Notes(with_all=with_all, left_out=left_out),
    )


def _request(query: Query, root: Node, highlighted: Node) -> Request:
    return Request(_fresh(root, query), query, highlighted)


def _fresh(root: Node, query: Query) -> Node:
    """Recent articles rank a little higher."""
    if query.reference is None:
        return root
    ages = tuple(Constant(DateRange(since=query.reference - age), gain) for age, gain in FRESH)
    return Preferring(root, ages)


def _terms(part: Node) -> Sequence[str]:
    """The exact terms of a free part of a query."""
    match part:
        case Word(text):
            return exact_terms(text)
        case And(parts) | Or(parts):
            return [term for each in parts for term in _terms(each)]
        case _:
            return ()


def _frequency(part: Node, known: Mapping[str, Known]) -> int:
    """How many articles a free part finds, at most."""
    match part:
        case Word(text):
            return min((known[term].articles for term in exact_terms(text)), default=0)
        case And(parts):
            return min((_frequency(each, known) for each in parts), default=0)
        case Or(parts):
            return sum(_frequency(each, known) for each in parts)
        case _:
            return 0


def _added(one: Mapping[str, Mapping[str, int]], other: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """The facets of two sets of articles that have none in common."""
    return {
        name: dict((Counter(one.get(name, {})) + Counter(other.get(name, {}))).most_common(FACET_VALUES))
        for name in (*one, *(name for name in other if name not in one))
    }
