"""Articles related to one: those that share the words that tell most about it."""

from __future__ import annotations

from collections import Counter
from math import log

from indexer.analysis.analyzer import exact_terms
from indexer.contract import SearchIndex
from indexer.nodes import Alike, All, And, Term
from indexer.queries import Hit, Query
from lexicon.words import STOP_WORDS

TELLING = 16
"""Words that are compared."""
SIMILAR = 0.2
"""The share of its own score that an article related to it must reach."""
PARAGRAPHS = 12
"""Paragraphs that are read. News tells what it is about in the first ones."""
_SHARED = 2
"""Telling words that a related article must have."""
_IN_TITLE = 2
"""How often a word of the title counts."""


def related(index: SearchIndex, article_id: str, limit: int = 5, *, highlights: bool = True) -> tuple[Hit, ...]:
    """The articles most like this one, without it, the most similar first; none if the index does not have it.

    Both engines answer alike. (benchmarks/related.py measures what the numbers above do.) Raises NoIndexError.
    """
    text = index.text(article_id)
    words = telling_words(index, text[0], text[1][:PARAGRAPHS]) if text else ()
    if not words:
        return ()
    alike = Alike(words, min(_SHARED, len(words)))
    # it has all its own words, so that it stands among its first hits: one search finds both, its score and the others
    hits = index.search(Query(alike, limit=limit + 1, highlights=highlights, as_typed=True)).hits
    own = [hit for hit in hits if hit.id == article_id]
    if not own:
        itself = And((alike, Term("id", article_id)))
        own = list(index.search(Query(itself, limit=1, highlights=False, as_typed=True)).hits)
    least = SIMILAR * max((hit.score or 0 for hit in own), default=0)
    others = [hit for hit in hits if hit.id != article_id][:limit]
    return tuple(hit for hit in others if (hit.score or 0) >= least)


def telling_words(index: SearchIndex, title: str, paragraphs: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """The words that tell most about a text, with their weights, the most telling first.

    A word tells more the oftener it occurs in the text, and the fewer articles have it; none that no other has.
    """
    counted = Counter(exact_terms(title) * _IN_TITLE)
    for paragraph in paragraphs:
        counted.update(exact_terms(paragraph))
    words = [word for word in counted if word not in STOP_WORDS and len(word) > 1 and not word.isdecimal()]
    articles = index.search(Query(All(), limit=1, highlights=False, as_typed=True)).total
    weights = {}
    for word, having in zip(words, index.frequencies("body", words), strict=True):
        if having > 1:
            weights[word] = counted[word] * log(1 + (articles - having + 0.5) / (having + 0.5))
    telling = sorted(weights, key=lambda word: (-weights[word], word))[:TELLING]
    return tuple((word, weights[word] / weights[telling[0]]) for word in telling)
