"""Errors of our own in a crawl: each is named once, with the number of addresses it has cost."""

from __future__ import annotations

from collections import Counter

from kliping.logs import place

TOO_MANY = 20
"""Addresses that one error may cost while the run has no harvest. Then every other one would be asked for in vain."""


class Bugs:
    """Writes a sentence for each error of our own into a run's `trouble`, and counts its addresses there."""

    def __init__(self, trouble: list[str]) -> None:
        self._trouble = trouble
        self._counts: Counter[tuple[object, ...]] = Counter()
        self._sentences: dict[tuple[object, ...], tuple[int, str]] = {}

    def add(self, error: BaseException, about: str) -> str:
        """Count an error at an address; returns it in words, as the detail of an outcome."""
        what = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        where = place(error)
        self._counts[where] += 1
        if where not in self._sentences:
            self._sentences[where] = (len(self._trouble), f"An error of our own at {about}: {what.rstrip('.')}")
            self._trouble.append("")
        number, sentence = self._sentences[where]
        more = self._counts[where] - 1
        others = f", and at {more} more {'address' if more == 1 else 'addresses'}" if more else ""
        self._trouble[number] = f"{sentence}{others}."
        return what

    @property
    def most(self) -> int:
        """How many addresses the commonest error has cost."""
        return max(self._counts.values(), default=0)
