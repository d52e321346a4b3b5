"""What an Elasticsearch index is made of: its settings, analysis and mapping, all from the tables both engines share.

Only components that Elastic's reference documents (*Text analysis*): a mapping char filter, the standard tokenizer,
lowercase, pattern_replace, stop, keyword_marker, stemmer. Their token streams are `indexer.analysis.analyzer`'s own.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson

from indexer.analysis.analyzer import APOSTROPHES
from indexer.contract import PhysicalIndex
from indexer.documents import Document
from indexer.schema import FIELDS, TEXTS, Field, Kind
from lexicon.words import NAMES, STOP_WORDS

EXACT = "exact"
"""The analyzer of the unstemmed twin, and the twin's name after the field's."""
STEMMED = "stemmed"
FOLDED = "folded"
"""The normalizer of keywords that are found whatever their case, and the name of that twin."""
AS_PRINTED = ("id", "url")
"""Keywords whose case counts."""

MOMENT = "published_at"
"""What the moment of publication (`published_on` of the schema) is called here, where people type it into Kibana."""
GIVEN = "published"
"""Kept to be shown: publication as the contract prints it, a day where the day alone is known."""
KEPT = (GIVEN, "content_hash")
"""Fields that are kept and not searched."""

LOADING: dict[str, Any] = {"refresh_interval": "-1", "number_of_replicas": 0}
"""While an index is filled that nobody searches (reference: *Tune for indexing speed*)."""
IN_SERVICE: dict[str, Any] = {"refresh_interval": None, "auto_expand_replicas": "0-1"}
"""Before the alias moves: refreshed when searched, and a second copy wherever there is a second node."""


def body_of(physical: PhysicalIndex) -> dict[str, Any]:
    """The body of the request that creates an index."""
    return {"settings": {"index": _settings()}, "mappings": _mappings(physical)}


def _settings() -> dict[str, Any]:
    weighted = [(field.name, field.weight) for field in TEXTS]
    weighted += [(f"{field.name}.{EXACT}", field.exact_weight) for field in TEXTS]
    return LOADING | {
        "number_of_shards": 1,
        # asked for newest first, as Kibana's list does, a search need not look at every article
        "sort.field": MOMENT,
        "sort.order": "desc",
        "sort.missing": "_last",
        "query.default_field": [f"{name}^{weight:g}" for name, weight in weighted],  # what Kibana's bar searches
        "analysis": analysis(),
    }


def analysis() -> dict[str, Any]:
    """The chains of both twins of a text field, and the normalizer of keywords."""
    exact = ["lowercase", "without_apostrophes"]
    chain = {"type": "custom", "char_filter": ["apostrophes"], "tokenizer": "standard"}
    return {
        "char_filter": {"apostrophes": {"type": "mapping", "mappings": [f"{sign}=>'" for sign in APOSTROPHES]}},
        "filter": {
            "without_apostrophes": {"type": "pattern_replace", "pattern": "'", "replacement": ""},
            "stop_words": {"type": "stop", "stopwords": sorted(STOP_WORDS)},
            "names": {"type": "keyword_marker", "keywords": sorted(NAMES)},
            "stems": {"type": "stemmer", "language": "indonesian"},
        },
        "analyzer": {
            EXACT: chain | {"filter": exact},
            STEMMED: chain | {"filter": [*exact, "stop_words", "names", "stems"]},
        },
        "normalizer": {FOLDED: {"type": "custom", "filter": ["lowercase"]}},
    }


def _mappings(physical: PhysicalIndex) -> dict[str, Any]:
    properties = {_name(field): _property(field) for field in FIELDS}
    kept = {name: {"type": "keyword", "index": False, "doc_values": False} for name in KEPT}
    meta = physical.as_json() | {"fields": [field.name for field in FIELDS]}
    return {"dynamic": "strict", "_meta": meta, "properties": properties | kept}


def _name(field: Field) -> str:
    return MOMENT if field.kind is Kind.INSTANT else field.name


def _property(field: Field) -> dict[str, Any]:
    match field.kind:
        case Kind.TEXT:
            return {"type": "text", "analyzer": STEMMED, "fields": {EXACT: {"type": "text", "analyzer": EXACT}}}
        case Kind.NAME:
            return {"type": "text", "analyzer": EXACT}
        case Kind.KEYWORD if field.name in AS_PRINTED:
            return {"type": "keyword"}
        case Kind.KEYWORD:
            folded = {"type": "keyword", "normalizer": FOLDED, "doc_values": False}
            return {"type": "keyword", "fields": {FOLDED: folded}}
        case Kind.INSTANT:
            return {"type": "date", "format": "strict_date_optional_time"}
        case Kind.NUMBER:
            return {"type": "long"}


def source(document: Document, fields: Collection[str]) -> bytes:
    """The JSON that is sent for a document to an index made with these fields; what is empty is left out."""
    record: dict[str, Any] = {GIVEN: document.published_at, "content_hash": document.content_hash}
    for name, sent, keyword in _sent():
        if name not in fields:
            continue  # an index of an earlier schema leaves out what it lacks
        value = getattr(document, name)
        if sent == MOMENT:
            record[sent] = instant(value)
        elif keyword and value:
            record[sent] = [single_blanks(each) for each in value] if isinstance(value, tuple) else single_blanks(value)
        elif value is not None and value != ():
            record[sent] = value
    return orjson.dumps(record)


@cache
def _sent() -> tuple[tuple[str, str, bool], ...]:
    """The schema's name of each field, the one it is sent under, and whether it is a keyword whose case is nothing."""
    return tuple(
        (field.name, _name(field), field.kind is Kind.KEYWORD and field.name not in AS_PRINTED) for field in FIELDS
    )


def instant(moment: datetime) -> str:
    """A moment as it is indexed and asked for, in UTC: old zones have seconds in their offset, which no index reads.

    The calendar's first and last hours may have no moment in UTC; its ends stand for them.
    """
    try:
        return moment.astimezone(UTC).isoformat()
    except OverflowError:
        ends = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
        return ends[moment.year > 1].isoformat()


def single_blanks(value: str) -> str:
    """A keyword as it is indexed and asked for; the normalizer sees to its case."""
    return " ".join(value.split())
