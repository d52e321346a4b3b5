"""Showing why an article was found: fragments of its text with what was asked for between <em> and </em>.

Made by ourselves from the text and our own offsets, so that both engines mark the same words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from indexer.analysis.analyzer import GAP, Token, analyze_exact, exact_terms, stemmed
from indexer.contract import Node, Phrase, wanted

FRAGMENT = 240
"""Characters of a fragment of the body, about three lines of a terminal."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text that was asked for; `what` tells one wanted thing from another."""

    start: int
    end: int
    what: str


class Marker:
    """Finds in a text what a query asks for."""

    def __init__(self, root: Node) -> None:
        self._words: set[str] = set()
        self._phrases: list[tuple[str, ...]] = []
        for node in wanted(root):
            asked = tuple(exact_terms(node.text))
            if isinstance(node, Phrase) and len(asked) > 1:
                self._phrases.append(asked)
            else:
                self._words.update(asked)
        self._stems = {stemmed(word) for word in self._words}

    def fragments(self, texts: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        """The best fragment of each field in which something was found, as safe HTML; `texts` are its paragraphs."""
        found = {name: self._best(paragraphs) for name, paragraphs in texts.items()}
        return {name: (fragment,) for name, fragment in found.items() if fragment is not None}

    def _best(self, paragraphs: Iterable[str]) -> str | None:
        best: tuple[int, int, str, list[Mark]] | None = None
        for paragraph in paragraphs:
            marks = self.marks(paragraph)
            if not marks:
                continue
            window = _densest(marks)
            worth = (len({mark.what for mark in window}), len(window))
            if best is None or worth > best[:2]:  # of equals the first: news tells the most in its first lines
                best = (*worth, paragraph, window)
        return None if best is None else _fragment(best[2], best[3])

    def marks(self, text: str) -> list[Mark]:
        """Everything asked for in a text, in its order, without overlaps."""
        tokens = analyze_exact(text)
        found = [mark for token in tokens if (mark := self._word(token)) is not None]
        for phrase in self._phrases:
            for first in range(len(tokens) - len(phrase) + 1):
                run = tokens[first : first + len(phrase)]
                if tuple(token.text for token in run) == phrase:
                    found.append(Mark(run[0].start, run[-1].end, " ".join(phrase)))
        apart: list[Mark] = []
        for mark in sorted(found, key=lambda mark: (mark.start, -mark.end)):
            if not apart or mark.start >= apart[-1].end:
                apart.append(mark)
        return apart

    def _word(self, token: Token) -> Mark | None:
        term = stemmed(token.text)
        if term == GAP:  # a stop word is found as it stands
            return Mark(token.start, token.end, token.text) if token.text in self._words else None
        return Mark(token.start, token.end, term) if term in self._stems else None


def _densest(marks: list[Mark]) -> list[Mark]:
    """The marks that one fragment shows: the run with most different things, then most marks, then the first."""
    best: tuple[tuple[int, int], list[Mark]] = ((0, 0), [])
    for number, first in enumerate(marks):
        window = [mark for mark in marks[number : number + 40] if mark.end - first.start <= FRAGMENT] or [first]
        worth = (len({mark.what for mark in window}), len(window))
        if worth > best[0]:
            best = (worth, window)
    return best[1]


def _fragment(text: str, marks: list[Mark]) -> str:
    start, end = _around(text, marks[0].start, marks[-1].end)
    parts = ["… " if start else ""]
    at = start
    for mark in marks:
        parts += [escape(text[at : mark.start]), "<em>", escape(text[mark.start : mark.end]), "</em>"]
        at = mark.end
    parts += [escape(text[at:end]), " …" if end < len(text) else ""]
    return "".join(parts)


def _around(text: str, first: int, last: int) -> tuple[int, int]:
    """The part of the text around these marks that fills a fragment, cut between words where there are blanks."""
    if len(text) <= FRAGMENT:
        return 0, len(text)
    room = max(0, FRAGMENT - (last - first))
    start = max(0, min(first - room // 2, len(text) - FRAGMENT))
    end = min(len(text), max(last, start + FRAGMENT))
    if 0 < start < first:
        blank = text.find(" ", start, first)
        start = blank + 1 if blank >= 0 else start
    if last < end < len(text):
        blank = text.rfind(" ", last, end)
        end = blank if blank >= 0 else end
    return start, end
