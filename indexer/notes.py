"""What a search did beyond the words of its query: words left out, corrected or joined, and what to try next.

Each note is there twice: as data for programs, and in a sentence for people that says how to have it exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MOST_NAMES = 3
"""Other names of a thing that a sentence lists."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that the index does not have, and the words of the index that were searched instead, best first."""

    word: str
    instead: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """A word or phrase of the query, and other names of the same thing that were searched as well."""

    word: str
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notes:
    """What a search did. `with_all` is the number of articles that have all words, None if all hits have.

    `left_out` are the words that one or more of the hits lack.
    """

    with_all: int | None = None
    left_out: tuple[str, ...] = ()
    corrected: tuple[Correction, ...] = ()
    joined: tuple[Joined, ...] = ()
    hints: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The notes as `kliping search --json` prints them."""
        return {
            "with_all_words": self.with_all,
            "left_out": list(self.left_out),
            "corrected": [{"word": each.word, "instead": list(each.instead)} for each in self.corrected],
            "joined": [{"word": each.word, "others": list(each.others)} for each in self.joined],
            "hints": list(self.hints),
            "sentences": list(self.sentences()),
        }

    def sentences(self) -> tuple[str, ...]:
        """The notes for a person, the hints last."""
        return (*map(_corrected, self.corrected), *map(_joined, self.joined), *self._relaxed(), *self.hints)

    def _relaxed(self) -> Iterable[str]:
        if self.with_all is None:
            return
        have = f"{self.with_all or 'No'} article{' has' if self.with_all == 1 else 's have'} all words"
        if self.with_all == 0:
            have = "No article has all words"
        others = f"The {'hits' if self.with_all == 0 else 'others'} lack some of them"
        lacking = f": {_listed(self.left_out)}" if self.left_out else ""
        yield f"{have}. {others}{lacking}. {_EXACTLY}"


_EXACTLY = "Put + before each word that must occur, exactly so."
NOTHING_NOTED = Notes()


def _corrected(correction: Correction) -> str:
    return (
        f"No article has “{correction.word}”: searched for {_listed(correction.instead, ' or ')} instead. "
        f"+{correction.word} searches for it exactly."
    )


def _joined(joined: Joined) -> str:
    shown, more = joined.others[:MOST_NAMES], len(joined.others) - MOST_NAMES
    others = _listed(shown) + (f" and {more} other name{'s' if more > 1 else ''}" if more > 0 else "")
    alone = f'"{joined.word}"' if " " in joined.word else f"+{joined.word}"
    return f"“{joined.word}” is also searched as {others}. {alone} searches for it alone."


def _listed(words: tuple[str, ...], last: str = ", ") -> str:
    quoted = [f"“{word}”" for word in words]
    return last.join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)
