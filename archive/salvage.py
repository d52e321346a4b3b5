"""Repairs the database: makes it anew from what can be read of a damaged one, and lets its rows agree again.

Rows that are lost with their pages kept are read again from the WARC files by `ingest.mend`, which calls this first.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from archive import dialects, orphans, sqlite, sqlite_salvage
from archive.articles import published_on
from archive.database import Archive, ArchiveError, new_epoch
from archive.disk import sync_folder
from archive.every_table import metadata
from archive.integrity import with_gaps
from archive.mark import read_mark
from archive.records import ArticleStatus, ChangeKind
from archive.tables import articles, changes, counters, facts, leases, versions
from archive.versions import IS_CURRENT, RECORD_TEXT, readable
from kliping.config import sqlite_url

_NOT_COPIED = (counters, leases)
_MENDING = ".mending"


@dataclass(frozen=True, slots=True)
class RebuiltDatabase:
    """A database made anew: the file that the damaged one is in now (None: it was lost), and the articles it kept."""

    aside: Path | None
    articles: int


def rebuild(url: str, home: Path, now: datetime) -> RebuiltDatabase:
    """Make the database anew from what can be read of the damaged one, which is moved aside.

    Safe to kill and run again. Nothing else may use the archive meanwhile. Raises ArchiveError and OSError.
    """
    file = sqlite.file_of(url)
    if file is None:
        raise ArchiveError(f"Only a file can be made anew, and {dialects.name_of(url)} is none. Restore a backup.")
    folder = file.parent / _MENDING
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    fresh = folder / file.name
    fresh_url = sqlite_url(fresh)
    Archive.make_anew(fresh_url, folder).close()
    damaged = None if sqlite.is_empty(file) else file
    readable = damaged or max(file.parent.glob(f"{file.name}.damaged-*Z"), default=None)  # a mend killed half-way
    with Archive.make_anew(fresh_url, folder) as archive, archive.writing() as connection:
        connection.execute(delete(facts))
    if readable is not None:
        sqlite_salvage.copy_readable(
            readable, fresh, [table.name for table in metadata.sorted_tables if table not in _NOT_COPIED]
        )
    with Archive.make_anew(fresh_url, folder) as archive, archive.writing() as connection:
        _identify(connection, home, now)
        settle_references(connection, now)
        rewrite_log(connection, now)
        kept = int(connection.execute(select(func.count()).select_from(articles)).scalar_one())
    aside = file.with_name(f"{file.name}.damaged-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}") if damaged else None
    if aside:
        sqlite_salvage.move_aside(file, aside)
    else:
        file.unlink(missing_ok=True)
    fresh.rename(file)
    sync_folder(file.parent)
    shutil.rmtree(folder, ignore_errors=True)
    return RebuiltDatabase(aside, kept)


def _identify(connection: Connection, home: Path, now: datetime) -> None:
    """Give the new database the archive's id, from the damaged one or the mark, and a new epoch."""
    known = {row.name: row.value for row in connection.execute(select(facts))}
    mark = read_mark(home)
    archive_id = known.get("archive_id") or (mark.archive_id if mark else secrets.token_hex(8))
    connection.execute(delete(facts).where(facts.c.name.in_(("archive_id", "epoch"))))
    connection.execute(insert(facts).values(name="archive_id", value=archive_id))
    connection.execute(insert(facts).values(name="epoch", value=new_epoch(now)))


def settle_references(connection: Connection, now: datetime) -> list[str]:
    """Let every row refer to rows that exist. Returns the articles whose state changed.

    A reference that may be missing is removed. Versions without their article get it back. An article whose current
    version is lost goes back to its latest one, if it has any; versions are numbered without gaps. Other rows that
    refer to a lost row are deleted.
    """
    changed = [*_restored_articles(connection, now), *_earlier_versions(connection)]
    _close_gaps(connection)
    orphans.settle(connection, now)
    for table in metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            (column,), (reference,) = constraint.columns, constraint.elements
            present = select(reference.column).where(reference.column == column).exists()
            dangling = column.is_not(None) & ~present
            if column.nullable:
                connection.execute(update(table).where(dangling).values({column.name: None}))
            else:
                connection.execute(delete(table).where(dangling))
    return changed


def _restored_articles(connection: Connection, now: datetime) -> Iterator[str]:
    known = select(articles.c.id).where(articles.c.id == versions.c.article_id).exists()
    orphans = select(versions.c.article_id).where(~known).distinct()
    for article_id in connection.execute(orphans).scalars().all():
        row = _latest_version(connection, article_id)
        article = readable(row.record) if row is not None else None
        if row is None or article is None:
            continue
        connection.execute(
            insert(articles).values(
                id=article_id,
                source=article.source,
                url=article.url,
                seq=0,
                version=row.version,
                content_hash=row.content_hash,
                status=str(ArticleStatus.LIVE),
                published_on=published_on(article),
                first_saved=row.saved_at,
                last_saved=now,
                last_seen=row.fetched_at or row.saved_at,
            )
        )
        yield article_id


def _earlier_versions(connection: Connection) -> Iterator[str]:
    lost = select(articles.c.id).where(~select(versions.c.version).where(IS_CURRENT).exists())
    for article_id in connection.execute(lost).scalars().all():
        row = _latest_version(connection, article_id)
        if row is not None:
            values = {"version": row.version, "content_hash": row.content_hash}
            connection.execute(update(articles).where(articles.c.id == article_id).values(**values))
            yield article_id


def _close_gaps(connection: Connection) -> None:
    """Number the versions of each article from 1 on, where some are lost. The current one stays current."""
    own = versions.c
    for row in connection.execute(with_gaps()).all():
        kept = select(own.version).where(own.article_id == row.id).order_by(own.version)
        for new, old in enumerate(connection.execute(kept).scalars().all(), 1):  # downwards: no two have one number
            if new != old:
                its = (own.article_id == row.id) & (own.version == old)
                connection.execute(update(versions).where(its).values(version=new))
                if old == row.version:
                    connection.execute(update(articles).where(articles.c.id == row.id).values(version=new))


def _latest_version(connection: Connection, article_id: str) -> Any:
    columns = (column for column in versions.c if column.name != "record")
    of_article = select(*columns, RECORD_TEXT).where(versions.c.article_id == article_id)
    return connection.execute(of_article.order_by(versions.c.version.desc()).limit(1)).first()


def is_log_whole(connection: Connection) -> bool:
    """Whether log and counter agree, and every article's change is in the log."""
    last = connection.execute(select(func.coalesce(func.max(changes.c.seq), 0))).scalar_one()
    logged = connection.execute(select(func.count()).select_from(changes)).scalar_one()
    counter = connection.execute(select(counters.c.value).where(counters.c.name == "seq")).scalar_one_or_none()
    unlogged = select(articles.c.id).where(articles.c.seq.not_in(select(changes.c.seq))).limit(1)
    return last == logged == counter and connection.execute(unlogged).first() is None


def rewrite_log(connection: Connection, now: datetime) -> None:
    """Write the log anew, with one change for each article, in a new epoch: indexes must be built again."""
    ids = connection.execute(select(articles.c.id).order_by(articles.c.seq, articles.c.id)).scalars().all()
    connection.execute(delete(changes))
    rows = [{"seq": number, "article_id": each, "kind": str(ChangeKind.VERSION)} for number, each in enumerate(ids, 1)]
    if rows:
        connection.execute(insert(changes), rows)
        for row in rows:
            connection.execute(update(articles).where(articles.c.id == row["article_id"]).values(seq=row["seq"]))
    connection.execute(delete(counters).where(counters.c.name == "seq"))
    connection.execute(insert(counters).values(name="seq", value=len(rows)))
    connection.execute(update(facts).where(facts.c.name == "epoch").values(value=new_epoch(now)))
