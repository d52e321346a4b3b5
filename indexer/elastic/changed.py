"""Asks Elasticsearch many queries at once: which of the articles that were changed last match them.

One search answers for many: an aggregation has a filter for each query, and collects the `seq` of what it matches. A
search for each costs eight times as much of the server's time, most of it before the first article is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from indexer.analysis.analyzer import GAP, exact_terms, stemmed_term
from indexer.elastic.search import MATCH_NONE, compile_node
from indexer.nodes import And, Constant, Node, Not, Or, Phrase, Preferring, Some, Synonyms, Weighted, Word
from indexer.schema import WORDS, Field, Kind, exact_name

MOST_AT_ONCE = 100
"""Queries of one request."""
MOST_BUCKETS = 50_000
"""Articles that one request may collect, over all of its queries: less than the server's `search.max_buckets`."""

Json = dict[str, Any]


def changed(
    client: Elasticsearch,
    name: str,
    matcher: ElasticMatcher,
    roots: Sequence[Node],
    past: int,
    limit: int,
    until: int | None,
) -> Iterator[tuple[int, ...]]:
    """See `SearchIndex.changed`. Lucene skips segments whose greatest `seq` is not past it."""
    later = {"range": {"seq": {"gt": past} | ({} if until is None else {"lt": until})}}
    collected = {"seqs": {"terms": {"field": "seq", "size": limit, "order": {"_key": "desc"}}}}
    at_once = max(1, min(MOST_AT_ONCE, MOST_BUCKETS // limit))
    for start in range(0, len(roots), at_once):
        filters = [matcher.compile(root) for root in roots[start : start + at_once]]
        answer = client.search(
            index=name,
            size=0,
            query={"bool": {"filter": [later]}},
            aggregations={"queries": {"filters": {"filters": filters}, "aggregations": collected}},
            track_total_hits=False,
            request_cache=False,
        )
        for bucket in answer["aggregations"]["queries"]["buckets"]:
            yield tuple(int(each["key"]) for each in bucket["seqs"]["buckets"])


class ElasticMatcher:
    """Converts queries to those that match the same and rank nothing, for an index with these fields.

    `same_analysis`: the index was analysed as the query is. Then a text that has a word has its stem, too, and only
    stems are looked up, without the server's analysis.
    """

    def __init__(self, fields: frozenset[str], *, same_analysis: bool) -> None:
        self._fields = fields - {"lede"}  # the body has it, too
        self._by_stem = same_analysis

    def compile(self, node: Node) -> Json:
        """The query in Elasticsearch's own form."""
        match node:
            case Word(text, within) if self._by_stem:
                return _every([self._word(word, self._searched(within)) for word in exact_terms(text)])
            case Phrase(text, within) if exact_terms(text):
                return _any([{"match_phrase": {exact_name(each): text}} for each in self._searched(within)])
            case And(parts):
                excluded = [self.compile(part.part) for part in parts if isinstance(part, Not)]
                required = [self.compile(part) for part in parts if not isinstance(part, Not)]
                return {"bool": {"filter": required, "must_not": excluded}}
            case Or(parts):
                return _any([self.compile(part) for part in parts])
            case Some(parts, minimum):
                return _any([self.compile(part) for part in parts], minimum)
            case Not(part):
                return {"bool": {"must_not": [self.compile(part)]}}
            case Synonyms():
                return self.compile(node.alternatives)
            case Preferring(part) | Weighted(part) | Constant(part):
                return self.compile(part)
            case _:
                return compile_node(node, self._fields)

    def _searched(self, within: tuple[str, ...]) -> list[Field]:
        return [each for each in WORDS if each.name in self._fields and (not within or each.name in within)]

    def _word(self, word: str, fields: Sequence[Field]) -> Json:
        stem = stemmed_term(word)
        if stem == GAP:
            return _any([{"term": {exact_name(each): word}} for each in fields])
        return _any([{"term": {each.name: stem if each.kind is Kind.TEXT else word}} for each in fields])


def _any(queries: Sequence[Json], minimum: int = 1) -> Json:
    return {"bool": {"should": list(queries), "minimum_should_match": minimum}} if queries else MATCH_NONE


def _every(queries: Sequence[Json]) -> Json:
    return queries[0] if len(queries) == 1 else {"bool": {"filter": list(queries)}} if queries else MATCH_NONE
