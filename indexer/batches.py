"""Reads the change log in batches. A batch is read and prepared while the one before it is being sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic

from archive import changes
from archive.changes import ArticleState, ChangeBatch
from archive.database import Archive
from indexer import documents
from indexer.contract import Deletion, ItemResult, Outcome, Prepared
from indexer.documents import Document

BATCH_BYTES = 5_000_000
"""Bytes of records in a batch. Elasticsearch's manual recommends bulks of a few megabytes."""
OVERHEAD = 200
"""Bytes sent for an article besides its record. A deletion has no record, so this is all of it."""
READ_AHEAD = 2
"""Batches read ahead. With one, the engine sometimes waits; more than two use more memory."""

Prepare = Callable[[Document | Deletion], Prepared]
"""Converts an item to the engine's form (`IndexWriter.prepare`)."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change to apply to an index: the article, its latest `seq`, and whether to delete it."""

    article_id: str
    seq: int
    deletes: bool


@dataclass(frozen=True, slots=True)
class PreparedBatch(Generic[Prepared]):
    """Articles as they were when the batch was read, ready to send, and the cursor to set once the index has them.

    `prepared` is sent, in the order of `changes`. `unreadable` has the results of articles that cannot be sent. `size`
    is the bytes of all records, plus OVERHEAD for each article.
    """

    changes: tuple[Change, ...]
    prepared: tuple[Prepared, ...]
    unreadable: dict[str, ItemResult]
    cursor: int
    size: int


def prepare_batch(batch: ChangeBatch, prepare: Prepare[Prepared]) -> PreparedBatch[Prepared]:
    """Prepare articles for sending. A forgotten article becomes a deletion; one whose version is lost does not."""
    prepared: list[Prepared] = []
    unreadable: dict[str, ItemResult] = {}
    for article in batch.articles:
        try:
            prepared.append(prepare(_item(article)))
        except documents.UnreadableRecordError as error:
            unreadable[article.article_id] = ItemResult(article.article_id, Outcome.REFUSED, str(error))
    listed = tuple(Change(article.article_id, article.seq, article.status is None) for article in batch.articles)
    size = sum(article.size + OVERHEAD for article in batch.articles)
    return PreparedBatch(listed, tuple(prepared), unreadable, batch.cursor, size)


def read_batches(
    archive: Archive, past: int, prepare: Prepare[Prepared], *, count: int, until: int
) -> Generator[PreparedBatch[Prepared]]:
    """The log after a cursor up to a `seq`, in batches of at most `count` changes, read up to READ_AHEAD batches early.

    Reading early is safe. If an article changes after it was read, that change comes later in the log with a higher
    `seq`, and the index keeps the higher one.
    """
    batches = _read(archive, past, prepare, count, until)
    reader = ThreadPoolExecutor(1, "reading the log")
    try:
        pending = deque(reader.submit(next, batches, None) for _ in range(READ_AHEAD))
        while (batch := pending.popleft().result()) is not None:
            pending.append(reader.submit(next, batches, None))
            yield batch
    finally:
        reader.shutdown(cancel_futures=True)


def _read(
    archive: Archive, past: int, prepare: Prepare[Prepared], count: int, until: int
) -> Iterator[PreparedBatch[Prepared]]:
    while past < until:
        with archive.reading() as connection:
            batch = changes.read_batch(connection, past, count=count, size=BATCH_BYTES, until=until)
        if not batch.articles:
            return
        yield prepare_batch(batch, prepare)
        past = batch.cursor


def _item(article: ArticleState) -> Document | Deletion:
    if article.status is None:
        return Deletion(article.article_id, article.seq)
    if article.record is None:
        raise documents.UnreadableRecordError(
            "the archive has lost its current version; `kliping archive verify --mend` reads its kept page again"
        )
    assert article.content_hash is not None
    assert article.published_on is not None  # never null in the table `articles`
    return documents.from_record(
        article.record,
        seq=article.seq,
        status=article.status,
        content_hash=article.content_hash,
        published_on=article.published_on,
        family=article.family,
        copies=article.copies,
    )
