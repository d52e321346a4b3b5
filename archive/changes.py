"""Reads the log for an index: the changes after a cursor, with each article's current state."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, and_, case, cast, func, select

from archive.records import ChangeKind
from archive.tables import articles, changes, versions
from archive.versions import IS_CURRENT

_IN_ARCHIVE = select(articles.c.id).where(articles.c.id == changes.c.article_id).exists()
_REMOVED = and_(changes.c.kind == str(ChangeKind.FORGOTTEN), ~_IN_ARCHIVE)


@dataclass(frozen=True, slots=True)
class ArticleState:
    """The current state of a changed article. `record` is the JSON of `Article.as_json`.

    `seq` is that of its latest change, which may be later than the batch; `first` and `last` are its first and last
    change in the batch. The fields after `last` are None for a forgotten article; `record` alone is None where the
    archive has lost the current version.
    """

    article_id: str
    seq: int
    first: int
    last: int
    record: str | None
    status: str | None
    content_hash: str | None
    published_on: datetime | None
    family: str | None = None
    copies: int = 0
    """How many other articles are in its family."""

    @property
    def size(self) -> int:
        """The approximate bytes that an index receives."""
        return len(self.record or "")


@dataclass(frozen=True, slots=True)
class ChangeBatch:
    """A batch of the log: articles in the order of their first change, and the cursor after all are indexed."""

    articles: tuple[ArticleState, ...]
    cursor: int


def read_batch(connection: Connection, past: int, *, count: int, size: int, until: int | None = None) -> ChangeBatch:
    """The next batch of the log after a cursor, in one statement: at most `count` changes and about `size` bytes.

    It contains at least one article, however large, unless the log has ended. Every change up to the batch's cursor
    belongs to one of its articles. An empty batch returns the cursor it was given.
    """
    log = select(changes.c.seq, changes.c.article_id).where(changes.c.seq > past)
    if until is not None:
        log = log.where(changes.c.seq <= until)
    batch = log.order_by(changes.c.seq).limit(count).subquery()
    grouped = (
        select(batch.c.article_id, func.min(batch.c.seq).label("first"), func.max(batch.c.seq).label("last"))
        .group_by(batch.c.article_id)
        .subquery()
    )
    taken: list[ArticleState] = []
    room = size
    for state in _states(connection, grouped):
        if taken and state.size > room:
            return ChangeBatch(tuple(taken), state.first - 1)
        taken.append(state)
        room -= state.size
    return ChangeBatch(tuple(taken), max((state.last for state in taken), default=past))


def current_states(connection: Connection, ids: Sequence[str]) -> tuple[ArticleState, ...]:
    """The current state of these articles, independent of a cursor. Ids that are not in the log are left out."""
    grouped = (
        select(changes.c.article_id, func.min(changes.c.seq).label("first"), func.max(changes.c.seq).label("last"))
        .where(changes.c.article_id.in_(ids))
        .group_by(changes.c.article_id)
        .subquery()
    )
    return tuple(_states(connection, grouped))


def article_of(connection: Connection, seq: int) -> str | None:
    """The id of the article that a `seq` changed; None if the log has no such `seq`."""
    row = connection.execute(select(changes.c.article_id).where(changes.c.seq == seq)).first()
    return None if row is None else str(row.article_id)


def count_changed_by(connection: Connection, cursor: int) -> int:
    """How many articles now in the archive had a change at or before this `seq`."""
    unchanged_since = select(func.count()).select_from(articles).where(articles.c.seq <= cursor)
    earlier = select(changes.c.seq).where(changes.c.article_id == articles.c.id, changes.c.seq <= cursor).exists()
    changed_since = select(func.count()).select_from(articles).where(articles.c.seq > cursor, earlier)
    return int(connection.execute(unchanged_since).scalar_one()) + int(connection.execute(changed_since).scalar_one())


def count_forgotten_since(connection: Connection, cursor: int) -> int:
    """How many articles were removed after this `seq`; an index at that cursor may or may not contain them."""
    since = select(func.count(changes.c.article_id.distinct())).where(changes.c.seq > cursor, _REMOVED)
    return int(connection.execute(since).scalar_one())


def deleted(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those of these articles that the archive has deleted on purpose."""
    known = select(changes.c.article_id).where(changes.c.article_id.in_(ids), _REMOVED).distinct()
    return set(connection.execute(known).scalars())


def lost(connection: Connection) -> Sequence[str]:
    """The articles in the log that the archive lacks, although nobody deleted them."""
    later = changes.alias()
    forgotten = select(later.c.seq).where(
        later.c.article_id == changes.c.article_id, later.c.kind == str(ChangeKind.FORGOTTEN)
    )
    missing = select(changes.c.article_id).where(~_IN_ARCHIVE, ~forgotten.exists()).distinct()
    return list(connection.execute(missing).scalars())


def sample_hashes(connection: Connection, cursor: int, count: int) -> dict[str, str]:
    """The content hashes, by id, of up to `count` random articles that are unchanged since this `seq`."""
    rows = connection.execute(
        select(articles.c.id, articles.c.content_hash)
        .where(articles.c.seq <= cursor)
        .order_by(func.random())
        .limit(count)
    )
    return {row.id: row.content_hash for row in rows}


def _states(connection: Connection, grouped: Any) -> Iterator[ArticleState]:
    latest = select(func.max(changes.c.seq)).where(changes.c.article_id == grouped.c.article_id).scalar_subquery()
    members = articles.alias()
    others = select(func.count() - 1).where(members.c.family == articles.c.family).scalar_subquery()
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
            articles.c.family,
            case((articles.c.family.is_(None), 0), else_=others).label("copies"),
        )
        .select_from(grouped)
        .outerjoin(articles, articles.c.id == grouped.c.article_id)
        .outerjoin(versions, IS_CURRENT)
        .order_by(grouped.c.first)
    )
    for row in rows:
        yield ArticleState(*row)
