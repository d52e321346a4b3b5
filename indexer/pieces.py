"""The log in pieces, each read and made ready to be sent while the one before is on its way."""

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

PIECE_BYTES = 5_000_000
"""Bytes of records in a piece. Elasticsearch's manual asks for bulks of a few megabytes."""
OVERHEAD = 200
"""Bytes that an article takes on its way besides its record; of one that is deleted there is nothing else."""
AHEAD = 2
"""Pieces that are read before they are wanted: one could not fill the engine's pauses evenly, more take memory."""


Prepare = Callable[[Document | Deletion], Prepared]
"""What an engine makes of an item before it is sent (`IndexWriter.prepare`)."""


@dataclass(frozen=True, slots=True)
class Change:
    """An article that an index is to hear of: its latest `seq`, and whether it is to be shown no more."""

    article_id: str
    seq: int
    deletes: bool


@dataclass(frozen=True, slots=True)
class Piece(Generic[Prepared]):
    """Articles made ready to be sent as they were when this was read, and the cursor once an index has them.

    `prepared` is sent, in the order of `changes`; `unreadable` are those of whom nothing can be sent. `size` counts the
    bytes of their records, and some for each of them.
    """

    changes: tuple[Change, ...]
    prepared: tuple[Prepared, ...]
    unreadable: dict[str, ItemResult]
    cursor: int
    size: int


def piece_of(batch: ChangeBatch, prepare: Prepare[Prepared]) -> Piece[Prepared]:
    """What an index is to be sent of these articles: a forgotten one is deleted."""
    prepared: list[Prepared] = []
    unreadable: dict[str, ItemResult] = {}
    for present in batch.articles:
        try:
            prepared.append(prepare(_item(present)))
        except documents.UnreadableRecordError as error:
            unreadable[present.article_id] = ItemResult(present.article_id, Outcome.REFUSED, str(error))
    heard = [Change(present.article_id, present.seq, present.record is None) for present in batch.articles]
    size = sum(present.size + OVERHEAD for present in batch.articles)
    return Piece(tuple(heard), tuple(prepared), unreadable, batch.cursor, size)


def pieces(
    archive: Archive, past: int, prepare: Prepare[Prepared], *, count: int, until: int
) -> Generator[Piece[Prepared]]:
    """The log past a cursor up to a `seq`, in pieces of at most `count` changes, up to AHEAD of them made beforehand.

    An article may change after it was read. That change stands in the log behind the piece and has a later `seq`, by
    which an index knows the article that it has to keep; so reading early is as safe as reading late.
    """
    coming = _read(archive, past, prepare, count, until)
    reader = ThreadPoolExecutor(1, "reading the log")
    try:
        waiting = deque(reader.submit(next, coming, None) for _ in range(AHEAD))
        while (piece := waiting.popleft().result()) is not None:
            waiting.append(reader.submit(next, coming, None))
            yield piece
    finally:
        reader.shutdown(cancel_futures=True)


def _read(archive: Archive, past: int, prepare: Prepare[Prepared], count: int, until: int) -> Iterator[Piece[Prepared]]:
    while past < until:
        with archive.reading() as connection:
            batch = changes.read_batch(connection, past, count=count, size=PIECE_BYTES, until=until)
        if not batch.articles:
            return
        yield piece_of(batch, prepare)
        past = batch.cursor


def _item(present: ArticleState) -> Document | Deletion:
    if present.record is None:
        return Deletion(present.article_id, present.seq)
    assert present.status is not None
    assert present.content_hash is not None
    assert present.published_on is not None  # a row of `articles` has them all
    return documents.from_record(
        present.record,
        seq=present.seq,
        status=present.status,
        content_hash=present.content_hash,
        published_on=present.published_on,
    )
