"""From text to terms: what the two twins of a text field index.

The exact twin holds every word, lower case, apostrophes taken out ("Jum'at", "Jum’at" and "Jumat" are one word). The
stemmed twin leaves stop words out and stems the rest, except the lexicon's protected names. In Lucene's terms:
standard tokenizer, lowercase, apostrophes, stop, keyword_marker, stemmer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from indexer import words
from indexer.stemming import stem
from lexicon.words import NAMES, STOP_WORDS

APOSTROPHES = "’‘‛ʼʻ`´′＇"
"""What is printed for an apostrophe, besides the apostrophe."""

AROUND = "\"'()[],.;:!?-/"
"""Signs that before or after a word of plain letters and digits are no part of it."""

GAP = "_"
"""Stands in ready-made text where a position is left empty: for a stop word, and between two paragraphs, so that no
phrase reaches across. The word boundaries never give a lone low line, so it cannot be meant."""

VOCABULARY = 1 << 17
"""Words whose terms are remembered: as many as 5,000 articles have, and less than a hundred megabytes."""


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

    Whoever indexes this splits at blanks, counts positions, and drops the gaps. No word reaches across a blank, so what
    stands between two is cut once and remembered: half of what an article prints stood in the few before it.
    """
    pieces: list[str | None] = []
    for paragraph in paragraphs:
        pieces += fold(paragraph).split(" ")
        pieces.append(None)
    if not pieces:
        return "", ""
    pieces.pop()
    twins = list(map(_TERMS.__getitem__, pieces))
    return "".join(map(itemgetter(0), twins))[1:], "".join(map(itemgetter(1), twins))[1:]


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


class _Terms(dict[str | None, tuple[str, str]]):
    """The stemmed and the exact twin of what stands between two blanks, each term after a blank; None is a GAP.

    Bounded in two generations: when one is full the one before it is forgotten, and what is still printed passes from
    that into the new one. A dictionary's look-up costs half of what `lru_cache` takes, which keeps account of each.
    """

    def __init__(self) -> None:
        self._before: dict[str | None, tuple[str, str]] = {}

    def __missing__(self, piece: str | None) -> tuple[str, str]:
        twins = self._before.get(piece) or _twins(piece)
        if piece is None or len(piece) <= words.LONGEST:
            if len(self) >= VOCABULARY:
                self._before = dict(self)
                self.clear()
            self[piece] = twins
        return twins


_TERMS = _Terms()


def _twins(piece: str | None) -> tuple[str, str]:
    if piece is None:
        return " " + GAP, " " + GAP
    core = piece.strip(AROUND)
    found = [core] if core.isascii() and core.isalnum() and len(core) <= words.LONGEST else exact_terms(piece)
    exact = "".join([" " + word for word in found])
    stems = "".join([" " + stemmed(word) for word in found])
    return (exact if stems == exact else stems), exact


@lru_cache(maxsize=VOCABULARY)
def stemmed(word: str) -> str:
    """The term of the stemmed twin for a word of the exact twin; GAP for a stop word (and for a gap)."""
    if word in STOP_WORDS or word == GAP:
        return GAP
    return word if word in NAMES else stem(word)
