"""Asking Elasticsearch: from the contract's query to its own, and from its answer to our results.

Words and phrases go through the analyzers of the index that is asked, so that one of an earlier lexicon finds what it
holds. What was found is marked by `indexer.highlights` in the text that the index keeps, as in the other engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from elasticsearch import Elasticsearch

from indexer.analysis.analyzer import exact_terms
from indexer.contract import (
    All,
    And,
    DateRange,
    Hit,
    Node,
    Not,
    Or,
    Phrase,
    Query,
    Results,
    Sort,
    Term,
    Word,
)
from indexer.elastic.mapping import AS_PRINTED, EXACT, FOLDED, GIVEN, MOMENT, instant, single_blanks
from indexer.highlights import Marker
from indexer.schema import BY_NAME, FACETS, TEXTS, TIE_BREAKER, Kind

SHOWN = ("title", "body", "captions", "source", GIVEN, "url", "family")
"""The fields that a hit is made of."""
FACET_VALUES = 20
WINDOW = 10_000
"""The farthest hit that one plain search gives (`index.max_result_window`); beyond, pages are read one by one."""
PAGE = 2_000
KEEP = "1m"
"""How long the view of an index is kept between two pages."""

Json = dict[str, Any]
NONE: Json = {"match_none": {}}


def search(client: Elasticsearch, name: str, fields: frozenset[str], query: Query) -> Results:
    """Ask an index that was made with these fields. Raises what the client raises."""
    question = compile_node(query.root, fields)
    shown: Json = {"sort": _sort(query), "source_includes": list(SHOWN), "explain": query.explain}
    facets = {each: _facet(each) for each in FACETS if each in fields}
    counted: Json = {"query": question, "track_total_hits": True, "aggregations": facets}
    if query.offset + query.limit <= WINDOW:
        answer = client.search(index=name, from_=query.offset, size=query.limit, **counted, **shown)
        found = answer["hits"]["hits"]
    else:
        answer = client.search(index=name, size=0, **counted)
        found = list(_far(client, name, shown | {"query": question, "track_total_hits": False}, query))
    marker = Marker(query.root)
    scored = query.order is Sort.RELEVANCE
    hits = tuple(_hit(each, marker, scored) for each in found)
    return Results(answer["hits"]["total"]["value"], hits, _facets(answer.get("aggregations", {}), facets))


def _far(client: Elasticsearch, name: str, body: Json, query: Query) -> Iterator[Json]:
    """The hits from `offset` on, read page by page from one view of the index."""
    view = client.open_point_in_time(index=name, keep_alive=KEEP)["id"]
    try:
        place, end = 0, query.offset + query.limit
        after: Json = {}
        while place < end:
            pit = {"id": view, "keep_alive": KEEP}
            page = client.search(pit=pit, size=min(PAGE, end - place), **body, **after)
            hits = page["hits"]["hits"]
            yield from hits[max(0, query.offset - place) :]
            if not hits:
                return
            place += len(hits)
            after = {"search_after": hits[-1]["sort"]}
    finally:
        client.close_point_in_time(id=view)


def _sort(query: Query) -> list[Json]:
    """The order, to the last tie: no two documents of an index have the same `seq`."""
    newest: list[Json] = [{MOMENT: "desc"}, {"seq": "desc"}]
    match query.order:
        case Sort.RELEVANCE:
            return [{"_score": "desc"}, *newest]
        case Sort.NEWEST:
            return newest
        case Sort.OLDEST:
            return [{MOMENT: "asc"}, {"seq": "asc"}]


def _facet(name: str) -> Json:
    return {"terms": {"field": name, "size": FACET_VALUES}}


def _facets(answer: Mapping[str, Any], asked: Mapping[str, Json]) -> dict[str, dict[str, int]]:
    return {name: {str(each["key"]): each["doc_count"] for each in answer[name]["buckets"]} for name in asked}


def _hit(found: Json, marker: Marker, scored: bool) -> Hit:
    kept = found["_source"]
    texts = {"title": [kept["title"]], "body": kept.get("body", []), "captions": kept.get("captions", [])}
    return Hit(
        id=found["_id"],
        score=found["_score"] if scored else None,
        title=kept["title"],
        source=kept["source"],
        published_at=kept[GIVEN],
        url=kept.get("url"),
        highlights=marker.fragments(texts),
        family=kept.get("family"),
        explanation=found.get("_explanation"),
    )


# -- queries ----------------------------------------------------------------------------------------------------------


def compile_node(node: Node, fields: frozenset[str]) -> Json:
    """Elasticsearch's query for ours, for an index that was made with these fields."""
    match node:
        case All():
            return {"match_all": {}}
        case Word(text):
            words = [_word(word, fields) for word in exact_terms(text)]
            return words[0] if len(words) == 1 else {"bool": {"must": words}} if words else NONE
        case Phrase(text):
            return _phrase(text, fields)
        case Term(field, value):
            return _unranked(_term(field, value)) if field in fields else NONE
        case DateRange(since, until):
            bounds = {"gte": since, "lt": until}
            return _unranked({"range": {MOMENT: {way: instant(at) for way, at in bounds.items() if at}}})
        case And(parts):
            refused = [compile_node(part.part, fields) for part in parts if isinstance(part, Not)]
            wanted = [compile_node(part, fields) for part in parts if not isinstance(part, Not)]
            return {"bool": {"must": wanted or [_unranked({"match_all": {}})], "must_not": refused}}
        case Or(parts):
            return {"bool": {"should": [compile_node(part, fields) for part in parts], "minimum_should_match": 1}}
        case Not(part):
            return {"bool": {"must": [_unranked({"match_all": {}})], "must_not": [compile_node(part, fields)]}}


def _word(word: str, fields: frozenset[str]) -> Json:
    """A word in any text field, stemmed or exact; the field where it weighs most counts, the others a little."""
    ways = []
    for field in TEXTS:
        if field.name in fields:
            ways += [(f"{field.name}.{EXACT}", field.exact_weight), (field.name, field.weight)]
    return _best([{"match": {name: {"query": word, "operator": "and", "boost": weight}}} for name, weight in ways])


def _phrase(text: str, fields: frozenset[str]) -> Json:
    if not exact_terms(text):
        return NONE
    ways = [(f"{field.name}.{EXACT}", field.exact_weight) for field in TEXTS if field.name in fields]
    return _best([{"match_phrase": {name: {"query": text, "boost": weight}}} for name, weight in ways])


def _term(field: str, value: str) -> Json:
    if BY_NAME[field].kind is Kind.NAME:
        return {"match_phrase": {field: {"query": value}}}
    if field in AS_PRINTED:
        return {"term": {field: value}}
    return {"term": {f"{field}.{FOLDED}": single_blanks(value)}}


def _best(queries: list[Json]) -> Json:
    return {"dis_max": {"queries": queries, "tie_breaker": TIE_BREAKER}}


def _unranked(query: Json) -> Json:
    return {"constant_score": {"filter": query, "boost": 0.0}}
