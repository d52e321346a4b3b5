"""The archive's rows about its indexes: the cursor and state of each, and the documents it refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from archive.tables import dead_letters, indexes


class IndexState(StrEnum):
    """The state of an index."""

    BUILDING = "building"
    """A reindex is filling it, or was killed while filling it."""
    READY = "ready"
    """The alias points to it, or did before."""
    DROPPED = "dropped"
    """It is no longer needed; its remaining files may be removed."""


@dataclass(frozen=True, slots=True)
class TrackedIndex:
    """An index and its cursor: it contains every change up to that `seq`."""

    uuid: str
    engine: str
    name: str
    alias: str
    state: IndexState
    made_for: Mapping[str, Any]
    cursor: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An article that an index refused, and the reason."""

    article_id: str
    seq: int
    reason: str
    at: datetime


def add(
    connection: Connection,
    *,
    uuid: str,
    engine: str,
    name: str,
    alias: str,
    made_for: Mapping[str, Any],
    created_at: datetime,
) -> None:
    """Add the row of a new index before the index is created: state building, cursor 0."""
    connection.execute(
        insert(indexes).values(
            uuid=uuid,
            engine=engine,
            name=name,
            alias=alias,
            state=str(IndexState.BUILDING),
            made_for=dict(made_for),
            cursor=0,
            created_at=created_at,
            updated_at=created_at,
        )
    )


def find(connection: Connection, uuid: str) -> TrackedIndex | None:
    """The row of an index; None if there is none."""
    row = connection.execute(select(indexes).where(indexes.c.uuid == uuid)).first()
    return None if row is None else _tracked_index(row)


def find_all(connection: Connection, engine: str, alias: str) -> tuple[TrackedIndex, ...]:
    """The indexes of an alias that are not dropped, oldest first."""
    rows = connection.execute(
        select(indexes)
        .where(indexes.c.engine == engine, indexes.c.alias == alias, indexes.c.state != str(IndexState.DROPPED))
        .order_by(indexes.c.created_at, indexes.c.name)
    )
    return tuple(map(_tracked_index, rows))


def set_cursor(connection: Connection, uuid: str, cursor: int, now: datetime) -> None:
    """Advance the cursor of an index. A cursor never goes back."""
    connection.execute(
        update(indexes).where(indexes.c.uuid == uuid, indexes.c.cursor <= cursor).values(cursor=cursor, updated_at=now)
    )


def set_state(connection: Connection, uuid: str, state: IndexState, now: datetime) -> None:
    """Change the state of an index. Dropping it deletes its dead letters."""
    connection.execute(update(indexes).where(indexes.c.uuid == uuid).values(state=str(state), updated_at=now))
    if state is IndexState.DROPPED:
        connection.execute(delete(dead_letters).where(dead_letters.c.index_uuid == uuid))


def save_dead_letters(
    connection: Connection, uuid: str, refused: Sequence[tuple[str, int, str]], now: datetime
) -> None:
    """Save refused articles (id, seq, reason) as dead letters, replacing earlier ones of the same articles."""
    remove_dead_letters(connection, uuid, [article_id for article_id, _, _ in refused])
    if refused:
        connection.execute(
            insert(dead_letters),
            [
                {"index_uuid": uuid, "article_id": article_id, "seq": seq, "reason": reason, "at": now}
                for article_id, seq, reason in refused
            ],
        )


def remove_dead_letters(connection: Connection, uuid: str, ids: Collection[str]) -> None:
    """Remove the dead letters of articles that the index has accepted since, or that were removed."""
    if not ids:
        return
    rows = connection.execute(select(dead_letters.c.article_id).where(dead_letters.c.index_uuid == uuid))
    found = set(ids).intersection(row.article_id for row in rows)
    for article_id in found:
        connection.execute(
            delete(dead_letters).where(dead_letters.c.index_uuid == uuid, dead_letters.c.article_id == article_id)
        )


def dead_letters_of(connection: Connection, uuid: str) -> tuple[DeadLetter, ...]:
    """The dead letters of an index, oldest first."""
    rows = connection.execute(
        select(dead_letters.c.article_id, dead_letters.c.seq, dead_letters.c.reason, dead_letters.c.at)
        .where(dead_letters.c.index_uuid == uuid)
        .order_by(dead_letters.c.at, dead_letters.c.article_id)
    )
    return tuple(DeadLetter(*row) for row in rows)


def count_dead_letters(connection: Connection, uuid: str) -> int:
    """How many documents an index refused."""
    return int(
        connection.execute(
            select(func.count()).select_from(dead_letters).where(dead_letters.c.index_uuid == uuid)
        ).scalar_one()
    )


def _tracked_index(row: Any) -> TrackedIndex:
    return TrackedIndex(
        row.uuid,
        row.engine,
        row.name,
        row.alias,
        IndexState(row.state),
        row.made_for,
        int(row.cursor),
        row.created_at,
        row.updated_at,
    )
