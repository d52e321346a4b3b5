"""The rows of watches: what is watched for whom, how far the log was looked at, and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from archive.database import Archive
from archive.notice_tables import watch_hits, watches
from archive.records import ChangeKind
from archive.tables import articles, changes, runs, versions
from archive.versions import IS_CURRENT

_CHUNK = 2000


class Rhythm(StrEnum):
    """How often a watch tells what it has found."""

    EACH = "each"
    """A message for each article, as soon as it is indexed."""
    HOURLY = "hourly"
    """One message an hour, if there is anything new."""
    DAILY = "daily"


@dataclass(frozen=True, slots=True)
class SearchWatch:
    """A search that tells what is new to it.

    `target` names a target of the settings; `address` is an Apprise URL of its own, and a secret. With neither it fills
    its feed alone. Every change up to `cursor` was looked at, in the archive's `epoch`. `problem` says why it cannot be
    looked at.
    """

    id: int
    query: str
    target: str | None
    address: str | None
    rhythm: Rhythm
    imports: bool
    created_at: datetime
    cursor: int
    epoch: str
    problem: str | None = None

    @property
    def recipient(self) -> str | None:
        """The target of its deliveries: a name of the settings, or `watch:ID`. None: its feed alone."""
        return self.target or (self.subject if self.address else None)

    @property
    def subject(self) -> str:
        """How notices and deliveries name it."""
        return f"watch:{self.id}"


@dataclass(frozen=True, slots=True)
class WatchHit:
    """An article that a watch has found. `corrects`: a new version of an article that was known before."""

    article_id: str
    version: int
    corrects: bool
    title: str
    source: str
    url: str | None
    published_at: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SavedVersion:
    """The current version of an article, for those who tell of it.

    `first_seq` and `latest_seq` are the first and the latest change that saved a version of it. `run_kind` is the kind
    of run that saved this one; None if the archive does not know that run.
    """

    article_id: str
    version: int
    title: str
    source: str
    url: str | None
    published_at: str
    first_seq: int
    latest_seq: int
    run_kind: str | None


def add(
    archive: Archive,
    query: str,
    *,
    target: str | None,
    address: str | None,
    rhythm: Rhythm,
    imports: bool,
    now: datetime,
) -> SearchWatch:
    """Add a watch. It looks at what is saved from now on."""
    with archive.writing() as connection:
        values = {
            "query": query,
            "target": target,
            "address": address,
            "rhythm": str(rhythm),
            "imports": imports,
            "created_at": now,
            "cursor": archive.seq_in(connection),
            "epoch": archive.identity.epoch,
        }
        added = connection.execute(insert(watches).values(**values).returning(watches.c.id)).scalar_one()
        found = find(connection, int(added))
    assert found is not None  # just added
    return found


def remove(connection: Connection, watch_id: int) -> None:
    """Remove a watch and what it has found."""
    connection.execute(delete(watch_hits).where(watch_hits.c.watch_id == watch_id))
    connection.execute(delete(watches).where(watches.c.id == watch_id))


def find(connection: Connection, watch_id: int) -> SearchWatch | None:
    """A watch by its id."""
    row = connection.execute(select(watches).where(watches.c.id == watch_id)).first()
    return None if row is None else _watch(row)


def all_watches(connection: Connection) -> list[SearchWatch]:
    """Every watch, by id."""
    return [_watch(row) for row in connection.execute(select(watches).order_by(watches.c.id))]


def cursors(connection: Connection) -> dict[int, int]:
    """How far each watch has looked at the log."""
    return {row.id: row.cursor for row in connection.execute(select(watches.c.id, watches.c.cursor))}


def move_cursors(connection: Connection, ids: Sequence[int], cursor: int, epoch: str) -> None:
    """Note that these watches have looked at every change up to a `seq` of this epoch."""
    for start in range(0, len(ids), _CHUNK):
        chosen = watches.c.id.in_(ids[start : start + _CHUNK])
        connection.execute(update(watches).where(chosen).values(cursor=cursor, epoch=epoch, problem=None))


def set_problem(connection: Connection, watch_id: int, problem: str) -> None:
    """Note why a watch cannot be looked at."""
    connection.execute(update(watches).where(watches.c.id == watch_id).values(problem=problem))


def articles_changed_by(connection: Connection, seqs: Sequence[int]) -> dict[int, str]:
    """The id of the article that each of these changes is about."""
    found: dict[int, str] = {}
    for start in range(0, len(seqs), _CHUNK):
        chosen = select(changes.c.seq, changes.c.article_id).where(changes.c.seq.in_(seqs[start : start + _CHUNK]))
        found.update((row.seq, row.article_id) for row in connection.execute(chosen))
    return found


def present(connection: Connection, ids: Sequence[str]) -> set[str]:
    """Those of these articles that the archive has."""
    found: set[str] = set()
    for start in range(0, len(ids), _CHUNK):
        chosen = select(articles.c.id).where(articles.c.id.in_(ids[start : start + _CHUNK]))
        found.update(connection.execute(chosen).scalars())
    return found


def saved_versions(connection: Connection, ids: Sequence[str]) -> dict[str, SavedVersion]:
    """The current versions of these articles, by id. Those that the archive has lost or deleted are left out."""
    found: dict[str, SavedVersion] = {}
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        saved = (
            select(changes.c.article_id, func.min(changes.c.seq).label("first"), func.max(changes.c.seq).label("last"))
            .where(changes.c.article_id.in_(chunk), changes.c.kind == str(ChangeKind.VERSION))
            .group_by(changes.c.article_id)
            .subquery()
        )
        rows = connection.execute(
            select(
                articles.c.id,
                articles.c.version,
                versions.c.record["title"].as_string(),
                articles.c.source,
                articles.c.url,
                versions.c.record["published_at"].as_string(),
                saved.c.first,
                saved.c.last,
                runs.c.kind,
            )
            .select_from(articles)
            .join(saved, saved.c.article_id == articles.c.id)
            .join(versions, IS_CURRENT)
            .outerjoin(runs, runs.c.id == versions.c.run_id)
        )
        found.update((row.id, SavedVersion(*row)) for row in rows)
    return found


def add_hits(connection: Connection, found: Mapping[int, Sequence[WatchHit]]) -> None:
    """Write what watches have found, by watch. The caller has left out what is known (`known_hits`)."""
    rows = [
        {
            "watch_id": watch_id,
            "article_id": hit.article_id,
            "version": hit.version,
            "corrects": hit.corrects,
            "at": hit.at,
        }
        for watch_id, hits in found.items()
        for hit in hits
    ]
    if rows:
        connection.execute(insert(watch_hits), rows)


def known_hits(connection: Connection, found: Mapping[int, Sequence[str]]) -> dict[tuple[int, str], int]:
    """The latest version told of each of these articles, by watch and article."""
    ids = sorted({article for each in found.values() for article in each})
    known: dict[tuple[int, str], int] = {}
    for start in range(0, len(ids), _CHUNK):
        chosen = watch_hits.c.article_id.in_(ids[start : start + _CHUNK])
        rows = connection.execute(
            select(watch_hits.c.watch_id, watch_hits.c.article_id, func.max(watch_hits.c.version).label("version"))
            .where(chosen)
            .group_by(watch_hits.c.watch_id, watch_hits.c.article_id)
        )
        known.update(((row.watch_id, row.article_id), row.version) for row in rows)
    return known


def latest_hits(connection: Connection, watch_id: int, limit: int) -> list[WatchHit]:
    """What a watch has found last, the newest first; of each article the latest version told.

    An article that the archive has deleted is left out.
    """
    newest = (
        select(watch_hits.c.article_id, func.max(watch_hits.c.version).label("version"))
        .where(watch_hits.c.watch_id == watch_id)
        .group_by(watch_hits.c.article_id)
        .subquery()
    )
    rows = connection.execute(
        select(
            watch_hits.c.article_id,
            watch_hits.c.version,
            watch_hits.c.corrects,
            versions.c.record["title"].as_string().label("title"),
            articles.c.source,
            articles.c.url,
            versions.c.record["published_at"].as_string().label("published_at"),
            watch_hits.c.at,
        )
        .join(newest, (newest.c.article_id == watch_hits.c.article_id) & (newest.c.version == watch_hits.c.version))
        .join(
            versions,
            (versions.c.article_id == watch_hits.c.article_id) & (versions.c.version == watch_hits.c.version),
        )
        .join(articles, articles.c.id == watch_hits.c.article_id)
        .where(watch_hits.c.watch_id == watch_id)
        .order_by(watch_hits.c.at.desc(), articles.c.published_on.desc(), watch_hits.c.article_id)
        .limit(limit)
    )
    return [WatchHit(*row) for row in rows]


def count_hits(connection: Connection) -> dict[int, tuple[int, datetime]]:
    """How much each watch has found, and when last; watches that found nothing are left out."""
    counted = select(watch_hits.c.watch_id, func.count(), func.max(watch_hits.c.at)).group_by(watch_hits.c.watch_id)
    return {row[0]: (int(row[1]), row[2]) for row in connection.execute(counted)}


def _watch(row: Any) -> SearchWatch:
    return SearchWatch(**dict(row._mapping) | {"rhythm": Rhythm(row.rhythm)})
