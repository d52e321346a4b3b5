"""New archives on both databases, from an empty one that was migrated once: that takes longer than most tests.

On SQLite a new archive is a copy of its file. On PostgreSQL it is emptied: a copy of a database takes 0.3 s.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, update

from archive import postgres
from archive.database import Archive, new_epoch
from archive.every_table import metadata
from archive.tables import counters, facts
from tests.support.postgresql.server import PostgresServer

POSTGRESQL = "postgresql"
DATABASES = ("sqlite", POSTGRESQL)
"""The parameters of a fixture whose tests run on both databases."""
on_both = pytest.mark.parametrize("database", DATABASES)
"""For a test that stands for its room's work on PostgreSQL; `KLIPING_TEST_DATABASE` runs all of them there."""
TEMPLATE = "shared_by_tests"


def damaged_json(connection: Connection) -> str:
    """A record that nobody can read, as SQL; PostgreSQL stores no text that is not JSON."""
    return "'{\"title\": 1}'" if connection.dialect.name == POSTGRESQL else "'{\"title\": '"


@contextmanager
def archive_on(request: pytest.FixtureRequest, database: str, home: Path) -> Iterator[Archive]:
    """A new archive on one of DATABASES."""
    if database == POSTGRESQL:
        with postgres_archive(home, request.getfixturevalue("postgres_server")) as archive:
            yield archive
    else:
        with sqlite_archive(home, request.getfixturevalue("sqlite_template")) as archive:
            yield archive


@contextmanager
def sqlite_archive(home: Path, template: Path) -> Iterator[Archive]:
    """A new archive in a SQLite file."""
    home.mkdir(parents=True, exist_ok=True)
    shutil.copy(template, home / "archive.sqlite3")
    with _opened(f"sqlite:///{home / 'archive.sqlite3'}", home) as archive:
        yield archive


@contextmanager
def postgres_archive(home: Path, server: PostgresServer) -> Iterator[Archive]:
    """A new archive in the one database of a server that these share, one after the other."""
    with Archive(server.url(TEMPLATE), home) as archive, archive.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.exec_driver_sql(f"DELETE FROM {table.name}")
        postgres.set_sequences(connection, metadata.sorted_tables)
        connection.execute(insert(counters).values(name="seq", value=0))
        connection.execute(insert(facts), [{"name": name, "value": "new"} for name in ("archive_id", "epoch")])
    with _opened(server.url(TEMPLATE), home) as archive:
        yield archive


@contextmanager
def _opened(url: str, home: Path) -> Iterator[Archive]:
    with Archive(url, home) as archive:
        with archive.writing() as connection:  # a copy is another archive
            for name, value in (("archive_id", secrets.token_hex(8)), ("epoch", new_epoch(datetime.now(UTC)))):
                connection.execute(update(facts).where(facts.c.name == name).values(value=value))
        yield archive
