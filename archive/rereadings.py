"""Articles read again from the pages that are kept: what is to be read, and how a new reading is saved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, insert, select, update

from archive.articles import published_on
from archive.database import Archive, SavingTransaction
from archive.records import Article, ChangeKind
from archive.tables import articles, pages, versions
from archive.warc.pages import StoredRecord


@dataclass(frozen=True, slots=True)
class RereadTarget:
    """The present version of an article and the page that it was read from. `fetched_at` as the version has it."""

    article_id: str
    version: int
    source: str
    run_id: str
    url: str
    fetched_at: datetime | None
    stored: StoredRecord


def reread_targets(archive: Archive, source: str | None, chunk: int) -> Iterator[Sequence[RereadTarget]]:
    """The articles whose present version has a kept page, by id, so many at a time; all sources' or one's."""
    last = ""
    while True:
        with archive.reading() as connection:
            found = _chunk(connection, source, last, chunk)
        if not found:
            return
        yield found
        last = found[-1].article_id


def _chunk(connection: Connection, source: str | None, last: str, limit: int) -> Sequence[RereadTarget]:
    wanted = (
        select(articles.c.id, articles.c.version, articles.c.source, versions.c.fetched_at, pages)
        .join(versions, (versions.c.article_id == articles.c.id) & (versions.c.version == articles.c.version))
        .join(pages, pages.c.id == versions.c.page_id)
        .where(articles.c.id > last)
        .order_by(articles.c.id)
        .limit(limit)
    )
    rows = connection.execute(wanted.where(articles.c.source == source) if source else wanted)
    return [RereadTarget(row[0], row[1], row[2], row.run_id, row.url, row[3], _place(row)) for row in rows]


def page_of_run(connection: Connection, run_id: str, url: str) -> StoredRecord | None:
    """The record of a further page of an article, as the same run fetched it; null where it kept none."""
    found = select(pages).where(pages.c.run_id == run_id, pages.c.url == url).order_by(pages.c.id).limit(1)
    row = connection.execute(found).first()
    return None if row is None else _place(row)


def _place(row: Any) -> StoredRecord:
    return StoredRecord(row.warc_file, row.warc_offset, row.warc_length)


def save_rereading(
    saving: SavingTransaction,
    kept: RereadTarget,
    article: Article,
    *,
    run_id: str,
    reader: str,
    now: datetime,
    zone: tzinfo | None,
) -> Sequence[str] | None:
    """Save a new reading of an article's present version; gives the names of the fields that changed.

    Where its content changed it is a new version, of the same fetch; where only the rest did (sections, provenance)
    the version is read anew in its place. Null where the article has got another version meanwhile: today's
    readers read that. The article keeps its id. Must run in a saving transaction.
    """
    connection = saving.connection
    held = connection.execute(select(articles).where(articles.c.id == kept.article_id).with_for_update()).one()
    if held.version != kept.version:
        return None
    present = (versions.c.article_id == held.id) & (versions.c.version == held.version)
    old = connection.execute(select(versions).where(present)).one()
    before, after = old.record, article.as_json()
    changed = sorted(name for name in after.keys() | before.keys() if after.get(name) != before.get(name))
    if not changed:
        connection.execute(update(versions).where(present).values(reader=reader))
        return ()
    digest = article.content_hash
    if digest == held.content_hash:
        connection.execute(update(versions).where(present).values(record=after, reader=reader))
        moved: dict[str, object] = {}
        kind = ChangeKind.REREAD
    else:
        fields = {"page_id": old.page_id, "fetched_at": old.fetched_at, "saved_at": now, "run_id": run_id}
        moved = {"version": held.version + 1, "content_hash": digest}
        connection.execute(insert(versions).values(article_id=held.id, record=after, reader=reader, **fields, **moved))
        kind = ChangeKind.VERSION
    day = published_on(article, zone)
    values = {"source": article.source, "url": article.url, "published_on": day, "last_saved": now, **moved}
    connection.execute(update(articles).where(articles.c.id == held.id).values(**values))
    saving.record_change(held.id, kind)
    return changed
