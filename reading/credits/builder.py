"""Collects what the lines of a story credit, and counts lower-case words to tell a credit from a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class CreditsBuilder:
    """The credits read so far; the fields are those of `reading.credits.reader.Credits`."""

    publisher: str
    dateline_place: str | None = None
    dateline_agency: str | None = None
    authors: list[str] = field(default_factory=list)
    editors: list[str] = field(default_factory=list)
    photographer: str | None = None
    agency: list[str] = field(default_factory=list)
    handout_of: str | None = None
    source_credit: str | None = None
    copyright_year: int | None = None
    initials: list[str] = field(default_factory=list)

    @staticmethod
    def add(where: list[str], names: Iterable[str]) -> None:
        """Adds the names that are not in the list yet."""
        where.extend(name for name in names if name not in where)

    def set_source(self, name: str) -> None:
        """Sets the medium that is the story's source; the first one counts."""
        self.source_credit = self.source_credit or name


_LOWER = re.compile(r"(?<![^\s(\"“])([^\W\d_A-Z])[^\W\d_]{2,}(?![^\s,.;:!?)\"”])")


def lower_words(line: str) -> int:
    """Returns the number of lower-case words in a line: a credit has few, a sentence many."""
    return sum(map(str.islower, _LOWER.findall(line)))
