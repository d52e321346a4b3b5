"""What pages and the API read from an address alike: queries, days, sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from archive.tables import articles
from indexer.nodes import All, And, DateRange, Node, Or, Term
from indexer.query import BadQueryError, end_of, moment, read

if TYPE_CHECKING:
    from datetime import tzinfo

    from sqlalchemy import Connection

LONGEST_QUERY = 1_000
"""Characters of a query in the reading room. (`indexer.query.MAX_LENGTH` is for files of queries in a terminal.)"""
MOST_CLAUSES = 64
"""Words, phrases and fields of a query. An engine looks each up in every field."""


class BadAskingError(ValueError):
    """A parameter that cannot be read: which one, and a sentence about it."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(f"{name}: {sentence}")
        self.name = name
        self.sentence = sentence


def query_of(text: str, zone: tzinfo, name: str = "q") -> Node:
    """A query as a tree; All for an empty one. Raises BadAskingError."""
    if len(text) > LONGEST_QUERY:
        raise BadAskingError(
            name, f"The query has {len(text)} characters, and the limit is {LONGEST_QUERY}. Shorten it."
        )
    try:
        root = read(text, zone)
    except BadQueryError as error:
        raise BadAskingError(name, f"{error.sentence} (at character {error.position + 1})") from error
    if (clauses := _clauses(root)) > MOST_CLAUSES:
        raise BadAskingError(
            name, f"The query has {clauses} words and fields, and the limit is {MOST_CLAUSES}. Shorten it."
        )
    return root


def day_of(text: str, zone: tzinfo, name: str, *, last: bool = False) -> date | None:
    """A day of "2015", "2015-12" or "2015-12-18": the first of that span, or its last. None for an empty text.

    Raises BadAskingError.
    """
    if not text.strip():
        return None
    try:
        if not last:
            return moment(text.strip(), zone).date()
        end = end_of(text.strip(), zone).date()
    except ValueError as error:
        raise BadAskingError(name, f"{error}. Write it like 2015-12-18, 2015-12 or 2015.") from error
    return end if end == date.max else end - timedelta(days=1)


def within(root: Node, zone: tzinfo, since: date | None, until: date | None, sources: Sequence[str] = ()) -> Node:
    """A query of some days (inclusive) and sources alone."""
    parts: list[Node] = [] if isinstance(root, All) else [root]
    if since or until:
        first = moment(since.isoformat(), zone) if since else None
        parts.append(DateRange(first, end_of(until.isoformat(), zone) if until else None))
    if sources:
        terms = tuple(Term("source", name) for name in sources)
        parts.append(terms[0] if len(terms) == 1 else Or(terms))
    return And(tuple(parts)) if len(parts) > 1 else parts[0] if parts else All()


def sources_in(connection: Connection) -> dict[str, int]:
    """The sources of the archive's articles, and how many each has."""
    counted = select(articles.c.source, func.count()).group_by(articles.c.source).order_by(articles.c.source)
    return {str(row[0]): int(row[1]) for row in connection.execute(counted)}


def _clauses(node: object) -> int:
    """How many leaves a query has."""
    parts = getattr(node, "parts", None) or ([node.part] if hasattr(node, "part") else None)
    return sum(map(_clauses, parts)) if parts else 1
