"""Asks Elasticsearch many queries at once: which of the articles that were changed last match them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from elasticsearch import Elasticsearch

from indexer.elastic.requests import error_for
from indexer.elastic.search import compile_node
from indexer.nodes import Node

AT_ONCE = 100
"""Queries of one request."""


def changed(
    client: Elasticsearch,
    url: str,
    name: str,
    fields: frozenset[str],
    roots: Sequence[Node],
    past: int,
    limit: int,
    until: int | None,
) -> Iterator[tuple[int, ...]]:
    """See `SearchIndex.changed`. Lucene skips segments whose greatest `seq` is not past it."""
    later = {"range": {"seq": {"gt": past} | ({} if until is None else {"lt": until})}}
    shown = {"size": limit, "sort": [{"seq": "desc"}], "_source": False, "track_total_hits": False}
    for start in range(0, len(roots), AT_ONCE):
        searches: list[dict[str, Any]] = []
        for root in roots[start : start + AT_ONCE]:
            both = {"bool": {"filter": [compile_node(root, fields), later]}}
            searches += [{"index": name}, {"query": both, **shown}]
        for answer in client.msearch(searches=searches)["responses"]:
            if "error" in answer:
                raise error_for(url, int(answer.get("status", 500)), answer)
            yield tuple(int(hit["sort"][0]) for hit in answer["hits"]["hits"])
