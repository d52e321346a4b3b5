"""Articles: saving them, their state, and how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, func, select, update

from archive import corrections
from archive.database import Archive, SavingTransaction
from archive.flags import WITHDRAWN
from archive.history import Cause, History
from archive.records import GENERIC, Article, ArticleStatus, ChangeKind
from archive.saving import BESIDE_WAITING
from archive.tables import addresses, articles, changes, pages, versions
from archive.tombstones import FORGOTTEN
from archive.versions import IS_CURRENT, RECORD_TEXT, readable

JAKARTA = ZoneInfo("Asia/Jakarta")

# Built once, because SQLAlchemy takes longer to build a statement than to send it
_LOCKED_ROW = select(articles).where(articles.c.id == bindparam("wanted_id")).with_for_update()
_CURRENT_RECORD = select(RECORD_TEXT).join(articles, IS_CURRENT).where(articles.c.id == bindparam("wanted_id"))
_NEXT_ROW = _LOCKED_ROW.execution_options(**{BESIDE_WAITING: True})


@dataclass(frozen=True, slots=True)
class SaveResult:
    """The outcome of saving: "stored" (new), "updated" (a new version), "unchanged", or "skipped:<reason>".

    `version` is the number of the version that was made, or of the current one. Not `is_current`: the version made is
    an earlier one.
    """

    outcome: str
    version: int
    is_current: bool = True

    @property
    def detail(self) -> str | None:
        """What the outcome alone does not say, as part of a sentence."""
        return None if self.is_current else f"it became version {self.version}; the current one is from a later fetch"


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
    """Save an article: a new row, a version at its place in the history (`archive.history`), or only a sighting.

    A version is made if no capture next to it in time has the same text (`archive.essence`); the newest capture is the
    current version. Nothing is saved if the article belongs to another source ("skipped:another-source"; one that was
    read without a source file passes to the source that has it), if nobody knows when this text was so while the
    current version's time is known ("skipped:undated"), or if the article was forgotten on purpose
    ("skipped:forgotten", version 0). A gone article that is seen again becomes live, without a new version. The change
    is written to the log when the transaction ends.
    """
    stored = _stored(saving, article.id)
    digest = article.content_hash
    status = _status(article, ArticleStatus.LIVE)
    columns = {
        "content_hash": digest,
        "record": article.as_json(),
        "fetched_at": fetched_at,
        "saved_at": now,
        "page_id": page_id,
        "run_id": run_id,
        "reader": reader,
        "cause": str(Cause.CAPTURE),
    }
    row = {
        "source": article.source,
        "url": article.url,
        "content_hash": digest,
        "status": str(status),
        "gone_since": None if status is ArticleStatus.LIVE else fetched_at or now,
        "published_on": published_on(article, zone),
        "last_saved": now,
        "last_seen": fetched_at or now,
    }
    if stored is not None:
        return _save_beside(saving, stored, article, columns, row)
    if saving.forgotten.of_article(article) is not None:
        return SaveResult(FORGOTTEN, 0)
    new = {"id": article.id, "version": 1, "seq": 0, "first_saved": now}
    saving.add_article(new | row, {"article_id": article.id, "version": 1, **columns})
    saving.record_change(article.id, ChangeKind.VERSION)
    corrections.remember(saving.connection, article)
    return SaveResult("stored", 1)


def _stored(saving: SavingTransaction, article_id: str) -> Any:
    """The row of an article, locked; None if the archive lacks it."""
    if saving.is_absent(article_id):
        return None
    wanted = _LOCKED_ROW if saving.is_waiting(article_id) else _NEXT_ROW
    return saving.connection.execute(wanted, {"wanted_id": article_id}).first()


def _save_beside(
    saving: SavingTransaction, stored: Any, article: Article, columns: dict[str, Any], row: dict[str, Any]
) -> SaveResult:
    """Save another reading of a stored article: `columns` of its version, `row` of the article if it is current."""
    fetched_at: datetime | None = columns["fetched_at"]
    if stored.source not in (article.source, GENERIC):
        return SaveResult("skipped:another-source", stored.version)
    if stored.content_hash == article.content_hash and fetched_at is not None and fetched_at >= stored.last_seen:
        mark_seen(saving, article.id, fetched_at)
        return SaveResult("unchanged", stored.version)
    history = History.of(saving.connection, article.id, last_seen=stored.last_seen)
    place = history.place(article, fetched_at, now=row["last_saved"])
    if place is None:
        return SaveResult("skipped:undated", stored.version)
    if place.same is not None:
        if fetched_at is not None:
            history.see(place.same, fetched_at)
            if place.same is history.captures[-1]:
                mark_seen(saving, article.id, fetched_at)
        return SaveResult("unchanged", stored.version)
    history.insert(place, columns)
    if place.current:
        corrections.remember(saving.connection, article)
        live = ArticleStatus.LIVE if _is_live(stored, fetched_at) else ArticleStatus.GONE
        status = _status(article, live)
        since = None if status is ArticleStatus.LIVE else stored.gone_since or row["last_seen"]
        values = row | {"version": place.version, "status": str(status), "gone_since": since}
    else:  # times and status are those of the current version, which stays
        values = {"version": stored.version + (2 if place.splits else 1)}
    saving.connection.execute(update(articles).where(articles.c.id == article.id).values(**values))
    saving.record_change(article.id, ChangeKind.VERSION)
    return SaveResult("updated", place.version, is_current=place.current)


def _status(article: Article, otherwise: ArticleStatus) -> ArticleStatus:
    """A page that says that the story was withdrawn is no live article, however often it is seen."""
    return ArticleStatus.GONE if WITHDRAWN in article.flags else otherwise


def mark_seen(saving: SavingTransaction, article_id: str, seen: datetime) -> bool:
    """Record that the publisher still had the article, unchanged, at `seen`. False if the archive lacks it."""
    stored = saving.connection.execute(_LOCKED_ROW, {"wanted_id": article_id}).first()
    if stored is None:
        return False
    if seen > stored.last_seen:
        status = ArticleStatus(stored.status)
        if _is_live(stored, seen) and status is not ArticleStatus.LIVE:
            current = current_article(saving.connection, article_id)
            status = _status(current, ArticleStatus.LIVE) if current else ArticleStatus.LIVE
        since = None if status is ArticleStatus.LIVE else stored.gone_since
        changed = {"last_seen": seen, "status": str(status), "gone_since": since}
        saving.connection.execute(update(articles).where(articles.c.id == article_id).values(**changed))
        if status != stored.status:
            saving.record_change(article_id, ChangeKind.REREAD)
    return True


def _is_live(stored: Any, seen: datetime | None) -> bool:
    # `last_saved` of a gone article is the time when it was found gone; only a later `seen` makes it live again
    return stored.status == ArticleStatus.LIVE or (seen is not None and seen > stored.last_saved)


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


def current_article(connection: Connection, article_id: str) -> Article | None:
    """The current version of the article with this id; None if the archive has none, or has lost it."""
    return readable(connection.execute(_CURRENT_RECORD, {"wanted_id": article_id}).scalar_one_or_none())


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
