"""Re-reading articles from their stored pages: which to read, and how to save the result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, insert, select, update

from archive import corrections
from archive.articles import published_on
from archive.database import Archive, SavingTransaction
from archive.history import Cause
from archive.records import Article, ChangeKind
from archive.tables import UtcDateTime, articles, pages, versions
from archive.versions import IS_CURRENT, RECORD_TEXT, readable
from archive.warc.pages import StoredRecord


@dataclass(frozen=True, slots=True)
class RereadTarget:
    """The current version of an article and the page from which it was read. `fetched_at` is the version's."""

    article_id: str
    version: int
    source: str
    run_id: str
    url: str
    fetched_at: datetime | None
    stored: StoredRecord


def reread_targets(
    archive: Archive, source: str | None, chunk: int, since: datetime | None = None
) -> Iterator[Sequence[RereadTarget]]:
    """Yield the articles whose current version has a stored page, by id, `chunk` at a time. `source` None: all.

    With `since`, only those whose page was fetched, or imported without a time, at that moment or later.
    """
    last = ""
    while True:
        with archive.reading() as connection:
            found = _chunk(connection, _wanted(source, since), last, chunk)
        if not found:
            return
        yield found
        last = found[-1].article_id


def count_targets(connection: Connection, source: str | None, since: datetime | None) -> int:
    """How many articles `reread_targets` yields."""
    query = select(func.count()).select_from(articles).join(versions, IS_CURRENT).join(pages, _PAGE)
    return int(connection.execute(query.where(*_wanted(source, since))).scalar_one())


_PAGE = pages.c.id == versions.c.page_id


def _wanted(source: str | None, since: datetime | None) -> list[ColumnElement[bool]]:
    fetched = func.coalesce(versions.c.fetched_at, versions.c.saved_at, type_=UtcDateTime())
    return [*([articles.c.source == source] if source else []), *([fetched >= since] if since else [])]


def _chunk(
    connection: Connection, wanted: Sequence[ColumnElement[bool]], last: str, limit: int
) -> Sequence[RereadTarget]:
    query = (
        select(articles.c.id, articles.c.version, articles.c.source, versions.c.fetched_at, pages)
        .join(versions, IS_CURRENT)
        .join(pages, _PAGE)
        .where(articles.c.id > last, *wanted)
        .order_by(articles.c.id)
        .limit(limit)
    )
    rows = connection.execute(query)
    return [RereadTarget(row[0], row[1], row[2], row.run_id, row.url, row[3], _place(row)) for row in rows]


def page_of_run(connection: Connection, run_id: str, url: str) -> StoredRecord | None:
    """The record of a further page of an article, fetched by the same run; None if the run stored none."""
    found = select(pages).where(pages.c.run_id == run_id, pages.c.url == url).order_by(pages.c.id).limit(1)
    row = connection.execute(found).first()
    return None if row is None else _place(row)


def _place(row: Any) -> StoredRecord:
    return StoredRecord(row.warc_file, row.warc_offset, row.warc_length)


FieldChanges = Mapping[str, tuple[Any, Any]]
"""The fields of an article's JSON that a reading changes, with their values before and after."""


def field_changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> FieldChanges:
    """The fields that differ between two readings, by name."""
    names = sorted(before.keys() | after.keys())
    return {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}


def was_forgotten(connection: Connection, target: RereadTarget) -> bool:
    """Whether the article was forgotten on purpose since it was chosen."""
    return connection.execute(select(articles.c.id).where(articles.c.id == target.article_id)).first() is None


def would_change(connection: Connection, target: RereadTarget, article: Article) -> FieldChanges | None:
    """What `save_rereading` would change; None if the article has a newer version by now."""
    its = (versions.c.article_id == target.article_id) & (versions.c.version == target.version)
    current = select(RECORD_TEXT).join(articles, IS_CURRENT).where(its)
    stored = readable(connection.execute(current).scalar_one_or_none())
    return None if stored is None else field_changes(stored.as_json(), article.as_json())


def save_rereading(
    saving: SavingTransaction,
    target: RereadTarget,
    article: Article,
    *,
    run_id: str,
    reader: str,
    now: datetime,
    zone: tzinfo | None,
) -> FieldChanges | None:
    """Save a new reading of an article's current version. Returns the changed fields.

    If the content changed, it becomes a new version of the same fetch. If only other fields changed (section,
    provenance), it replaces the record of the current version. The article keeps its id. Returns None without saving
    if the article has a newer version by now, because the present readers have read that one, or was forgotten.
    """
    connection = saving.connection
    row = connection.execute(select(articles).where(articles.c.id == target.article_id).with_for_update()).first()
    if row is None or row.version != target.version:
        return None
    current = (versions.c.article_id == row.id) & (versions.c.version == row.version)
    old = connection.execute(select(versions).where(current)).one()
    after = article.as_json()
    changed = field_changes(old.record, after)
    if not changed:
        connection.execute(update(versions).where(current).values(reader=reader))
        return changed
    corrections.remember(connection, article)
    digest = article.content_hash
    if digest == row.content_hash:
        connection.execute(update(versions).where(current).values(record=after, reader=reader))
        new_version: dict[str, object] = {}
        kind = ChangeKind.REREAD
    else:
        fields = {"page_id": old.page_id, "fetched_at": old.fetched_at, "saved_at": now, "run_id": run_id}
        fields["cause"] = str(Cause.REREAD)
        new_version = {"version": row.version + 1, "content_hash": digest}
        connection.execute(
            insert(versions).values(article_id=row.id, record=after, reader=reader, **fields, **new_version)
        )
        kind = ChangeKind.VERSION
    day = published_on(article, zone)
    values = {"source": article.source, "url": article.url, "published_on": day, "last_saved": now, **new_version}
    connection.execute(update(articles).where(articles.c.id == row.id).values(**values))
    saving.record_change(row.id, kind)
    return changed
