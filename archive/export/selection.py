"""Which articles an export has, and their rows: in one view of the archive, by id, in little memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, func, select

from archive.export.columns import ExportedArticle
from archive.tables import articles, versions
from archive.versions import IS_CURRENT, RECORD_TEXT, intact

CHUNK = 500
"""Articles in one statement."""
_UTC = ZoneInfo("UTC")
_ZONES_APART = timedelta(days=1)
"""A day that is printed somewhere begins at most so long before or after the day in UTC."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is exported: a query as typed, sources, the first and the last printed day. None and (): everything."""

    query: str | None = None
    sources: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None

    def as_json(self) -> dict[str, Any]:
        """The selection as plain values, for the stamp."""
        return {
            "query": self.query,
            "sources": sorted(self.sources),
            "from": self.first.isoformat() if self.first else None,
            "to": self.last.isoformat() if self.last else None,
        }

    def has(self, article_day: date) -> bool:
        """Whether an article that was printed with this day belongs to it."""
        return (self.first is None or article_day >= self.first) and (self.last is None or article_day <= self.last)

    def conditions(self) -> list[ColumnElement[bool]]:
        """The same for the database, which knows moments only: a day more at each end."""
        found: list[ColumnElement[bool]] = [articles.c.source.in_(self.sources)] if self.sources else []
        if self.first:
            found.append(articles.c.published_on >= datetime.combine(self.first, time(), _UTC) - _ZONES_APART)
        if self.last:
            found.append(articles.c.published_on < datetime.combine(self.last, time(), _UTC) + 2 * _ZONES_APART)
        return found


class IdsOnDisk:
    """Ids in a temporary file: millions of them take no memory, and come back sorted, each once."""

    def __init__(self, file: Path) -> None:
        self._database = sqlite3.connect(file, check_same_thread=False)  # by one thread after the other
        self._database.execute("CREATE TABLE ids (id TEXT PRIMARY KEY) WITHOUT ROWID")

    def close(self) -> None:
        """Close the file, which its folder is removed with."""
        self._database.close()

    def add(self, ids: Iterable[str]) -> None:
        """Add ids."""
        self._database.executemany("INSERT OR IGNORE INTO ids VALUES (?)", ((each,) for each in ids))
        self._database.commit()

    def __len__(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM ids").fetchone()[0])

    def chunk(self, past: str) -> Sequence[str]:
        """The first CHUNK ids after this one."""
        rows = self._database.execute("SELECT id FROM ids WHERE id > ? ORDER BY id LIMIT ?", (past, CHUNK))
        return [row[0] for row in rows]


@contextmanager
def ids_on_disk() -> Iterator[IdsOnDisk]:
    """An empty IdsOnDisk that is removed at the end."""
    with TemporaryDirectory(prefix="kliping-") as folder, closing(IdsOnDisk(Path(folder) / "ids")) as ids:
        yield ids


def count(connection: Connection, selection: Selection, ids: IdsOnDisk | None) -> int:
    """How many articles are selected. Of days, about as many: some at their edges may not be."""
    if ids is not None:
        return _count_known(connection, ids)
    query = select(func.count()).select_from(articles).where(*selection.conditions())
    return int(connection.execute(query).scalar_one())


def _count_known(connection: Connection, ids: IdsOnDisk) -> int:
    """How many of these ids the archive has: one may have been forgotten since a search found it."""
    found, last = 0, ""
    while chunk := ids.chunk(last):
        found += connection.execute(select(func.count()).where(articles.c.id.in_(chunk))).scalar_one()
        last = chunk[-1]
    return found


def selected(connection: Connection, selection: Selection, ids: IdsOnDisk | None) -> Iterator[ExportedArticle]:
    """The selected articles by id: with `ids`, those that a search found. Raises LostVersionError."""
    last = ""
    while True:
        conditions = selection.conditions() if ids is None else [articles.c.id.in_(wanted := ids.chunk(last))]
        if ids is not None and not wanted:
            return
        rows = connection.execute(_ROWS.where(articles.c.id > last, *conditions).limit(CHUNK)).all()
        for row in rows:
            exported = _exported(row)
            at = exported.article.published_at
            if ids is not None or selection.has(at.date() if isinstance(at, datetime) else at):
                yield exported
        if ids is None and len(rows) < CHUNK:
            return
        last = wanted[-1] if ids is not None else rows[-1].id


_ROWS = select(articles, RECORD_TEXT).outerjoin(versions, IS_CURRENT).order_by(articles.c.id)


def _exported(row: Any) -> ExportedArticle:
    article = intact(row.id, row.version, row.record)
    return ExportedArticle(article, row.version, row.status, row.content_hash, row.first_saved, row.seq)
