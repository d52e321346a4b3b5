"""Recognises what a page says of its own story: that it corrects another one, was corrected, or was withdrawn. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence

import lexicon

_TABLE = tomllib.loads(lexicon.table("corrections.toml"))
_FRAME = " \t*_~•·>»-–—"


def _beginning(part: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{form})" for form in _TABLE[part]))


_HEADLINE, _LINE, _WITHDRAWN = map(_beginning, ("headline", "line", "withdrawn"))
_MOST_WORDS_AROUND = 60
"""Words of a line that says that its story was withdrawn; a longer one reports on somebody else's."""
_NOTICES = 4
"""Paragraphs at each end of a story in which a notice stands; between them the story may quote one."""


def is_correction(title: str) -> bool:
    """Whether a headline is that of a correction, a clarification or a right of reply ("Ralat: …")."""
    return _HEADLINE.match(_folded(title)) is not None


def is_notice(paragraph: str) -> bool:
    """Whether a paragraph begins with a notice of a correction ("Ralat: …", "Berita ini telah diperbarui")."""
    return any(_LINE.match(_folded(line)) is not None for line in paragraph.split("\n"))


def notices(body: Sequence[str]) -> Iterable[str]:
    """The paragraphs of a story that are notices of a correction."""
    edges = (*body[:_NOTICES], *body[max(_NOTICES, len(body) - _NOTICES) :])
    return (paragraph for paragraph in edges if is_notice(paragraph))


def notice_flags(title: str, body: Sequence[str]) -> tuple[str, ...]:
    """The flags "correction" and "withdrawn" of a story, by its headline and its first and last paragraphs."""
    edges = (title, *body[:_NOTICES], *body[max(_NOTICES, len(body) - _NOTICES) :])
    corrects = is_correction(title) or any(True for _ in notices(body))
    withdrawn = any(_says_withdrawn(line) for text in edges for line in text.split("\n"))
    return (*(("correction",) if corrects else ()), *(("withdrawn",) if withdrawn else ()))


def _says_withdrawn(line: str) -> bool:
    return len(line.split()) <= _MOST_WORDS_AROUND and _WITHDRAWN.match(_folded(line)) is not None


def _folded(text: str) -> str:
    return " ".join(text.split()).lstrip(_FRAME).casefold()
