"""The log in pieces, each with what an index is to be sent of it, read while the one before is on its way."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from archive import changes
from archive.changes import Present
from archive.database import Archive
from indexer import documents
from indexer.contract import Deletion, ItemResult, Outcome
from indexer.documents import Document

PIECE_BYTES = 5_000_000
"""One piece is one commit of the engine. Elasticsearch's manual asks for bulks of a few megabytes."""
AHEAD = 2
"""Pieces that are read before they are wanted: one could not fill the engine's pauses evenly, more take memory."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Articles as they were when this was read, and the cursor once an index has them.

    `items` are sent, in the articles' order; `unreadable` are those of whom nothing can be sent.
    """

    articles: tuple[Present, ...]
    items: tuple[Document | Deletion, ...]
    unreadable: dict[str, ItemResult]
    cursor: int


def piece_of(articles: Sequence[Present], cursor: int) -> Piece:
    """What an index is to be sent of these articles: a forgotten one is deleted."""
    items: list[Document | Deletion] = []
    unreadable: dict[str, ItemResult] = {}
    for present in articles:
        try:
            items.append(_item(present))
        except documents.UnreadableRecord as error:
            unreadable[present.article_id] = ItemResult(present.article_id, Outcome.REFUSED, str(error))
    return Piece(tuple(articles), tuple(items), unreadable, cursor)


def pieces(archive: Archive, past: int, *, count: int, until: int) -> Generator[Piece]:
    """The log past a cursor up to a `seq`, in pieces of at most `count` changes, up to AHEAD of them read beforehand.

    An article may change after it was read. That change stands in the log behind the piece and has a later `seq`, by
    which an index knows the article that it has to keep; so reading early is as safe as reading late.
    """
    coming = _read(archive, past, count, until)
    reader = ThreadPoolExecutor(1, "reading the log")
    try:
        waiting = deque(reader.submit(next, coming, None) for _ in range(AHEAD))
        while (piece := waiting.popleft().result()) is not None:
            waiting.append(reader.submit(next, coming, None))
            yield piece
    finally:
        reader.shutdown(cancel_futures=True)


def _read(archive: Archive, past: int, count: int, until: int) -> Iterator[Piece]:
    while past < until:
        with archive.reading() as connection:
            batch = changes.read(connection, past, count=count, size=PIECE_BYTES, until=until)
        if not batch.articles:
            return
        yield piece_of(batch.articles, batch.cursor)
        past = batch.cursor


def _item(present: Present) -> Document | Deletion:
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
