"""How publishers announce that a story corrects another one, was corrected, or was withdrawn (corrections.toml)."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache

import lexicon

_TABLE = tomllib.loads(lexicon.table("corrections.toml"))
_FRAME = " \t*_~•·>»-–—"


def _beginning(part: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{form})" for form in _TABLE[part]))


_HEADLINE, _LINE, _WITHDRAWN = map(_beginning, ("headline", "line", "withdrawn"))
_MOST_WORDS_AROUND = 60
"""Words of a line that says that its story was withdrawn; a longer one reports on somebody else's."""


def is_correction(title: str) -> bool:
    """Whether a headline is that of a correction, a clarification or a right of reply ("Ralat: …")."""
    return _HEADLINE.match(_folded(title)) is not None


def is_notice(paragraph: str) -> bool:
    """Whether a line of a paragraph begins with a notice: "Ralat: …", "Berita ini telah diperbarui"."""
    return any(_LINE.match(_folded(line)) is not None for line in paragraph.split("\n"))


def says_withdrawn(paragraph: str) -> bool:
    """Whether a line of a paragraph says that its story was withdrawn."""
    lines = (line for line in paragraph.split("\n") if len(line.split()) <= _MOST_WORDS_AROUND)
    return any(_WITHDRAWN.match(_folded(line)) is not None for line in lines)


@lru_cache(maxsize=64)  # a page's paragraphs, each asked about three times
def _folded(text: str) -> str:
    return " ".join(text.split()).lstrip(_FRAME).casefold()
