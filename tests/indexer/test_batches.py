"""Reading the log in batches, ahead of the engine."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from archive import changes
from archive.database import Archive
from indexer.batches import OVERHEAD, READ_AHEAD, read_batches
from indexer.contract import Deletion
from indexer.documents import Document
from indexer.embedded.index import EmbeddedIndex
from indexer.follow import follow
from indexer.status import status
from tests.conftest import an_article
from tests.support.indexes import Save


def unchanged(item: Document | Deletion) -> Document | Deletion:
    """Used as an engine's `prepare`."""
    return item


def reader_threads() -> list[threading.Thread]:
    """The running threads that read ahead."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("reading the log")]


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The cursors at which the log was read. Reading at cursor 7 fails."""
    cursors: list[int] = []

    def read(connection: Any, past: int, **limits: Any) -> changes.ChangeBatch:
        cursors.append(past)
        if past == 7:
            raise OSError("the disk is gone")
        return original(connection, past, **limits)

    original = changes.read_batch
    monkeypatch.setattr(changes, "read_batch", read)
    return cursors


def test_few_batches_are_read_ahead_and_none_after_the_generator_is_closed(
    archive: Archive, save: Save, reads: list[int]
) -> None:
    for number in range(7):
        save(an_article(number))
    batches = read_batches(archive, 0, unchanged, count=1, until=7)
    assert next(batches).cursor == 1
    batches.close()
    assert len(reads) <= 1 + READ_AHEAD
    assert reader_threads() == []
    assert [batch.cursor for batch in read_batches(archive, 0, unchanged, count=2, until=7)] == [2, 4, 6, 7]
    assert reader_threads() == []


def test_an_article_that_changes_after_it_was_read_ahead_is_indexed_in_its_latest_version(
    archive: Archive, save: Save
) -> None:
    index = EmbeddedIndex(archive.home / "index", "news")
    for number in range(6):
        save(an_article(number))
    corrected = an_article(1, title="Judul yang dikoreksi")

    def correct(cursor: int, _target: int) -> None:
        if cursor == 1:  # the batch with article 1 has been read already
            save(corrected)

    follow(archive, index, progress=correct, batch_changes=1)
    current = index.current()
    assert current is not None
    assert index.hashes(current.name, [corrected.id]) == {corrected.id: corrected.content_hash}
    assert index.count(current.name) == 6


def test_the_cursor_moves_only_with_a_commit_which_several_batches_share(
    archive: Archive, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything sent since the last commit takes effect together or not at all."""
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
    monkeypatch.setattr("indexer.embedded.writer.COMMIT_BYTES", three)
    with pytest.raises(KeyboardInterrupt):
        follow(archive, index, batch_changes=1, progress=stop_at_seven)
    assert [each.cursor for each in seen] == [0, 0, 3, 3, 3, 6, 6]
    assert [each.documents for each in seen] == [0, 0, 3, 3, 3, 6, 6]
    assert (status(archive, index).cursor, status(archive, index).documents) == (6, 6)
    assert (follow(archive, index).done, status(archive, index).documents) == (3, 9)


def test_if_reading_the_log_fails_the_batches_before_are_committed(
    archive: Archive, save: Save, reads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    index = EmbeddedIndex(archive.home / "index", "news")
    for number in range(9):
        save(an_article(number))
    with pytest.raises(OSError, match="the disk is gone"):
        follow(archive, index, batch_changes=1)
    assert (status(archive, index).cursor, status(archive, index).documents) == (7, 7)
    assert reader_threads() == []
    monkeypatch.undo()
    assert follow(archive, index).done == 2
