"""Reading the log for an index: what changed past a cursor, and each article's present state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, and_, cast, func, select

from archive.tables import articles, changes, versions


@dataclass(frozen=True, slots=True)
class ArticleState:
    """An article that changed, as it is now. All but `article_id` and the numbers is null for a forgotten one.

    `seq` is that of its latest change, which may lie past the part of the log that was read; `first` is its first
    change in that part. `record` is the JSON of `Article.as_json`.
    """

    article_id: str
    seq: int
    first: int
    last: int
    record: str | None
    status: str | None
    content_hash: str | None
    published_on: datetime | None

    @property
    def size(self) -> int:
        """About how many bytes an index will be sent."""
        return len(self.record or "")


@dataclass(frozen=True, slots=True)
class ChangeBatch:
    """A piece of the log: articles in the order of their first change, and the cursor once all are indexed."""

    articles: tuple[ArticleState, ...]
    cursor: int


def read_batch(connection: Connection, past: int, *, count: int, size: int, until: int | None = None) -> ChangeBatch:
    """The next piece of the log past a cursor, in one statement: at most `count` changes and about `size` bytes.

    At least one article is given where the log goes on, however large. Every change up to the piece's cursor belongs
    to one of its articles; an empty piece has the cursor it began with.
    """
    log = select(changes.c.seq, changes.c.article_id).where(changes.c.seq > past)
    if until is not None:
        log = log.where(changes.c.seq <= until)
    piece = log.order_by(changes.c.seq).limit(count).subquery()
    grouped = (
        select(piece.c.article_id, func.min(piece.c.seq).label("first"), func.max(piece.c.seq).label("last"))
        .group_by(piece.c.article_id)
        .subquery()
    )
    taken: list[ArticleState] = []
    room = size
    for present in _states(connection, grouped):
        if taken and present.size > room:
            return ChangeBatch(tuple(taken), present.first - 1)
        taken.append(present)
        room -= present.size
    return ChangeBatch(tuple(taken), max((present.last for present in taken), default=past))


def current_states(connection: Connection, ids: Sequence[str]) -> tuple[ArticleState, ...]:
    """The present state of these articles, whatever a cursor says; an id that the log does not know is left out."""
    grouped = (
        select(changes.c.article_id, func.min(changes.c.seq).label("first"), func.max(changes.c.seq).label("last"))
        .where(changes.c.article_id.in_(ids))
        .group_by(changes.c.article_id)
        .subquery()
    )
    return tuple(_states(connection, grouped))


def article_of(connection: Connection, seq: int) -> str | None:
    """Whose change a `seq` is; null for a number the log does not have."""
    row = connection.execute(select(changes.c.article_id).where(changes.c.seq == seq)).first()
    return None if row is None else str(row.article_id)


def count_changed_by(connection: Connection, cursor: int) -> int:
    """How many articles that the archive holds now had a change at or before this `seq`."""
    settled = select(func.count()).select_from(articles).where(articles.c.seq <= cursor)
    earlier = select(changes.c.seq).where(changes.c.article_id == articles.c.id, changes.c.seq <= cursor).exists()
    changed_since = select(func.count()).select_from(articles).where(articles.c.seq > cursor, earlier)
    return int(connection.execute(settled).scalar_one()) + int(connection.execute(changed_since).scalar_one())


def count_forgotten_since(connection: Connection, cursor: int) -> int:
    """How many articles left the archive after this `seq`; an index at that cursor may or may not show them."""
    held = select(articles.c.id).where(articles.c.id == changes.c.article_id).exists()
    return int(
        connection.execute(
            select(func.count(changes.c.article_id.distinct())).where(changes.c.seq > cursor, ~held)
        ).scalar_one()
    )


def sample_hashes(connection: Connection, cursor: int, count: int) -> dict[str, str]:
    """The content hash, by id, of up to `count` articles drawn at random from those unchanged since this `seq`."""
    rows = connection.execute(
        select(articles.c.id, articles.c.content_hash)
        .where(articles.c.seq <= cursor)
        .order_by(func.random())
        .limit(count)
    )
    return {row.id: row.content_hash for row in rows}


def _states(connection: Connection, grouped: Any) -> Iterator[ArticleState]:
    latest = select(func.max(changes.c.seq)).where(changes.c.article_id == grouped.c.article_id).scalar_subquery()
    version = and_(versions.c.article_id == articles.c.id, versions.c.version == articles.c.version)
    rows = connection.execute(
        select(
            grouped.c.article_id,
            func.coalesce(articles.c.seq, latest).label("seq"),
            grouped.c.first,
            grouped.c.last,
            cast(versions.c.record, Text).label("record"),
            articles.c.status,
            articles.c.content_hash,
            articles.c.published_on,
        )
        .select_from(grouped)
        .outerjoin(articles, articles.c.id == grouped.c.article_id)
        .outerjoin(versions, version)
        .order_by(grouped.c.first)
    )
    for row in rows:
        yield ArticleState(*row)
