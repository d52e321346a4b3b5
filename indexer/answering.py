"""How a search is answered, in both engines alike: all words first, then corrected words, then fewer of them.

One search where enough articles have all words. Else a second one for fewer words: the articles that have all stand
above, then the others. Of a sentence, by relevance, all are in one order, and those with all words only gain by it
(docs/decisions/0023). If words were corrected, there is one more search in between.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from indexer import compounds, relaxing, synonyms
from indexer.analysis.analyzer import exact_terms
from indexer.correction import Known, Vocabulary, correct
from indexer.hints import Countable, of_nothing, of_writing
from indexer.nodes import And, Constant, DateRange, Node, Not, Or, Preferring, Synonyms, Word
from indexer.notes import Correction, Notes
from indexer.paging import Reading, reading_of
from indexer.queries import Query, Sort, Stream
from indexer.schema import FRESH

PAGE = 10
"""Articles that a search should find. With fewer, it asks for fewer words."""


@dataclass(frozen=True, slots=True)
class Request:
    """One search in an engine. `roots` take the place of the query's own: no article matches two of them, and the
    matches of the first stand above those of the next. `highlighted` is what hits show as found, and `wanted` the words
    that they are checked for. `reading` is for the cursor of the next page."""

    roots: tuple[Node, ...]
    query: Query
    highlighted: Node
    wanted: tuple[Node, ...] = ()
    reading: Reading = Reading.AS_TYPED


class Searcher(Countable, Protocol):
    """One state of an index, in one engine. May raise UnavailableError."""

    @property
    def vocabulary(self) -> Vocabulary:
        """The words of the index."""
        ...

    def run(self, request: Request) -> Stream:
        """Search once. The hits are read while they are used. Raises BadCursorError."""
        ...


def answer(searcher: Searcher, query: Query) -> Stream:
    """Search an index. The notes of the result say what was left out, corrected or joined, and what to try next."""
    root = query.root if query.as_typed else synonyms.joined(query.root)
    found = searcher.run(_request(query, (root if query.as_typed else relaxing.strict(root),), root))
    before = reading_of(query)
    little = found.answer.total < min(query.limit, PAGE)
    hints: list[str] = []
    if little:
        hints += of_writing(query.root)
    if not query.as_typed and (little if before is None else before):
        found = _relaxed(searcher, query, root, found, before)
    if not found.answer.total:
        hints += of_nothing(query.root, searcher)
    notes = found.answer.notes
    notes = replace(notes, joined=notes.joined or synonyms.notes(root), hints=tuple(hints))
    found.answer = replace(found.answer, notes=notes)
    return found


def _relaxed(searcher: Searcher, query: Query, root: Node, found: Stream, before: Reading | None) -> Stream:
    """What corrected words and fewer words find, where all words found little.

    `before` is how the first page was read, if this is a later one: it is read in the same way, however much is found.
    """
    free = tuple(relaxing.free_words(root))
    if not free:
        return found
    typed = {term for word in free for term in _terms(word)}
    known = dict(searcher.vocabulary.known(sorted(typed.union(compounds.candidates(root)))))
    corrected, corrections = root, tuple[Correction, ...]()
    if before is None or before & Reading.CORRECTED:
        may_be_wrong = {term for word in free if not isinstance(word, Synonyms) for term in _terms(word)}
        corrected, corrections = correct(
            compounds.joined(root, known),
            searcher.vocabulary,
            {term: known[term] for term in may_be_wrong},
            partial(_apart, searcher, known),
        )
    reading = Reading.AS_TYPED
    if corrected != root:
        reading, root = Reading.CORRECTED, corrected
        instead = {term for one in corrections for each in one.instead for term in each.split()}
        if new := sorted(instead - known.keys()):
            known |= searcher.vocabulary.known(new)
        found = searcher.run(_request(query, (relaxing.strict(root),), root, reading))
    if before is None:
        if found.answer.total < min(query.limit, PAGE):
            fewer = _how_to_relax(query, root, found.answer.total)
            found = _with_fewer_words(searcher, query, root, found, known, reading | fewer)
    elif before & Reading.FEWER:
        found = _with_fewer_words(searcher, query, root, found, known, before)
    notes = replace(found.answer.notes, corrected=corrections, joined=synonyms.notes(root))
    found.answer = replace(found.answer, notes=notes)
    return found


def _apart(searcher: Searcher, known: dict[str, Known], words: Iterable[str]) -> Mapping[str, str]:
    """See `correction.Apart`. What is asked of the vocabulary is kept in `known`."""
    words = list(words)
    halves = {half for word in words for halves in compounds.splits(word) for half in halves}
    if asked := sorted(halves - known.keys()):
        known |= searcher.vocabulary.known(asked)
    return compounds.apart(words, known, searcher.count)


def _how_to_relax(query: Query, root: Node, with_all: int) -> Reading:
    """How a search asks for fewer words, by how many articles have all."""
    if not with_all:
        return Reading.FEWER
    in_one_order = query.order is Sort.RELEVANCE and relaxing.is_sentence(root)
    return Reading.FEWER | Reading.NEARLY_ALL | (Reading.AS_TYPED if in_one_order else Reading.BELOW)


def _with_fewer_words(
    searcher: Searcher, query: Query, root: Node, found: Stream, known: Mapping[str, Known], reading: Reading
) -> Stream:
    """The articles found, and after them, or among them, those with fewer words."""
    with_all = found.answer.total
    nearly_all = bool(reading & Reading.NEARLY_ALL)
    fewer = relaxing.relaxed(root, lambda word: _frequency(word, known), nearly_all=nearly_all)
    if fewer is None:
        return found
    strict = relaxing.strict(root)
    roots = (strict, And((fewer, Not(strict)))) if reading & Reading.BELOW else (fewer,)
    words = tuple(dict.fromkeys(word for word in relaxing.free_words(root) if not relaxing.is_function_word(word)))
    more = searcher.run(replace(_request(query, roots, root, reading), wanted=words))
    if more.answer.total <= with_all:
        return found
    may_lack = tuple(map(relaxing.name_of, words))
    more.answer = replace(more.answer, notes=Notes(with_all=with_all, left_out=may_lack))
    return more


def _request(query: Query, roots: Sequence[Node], highlighted: Node, reading: Reading = Reading.AS_TYPED) -> Request:
    return Request(tuple(_fresh(root, query) for root in roots), query, highlighted, reading=reading)


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
        case Synonyms(typed, others):
            return [term for each in (typed, *(other.part for other in others)) for term in _terms(each)]
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
        case Synonyms(typed, others):
            return _frequency(typed, known) + sum(_frequency(each.part, known) for each in others)
        case _:
            return 0
