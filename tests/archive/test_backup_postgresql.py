"""Backup, restore and forget of an archive on PostgreSQL; what does not depend on the database is tested on SQLite."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from archive import backup
from archive.articles import SaveResult
from archive.backup import make_backup
from archive.database import Archive
from archive.forget import ForgetRequest, forget
from archive.manifest import BackupError
from archive.restore import check_backup, restore
from archive.tables import articles
from archive.verify import verify
from tests.conftest import an_article
from tests.support.postgresql.archives import POSTGRESQL
from tests.support.postgresql.server import PostgresServer

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
Saver = Callable[..., SaveResult]
pytestmark = pytest.mark.processes


@pytest.fixture
def database() -> str:
    return POSTGRESQL


def ignore(*_: object) -> None: ...


def ids(archive: Archive) -> set[str]:
    with archive.reading() as connection:
        return set(connection.execute(select(articles.c.id)).scalars())


def test_a_backup_is_one_view_and_is_restored_into_an_empty_database(
    archive: Archive, save: Saver, tmp_path: Path, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backup"
    for number in range(20):
        save(an_article(number))
    before = ids(archive)

    copy_database = backup.copy_database

    def copy_later(*arguments: Any) -> None:
        save(an_article(99))  # the view was taken before
        copy_database(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(backup, "copy_database", copy_later)
        made = make_backup(archive, folder, software="t", now=NOW, lease_seconds=60, progress=ignore)
    assert made.manifest.articles == 20
    assert made.manifest.kind == "postgresql"
    assert check_backup(folder, ignore) == made.manifest
    url = postgres_server.url(postgres_server.new_database())
    restore(folder, url, tmp_path / "other", now=NOW, progress=ignore)
    with Archive.open(url, tmp_path / "other", create=False) as other:
        assert ids(other) == before
        assert verify(other).wrong == ()
        assert other.identity.archive_id == archive.identity.archive_id
        assert other.identity.epoch != archive.identity.epoch
        forget(other, [ForgetRequest(an_article(3).id, reason="r")], NOW)
        assert ids(other) == before - {an_article(3).id}
        assert verify(other).wrong == ()
    with pytest.raises(BackupError, match="is not empty"):
        restore(folder, url, tmp_path / "third", now=NOW, progress=ignore)
    with pytest.raises(BackupError, match="is of a postgresql database"):
        restore(folder, f"sqlite:///{tmp_path / 'a.sqlite3'}", tmp_path / "fourth", now=NOW, progress=ignore)


def test_a_restore_that_was_cut_off_goes_on(
    archive: Archive, save: Saver, tmp_path: Path, postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(an_article())
    make_backup(archive, tmp_path / "backup", software="t", now=NOW, lease_seconds=60, progress=ignore)
    url, home = postgres_server.url(postgres_server.new_database()), tmp_path / "other"
    with monkeypatch.context() as patched:
        patched.setattr("archive.restore._begin_epoch", _full)
        with pytest.raises(OSError, match="No space"):
            restore(tmp_path / "backup", url, home, now=NOW, progress=ignore)
    restore(tmp_path / "backup", url, home, now=NOW, progress=ignore)
    with Archive.open(url, home, create=False) as other:
        assert ids(other) == ids(archive)
        assert other.identity.epoch != archive.identity.epoch


def _full(*_: object) -> None:
    raise OSError(28, os.strerror(28))


def test_programs_that_are_missing_are_named(
    archive: Archive, save: Saver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(an_article())
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupError, match=r"pg_dump is missing. Install PostgreSQL's client programs"):
        make_backup(archive, tmp_path / "backup", software="t", now=NOW, lease_seconds=60, progress=ignore)
