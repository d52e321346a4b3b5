"""Counts tantivy's matches by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from indexer.contract import NeedsReindexError
from indexer.embedded.search import Matcher
from indexer.nodes import Node

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def per_day(searcher: Any, matcher: Matcher, roots: Sequence[Node]) -> tuple[dict[date, int], ...]:
    """See `SearchIndex.per_day`. tantivy answers with at most 65,000 days at once, which are 178 years."""
    if not matcher.has("local_time"):
        raise NeedsReindexError("The index was built by an earlier version, which did not count days.")
    days = {"days": {"date_histogram": {"field": "local_time", "fixed_interval": "1d", "min_doc_count": 1}}}
    answers = (searcher.aggregate(matcher.compile(root), days) for root in roots)
    return tuple(
        {_day(bucket["key"]): bucket["doc_count"] for bucket in answer["days"]["buckets"]} for answer in answers
    )


def _day(milliseconds: float) -> date:
    return (_EPOCH + timedelta(milliseconds=milliseconds)).date()
