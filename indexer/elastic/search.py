"""Searches Elasticsearch: converts the contract's query to its own, and its answer to our results.

Words and phrases go through the analyzers of the searched index, so an index with an earlier lexicon still finds its
articles. `indexer.highlights` marks the matches in the stored text, as in the embedded engine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from elasticsearch import Elasticsearch

from indexer.analysis.analyzer import exact_terms
from indexer.answering import Request
from indexer.contract import NeedsReindexError
from indexer.elastic.mapping import (
    CASE_SENSITIVE,
    COUNTED,
    FOLDED,
    PRINTED_TIME_FIELD,
    STEMMED,
    TIME_FIELD,
    instant,
    single_spaces,
)
from indexer.elastic.vocabulary import ElasticVocabulary
from indexer.explain import explained
from indexer.highlights import Highlighter
from indexer.nodes import (
    Alike,
    All,
    And,
    Beginning,
    Constant,
    DateRange,
    Node,
    Not,
    Or,
    Phrase,
    Preferring,
    Some,
    Synonyms,
    Term,
    Weighted,
    Word,
)
from indexer.paging import Found, Pager
from indexer.queries import Hit, Results, Sort, Stream
from indexer.schema import (
    ALIKE,
    BY_NAME,
    DEFAULT_FACET_VALUES,
    EXACT,
    FACET_VALUES,
    FACETS,
    TIE_BREAKER,
    WORDS,
    Field,
    Kind,
    exact_name,
)
from indexer.values import clock_of, facet_value, meant

HIT_FIELDS = ("title", "body", "captions", "credits", "source", PRINTED_TIME_FIELD, "url", "family", "copies", "flags")
"""The fields that a hit shows."""
SHORT_HIT_FIELDS = tuple(name for name in HIT_FIELDS if name not in ("body", "captions", "credits"))
WINDOW = 10_000
"""The last hit that a plain search can return (`index.max_result_window`). Later hits are read page by page."""
VALUES = 1_000
"""Values of a field that a hint compares with one that no article has."""
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
        self._answers: dict[tuple[Node, int], Json] = {}
        self.vocabulary = ElasticVocabulary(client, name, fields)

    def run(self, request: Request) -> Stream:
        """See `Searcher.run`. Raises NeedsReindexError for a cursor by date in an index that has no field for it."""
        query = request.query
        pager: Pager[Json] = Pager(query, request.reading)
        if pager.after and "order" not in self._fields:
            raise NeedsReindexError(
                "The index was built by an earlier version, which had no pages. Run `kliping reindex` once."
            )
        with_text = query.highlights or query.explain or request.wanted
        page: Json = {
            "sort": _sort(query.order, self._fields),
            "source_includes": list(HIT_FIELDS if with_text else SHORT_HIT_FIELDS),
            "explain": query.explain,
        }
        facets = {each: _facet(each) for each in query.facets if FACETS[each] in self._fields}
        counted = {"aggregations": facets} if facets else {}
        total, parts, aggregated = 0, [], []
        for number, root in enumerate(request.roots):
            place = pager.place_in(number)
            after = {"search_after": list(place)} if place else {}
            body: Json = {"query": compile_node(root, self._fields)}
            whole = body | counted | {"track_total_hits": True}
            if pager.wanted <= WINDOW:
                answer = self._once(root, {"size": pager.wanted} | page | whole | after)
                hits = self._more(answer["hits"]["hits"], {"size": pager.wanted} | page | body)
            else:
                answer = self._client.search(index=self._name, size=0, **whole).body
                hits = _all_hits(self._client, self._name, page | body | {"track_total_hits": False}, after)
            if number >= pager.part:
                parts.append((number, hits))
            total += answer["hits"]["total"]["value"]
            aggregated.append(_facets(answer.get("aggregations", {}), facets))
        stream = Stream(Results(total, (), _added(aggregated)), iter(()))
        stream.hits = _hits(parts, request, pager, stream)
        return stream

    def _more(self, hits: list[Json], body: Json) -> Iterator[Json]:
        """Hits that were read, and after them those behind: of a page whose copies are folded, more are needed."""
        yield from hits
        while hits and len(hits) == body["size"]:
            after = {"search_after": hits[-1]["sort"]}
            hits = self._client.search(index=self._name, track_total_hits=False, **body, **after)["hits"]["hits"]
            yield from hits

    def _once(self, root: Node, body: Json) -> Json:
        """The answer to a search. What has been asked for this answer is not asked again."""
        key = (root, len(body["source_includes"]))
        if key not in self._answers:
            self._answers[key] = self._client.search(index=self._name, **body).body
        return self._answers[key]

    def count(self, root: Node) -> int:
        """See `Countable.count`."""
        return int(self._client.count(index=self._name, query=compile_node(root, self._fields))["count"])

    def values(self, field: str) -> list[str]:
        """See `Countable.values`."""
        values = {"values": {"terms": {"field": field, "size": VALUES}}}
        answer = self._client.search(index=self._name, size=0, aggregations=values)
        return [str(bucket["key"]) for bucket in answer["aggregations"]["values"]["buckets"]]


def _hits(
    parts: Iterable[tuple[int, Iterator[Json]]], request: Request, pager: Pager[Json], into: Stream
) -> Iterator[Hit]:
    query = request.query
    highlighter = Highlighter(request.highlighted) if query.highlights or request.wanted else None
    scored = query.order is Sort.RELEVANCE
    matches = (
        Found(each["_id"], _order(each, scored=scored), each, number, each["_source"].get("family"))
        for number, hits in parts
        for each in hits
    )
    for found in pager.take(matches):
        hit = _hit(found.raw, highlighter, request)
        into.missing.update(hit.missing)
        yield hit
    into.next = pager.next


def _added(parts: Sequence[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    """The facets of sets of articles that have none in common."""
    if len(parts) == 1:
        return {name: dict(counts) for name, counts in parts[0].items()}
    added: dict[str, Counter[str]] = {}
    for facets in parts:
        for name, counts in facets.items():
            added.setdefault(name, Counter()).update(counts)
    return {
        name: dict(counts.most_common(FACET_VALUES.get(name, DEFAULT_FACET_VALUES))) for name, counts in added.items()
    }


def _order(hit: Json, *, scored: bool) -> int | None:
    """The hit's value of the field `order`, where the search is sorted by it and by the id."""
    return int(hit["sort"][0]) if not scored and isinstance(hit["sort"][1], str) else None


def _all_hits(client: Elasticsearch, name: str, body: Json, after: Json) -> Iterator[Json]:
    """All hits after a place, read page by page from one point in time."""
    pit_id = client.open_point_in_time(index=name, keep_alive=KEEP_ALIVE)["id"]
    try:
        while True:
            pit = {"id": pit_id, "keep_alive": KEEP_ALIVE}
            hits = client.search(pit=pit, size=PAGE, **body, **after)["hits"]["hits"]
            yield from hits
            if len(hits) < PAGE:
                return
            after = {"search_after": hits[-1]["sort"]}
    finally:
        client.close_point_in_time(id=pit_id)


def _sort(order: Sort, fields: frozenset[str]) -> list[Json]:
    """The sort keys, of which no two documents have the same."""
    if "order" in fields:
        newest: list[Json] = [{"order": "desc"}, {"id": "desc"}]
    else:  # before schema 3
        newest = [{TIME_FIELD: "desc"}, {"seq": "desc"}]
    match order:
        case Sort.RELEVANCE:
            return [{"_score": "desc"}, *newest]
        case Sort.NEWEST:
            return newest
        case Sort.OLDEST:
            return [{name: "asc"} for key in newest for name in key]


def _facet(name: str) -> Json:
    field = f"{FACETS[name]}.{COUNTED}" if BY_NAME[FACETS[name]].kind is Kind.NAME else FACETS[name]
    return {"terms": {"field": field, "size": FACET_VALUES.get(name, DEFAULT_FACET_VALUES)}}


def _facets(answer: Mapping[str, Any], facets: Mapping[str, Json]) -> dict[str, dict[str, int]]:
    return {
        name: {facet_value(name, each["key"]): each["doc_count"] for each in answer[name]["buckets"]} for name in facets
    }


def _hit(found: Json, highlighter: Highlighter | None, request: Request) -> Hit:
    source = found["_source"]
    texts = {name: source.get(name, []) for name in ("body", "captions", "credits")} | {"title": [source["title"]]}
    return Hit(
        id=found["_id"],
        score=found["_score"] if request.query.order is Sort.RELEVANCE else None,
        title=source["title"],
        source=source["source"],
        published_at=source[PRINTED_TIME_FIELD],
        url=source.get("url"),
        highlights=highlighter.fragments(texts) if highlighter and request.query.highlights else {},
        family=source.get("family"),
        copies=source.get("copies", 0),
        flags=tuple(source.get("flags", ())),
        missing=highlighter.missing(texts, request.wanted) if highlighter and request.wanted else (),
        explanation=explained(request, texts, source[PRINTED_TIME_FIELD], found.get("_explanation")),
    )


# -- words ------------------------------------------------------------------------------------------------------------

WORD_KINDS = (Kind.TEXT, Kind.NAME)
"""Kinds of fields that are searched by their words."""
SAMPLE = 50
"""Articles whose words are counted for a vocabulary. Elasticsearch has no request for the words of a text field."""


def words_of(field: str) -> str:
    """Elasticsearch's field with the exact words of a field."""
    return f"{field}.{EXACT}" if BY_NAME[field].kind is Kind.TEXT else field


def vocabulary(
    client: Elasticsearch, name: str, fields: frozenset[str], field: str, beginning: str, limit: int
) -> tuple[tuple[str, int], ...]:
    """See `SearchIndex.vocabulary`."""
    if field not in fields:
        return ()
    answer = client.search(
        index=name,
        size=SAMPLE,
        query=_unranked({"prefix": {words_of(field): beginning}}),
        sort=[{TIME_FIELD: "desc"}],
        source_includes=[field],
        track_total_hits=False,
    )
    counted: Counter[str] = Counter()
    for hit in answer["hits"]["hits"]:
        value = hit["_source"][field]
        texts = value if isinstance(value, list) else [value]
        counted.update({word for text in texts for word in exact_terms(text) if word.startswith(beginning)})
    words = [word for word, _ in counted.most_common(limit)]
    found = zip(words, frequencies(client, name, fields, field, words), strict=True)
    return tuple(sorted(found, key=lambda each: (-each[1], each[0])))


def frequencies(
    client: Elasticsearch, name: str, fields: frozenset[str], field: str, values: Sequence[str]
) -> tuple[int, ...]:
    """See `SearchIndex.frequencies`."""
    if field not in fields or not values:
        return (0,) * len(values)
    asked = {
        str(number): {"term": {words_of(field): value}} if BY_NAME[field].kind in WORD_KINDS else _term(field, value)
        for number, value in enumerate(values)
    }
    answer = client.search(index=name, size=0, aggregations={"values": {"filters": {"filters": asked}}})
    buckets = answer["aggregations"]["values"]["buckets"]
    return tuple(int(buckets[number]["doc_count"]) for number in asked)


# -- queries ----------------------------------------------------------------------------------------------------------


def compile_node(node: Node, fields: frozenset[str]) -> Json:
    """Convert a query to Elasticsearch's, for an index with these fields."""
    match node:
        case All():
            return {"match_all": {}}
        case Word(text, within):
            words = [_word(word, _searched(fields, within)) for word in exact_terms(text)]
            return words[0] if len(words) == 1 else {"bool": {"must": words}} if words else MATCH_NONE
        case Phrase(text, within):
            return _phrase(text, _searched(fields, within))
        case Beginning(text):
            return _beginning(text, fields)
        case Term():
            terms = [_term(term.field, term.value) for term in meant(node) if term.field in fields]
            return _unranked({"bool": {"should": terms, "minimum_should_match": 1}}) if terms else MATCH_NONE
        case DateRange(since, until):
            return _unranked(_range(since, until, fields))
        case And(parts):
            excluded = [compile_node(part.part, fields) for part in parts if isinstance(part, Not)]
            required = [compile_node(part, fields) for part in parts if not isinstance(part, Not)]
            return {"bool": {"must": required or [_unranked({"match_all": {}})], "must_not": excluded}}
        case Or(parts):
            return _some(parts, 1, fields)
        case Some(parts, minimum):
            return _some(parts, minimum, fields)
        case Alike(words, least):
            return {"bool": {"should": [_stem(*each) for each in words], "minimum_should_match": least}}
        case Not(part):
            return {"bool": {"must": [_unranked({"match_all": {}})], "must_not": [compile_node(part, fields)]}}
        case Preferring(part, preferred):
            optional = [compile_node(each, fields) for each in preferred]
            return {"bool": {"must": [compile_node(part, fields)], "should": optional}}
        case Synonyms():
            return compile_node(node.alternatives, fields)
        case Weighted(part, weight):
            return {"bool": {"must": [compile_node(part, fields)], "boost": weight}}
        case Constant(part, score):
            return {"constant_score": {"filter": compile_node(part, fields), "boost": score}}


def _some(parts: tuple[Node, ...], minimum: int, fields: frozenset[str]) -> Json:
    return {"bool": {"should": [compile_node(part, fields) for part in parts], "minimum_should_match": minimum}}


def _word(word: str, fields: list[Field]) -> Json:
    """A word in any text field, stemmed or exact. The best field counts in full, the others by TIE_BREAKER."""
    boosts = []
    for field in fields:
        boosts.append((exact_name(field), field.exact_weight))
        if field.weight:
            boosts.append((field.name, field.weight))
    return _best([_match(name, word, boost=boost) for name, boost in boosts])


def _match(name: str, word: str, **options: Any) -> Json:
    """A word in a text field or its exact subfield, without the synonyms that Kibana's searches have there."""
    analyzer = EXACT if name.endswith(f".{EXACT}") or BY_NAME[name].kind is Kind.NAME else STEMMED
    return {"match": {name: {"query": word, "operator": "and", "analyzer": analyzer, **options}}}


def _stem(word: str, weight: float) -> Json:
    """A word in any form, wherever it ranks best."""
    matches = [_match(field, word) for field in ALIKE]
    return {"dis_max": {"queries": matches, "tie_breaker": 0.0, "boost": weight}}


def _phrase(text: str, fields: list[Field]) -> Json:
    if not exact_terms(text):
        return MATCH_NONE
    boosts = [(exact_name(field), field.exact_weight) for field in fields]
    return _best([{"match_phrase": {name: {"query": text, "boost": boost}}} for name, boost in boosts])


def _beginning(text: str, fields: frozenset[str]) -> Json:
    """Words that begin like this. Each counts the same."""
    boosts = [(exact_name(field), field.exact_weight) for field in _searched(fields)]
    beginning = "".join(exact_terms(text))
    return _best([{"prefix": {name: {"value": beginning, "boost": boost}}} for name, boost in boosts])


def _searched(fields: frozenset[str], within: tuple[str, ...] = ()) -> list[Field]:
    return [field for field in WORDS if field.name in fields and (not within or field.name in within)]


def _term(field: str, value: str) -> Json:
    if BY_NAME[field].kind in WORD_KINDS:
        return {"match_phrase": {words_of(field): {"query": value}}} if exact_terms(value) else MATCH_NONE
    if field in CASE_SENSITIVE:
        return {"term": {field: value}}
    return {"term": {f"{field}.{FOLDED}": single_spaces(value)}}


def _range(since: datetime | None, until: datetime | None, fields: frozenset[str]) -> Json:
    name = TIME_FIELD
    if "local_time" in fields:
        name, since, until = "local_time", clock_of(since), clock_of(until)
    return {"range": {name: {way: instant(at) for way, at in (("gte", since), ("lt", until)) if at}}}


def _best(queries: list[Json]) -> Json:
    return {"dis_max": {"queries": queries, "tie_breaker": TIE_BREAKER}}


def _unranked(query: Json) -> Json:
    return {"constant_score": {"filter": query, "boost": 0.0}}
