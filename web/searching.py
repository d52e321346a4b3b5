"""A search as its address holds it: the words, the filters, dates, order, and the page. Every state is a URL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from indexer.nodes import All, And, DateRange, Node, Or, Phrase, Term, Word
from indexer.queries import Query, Sort
from indexer.query import BadQueryError, moment, read
from indexer.schema import FACETS, QUERY_FIELDS
from indexer.wording import typed
from web.problems import PageError, refused_value

FILTERS = ("source", "agency", "photo", "place", "section", "author")
"""Facets whose values are filters, in the order in which they are shown."""
PAGE_SIZE = 20
LONGEST_QUERY = 2_000
LONGEST_VALUE = 300
MOST_VALUES = 20
"""Values of one filter."""
MOST_CLAUSES = 100
"""Words, phrases and fields of a query. Each is a search of its own inside the index."""
LONGEST_CURSOR = 30_000
"""Characters. By relevance that is about 2,000 articles; by date a cursor never grows."""


@dataclass(frozen=True, slots=True)
class SearchState:
    """What an address asks for. `filters` has the values of each of FILTERS that are chosen, any of which counts;
    `family` unfolds one family; `copies` unfolds all. `after` and `before` are a year, month or day, as typed."""

    words: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    after: str = ""
    before: str = ""
    sort: Sort = Sort.RELEVANCE
    family: str = ""
    copies: bool = False
    cursor: str = ""

    @classmethod
    def of(cls, parameters: QueryParams) -> SearchState:
        """The state of an address's parameters. Raises PageError for one that is too large or unknown."""
        words = " ".join(parameters.get("q", "").split())
        filters = {name: tuple(dict.fromkeys(filter(None, parameters.getlist(name)))) for name in FILTERS}
        chosen = {name: values for name, values in filters.items() if values}
        cursor = parameters.get("cursor", "")
        values = [value for each in chosen.values() for value in each]
        values += [parameters.get(name, "") for name in ("after", "before", "family")]
        if len(words) > LONGEST_QUERY:
            raise PageError(400, "long_query", length=len(words), limit=LONGEST_QUERY)
        if (
            any(len(value) > LONGEST_VALUE for value in values)
            or any(len(each) > MOST_VALUES for each in chosen.values())
            or len(cursor) > LONGEST_CURSOR
        ):
            raise PageError(400, "long_filters")
        sort = parameters.get("sort", "") or Sort.RELEVANCE
        if sort not in list(Sort):
            raise PageError(400, "unknown_value", **refused_value("sort", sort, Sort))
        if parameters.get("copies", "") not in ("", "1"):
            raise PageError(400, "unknown_value", **refused_value("copies", parameters["copies"], ["1"]))
        return cls(
            words,
            chosen,
            parameters.get("after", "").strip(),
            parameters.get("before", "").strip(),
            Sort(sort),
            parameters.get("family", ""),
            parameters.get("copies") == "1",
            cursor,
        )

    def pairs(self) -> Iterator[tuple[str, str]]:
        """The parameters of the address, without what is as by default."""
        if self.words:
            yield "q", self.words
        for name in FILTERS:
            yield from ((name, value) for value in self.filters.get(name, ()))
        plain = (("after", self.after), ("before", self.before), ("family", self.family), ("cursor", self.cursor))
        yield from ((name, value) for name, value in plain if value)
        if self.sort is not Sort.RELEVANCE:
            yield "sort", str(self.sort)
        if self.copies:
            yield "copies", "1"

    def url(self, path: str = "/", **more: str) -> str:
        """The address of this state."""
        query = urlencode([*self.pairs(), *more.items()])
        return f"{path}?{query}" if query else path

    def changed(self, **changes: Any) -> SearchState:
        """The state with changes, on its first page."""
        return replace(self, **({"cursor": ""} | changes))

    def selection(self) -> SearchState:
        """What is found, without how it is shown: for feeds, which have an order of their own."""
        return self.changed(sort=Sort.RELEVANCE, copies=False)

    def toggled(self, name: str, value: str) -> SearchState:
        """The state with a value of a filter added, or taken out if it was there."""
        had = self.filters.get(name, ())
        values = tuple(each for each in had if each != value) if value in had else (*had, value)
        return self.changed(filters={**self.filters, name: values})

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for: the newest articles are shown."""
        return not (self.words or any(self.filters.values()) or self.after or self.before or self.family)

    def root(self, zone: tzinfo) -> Node:
        """The whole search as a tree. Raises BadQueryError, and PageError for bad dates or too many clauses."""
        asked = read(self.words, zone)
        parts = [*([] if isinstance(asked, All) else [asked]), *self._terms(), *self._dates(zone)]
        if clauses_of(And(tuple(parts))) > MOST_CLAUSES:
            raise PageError(400, "many_clauses", limit=MOST_CLAUSES)
        flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,)))
        return All() if not flat else flat[0] if len(flat) == 1 else And(flat)

    def query(self, zone: tzinfo, now: datetime, **options: Any) -> Query:
        """The search for an engine. Raises what `root` raises."""
        folds = not (self.copies or self.family)
        defaults = {"limit": PAGE_SIZE, "after": self.cursor or None, "reference": now, "folds": folds}
        return Query(self.root(zone), sort=self.sort, **(defaults | options))

    def as_typed(self, zone: tzinfo) -> str:
        """The whole search in the words of the query syntax, for the command, watches and the API."""
        try:
            return typed(self.root(zone))
        except (BadQueryError, PageError):
            return self.words

    def _terms(self) -> Iterator[Node]:
        for name in FILTERS:
            terms = tuple(Term(QUERY_FIELDS[name], value) for value in self.filters.get(name, ()))
            if terms:
                yield terms[0] if len(terms) == 1 else Or(terms)
        if self.family:
            yield Term("family", self.family)

    def _dates(self, zone: tzinfo) -> Iterator[Node]:
        try:
            since = moment(self.after, zone) if self.after else None
            until = moment(self.before, zone) if self.before else None
        except ValueError as error:
            raise PageError(400, "bad_date", text=self.after + " " + self.before) from error
        if since or until:
            yield DateRange(since, until)


def clauses_of(node: Any) -> int:
    """The leaves of a query; each word of a text counts."""
    match node:
        case Word(text) | Phrase(text):
            return max(1, len(text.split()))
        case Term() | DateRange() | All():
            return 1
        case _:
            parts = getattr(node, "parts", None) or [getattr(node, "part", None)]
            return sum(clauses_of(part) for part in parts if part is not None) or 1


COUNTED = tuple(name for name in FACETS if name in FILTERS or name in ("year", "month"))
"""The facets that the search page counts."""
