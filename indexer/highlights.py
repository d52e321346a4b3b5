"""Highlights: fragments of an article's text with the matched words between <em> and </em>.

Made from the text and our own token offsets, so that both engines highlight the same words.
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
from indexer.queries import Node, Phrase, text_clauses

FRAGMENT = 240
"""Characters in a fragment, about three lines of a terminal."""


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
        self._phrases: list[tuple[str, ...]] = []
        for clause in text_clauses(root):
            words = tuple(exact_terms(clause.text))
            if isinstance(clause, Phrase) and len(words) > 1:
                self._phrases.append(words)
            else:
                self._words.update(words)
        self._stems = {stemmed_term(word) for word in self._words}

    def fragments(self, texts: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        """The best fragment of each field that has a match, as escaped HTML. `texts` has the paragraphs by field."""
        found = {name: self._best(paragraphs) for name, paragraphs in texts.items()}
        return {name: (fragment,) for name, fragment in found.items() if fragment is not None}

    def _best(self, paragraphs: Iterable[str]) -> str | None:
        best: tuple[int, int, str, list[Highlight]] | None = None
        for paragraph in paragraphs:
            highlights = self.highlights(paragraph)
            if not highlights:
                continue
            window = _best_window(highlights)
            score = _score(window)
            if best is None or score > best[:2]:  # the first of equals: news tells the most in its first lines
                best = (*score, paragraph, window)
        return None if best is None else _fragment(best[2], best[3])

    def highlights(self, text: str) -> list[Highlight]:
        """All matches in a text, in order, without overlaps."""
        tokens = exact_tokens(text)
        found = [match for token in tokens if (match := self._match_word(token)) is not None]
        for phrase in self._phrases:
            for first in range(len(tokens) - len(phrase) + 1):
                run = tokens[first : first + len(phrase)]
                if tuple(token.text for token in run) == phrase:
                    found.append(Highlight(run[0].start, run[-1].end, " ".join(phrase)))
        kept: list[Highlight] = []
        for match in sorted(found, key=lambda match: (match.start, -match.end)):
            if not kept or match.start >= kept[-1].end:
                kept.append(match)
        return kept

    def _match_word(self, token: Token) -> Highlight | None:
        term = stemmed_term(token.text)
        if term == GAP:  # a stop word matches only exactly
            return Highlight(token.start, token.end, token.text) if token.text in self._words else None
        return Highlight(token.start, token.end, term) if term in self._stems else None


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
