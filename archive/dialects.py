"""What differs between the databases that hold an archive, each side in a module of its own.

SQLite's stands in `archive.sqlite`, PostgreSQL's in `archive.postgres`; here one of them is chosen.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import structlog
from sqlalchemy import Connection, Engine, Insert, Table
from sqlalchemy.exc import ArgumentError, DBAPIError

from archive import ending, postgres, sqlite

log = structlog.get_logger()

T = TypeVar("T")

_POSTGRES = "postgresql"
BAD_URL = (
    "KLIPING_DATABASE_URL cannot be read as an address of a database. Write sqlite:////folder/file.sqlite3 or "
    "postgresql://user:password@host/database."
)
PATIENCE = 60.0
"""Seconds for which a saving transaction is tried again."""


def engine_of(url: str) -> Engine:
    """The engine of an archive's URL. Raises sqlalchemy's ArgumentError, and ImportError without the driver."""
    if postgres.is_ours(url):
        return postgres.postgres_engine(url)
    if not url.startswith("sqlite"):
        raise ArgumentError("neither SQLite nor PostgreSQL")
    return sqlite.sqlite_engine(url)


def name_of(url: str) -> str:
    """The database in words, without its password: for SQLite its file."""
    return postgres.name_of(url) if postgres.is_ours(url) else str(sqlite.file_of(url) or "in memory")


def for_reading(engine: Engine) -> Mapping[str, Any]:
    """The execution options that give a transaction one consistent view, and forbid it to write."""
    return postgres.READING if engine.dialect.name == _POSTGRES else {}


def insert_if_absent(connection: Connection, table: Table) -> Insert:
    """An INSERT that leaves out rows whose key is there already."""
    if connection.dialect.name == _POSTGRES:
        return postgres.insert_if_absent(table)
    return sqlite.insert_if_absent(table)


def rewrite(engine: Engine, url: str) -> None:
    """Write the database anew without what was deleted from it. Raises OSError, sqlite3.Error and DBAPIError."""
    if engine.dialect.name == _POSTGRES:
        postgres.rewrite(engine)
    elif (file := sqlite.file_of(url)) is not None:
        sqlite.rewrite(file)


def insert_numbers(connection: Connection, table: Table, columns: Mapping[str, Sequence[int]]) -> None:
    """Insert many rows of numbers, given as columns of one length; none if that is 0."""
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    if connection.dialect.name == _POSTGRES:
        postgres.insert_numbers(connection, table, columns)
    elif rows:
        connection.execute(table.insert(), rows)


def casts_json(engine: Engine) -> bool:
    """Whether a text must be cast to be stored as JSON. SQLite has no such type: its cast would make a number."""
    return engine.dialect.name == _POSTGRES


def set_sequences(connection: Connection, tables: Sequence[Table]) -> None:
    """Let the ids that the database gives go on after the greatest ones in the tables; SQLite does so by itself."""
    if connection.dialect.name == _POSTGRES:
        postgres.set_sequences(connection, tables)


def is_damage(error: BaseException) -> bool:
    """Whether an error of the database means that its data are damaged."""
    return sqlite.is_damage(error) or postgres.sqlstate(error) in postgres.DAMAGE


def problem(error: BaseException | None) -> str | None:
    """What an error says about the world around the database, and what to do, without a stop.

    None if it says nothing of that: wrong SQL is a bug of ours.
    """
    if not isinstance(error, DBAPIError):
        return None
    return sqlite.problem(error) or postgres.problem(error)


def was_rolled_back(error: BaseException) -> bool:
    """Whether an error means that its transaction was rolled back for certain, and may succeed if it is done again."""
    return postgres.is_passing(error)


def why_not_opened(url: str, error: DBAPIError) -> str:
    """Why a database could not be opened, in sentences: what is wrong, and what to do."""
    if postgres.is_ours(url):
        return postgres.why_not_opened(url, error)
    return f"The archive at {url} cannot be opened: {error.orig}. Check KLIPING_HOME and KLIPING_DATABASE_URL."


def patiently(work: Callable[[], T]) -> T:
    """Do a piece of work that is one writing transaction, and do it again if the database was away meanwhile.

    The one place where transactions are repeated: after a deadlock, a serialization failure, and a lost connection
    before the commit, for PATIENCE seconds. What is repeated was rolled back for certain. The work must do nothing
    outside its transaction that may not be done twice. Raises what the work raises.
    """
    ends_at = time.monotonic() + PATIENCE
    pause = 0.05
    while True:
        try:
            return work()
        except DBAPIError as error:
            if not was_rolled_back(error) or time.monotonic() > ends_at:
                raise
            log.warning("a transaction is done again", reason=str(error.orig).strip())
            if ending.wait(pause):
                raise
            pause = min(2.0, pause * 2)
