"""The words of a tantivy index, and those that are like another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson
import tantivy

from indexer.analysis.analyzer import GAP, exact_terms, stemmed_term
from indexer.correction import Known, distance, edits
from indexer.embedded.stored import STORED
from indexer.schema import WORDS, exact_name

LOOKED_IN = ("body", "title")
"""The fields whose words are likely to be spelled right: credits and captions have the most slips."""
ROUNDS = 3
ARTICLES = 10
"""tantivy does not list the words that a fuzzy search found, so the first articles of it are read. The next round
leaves out articles with the words already seen."""


class EmbeddedVocabulary:
    """`correction.Vocabulary` on one commit of an index."""

    def __init__(self, searcher: Any, schema: Any, fields: frozenset[str]) -> None:
        self._searcher = searcher
        self._schema = schema
        searched = [field for field in WORDS if field.name in fields]
        self._exact = [exact_name(field) for field in searched]
        self._stemmed = [field.name for field in searched if field.weight]
        self._looked_in = [exact_name(field) for field in searched if field.name in LOOKED_IN]

    def known(self, words: Iterable[str]) -> dict[str, Known]:
        """See `Vocabulary.known`."""
        return {word: self._known(word) for word in words}

    def similar(self, words: Mapping[str, int]) -> dict[str, dict[str, int]]:
        """See `Vocabulary.similar`."""
        return {word: self._near(word) or (self._farther(word) if far > 1 else {}) for word, far in words.items()}

    def _known(self, word: str) -> Known:
        stem = stemmed_term(word)
        exact = self._articles(self._exact, word)
        return Known(exact, self._articles(self._stemmed, stem) if stem != GAP else 0)

    def _articles(self, fields: list[str], term: str) -> int:
        return max((int(self._searcher.doc_freq(field, term)) for field in fields), default=0)

    def _near(self, word: str) -> dict[str, int]:
        """Words at distance 1. Hundreds are looked up, so each costs one call of tantivy and nothing else."""
        possible, articles = set(edits(word)), self._searcher.doc_freq
        known = {each for field in self._looked_in for each in possible if articles(field, each)}
        return {each: self._articles(self._looked_in, each) for each in known}

    def _farther(self, word: str) -> dict[str, int]:
        """Words at distance 2, from the articles of fuzzy searches."""
        found: dict[str, int] = {}
        fuzzy = [tantivy.Query.fuzzy_term_query(self._schema, field, word, 2) for field in self._looked_in]
        for _ in range(ROUNDS):
            seen = [tantivy.Query.term_query(self._schema, field, each) for field in self._looked_in for each in found]
            clauses = [(tantivy.Occur.Must, tantivy.Query.disjunction_max_query(fuzzy))]
            clauses += [(tantivy.Occur.MustNot, query) for query in seen]
            hits = self._searcher.search(tantivy.Query.boolean_query(clauses), ARTICLES, count=False).hits
            words = {each for _, address in hits for each in self._words(address) if _is_near(word, each)}
            if not words - found.keys():
                break
            found |= {each: self._articles(self._looked_in, each) for each in words}
        return found

    def _words(self, address: Any) -> Iterator[str]:
        record = orjson.loads(self._searcher.doc(address)[STORED][0])
        for text in (record["title"], *record["body"]):
            yield from exact_terms(text)


def _is_near(word: str, other: str) -> bool:
    """Whether two words have distance 2 at most. Most pairs of words differ so much that it need not be computed."""
    return abs(len(word) - len(other)) <= 2 and len(set(word) ^ set(other)) <= 4 and distance(word, other) <= 2
