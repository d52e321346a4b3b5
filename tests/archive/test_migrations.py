"""Migrations upward from every earlier version, with rows in every table, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from archive.database import Archive
from archive.every_table import metadata
from archive.migrations.upgrade import FOLDER, upgrade

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
REVISIONS = [each.revision for each in reversed(list(ScriptDirectory(str(FOLDER)).walk_revisions()))]
OURS = {
    ("articles", "status"): "gone",
    ("addresses", "state"): "done",
    ("runs", "source"): "reextract",
}
"""What migrations look at."""


@pytest.fixture
def blank(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if database == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'old.sqlite3'}"


def a_value(table: sa.Table, column: sa.Column[Any], number: int) -> Any:
    """A value for a column, another one for each number; that of a foreign key is the row with the same number."""
    if found := OURS.get((table.name, column.name)):
        return found
    for key in column.foreign_keys:
        return a_value(key.column.table, key.column, number)
    if (table.name, column.name) == ("addresses", "article_id"):
        return f"articles-id-{number}"
    if (table.name, column.name) == ("versions", "run_id"):
        return f"runs-id-{number}"
    known = metadata.tables[table.name].c[column.name].type  # SQLite's reflection knows less
    if isinstance(known, sa.JSON):
        return {"nomor": number}
    kind = known.python_type if not isinstance(known, sa.TypeDecorator) else datetime
    values: dict[type, Any] = {
        str: f"{table.name}-{column.name}-{number}", int: number + 1, float: float(number), bool: True,
        datetime: NOW, date: NOW.date(),
    }  # fmt: skip
    return values[kind]


def add_rows(connection: sa.Connection, number: int) -> dict[str, int]:
    """Add a row to each table that there is now; returns how many rows each has."""
    there = sa.MetaData()
    there.reflect(connection)
    counts = {}
    for table in there.sorted_tables:
        if table.name == "alembic_version":
            continue
        ours = metadata.tables[table.name].c
        typed = sa.table(table.name, *(sa.column(c.name, ours[c.name].type) for c in table.c))
        connection.execute(sa.insert(typed).values({c.name: a_value(table, c, number) for c in table.c}))
        counts[table.name] = connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
    return counts


def test_rows_of_every_earlier_version_stay(database: str, blank: str, tmp_path: Path) -> None:
    """At each version a row is added to each table; all of them are there at the end, in the tables of the code."""
    counts: dict[str, int] = {}
    with Archive.at(blank, tmp_path) as archive:
        for number, revision in enumerate(REVISIONS):
            with archive.writing() as connection:
                upgrade(connection, revision)
                counts = add_rows(connection, number)
    with Archive.at(blank, tmp_path) as archive, archive.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        for table in metadata.sorted_tables:
            rows = connection.execute(sa.select(table)).all()
            assert len(rows) == counts[table.name], table.name
        versions = metadata.tables["versions"]
        causes = dict(connection.execute(sa.select(versions.c.article_id, versions.c.cause)).all())
        assert causes["articles-id-0"] == "capture", "the first version of an article is no re-reading"
        assert causes["articles-id-1"] == "reread"
        gone = metadata.tables["articles"]
        assert connection.execute(sa.select(gone.c.gone_since).where(gone.c.id == "articles-id-0")).scalar_one() == NOW


def test_the_newest_version_is_the_one_that_archives_have(archive: Archive) -> None:
    with archive.reading() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == REVISIONS[-1]
