"""Everything specific to SQLite. The rest of the archive is portable SQL."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Insert, Table, create_engine, event
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from archive import ending

BUSY_SECONDS = 60
"""How long a writer waits for another one before SQLite raises. Saving transactions take milliseconds."""
CHECK_EVERY = 10_000
"""Instructions of SQLite's virtual machine between two looks at the time."""
WAL_PAGES = 16_000
"""Pages of 4 KiB in the WAL from which on a commit moves them into the database: 64 MB, where SQLite's default is 4 MB.
Each commit is forced to disk in the WAL as before. Articles come in the order of no key, so that each changes pages all
over a large database: moving many changes at once writes each page once, and in the order of the file."""
CACHE_KIB = 16_384
"""What each connection keeps of the database at most, in KiB. SQLite's own 2,000 is less than a batch changes."""
_LARGE = (f"wal_autocheckpoint={WAL_PAGES}", f"journal_size_limit={WAL_PAGES * 4096}", f"cache_size=-{CACHE_KIB}")
MOST_PROBLEMS = 10
"""Problems that a check names; a damaged page can make hundreds."""

DAMAGE = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})
"""The errors that mean that the file itself is damaged (SQLite: *Result and Extended Result Codes*)."""

CUT_SHORT = "SQLITE_IOERR_SHORT_READ"
"""The one error of reading that means damage: the database, or its WAL file, ends before what must be in it (there
too). Any other one may be the disk's, and pass."""


PROBLEMS = {
    "SQLITE_BUSY": "another process holds its write lock. Wait until that command has ended, then run this one again",
    "SQLITE_FULL": "the disk is full. Make room, then run this command again",
    "SQLITE_READONLY": "it may not be written to. Give this user the right to write to its file and folder",
    "SQLITE_IOERR": "the disk cannot be read or written. Look at the system's log, and at the disk's free space",
    "SQLITE_CANTOPEN": "its file cannot be opened. Check that its folder exists and that this user may write to it",
}
"""What SQLite reports about the world around it, and what to do."""
_OURS = frozenset({"", "SQLITE_ERROR", "SQLITE_CONSTRAINT", "SQLITE_MISMATCH"})
"""Errors that say nothing of the world: the SQL is wrong, or the row."""


class UnappliedChangesError(Exception):
    """The last changes are in the WAL, and only a process that may write can apply them. The message is the file."""


def file_of(url: str) -> Path | None:
    """The file of a SQLite URL; None for a database in memory or of another kind."""
    parts = make_url(url)
    return Path(parts.database) if parts.get_backend_name() == "sqlite" and parts.database else None


def code(error: BaseException | None) -> str:
    """SQLite's name for an error, without its details: SQLITE_BUSY_SNAPSHOT is a SQLITE_BUSY. Empty for others."""
    return "_".join(_full_code(error).split("_")[:2])


def is_damage(error: BaseException | None) -> bool:
    """Whether an error means that the file is damaged, or that its WAL file was cut short."""
    return code(error) in DAMAGE or _full_code(error) == CUT_SHORT


def _full_code(error: BaseException | None) -> str:
    name: str = getattr(getattr(error, "orig", None), "sqlite_errorname", "")
    return name


def problem(error: BaseException) -> str | None:
    """What an error says about the world around the database, and what to do; None: it says nothing of it."""
    found = code(error)
    return None if found in _OURS else PROBLEMS.get(found, str(getattr(error, "orig", error)))


def insert_if_absent(table: Table) -> Insert:
    """An INSERT that leaves out rows whose key is there already."""
    return insert(table).on_conflict_do_nothing()


def is_empty(file: Path) -> bool:
    """Whether a database file is missing or has no content, without creating it.

    A file of no bytes is a database of which nothing was ever written to its file, unless its WAL has content.
    """
    return not size_of(file) and not size_of(wal_of(file))


def is_read_only(file: Path) -> bool:
    """Whether this process may read an existing database and not write it: WAL mode needs file and folder."""
    return file.exists() and not (os.access(file, os.W_OK) and os.access(file.parent, os.W_OK))


def wal_of(file: Path) -> Path:
    """Where a database's WAL is, if it has one."""
    return file.with_name(f"{file.name}-wal")


def size_of(file: Path) -> int:
    """The bytes of a file; 0 if there is none."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def sqlite_engine(url: str) -> Engine:
    """An engine for a SQLite file in WAL mode that begins every writing transaction with BEGIN IMMEDIATE.

    A deferred transaction that reads first and writes later fails at once with "database is locked" if another process
    wrote in between (SQLite: *Isolation*, SQLITE_BUSY_SNAPSHOT). An immediate one waits for its turn. A file that this
    process may not write is opened for reading.
    """
    file = file_of(url)
    if file is not None and is_read_only(file):
        return _begin_by_ourselves(create_engine(url, creator=lambda: _open_for_reading(file)), ("foreign_keys=ON",))
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    return _begin_by_ourselves(engine, ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", *_LARGE), file)


def _begin_by_ourselves(engine: Engine, pragmas: Sequence[str], written: Path | None = None) -> Engine:
    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # stops the driver from beginning transactions itself
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if not connection.get_execution_options().get("writing", False):
            connection.exec_driver_sql("BEGIN")
            return
        while True:
            try:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                return
            except OperationalError as error:
                busy = code(error) == "SQLITE_BUSY" and written is not None and _is_being_rewritten(written)
                if not busy or ending.wait(0.0):
                    raise

    return engine


def _open_for_reading(file: Path) -> sqlite3.Connection:
    """A connection that never writes.

    In WAL mode readers share an index in a file beside the database. Where that file can neither be read nor made, and
    all changes are in the database itself, the database is opened as one that nobody changes (SQLite: *Write-Ahead
    Logging*, "Read-Only Databases"). Raises UnappliedChangesError.
    """
    connection = connect_to(file, "mode=ro")
    try:
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if size_of(wal_of(file)):
            raise UnappliedChangesError(str(wal_of(file))) from error
        return connect_to(file, "mode=ro&immutable=1")
    return connection


def connect_to(file: Path, options: str) -> sqlite3.Connection:
    """A plain connection to a database, with the options of SQLite's URI filenames ("mode=ro")."""
    uri = f"file:{quote(str(file.absolute()))}?{options}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, check_same_thread=False)


# -- damage -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DatabaseCheck:
    """What a check of the database's own structure found. Not `complete`: the time given ended before the check did."""

    problems: tuple[str, ...]
    complete: bool = True


def check(connection: Connection, seconds: float | None) -> DatabaseCheck:
    """SQLite's own check of all pages and indexes (`PRAGMA quick_check`), for at most so many seconds; None: no limit.

    Raises sqlalchemy's DatabaseError if the damage stops the check itself.
    """
    try:
        with _interrupted_after(connection, seconds):
            rows = connection.exec_driver_sql(f"PRAGMA quick_check({MOST_PROBLEMS})").all()
    except _TimeIsUpError:
        return DatabaseCheck((), complete=False)
    texts = [line for row in rows for line in str(row[0]).splitlines()]
    return DatabaseCheck(tuple(text for text in texts if text not in ("ok", "") and not text.startswith("***")))


def dangling_references(connection: Connection, seconds: float | None) -> DatabaseCheck:
    """The tables with rows that refer to a row that is not there, for at most so many seconds; None: no limit."""
    try:
        with _interrupted_after(connection, seconds):
            rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    except _TimeIsUpError:
        return DatabaseCheck((), complete=False)
    counted = Counter((str(row[0]), str(row[2])) for row in rows)
    return DatabaseCheck(
        tuple(f"{n} rows of {table} refer to rows of {other} that are missing" for (table, other), n in counted.items())
    )


class _TimeIsUpError(Exception):
    """A statement was interrupted because its time was up."""


@contextmanager
def _interrupted_after(connection: Connection, seconds: float | None) -> Iterator[None]:
    if seconds is None:
        yield
        return
    driver: Any = connection.connection.driver_connection
    ends_at = time.monotonic() + seconds
    driver.set_progress_handler(lambda: time.monotonic() > ends_at, CHECK_EVERY)
    try:
        yield
    except Exception as error:
        if code(error) == "SQLITE_INTERRUPT":
            raise _TimeIsUpError from error
        raise
    finally:
        driver.set_progress_handler(None, 0)


# -- deleted text -----------------------------------------------------------------------------------------------------


def rewrite(file: Path, seconds: float = 30.0) -> None:
    """Write a database anew, so that nothing of what was deleted is left in its file or its WAL.

    It needs as much free space as the database has, beside it. Other processes may read meanwhile; writers wait until
    it has ended, also longer than BUSY_SECONDS, as long as this process lives.
    Raises sqlite3.OperationalError: the disk is full, or a reader held the WAL for longer than so many seconds.
    """
    before = os.environ.get("SQLITE_TMPDIR")
    os.environ["SQLITE_TMPDIR"] = str(file.parent.absolute())  # not a small /tmp
    try:
        with _rewriting(file), closing(connect_to(file, "mode=rw")) as connection:
            connection.isolation_level = None
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("VACUUM")
            ends_at = time.monotonic() + seconds
            while connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                if time.monotonic() > ends_at:
                    raise sqlite3.OperationalError("a reader keeps the database's old pages in use")
    finally:
        if before is None:
            del os.environ["SQLITE_TMPDIR"]
        else:
            os.environ["SQLITE_TMPDIR"] = before


@contextmanager
def _rewriting(file: Path) -> Iterator[None]:
    """Let writers know that the database is written anew: a file beside it, locked as long as this process lives."""
    beside = _rewriting_mark(file)
    with beside.open("ab") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        try:
            yield
        finally:
            beside.unlink(missing_ok=True)


def _is_being_rewritten(file: Path) -> bool:
    try:
        with _rewriting_mark(file).open("rb") as mark:
            fcntl.flock(mark, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False  # its process was killed


def _rewriting_mark(file: Path) -> Path:
    return file.with_name(f"{file.name}-rewriting")


# -- copies -----------------------------------------------------------------------------------------------------------

CopyProgress = Callable[[int], None]
"""Called with the bytes copied."""
_PAGES_AT_ONCE = 2_000


def copy(connection: Connection, to: Path, progress: CopyProgress) -> None:
    """Copy the database as an open reading transaction sees it into a new file, and force that to disk.

    Writers go on: in WAL mode the transaction keeps its view, so the copy need not begin again. Raises sqlite3.Error.
    """
    driver: Any = connection.connection.driver_connection
    size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    with closing(sqlite3.connect(to)) as target:
        driver.backup(
            target, pages=_PAGES_AT_ONCE, progress=lambda _, left, total: progress((total - left) * size), sleep=0
        )
        target.execute("PRAGMA journal_mode=DELETE")  # a file that stands alone
    with to.open("rb") as file:
        os.fsync(file.fileno())


def problems_of(file: Path) -> list[str]:
    """What `PRAGMA quick_check` says of a file that nobody has open; nothing if it is sound."""
    try:
        with closing(connect_to(file, "mode=ro&immutable=1")) as connection:
            rows = connection.execute(f"PRAGMA quick_check({MOST_PROBLEMS})").fetchall()
    except sqlite3.DatabaseError as error:
        return [str(error)]
    return [str(row[0]) for row in rows if row[0] != "ok"]
