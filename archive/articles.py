"""Articles and their versions: saving them and loading them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Text, bindparam, cast, func, insert, select, update

from archive.database import Archive, SavingTransaction
from archive.records import GENERIC, Article, ArticleStatus, ChangeKind
from archive.tables import addresses, articles, changes, pages, versions

JAKARTA = ZoneInfo("Asia/Jakarta")

# Built once, because SQLAlchemy takes longer to build a statement than to send it
_LOCKED_ROW = select(articles).where(articles.c.id == bindparam("wanted_id")).with_for_update()
RECORD_TEXT = cast(versions.c.record, Text).label("record")
"""A version's record as text: SQLAlchemy's own reading of JSON fails in the middle of a result if one is damaged."""
_CURRENT_RECORD = (
    select(RECORD_TEXT)
    .join(articles, versions.c.article_id == articles.c.id)
    .where(articles.c.id == bindparam("wanted_id"), versions.c.version == articles.c.version)
)
_INSERT_ARTICLE = insert(articles)
_INSERT_VERSION = insert(versions)


@dataclass(frozen=True, slots=True)
class SaveResult:
    """The outcome of saving: "stored" (new), "updated" (a new version), "unchanged", or "skipped:<reason>"."""

    outcome: str
    version: int


@dataclass(frozen=True, slots=True)
class Version:
    """One version: its article, when and from which WARC record it was read, and by which reader."""

    version: int
    article: Article
    content_hash: str
    fetched_at: datetime | None
    saved_at: datetime
    run_id: str
    reader: str
    page: tuple[str, int] | None
    """WARC file and offset, or None for an import without a record."""


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article in the archive: its current version, its status and its latest `seq` in the log."""

    article: Article
    version: int
    seq: int
    status: ArticleStatus
    first_saved: datetime
    last_saved: datetime
    last_seen: datetime
    gone_since: datetime | None = None
    """When its page was first found missing; None while it stands."""
    family: str | None = None
    """The id of its family, if other articles tell its story in the same words."""

    def as_json(self) -> dict[str, Any]:
        """The article's JSON, and what the archive knows besides."""
        return self.article.as_json() | {
            "version": self.version,
            "seq": self.seq,
            "family": self.family,
            "status": str(self.status),
            "gone_since": self.gone_since.isoformat() if self.gone_since else None,
            "first_saved": self.first_saved.isoformat(),
            "last_saved": self.last_saved.isoformat(),
            "last_seen": self.last_seen.isoformat(),
        }


class LostVersionError(LookupError):
    """The archive has lost the current version of an article; the message names the remedy."""


def published_on(article: Article, zone: tzinfo | None = None) -> datetime:
    """The time by which an article is sorted: its publication time, or 00:00 in the source's zone for a bare day."""
    published = article.published_at
    if isinstance(published, datetime):
        return published
    return datetime.combine(published, time(), tzinfo=zone or JAKARTA)


def save_article(
    saving: SavingTransaction,
    article: Article,
    *,
    run_id: str,
    fetched_at: datetime | None,
    page_id: int | None,
    reader: str,
    now: datetime,
    zone: tzinfo | None = None,
) -> SaveResult:
    """Save an article: a new row, a new version if its content changed, or only the time when it was last seen.

    In three cases the current version stays: the article belongs to another source ("skipped:another-source"; one that
    was read without a source file passes to the source that has it), the current version comes from a newer fetch
    ("skipped:older": a late import), or its fetch time is known and the new one's is not ("skipped:undated": a saved
    page without a time). A gone article that is seen again becomes live, without a new version. The change is
    written to the log when the transaction ends.
    """
    connection = saving.connection
    stored = connection.execute(_LOCKED_ROW, {"wanted_id": article.id}).first()
    digest = article.content_hash
    if stored is not None:
        if stored.source not in (article.source, GENERIC):
            return SaveResult("skipped:another-source", stored.version)
        if stored.content_hash == digest:
            if fetched_at is not None:
                mark_seen(saving, article.id, fetched_at)
            return SaveResult("unchanged", stored.version)
        if fetched_at is None and _has_fetch_time(connection, article.id, stored.version):
            return SaveResult("skipped:undated", stored.version)
        # A `last_seen` in the future comes from a wrong clock; it must not keep corrections out until then.
        if fetched_at is not None and fetched_at < stored.last_seen <= now:
            return SaveResult("skipped:older", stored.version)
    seen = fetched_at or now
    live = stored is None or _is_live(stored, fetched_at)
    version = 1 if stored is None else stored.version + 1
    row = {
        "source": article.source,
        "url": article.url,
        "version": version,
        "content_hash": digest,
        "status": str(ArticleStatus.LIVE if live else ArticleStatus.GONE),
        "gone_since": None if live or stored is None else stored.gone_since,
        "published_on": published_on(article, zone),
        "last_saved": now,
        "last_seen": seen,
    }
    if stored is None:
        connection.execute(_INSERT_ARTICLE, {"id": article.id, "seq": 0, "first_saved": now, **row})
    else:
        connection.execute(update(articles).where(articles.c.id == article.id).values(**row))
    connection.execute(
        _INSERT_VERSION,
        {
            "article_id": article.id,
            "version": version,
            "content_hash": digest,
            "record": article.as_json(),
            "fetched_at": fetched_at,
            "saved_at": now,
            "page_id": page_id,
            "run_id": run_id,
            "reader": reader,
        },
    )
    saving.record_change(article.id, ChangeKind.VERSION)
    return SaveResult("stored" if stored is None else "updated", version)


def mark_seen(saving: SavingTransaction, article_id: str, seen: datetime) -> bool:
    """Record that the publisher still had the article, unchanged, at `seen`. False if the archive lacks it."""
    stored = saving.connection.execute(_LOCKED_ROW, {"wanted_id": article_id}).first()
    if stored is None:
        return False
    if seen > stored.last_seen:
        live = _is_live(stored, seen)
        status = str(ArticleStatus.LIVE) if live else stored.status
        changed = {"last_seen": seen, "status": status, "gone_since": None if live else stored.gone_since}
        saving.connection.execute(update(articles).where(articles.c.id == article_id).values(**changed))
        if status != stored.status:
            saving.record_change(article_id, ChangeKind.REREAD)
    return True


def _is_live(stored: Any, seen: datetime | None) -> bool:
    # `last_saved` of a gone article is the time when it was found gone; only a later `seen` makes it live again
    return stored.status == ArticleStatus.LIVE or (seen is not None and seen > stored.last_saved)


def _has_fetch_time(connection: Connection, article_id: str, version: int) -> bool:
    known = select(versions.c.fetched_at).where(versions.c.article_id == article_id, versions.c.version == version)
    return connection.execute(known).scalar_one_or_none() is not None


def mark_gone(saving: SavingTransaction, article_id: str, now: datetime, *, since: datetime | None = None) -> bool:
    """Record that the publisher removed the article. It stays in the archive. False if it was gone already.

    `since` is when its page was first found missing; without it, `now`.
    """
    result = saving.connection.execute(
        update(articles)
        .where(articles.c.id == article_id, articles.c.status == str(ArticleStatus.LIVE))
        .values(status=str(ArticleStatus.GONE), last_saved=now, gone_since=since or now)
    )
    if result.rowcount:
        saving.record_change(article_id, ChangeKind.GONE)
    return bool(result.rowcount)


def publication_of(connection: Connection, ids: Sequence[str]) -> dict[str, datetime]:
    """The publication times of those of these articles that the archive has."""
    rows = connection.execute(select(articles.c.id, articles.c.published_on).where(articles.c.id.in_(ids)))
    return {row.id: row.published_on for row in rows}


def intact(article_id: str, version: int, record: str | None) -> Article:
    article = readable(record)
    if article is None:
        raise LostVersionError(
            f"The archive has lost version {version} of {article_id}. Run `kliping archive verify --mend`, which reads "
            "its kept page again."
        )
    return article


def readable(record: str | None) -> Article | None:
    """The article of a version's record, given as text; None if the record is missing or damaged."""
    try:
        return None if record is None else Article.from_json(json.loads(record))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def current_article(connection: Connection, article_id: str) -> Article | None:
    """The current version of the article with this id; None if the archive has none, or has lost it."""
    return readable(connection.execute(_CURRENT_RECORD, {"wanted_id": article_id}).scalar_one_or_none())


def versions_of(connection: Connection, article_id: str) -> Sequence[Version]:
    """Every version of an article, oldest first. Raises LostVersionError for one that cannot be read."""
    rows = connection.execute(
        select(*(column for column in versions.c if column.name != "record"), RECORD_TEXT)
        .add_columns(pages.c.warc_file, pages.c.warc_offset)
        .outerjoin(pages, pages.c.id == versions.c.page_id)
        .where(versions.c.article_id == article_id)
        .order_by(versions.c.version)
    )
    return [
        Version(
            row.version,
            intact(row.article_id, row.version, row.record),
            row.content_hash,
            row.fetched_at,
            row.saved_at,
            row.run_id,
            row.reader,
            (row.warc_file, row.warc_offset) if row.warc_file else None,
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class ArchiveCounts:
    """The number of rows in an archive."""

    articles: int
    versions: int
    pages: int
    addresses: int
    last_seq: int
    by_source: tuple[tuple[str, int], ...]
    """Each source with the number of its articles."""


def count_archive(archive: Archive) -> ArchiveCounts:
    """Count articles, versions, pages and addresses."""
    with archive.reading() as connection:

        def count(table: Any) -> int:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

        rows = connection.execute(
            select(articles.c.source, func.count()).group_by(articles.c.source).order_by(articles.c.source)
        ).all()
        last = connection.execute(select(func.coalesce(func.max(changes.c.seq), 0))).scalar_one()
        return ArchiveCounts(
            count(articles),
            count(versions),
            count(pages),
            count(addresses),
            int(last),
            tuple((row[0], int(row[1])) for row in rows),
        )
