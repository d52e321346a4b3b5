"""Reads what can still be read of a damaged SQLite database."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from archive import sqlite


def copy_readable(damaged: Path, intact: Path, tables: Sequence[str]) -> Mapping[str, int]:
    """Copy the rows of a damaged database that can still be read into a new one; returns how many of each table.

    A table is read from its first row up to the damage, and from its last row down to it. Columns that the damaged file
    lacks keep their defaults. References are not checked. The damaged file is not changed.
    """
    copied: dict[str, int] = {}
    with closing(sqlite.connect_to(intact, "mode=rw")) as target:
        target.execute("PRAGMA foreign_keys=OFF")
        for table in tables:
            before = target.total_changes
            with _sources(damaged) as sources:
                for source in sources:
                    _copy_table(source, target, table)
            target.commit()
            copied[table] = target.total_changes - before
    return copied


@contextmanager
def _sources(damaged: Path) -> Iterator[Sequence[sqlite3.Connection]]:
    """The database with its WAL, if that has content, and the database alone: damage of one may spare the other.

    Reading a WAL needs to write, so that is done on a copy.
    """
    with ExitStack() as stack:
        found = [stack.enter_context(closing(sqlite.connect_to(damaged, "mode=ro&immutable=1")))]
        if sqlite.size_of(sqlite.wal_of(damaged)):
            copy = Path(stack.enter_context(TemporaryDirectory(dir=damaged.parent))) / damaged.name
            shutil.copyfile(damaged, copy)
            shutil.copyfile(sqlite.wal_of(damaged), sqlite.wal_of(copy))
            found.insert(0, stack.enter_context(closing(sqlite.connect_to(copy, "mode=rw"))))
        yield found


def move_aside(file: Path, aside: Path) -> None:
    """Rename a database with its WAL. Nothing may have it open."""
    for end in ("-wal", "-shm", ""):  # a WAL beside a database of which it is not is damage
        source = file.with_name(file.name + end)
        if source.exists():
            source.rename(aside.with_name(aside.name + end))


def _copy_table(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> None:
    known = {row[1] for row in target.execute(f'PRAGMA table_info("{table}")')}
    for order in ("", " ORDER BY rowid DESC"):
        reading = _Reading(source)
        found = [row[1] for row in reading.rows(f'PRAGMA table_info("{table}")')]
        columns = [name for name in found if name in known]
        if not columns:
            return
        named = ", ".join(f'"{name}"' for name in columns)
        insert = f'INSERT OR IGNORE INTO "{table}" ({named}) VALUES ({", ".join("?" * len(columns))})'
        for row in reading.rows(f'SELECT {named} FROM "{table}" NOT INDEXED{order}'):
            target.execute(insert, row)
        if not reading.damaged:
            return


class _Reading:
    """Reads rows of a damaged database up to the damage."""

    def __init__(self, source: sqlite3.Connection) -> None:
        self.damaged = False
        self._source = source
        self._source.text_factory = bytes.decode  # strict: what is not UTF-8 is damage

    def rows(self, statement: str) -> Iterator[Any]:
        """The rows before the damage, if there is any."""
        try:
            yield from self._source.execute(statement)
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            self.damaged = True
