"""What an index holds of an article: its fields and their weights, one table for both engines."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

SCHEMA_VERSION = 1
"""Goes up with every change below, and with every change of analysis that is not the lexicon's."""

KEYWORD_BYTES = 32_766
"""The longest keyword in UTF-8 that Lucene indexes (`IndexWriter.MAX_TERM_LENGTH`); a longer one is refused."""


class Kind(StrEnum):
    """How a field is indexed."""

    TEXT = "text"
    """Two twins: stemmed, and `.exact` unstemmed with positions, on which phrases run."""
    NAME = "name"
    """Words without stemming, with positions: a name is found by any run of its words."""
    KEYWORD = "keyword"
    """The whole value, found whatever its case."""
    INSTANT = "instant"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the index; its name is the attribute of `documents.Document` that it holds.

    `weight` is that of the stemmed twin in the ranking, `exact_weight` that of the exact one. `facet` fields are
    counted with their values as printed.
    """

    name: str
    kind: Kind
    weight: float = 0.0
    exact_weight: float = 0.0
    facet: bool = False


FIELDS = (
    Field("title", Kind.TEXT, weight=3.0, exact_weight=4.0),
    Field("body", Kind.TEXT, weight=1.0, exact_weight=1.4),  # the lede is its first paragraph and has no field
    Field("captions", Kind.TEXT, weight=0.6, exact_weight=0.8),
    Field("authors", Kind.NAME),
    Field("id", Kind.KEYWORD),
    Field("source", Kind.KEYWORD, facet=True),
    Field("url", Kind.KEYWORD),
    Field("agency", Kind.KEYWORD, facet=True),
    Field("photo_agencies", Kind.KEYWORD),
    Field("places", Kind.KEYWORD),
    Field("place", Kind.KEYWORD, facet=True),
    Field("section", Kind.KEYWORD),
    Field("tags", Kind.KEYWORD),
    Field("language", Kind.KEYWORD),
    Field("status", Kind.KEYWORD),
    Field("flags", Kind.KEYWORD),
    Field("family", Kind.KEYWORD),
    Field("published_on", Kind.INSTANT),
    Field("year", Kind.NUMBER, facet=True),
    Field("seq", Kind.NUMBER),
)
BY_NAME = {field.name: field for field in FIELDS}
TEXTS = tuple(field for field in FIELDS if field.kind is Kind.TEXT)
FACETS = tuple(field.name for field in FIELDS if field.facet)
TIE_BREAKER = 0.2
"""How much the fields in which a word stands besides its best one add to its score."""

QUERY_FIELDS = {
    "source": "source",
    "agency": "agency",
    "photo": "photo_agencies",
    "place": "places",
    "author": "authors",
    "family": "family",
}
"""The query's word before the colon, and the field it asks."""
