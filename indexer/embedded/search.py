"""Searches tantivy: converts the contract's query to tantivy's, and tantivy's answer to our results."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import orjson
import tantivy

from indexer.analysis.analyzer import GAP, exact_terms, stemmed_term
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
    Results,
    Some,
    Sort,
    Term,
    Weighted,
    Word,
)
from indexer.embedded.stored import STORED
from indexer.embedded.vocabulary import EmbeddedVocabulary
from indexer.highlights import Highlighter
from indexer.schema import BY_NAME, FACETS, TIE_BREAKER, WORDS, Kind, exact_name

Occur = tantivy.Occur


class EmbeddedSearcher:
    """`answering.Searcher` on one commit of an index with these fields."""

    def __init__(self, searcher: Any, schema: Any, fields: frozenset[str]) -> None:
        self._searcher = searcher
        self._fields = fields
        self._compiler = _Compiler(schema, fields)
        self.vocabulary = EmbeddedVocabulary(searcher, schema, fields)

    def run(self, request: Request) -> Results:
        """See `Searcher.run`."""
        query, compiled = request.query, self._compiler.compile(request.root)
        if query.order is Sort.RELEVANCE:
            found = self._searcher.search(compiled, limit=query.limit, offset=query.offset)
            scores = [score for score, _ in found.hits]
        else:
            order = tantivy.Order.Desc if query.order is Sort.NEWEST else tantivy.Order.Asc
            found = self._searcher.search(
                compiled, limit=query.limit, offset=query.offset, order_by_field="published_on", order=order
            )
            scores = [None for _ in found.hits]
        highlighter = Highlighter(request.highlighted)
        hits = []
        for score, (_, address) in zip(scores, found.hits, strict=True):
            record = orjson.loads(self._searcher.doc(address)[STORED][0])
            explanation = json.loads(compiled.explain(self._searcher, address).to_json()) if query.explain else None
            hits.append(_hit(record, score, highlighter, request, explanation))
        return Results(int(found.count), tuple(hits), _facets(self._searcher, compiled, self._fields))


def keyword(field: str, value: str) -> str:
    """A keyword as it is indexed and searched: case-folded, except ids and URLs."""
    return value if field in ("id", "url") else " ".join(value.split()).casefold()


def _hit(
    record: dict[str, Any], score: float | None, highlighter: Highlighter, request: Request, explanation: Any
) -> Hit:
    texts: dict[str, list[str]] = {"title": [record["title"]], "body": record["body"], "captions": record["captions"]}
    texts["credits"] = record.get("credits", [])  # an index of schema 2 has none
    return Hit(
        id=record["id"],
        score=score,
        title=record["title"],
        source=record["source"],
        published_at=record["published_at"],
        url=record["url"],
        highlights=highlighter.fragments(texts),
        family=record["family"],
        flags=tuple(record.get("flags", ())),  # an index of schema 1 has none
        missing=highlighter.missing(texts, request.wanted) if request.wanted else (),
        explanation=explanation,
    )


def _facets(searcher: Any, compiled: Any, fields: frozenset[str]) -> dict[str, dict[str, int]]:
    counted = {name: f"{name}.facet" if BY_NAME[name].kind is Kind.KEYWORD else name for name in FACETS}
    facets = {name: {"terms": {"field": counted[name], "size": FACET_VALUES}} for name in FACETS if name in fields}
    answer = searcher.aggregate(compiled, facets)
    return {name: {_value(bucket["key"]): bucket["doc_count"] for bucket in answer[name]["buckets"]} for name in facets}


def _value(key: Any) -> str:
    return str(int(key)) if isinstance(key, float) else str(key)


class _Compiler:
    """Converts queries to tantivy's, for an index with these fields."""

    def __init__(self, schema: Any, fields: frozenset[str]) -> None:
        self._schema = schema
        self._fields = fields
        self._words = [field for field in WORDS if field.name in fields]

    def compile(self, node: Node) -> Any:
        match node:
            case All():
                return tantivy.Query.all_query()
            case Word(text):
                return self._every([self._word(word) for word in exact_terms(text)])
            case Phrase(text):
                return self._phrase(exact_terms(text))
            case Beginning(text):
                return self._beginning(text)
            case Term(field, value):
                return self._unranked(self._term(field, value))
            case DateRange(since, until):
                return self._unranked(self._range(since, until))
            case And(parts):
                return self._and(parts)
            case Or(parts):
                return self._some(parts, 1)
            case Some(parts, minimum):
                return self._some(parts, minimum)
            case Not(part):
                return tantivy.Query.boolean_query([(Occur.Must, _everything()), (Occur.MustNot, self.compile(part))])
            case Preferring(part, preferred):
                optional = [(Occur.Should, self.compile(each)) for each in preferred]
                return tantivy.Query.boolean_query([(Occur.Must, self.compile(part)), *optional])
            case Weighted(part, weight):
                return self._weighted(self.compile(part), weight)
            case Constant(part, score):
                return tantivy.Query.const_score_query(self.compile(part), score)

    def _and(self, parts: tuple[Node, ...]) -> Any:
        clauses = [
            (Occur.MustNot, self.compile(part.part)) if isinstance(part, Not) else (Occur.Must, self.compile(part))
            for part in parts
        ]
        if all(isinstance(part, Not) for part in parts):
            clauses.append((Occur.Must, _everything()))
        return tantivy.Query.boolean_query(clauses)

    def _some(self, parts: tuple[Node, ...], minimum: int) -> Any:
        clauses = [(Occur.Should, self.compile(part)) for part in parts]
        return tantivy.Query.boolean_query(clauses, minimum) if minimum > 1 else tantivy.Query.boolean_query(clauses)

    def _every(self, queries: list[Any]) -> Any:
        if not queries:
            return tantivy.Query.empty_query()
        if len(queries) == 1:
            return queries[0]
        return tantivy.Query.boolean_query([(Occur.Must, query) for query in queries])

    def _word(self, word: str) -> Any:
        """A word in any text field, stemmed or exact. The best field counts in full, the others by TIE_BREAKER."""
        term = stemmed_term(word)
        matches = [(exact_name(field), word, field.exact_weight) for field in self._words]
        if term != GAP:
            matches += [(field.name, term, field.weight) for field in self._words if field.weight]
        return self._best([self._weighted(self._plain(field, text), weight) for field, text, weight in matches])

    def _phrase(self, words: list[str]) -> Any:
        if not words:
            return tantivy.Query.empty_query()
        return self._best(
            [self._weighted(self._sequence(exact_name(field), words), field.exact_weight) for field in self._words]
        )

    def _beginning(self, text: str) -> Any:
        """Words that begin like this. Each counts the same, as in Lucene."""
        pattern = re.escape("".join(exact_terms(text))) + ".*"
        return self._best(
            [
                self._weighted(tantivy.Query.regex_query(self._schema, exact_name(field), pattern), field.exact_weight)
                for field in self._words
            ]
        )

    def _term(self, field: str, value: str) -> Any:
        if field not in self._fields:
            return tantivy.Query.empty_query()
        if BY_NAME[field].kind is Kind.NAME:
            words = exact_terms(value)
            return self._sequence(field, words) if words else tantivy.Query.empty_query()
        return self._plain(field, keyword(field, value))

    def _range(self, since: datetime | None, until: datetime | None) -> Any:
        since = _clamped(since) if since else tantivy.MIN_DATETIME
        until = _clamped(until) if until else tantivy.MAX_DATETIME
        if since >= until:
            return tantivy.Query.empty_query()
        return tantivy.Query.range_query(
            self._schema, "published_on", tantivy.FieldType.Date, since, until, include_upper=False
        )

    def _sequence(self, field: str, words: list[str]) -> Any:
        if len(words) == 1:
            return self._plain(field, words[0])
        return tantivy.Query.phrase_query(self._schema, field, list(words))

    def _plain(self, field: str, text: str) -> Any:
        # a name with a dot ("title.exact") is a plain field name in the schema, not a path into a JSON field
        return tantivy.Query.term_query(self._schema, field, text)

    @staticmethod
    def _unranked(query: Any) -> Any:
        return tantivy.Query.const_score_query(query, 0.0)

    @staticmethod
    def _weighted(query: Any, weight: float) -> Any:
        return tantivy.Query.boost_query(query, weight)

    @staticmethod
    def _best(queries: list[Any]) -> Any:
        return tantivy.Query.disjunction_max_query(queries, TIE_BREAKER)


def _clamped(moment: datetime) -> datetime:
    """The nearest moment in tantivy's range, in UTC. The first hours of the year 1 in Jakarta are not in UTC."""
    return min(max(moment, tantivy.MIN_DATETIME), tantivy.MAX_DATETIME).astimezone(UTC)


def _everything() -> Any:
    return tantivy.Query.const_score_query(tantivy.Query.all_query(), 0.0)
