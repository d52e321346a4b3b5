"""The texts that others are compared with, kept in memory: copies come soon after each other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from sqlalchemy import Connection, select

from archive.families.shingles import Shingles, shingles_of
from archive.tables import articles, versions
from archive.versions import IS_CURRENT, RECORD_TEXT

REMEMBERED = 5_000
"""Texts whose shingles are kept."""


@dataclass(frozen=True, slots=True)
class KnownText:
    """What an article is compared by, and its source."""

    source: str
    text: Shingles


class TextsInMemory:
    """At most REMEMBERED texts, by the ids of their articles. The one that was not asked for longest goes first."""

    def __init__(self) -> None:
        self._known: dict[str, KnownText] = {}

    def get(self, article_id: str) -> KnownText | None:
        """What an article is compared by; None if it was not loaded, is too short, or is lost."""
        return self._known.get(article_id)

    def keep(self, article_id: str, source: str, text: Shingles) -> None:
        """Keep a text in the place of what was kept of its article."""
        self._known.pop(article_id, None)
        self._known[article_id] = KnownText(source, text)
        while len(self._known) > REMEMBERED:
            del self._known[next(iter(self._known))]

    def load(self, connection: Connection, ids: AbstractSet[str]) -> None:
        """Have all of these articles that the archive can compare, at most REMEMBERED; those in memory are not read."""
        missing = sorted(ids - self._known.keys())
        for each in ids & self._known.keys():  # so that what is read now pushes none of them out
            self._known[each] = self._known.pop(each)
        if not missing:
            return
        current = select(articles.c.id, articles.c.source, RECORD_TEXT).join(versions, IS_CURRENT)
        rows = connection.execute(current.where(articles.c.id.in_(missing))).all()
        for row, text in zip(rows, shingles_of(read_record(row.record)[1] for row in rows), strict=True):
            if text is not None:
                self.keep(row.id, row.source, text)


def read_record(record: str | None) -> tuple[str, Sequence[str]]:
    """The source and paragraphs of a record; nothing if it is lost or damaged, which `archive verify` reports."""
    try:
        known = json.loads(record or "{}")
        return str(known.get("source", "")), [each for each in known.get("body", ()) if isinstance(each, str)]
    except (ValueError, AttributeError, TypeError):
        return "", ()
