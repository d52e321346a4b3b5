"""The fields of an index and their weights: one table for both engines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

SCHEMA_VERSION = 5
"""Increase it with every change below, of what hits show, and of the analysis that is not in the lexicon."""

KEYWORD_BYTES = 32_766
"""The longest keyword, in bytes of UTF-8, that Lucene indexes (`IndexWriter.MAX_TERM_LENGTH`)."""


EXACT = "exact"
"""The name of the subfield of a TEXT with its unstemmed words."""


LEDE_WORDS = 50
"""The words at the start of a body that tell what the story is about: the field `lede`."""


class Kind(StrEnum):
    """How a field is indexed."""

    TEXT = "text"
    """Stemmed, with a subfield `.exact`: unstemmed words with positions, which phrases search."""
    NAME = "name"
    """Unstemmed words with positions. A name matches on any of its words in sequence."""
    KEYWORD = "keyword"
    """The whole value, matched regardless of case."""
    INSTANT = "instant"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the index, named after its attribute in `documents.Document`.

    `weight` ranks matches in the stemmed field, `exact_weight` in the subfield `.exact`, or in a NAME, whose words are
    never stemmed. The words of a query search the fields that have weights. `facet` names the facet that counts the
    field's values, as printed.
    """

    name: str
    kind: Kind
    weight: float = 0.0
    exact_weight: float = 0.0
    facet: str | None = None


FIELDS = (
    Field("title", Kind.TEXT, weight=3.0, exact_weight=4.0),
    Field("lede", Kind.TEXT, weight=1.25, exact_weight=1.75),
    Field("body", Kind.TEXT, weight=1.0, exact_weight=1.4),  # with the lede
    Field("captions", Kind.TEXT, weight=0.6, exact_weight=0.8),
    Field("credits", Kind.NAME, exact_weight=0.8),  # pictures' credits, authors, editors and agencies
    Field("authors", Kind.NAME, facet="author"),
    Field("photographers", Kind.NAME),
    Field("id", Kind.KEYWORD),
    Field("source", Kind.KEYWORD, facet="source"),
    Field("url", Kind.KEYWORD),
    Field("agency", Kind.KEYWORD),  # whose story it is
    Field("agencies", Kind.KEYWORD, facet="agency"),  # and those that the dateline credits
    Field("photo_agencies", Kind.KEYWORD, facet="photo"),
    Field("places", Kind.KEYWORD),
    Field("place", Kind.KEYWORD, facet="place"),
    Field("section", Kind.KEYWORD, facet="section"),
    Field("tags", Kind.KEYWORD),
    Field("language", Kind.KEYWORD),
    Field("status", Kind.KEYWORD),
    Field("flags", Kind.KEYWORD),
    Field("family", Kind.KEYWORD),
    Field("copies", Kind.NUMBER),  # other articles in its family
    Field("published_on", Kind.INSTANT),
    Field("local_time", Kind.INSTANT),
    Field("order", Kind.NUMBER),
    Field("month", Kind.NUMBER, facet="month"),
    Field("year", Kind.NUMBER, facet="year"),
    Field("seq", Kind.NUMBER),
)
BY_NAME = {field.name: field for field in FIELDS}
TEXTS = tuple(field for field in FIELDS if field.kind is Kind.TEXT)
WORDS = tuple(field for field in FIELDS if field.exact_weight)
"""The fields that the words of a query search."""
FACETS = {
    facet: next(field.name for field in FIELDS if field.facet == facet)
    for facet in ("source", "agency", "photo", "place", "section", "author", "month", "year")
}
"""The facets, in the order in which they are shown, and the fields that they count."""
FACET_VALUES = {"month": 120}
"""How many values of a facet are counted at most, the most frequent ones, if not DEFAULT_FACET_VALUES."""
DEFAULT_FACET_VALUES = 20
LONGEST_FACET_VALUE = 200
"""Characters of a name that a facet counts. A longer one is text that was taken for a name."""
ALIKE = ("title", "body")
"""The fields whose words tell what an article is about, and count alike for related articles."""
TIE_BREAKER = 0.2
"""The share that a word's other matching fields add to the score of its best field."""
FRESH = ((timedelta(days=7), 0.3), (timedelta(days=60), 0.3), (timedelta(days=365), 0.3))
"""What an article's score gains by its age at the time of the search: an age, and the gain of articles not older."""

QUERY_FIELDS = {
    "source": "source",
    "agency": "agencies",
    "photo": "photo_agencies",
    "place": "places",
    "author": "authors",
    "section": "section",
    "flag": "flags",
    "family": "family",
}
"""The field names of the query syntax, and the index fields they search."""


def exact_name(field: Field) -> str:
    """The index field with the words of a text as they are. A NAME is never stemmed, so it has no twin."""
    return f"{field.name}.{EXACT}" if field.kind is Kind.TEXT else field.name
