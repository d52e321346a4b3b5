"""What tantivy is given of an article.

Terms reach it ready-made, as `analysis.ready_made` gives them: text between blanks, which tantivy's own threads split
(docs/decisions/0006).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
import tantivy

from indexer.analysis.analyzer import GAP, ready_made, ready_made_exact
from indexer.documents import Document
from indexer.embedded import search
from indexer.schema import FIELDS, KEYWORD_BYTES, Field, Kind

READY = "ready"
"""The name of the tokenizer that takes ready-made terms."""
STORED = "stored"
"""The field that keeps what a hit shows."""


def refusal(document: Document) -> str | None:
    """Why this engine does not take a document as it is; null where it does."""
    for field in FIELDS:
        if field.kind is Kind.KEYWORD:
            for value in _values(document, field.name):
                if 4 * len(value) > KEYWORD_BYTES and (size := len(value.encode())) > KEYWORD_BYTES:
                    return f"{field.name} has {size} bytes; a keyword has {KEYWORD_BYTES} at most"
    if not tantivy.MIN_DATETIME <= document.published_on <= tantivy.MAX_DATETIME:
        return f"published_on {document.published_on.isoformat()} is beyond the years that the engine knows"
    return None


def tantivy_schema() -> Any:
    """The fields of an index as tantivy has them."""
    builder = tantivy.SchemaBuilder()
    for field in FIELDS:
        match field.kind:
            case Kind.TEXT:  # phrases run on the exact twin alone, so the stemmed one needs no positions
                builder.add_text_field(field.name, tokenizer_name=READY, index_option="freq")
                builder.add_text_field(f"{field.name}.exact", tokenizer_name=READY, index_option="position")
            case Kind.NAME:
                builder.add_text_field(field.name, tokenizer_name=READY, index_option="position")
            case Kind.KEYWORD:
                builder.add_text_field(field.name, tokenizer_name="raw", index_option="basic")
                if field.facet:  # the values as printed, beside the folded ones that are searched
                    builder.add_text_field(f"{field.name}.facet", fast=True, tokenizer_name="raw", index_option="basic")
            case Kind.INSTANT:
                builder.add_date_field(field.name, indexed=True, fast=True)
            case Kind.NUMBER:
                builder.add_integer_field(field.name, indexed=True, fast=True)
    builder.add_bytes_field(STORED, stored=True)
    return builder.build()


def made(document: Document, fields: frozenset[str]) -> Any:
    """tantivy's document of ours, for an index that was made with these fields."""
    taken = tantivy.Document()
    for name, kind, twin in _taken(fields):
        values = getattr(document, name)
        if values is None or values == ():
            continue
        if kind is Kind.KEYWORD:
            for value in values if type(values) is tuple else (values,):
                taken.add_text(name, search.keyword(name, value))
                if twin:
                    taken.add_text(twin, value)
        elif kind is Kind.TEXT:
            assert twin is not None  # `_twin` gives every text one
            stemmed, exact = ready_made(values if type(values) is tuple else (values,))
            taken.add_text(name, stemmed)
            taken.add_text(twin, exact)
        elif kind is Kind.NAME:
            taken.add_text(name, ready_made_exact(values))
        elif kind is Kind.INSTANT:
            taken.add_date(name, values)
        else:
            taken.add_integer(name, values)
    taken.add_bytes(STORED, orjson.dumps({name: getattr(document, name) for name in search.SHOWN}))
    return taken


@cache
def _taken(fields: frozenset[str]) -> tuple[tuple[str, Kind, str | None], ...]:
    """The fields of an index, each with its twin if it has one; one of an earlier schema leaves out what it lacks."""
    return tuple((field.name, field.kind, _twin(field)) for field in FIELDS if field.name in fields)


def _twin(field: Field) -> str | None:
    if field.kind is Kind.TEXT:
        return f"{field.name}.exact"
    return f"{field.name}.facet" if field.kind is Kind.KEYWORD and field.facet else None


def _values(document: Document, name: str) -> tuple[Any, ...]:
    value = getattr(document, name)
    if isinstance(value, tuple):
        return value
    return () if value is None else (value,)


def ready_tokenizer() -> Any:
    """What splits ready-made terms again."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    return builder.filter(tantivy.Filter.custom_stopword([GAP])).build()
