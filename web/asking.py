"""What pages and the API read from an address alike: queries, days, sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from indexer.nodes import All, And, DateRange, Node, Or, Term
from indexer.query import BadQueryError, end_of, moment, read
from web.searching import LONGEST_QUERY, MOST_CLAUSES, clauses_of

if TYPE_CHECKING:
    from datetime import tzinfo

    from web.wording import PageWords


class BadAskingError(ValueError):
    """A parameter that cannot be read: which one, and a sentence of the wording about it (its key and values)."""

    def __init__(self, name: str, key: str, **values: Any) -> None:
        super().__init__(name, key)
        self.name = name
        self.key = key
        self.values = values

    def said(self, words: PageWords) -> str:
        """The sentence, with the parameter before it."""
        return f"{self.name}: {words(self.key, **self.values)}"


def query_of(text: str, zone: tzinfo, name: str = "q") -> Node:
    """A query as a tree; All for an empty one. Raises BadAskingError."""
    if len(text) > LONGEST_QUERY:
        raise BadAskingError(name, "problems.long_query", length=len(text), limit=LONGEST_QUERY)
    try:
        root = read(text, zone)
    except BadQueryError as error:
        raise BadAskingError(name, f"sentences.{error.sentence.kind}", **error.sentence.values) from error
    if clauses_of(root) > MOST_CLAUSES:
        raise BadAskingError(name, "problems.many_clauses", limit=MOST_CLAUSES)
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
        raise BadAskingError(name, "problems.bad_date", text=text[:40]) from error
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
