"""Searches tantivy: converts the contract's query to tantivy's, and tantivy's answer to our results."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, groupby
from typing import Any

import orjson
import tantivy

from indexer.analysis.analyzer import GAP, exact_terms, stemmed_term
from indexer.answering import Request
from indexer.contract import NeedsReindexError
from indexer.embedded.stored import STORED
from indexer.embedded.vocabulary import EmbeddedVocabulary
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
    FACET_VALUES,
    FACETS,
    TIE_BREAKER,
    WORDS,
    Field,
    Kind,
    exact_name,
)
from indexer.values import clock_of, facet_value, meant

VALUES = 1_000
"""Values of a field that a hint compares with one that no article has."""
BLOCK = 5_000
"""Matches that are read at once."""

Occur = tantivy.Occur


class EmbeddedSearcher:
    """`answering.Searcher` on one commit of an index with these fields."""

    def __init__(self, searcher: Any, schema: Any, fields: frozenset[str]) -> None:
        self._searcher = searcher
        self._schema = schema
        self._fields = fields
        self._compiler = Compiler(schema, fields)
        self._asked: dict[Node, _Blocks] = {}
        self.vocabulary = EmbeddedVocabulary(searcher, schema, fields)

    def run(self, request: Request) -> Stream:
        """See `Searcher.run`. Raises NeedsReindexError for a cursor by date in an index that has no field for it."""
        query = request.query
        pager: Pager[_Raw] = Pager(query, request.reading)
        if pager.after and "order" not in self._fields:
            raise NeedsReindexError(
                "The index was built by an earlier version, which had no pages. Run `kliping reindex` once."
            )
        parts = [self._blocks(root, query.order, pager, number) for number, root in enumerate(request.roots)]
        whole = self._compiler.any([part.compiled for part in parts])
        total = sum(part.total for part in parts)  # no article is in two of them
        matches = chain.from_iterable(part.matches(number) for number, part in enumerate(parts) if number >= pager.part)
        stream = Stream(Results(total, (), _facets(self._searcher, whole, self._fields, query.facets)), iter(()))
        stream.hits = self._hits(whole, request, pager, matches, stream)
        return stream

    def _blocks(self, root: Node, order: Sort, pager: Pager[_Raw], number: int) -> _Blocks:
        """The matches of a part. What has been searched for this answer is not searched again."""
        if root not in self._asked:
            by: dict[str, Any] = {}
            if order is not Sort.RELEVANCE:
                by["order_by_field"] = "order" if "order" in self._fields else "published_on"
                by["order"] = tantivy.Order.Desc if order is Sort.NEWEST else tantivy.Order.Asc
            compiled = self._compiler.compile(root)
            after = pager.place_in(number)
            self._asked[root] = _Blocks(self._searcher, self._schema, compiled, by, after, pager.wanted)
        return self._asked[root]

    def count(self, root: Node) -> int:
        """See `Countable.count`."""
        return int(self._searcher.search(self._compiler.compile(root), limit=1).count)

    def values(self, field: str) -> list[str]:
        """See `Countable.values`. A field that facets count has them as printed, others in lower case."""
        name = f"{field}.facet" if BY_NAME[field].facet else field
        return [value for value, _ in self._searcher.terms_with_prefix(name, "", limit=VALUES)]

    def _hits(self, whole: Any, request: Request, pager: Pager[_Raw], matches: Matches, into: Stream) -> Iterator[Hit]:
        query = request.query
        highlighter = Highlighter(request.highlighted) if query.highlights or request.wanted else None
        for found in pager.take(matches):
            raw = found.raw
            explanation = json.loads(whole.explain(self._searcher, raw.address).to_json()) if query.explain else None
            hit = _hit(raw, highlighter, request, explanation)
            into.missing.update(hit.missing)
            yield hit
        into.next = pager.next


@dataclass(frozen=True, slots=True)
class _Raw:
    """A match as tantivy returns it, and the stored JSON."""

    score: float | None
    address: Any
    record: dict[str, Any]


Matches = Iterator[Found[_Raw]]


class _Blocks:
    """Reads the matches of a query `by` a field or relevance, a block at a time, from `after` on (an order and an id).

    The first block is read at once, because that search counts all matches, too: `total`.
    """

    def __init__(
        self, searcher: Any, schema: Any, compiled: Any, by: dict[str, Any], after: tuple[int, str] | None, wanted: int
    ) -> None:
        self._searcher = searcher
        self._schema = schema
        self.compiled = compiled
        self._by = by
        self._after = after
        self._newest = by.get("order") == tantivy.Order.Desc
        self._size = min(wanted + 1, BLOCK)
        scope = compiled if after is None else self._from(after[0], inclusive=True)
        first = searcher.search(scope, limit=self._size, **by)
        self._first = first.hits
        self.total = int(first.count if after is None else searcher.search(compiled, limit=1).count)

    def matches(self, part: int) -> Matches:
        """All matches, in order."""
        return self._by_order(part) if self._by.get("order_by_field") == "order" else self._ranked(part)

    def _ranked(self, part: int) -> Matches:
        """By relevance, or by date in an index without the field `order`."""
        hits, offset, size = self._first, 0, self._size
        while True:
            for score, address in hits:
                record = _record(self._searcher, address)
                raw = _Raw(None if self._by else score, address, record)
                yield Found(record["id"], None, raw, part, record["family"])
            if len(hits) < size:
                return
            offset, size = offset + size, BLOCK
            hits = self._searcher.search(self.compiled, limit=size, offset=offset, count=False, **self._by).hits

    def _by_order(self, part: int) -> Matches:
        """By the field `order` and then by id.

        tantivy sorts by one field. Articles with the same `order` stand in one block, whose ids we sort.
        """
        after, newest = self._after, self._newest
        hits, size = self._first, self._size
        scope = self.compiled if after is None else self._from(after[0], inclusive=True)
        while True:
            complete = len(hits) < size
            ready = hits if complete else [hit for hit in hits if hit[0] != hits[-1][0]]  # others may have the last one
            for number, same in groupby(ready, key=lambda hit: hit[0]):
                raws = [_Raw(None, address, _record(self._searcher, address)) for _, address in same]
                for raw in sorted(raws, key=lambda raw: raw.record["id"], reverse=newest):
                    place = (number, raw.record["id"])
                    if after is None or (place < after if newest else place > after):
                        yield Found(place[1], number, raw, part, raw.record["family"])
            if complete:
                return
            if ready:
                scope, size = self._from(ready[-1][0], inclusive=False), BLOCK
            else:
                size *= 2
            hits = self._searcher.search(scope, limit=size, count=False, **self._by).hits

    def _from(self, number: int, *, inclusive: bool) -> Any:
        """A query, for the matches whose `order` comes after this number, or also for those that have it."""
        if self._newest:
            bounds: dict[str, Any] = {"upper_bound": number, "include_upper": inclusive}
        else:
            bounds = {"lower_bound": number, "include_lower": inclusive}
        place = tantivy.Query.range_query(self._schema, "order", tantivy.FieldType.Integer, **bounds)
        return tantivy.Query.boolean_query([(Occur.Must, self.compiled), (Occur.Must, place)])


def _record(searcher: Any, address: Any) -> dict[str, Any]:
    record: dict[str, Any] = orjson.loads(searcher.doc(address)[STORED][0])
    return record


def keyword(field: str, value: str) -> str:
    """A keyword as it is indexed and searched: case-folded, except ids and URLs."""
    return value if field in ("id", "url") else " ".join(value.split()).casefold()


def _hit(raw: _Raw, highlighter: Highlighter | None, request: Request, explanation: Any) -> Hit:
    record = raw.record
    texts: dict[str, list[str]] = {"title": [record["title"]], "body": record["body"], "captions": record["captions"]}
    texts["credits"] = record.get("credits", [])  # an index of schema 2 has none
    return Hit(
        id=record["id"],
        score=raw.score,
        title=record["title"],
        source=record["source"],
        published_at=record["published_at"],
        url=record["url"],
        highlights=highlighter.fragments(texts) if highlighter and request.query.highlights else {},
        family=record["family"],
        copies=record.get("copies", 0),
        flags=tuple(record.get("flags", ())),  # an index of schema 1 has none
        missing=highlighter.missing(texts, request.wanted) if highlighter and request.wanted else (),
        explanation=explained(request, texts, record["published_at"], explanation),
    )


def _facets(searcher: Any, compiled: Any, fields: frozenset[str], asked: tuple[str, ...]) -> dict[str, dict[str, int]]:
    facets = {}
    for name in asked:
        field = FACETS[name]
        counted = field if BY_NAME[field].kind is Kind.NUMBER else f"{field}.facet"
        if counted in fields:
            facets[name] = {"terms": {"field": counted, "size": FACET_VALUES.get(name, DEFAULT_FACET_VALUES)}}
    answer = searcher.aggregate(compiled, facets) if facets else {}
    return {
        name: {facet_value(name, bucket["key"]): bucket["doc_count"] for bucket in answer[name]["buckets"]}
        for name in facets
    }


WORD_KINDS = (Kind.TEXT, Kind.NAME)
"""Kinds of fields that are searched by their words."""


def words_of(field: str) -> str:
    """tantivy's field with the exact words of a field."""
    return f"{field}.exact" if BY_NAME[field].kind is Kind.TEXT else field


def vocabulary(
    searcher: Any, fields: frozenset[str], field: str, beginning: str, limit: int
) -> tuple[tuple[str, int], ...]:
    """See `SearchIndex.vocabulary`."""
    return tuple(searcher.terms_with_prefix(words_of(field), beginning, limit=limit)) if field in fields else ()


def frequencies(searcher: Any, fields: frozenset[str], field: str, values: Sequence[str]) -> tuple[int, ...]:
    """See `SearchIndex.frequencies`. A corrected article may count twice until its segment is merged."""
    if field not in fields:
        return (0,) * len(values)
    if BY_NAME[field].kind in WORD_KINDS:
        return tuple(searcher.doc_freq(words_of(field), value) for value in values)
    return tuple(searcher.doc_freq(field, keyword(field, value)) for value in values)


def changed(
    searcher: Any, matcher: Matcher, schema: Any, roots: Sequence[Node], past: int, limit: int, until: int | None
) -> Iterator[tuple[int, ...]]:
    """See `SearchIndex.changed`. tantivy skips segments whose greatest `seq` is not past it."""
    bounds: dict[str, Any] = {} if until is None else {"upper_bound": until, "include_upper": False}
    later = tantivy.Query.range_query(
        schema, "seq", tantivy.FieldType.Integer, lower_bound=past, include_lower=False, **bounds
    )
    for root in roots:
        both = tantivy.Query.boolean_query([(Occur.Must, matcher.compile(root)), (Occur.Must, later)])
        hits = searcher.search(both, limit=limit, count=False, order_by_field="seq").hits
        yield tuple(int(seq) for seq, _ in hits)


class Compiler:
    """Converts queries to tantivy's, for an index with these fields."""

    def __init__(self, schema: Any, fields: frozenset[str]) -> None:
        self._schema = schema
        self._fields = fields
        self._words = [field for field in WORDS if field.name in fields]

    def has(self, field: str) -> bool:
        """Whether the index has this field."""
        return field in self._fields

    def compile(self, node: Node) -> Any:
        match node:
            case All():
                return tantivy.Query.all_query()
            case Word(text, within):
                return self._every([self._word(word, self._searched(within)) for word in exact_terms(text)])
            case Phrase(text, within):
                return self._phrase(exact_terms(text), self._searched(within))
            case Beginning(text):
                return self._beginning(text)
            case Term():
                return self._unranked(self.any([self._term(term.field, term.value) for term in meant(node)]))
            case DateRange(since, until):
                return self._unranked(self._range(since, until))
            case And(parts):
                return self._and(parts)
            case Or(parts):
                return self._some(parts, 1)
            case Some(parts, minimum):
                return self._some(parts, minimum)
            case Alike(words, least):
                clauses = [(Occur.Should, self._weighted(self._stem(word), weight)) for word, weight in words]
                return tantivy.Query.boolean_query(clauses, minimum_number_should_match=least)
            case Not(part):
                return tantivy.Query.boolean_query([(Occur.Must, _everything()), (Occur.MustNot, self.compile(part))])
            case Preferring(part, preferred):
                return self._preferring(part, preferred)
            case Synonyms():
                return self.compile(node.alternatives)
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

    def _preferring(self, part: Node, preferred: tuple[Node, ...]) -> Any:
        """What `part` matches, ranked by `preferred`, too.

        A word beside several required ones is a function word, which most articles have ("yang"). tantivy reads a union
        as a whole, so those are looked up in each match instead (docs/decisions/0043).
        """
        words = [_one_word(each) if isinstance(part, And) else None for each in preferred]
        query = self.compile(part)
        if others := [self.compile(each) for each, word in zip(preferred, words, strict=True) if word is None]:
            query = self._with_score(query, others)
        for word in filter(None, words):
            query = self._with_word(query, word)
        return query

    def _with_word(self, query: Any, word: str) -> Any:
        """A query, ranked by a word as `_best` ranks it if the heaviest field that has the word scores the most."""
        heavier: list[Any] = []
        for found, weight in sorted(self._matches(word, self._words), key=lambda match: -match[1]):
            if not heavier:
                query = self._with_score(query, [self._weighted(found, weight)])
            else:
                without = [(Occur.MustNot, each) for each in heavier]
                best = self._weighted(found, weight * (1 - TIE_BREAKER))
                query = self._with_score(query, [self._weighted(found, weight * TIE_BREAKER)])
                query = self._with_score(query, [tantivy.Query.boolean_query([(Occur.Must, best), *without])])
            heavier.append(found)
        return query

    @staticmethod
    def _with_score(query: Any, ranking: list[Any]) -> Any:
        """What a query matches; what `ranking` scores is added. A single one is read only where the query matches."""
        return tantivy.Query.boolean_query([(Occur.Must, query), *((Occur.Should, each) for each in ranking)])

    def _some(self, parts: tuple[Node, ...], minimum: int) -> Any:
        clauses = [(Occur.Should, self.compile(part)) for part in parts]
        return tantivy.Query.boolean_query(clauses, minimum) if minimum > 1 else tantivy.Query.boolean_query(clauses)

    @staticmethod
    def any(queries: list[Any]) -> Any:
        """A query for what any of these matches."""
        return queries[0] if len(queries) == 1 else tantivy.Query.boolean_query([(Occur.Should, q) for q in queries])

    def _every(self, queries: list[Any]) -> Any:
        if not queries:
            return tantivy.Query.empty_query()
        if len(queries) == 1:
            return queries[0]
        return tantivy.Query.boolean_query([(Occur.Must, query) for query in queries])

    def _searched(self, within: tuple[str, ...]) -> list[Field]:
        return [field for field in self._words if field.name in within] if within else self._words

    def _word(self, word: str, fields: list[Field]) -> Any:
        """A word in any text field, stemmed or exact. The best field counts in full, the others by TIE_BREAKER."""
        return self._best([self._weighted(found, weight) for found, weight in self._matches(word, fields)])

    def _matches(self, word: str, fields: list[Field]) -> list[tuple[Any, float]]:
        """Queries for a word in each of these fields, with their weights."""
        term = stemmed_term(word)
        found = [(self._plain(exact_name(field), word), field.exact_weight) for field in fields]
        if term != GAP:
            found += [(self._plain(field.name, term), field.weight) for field in fields if field.weight]
        return found

    def _stem(self, word: str) -> Any:
        """A word in any form, wherever it ranks best."""
        term = stemmed_term(word)
        return tantivy.Query.disjunction_max_query([self._plain(field, term) for field in ALIKE], 0.0)

    def _phrase(self, words: list[str], fields: list[Field]) -> Any:
        if not words:
            return tantivy.Query.empty_query()
        return self._best(
            [self._weighted(self._sequence(exact_name(field), words), field.exact_weight) for field in fields]
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
        if BY_NAME[field].kind in WORD_KINDS:
            words = exact_terms(value)
            return self._sequence(words_of(field), words) if words else tantivy.Query.empty_query()
        return self._plain(field, keyword(field, value))

    def _range(self, since: datetime | None, until: datetime | None) -> Any:
        field = "published_on"
        if "local_time" in self._fields:
            field, since, until = "local_time", clock_of(since), clock_of(until)
        since = _clamped(since) if since else tantivy.MIN_DATETIME
        until = _clamped(until) if until else tantivy.MAX_DATETIME
        if since >= until:
            return tantivy.Query.empty_query()
        return tantivy.Query.range_query(self._schema, field, tantivy.FieldType.Date, since, until, include_upper=False)

    def _sequence(self, field: str, words: list[str]) -> Any:
        if len(words) == 1:
            return self._plain(field, words[0])
        return tantivy.Query.phrase_query(self._schema, field, list(words))

    def _plain(self, field: str, text: str) -> Any:
        # a name with a dot ("title.exact") is a plain field name in the schema, not a path into a JSON field
        return tantivy.Query.term_query(self._schema, field, text, "freq")  # without positions, which only phrases need

    @staticmethod
    def _unranked(query: Any) -> Any:
        return tantivy.Query.const_score_query(query, 0.0)

    @staticmethod
    def _weighted(query: Any, weight: float) -> Any:
        return tantivy.Query.boost_query(query, weight)

    @staticmethod
    def _best(queries: list[Any]) -> Any:
        return tantivy.Query.disjunction_max_query(queries, TIE_BREAKER)


class Matcher(Compiler):
    """Converts queries to those that match the same and rank nothing: in less time, for they are searched once.

    `same_analysis`: the index was analysed as the query is. Then a text that has a word has its stem, too, and only
    stems are looked up.
    """

    def __init__(self, schema: Any, fields: frozenset[str], *, same_analysis: bool) -> None:
        super().__init__(schema, fields)
        self._words = [field for field in self._words if field.name != "lede"]  # the body has it, too
        self._by_stem = same_analysis

    def _word(self, word: str, fields: list[Field]) -> Any:
        term = stemmed_term(word)
        if term == GAP or not self._by_stem:
            return super()._word(word, fields)
        return self.any([self._plain(each.name, term if each.kind is Kind.TEXT else word) for each in fields])

    def _preferring(self, part: Node, preferred: tuple[Node, ...]) -> Any:  # noqa: ARG002  what ranks is left out
        return self.compile(part)

    @staticmethod
    def _weighted(query: Any, weight: float) -> Any:  # noqa: ARG004  the weight is what it leaves out
        return query

    @staticmethod
    def _best(queries: list[Any]) -> Any:
        return Compiler.any(queries)


def _one_word(node: Node) -> str | None:
    """The exact term of a node that is one word, in any field."""
    terms = exact_terms(node.text) if isinstance(node, Word) and not node.within else []
    return terms[0] if len(terms) == 1 else None


def _clamped(moment: datetime) -> datetime:
    """The nearest moment in tantivy's range, in UTC. The first hours of the year 1 in Jakarta are not in UTC."""
    return min(max(moment, tantivy.MIN_DATETIME), tantivy.MAX_DATETIME).astimezone(UTC)


def _everything() -> Any:
    return tantivy.Query.const_score_query(tantivy.Query.all_query(), 0.0)
