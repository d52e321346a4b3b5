"""Everything specific to PostgreSQL, from version 15 on. The rest of the archive is portable SQL.

psycopg, the driver, is imported where it is needed: it is an extra, and an archive on SQLite does without it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Column, Connection, Engine, Insert, String, Table, Text, create_engine, event, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.compiler import compiles

from archive import ending

BACKENDS = frozenset({"postgresql", "postgres"})
"""What a URL may begin with; "postgres" is what hosting services hand out."""
DRIVER = "postgresql+psycopg"
LEAST_VERSION = 15
CONNECT_SECONDS = 10
"""How long one attempt to connect may take."""
AWAY_SECONDS = 60.0
"""How long a process that was connected waits for a server that restarts."""
RETRY_SECONDS = 0.2
LOCK_SECONDS = 60
"""How long a writer waits for its turn, as with SQLite (`sqlite.BUSY_SECONDS`)."""
IDLE_SECONDS = 50
"""After so many seconds without a statement inside a writing transaction, the server ends it: its process is frozen, or
its machine is gone. Less than LOCK_SECONDS, so that writers who wait outlast it."""
WRITERS_LOCK = 0x6B6C6970  # "klip"
"""The key of the advisory lock that writing transactions take, one after the other."""

_BEGIN = f"SET LOCAL idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'"
_BEGIN_IN_TURN = f"{_BEGIN}; SELECT pg_advisory_xact_lock({WRITERS_LOCK})"

DAMAGE = frozenset({"XX001", "XX002"})
"""The SQLSTATEs of damaged data and indexes (PostgreSQL: *Error Codes*)."""
CONFLICTS = frozenset({"40001", "40P01"})
"""Serialization failure and deadlock: the transaction was rolled back, and may be done again."""
AWAY = frozenset({"57P01", "57P02", "57P03"})
"""The server shuts down, has crashed, or is starting."""
PROBLEMS = {
    "53100": "the server's disk is full. Make room there, then run this command again",
    "53200": "the server has no memory left. Look at its log",
    "53300": "the server has no connection left. Stop what else uses it, or raise its max_connections",
    "55P03": "another process holds its write lock. Wait until that command has ended, then run this one again",
    "25P03": "this process was still for too long inside a transaction. Run this command again",
    "57P01": "the server was stopped meanwhile. Start it, then run this command again",
    "57P02": "the server crashed meanwhile. Start it, then run this command again",
    "57P03": "the server is starting or stopping. Run this command again in a moment",
    "42501": "this user of the database lacks a right: {said}. Make it the owner of the database",
    "25006": "the server takes no writes: it is a standby, or set to read-only. Name the primary server",
    "XX001": "its data are damaged: {said}. Restore a backup",
    "XX002": "an index is damaged: {said}. Run REINDEX, then `kliping archive verify`",
}
"""What PostgreSQL reports about the world around it, by SQLSTATE, and what to do. `said` is its own message."""


class UnusableServerError(Exception):
    """The server cannot hold an archive; the message says why, and what to do."""


def is_ours(url: str) -> bool:
    """Whether a URL names a PostgreSQL database."""
    return make_url(url).get_backend_name() in BACKENDS


def name_of(url: str) -> str:
    """The database in words, without its password: "the PostgreSQL database kliping at db.example:5432"."""
    parts = make_url(url)
    where = parts.host or parts.query.get("host") or "the local socket"
    port = f":{parts.port}" if parts.port else ""
    return f"the PostgreSQL database {parts.database or parts.username or ''} at {where}{port}"


def postgres_engine(url: str) -> Engine:
    """An engine whose readers have one consistent view, and whose writers write one after the other.

    Readers are REPEATABLE READ, READ ONLY. Writers are READ COMMITTED and begin with an advisory lock, the twin of
    SQLite's BEGIN IMMEDIATE (docs/decisions/0036); those with the execution option `in_turn=False` go without it, and
    must rely on row locks and ON CONFLICT alone. Raises ImportError without psycopg.
    """
    engine = create_engine(
        _with_driver(make_url(url)),
        pool_pre_ping=True,  # a connection of before a restart of the server is replaced at its next use
        isolation_level="READ COMMITTED",
        connect_args={"connect_timeout": CONNECT_SECONDS, "fallback_application_name": "kliping"},
    )
    before = _Before()

    @event.listens_for(engine, "do_connect")
    def _connect(dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        while True:
            try:
                return dialect.loaded_dbapi.connect(*arguments, **options)
            except dialect.loaded_dbapi.OperationalError as error:
                if not before.may_return(error) or ending.wait(RETRY_SECONDS):
                    raise

    @event.listens_for(engine, "connect", insert=True)  # before SQLAlchemy asks the server for its version
    def _configure(connection: Any, _record: Any) -> None:
        _require_usable(connection)
        connection.adapters.register_dumper(str, _dumper())
        with connection.cursor() as cursor:
            cursor.execute(
                "SET timezone = 'UTC'; SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; "
                f"SET tcp_keepalives_count = 3; SET lock_timeout = '{LOCK_SECONDS}s'"
            )
        connection.commit()
        before.connected()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if options.get("writing", False):
            connection.exec_driver_sql(_BEGIN_IN_TURN if options.get("in_turn", True) else _BEGIN)

    return engine


READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
"""Execution options of a reading transaction."""


class _Before:
    """What this process has seen of its server: one that answered before is waited for, for AWAY_SECONDS."""

    def __init__(self) -> None:
        self._seen = False
        self._away_since: float | None = None

    def connected(self) -> None:
        self._seen, self._away_since = True, None

    def may_return(self, error: BaseException) -> bool:
        if not (self._seen and _is_away(error)):
            return False
        now = time.monotonic()
        self._away_since = self._away_since or now
        return now - self._away_since < AWAY_SECONDS


def _with_driver(url: URL) -> URL:
    return url if "+" in url.drivername else url.set(drivername=DRIVER)


def _require_usable(connection: Any) -> None:
    version = connection.info.server_version
    if version < LEAST_VERSION * 10_000:
        raise UnusableServerError(
            f"The server runs PostgreSQL {version // 10_000}. Kliping needs {LEAST_VERSION} or later: upgrade it."
        )
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        raise UnusableServerError(
            f"The database stores texts as {encoding}, and Kliping needs UTF-8. Create another one: "
            "CREATE DATABASE kliping ENCODING 'UTF8' TEMPLATE template0"
        )


def _dumper() -> type[Any]:
    """psycopg's writer of texts, with a mark in the place of NUL, which PostgreSQL stores in no text."""
    from psycopg.types.string import StrDumper

    class NulAsMark(StrDumper):
        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)

    return NulAsMark


@compiles(String, "postgresql")
@compiles(Text, "postgresql")
def _text_in_order_of_bytes(type_: String, compiler: Any, **options: Any) -> str:  # noqa: ARG001  SQLAlchemy's
    """Texts of any length, sorted by their bytes as SQLite sorts them, whatever locale the database has.

    `String(64)` is a note for readers: SQLite never enforces a length, and PostgreSQL gains nothing by one.
    """
    return 'TEXT COLLATE "C"' if isinstance(options.get("type_expression"), Column) else "TEXT"


def insert_if_absent(table: Table) -> Insert:
    """An INSERT that leaves out rows whose key is there already."""
    return insert(table).on_conflict_do_nothing()


def rewrite(engine: Engine) -> None:
    """Write every table anew, so that no deleted row is left in its files. Its log (WAL) keeps them until it is reused.

    Locks one table after the other meanwhile.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM FULL")


def insert_numbers(connection: Connection, table: Table, columns: Mapping[str, Sequence[int]]) -> None:
    """Insert many rows of numbers, given as columns of one length, in one statement."""
    arrays = ", ".join(f"%s::{table.c[name].type.compile(connection.dialect)}[]" for name in columns)
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) SELECT * FROM unnest({arrays})"
    connection.exec_driver_sql(statement, tuple(list(numbers) for numbers in columns.values()))


# -- errors -----------------------------------------------------------------------------------------------------------


def sqlstate(error: BaseException | None) -> str:
    """PostgreSQL's code of an error; empty for other errors, and for most errors of connecting."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""


def _is_away(error: BaseException) -> bool:
    """Whether the server is down or not up yet, as far as an error of connecting shows."""
    said = str(error)
    signs = (
        *("Connection refused", "No such file or directory", "closed the connection"),
        *("starting up", "shutting down", "accepting connections", "in recovery mode"),
    )
    return sqlstate(error) in AWAY or any(sign in said for sign in signs)


def is_passing(error: BaseException) -> bool:
    """Whether a transaction that failed so was rolled back for certain, and may succeed if it is done again."""
    if isinstance(error, UncertainCommitError):
        return False
    code = sqlstate(error)
    return code in CONFLICTS | AWAY or (isinstance(error, DBAPIError) and error.connection_invalidated)


class UncertainCommitError(OperationalError):
    """The connection was lost while the server committed: nobody knows whether it did."""


def problem(error: BaseException) -> str | None:
    """What an error says about server and database, and what to do, without a stop; None: it says nothing of them."""
    code = sqlstate(error)
    said = _said(error)
    if code in PROBLEMS:
        return PROBLEMS[code].format(said=said)
    if (isinstance(error, DBAPIError) and error.connection_invalidated) or code.startswith("08"):
        return f"the connection to the server was lost: {said}. Run this command again"
    return None


def _said(error: BaseException) -> str:
    """The server's own words in one line: psycopg never repeats the password."""
    lines = str(getattr(error, "orig", error)).strip().splitlines()
    return (lines[0] if lines else type(error).__name__).rstrip(".")


def why_not_opened(url: str, error: BaseException) -> str:
    """Why a database could not be opened, in sentences: what is wrong, and what to do."""
    said = str(getattr(error, "orig", error))
    parts = make_url(url)
    name = name_of(url)
    if "password authentication failed" in said or "no password supplied" in said:
        return f"The server refuses the user or password for {name}. Correct KLIPING_DATABASE_URL."
    if "does not exist" in said and "database" in said:
        create = f"createdb {parts.database}"
        return f"There is no such database: {name}. Create it ({create}), or correct KLIPING_DATABASE_URL."
    if "does not exist" in said and "role" in said:
        return f"The server has no user {parts.username} for {name}. Create it, or correct KLIPING_DATABASE_URL."
    if _is_away(error.orig if isinstance(error, DBAPIError) and error.orig else error) or "timeout" in said:
        return f"The server of {name} does not answer: {_said(error)}. Start it, or correct KLIPING_DATABASE_URL."
    if "could not translate" in said or "resolve host" in said or "Name or service not known" in said:
        return f"The host of {name} is not known: {_said(error)}. Correct KLIPING_DATABASE_URL."
    return f"{name[0].upper()}{name[1:]} cannot be opened: {_said(error)}. Check KLIPING_DATABASE_URL."


@contextmanager
def certain_commit() -> Iterator[None]:
    """Raises UncertainCommitError if the connection is lost in the block, which commits."""
    try:
        yield
    except DBAPIError as error:
        if error.connection_invalidated and error.orig is not None:
            raise UncertainCommitError(error.statement, error.params, error.orig) from error
        raise


# -- a move -----------------------------------------------------------------------------------------------------------


def set_sequences(connection: Connection, tables: Sequence[Table]) -> None:
    """Let the ids that the database gives go on after the greatest ones that the tables hold."""
    for table in tables:
        column = table.autoincrement_column
        if column is None:
            continue
        named = {"of_table": table.name, "of_column": column.name}
        sequence = connection.execute(text("SELECT pg_get_serial_sequence(:of_table, :of_column)"), named).scalar_one()
        if sequence is not None:
            last = f"SELECT setval('{sequence}', (SELECT coalesce(max({column.name}), 0) + 1 FROM {table.name}), false)"
            connection.execute(text(last))
