"""Tombstones: what remains of an article that was forgotten on purpose, so that nothing brings it back.

A tombstone has no word of the article and no address of it: both are known again by their hashes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from archive.identity import BadAddressError, article_id, article_id_of_key, canonical_key
from archive.records import Article
from archive.same_story import id_of_page
from archive.tables import addresses, articles, outcomes
from archive.tombstone_tables import tombstone_keys, tombstones

FORGOTTEN = "skipped:forgotten"
"""The outcome of a page or record that would bring a forgotten article back."""
NO_ADDRESS = "(forgotten)"
"""What stands in the place of an address in reports."""
ADDRESS, TEXT = "address", "text"
_CHUNK = 500  # hashes in one IN list
_ANY = select(tombstones.c.article_id).limit(1)
_COLUMNS = (tombstone_keys.c.hash, tombstone_keys.c.kind, tombstone_keys.c.article_id, tombstones.c.source)


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A forgotten article: its id and source, why and when (UTC) it was forgotten, and who asked, if that was told."""

    article_id: str
    source: str
    reason: str
    requested_by: str | None
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """For JSON output."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {"at": self.at.isoformat()}


def of(connection: Connection, id_or_address: str) -> Tombstone | None:
    """The tombstone of the article with this id, or that had this address; None if it was not forgotten.

    A page that shows articles answers 410 (Gone) then, not 404.
    """
    wanted = id_or_address.strip()
    try:
        hashes = [wanted, *_hashes_of(wanted if "://" in wanted else f"https://{wanted}")]
    except BadAddressError:
        hashes = [wanted]
    found = (
        select(tombstones)
        .join(tombstone_keys, tombstone_keys.c.article_id == tombstones.c.article_id)
        .where(tombstone_keys.c.hash.in_(hashes), tombstone_keys.c.kind == ADDRESS)
    )
    row = connection.execute(found).first()
    return None if row is None else _tombstone(row)


def all_of(connection: Connection) -> list[Tombstone]:
    """Every tombstone, the oldest first."""
    rows = connection.execute(select(tombstones).order_by(tombstones.c.at, tombstones.c.article_id))
    return [_tombstone(row) for row in rows]


def address_hashes(connection: Connection) -> set[str]:
    """The hashes (`identity.article_id_of_key`) of the addresses of all forgotten articles."""
    return set(connection.execute(select(tombstone_keys.c.hash).where(tombstone_keys.c.kind == ADDRESS)).scalars())


def keys_of(connection: Connection, article: str) -> dict[str, str]:
    """The hashes by which a forgotten article is known, each with its kind."""
    own = select(tombstone_keys).where(tombstone_keys.c.article_id == article).order_by(tombstone_keys.c.hash)
    return {row.hash: row.kind for row in connection.execute(own)}


def add(connection: Connection, tombstone: Tombstone, keys: Iterable[tuple[str, str]]) -> None:
    """Write a tombstone and the hashes (hash, kind) by which its article is known. One that stands stays as it is."""
    known = select(tombstones.c.article_id).where(tombstones.c.article_id == tombstone.article_id)
    if connection.execute(known).first() is None:
        values = {name: getattr(tombstone, name) for name in Tombstone.__slots__}
        connection.execute(insert(tombstones).values(**values))
    wanted = dict(keys) | {tombstone.article_id: ADDRESS}
    present = _present(connection, list(wanted))
    rows = [
        {"hash": each, "kind": kind, "article_id": tombstone.article_id}
        for each, kind in sorted(wanted.items())
        if each not in present
    ]
    if rows:
        connection.execute(insert(tombstone_keys), rows)


def _present(connection: Connection, hashes: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(hashes), _CHUNK):
        chosen = select(tombstone_keys.c.hash).where(tombstone_keys.c.hash.in_(hashes[start : start + _CHUNK]))
        found.update(connection.execute(chosen).scalars())
    return found


class Forgotten:
    """The forgotten ones among some articles and addresses. In an archive that never forgot, asking costs one query."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._any: bool | None = None

    @property
    def any(self) -> bool:
        """Whether the archive has forgotten anything."""
        if self._any is None:
            self._any = self._connection.execute(_ANY).first() is not None
        return self._any

    def of_article(self, article: Article, *at: str | None) -> str | None:
        """The id of the forgotten article that this one is; `at` are addresses at which it was found."""
        return self.of_articles([(article, at)])[0]

    def of_articles(self, found: Sequence[tuple[Article, Sequence[str | None]]]) -> list[str | None]:
        """For each article, with addresses at which it was found: the id of the forgotten one that it is, if it is.

        It is known by its id, its address, its text, or one of these addresses. An article that the archive has is
        none: a forgotten one may have shared an address with it. A text of another source is a copy, which is an
        article of its own, and not forgotten with the first.
        """
        if not self.any or not found:
            return [None] * len(found)
        wanted = [
            {article.id, article.content_hash}.union(*map(_safe_hashes_of, (article.url, *at))) for article, at in found
        ]
        rows = {row.hash: row for row in self._rows(set().union(*wanted))}
        if not rows:
            return [None] * len(found)
        present = self._present([article.id for article, _ in found])
        return [
            None if article.id in present else _match(article, [rows[each] for each in hashes & rows.keys()])
            for (article, _), hashes in zip(found, wanted, strict=True)
        ]

    def _present(self, ids: Sequence[str]) -> set[str]:
        return set(self._connection.execute(select(articles.c.id).where(articles.c.id.in_(ids))).scalars())

    def of_keys(self, keys: Collection[str]) -> dict[str, str]:
        """Those of these canonical keys (`identity.canonical_key`) that are forgotten, with the article's id."""
        if not self.any:
            return {}
        by_hash = {article_id_of_key(key): key for key in keys}
        return {by_hash[row.hash]: str(row.article_id) for row in self._rows(by_hash) if row.kind == ADDRESS}

    def of_url(self, url: str) -> str | None:
        """The id of the forgotten article that had this address; None if there is none."""
        if not self.any:
            return None
        rows = self._rows(_safe_hashes_of(url))
        return next((str(row.article_id) for row in rows if row.kind == ADDRESS), None)

    def _rows(self, hashes: Iterable[str]) -> Iterator[Any]:
        wanted = sorted(hashes)
        for start in range(0, len(wanted), _CHUNK):
            chosen = tombstone_keys.c.hash.in_(wanted[start : start + _CHUNK])
            joined = select(*_COLUMNS).join(tombstones, tombstones.c.article_id == tombstone_keys.c.article_id)
            yield from self._connection.execute(joined.where(chosen)).all()


def _match(article: Article, rows: Iterable[Any]) -> str | None:
    for row in rows:
        if row.kind == ADDRESS or article.url is None or row.source == article.source:
            return str(row.article_id)
    return None


def bury_address(connection: Connection, article: str, key: str) -> None:
    """Let another address lead to a forgotten article: its hash is kept, and its row in the queue goes."""
    known = select(tombstones).where(tombstones.c.article_id == article)
    add(connection, _tombstone(connection.execute(known).one()), [(article_id_of_key(key), ADDRESS)])
    connection.execute(delete(addresses).where(addresses.c.key == key))


def hide_addresses(connection: Connection, run_id: str | None, keys: Collection[str]) -> None:
    """Put hashes in the place of these address keys in the reports of a run, or of all runs."""
    for key in keys:
        own = outcomes.c.address_key == key
        chosen = own if run_id is None else own & (outcomes.c.run_id == run_id)
        hidden = {"address_key": hidden_key(key), "address": NO_ADDRESS, "detail": None}
        connection.execute(update(outcomes).where(chosen).values(**hidden))


def hidden_key(key: str) -> str:
    """What stands in the place of an address's key in reports."""
    return f"forgotten:{article_id_of_key(key)}"


def _hashes_of(url: str) -> set[str]:
    """The ids that articles at this address have: by its key and by its page alone. Raises BadAddressError."""
    return {article_id(url), id_of_page(url)}


def _safe_hashes_of(url: str | None) -> set[str]:
    if url is None:
        return set()
    try:
        return _hashes_of(url)
    except BadAddressError:
        return {url}  # a clipping's URN is its id


def key_of(url: str) -> str:
    """The canonical key of a URL; a clipping's URN is its own."""
    try:
        return canonical_key(url)
    except BadAddressError:
        return url


def _tombstone(row: Any) -> Tombstone:
    return Tombstone(row.article_id, row.source, row.reason, row.requested_by, row.at)
