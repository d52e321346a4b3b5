"""Versions of articles, read from their rows. A lost or damaged one is named, and hides no other."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Text, and_, cast, select

from archive.records import Article
from archive.tables import articles, pages, versions

RECORD_TEXT = cast(versions.c.record, Text).label("record")
"""A version's record as text: SQLAlchemy's own reading of JSON fails in the middle of a result if one is damaged."""


IS_CURRENT = and_(versions.c.article_id == articles.c.id, versions.c.version == articles.c.version)
"""Joins an article with its current version."""


class LostVersionError(LookupError):
    """The archive has lost the current version of an article; the message names the remedy."""


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
    cause: str = "capture"
    """`history.Cause`: "capture", or "reread" for another reading of the page of the version before."""
    first_seen: datetime | None = None
    """When this text was seen first; None: at `fetched_at`, or nobody knows."""

    @property
    def since(self) -> datetime | None:
        """The first time at which the publisher is known to have had this text."""
        return self.first_seen or self.fetched_at


def versions_of(connection: Connection, article_id: str) -> Sequence[Version]:
    """Every version of an article that can be read, oldest first; `lost_versions` has the others."""
    rows = connection.execute(
        select(*(column for column in versions.c if column.name != "record"), RECORD_TEXT)
        .add_columns(pages.c.warc_file, pages.c.warc_offset)
        .outerjoin(pages, pages.c.id == versions.c.page_id)
        .where(versions.c.article_id == article_id)
        .order_by(versions.c.version)
    )
    return [_version(row, article) for row in rows if (article := readable(row.record)) is not None]


def lost_versions(connection: Connection, article_id: str) -> Sequence[int]:
    """The numbers of an article's versions that are missing or cannot be read."""
    last = connection.execute(select(articles.c.version).where(articles.c.id == article_id)).scalar_one_or_none() or 0
    kept = {each.version for each in versions_of(connection, article_id)}
    return [number for number in range(1, last + 1) if number not in kept]


def _version(row: Row[Any], article: Article) -> Version:
    return Version(
        row.version,
        article,
        row.content_hash,
        row.fetched_at,
        row.saved_at,
        row.run_id,
        row.reader,
        (row.warc_file, row.warc_offset) if row.warc_file else None,
        row.cause,
        row.first_seen,
    )


def intact(article_id: str, version: int, record: str | None) -> Article:
    """The article of a version's record, given as text. Raises LostVersionError."""
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
