"""Fixtures: a PostgreSQL that each process of a run starts once, and what new archives are copied from."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.database import Archive
from tests.support.postgresql.archives import TEMPLATE
from tests.support.postgresql.server import NoServerError, PostgresServer


def started(settings: dict[str, str] | None = None) -> PostgresServer:
    """A server that answers. Without one the test is skipped visibly; in CI it fails."""
    try:
        server = PostgresServer(settings)
    except NoServerError as why:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have a real PostgreSQL: {why}")
        pytest.skip(f"needs a real PostgreSQL: {why}")
    try:
        server.start()
    except BaseException:
        server.remove()
        raise
    return server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server of this process, with an archive that tests share one after the other."""
    server = started()
    try:
        server.execute(f"CREATE DATABASE {TEMPLATE}")
        Archive.make_anew(server.url(TEMPLATE), server.folder).close()
        yield server
    finally:
        server.remove()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty database."""
    name = postgres_server.new_database()
    yield postgres_server.url(name)
    postgres_server.drop_database(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a migrated and empty archive."""
    folder = tmp_path_factory.mktemp("template")
    file = folder / "archive.sqlite3"
    with Archive.make_anew(f"sqlite:///{file}", folder) as archive, archive.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return file
