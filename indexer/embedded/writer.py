"""Writes documents to a tantivy index, the latest version of each."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import tantivy

from indexer.contract import Deletion, IndexWriter, ItemResult, Outcome
from indexer.documents import Document
from indexer.embedded import search
from indexer.embedded.documents import refusal_reason, tantivy_document
from indexer.embedded.errors import write_errors
from indexer.embedded.stored import STORED

COMMIT_BYTES = 40_000_000
"""Bytes of records between two commits. Each commit makes a segment, and eight segments are merged into one. With
commits of 5 MB a merge writes every document once more, which takes as long as indexing it."""


@dataclass(frozen=True, slots=True)
class PreparedItem:
    """An article's tantivy document, or the reason to refuse it. A deletion has neither."""

    id: str
    seq: int
    document: Any = None
    refused: str | None = None


class TantivyWriter(IndexWriter[PreparedItem]):
    """`contract.IndexWriter` on tantivy."""

    def __init__(self, name: str, index: Any, inner: Any, fields: frozenset[str]) -> None:
        self._name = name
        self._index = index
        self._inner = inner
        self._fields = fields
        self._deleted: dict[str, int] = {}
        self._uncommitted: dict[str, int] = {}
        self.commit_bytes = COMMIT_BYTES

    def prepare(self, item: Document | Deletion) -> PreparedItem:
        """See `IndexWriter.prepare`."""
        if isinstance(item, Deletion):
            return PreparedItem(item.id, item.seq)
        refused = refusal_reason(item)
        return PreparedItem(item.id, item.seq, None if refused else tantivy_document(item, self._fields), refused)

    def send(self, batch: Sequence[PreparedItem]) -> list[ItemResult]:
        """See `IndexWriter.send`."""
        with self._all_or_nothing():
            found = stored(self._index.searcher(), self._index.schema, [item.id for item in batch])
            committed = {record["id"]: record["seq"] for record in found}
            return [self._apply(item, committed) for item in batch]

    def commit(self) -> None:
        """See `IndexWriter.commit`."""
        if not self._uncommitted:
            return
        with self._all_or_nothing():
            self._inner.commit()
            self._index.reload()
        self._uncommitted.clear()

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        """Roll back everything uncommitted if the block fails."""
        with write_errors(self._name):
            try:
                yield
            except BaseException:
                self._uncommitted.clear()
                with contextlib.suppress(ValueError):  # after an error such as a full disk this fails as well
                    self._inner.rollback()
                raise

    def _apply(self, item: PreparedItem, committed: dict[str, int]) -> ItemResult:
        latest = max(seqs.get(item.id, 0) for seqs in (committed, self._uncommitted, self._deleted))
        if item.seq < latest:
            return ItemResult(item.id, Outcome.STALE)
        if item.refused is not None:
            return ItemResult(item.id, Outcome.REFUSED, item.refused)
        if item.id in committed or item.id in self._uncommitted:
            self._inner.delete_documents_by_term("id", item.id)
        if item.document is not None:
            self._inner.add_document(item.document)
        else:
            self._deleted[item.id] = item.seq
        self._uncommitted[item.id] = item.seq
        return ItemResult(item.id, Outcome.DONE)


def stored(searcher: Any, schema: Any, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The stored JSON of each of these articles that is in the index."""
    if not searcher.num_docs or not ids:
        return
    keys = [search.keyword("id", each) for each in dict.fromkeys(ids)]
    query = tantivy.Query.term_set_query(schema, "id", keys)
    for _, address in searcher.search(query, limit=len(keys), count=False).hits:
        yield json.loads(searcher.doc(address)[STORED][0])
