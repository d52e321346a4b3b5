"""Indexes and documents that the tests of the indexer share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from archive.articles import SaveResult, published_on
from indexer.contract import PhysicalIndex, Provenance, SearchIndex
from indexer.documents import Document, document
from indexer.queries import Query
from indexer.query import read
from tests.conftest import WIB, an_article

Save = Callable[..., SaveResult]
"""The fixture `save`: saves an article in a transaction of its own."""
Filler = Callable[[Iterable[Document]], SearchIndex]
"""The fixture `fill`: makes an index that is only read."""

MADE_FOR = Provenance(schema_version=1, lexicon_version="abc", archive_id="archive", epoch="epoch")
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def a_document(number: int = 1, seq: int | None = None, content_hash: str = "hash", **changes: Any) -> Document:
    """The document of `an_article`."""
    article = an_article(number, **changes)
    moment = published_on(article, WIB)
    return document(article, seq=seq or number, status="live", content_hash=content_hash, published_on=moment)


def current_index(index: SearchIndex) -> PhysicalIndex:
    """The index behind the alias."""
    physical = index.current()
    assert physical is not None
    return physical


def total(index: SearchIndex, words: str = "") -> int:
    """How many articles a query finds."""
    return index.search(Query(read(words, WIB))).total


def filled(index: SearchIndex, documents: Iterable[Document]) -> SearchIndex:
    """The engine, with an index of these documents behind the alias."""
    physical = PhysicalIndex.new(index.alias, MADE_FOR, NOW)
    index.create(physical)
    with index.writer(physical.name) as writer:
        writer.apply(tuple(documents))
    index.refresh(physical.name)
    index.swap(physical.name, expected=None)
    return index
