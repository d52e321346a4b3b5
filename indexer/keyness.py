"""Words that stand out in what a query finds, compared with the rest of the archive: corpus linguistics' *keyness*.

A word is scored by the log-likelihood ratio (Dunning 1993, "Accurate Methods for the Statistics of Surprise and
Coincidence") of the articles that have it, in a sample of what was found and in all other articles. Both engines are
asked the same questions and scored by this code (docs/decisions/0039).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from math import log

from indexer.analysis.analyzer import exact_terms, stemmed_term, terms_of_paragraphs
from indexer.analysis.characters import ABBREVIATIONS
from indexer.contract import SearchIndex
from indexer.nodes import All, And, DateRange, Node, text_clauses
from indexer.queries import Hit, Query, Sort
from lexicon.words import STOP_WORDS

FEWEST_STORIES = 20
"""Stories (families of copies count once) below which no word stands out: a few articles have their own words."""
FEWEST_WITH_WORD = 5
"""Stories of the sample that must have a word."""
LEAST_SCORE = 15.13
"""The log-likelihood at which chance explains a difference in one of 10,000 words (chi-squared, one degree)."""
LEAST_RATIO = 2.0
"""How many times as frequent a word must be as in the rest of the archive."""
SAMPLE = 400
"""Stories that are read."""
_PLACES = 20
"""Moments from which the sample is taken, so that it is not of one week only."""
_CANDIDATES = 300
_ABBREVIATIONS = {each.term: each.text for each in ABBREVIATIONS.values()}
"""How abbreviations are written, by the terms that the index has of them: "bi_" is BI."""


@dataclass(frozen=True, slots=True)
class StandingWord:
    """A word that stands out, in its most telling form: how many stories of the sample have it, about how many articles
    of the archive, how many times as frequent it is as elsewhere (None: it occurs nowhere else), and its score."""

    word: str
    stories: int
    articles: int
    ratio: float | None
    score: float


class NoWords(StrEnum):
    """Why no word stands out."""

    FEW = "few"
    """Fewer than FEWEST_STORIES articles match."""
    COPIES = "copies"
    """Fewer than FEWEST_STORIES stories match: others are copies of them."""
    ALL = "all"
    """Almost every article matches, so there are none to compare with."""
    ALIKE = "alike"
    """No word is much more frequent than elsewhere."""


@dataclass(frozen=True, slots=True)
class Keyness:
    """The words that stand out, the most telling first. `sampled` stories were read, of `found` articles that match in
    an archive of `articles`. `why_none` says why there are no words, if so."""

    words: tuple[StandingWord, ...]
    sampled: int
    found: int
    articles: int
    why_none: NoWords | None = None


def keyness(index: SearchIndex, root: Node, limit: int = 30) -> Keyness:
    """The words that stand out in what a query finds, without its own. Raises NoIndexError and UnavailableError."""
    everything, days = index.per_day([All(), root])
    articles, found = sum(everything.values()), sum(days.values())
    elsewhere = articles - found
    if found < FEWEST_STORIES:
        return Keyness((), 0, found, articles, NoWords.FEW)
    if elsewhere < FEWEST_STORIES:
        return Keyness((), 0, found, articles, NoWords.ALL)
    hits = _sample(index, root, days)
    if len(hits) < FEWEST_STORIES:
        return Keyness((), len(hits), found, articles, NoWords.COPIES)
    words = tuple(_standing(index, root, hits, found, elsewhere))[:limit]
    why_none = None if words else NoWords.ALIKE
    return Keyness(words, len(hits), found, articles, why_none)


def _sample(index: SearchIndex, root: Node, days: dict[date, int]) -> tuple[Hit, ...]:
    """Stories spread over the time in which articles match: the newest ones before each of some moments."""
    matching = sum(days.values())
    ends: list[date | None] = [None]
    if matching > SAMPLE:
        seen, at = 0, sorted(days)
        for day in at:
            if (seen * _PLACES) // matching < ((seen + days[day]) * _PLACES) // matching:
                ends.append(day)
            seen += days[day]
    each = SAMPLE if len(ends) == 1 else -(-SAMPLE // (len(ends) - 1))
    stories: dict[str, Hit] = {}
    for end in ends if len(ends) == 1 else ends[1:]:
        until = DateRange(until=_after(end)) if end and end < date.max else None
        query = Query(
            And((root, until)) if until else root, Sort.NEWEST, limit=each, highlights=False, as_typed=True, folds=True
        )
        for hit in index.search(query).hits:
            stories.setdefault(hit.family or hit.id, hit)
    return tuple(stories.values())


def _after(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def _standing(
    index: SearchIndex, root: Node, hits: Sequence[Hit], found: int, elsewhere: int
) -> Iterable[StandingWord]:
    stories: Counter[str] = Counter()
    sources: dict[str, set[str]] = {}
    texts = index.texts([hit.id for hit in hits])
    for hit in hits:
        body = texts[hit.id][1] if hit.id in texts else ()
        for word in {term for terms in terms_of_paragraphs(body) for term in terms}:
            stories[word] += 1
            sources.setdefault(word, set()).add(hit.source)
    several = min(2, len({hit.source for hit in hits}))
    asked = {stemmed_term(term) for clause in text_clauses(root) for term in exact_terms(clause.text)}
    candidates = [
        word
        for word, count in stories.most_common()
        if count >= FEWEST_WITH_WORD
        and len(sources[word]) >= several  # else it may be what one publisher prints under every story
        and len(word) > 2
        and not word[0].isdecimal()
        and word not in STOP_WORDS
        and stemmed_term(word) not in asked
    ][:_CANDIDATES]
    best: dict[str, StandingWord] = {}
    for word, articles in zip(candidates, index.frequencies("body", candidates), strict=True):
        here = stories[word]
        others = max(0, articles - round(here * found / len(hits)))  # articles that have it and do not match
        score = log_likelihood(here, len(hits), others, elsewhere)
        ratio = (here / len(hits)) / (others / elsewhere) if others else None
        if score >= LEAST_SCORE and (ratio is None or ratio >= LEAST_RATIO):
            key = stemmed_term(word)
            standing = StandingWord(_ABBREVIATIONS.get(word, word), here, articles, ratio, score)
            if key not in best or score > best[key].score:
                best[key] = standing
    return sorted(best.values(), key=lambda each: (-each.score, each.word))


def log_likelihood(here: int, of_here: int, elsewhere: int, of_elsewhere: int) -> float:
    """Dunning's G²: how surprising it is that `here` of `of_here` articles have a word, and `elsewhere` of the others.

    All four cells of the table count: articles with the word, and those without.
    """
    cells = ((here, of_here), (elsewhere, of_elsewhere))
    having, everything = here + elsewhere, of_here + of_elsewhere
    score = 0.0
    for with_word, of in cells:
        for observed, total in ((with_word, having), (of - with_word, everything - having)):
            expected = of * total / everything
            if observed > 0 and expected > 0:
                score += observed * log(observed / expected)
    return 2 * score
