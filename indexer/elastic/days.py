"""Counts Elasticsearch's matches by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from elasticsearch import Elasticsearch

from indexer.contract import NeedsReindexError
from indexer.elastic.search import compile_node
from indexer.nodes import Node

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def per_day(
    client: Elasticsearch, name: str, fields: frozenset[str], roots: Sequence[Node]
) -> tuple[dict[date, int], ...]:
    """See `SearchIndex.per_day`. Elasticsearch answers with at most 65,536 days at once (`search.max_buckets`)."""
    if "local_time" not in fields:
        raise NeedsReindexError("The index was built by an earlier version, which did not count days.")
    histogram = {"date_histogram": {"field": "local_time", "calendar_interval": "day", "min_doc_count": 1}}
    return tuple(_counted(client, name, compile_node(root, fields), {"days": histogram}) for root in roots)


def _counted(client: Elasticsearch, name: str, query: dict[str, Any], days: dict[str, Any]) -> dict[date, int]:
    filtered = {"bool": {"filter": [query]}}  # nothing is scored
    answer = client.search(index=name, size=0, query=filtered, aggregations=days, track_total_hits=False)
    buckets = answer["aggregations"]["days"]["buckets"]
    return {(_EPOCH + timedelta(milliseconds=each["key"])).date(): each["doc_count"] for each in buckets}
