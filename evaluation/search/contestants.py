"""Who is asked: our two engines, and Elasticsearch with an analyzer that it brings along.

Our engines get a query as `kliping search` does: `indexer.query.read`, then the engine's own search. A query that the
parser refuses is typed once more without the signs that it may have stumbled over, as a person does who reads the
message; `Ours.retyped` counts these.

The peers are what stock Elasticsearch offers for a search box: `simple_query_string` over title, body and captions,
with phrases and no other signs, once with all words required and once with any. `indonesian` is built from the parts
that Elastic's reference (*Language analyzers*) gives for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from itertools import islice
from typing import Any, Protocol

from elasticsearch import Elasticsearch, helpers

from archive.articles import published_on
from archive.records import Article
from indexer.contract import PhysicalIndex, Provenance, SearchIndex
from indexer.documents import document
from indexer.nodes import Node
from indexer.queries import Query
from indexer.query import BadQueryError, read
from indexer.schema import SCHEMA_VERSION
from lexicon import VERSION as LEXICON_VERSION

ZONE = timezone(timedelta(hours=7))
BATCH = 500
"""Articles sent to an engine at once, and queries sent to a peer at once."""
PREFIX = "evaluation-"
"""The beginning of the name of every index in a server, which are deleted in the end."""
SYNTAX = str.maketrans(dict.fromkeys('"“”„():', " "))


class Contestant(Protocol):
    """Somebody who indexes articles and answers typed queries."""

    @property
    def name(self) -> str:
        """The head of its column."""
        ...

    def terms(self, text: str) -> frozenset[str]:
        """The terms that a body with this text is found by, those of stop words left out."""
        ...

    def fill(self, collection: str, articles: Sequence[Article]) -> None:
        """Index articles under a name. Does nothing if that was done before."""
        ...

    def search(self, collection: str, texts: Sequence[str], limit: int) -> list[list[str]]:
        """The ids found for each of the texts, best first."""
        ...


class Ours:
    """One of our engines. `opened` opens an index of it by its alias."""

    def __init__(self, name: str, opened: Callable[[str], SearchIndex]) -> None:
        self.name = name
        self.retyped = 0
        self.milliseconds: list[float] = []
        self._opened = opened
        self._indexes: dict[str, SearchIndex] = {}

    def terms(self, text: str) -> frozenset[str]:
        """See `Contestant.terms`."""
        return frozenset(next(iter(self._indexes.values())).terms(text))

    def fill(self, collection: str, articles: Sequence[Article]) -> None:
        """See `Contestant.fill`."""
        if collection in self._indexes:
            return
        index = self._opened(PREFIX + collection)
        made_for = Provenance(SCHEMA_VERSION, LEXICON_VERSION, "evaluation", "evaluation")
        physical = PhysicalIndex.new(index.alias, made_for, datetime.now(UTC))
        index.create(physical)
        with index.writer(physical.name) as writer:
            numbered = enumerate(articles, start=1)
            while batch := list(islice(numbered, BATCH)):
                writer.apply(
                    [
                        document(
                            each,
                            seq=seq,
                            status="live",
                            content_hash=each.content_hash,
                            published_on=published_on(each),
                        )
                        for seq, each in batch
                    ]
                )
        index.swap(physical.name, expected=None)
        self._indexes[collection] = index

    def search(self, collection: str, texts: Sequence[str], limit: int) -> list[list[str]]:
        """See `Contestant.search`."""
        index, found = self._indexes[collection], []
        for text in texts:
            started = time.perf_counter()
            results = index.search(Query(self._read(text), limit=limit))
            self.milliseconds.append(1000 * (time.perf_counter() - started))
            found.append([hit.id for hit in results.hits])
        return found

    def _read(self, text: str) -> Node:
        try:
            return read(text, ZONE)
        except BadQueryError:
            self.retyped += 1
            return read(text.translate(SYNTAX), ZONE)


ANALYSIS: dict[str, Any] = {
    "filter": {
        "indonesian_stop": {"type": "stop", "stopwords": "_indonesian_"},
        "indonesian_stemmer": {"type": "stemmer", "language": "indonesian"},
    },
    "analyzer": {
        "indonesian": {
            "type": "custom",
            "tokenizer": "standard",
            "filter": ["lowercase", "indonesian_stop", "indonesian_stemmer"],
        }
    },
}
PEER_FIELDS = ("title", "body", "captions")


class Peer:
    """Elasticsearch with one of its own analyzers, all words of a query required ("and") or any ("or")."""

    def __init__(self, client: Elasticsearch, analyzer: str, operator: str) -> None:
        self.name = f"{analyzer} {operator}"
        self._client = client
        self._analyzer = analyzer
        self._operator = operator

    def terms(self, text: str) -> frozenset[str]:
        """See `Contestant.terms`."""
        answer = self._client.indices.analyze(index=self._index("words"), analyzer=self._analyzer, text=text)
        return frozenset(str(each["token"]) for each in answer["tokens"])

    def fill(self, collection: str, articles: Sequence[Article]) -> None:
        """See `Contestant.fill`."""
        index = self._index(collection)
        if self._client.indices.exists(index=index):  # the peer with the other operator has made it
            return
        text = {"type": "text", "analyzer": self._analyzer}
        self._client.indices.create(
            index=index,
            settings={"number_of_shards": 1, "number_of_replicas": 0, "analysis": ANALYSIS},
            mappings={"dynamic": "strict", "properties": dict.fromkeys(PEER_FIELDS, text)},
        )
        helpers.bulk(self._client, self._actions(index, articles), refresh=True)

    def search(self, collection: str, texts: Sequence[str], limit: int) -> list[list[str]]:
        """See `Contestant.search`."""
        found: list[list[str]] = []
        for start in range(0, len(texts), BATCH):
            searches: list[Any] = []
            for text in texts[start : start + BATCH]:
                query = {
                    "query": text,
                    "fields": PEER_FIELDS,
                    "default_operator": self._operator,
                    "flags": "PHRASE|WHITESPACE",
                }
                searches += [{}, {"query": {"simple_query_string": query}, "size": limit, "_source": False}]
            answers = self._client.msearch(index=self._index(collection), searches=searches)["responses"]
            found += [[hit["_id"] for hit in answer["hits"]["hits"]] for answer in answers]
        return found

    def _index(self, collection: str) -> str:
        return f"{PREFIX}{self._analyzer}-{collection}"

    @staticmethod
    def _actions(index: str, articles: Sequence[Article]) -> Iterator[dict[str, Any]]:
        for each in articles:
            captions = [image.caption for image in each.images if image.caption]
            source = {"title": each.title, "body": list(each.body), "captions": captions}
            yield {"_index": index, "_id": each.id, "_source": source}


def peers(client: Elasticsearch) -> list[Peer]:
    """Both analyzers, each with both operators."""
    return [Peer(client, analyzer, operator) for analyzer in ("standard", "indonesian") for operator in ("and", "or")]
