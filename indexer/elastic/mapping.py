"""The settings, analysis and mapping of an Elasticsearch index, made from the tables that both engines share.

Uses only components of Elastic's reference (*Text analysis*), with all they need in the index's own settings: a
mapping char filter, the standard tokenizer, stemmer_override, lowercase, pattern_replace, stop, keyword_marker and
stemmer. They produce the same tokens as `indexer.analysis.analyzer`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson

from indexer.analysis.analyzer import stemmed_term
from indexer.analysis.characters import ABBREVIATIONS, REPLACEMENTS, UNIFORM
from indexer.contract import PhysicalIndex
from indexer.documents import Document
from indexer.schema import EXACT, FIELDS, LONGEST_FACET_VALUE, TEXTS, WORDS, Field, Kind
from indexer.synonyms import rules
from lexicon.words import FREQUENT, NAMES, RESIDUES, ROOTS, STOP_WORDS

STEMMED = "stemmed"
"""The analyzer of text. `EXACT` is the name of the one without stemming."""
WITH_SYNONYMS = "with_synonyms"
"""The analyzer of what is typed into Kibana. Our own searches join synonyms before (`indexer.synonyms`)."""
FOLDED = "folded"
"""The normalizer of keywords whose case does not matter, and the name of the subfield that uses it."""
COUNTED = "facet"
"""The subfield of names that a facet counts."""
CASE_SENSITIVE = ("id", "url")
"""Keywords whose case matters."""

TIME_FIELD = "published_at"
"""The name of the schema's `published_on` in Elasticsearch, where people type it into Kibana."""
PRINTED_TIME_FIELD = "published"
"""The publication time to show: a day, if only the day is known."""
STORED_ONLY = (PRINTED_TIME_FIELD, "content_hash")
"""Fields that are stored but not searched."""

NOT_SHOWN = ("lede",)
"""Fields that are searched but not stored: the body has them."""

LOADING: dict[str, Any] = {"refresh_interval": "-1", "number_of_replicas": 0}
"""Settings while an index is filled and not searched yet (reference: *Tune for indexing speed*)."""
IN_SERVICE: dict[str, Any] = {"refresh_interval": None, "auto_expand_replicas": "0-1"}
"""Settings applied before the alias moves: refresh on search, and a replica if there is a second node."""


def body_of(physical: PhysicalIndex) -> dict[str, Any]:
    """The body of the request that creates an index."""
    return {"settings": {"index": _settings()}, "mappings": _mappings(physical)}


def _settings() -> dict[str, Any]:
    weighted = [(field.name, field.weight) for field in TEXTS]
    weighted += [(f"{field.name}.{EXACT}", field.exact_weight) for field in TEXTS]
    weighted += [(field.name, field.exact_weight) for field in WORDS if field.kind is Kind.NAME]
    return LOADING | {
        "number_of_shards": 1,
        # so that a search for the newest articles, as in Kibana's list, need not read every article
        "sort.field": TIME_FIELD,
        "sort.order": "desc",
        "sort.missing": "_last",
        "query.default_field": [f"{name}^{weight:g}" for name, weight in weighted],  # what Kibana's bar searches
        "analysis": analysis(),
    }


def analysis() -> dict[str, Any]:
    """The analyzers of text fields and their exact subfields, and the normalizer of keywords."""
    folding, stemming = ["capitals", "lowercase"], ["own_stems", "roots", "stems", "residues"]
    exact = [*folding, "uniform"]
    chain = {"type": "custom", "char_filter": ["characters"], "tokenizer": "standard"}
    return {
        "char_filter": {
            "characters": {"type": "mapping", "mappings": [f"{text}=>{new}" for text, new in REPLACEMENTS.items()]}
        },
        "filter": {
            "capitals": {
                "type": "stemmer_override",
                "rules": [f"{spelling} => {each.term}" for spelling, each in ABBREVIATIONS.items()],
            },
            "uniform": {"type": "pattern_replace", "pattern": UNIFORM, "replacement": ""},
            "stop_words": {"type": "stop", "stopwords": sorted(STOP_WORDS)},
            "own_stems": {"type": "keyword_marker", "keywords": _own_stems()},
            "roots": {"type": "stemmer_override", "rules": _rules(ROOTS)},
            "stems": {"type": "stemmer", "language": "indonesian"},
            "residues": {"type": "stemmer_override", "rules": _rules(RESIDUES)},  # after the stemmer (decisions/0022)
            "synonyms": {"type": "synonym_graph", "synonyms": list(rules())},
        },
        "analyzer": {
            EXACT: chain | {"filter": exact},
            STEMMED: chain | {"filter": [*folding, "stop_words", "uniform", *stemming]},
            WITH_SYNONYMS: chain | {"filter": [*exact, "synonyms", "stop_words", *stemming]},
        },
        "normalizer": {FOLDED: {"type": "custom", "filter": ["lowercase"]}},
    }


def _own_stems() -> list[str]:
    """Words that stay as they are: names, the roots of the tables, and other frequent words.

    Two of three words of a text are among them. They are found in a set, and pass by the tables and the stemmer:
    `stemmer_override` walks a word letter by letter, and costs more than all else in the chain (decisions/0047).
    """
    words = {*NAMES, *ROOTS.values(), *RESIDUES.values(), *FREQUENT}
    return sorted(word for word in words if stemmed_term(word) == word)


def _rules(roots: Mapping[str, str]) -> list[str]:
    """One rule for each root: its words, separated by commas, and the root that replaces them. Not those that are
    their own root."""
    words: dict[str, list[str]] = {}
    for word, root in sorted(roots.items()):
        if word != root:
            words.setdefault(root, []).append(word)
    return [f"{', '.join(each)} => {root}" for root, each in words.items()]


def _mappings(physical: PhysicalIndex) -> dict[str, Any]:
    properties = {_name(field): _property(field) for field in FIELDS}
    stored = {name: {"type": "keyword", "index": False, "doc_values": False} for name in STORED_ONLY}
    meta = physical.as_json() | {"fields": [field.name for field in FIELDS]}
    return {
        "dynamic": "strict",
        "_meta": meta,
        "_source": {"excludes": list(NOT_SHOWN)},
        "properties": properties | stored,
    }


def _name(field: Field) -> str:
    return TIME_FIELD if field.name == "published_on" else field.name


def _property(field: Field) -> dict[str, Any]:
    match field.kind:
        case Kind.TEXT:
            exact = {EXACT: {"type": "text", "analyzer": EXACT}}
            return {"type": "text", "analyzer": STEMMED, "search_analyzer": WITH_SYNONYMS, "fields": exact}
        case Kind.NAME:
            counted = {COUNTED: {"type": "keyword", "ignore_above": LONGEST_FACET_VALUE}} if field.facet else {}
            return {"type": "text", "analyzer": EXACT, "fields": counted}
        case Kind.KEYWORD if field.name in CASE_SENSITIVE:
            return {"type": "keyword"}
        case Kind.KEYWORD:
            folded = {"type": "keyword", "normalizer": FOLDED, "doc_values": False}
            return {"type": "keyword", "fields": {FOLDED: folded}}
        case Kind.INSTANT:
            return {"type": "date", "format": "strict_date_optional_time"}
        case Kind.NUMBER:
            return {"type": "long"}


def source(document: Document, fields: Collection[str]) -> bytes:
    """The JSON to send for a document, for an index with these fields. Empty values are left out."""
    record: dict[str, Any] = {PRINTED_TIME_FIELD: document.published_at, "content_hash": document.content_hash}
    for name, sent_as, folded in _names():
        if name not in fields:
            continue  # an index of an earlier schema may lack it
        value = getattr(document, name)
        if isinstance(value, datetime):
            record[sent_as] = instant(value)
        elif folded and value:
            record[sent_as] = list(map(single_spaces, value)) if isinstance(value, tuple) else single_spaces(value)
        elif value is not None and value != ():
            record[sent_as] = value
    return orjson.dumps(record)


@cache
def _names() -> tuple[tuple[str, str, bool], ...]:
    """Each field's name in the schema, its name in Elasticsearch, and whether it is a keyword whose case is folded."""
    return tuple(
        (field.name, _name(field), field.kind is Kind.KEYWORD and field.name not in CASE_SENSITIVE) for field in FIELDS
    )


def instant(moment: datetime) -> str:
    """A moment as it is indexed and searched, in UTC. Old zones have offsets with seconds, which no index accepts.

    The calendar's first and last hours may be out of range in UTC. The calendar's ends replace them.
    """
    try:
        return moment.astimezone(UTC).isoformat()
    except OverflowError:
        ends = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
        return ends[moment.year > 1].isoformat()


def single_spaces(value: str) -> str:
    """A keyword as it is indexed and searched. The normalizer folds its case."""
    return " ".join(value.split())
