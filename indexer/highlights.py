"""Highlights: fragments of an article's text with the matched words between <em> and </em>.

Made from the text and our own token offsets, so that both engines highlight the same words. Finding the offsets of all
words of an article takes a millisecond. So its terms come from the analyzer's cache, and only the paragraphs that may
have the best fragment are tokenized.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from indexer.analysis.analyzer import (
    GAP,
    STEMMED_TERMS,
    exact_terms,
    located_terms,
    stemmed_term,
    terms_of_paragraphs,
)
from indexer.analysis.characters import APOSTROPHES
from indexer.nodes import And, Beginning, Node, Or, Phrase, Synonyms, Word, text_clauses
from indexer.relaxing import name_of

FRAGMENT = 240
"""Characters in a fragment, about three lines of a terminal."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """A match in a text, from `start` to `end` in characters. `term` is the term or phrase that matched."""

    start: int
    end: int
    term: str


class Highlighter:
    """Finds the words and phrases of a query in texts.

    A label is what a term of a text matches: the stem of a word of the query, or a term as it is.
    """

    def __init__(self, root: Node) -> None:
        self._exact: set[str] = set()
        self._prefixes: tuple[str, ...] = ()
        self._phrases: dict[str, list[tuple[str, ...]]] = {}  # by their first word
        self._stems: set[str] = set()
        for clause in text_clauses(root):
            words = tuple(exact_terms(clause.text))
            match clause:
                case Beginning():
                    self._prefixes += words[-1:]
                case Phrase() if len(words) > 1:
                    self._phrases.setdefault(words[0], []).append(words)
                case Phrase():
                    self._exact.update(words)
                case Word():
                    self._stems.update(map(stemmed_term, words))
                    self._exact.update(word for word in words if stemmed_term(word) == GAP)
        self._stems.discard(GAP)  # a stop word matches only exactly
        self._in_phrases = {word for phrases in self._phrases.values() for phrase in phrases for word in phrase}
        self._looked_for = self._exact | self._in_phrases

    def fragments(self, texts: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        """The best fragment of each field that has a match, as escaped HTML. `texts` has the paragraphs by field."""
        found = {name: self._best(paragraphs) for name, paragraphs in texts.items() if paragraphs}
        return {name: (fragment,) for name, fragment in found.items() if fragment is not None}

    def missing(self, texts: Mapping[str, Sequence[str]], words: Iterable[Node]) -> tuple[str, ...]:
        """The words of the query that these texts do not have, as `relaxing.name_of` names them."""
        paragraphs = terms_of_paragraphs(paragraph for each in texts.values() for paragraph in each)
        found = {label for terms in paragraphs for label in self._labels(terms)}
        return tuple(name_of(word) for word in words if not self._is_in(word, found))

    def _is_in(self, part: Node, found: set[str]) -> bool:
        match part:
            case Or(parts):
                return any(self._is_in(each, found) for each in parts)
            case And(parts):
                return all(self._is_in(each, found) for each in parts)
            case Synonyms(typed, others):
                return self._is_in(typed, found) or any(self._is_in(each.part, found) for each in others)
            case Word(text) | Phrase(text):
                return all(label in found for label in self._labels(exact_terms(text)))
            case _:
                return False

    def _best(self, paragraphs: Sequence[str]) -> str | None:
        best: tuple[int, int, str, list[Highlight]] | None = None
        for paragraph, terms in zip(paragraphs, terms_of_paragraphs(paragraphs), strict=True):
            labels = self._labels(terms)
            if not labels or (best is not None and (len(set(labels)), len(labels)) <= best[:2]):
                continue
            highlights = self.highlights(paragraph)
            if not highlights:
                continue
            window = _best_window(highlights)
            score = _score(window)
            if best is None or score > best[:2]:  # the first of equals: news tells the most in its first lines
                best = (*score, paragraph, window)
        return None if best is None else _fragment(best[2], best[3])

    def _labels(self, terms: Sequence[str]) -> list[str]:
        """What of the query is in a text with these exact terms; no fewer than its highlights."""
        stems = self._stems
        labels = [stem for stem in map(STEMMED_TERMS.__getitem__, terms) if stem in stems]
        if self._looked_for:
            labels += [term for term in terms if term in self._looked_for]
        if self._prefixes:
            labels += [term for term in terms if term.startswith(self._prefixes)]
        return labels

    def highlights(self, text: str) -> list[Highlight]:
        """All matches in a text, in order, without overlaps."""
        terms = [(term, start, _without_apostrophes(text, start, end)) for term, start, end in located_terms(text)]
        found = [Highlight(start, end, label) for term, start, end in terms if (label := self._label(term)) is not None]
        for first, (term, start, _) in enumerate(terms):
            for phrase in self._phrases.get(term, ()):
                run = terms[first : first + len(phrase)]
                if tuple(each for each, _, _ in run) == phrase:
                    found.append(Highlight(start, run[-1][2], " ".join(phrase)))
        kept: list[Highlight] = []
        for match in sorted(found, key=lambda match: (match.start, -match.end)):
            if not kept or match.start >= kept[-1].end:
                kept.append(match)
        return kept

    def _label(self, term: str) -> str | None:
        stem = STEMMED_TERMS[term]
        if stem in self._stems:
            return stem
        return term if term in self._exact or term.startswith(self._prefixes) else None


def _without_apostrophes(text: str, start: int, end: int) -> int:
    """The end of a word, without apostrophes after it: they have no term, so the word before has them."""
    while end > start and text[end - 1] in APOSTROPHES:
        end -= 1
    return end


def _best_window(highlights: list[Highlight]) -> list[Highlight]:
    """The matches to show in one fragment: most different terms, then most matches, then the first."""
    best: tuple[tuple[int, int], list[Highlight]] = ((0, 0), [])
    for number, first in enumerate(highlights):
        window = [each for each in highlights[number : number + 40] if each.end - first.start <= FRAGMENT] or [first]
        score = _score(window)
        if score > best[0]:
            best = (score, window)
    return best[1]


def _score(window: list[Highlight]) -> tuple[int, int]:
    return len({each.term for each in window}), len(window)


def _fragment(text: str, highlights: list[Highlight]) -> str:
    start, end = _bounds(text, highlights[0].start, highlights[-1].end)
    parts = ["… " if start else ""]
    at = start
    for each in highlights:
        parts += [escape(text[at : each.start]), "<em>", escape(text[each.start : each.end]), "</em>"]
        at = each.end
    parts += [escape(text[at:end]), " …" if end < len(text) else ""]
    return "".join(parts)


def _bounds(text: str, first: int, last: int) -> tuple[int, int]:
    """The part of the text to show around its matches: at most FRAGMENT characters, cut at spaces if possible."""
    if len(text) <= FRAGMENT:
        return 0, len(text)
    room = max(0, FRAGMENT - (last - first))
    start = max(0, min(first - room // 2, len(text) - FRAGMENT))
    end = min(len(text), max(last, start + FRAGMENT))
    if 0 < start < first:
        space = text.find(" ", start, first)
        start = space + 1 if space >= 0 else start
    if last < end < len(text):
        space = text.rfind(" ", last, end)
        end = space if space >= 0 else end
    return start, end
