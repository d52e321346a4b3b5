"""Names of one thing, and spellings of one word, which a search joins."""

from __future__ import annotations

from dataclasses import dataclass

import lexicon


@dataclass(frozen=True, slots=True)
class Group:
    """Names that find each other. `besides` is what each of them finds as well, but not the other way round."""

    names: tuple[str, ...]
    besides: tuple[str, ...]


GROUPS = tuple(
    Group(*(tuple(filter(None, column.split(";"))) for column in row[:2])) for row in lexicon.rows("synonyms.tsv")
)
SPELLINGS = tuple((first, *others.split()) for first, others, *_ in lexicon.rows("spellings.tsv"))
"""Spellings of one word, the standard one first. They hold for all of its forms."""
