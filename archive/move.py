"""Moves the archive's rows from one database to another, both ways between SQLite and PostgreSQL.

Ids, `seq`, log and epoch stay as they are, so indexes go on from their cursors. WARC files stay where they are. Each
table is copied in the order of its key, a batch in a transaction, so a move that was killed goes on behind the greatest
key that the target has. Then every row of both is read and hashed, and only if all agree the target becomes the
archive, and the source says where it went.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    MetaData,
    Row,
    Table,
    Text,
    TypeDecorator,
    cast,
    func,
    insert,
    inspect,
    select,
    tuple_,
)
from sqlalchemy.exc import DataError, IntegrityError

from archive import dialects, leases, moved
from archive.database import Archive, ArchiveError
from archive.ending import Stop, never
from archive.every_table import metadata
from archive.facts import facts_in, set_fact
from archive.migrations.upgrade import upgrade
from archive.tables import facts
from archive.tables import leases as lease_rows

BATCH = 2_000
"""Rows of one transaction."""
_NOT_COMPARED = frozenset({facts.name, lease_rows.name})
"""Facts tell of the move itself; a lease may be renewed at any moment."""

Progress = Callable[[str, int, int], None]
"""Is told a table, how many of its rows are there, and how many there will be."""


class MoveStoppedError(ArchiveError):
    """The move was asked to end; started again, it goes on where it was."""


@dataclass(frozen=True, slots=True)
class MovedTable:
    """A table whose rows are in both databases, and the same: how many, and their hash."""

    name: str
    rows: int
    digest: str


class _RawJson(TypeDecorator[str]):
    """The text of a JSON column, as it is stored."""

    impl = Text
    cache_ok = True

    def column_expression(self, column: Any) -> Any:
        return cast(column, Text)


class _CastJson(_RawJson):
    """The same, for a database that has a type for JSON."""

    cache_ok = True

    def bind_expression(self, bindvalue: Any) -> Any:
        return cast(bindvalue, JSON)


def _raw(table: Table, *, casts: bool = False) -> Table:
    """The same table with JSON as text: read, stored and hashed letter by letter. `casts`: for an INSERT."""
    of_json = _CastJson() if casts else _RawJson()
    return Table(
        table.name,
        MetaData(),
        *(Column(c.name, of_json if isinstance(c.type, JSON) else c.type, primary_key=c.primary_key) for c in table.c),
    )


def move(source: Archive, target: Archive, *, progress: Progress | None = None, stop: Stop = never) -> list[MovedTable]:
    """Move everything that the source holds into the target's database, which must be empty or hold a part of it.

    `target` is not migrated yet. Writers of the source wait meanwhile. Raises ArchiveError if the target holds
    something else, if somebody uses the source, or if both do not agree at the end; MoveStoppedError.
    """
    with source.reading() as connection:
        known = facts_in(connection)
    if known.get(moved.MOVED_TO):
        raise ArchiveError(f"The archive in {source.place} was moved to {known[moved.MOVED_TO]} already.")
    _refuse_if_in_use(source)
    begun = known.get(moved.MOVING_TO)
    if begun not in (None, target.place):
        raise ArchiveError(
            f"The archive in {source.place} is being moved to {begun}. Name that one, or give that move up first: "
            "`kliping archive move --cancel`."
        )
    is_done = _prepare(target, known)
    with source.writing() as connection:
        set_fact(connection, moved.MOVING_TO, target.place)
    with source.writing() as reading:  # nobody writes to the source until the end
        if not is_done:
            for table in metadata.sorted_tables:
                _copy(reading, target, table, progress, stop)
        compared = [_compared(reading, target, table, stop) for table in metadata.sorted_tables]
        with target.writing() as connection:
            for name, value in known.items():
                if name != moved.MOVING_TO:
                    set_fact(connection, name, value)
            set_fact(connection, moved.MOVED_FROM, None)
            dialects.set_sequences(connection, metadata.sorted_tables)
        set_fact(reading, moved.MOVING_TO, None)
        set_fact(reading, moved.MOVED_TO, target.place)
    return [each for each in compared if each is not None]


def cancel(source: Archive) -> str | None:
    """Give a move up: the source may be used again. Returns where it was going; None if it was not.

    What is in the target by then is of no more use. Raises ArchiveError if the move is done.
    """
    with source.writing() as connection:
        known = facts_in(connection)
        if moved.MOVED_TO in known:
            raise ArchiveError(
                f"The archive in {source.place} was moved to {known[moved.MOVED_TO]}, which may have changed since. "
                "To come back, move it from there."
            )
        set_fact(connection, moved.MOVING_TO, None)
    return known.get(moved.MOVING_TO)


def _refuse_if_in_use(source: Archive) -> None:
    for lease in leases.living(source):
        raise ArchiveError(
            f"The archive is in use: the lease {lease.name} is held by {lease.in_words}. Stop that process, then run "
            "this command again."
        )


def _prepare(target: Archive, known: Mapping[str, str]) -> bool:
    """Make the target's tables, unless it has them. Returns whether everything is there. Raises ArchiveError."""
    origin = f"{known['archive_id']} {known['epoch']}"
    if target.is_blank():
        with target.reading() as connection:
            if others := inspect(connection).get_table_names():
                named = ", ".join(sorted(others)[:3])
                raise ArchiveError(f"{target.place} holds other tables ({named} …). Name an empty database.")
        with target.writing() as connection:
            upgrade(connection)
            set_fact(connection, moved.MOVED_FROM, origin)
        return False
    with target.writing() as connection:
        upgrade(connection)
        there = facts_in(connection)
    if there.get(moved.MOVED_FROM) == origin:
        return False
    if moved.MOVED_FROM not in there and all(there.get(name) == known[name] for name in ("archive_id", "epoch")):
        return known.get(moved.MOVING_TO) == target.place
    raise ArchiveError(f"{target.place} holds another archive already, or a part of one. Name an empty database.")


def _copy(reading: Connection, target: Archive, table: Table, progress: Progress | None, stop: Stop) -> None:
    """Copy the rows behind the greatest key that the target has."""
    if table is facts:
        return
    raw, stored = _raw(table), _raw(table, casts=dialects.casts_json(target.engine))
    total = _count(reading, table)
    with target.reading() as connection:
        last: tuple[Any, ...] | None = connection.execute(
            select(*raw.primary_key).order_by(*_descending(raw)).limit(1)
        ).first()
        done = _count(connection, table)
    while True:
        if progress:
            progress(table.name, done, total)
        if stop():
            raise MoveStoppedError("The move was stopped. Run the same command again: it goes on where it was.")
        rows = _batch(reading, raw, last)
        if not rows:
            return
        try:
            with target.writing() as connection:
                connection.execute(insert(stored), [dict(row._mapping) for row in rows])
        except (DataError, IntegrityError) as error:
            raise ArchiveError(
                f"{target.place} cannot store a row of {table.name}: {str(error.orig).splitlines()[0]}. Run `kliping "
                "archive move --cancel` and `kliping archive verify --mend`, then move it again."
            ) from error
        last = _key(raw, rows[-1])
        done += len(rows)


def _batch(connection: Connection, raw: Table, last: Any) -> Sequence[Row[Any]]:
    """The next rows in the order of the key, behind a key. Bytes order texts, on both databases."""
    chosen = select(raw).order_by(*raw.primary_key).limit(BATCH)
    if last is not None:
        chosen = chosen.where(tuple_(*raw.primary_key) > tuple_(*last))
    return connection.execute(chosen).all()


def _key(raw: Table, row: Row[Any]) -> tuple[Any, ...]:
    return tuple(row._mapping[column.name] for column in raw.primary_key)


def _descending(raw: Table) -> list[Any]:
    return [column.desc() for column in raw.primary_key]


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _compared(reading: Connection, target: Archive, table: Table, stop: Stop) -> MovedTable | None:
    """Read all rows of a table in both databases. Raises ArchiveError if they are not the same."""
    if table.name in _NOT_COMPARED:
        return None
    with target.reading() as connection:
        ours, theirs = (_digest(each, table, stop) for each in (reading, connection))
    if ours != theirs:
        raise ArchiveError(
            f"The rows of {table.name} are not the same in both databases ({ours.rows} and {theirs.rows} rows): the "
            "source was changed meanwhile. Run `kliping archive move --cancel`, empty the target, and move it again."
        )
    return ours


def _digest(connection: Connection, table: Table, stop: Stop) -> MovedTable:
    digest, rows = hashlib.sha256(), 0
    for row in _rows(connection, _raw(table)):
        if rows % BATCH == 0 and stop():
            raise MoveStoppedError("The move was stopped. Run the same command again: it goes on where it was.")
        digest.update(json.dumps([_plain(value) for value in row]).encode())
        rows += 1
    return MovedTable(table.name, rows, digest.hexdigest())


def _rows(connection: Connection, raw: Table) -> Iterator[Row[Any]]:
    last = None
    while rows := _batch(connection, raw, last):
        yield from rows
        last = _key(raw, rows[-1])


def _plain(value: Any) -> Any:
    """A value as both databases return it: a NUL is a mark in PostgreSQL (`archive.postgres`)."""
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    return value.isoformat() if isinstance(value, datetime | date) else value
