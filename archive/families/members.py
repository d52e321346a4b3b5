"""The members of a family, and who had the story first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from archive.families.differences import Differences, differences
from archive.records import Article
from archive.tables import articles, families, versions
from archive.versions import IS_CURRENT, RECORD_TEXT, readable

# Built once, because SQLAlchemy takes longer to build a statement than to send it
_MEMBERS = (
    select(articles.c.published_on, articles.c.status, RECORD_TEXT)
    .join(versions, IS_CURRENT)
    .where(articles.c.family == bindparam("family_id"))
)
_MERGED_INTO = select(families.c.merged_into).where(families.c.id == bindparam("family_id"))


@dataclass(frozen=True, slots=True)
class Member:
    """An article of a family. `differences` are those from the first one, whose own are None."""

    article: Article
    published_on: datetime
    status: str
    differences: Differences | None

    def as_json(self) -> dict[str, Any]:
        """The member as `kliping show --json` prints it."""
        return {
            "id": self.article.id,
            "source": self.article.source,
            "url": self.article.url,
            "title": self.article.title,
            "published_at": self.article.published_at.isoformat(),
            "agency": self.article.agency,
            "status": self.status,
            "differences": None if self.differences is None else self.differences.in_words(),
        }


@dataclass(frozen=True, slots=True)
class StoryFamily:
    """Copies of one story, the earliest first. Of those published at one moment, the longest is first."""

    id: str
    members: tuple[Member, ...]

    @property
    def agency(self) -> str | None:
        """The agency that most members credit."""
        credited = [member.article.agency for member in self.members if member.article.agency]
        return max(dict.fromkeys(credited), key=credited.count, default=None)

    def as_json(self) -> dict[str, Any]:
        """The family as `kliping show --json` prints it."""
        return {"id": self.id, "agency": self.agency, "members": [each.as_json() for each in self.members]}


def family_of(connection: Connection, family_id: str) -> StoryFamily | None:
    """The family with this id, or the one that it was merged into; None if there is none any more."""
    standing, rows = family_id, connection.execute(_MEMBERS, {"family_id": family_id}).all()
    if not rows:  # a family that was merged into another has no members of its own
        standing = standing_id(connection, family_id)
        rows = connection.execute(_MEMBERS, {"family_id": standing}).all()
    known = [(row, article) for row in rows if (article := readable(row.record)) is not None]
    if not known:
        return None
    known.sort(key=lambda each: (each[0].published_on, -sum(map(len, each[1].body)), each[1].id))
    first = known[0][1]
    return StoryFamily(
        standing,
        tuple(
            Member(article, row.published_on, row.status, None if article is first else differences(first, article))
            for row, article in known
        ),
    )


def standing_id(connection: Connection, family_id: str) -> str:
    """The id of the family that this one was merged into, or its own."""
    seen = {family_id}
    while True:
        row = connection.execute(_MERGED_INTO, {"family_id": family_id}).first()
        if row is None or row.merged_into is None or row.merged_into in seen:
            return family_id
        family_id = str(row.merged_into)
        seen.add(family_id)


def beginning(connection: Connection, text: str) -> str:
    """The id of the one family whose id begins so; the text itself if there is none, or more than one."""
    found = connection.execute(select(families.c.id).where(families.c.id.startswith(text, autoescape=True)).limit(2))
    ids = list(found.scalars())
    return str(ids[0]) if len(ids) == 1 else text


def largest(
    connection: Connection, *, since: datetime | None = None, source: str | None = None, limit: int = 20
) -> Sequence[tuple[str, int]]:
    """The ids of the largest families and the number of their members: those with an article of `source`, first
    published at or after `since`."""
    count = func.count()
    found = select(articles.c.family, count).where(articles.c.family.is_not(None)).group_by(articles.c.family)
    if since is not None:
        found = found.having(func.min(articles.c.published_on) >= since)
    if source is not None:
        with_source = select(articles.c.family).where(articles.c.source == source, articles.c.family.is_not(None))
        found = found.where(articles.c.family.in_(with_source))
    rows = connection.execute(found.order_by(count.desc(), articles.c.family).limit(limit))
    return [(str(row[0]), int(row[1])) for row in rows]
