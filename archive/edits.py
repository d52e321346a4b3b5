"""The changes between successive versions of articles: what publishers changed, and what our readers read anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, func, select, text

from archive.corrections import key_of
from archive.differences import EditKind, is_silent, kinds
from archive.finding import find
from archive.history import Cause
from archive.records import Article
from archive.tables import EDITED, addresses, articles, corrections, versions
from archive.versions import RECORD_TEXT, Version, readable

_ROWS = 200


@dataclass(frozen=True, slots=True)
class Edit:
    """A change from one version of an article to the next.

    `version` is the later one, 1 for an article that is a correction of another. `seen` is when it was seen first
    (None: unknown), `after` the last moment at which the earlier one was. Of `kinds`, "reread" alone is a re-reading of
    our own. `silent`: no new notice came with it. `readers_differ`: another
    version of our readers read the earlier version, so that the change may be theirs. `corrects` is the address of the
    story that it corrects, and `corrects_id` its article's id if the archive has it.
    """

    article_id: str
    source: str
    version: int
    seen: datetime | None
    after: datetime | None
    kinds: tuple[EditKind, ...]
    silent: bool
    readers_differ: bool
    title: str
    title_before: str | None
    url: str | None
    corrects: str | None = None
    corrects_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The change as plain values for JSON."""
        return {
            "id": self.article_id,
            "source": self.source,
            "version": self.version,
            "seen": self.seen.isoformat() if self.seen else None,
            "after": self.after.isoformat() if self.after else None,
            "kinds": [str(kind) for kind in self.kinds],
            "silent": self.silent,
            "readers_differ": self.readers_differ,
            "title": self.title,
            "title_before": self.title_before,
            "url": self.url,
            "corrects": self.corrects,
            "corrects_id": self.corrects_id,
        }


def edits(
    connection: Connection,
    *,
    source: str | None = None,
    since: datetime | None = None,
    kind: EditKind | None = None,
    ids: Sequence[str] | None = None,
) -> Iterator[Edit]:
    """The changes of a source seen since a moment, by article and version; `kind` None: all but re-readings; `ids`: of
    these articles alone.

    A change counts from the first sighting of its later version, or from its import where nobody knows that. Versions
    that are lost or damaged are passed over.
    """
    query = (
        select(articles.c.source, *(column for column in versions.c if column.name != "record"), RECORD_TEXT)
        .join(versions, versions.c.article_id == articles.c.id)
        .where(articles.c.id.in_(_edited(since)))
        .order_by(versions.c.article_id, versions.c.version)
    )
    if source:
        query = query.where(articles.c.source == source)
    if ids is not None:
        query = query.where(articles.c.id.in_(ids))
    rows = connection.execute(query).yield_per(_ROWS)
    for _, of_article in groupby(rows, key=lambda row: str(row.article_id)):
        for edit in _edits_of(of_article):
            wanted = kind in edit.kinds if kind else edit.kinds != (EditKind.REREAD,)
            if wanted and (since is None or (edit.seen or since) >= since):
                yield _linked(connection, edit)


def _edited(since: datetime | None) -> Any:
    """The ids of the articles that have a change seen since a moment: with a later version, or with a flag that tells
    of one (`told` in `_edits_of`). There may be others among them."""
    found = select(versions.c.article_id).where(text(f"({EDITED})")).correlate(None)
    if since is None:
        return found
    return found.where(func.coalesce(versions.c.first_seen, versions.c.fetched_at, versions.c.saved_at) >= since)


def count_kinds(found: Iterable[Edit]) -> Counter[str]:
    """How many changes have each kind; "silent" counts those that their page does not tell of.

    Changes that may be of other readers ("readers-differ") are not counted as the publisher's.
    """
    counts: Counter[str] = Counter()
    for edit in found:
        if edit.readers_differ:
            counts["readers-differ"] += 1
            continue
        counts.update(map(str, edit.kinds))
        counts.update(["silent"] if edit.silent else [])
    return counts


def kinds_between(one: Version, other: Version) -> tuple[EditKind, ...]:
    """The kinds of change between two versions; a re-reading of the same page is no change of the publisher's."""
    if other.cause == Cause.REREAD and other.version == one.version + 1:
        return (EditKind.REREAD,)
    return kinds(one.article, other.article)


def _edits_of(rows: Iterable[Any]) -> Iterator[Edit]:
    before: tuple[Row[Any], Article] | None = None
    for row in rows:
        article = readable(row.record)
        if article is None:
            continue
        if before is None:
            told = [kind for kind in (EditKind.CORRECTION, EditKind.WITHDRAWN) if str(kind) in article.flags]
            if told and row.version == 1:
                yield _edit(row, article, None, tuple(told))
        elif row.cause == Cause.REREAD:
            yield _edit(row, article, before, (EditKind.REREAD,))
        elif found := kinds(before[1], article):
            yield _edit(row, article, before, found)
        before = (row, article)


def _edit(row: Row[Any], article: Article, before: tuple[Row[Any], Article] | None, found: Sequence[EditKind]) -> Edit:
    earlier = before[0] if before else None
    return Edit(
        row.article_id,
        row.source,
        row.version,
        row.first_seen or row.fetched_at or row.saved_at,
        (earlier.last_seen or earlier.fetched_at) if earlier else None,
        tuple(found),
        before is not None and EditKind.REREAD not in found and is_silent(found),
        earlier is not None and earlier.reader != row.reader and EditKind.REREAD not in found,
        article.title,
        before[1].title if before else None,
        article.url,
        article.corrects,
    )


def _linked(connection: Connection, edit: Edit) -> Edit:
    """The change with the id of the article that it corrects, if the archive has that."""
    return replace(edit, corrects_id=_id_at(connection, edit.corrects)) if edit.corrects else edit


# -- corrections ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CorrectionLinks:
    """The article that a story corrects (None: none, or the archive lacks it), and the articles that correct it."""

    corrects_id: str | None
    corrected_by: tuple[str, ...]


def corrections_of(connection: Connection, article: Article) -> CorrectionLinks:
    """The corrections that an article makes, and those that others make of it at any address it is known under."""
    known = connection.execute(select(addresses.c.key).where(addresses.c.article_id == article.id)).scalars()
    keys = {*known, *filter(None, [key_of(article.url)])}
    others = select(corrections.c.article_id).where(corrections.c.key.in_(keys), corrections.c.article_id != article.id)
    found = connection.execute(others.order_by(corrections.c.article_id)).scalars().all() if keys else ()
    return CorrectionLinks(_id_at(connection, article.corrects), tuple(found))


def _id_at(connection: Connection, url: str | None) -> str | None:
    try:
        return find(connection, url).article.id if url else None
    except LookupError:  # not in the archive, or lost
        return None
