"""tantivy's schema, and its documents.

Text is passed to tantivy as terms separated by spaces (`analyzer.pretokenized`), which a whitespace tokenizer splits in
tantivy's own threads (docs/decisions/0006).
"""

from __future__ import annotations

from functools import cache
from typing import Any

import orjson
import tantivy

from indexer.analysis.analyzer import GAP, pretokenized, pretokenized_exact
from indexer.documents import Document
from indexer.embedded import search
from indexer.embedded.stored import STORED, STORED_FIELDS
from indexer.schema import FIELDS, KEYWORD_BYTES, LONGEST_FACET_VALUE, Field, Kind

PRETOKENIZED = "ready"
"""The name of the whitespace tokenizer in the schema. It is written in every index, so it stays."""


def refusal_reason(document: Document) -> str | None:
    """Why this engine refuses a document, or None if it accepts it."""
    for field in FIELDS:
        if field.kind is Kind.KEYWORD:
            for value in _values(document, field.name):
                if 4 * len(value) > KEYWORD_BYTES and (size := len(value.encode())) > KEYWORD_BYTES:
                    return f"{field.name} has {size} bytes; a keyword may have {KEYWORD_BYTES}"
    if not tantivy.MIN_DATETIME <= document.published_on <= tantivy.MAX_DATETIME:
        return f"published_on {document.published_on.isoformat()} is outside the engine's range of dates"
    if not tantivy.MIN_DATETIME <= document.local_time <= tantivy.MAX_DATETIME:
        return f"local_time {document.local_time.isoformat()} is outside the engine's range of dates"
    return None


def tantivy_schema() -> Any:
    """tantivy's schema for the fields of an index."""
    builder = tantivy.SchemaBuilder()
    for field in FIELDS:
        match field.kind:
            case Kind.TEXT:  # phrases search `.exact` only, so the stemmed field needs no positions
                builder.add_text_field(field.name, tokenizer_name=PRETOKENIZED, index_option="freq")
                builder.add_text_field(f"{field.name}.exact", tokenizer_name=PRETOKENIZED, index_option="position")
            case Kind.NAME:
                builder.add_text_field(field.name, tokenizer_name=PRETOKENIZED, index_option="position")
            case Kind.KEYWORD:
                builder.add_text_field(field.name, tokenizer_name="raw", index_option="basic")
            case Kind.INSTANT:
                builder.add_date_field(field.name, indexed=True, fast=True)
            case Kind.NUMBER:
                builder.add_integer_field(field.name, indexed=True, fast=True)
        if field.facet and field.kind is not Kind.NUMBER:  # values as printed; searches use words, or case-folded ones
            builder.add_text_field(f"{field.name}.facet", fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field(STORED, stored=True)
    return builder.build()


def tantivy_document(document: Document, fields: frozenset[str]) -> Any:
    """Convert a document to tantivy's, for an index with these fields."""
    converted = tantivy.Document()
    for name, kind, subfield in _index_fields(fields):
        values = getattr(document, name)
        if values is None or values == ():
            continue
        if kind is Kind.KEYWORD:
            for value in values if type(values) is tuple else (values,):
                converted.add_text(name, search.keyword(name, value))
                if subfield:
                    converted.add_text(subfield, value)
        elif kind is Kind.TEXT:
            assert subfield is not None  # every TEXT field has one
            stemmed, exact = pretokenized(values if type(values) is tuple else (values,))
            converted.add_text(name, stemmed)
            converted.add_text(subfield, exact)
        elif kind is Kind.NAME:
            converted.add_text(name, pretokenized_exact(values))
            if subfield:
                for value in values:
                    if len(value) <= LONGEST_FACET_VALUE:
                        converted.add_text(subfield, value)
        elif kind is Kind.INSTANT:
            converted.add_date(name, values)
        else:
            converted.add_integer(name, values)
    converted.add_bytes(STORED, orjson.dumps({name: getattr(document, name) for name in STORED_FIELDS}))
    return converted


@cache
def _index_fields(fields: frozenset[str]) -> tuple[tuple[str, Kind, str | None], ...]:
    """The fields of an index with their subfields. An index of an earlier schema may lack some of ours."""
    return tuple((field.name, field.kind, _subfield(field, fields)) for field in FIELDS if field.name in fields)


def _subfield(field: Field, fields: frozenset[str]) -> str | None:
    name = f"{field.name}.exact" if field.kind is Kind.TEXT else f"{field.name}.facet"
    return name if name in fields else None


def _values(document: Document, name: str) -> tuple[Any, ...]:
    value = getattr(document, name)
    if isinstance(value, tuple):
        return value
    return () if value is None else (value,)


def whitespace_tokenizer() -> Any:
    """Splits pretokenized text at spaces. A GAP leaves its position empty."""
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace())
    return builder.filter(tantivy.Filter.custom_stopword([GAP])).build()
