"""Searches Elasticsearch: converts the contract's query to its own, and its answer to our results.

Words and phrases go through the analyzers of the searched index, so an index with an earlier lexicon still finds its
articles. `indexer.highlights` marks the matches in the stored text, as in the embedded engine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from elasticsearch import Elasticsearch

from indexer.analysis.analyzer import exact_terms
from indexer.answering import FACET_VALUES, Request
from indexer.contract import (
    All,
    And,
    Beginning,
    Constant,
    DateRange,
    Hit,
    Node,
    Not,
    Or,
    Phrase,
    Preferring,
    Query,
    Results,
    Some,
    Sort,
    Term,
    Weighted,
    Word,
)
from indexer.elastic.mapping import (
    CASE_SENSITIVE,
    FOLDED,
    PRINTED_TIME_FIELD,
    TIME_FIELD,
    instant,
    single_spaces,
)
from indexer.elastic.vocabulary import ElasticVocabulary
from indexer.highlights import Highlighter
from indexer.schema import BY_NAME, FACETS, TIE_BREAKER, WORDS, Field, Kind, exact_name

HIT_FIELDS = ("title", "body", "captions", "credits", "source", PRINTED_TIME_FIELD, "url", "family", "flags")
"""The fields that a hit shows."""
WINDOW = 10_000
"""The last hit that a plain search can return (`index.max_result_window`). Later hits are read page by page."""
PAGE = 2_000
KEEP_ALIVE = "1m"
"""How long the point in time is kept between two pages."""

Json = dict[str, Any]
MATCH_NONE: Json = {"match_none": {}}


class ElasticSearcher:
    """`answering.Searcher` on an index with these fields. Its methods raise what the client raises."""

    def __init__(self, client: Elasticsearch, name: str, fields: frozenset[str]) -> None:
        self._client = client
        self._name = name
        self._fields = fields
        self.vocabulary = ElasticVocabulary(client, name, fields)

    def run(self, request: Request) -> Results:
        """See `Searcher.run`."""
        query, compiled = request.query, compile_node(request.root, self._fields)
        shown: Json = {"sort": _sort(query), "source_includes": list(HIT_FIELDS), "explain": query.explain}
        facets = {each: _facet(each) for each in FACETS if each in self._fields}
        counted: Json = {"query": compiled, "track_total_hits": True, "aggregations": facets}
        if query.offset + query.limit <= WINDOW:
            answer = self._client.search(index=self._name, from_=query.offset, size=query.limit, **counted, **shown)
            found = answer["hits"]["hits"]
        else:
            answer = self._client.search(index=self._name, size=0, **counted)
            paged = shown | {"query": compiled, "track_total_hits": False}
            found = list(_deep_hits(self._client, self._name, paged, query))
        highlighter = Highlighter(request.highlighted)
        hits = tuple(_hit(each, highlighter, request) for each in found)
        return Results(answer["hits"]["total"]["value"], hits, _facets(answer.get("aggregations", {}), facets))


def _deep_hits(client: Elasticsearch, name: str, body: Json, query: Query) -> Iterator[Json]:
    """The hits from `offset` on, read page by page from one point in time."""
    pit_id = client.open_point_in_time(index=name, keep_alive=KEEP_ALIVE)["id"]
    try:
        position, end = 0, query.offset + query.limit
        after: Json = {}
        while position < end:
            pit = {"id": pit_id, "keep_alive": KEEP_ALIVE}
            page = client.search(pit=pit, size=min(PAGE, end - position), **body, **after)
            hits = page["hits"]["hits"]
            yield from hits[max(0, query.offset - position) :]
            if not hits:
                return
            position += len(hits)
            after = {"search_after": hits[-1]["sort"]}
    finally:
        client.close_point_in_time(id=pit_id)


def _sort(query: Query) -> list[Json]:
    """The sort keys. `seq` breaks every tie, because no two documents have the same one."""
    newest: list[Json] = [{TIME_FIELD: "desc"}, {"seq": "desc"}]
    match query.order:
        case Sort.RELEVANCE:
            return [{"_score": "desc"}, *newest]
        case Sort.NEWEST:
            return newest
        case Sort.OLDEST:
            return [{TIME_FIELD: "asc"}, {"seq": "asc"}]


def _facet(name: str) -> Json:
    return {"terms": {"field": name, "size": FACET_VALUES}}


def _facets(answer: Mapping[str, Any], facets: Mapping[str, Json]) -> dict[str, dict[str, int]]:
    return {name: {str(each["key"]): each["doc_count"] for each in answer[name]["buckets"]} for name in facets}


def _hit(found: Json, highlighter: Highlighter, request: Request) -> Hit:
    source = found["_source"]
    texts = {name: source.get(name, []) for name in ("body", "captions", "credits")} | {"title": [source["title"]]}
    return Hit(
        id=found["_id"],
        score=found["_score"] if request.query.order is Sort.RELEVANCE else None,
        title=source["title"],
        source=source["source"],
        published_at=source[PRINTED_TIME_FIELD],
        url=source.get("url"),
        highlights=highlighter.fragments(texts),
        family=source.get("family"),
        flags=tuple(source.get("flags", ())),
        missing=highlighter.missing(texts, request.wanted) if request.wanted else (),
        explanation=found.get("_explanation"),
    )


# -- queries ----------------------------------------------------------------------------------------------------------


def compile_node(node: Node, fields: frozenset[str]) -> Json:
    """Convert a query to Elasticsearch's, for an index with these fields."""
    match node:
        case All():
            return {"match_all": {}}
        case Word(text):
            words = [_word(word, fields) for word in exact_terms(text)]
            return words[0] if len(words) == 1 else {"bool": {"must": words}} if words else MATCH_NONE
        case Phrase(text):
            return _phrase(text, fields)
        case Beginning(text):
            return _beginning(text, fields)
        case Term(field, value):
            return _unranked(_term(field, value)) if field in fields else MATCH_NONE
        case DateRange(since, until):
            bounds = {"gte": since, "lt": until}
            return _unranked({"range": {TIME_FIELD: {way: instant(at) for way, at in bounds.items() if at}}})
        case And(parts):
            excluded = [compile_node(part.part, fields) for part in parts if isinstance(part, Not)]
            required = [compile_node(part, fields) for part in parts if not isinstance(part, Not)]
            return {"bool": {"must": required or [_unranked({"match_all": {}})], "must_not": excluded}}
        case Or(parts):
            return _some(parts, 1, fields)
        case Some(parts, minimum):
            return _some(parts, minimum, fields)
        case Not(part):
            return {"bool": {"must": [_unranked({"match_all": {}})], "must_not": [compile_node(part, fields)]}}
        case Preferring(part, preferred):
            optional = [compile_node(each, fields) for each in preferred]
            return {"bool": {"must": [compile_node(part, fields)], "should": optional}}
        case Weighted(part, weight):
            return {"bool": {"must": [compile_node(part, fields)], "boost": weight}}
        case Constant(part, score):
            return {"constant_score": {"filter": compile_node(part, fields), "boost": score}}


def _some(parts: tuple[Node, ...], minimum: int, fields: frozenset[str]) -> Json:
    return {"bool": {"should": [compile_node(part, fields) for part in parts], "minimum_should_match": minimum}}


def _word(word: str, fields: frozenset[str]) -> Json:
    """A word in any text field, stemmed or exact. The best field counts in full, the others by TIE_BREAKER."""
    boosts = []
    for field in _searched(fields):
        boosts.append((exact_name(field), field.exact_weight))
        if field.weight:
            boosts.append((field.name, field.weight))
    return _best([{"match": {name: {"query": word, "operator": "and", "boost": boost}}} for name, boost in boosts])


def _phrase(text: str, fields: frozenset[str]) -> Json:
    if not exact_terms(text):
        return MATCH_NONE
    boosts = [(exact_name(field), field.exact_weight) for field in _searched(fields)]
    return _best([{"match_phrase": {name: {"query": text, "boost": boost}}} for name, boost in boosts])


def _beginning(text: str, fields: frozenset[str]) -> Json:
    """Words that begin like this. Each counts the same."""
    boosts = [(exact_name(field), field.exact_weight) for field in _searched(fields)]
    beginning = "".join(exact_terms(text))
    return _best([{"prefix": {name: {"value": beginning, "boost": boost}}} for name, boost in boosts])


def _searched(fields: frozenset[str]) -> list[Field]:
    return [field for field in WORDS if field.name in fields]


def _term(field: str, value: str) -> Json:
    if BY_NAME[field].kind is Kind.NAME:
        return {"match_phrase": {field: {"query": value}}}
    if field in CASE_SENSITIVE:
        return {"term": {field: value}}
    return {"term": {f"{field}.{FOLDED}": single_spaces(value)}}


def _best(queries: list[Json]) -> Json:
    return {"dis_max": {"queries": queries, "tie_breaker": TIE_BREAKER}}


def _unranked(query: Json) -> Json:
    return {"constant_score": {"filter": query, "boost": 0.0}}
