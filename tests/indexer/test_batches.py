"""Reading the log ahead of the engine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from archive import changes
from archive.articles import SaveResult
from archive.database import Archive
from indexer.batches import OVERHEAD, READ_AHEAD, read_batches
from indexer.contract import Deletion
from indexer.documents import Document
from indexer.embedded.index import EmbeddedIndex
from indexer.follow import follow
from indexer.status import status
from tests.conftest import an_article

Save = Callable[..., SaveResult]


def as_it_is(item: Document | Deletion) -> Document | Deletion:
    """What an engine would make of an item."""
    return item


def reading() -> list[threading.Thread]:
    """The threads that read ahead."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("reading the log")]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The cursor of each reading of the log, as it is read."""
    told: list[int] = []

    def read(connection: Any, past: int, **limits: Any) -> changes.ChangeBatch:
        told.append(past)
        if past == 7:
            raise OSError("the disk is gone")
        return before(connection, past, **limits)

    before = changes.read_batch
    monkeypatch.setattr(changes, "read_batch", read)
    return told


def test_few_pieces_are_read_before_they_are_wanted_and_none_once_nobody_wants_them(
    archive: Archive, save: Save, reads: list[int]
) -> None:
    for number in range(7):
        save(an_article(number))
    coming = read_batches(archive, 0, as_it_is, count=1, until=7)
    assert next(coming).cursor == 1
    coming.close()
    assert len(reads) <= 1 + READ_AHEAD
    assert reading() == []
    assert [piece.cursor for piece in read_batches(archive, 0, as_it_is, count=2, until=7)] == [2, 4, 6, 7]
    assert reading() == []


def test_an_article_that_changes_after_it_was_read_ahead_is_indexed_as_it_is_then(archive: Archive, save: Save) -> None:
    index = EmbeddedIndex(archive.home / "index", "news")
    for number in range(6):
        save(an_article(number))
    corrected = an_article(1, title="Judul yang dikoreksi")

    def correct(cursor: int, _target: int) -> None:
        if cursor == 1:  # the piece with article 1 is on its way to us already
            save(corrected)

    follow(archive, index, progress=correct, batch_changes=1)
    standing = index.current()
    assert standing is not None
    assert index.hashes(standing.name, [corrected.id]) == {corrected.id: corrected.content_hash}
    assert index.count(standing.name) == 6


def test_the_cursor_waits_for_the_commit_that_several_pieces_share(
    archive: Archive, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was sent since the last commit counts as a whole or not at all."""
    index = EmbeddedIndex(archive.home / "index", "news")
    for number in range(9):
        save(an_article(number))
    seen = []

    def stop_at_seven(cursor: int, _target: int) -> None:
        seen.append(status(archive, EmbeddedIndex(archive.home / "index", "news")))
        if cursor == 7:
            raise KeyboardInterrupt

    with archive.reading() as connection:
        three = sum(each.size + OVERHEAD for each in changes.read_batch(connection, 0, count=3, size=10**9).articles)
    monkeypatch.setattr(index, "COMMIT_BYTES", three)
    with pytest.raises(KeyboardInterrupt):
        follow(archive, index, batch_changes=1, progress=stop_at_seven)
    assert [each.cursor for each in seen] == [0, 0, 3, 3, 3, 6, 6]
    assert [each.documents for each in seen] == [0, 0, 3, 3, 3, 6, 6]
    assert (status(archive, index).cursor, status(archive, index).documents) == (6, 6)
    assert (follow(archive, index).done, status(archive, index).documents) == (3, 9)


def test_a_log_that_cannot_be_read_on_ends_the_follow_after_what_was_read(
    archive: Archive, save: Save, reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    index = EmbeddedIndex(archive.home / "index", "news")
    for number in range(9):
        save(an_article(number))
    with pytest.raises(OSError, match="the disk is gone"):
        follow(archive, index, batch_changes=1)
    assert (status(archive, index).cursor, status(archive, index).documents) == (7, 7)
    assert reading() == []
    monkeypatch.undo()
    assert follow(archive, index).done == 2
