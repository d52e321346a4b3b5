"""From text to terms: what the two twins of a text field index.

The exact twin holds every word, lower case, apostrophes taken out ("Jum'at", "Jum’at" and "Jumat" are one word). The
stemmed twin leaves stop words out and stems the rest, except the lexicon's protected names. In Lucene's terms:
standard tokenizer, lowercase, apostrophes, stop, keyword_marker, stemmer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from indexer import words
from indexer.stemming import stem
from lexicon.words import NAMES, STOP_WORDS

APOSTROPHES = "’‘‛ʼʻ`´′＇"
"""What is printed for an apostrophe, besides the apostrophe."""

GAP = "_"
"""Stands in ready-made text where a position is left empty: for a stop word, and between two paragraphs, so that no
phrase reaches across. The word boundaries never give a lone low line, so it cannot be meant."""

VOCABULARY = 1 << 17
"""Words whose stem is remembered: more than a year of a newspaper has, and no more than some tens of megabytes."""


@dataclass(frozen=True, slots=True)
class Token:
    """A term, its position among the words of the text, and where its word stands in it (in characters)."""

    text: str
    position: int
    start: int
    end: int


def analyze(text: str) -> list[Token]:
    """The tokens of the stemmed twin; a stop word leaves its position empty."""
    found = []
    for token in analyze_exact(text):
        term = stemmed(token.text)
        if term != GAP:
            found.append(Token(term, token.position, token.start, token.end))
    return found


def analyze_exact(text: str) -> list[Token]:
    """The tokens of the exact twin."""
    folded = fold(text)
    return [
        Token(folded[start:end].replace("'", ""), position, start, end)
        for position, (start, end) in enumerate(words.spans(folded))
    ]


def terms(text: str) -> list[str]:
    """What the stemmed twin indexes for a word (or text), in order; nothing for a stop word."""
    return [term for term in map(stemmed, exact_terms(text)) if term != GAP]


def exact_terms(text: str) -> list[str]:
    """What the exact twin indexes for a word (or text), in order."""
    return [word.replace("'", "") for word in words.find(fold(text))]


def ready_made(paragraphs: Iterable[str]) -> tuple[str, str]:
    """The stemmed and the exact twin of some paragraphs as terms between blanks, with a GAP where no term stands.

    Whoever indexes this splits at blanks, counts positions, and drops the gaps.
    """
    between = f" {GAP} "
    exact = between.join(" ".join(words.find(fold(paragraph))) for paragraph in paragraphs).replace("'", "")
    return " ".join(map(stemmed, exact.split(" "))), exact


def fold(text: str) -> str:
    """The text in lower case with plain apostrophes, every character at its old place.

    "İ" and the final "Σ" become what Java's `Character.toLowerCase` makes of them, one character each; Python's own
    `lower` would give two characters for the first and look at its neighbours for the second.
    """
    if text.isascii():
        return (text.replace("`", "'") if "`" in text else text).lower()
    for sign in APOSTROPHES:
        if sign in text:
            text = text.replace(sign, "'")
    return text.replace("İ", "i").replace("Σ", "σ").lower()


@lru_cache(maxsize=VOCABULARY)
def stemmed(word: str) -> str:
    """The term of the stemmed twin for a word of the exact twin; GAP for a stop word (and for a gap)."""
    if word in STOP_WORDS or word == GAP:
        return GAP
    return word if word in NAMES else stem(word)
