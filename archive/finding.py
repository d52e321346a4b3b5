"""Finds articles by what a person has of them: an id, the beginning of an id, or any of their addresses."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, or_, select

from archive import tombstones
from archive.articles import StoredArticle
from archive.identity import CLIPPING_PREFIX, BadAddressError, article_id_of_key, canonical_key
from archive.records import ArticleStatus
from archive.same_story import id_of_page
from archive.tables import addresses, articles, pages, versions
from archive.tombstones import Tombstone
from archive.versions import IS_CURRENT, RECORD_TEXT, intact, readable

SHORTEST = 8
"""Characters of an id that are needed at least; `kliping search` prints so many."""
CANDIDATES = 10
"""Articles that are listed where the beginning of an id is not enough."""

_BEGINNING = re.compile(rf"(?:{CLIPPING_PREFIX})?[0-9a-f]{{{SHORTEST},}}", re.IGNORECASE)
_WITHOUT_SCHEME = re.compile(r"/{0,2}(?P<rest>[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#].*)?)")
_CHUNK = 500  # ids in one IN list
_STORED = select(articles, RECORD_TEXT).outerjoin(versions, IS_CURRENT)


class NoSuchArticleError(LookupError):
    """No article has this id or address. The message says what was looked for."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An article whose id begins as asked for. `published` is its day, or its time with offset."""

    id: str
    source: str
    published: str
    title: str


class AmbiguousIdError(NoSuchArticleError):
    """Several ids begin so. `candidates` are the first CANDIDATES of them; `more` says whether there are others."""

    def __init__(self, beginning: str, candidates: tuple[Candidate, ...], *, more: bool) -> None:
        super().__init__(f"The ids of several articles begin with {beginning}. Give more characters.")
        self.candidates = candidates
        self.more = more


class ForgottenArticleError(NoSuchArticleError):
    """The article was forgotten on purpose. `tombstone` says why; a web page of it answers 410 (Gone)."""

    def __init__(self, tombstone: Tombstone) -> None:
        asked = f", as {tombstone.requested_by} asked" if tombstone.requested_by else ""
        when = f"{tombstone.at.astimezone(UTC):%Y-%m-%d}"
        super().__init__(f"The article {tombstone.article_id} was forgotten on {when}{asked}: {tombstone.reason}")
        self.tombstone = tombstone


def find(connection: Connection, id_or_address: str) -> StoredArticle:
    """The article with this id, with the only id that begins so (at least SHORTEST characters), or at this address.

    An address may be any that the archive knows of the article, or another form of one: with or without scheme, `www.`
    or `m.`, of its AMP or print page, or of a copy in an AMP cache or a web archive. Raises NoSuchArticleError:
    AmbiguousIdError if several ids begin so, and ForgottenArticleError for one that was forgotten on purpose;
    LostVersionError if the archive has lost the article's current version.
    """
    wanted = id_or_address.strip()
    row = _first(connection, articles.c.id == wanted) or _by_beginning(connection, wanted)
    row = row or _at_address(connection, wanted)
    if row is None:
        if (stone := tombstones.of(connection, wanted)) is not None:
            raise ForgottenArticleError(stone)
        raise NoSuchArticleError(f"The archive has no article {wanted}. Give its id or its URL.")
    return _stored(row)


def find_all(connection: Connection, ids: Sequence[str]) -> dict[str, StoredArticle]:
    """The articles with these ids, by id. Those that the archive lacks or cannot read any more are left out."""
    found: dict[str, StoredArticle] = {}
    for start in range(0, len(ids), _CHUNK):
        rows = connection.execute(_STORED.where(articles.c.id.in_(ids[start : start + _CHUNK])))
        found |= {row.id: _stored(row) for row in rows if readable(row.record) is not None}
    return found


def _by_beginning(connection: Connection, wanted: str) -> Row[Any] | None:
    """The article whose id begins so; a clipping's also without the prefix that all clippings' ids have."""
    if _BEGINNING.fullmatch(wanted) is None:
        return None
    digits = wanted.lower().removeprefix(CLIPPING_PREFIX)
    beginnings = {wanted.lower(), CLIPPING_PREFIX + digits}
    # "g" sorts after every hex digit in any collation, and a range can use the primary key's index
    ranges = [and_(articles.c.id >= each, articles.c.id < each + "g") for each in beginnings]
    rows = connection.execute(_STORED.where(or_(*ranges)).order_by(articles.c.id).limit(CANDIDATES + 1)).all()
    if len(rows) > 1:
        candidates = tuple(map(_candidate, rows[:CANDIDATES]))
        raise AmbiguousIdError(wanted, candidates, more=len(rows) > CANDIDATES)
    return rows[0] if rows else None


def _at_address(connection: Connection, wanted: str) -> Row[Any] | None:
    """The article of an address: the one that only this page shows, that the address gave when it was fetched last,
    that has its key as identity, or that was read from a page kept from there (the end of a redirect)."""
    bare = _WITHOUT_SCHEME.fullmatch(wanted)
    url = f"https://{bare['rest']}" if bare else wanted
    try:
        key = canonical_key(url)
        page = id_of_page(url)
    except BadAddressError:
        return None
    known = select(addresses.c.article_id).where(addresses.c.key == key).scalar_subquery()
    read_there = (
        select(versions.c.article_id)
        .join(pages, pages.c.id == versions.c.page_id)
        .where(pages.c.key == key)
        .order_by(pages.c.fetched_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    candidates = (articles.c.id == each for each in (page, known, article_id_of_key(key), read_there))
    return next((row for each in candidates if (row := _first(connection, each))), None)


def _first(connection: Connection, condition: ColumnElement[bool]) -> Row[Any] | None:
    return connection.execute(_STORED.where(condition)).first()


def _candidate(row: Row[Any]) -> Candidate:
    article = readable(row.record)
    if article is None:
        return Candidate(row.id, row.source, "", "(its current version is lost)")
    return Candidate(row.id, row.source, article.published_at.isoformat(), article.title)


def _stored(row: Row[Any]) -> StoredArticle:
    return StoredArticle(
        intact(row.id, row.version, row.record),
        row.version,
        row.seq,
        ArticleStatus(row.status),
        row.first_saved,
        row.last_saved,
        row.last_seen,
        row.gone_since,
        row.family,
    )
