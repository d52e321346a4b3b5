"""From text to terms: what a text field and its subfield `.exact` index.

The exact terms are all words in lower case, without apostrophes ("Jum'at", "Jum’at" and "Jumat" are one term) and
without points between thousands. An abbreviation that only its capitals tell from another word has a mark (AS is not
"as"). The stemmed terms leave out stop words and replace the rest by their roots, except names. In Lucene's terms:
mapping, standard tokenizer, stemmer_override (capitals), lowercase, pattern_replace, stop, keyword_marker,
stemmer_override (roots), stemmer, stemmer_override (residues).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from indexer.analysis import words
from indexer.analysis.characters import (
    ABBREVIATIONS,
    UNCHANGED,
    may_have_abbreviations,
    replaced,
    replaced_with_corrections,
    uniform,
)
from indexer.analysis.stemming import stem
from lexicon.words import NAMES, RESIDUES, ROOTS, STOP_WORDS

GAP = "_"
"""In pretokenized text, an empty position between two paragraphs, so that no phrase matches across them. As a term, a
stop word. The tokenizer never returns a lone underscore, so it cannot be confused with a word."""

SEPARATORS = "“”–—…"
"""Non-ASCII characters that are never part of a word. Without them most text is ASCII, which is faster to tokenize."""
PARAGRAPH_BREAK = "\0"
"""Separates paragraphs while they are tokenized."""
SEPARATORS_TO_SPACE = bytes(
    code if chr(code).isalnum() or chr(code) in f".,:;'_{PARAGRAPH_BREAK}" else 32 for code in range(128)
) + bytes(128)
"""Translation table: replaces every ASCII character that is never part of a word by a space."""

CACHE_WORDS = 1 << 17
"""Entries in one generation of the term cache, as many words as 10,000 articles have. Two generations take 40 MB."""


@dataclass(frozen=True, slots=True)
class Token:
    """A term, the position of its word in the text, and where the word starts and ends (in characters)."""

    text: str
    position: int
    start: int
    end: int


def stemmed_tokens(text: str) -> list[Token]:
    """The stemmed tokens of a text. A stop word leaves its position empty."""
    found = []
    for token in exact_tokens(text):
        term = stemmed_term(token.text)
        if term != GAP:
            found.append(Token(term, token.position, token.start, token.end))
    return found


def exact_tokens(text: str) -> list[Token]:
    """The exact tokens of a text."""
    return [Token(term, position, start, end) for position, (term, start, end) in enumerate(located_terms(text))]


def located_terms(text: str) -> list[tuple[str, int, int]]:
    """The exact terms of a text, each with the start and end of its word (in characters)."""
    changed, corrections = replaced_with_corrections(text)
    found = list(_exact_terms_at(changed))
    if corrections is UNCHANGED:
        return found
    return [(term, corrections.original(start), corrections.original(end)) for term, start, end in found]


def _exact_terms_at(text: str) -> Iterator[tuple[str, int, int]]:
    """The exact terms of a text without replacements left, and where they stand."""
    folded = fold(text)
    for start, end in words.spans(folded):
        abbreviation = ABBREVIATIONS.get(text[start:end])
        yield (uniform(folded[start:end]) if abbreviation is None else abbreviation.term), start, end


def stemmed_terms(text: str) -> list[str]:
    """The stemmed terms of a word or text, in order, without stop words."""
    return [term for term in map(stemmed_term, exact_terms(text)) if term != GAP]


def exact_terms(text: str) -> list[str]:
    """The exact terms of a word or text, in order."""
    text = replaced(text)
    if may_have_abbreviations(text):
        return [term for term, _, _ in _exact_terms_at(text)]
    return [uniform(word) for word in words.find(fold(text))]


def pretokenized(paragraphs: Iterable[str]) -> tuple[str, str]:
    """The stemmed and the exact terms of paragraphs, each as text separated by spaces, for a whitespace tokenizer.

    The exact terms keep their positions, with a GAP between two paragraphs. The stemmed terms do not, because no phrase
    searches them. No word contains a space, so each chunk between two spaces is analysed once and cached.
    """
    chunks, exact = _split(paragraphs)
    return " ".join(map(_STEMS.__getitem__, chunks)), exact


def pretokenized_exact(paragraphs: Iterable[str]) -> str:
    """The exact terms alone."""
    return _split(paragraphs)[1]


def terms_of_paragraphs(paragraphs: Iterable[str]) -> list[list[str]]:
    """The exact terms of each paragraph. Faster than one by one, and than `exact_terms` for words seen before."""
    terms = pretokenized_exact(paragraphs).split()
    found, start = [], 0
    for _ in range(terms.count(GAP)):
        end = terms.index(GAP, start)
        found.append(terms[start:end])
        start = end + 1
    return [*found, terms[start:]]


def _split(paragraphs: Iterable[str]) -> tuple[list[str], str]:
    """The chunks between two spaces, without most characters that are never part of a word; and the exact terms."""
    text = replaced(f" {PARAGRAPH_BREAK} ".join([paragraph.replace(PARAGRAPH_BREAK, " ") for paragraph in paragraphs]))
    if not text.isascii():
        for separator in SEPARATORS:
            text = text.replace(separator, " ")
    if text.isascii():
        # a full stop or comma before a space is never part of a word either; the tokenizer decides about the rest
        plain = text.encode().translate(SEPARATORS_TO_SPACE).replace(b". ", b" ").replace(b", ", b" ")
        chunks = plain.decode().split()
    else:
        chunks = text.split(" ")
    return chunks, " ".join(map(_EXACT.__getitem__, chunks))


def fold(text: str) -> str:
    """The text in lower case. Every character keeps its position.

    "İ" and "Σ" become one character each, as in Java's `Character.toLowerCase`. Python's `lower` returns two characters
    for the first, and for the second depends on its neighbours.
    """
    if text.isascii():
        return text.lower()
    return text.replace("İ", "i").replace("Σ", "σ").lower()


class _TermCache(dict[str, str]):
    """A cache of the terms of each chunk, joined by spaces.

    It has two generations. When the new one is full it replaces the old one, and entries still in use move from the old
    one to the new one. A dictionary lookup costs half as much as `lru_cache`, which records every access.
    """

    def __init__(self, terms_of: Callable[[str], str]) -> None:
        self._terms_of = terms_of
        self._old: dict[str, str] = {}

    def __missing__(self, chunk: str) -> str:
        terms = self._old.get(chunk)
        if terms is None:
            terms = self._terms_of(chunk)
            terms = chunk if terms == chunk else terms  # most words are their own stem: keep one object, not two
        if len(chunk) <= words.LONGEST:
            if len(self) >= CACHE_WORDS:
                self._old = dict(self)
                self.clear()
            self[chunk] = terms
        return terms


def _exact(chunk: str) -> str:
    return GAP if chunk == PARAGRAPH_BREAK else " ".join(exact_terms(chunk))


def _stems(chunk: str) -> str:
    return " ".join(filter(None, map(_stem_of, exact_terms(chunk))))


def _stem_of(word: str) -> str:
    """The stemmed term of an exact term, or "" for a stop word."""
    if word in STOP_WORDS:
        return ""
    if word in NAMES:
        return word
    root = ROOTS.get(word)
    if root is None:
        root = stem(word)
        return RESIDUES.get(root, root)
    return root


def stemmed_term(word: str) -> str:
    """The stemmed term of an exact term, or GAP for a stop word (and for a GAP)."""
    return STEMMED_TERMS[word]


def _stemmed_term(word: str) -> str:
    return GAP if word == GAP else _stem_of(word) or GAP


_EXACT = _TermCache(_exact)
_STEMS = _TermCache(_stems)
STEMMED_TERMS = _TermCache(_stemmed_term)
"""`stemmed_term` of each exact term, for texts with many."""
