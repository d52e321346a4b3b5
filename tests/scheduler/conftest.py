"""What the scheduler's tests share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from archive.database import Archive
from tests.support.postgresql.archives import POSTGRESQL, archive_on
from tests.support.simulated import quick_archive


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated archive to copy: migrating takes longer than most of these tests."""
    folder = tmp_path_factory.mktemp("template")
    with quick_archive(folder) as archive, archive.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder / "archive.sqlite3"


@pytest.fixture
def archive(request: pytest.FixtureRequest, database: str, tmp_path: Path, template: Path) -> Iterator[Archive]:
    if database == POSTGRESQL:
        with archive_on(request, database, tmp_path) as archive:
            yield archive
    else:
        with quick_archive(tmp_path, template) as archive:
            yield archive


@pytest.fixture(autouse=True)
def default_logging() -> None:
    """Undo the logging that a command run by another test in this process has configured."""
    structlog.reset_defaults()
