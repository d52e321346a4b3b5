"""What two texts have in common: their shingles, runs of words that stand side by side. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import filterfalse

from rensa import RMinHash

WORDS = 4
"""Words of a shingle. Two reports of one event that two people wrote share hardly any run of four words but quotations
and names; two copies of one report share most."""
SHORTEST = 24
"""Shingles of a text that can be told from others. A shorter one (a caption, a price list) belongs to no family."""
BANDS = 40
"""Band keys of a text."""
ROWS = 2
"""Minimums in a band. With 40 bands of 2, two texts that have a third of their shingles in common share a band in 99 of
100 cases; two that have a hundredth in common, in 0.4 of 100."""
SEED = 1
VERSION = f"1-{RMinHash.ALGORITHM_VERSION}-{WORDS}-{BANDS}-{ROWS}-{SEED}"
"""Names how sketches are made. Sketches of another version cannot be compared with these."""

_WORD = re.compile(r"\w+(?:[.,](?<=\d.)(?=\d)\w+)*")
"""A word, or a number with its points and commas, in a text without underscores: that is faster than to name them."""
_MIX = 0x9E3779B97F4A7C15
KEY_BITS = 48
"""Bits of a band's key."""
_KEY_MASK = (1 << KEY_BITS) - 1


@dataclass(frozen=True, slots=True)
class Shingles:
    """A text's shingles, as hashes of 64 bits, and its numbers as printed: what two texts are compared by."""

    shingles: frozenset[int]
    numbers: frozenset[str]


@dataclass(frozen=True, slots=True)
class Sketch(Shingles):
    """A text's shingles and numbers, and its different band keys, by which copies are looked up."""

    bands: tuple[int, ...]


def shingles_of(texts: Iterable[Sequence[str]]) -> list[Shingles | None]:
    """The shingles of each text, given as its paragraphs; None for one with fewer than SHORTEST."""
    words = [_WORD.findall(" ".join(text).casefold().replace("_", " ")) for text in texts]
    hashed = [frozenset(each) for each in RMinHash.hash_token_sets(list(map(_runs, words)))]
    return [
        Shingles(shingles, frozenset(filter(_has_digit, filterfalse(str.isalpha, set(known)))))
        if len(shingles) >= SHORTEST
        else None
        for shingles, known in zip(hashed, words, strict=True)
    ]


def sketches(texts: Iterable[Sequence[str]]) -> list[Sketch | None]:
    """The sketch of each text, given as its paragraphs; None for one with fewer than SHORTEST shingles."""
    known = shingles_of(texts)
    minimums = iter(_digests([each.shingles for each in known if each is not None]))
    return [Sketch(each.shingles, each.numbers, _bands(next(minimums))) if each is not None else None for each in known]


def _digests(shingles: Sequence[frozenset[int]]) -> list[list[int]]:
    if not shingles:
        return []
    matrix = RMinHash.digest_matrix_from_token_hash_sets([list(each) for each in shingles], BANDS * ROWS, SEED)
    return matrix.to_rows()  # type: ignore[no-any-return]


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


def _runs(words: Sequence[str]) -> list[str]:
    return list(map(" ".join, zip(*(words[at:] for at in range(WORDS)), strict=False)))


def _bands(minimums: Sequence[int]) -> tuple[int, ...]:
    """The key of each band: its minimums and its number, mixed."""
    found = []
    for number in range(BANDS):
        key = number + 1
        for minimum in minimums[number * ROWS : (number + 1) * ROWS]:
            key = (key ^ minimum) * _MIX & 0xFFFFFFFFFFFFFFFF
            key ^= key >> 29
        found.append(key & _KEY_MASK)
    return tuple(dict.fromkeys(found))
