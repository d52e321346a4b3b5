"""Articles and their versions: saving what was read, and reading it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

from dateutil import tz
from sqlalchemy import Connection, bindparam, func, insert, select, update

from archive.database import Archive, SavingTransaction
from archive.records import (
    GENERIC,
    Article,
    ArticleStatus,
    ChangeKind,
)
from archive.tables import addresses, articles, changes, pages, versions

JAKARTA = tz.gettz("Asia/Jakarta")

# Built once: to build a statement takes SQLAlchemy longer than to send it
_LOCKED_ROW = select(articles).where(articles.c.id == bindparam("wanted")).with_for_update()
_CURRENT_RECORD = (
    select(versions.c.record)
    .join(articles, versions.c.article_id == articles.c.id)
    .where(articles.c.id == bindparam("wanted"), versions.c.version == articles.c.version)
)
_INSERT_ARTICLE = insert(articles)
_INSERT_VERSION = insert(versions)


@dataclass(frozen=True, slots=True)
class SaveResult:
    """What saving did: "stored" (new), "updated" (a new version), "unchanged", or why it was skipped."""

    outcome: str
    version: int


@dataclass(frozen=True, slots=True)
class Version:
    """One version as it was read: when, from which WARC record, by which reader."""

    version: int
    article: Article
    content_hash: str
    fetched_at: datetime | None
    saved_at: datetime
    run_id: str
    reader: str
    page: tuple[str, int] | None
    """WARC file and offset, or null for an import without one."""


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article that the archive holds: its present version, its status and its place in the log."""

    article: Article
    version: int
    seq: int
    status: ArticleStatus
    first_saved: datetime
    last_saved: datetime
    last_seen: datetime


class NoSuchArticleError(LookupError):
    """No article has this id, or more than one begins with it; the message says which."""


def published_on(article: Article, zone: tzinfo | None = None) -> datetime:
    """The moment an article sorts by: its publication time; a bare day counts from 00:00 of the source's zone."""
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
    """Keep an article: a new row, a new version where its content changed, or nothing but "seen again".

    Never overwrites: another source's article ("skipped:another-source"; one that was read without a source file passes
    to the source that has it), a newer fetch by an older one ("skipped:older": a late import), a fetch whose time is
    known by one whose time is not ("skipped:undated": a page saved who knows when). The present version stays then.
    An article that was gone and stands again is live again, without a version of its own. Must run in a saving
    transaction; the change reaches the log as that ends.
    """
    connection = saving.connection
    held = connection.execute(_LOCKED_ROW, {"wanted": article.id}).first()
    digest = article.content_hash
    if held is not None:
        if held.source not in (article.source, GENERIC):
            return SaveResult("skipped:another-source", held.version)
        if held.content_hash == digest:
            if fetched_at is not None:
                mark_seen(saving, article.id, fetched_at)
            return SaveResult("unchanged", held.version)
        if fetched_at is None and _has_fetch_time(connection, article.id, held.version):
            return SaveResult("skipped:undated", held.version)
        # A sight that lies in the future is a clock's error; it must not keep corrections out until then.
        if fetched_at is not None and fetched_at < held.last_seen <= now:
            return SaveResult("skipped:older", held.version)
    seen = fetched_at or now
    version = 1 if held is None else held.version + 1
    row = {
        "source": article.source,
        "url": article.url,
        "version": version,
        "content_hash": digest,
        "status": str(ArticleStatus.LIVE if held is None or _is_live(held, fetched_at) else ArticleStatus.GONE),
        "published_on": published_on(article, zone),
        "last_saved": now,
        "last_seen": seen,
    }
    if held is None:
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
    return SaveResult("stored" if held is None else "updated", version)


def mark_seen(saving: SavingTransaction, article_id: str, seen: datetime) -> bool:
    """Note that an article stood unchanged at its publisher at that moment. False for one that the archive lacks."""
    held = saving.connection.execute(_LOCKED_ROW, {"wanted": article_id}).first()
    if held is None:
        return False
    if seen > held.last_seen:
        status = str(ArticleStatus.LIVE) if _is_live(held, seen) else held.status
        saving.connection.execute(
            update(articles).where(articles.c.id == article_id).values(last_seen=seen, status=status)
        )
        if status != held.status:
            saving.record_change(article_id, ChangeKind.REREAD)
    return True


def _is_live(held: Any, seen: datetime | None) -> bool:
    # `last_saved` of a gone article is the moment when it was found gone: only a later sight brings it back
    return held.status == ArticleStatus.LIVE or (seen is not None and seen > held.last_saved)


def _has_fetch_time(connection: Connection, article_id: str, version: int) -> bool:
    known = select(versions.c.fetched_at).where(versions.c.article_id == article_id, versions.c.version == version)
    return connection.execute(known).scalar_one() is not None


def mark_gone(saving: SavingTransaction, article_id: str, now: datetime) -> bool:
    """Note that an article no longer stands at its publisher. It stays in the archive. False where it was gone."""
    result = saving.connection.execute(
        update(articles)
        .where(articles.c.id == article_id, articles.c.status == str(ArticleStatus.LIVE))
        .values(status=str(ArticleStatus.GONE), last_saved=now)
    )
    if result.rowcount:
        saving.record_change(article_id, ChangeKind.GONE)
    return bool(result.rowcount)


def find(connection: Connection, wanted: str) -> StoredArticle:
    """The article with this id, or with the only id that begins so (eight characters at least), or at this address.

    Raises NoSuchArticleError with a sentence.
    """
    row = connection.execute(select(articles).where(articles.c.id == wanted)).first()
    if row is None and len(wanted) >= 8:
        begin = wanted if not wanted.isalnum() else wanted.lower()
        rows = connection.execute(
            # "g" sorts after every hex digit in any collation, and a range can use the primary key's index.
            select(articles).where(articles.c.id > begin, articles.c.id < begin + "g").order_by(articles.c.id).limit(2)
        ).all()
        if len(rows) > 1:
            raise NoSuchArticleError(f"More than one article's id begins with {wanted}; give more of it.")
        row = rows[0] if rows else None
    if row is None:
        row = _at_address(connection, wanted)
    if row is None:
        raise NoSuchArticleError(f"The archive holds no article {wanted}.")
    record = connection.execute(
        select(versions.c.record).where(versions.c.article_id == row.id, versions.c.version == row.version)
    ).scalar_one()
    return StoredArticle(
        Article.from_json(record),
        row.version,
        row.seq,
        ArticleStatus(row.status),
        row.first_saved,
        row.last_saved,
        row.last_seen,
    )


def current_article(connection: Connection, article_id: str) -> Article | None:
    """The present version of the article with this id; null where the archive has none."""
    record = connection.execute(_CURRENT_RECORD, {"wanted": article_id}).scalar_one_or_none()
    return None if record is None else Article.from_json(record)


def _at_address(connection: Connection, url: str) -> Any:
    from archive.identity import BadAddressError, canonical_key

    try:
        key = canonical_key(url)
    except BadAddressError:
        return None
    return connection.execute(
        select(articles).join(addresses, addresses.c.article_id == articles.c.id).where(addresses.c.key == key)
    ).first()


def versions_of(connection: Connection, article_id: str) -> Sequence[Version]:
    """Every version of an article, oldest first."""
    rows = connection.execute(
        select(versions, pages.c.warc_file, pages.c.warc_offset)
        .outerjoin(pages, pages.c.id == versions.c.page_id)
        .where(versions.c.article_id == article_id)
        .order_by(versions.c.version)
    )
    return [
        Version(
            row.version,
            Article.from_json(row.record),
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
    """How much an archive holds."""

    articles: int
    versions: int
    pages: int
    addresses: int
    last_seq: int
    by_source: tuple[tuple[str, int, date | None, date | None], ...]
    """Source, articles, first and last day of publication (UTC)."""


def count_archive(archive: Archive) -> ArchiveCounts:
    """Count the archive."""
    with archive.reading() as connection:

        def count(table: Any) -> int:
            return int(connection.execute(select(func.count()).select_from(table)).scalar_one())

        rows = connection.execute(
            select(
                articles.c.source,
                func.count(),
                func.min(articles.c.published_on),
                func.max(articles.c.published_on),
            )
            .group_by(articles.c.source)
            .order_by(articles.c.source)
        ).all()
        last = connection.execute(select(func.coalesce(func.max(changes.c.seq), 0))).scalar_one()
        return ArchiveCounts(
            count(articles),
            count(versions),
            count(pages),
            count(addresses),
            int(last),
            tuple((row[0], int(row[1]), _day(row[2]), _day(row[3])) for row in rows),
        )


def _day(moment: datetime | None) -> date | None:
    return moment.astimezone(UTC).date() if moment else None
