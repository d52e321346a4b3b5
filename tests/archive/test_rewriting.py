"""While a forget writes the database's file anew, writers wait for as long as it takes."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from archive import sqlite
from archive.database import Archive


@pytest.fixture
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """An archive whose writers wait a tenth of a second for each other."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    with Archive.open(f"sqlite:///{tmp_path / 'archive.sqlite3'}", tmp_path) as archive:
        yield archive


def test_a_writer_outlasts_a_rewriting_that_takes_longer_than_it_waits_for_others(impatient: Archive) -> None:
    assert impatient.file is not None
    begun, may_end = threading.Event(), threading.Event()
    tries = []

    def rewrite() -> None:
        """Hold what a rewriting holds: the mark beside the file, and the write lock."""
        with sqlite._rewriting(impatient.file), closing(sqlite3.connect(str(impatient.file))) as connection:
            connection.execute("BEGIN IMMEDIATE")
            begun.set()
            may_end.wait(30)
            connection.rollback()

    def looks(file: Path) -> bool:
        tries.append(seen := real(file))
        if len(tries) == 3:
            may_end.set()
        return seen

    real, sqlite._is_being_rewritten = sqlite._is_being_rewritten, looks
    thread = threading.Thread(target=rewrite)
    thread.start()
    try:
        begun.wait(30)
        with impatient.writing():
            pass
    finally:
        may_end.set()
        thread.join()
        sqlite._is_being_rewritten = real
    assert len(tries) >= 3
    assert all(tries)


def test_a_writer_does_not_wait_for_a_rewriting_that_was_killed(impatient: Archive) -> None:
    """The mark is there, and nobody holds it: another writer holds the lock, and is waited for as ever."""
    assert impatient.file is not None
    sqlite._rewriting_mark(impatient.file).touch()
    with closing(sqlite3.connect(str(impatient.file))) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationalError, match="locked"), impatient.writing():
            pass
        other.rollback()


def test_a_rewriting_removes_its_mark(impatient: Archive) -> None:
    assert impatient.file is not None
    sqlite.rewrite(impatient.file)
    assert not sqlite._is_being_rewritten(impatient.file)
    assert [name for name in os.listdir(impatient.home) if "rewriting" in name] == []
