"""From text to terms: what the two twins of a text field index.

The exact twin holds every word, lower case, apostrophes taken out ("Jum'at", "Jum’at" and "Jumat" are one word). The
stemmed twin leaves stop words out and stems the rest, except the lexicon's protected names. In Lucene's terms:
standard tokenizer, lowercase, apostrophes, stop, keyword_marker, stemmer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

from indexer.analysis import words
from indexer.analysis.stemming import stem
from lexicon.words import NAMES, STOP_WORDS

APOSTROPHES = "’‘‛ʼʻ`´′＇"
"""What is printed for an apostrophe, besides the apostrophe."""

GAP = "_"
"""Stands in ready-made text where a position is left empty between two paragraphs, so that no phrase reaches across; as
a term, for a stop word. The word boundaries never give a lone low line, so it cannot be meant."""

APART = "“”–—…"
"""Signs beside the ASCII ones that belong to no word, whatever stands around them; with these most text is ASCII."""
BREAK = "\0"
"""Stands between two paragraphs while they are cut."""
BLANKS = bytes(sign if chr(sign).isalnum() or chr(sign) in ".,:;'_" + BREAK else 32 for sign in range(128)) + bytes(128)
"""ASCII with a blank for every sign that belongs to no word, whatever stands around it."""

VOCABULARY = 1 << 17
"""Words in a generation of those whose stems are remembered: as many as 10,000 articles have. Two take some 40 MB."""


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
    """The stemmed and the exact twin of some paragraphs as terms between blanks; whoever indexes them splits at blanks.

    The exact twin has its positions: a GAP stands between two paragraphs. The stemmed one is given without, for no
    phrase runs on it. No word reaches across a blank, so what stands between two is analysed once and remembered.
    """
    pieces, exact = _cut(paragraphs)
    return " ".join(map(_STEMS.__getitem__, pieces)), exact


def ready_made_exact(paragraphs: Iterable[str]) -> str:
    """The exact twin alone."""
    return _cut(paragraphs)[1]


def _cut(paragraphs: Iterable[str]) -> tuple[list[str], str]:
    """What stands between two blanks, most signs that belong to no word left out; and the exact twin."""
    text = fold(f" {BREAK} ".join([paragraph.replace(BREAK, " ") for paragraph in paragraphs]))
    if not text.isascii():
        for sign in APART:
            text = text.replace(sign, " ")
    if text.isascii():
        # a full stop or comma before a blank belongs to no word either; the rest is left to the rules
        plain = text.encode().translate(BLANKS).replace(b". ", b" ").replace(b", ", b" ")
        pieces = plain.decode().split()
        exact = [piece if piece.isalnum() and len(piece) <= words.LONGEST else _EXACT[piece] for piece in pieces]
    else:
        pieces = text.split(" ")
        exact = list(map(_EXACT.__getitem__, pieces))
    return pieces, " ".join(exact)


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


class _Remembered(dict[str, str]):
    """The terms of what stands between two blanks, with a blank between two of them.

    Bounded in two generations: when one is full the one before it is forgotten, and what is still printed passes from
    that into the new one. A dictionary's look-up costs half of what `lru_cache` takes, which keeps account of each.
    """

    def __init__(self, terms_of: Callable[[str], str]) -> None:
        self._terms_of = terms_of
        self._before: dict[str, str] = {}

    def __missing__(self, piece: str) -> str:
        found = self._before.get(piece)
        if found is None:
            found = self._terms_of(piece)
            found = piece if found == piece else found  # most words are their own stem: one object, not two
        if len(piece) <= words.LONGEST:
            if len(self) >= VOCABULARY:
                self._before = dict(self)
                self.clear()
            self[piece] = found
        return found


def _exact(piece: str) -> str:
    return GAP if piece == BREAK else " ".join(exact_terms(piece))


def _stems(piece: str) -> str:
    if piece.isascii() and piece.isalnum() and len(piece) <= words.LONGEST:
        return _stem_of(piece)
    return " ".join(filter(None, map(_stem_of, exact_terms(piece))))


def _stem_of(word: str) -> str:
    """The term of the stemmed twin; nothing for a stop word."""
    if word in STOP_WORDS:
        return ""
    return word if word in NAMES else stem(word)


@lru_cache(maxsize=1 << 14)
def stemmed(word: str) -> str:
    """The term of the stemmed twin for a word of the exact twin; GAP for a stop word (and for a gap)."""
    return GAP if word == GAP else _stem_of(word) or GAP


_EXACT = _Remembered(_exact)
_STEMS = _Remembered(_stems)
