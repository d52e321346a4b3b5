"""Articles related to one: those that share the most telling words of its title and lede."""

from __future__ import annotations

from collections import Counter
from math import log

from indexer.analysis.analyzer import exact_terms
from indexer.contract import SearchIndex
from indexer.queries import All, And, Hit, Not, Or, Query, Term, Word
from lexicon.words import STOP_WORDS

TELLING = 12
"""Words that are compared (benchmarks/related.py)."""
SHARED = 4
"""One of so many telling words must be shared: three of twelve, one of the four of a short text."""
SIMILAR = 0.25
"""The share of the article's own score that a related one must reach (benchmarks/related.py)."""
_IN_TITLE = 2
"""How often a word of the title counts. A title has the subject, and half of its words stand in the lede again."""


def related(index: SearchIndex, article_id: str, limit: int = 5) -> tuple[Hit, ...]:
    """The articles most like this one, without it, the most similar first; none if the index does not have it.

    Words are weighed as BM25 does: by how often they occur here, and in how few articles. Both engines answer alike.
    Raises NoIndexError.
    """
    found = index.search(Query(Term("id", article_id), limit=1)).hits
    if not found:
        return ()
    words = telling_words(index, found[0].title, found[0].lede or "")
    if not words:
        return ()
    alike = Or(tuple(map(Word, words)), least=-(-len(words) // SHARED))
    (itself,) = index.search(Query(And((alike, Term("id", article_id))), limit=1, highlights=False)).hits
    hits = index.search(Query(And((alike, Not(Term("id", article_id)))), limit=limit)).hits
    least = SIMILAR * (itself.score or 0)
    return tuple(hit for hit in hits if (hit.score or 0) >= least)


def telling_words(index: SearchIndex, title: str, lede: str) -> tuple[str, ...]:
    """The words of a text that tell most about it, the most telling first; none that no other article has."""
    counted = Counter(exact_terms(title) * _IN_TITLE + exact_terms(lede))
    words = [word for word in counted if word not in STOP_WORDS and len(word) > 1 and not word.isdecimal()]
    articles = index.search(Query(All(), limit=1, highlights=False)).total
    frequencies = dict(zip(words, index.frequencies("body", words), strict=True))

    def weight(word: str) -> float:
        rarity = log(1 + (articles - frequencies[word] + 0.5) / (frequencies[word] + 0.5))
        return rarity * counted[word] / (counted[word] + 1.2)

    shared = [word for word in words if frequencies[word] > 1]
    return tuple(sorted(shared, key=lambda word: (-weight(word), word))[:TELLING])
