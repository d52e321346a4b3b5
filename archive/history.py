"""The order of an article's versions: by when each was so at its publisher, not by when it reached the archive.

Versions are numbered from 1 without gaps, the oldest first. A *capture* is a version that a fetch or an import gave,
together with the re-readings of its page that follow it. It was so from its first sighting to its last one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, case, func, insert, select, update

from archive.essence import essence
from archive.identity import canonical_key
from archive.records import Article
from archive.tables import pages, versions
from archive.versions import RECORD_TEXT, readable

_TIMES = (
    versions.c.version,
    versions.c.content_hash,
    versions.c.cause,
    versions.c.fetched_at,
    versions.c.first_seen,
    versions.c.last_seen,
    versions.c.saved_at,
)


class Cause(StrEnum):
    """Why there is a version: the publisher's page was so, or our readers read the same page differently."""

    CAPTURE = "capture"
    REREAD = "reread"


@dataclass(frozen=True, slots=True)
class Capture:
    """A version and the re-readings of its page: the numbers of the first and the last of these, and all their hashes.

    `begin` and `end` are its first and last sighting. Not `dated`: nobody knows when it was so; it is placed at the
    time of its import, the latest moment at which it can have been.
    """

    first: int
    last: int
    hashes: frozenset[str]
    begin: datetime
    end: datetime
    dated: bool


@dataclass(frozen=True, slots=True)
class PlaceInHistory:
    """Where a reading belongs in an article's history.

    `version` is the number that it gets, or that the version has which is the same text (`same`). Not `current`: there
    are later ones. `splits`: the text before it was seen again after it, and so is a version twice.
    """

    version: int
    same: Capture | None = None
    current: bool = True
    splits: Capture | None = None


@dataclass(slots=True)
class History:
    """The captures of one article, oldest first."""

    article_id: str
    captures: list[Capture]
    connection: Connection
    _read: dict[int, Article | None] = field(default_factory=dict)

    @classmethod
    def of(cls, connection: Connection, article_id: str, *, last_seen: datetime) -> History:
        """Read the history of an article that was last seen, unchanged, at `last_seen`."""
        rows = connection.execute(
            select(*_TIMES).where(versions.c.article_id == article_id).order_by(versions.c.version)
        ).all()
        groups: list[list[Any]] = []
        for row in rows:
            if groups and row.cause == Cause.REREAD:
                groups[-1].append(row)
            else:
                groups.append([row])
        captures = [_capture(group, None if number else last_seen) for number, group in enumerate(groups[::-1])][::-1]
        return cls(article_id, captures, connection)

    def place(self, article: Article, fetched_at: datetime | None, now: datetime) -> PlaceInHistory | None:
        """Where a reading of a page fetched at a time belongs; None for one of unknown time that has no place.

        Its text without a time has a place if the archive has it already, or if no time of the current version is known
        either: then it is the newest, unless both pages tell when they were changed. A sighting after `now` comes from
        a wrong clock, and counts as before this one.
        """
        if fetched_at is None:
            return self._place_undated(article)
        known = next((each for each in self.captures if self._at(each, fetched_at, article)), None)
        if known is not None:
            return PlaceInHistory(known.last, known)
        earlier = (at for at, each in enumerate(self.captures, 1) if each.begin <= fetched_at or each.begin > now)
        position = max(earlier, default=0)
        before = self.captures[position - 1] if position else None
        after = self.captures[position] if position < len(self.captures) else None
        splits = before if before is not None and fetched_at < before.end <= now else None
        for each in (before, None if splits else after):
            if each is not None and self._is_same(each, article):
                return PlaceInHistory(each.last, each)
        version = before.last + 1 if before else 1
        return PlaceInHistory(version, current=after is None and splits is None, splits=splits)

    def _at(self, capture: Capture, moment: datetime, article: Article) -> bool:
        """Whether this is the capture of that very moment, read once more."""
        return capture.begin <= moment <= capture.end and self._is_same(capture, article)

    def _place_undated(self, article: Article) -> PlaceInHistory | None:
        known = next((each for each in self.captures[::-1] if self._is_same(each, article)), None)
        if known is not None:
            return PlaceInHistory(known.last, known)
        position = len(self.captures)
        if position and self.captures[-1].dated:
            return None
        while position and not self.captures[position - 1].dated and self._was_changed_before(article, position - 1):
            position -= 1
        before = self.captures[position - 1] if position else None
        return PlaceInHistory(before.last + 1 if before else 1, current=position == len(self.captures))

    def _is_same(self, capture: Capture, article: Article) -> bool:
        if article.content_hash in capture.hashes:
            return True
        stored = self._article(capture)
        return stored is not None and essence(stored) == essence(article)

    def _was_changed_before(self, article: Article, position: int) -> bool:
        stored = self._article(self.captures[position])
        told = (article.modified_at, stored.modified_at if stored else None)
        return isinstance(told[0], datetime) and isinstance(told[1], datetime) and told[0] < told[1]

    def _article(self, capture: Capture) -> Article | None:
        """The last reading of a capture; None if it is damaged."""
        if capture.last not in self._read:
            its = (versions.c.article_id == self.article_id) & (versions.c.version == capture.last)
            record = self.connection.execute(select(RECORD_TEXT).where(its)).scalar_one()
            self._read[capture.last] = readable(record)
        return self._read[capture.last]

    def see(self, capture: Capture, moment: datetime) -> None:
        """Record that the text of a capture was so at a moment."""
        if not capture.dated or moment < capture.begin:
            self._set(capture, first_seen=moment)
        elif moment > capture.end:
            self._set(capture, last_seen=moment)

    def insert(self, place: PlaceInHistory, columns: Mapping[str, Any]) -> None:
        """Insert a version with these columns at its place, and renumber those behind it."""
        key = {"article_id": self.article_id, "version": place.version}
        before = next((each for each in self.captures if each.last == place.version - 1), None)
        if not place.current:
            self._make_room(place.version, 2 if place.splits else 1)
        elif before is not None and before.dated:
            self._set(before, last_seen=before.end)
        self.connection.execute(insert(versions).values(**key, **columns))
        if place.splits is not None:
            self._repeat(place.splits, place.version + 1, columns["fetched_at"])

    def _make_room(self, version: int, count: int) -> None:
        """Renumber the versions from this one on, so that `count` numbers become free."""
        own, number = versions.c.article_id == self.article_id, versions.c.version
        # by way of negative numbers: SQLite compares each row with the key at once, not at the end of the statement
        renumbered = update(versions).where(own, number >= version).values(version=-(number + count))
        self.connection.execute(renumbered)
        self.connection.execute(update(versions).where(own, number < 0).values(version=-number))

    def _repeat(self, capture: Capture, version: int, moment: datetime) -> None:
        """Let the text of a capture be a version once more after a moment at which the publisher had another one."""
        its = (versions.c.article_id == self.article_id) & (versions.c.version == capture.last)
        row = self.connection.execute(select(versions).where(its)).one()._mapping
        before, after = self._sightings_around(capture, moment, row["record"].get("url"))
        again = {"version": version, "first_seen": after, "last_seen": capture.end, "cause": str(Cause.CAPTURE)}
        self.connection.execute(insert(versions).values(**{**row, **again}))
        self._set(capture, last_seen=before)

    def _sightings_around(self, capture: Capture, moment: datetime, url: str | None) -> tuple[datetime, datetime]:
        """The sightings of a capture next to a moment, by the kept pages; without any, its first and its last one."""
        at = pages.c.fetched_at
        between = select(func.max(case((at < moment, at))), func.min(case((at > moment, at)))).where(
            pages.c.key == (canonical_key(url) if url else self.article_id), at.between(capture.begin, capture.end)
        )
        before, after = self.connection.execute(between).one()
        return before or capture.begin, after or capture.end

    def _set(self, capture: Capture, **values: datetime) -> None:
        of_capture = (versions.c.article_id == self.article_id) & versions.c.version.between(
            capture.first, capture.last
        )
        self.connection.execute(update(versions).where(of_capture).values(**values))


def _capture(rows: Sequence[Any], last_seen: datetime | None) -> Capture:
    """The capture of a version and its re-readings. `last_seen` is the article's, for the current one."""
    first = rows[0]
    since = first.first_seen or first.fetched_at
    begin = since or first.saved_at
    end = max(filter(None, (begin, first.last_seen or first.fetched_at, last_seen)))
    hashes = frozenset(row.content_hash for row in rows)
    return Capture(first.version, rows[-1].version, hashes, begin, end, since is not None)
