"""Highlights: fragments of an article's text with the matched words between <em> and </em>.

Made from the text and our own token offsets, so that both engines highlight the same words. Finding the offsets of all
words of an article takes a millisecond, so paragraphs are first looked through word by word with a dictionary, and only
those that may have the best fragment are tokenized.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from indexer.analysis.analyzer import (
    GAP,
    Token,
    exact_terms,
    exact_tokens,
    stemmed_term,
)
from indexer.analysis.characters import ABBREVIATIONS, replaced
from indexer.analysis.words import LONGEST
from indexer.nodes import And, Beginning, Node, Or, Phrase, Synonyms, Word, text_clauses
from indexer.relaxing import name_of

FRAGMENT = 240
"""Characters in a fragment, about three lines of a terminal."""


_AROUND_WORDS = '.,;:!?()"“”–…'
"""Signs that are no part of a word that they stand before or after."""


@dataclass(frozen=True, slots=True)
class Highlight:
    """A match in a text, from `start` to `end` in characters. `term` is the term or phrase that matched."""

    start: int
    end: int
    term: str


class Highlighter:
    """Finds the words and phrases of a query in texts."""

    def __init__(self, root: Node) -> None:
        self._words: set[str] = set()
        self._prefixes: tuple[str, ...] = ()
        self._phrases: dict[str, list[tuple[str, ...]]] = {}  # by their first word
        for clause in text_clauses(root):
            words = tuple(exact_terms(clause.text))
            if isinstance(clause, Beginning):
                self._prefixes += words[-1:]
            elif isinstance(clause, Phrase) and len(words) > 1:
                self._phrases.setdefault(words[0], []).append(words)
            else:
                self._words.update(words)
        self._stems = {stemmed_term(word) for word in self._words}
        self._in_phrases = {word for phrases in self._phrases.values() for phrase in phrases for word in phrase}
        self._labels = _Labels(self)

    def fragments(self, texts: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        """The best fragment of each field that has a match, as escaped HTML. `texts` has the paragraphs by field."""
        found = {name: self._best(paragraphs) for name, paragraphs in texts.items()}
        return {name: (fragment,) for name, fragment in found.items() if fragment is not None}

    def missing(self, texts: Mapping[str, Sequence[str]], words: Iterable[Node]) -> tuple[str, ...]:
        """The words of the query that these texts do not have, as `relaxing.name_of` names them."""
        found = {label for paragraphs in texts.values() for each in paragraphs for label in self._labels_of(each)}
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
                return all(self.label(term) in found for term in exact_terms(text))
            case _:
                return False

    def _best(self, paragraphs: Iterable[str]) -> str | None:
        best: tuple[int, int, str, list[Highlight]] | None = None
        for paragraph in paragraphs:
            labels = self._labels_of(paragraph)
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

    def _labels_of(self, paragraph: str) -> list[str]:
        """What of the query may be in a paragraph: its terms, and the words of its phrases, each as often as found."""
        labels = self._labels
        return [label for chunk in replaced(paragraph).split(" ") for label in labels[chunk]]

    def label(self, term: str) -> str | None:
        """The term of the query that an exact term of a text matches, or that term itself if it is in a phrase."""
        stem = stemmed_term(term)
        if term in self._words if stem == GAP else stem in self._stems:
            return term if stem == GAP else stem
        if term in self._in_phrases or term.startswith(self._prefixes):
            return term
        return None

    def highlights(self, text: str) -> list[Highlight]:
        """All matches in a text, in order, without overlaps."""
        tokens = exact_tokens(text)
        found = [match for token in tokens if (match := self._match_word(token)) is not None]
        for first, token in enumerate(tokens):
            for phrase in self._phrases.get(token.text, ()):
                run = tokens[first : first + len(phrase)]
                if tuple(each.text for each in run) == phrase:
                    found.append(Highlight(run[0].start, run[-1].end, " ".join(phrase)))
        kept: list[Highlight] = []
        for match in sorted(found, key=lambda match: (match.start, -match.end)):
            if not kept or match.start >= kept[-1].end:
                kept.append(match)
        return kept

    def _match_word(self, token: Token) -> Highlight | None:
        term = stemmed_term(token.text)
        if token.text in self._words if term == GAP else term in self._stems:  # a stop word matches only exactly
            return Highlight(token.start, token.end, token.text if term == GAP else term)
        return Highlight(token.start, token.end, token.text) if token.text.startswith(self._prefixes) else None


class _Labels(dict[str, tuple[str, ...]]):
    """The labels of the terms in each chunk of text between two spaces."""

    def __init__(self, highlighter: Highlighter) -> None:
        self._highlighter = highlighter

    def __missing__(self, chunk: str) -> tuple[str, ...]:
        word = chunk.strip(_AROUND_WORDS)  # most chunks are a word and a sign: that needs no tokenizer
        plain = word.isalpha() and word.isascii() and len(word) <= LONGEST and word not in ABBREVIATIONS
        terms = (word.lower(),) if plain else exact_terms(chunk)
        labels = tuple(label for term in terms if (label := self._highlighter.label(term)) is not None)
        self[chunk] = labels
        return labels


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
