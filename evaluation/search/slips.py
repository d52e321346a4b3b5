"""Slips of the finger: one letter of one word changed, dropped, inserted, or swapped with its neighbour."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from string import ascii_lowercase

SHORTEST = 5
"""Letters of a word that gets a slip."""
_WORD = re.compile(rf"(?<![\w'’-])[A-Za-z]{{{SHORTEST},}}(?![\w'’-])")


def with_slip(text: str, *, seed: str) -> str | None:
    """The text with one slip in one word of at least five letters; None if it has no such word.

    The same seed makes the same slip. The slip always changes the word, whatever its case.
    """
    words = list(_WORD.finditer(text))
    if not words:
        return None
    draw = random.Random(seed)
    word = draw.choice(words)
    slipped = draw.choice(KINDS)(word.group(), draw)
    return text[: word.start()] + slipped + text[word.end() :]


def _changed(word: str, draw: random.Random) -> str:
    at = draw.randrange(len(word))
    return word[:at] + _other(word[at], draw) + word[at + 1 :]


def _dropped(word: str, draw: random.Random) -> str:
    at = draw.randrange(len(word))
    return word[:at] + word[at + 1 :]


def _inserted(word: str, draw: random.Random) -> str:
    at = draw.randrange(len(word) + 1)
    return word[:at] + draw.choice(ascii_lowercase) + word[at:]


def _swapped(word: str, draw: random.Random) -> str:
    places = [at for at in range(len(word) - 1) if word[at].lower() != word[at + 1].lower()]
    if not places:  # one letter, again and again
        return _changed(word, draw)
    at = draw.choice(places)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _other(letter: str, draw: random.Random) -> str:
    return draw.choice([each for each in ascii_lowercase if each != letter.lower()])


KINDS: tuple[Callable[[str, random.Random], str], ...] = (_changed, _dropped, _inserted, _swapped)
