"""Forgets articles on purpose: a court order, a request about personal data, a mistake of the archive's owner.

What goes: the article, its versions and kept pages, its addresses, its part in families, and its words in messages and
reports. What stays is a tombstone (`archive.tombstones`). One transaction does this and writes the change that every
index follows. Then the pages are overwritten in the WARC files, and the database's file is written anew, because SQLite
leaves deleted text in it. What is still to be overwritten stands in the table `erasures`: a forget that was killed is
brought to its end by the next one, and `archive verify` names it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from archive import dialects, leases, listings, tombstones
from archive.articles import published_on
from archive.database import Archive, SavingTransaction
from archive.families.growing import remove_traces
from archive.finding import find
from archive.identity import article_id_of_key
from archive.mark import warc_files
from archive.notice_tables import notices, watch_hits
from archive.outbox import NoticeKind
from archive.records import ChangeKind
from archive.run import LeaseHeldError
from archive.tables import addresses, articles, corrections, dead_letters, metadata, outcomes, pages, runs, versions
from archive.tombstone_tables import erasures, tombstone_keys
from archive.tombstones import ADDRESS, NO_ADDRESS, TEXT, Tombstone, hidden_key, key_of
from archive.versions import RECORD_TEXT, readable
from archive.warc import erasing
from archive.warc.pages import StoredRecord
from archive.warc.reading import BadRecordError, load_page
from archive.warc.unreferenced import unreferenced_pages

LEASE = "kept-pages"
"""Held by whoever changes or copies kept pages as a whole: a forget, a backup."""
REMOVED = "[forgotten]"
"""What stands in messages in the place of a headline or address."""
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class ForgottenArticle:
    """What was removed of an article. `copies` are other articles that tell its story in the same words."""

    tombstone: Tombstone
    versions: int
    pages: int
    copies: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For JSON output."""
        return self.tombstone.as_json() | {
            "versions": self.versions,
            "pages": self.pages,
            "copies": list(self.copies),
        }


@dataclass(frozen=True, slots=True)
class ForgetRequest:
    """Whom to forget, and why. `wanted`: an id or an address, as `archive.finding.find` takes it.

    `keys`: hashes by which another archive, or an earlier state of this one, knew the article (hash, kind).
    """

    wanted: str
    source: str = ""
    at: datetime | None = None
    reason: str = ""
    requested_by: str | None = None
    keys: tuple[tuple[str, str], ...] = field(default=())


class UnfinishedForgetError(Exception):
    """The articles are forgotten, and nothing shows them any more, but their text is not overwritten everywhere yet."""


def forget(
    archive: Archive, wanted: Sequence[ForgetRequest], now: datetime, *, lease_seconds: float = 60.0
) -> list[ForgottenArticle]:
    """Forget these articles, all or none of them, and erase what is left of them. Safe to kill and to run again.

    A request with `keys` may be about an article that the archive does not have: then it writes the tombstone alone.
    Raises NoSuchArticleError, LeaseHeldError while a backup runs, and UnfinishedForgetError if the disk is full or a
    reader keeps the old pages of the database: then the articles are forgotten, and `finish` erases what is left.
    """
    with _held(archive, lease_seconds) as lease:
        with archive.saving() as saving:
            leases.check(saving.connection, lease)
            done = [_forget(saving, each, now) for each in wanted]
            saving.connection.execute(insert(erasures).values(warc_file=None))
        _erase(archive)
    return done


def finish(archive: Archive, *, lease_seconds: float = 60.0) -> bool:
    """Bring a forget to its end that was cut off, and remove what came back since, from a file that was put back.

    Returns whether there was anything to do. Raises what `forget` raises.
    """
    with _held(archive, lease_seconds) as lease:
        with archive.saving() as saving:
            leases.check(saving.connection, lease)
            back = _remove_returned(saving)
            pending = is_unfinished(saving.connection)
            if back and not pending:
                saving.connection.execute(insert(erasures).values(warc_file=None))
        with archive.reading() as connection:
            hashes = tombstones.address_hashes(connection)
        loose = bool(unreferenced_of(archive, hashes))
        if back or pending or loose:
            _erase(archive)
    return bool(back or pending or loose)


def is_unfinished(connection: Connection) -> bool:
    """Whether a forget was cut off, or is under way."""
    return connection.execute(select(erasures.c.id).limit(1)).first() is not None


@contextmanager
def _held(archive: Archive, seconds: float) -> Iterator[leases.Lease]:
    """The lease, renewed in the block. Raises LeaseHeldError."""
    lease = leases.acquire(archive, LEASE, seconds=seconds)
    if lease is None:
        info = leases.holder_of(archive, LEASE)
        holder = info.in_words if info else "another process"
        raise LeaseHeldError(f"Another forget or a backup is under way: {holder} holds the lease {LEASE}.")
    with leases.renewed(lease):
        yield lease


# -- rows -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Belongings:
    """What the archive has of an article: canonical keys, page rows, headlines and addresses, hashes of its texts."""

    keys: set[str]
    pages: dict[int, StoredRecord]
    words: set[str]
    texts: set[str]
    records: list[tuple[str | None, datetime]]


def _forget(saving: SavingTransaction, wanted: ForgetRequest, now: datetime) -> ForgottenArticle:
    connection = saving.connection
    if wanted.keys:
        present = connection.execute(select(articles.c.id).where(articles.c.id == wanted.wanted)).scalar_one_or_none()
    else:
        present = find(connection, wanted.wanted).article.id
    article = present or wanted.wanted
    source = connection.execute(select(articles.c.source).where(articles.c.id == article)).scalar_one_or_none()
    stone = Tombstone(article, source or wanted.source, wanted.reason, wanted.requested_by, wanted.at or now)
    if present is None:
        tombstones.add(connection, stone, wanted.keys)
        return ForgottenArticle(tombstones.of(connection, article) or stone, 0, 0)
    return _remove(saving, stone, wanted.keys)


def _remove(saving: SavingTransaction, stone: Tombstone, keys: Iterable[tuple[str, str]] = ()) -> ForgottenArticle:
    connection, article = saving.connection, stone.article_id
    own = _belongings(connection, article)
    hashes = {(article_id_of_key(key), ADDRESS) for key in own.keys} | {(each, TEXT) for each in own.texts}
    tombstones.add(connection, stone, [*keys, *hashes])
    others = remove_traces(connection, article, own.records)
    _remove_from_reports(connection, article, own.keys)
    _remove_from_messages(connection, own.words)
    listings.remove_entries(connection, stone.source, own.keys)
    for table in (watch_hits, dead_letters, corrections):
        connection.execute(delete(table).where(table.c.article_id == article))
    here = (addresses.c.article_id == article) | addresses.c.key.in_(own.keys)
    connection.execute(delete(addresses).where(here))
    count = connection.execute(delete(versions).where(versions.c.article_id == article)).rowcount
    connection.execute(delete(articles).where(articles.c.id == article))
    _remove_pages(connection, own.pages)
    saving.record_change(article, ChangeKind.FORGOTTEN)
    for each in others:
        saving.record_change(each, ChangeKind.FAMILY)
    return ForgottenArticle(tombstones.of(connection, article) or stone, count, len(own.pages), tuple(others))


def _belongings(connection: Connection, article: str) -> _Belongings:
    rows = connection.execute(
        select(versions.c.content_hash, RECORD_TEXT, versions.c.saved_at).where(versions.c.article_id == article)
    ).all()
    url = connection.execute(select(articles.c.url).where(articles.c.id == article)).scalar_one_or_none()
    read = [(row, readable(row.record)) for row in rows]
    urls = {each.url for _, each in read if each and each.url} | ({url} if url else set())
    keys = {key_of(each) for each in urls} | ({article} if not urls else set())
    listed = connection.execute(select(addresses.c.key, addresses.c.url).where(addresses.c.article_id == article))
    for row in listed:
        keys.add(row.key)
        urls.add(row.url)
    keys -= _of_other_articles(connection, article, keys)
    return _Belongings(
        keys,
        _pages_of(connection, article, keys),
        urls | {each.title for _, each in read if each},
        {row.content_hash for row in rows},
        [(row.record, published_on(each) if each else row.saved_at) for row, each in read],
    )


def _of_other_articles(connection: Connection, article: str, keys: Collection[str]) -> set[str]:
    """Those of these keys at which another article stands."""
    by_id = {article_id_of_key(key): key for key in keys}
    others = select(articles.c.id).where(articles.c.id.in_(by_id), articles.c.id != article)
    return {by_id[each] for each in connection.execute(others).scalars()}


def _pages_of(connection: Connection, article: str, keys: Collection[str]) -> dict[int, StoredRecord]:
    """The page rows of an article: of its versions, at its addresses, and of the runs that read it."""
    of_versions = select(versions.c.page_id).where(versions.c.article_id == article)
    of_runs = select(outcomes.c.page_id).where(outcomes.c.article_id == article)
    of_others = select(versions.c.page_id).where(versions.c.page_id == pages.c.id, versions.c.article_id != article)
    ended_otherwise = select(outcomes.c.page_id).where(
        outcomes.c.page_id == pages.c.id, outcomes.c.article_id.is_not(None), outcomes.c.article_id != article
    )
    mine = pages.c.id.in_(of_versions) | pages.c.id.in_(of_runs) | pages.c.key.in_(keys)
    alone = ~of_others.exists() & ~ended_otherwise.exists()
    chosen = connection.execute(select(pages).where(mine, alone)).all()
    found = {row.id: _place(row) for row in chosen}
    for row in chosen:
        found |= _further_parts(connection, row)
    return found


def _further_parts(connection: Connection, first: Any) -> Iterator[tuple[int, StoredRecord]]:
    """The later parts of an article that stand in the log of pages behind its first one: no report names them."""
    at = first.id + 1
    named = select(outcomes.c.page_id).where(outcomes.c.page_id == pages.c.id)
    while True:
        own = pages.c.id == at, pages.c.run_id == first.run_id, pages.c.source == first.source
        row = connection.execute(select(pages).where(*own, ~named.exists(), ~_in_use())).first()
        if row is None or row.key.partition("/")[0] != first.key.partition("/")[0]:
            return
        yield row.id, _place(row)
        at += 1


def _in_use() -> Any:
    return select(versions.c.page_id).where(versions.c.page_id == pages.c.id).exists()


def _place(row: Any) -> StoredRecord:
    return StoredRecord(row.warc_file, row.warc_offset, row.warc_length)


def _remove_pages(connection: Connection, found: dict[int, StoredRecord]) -> None:
    """Delete page rows, with every reference to them, and note their records as still to be overwritten."""
    ids = sorted(found)
    for start in range(0, len(ids), _CHUNK):
        chunk = ids[start : start + _CHUNK]
        for table in metadata.sorted_tables:
            for column in table.columns:
                if any(key.column is pages.c.id for key in column.foreign_keys):
                    connection.execute(update(table).where(column.in_(chunk)).values({column.name: None}))
        connection.execute(delete(pages).where(pages.c.id.in_(chunk)))
    rows = [{"warc_file": each.file, "warc_offset": each.offset, "warc_length": each.length} for each in found.values()]
    if rows:
        connection.execute(insert(erasures), rows)


def _remove_from_reports(connection: Connection, article: str, keys: Collection[str]) -> None:
    """Put hashes in the place of addresses and file names in the reports of runs. Their counts stay."""
    named = outcomes.c.address_key.in_(keys) | (outcomes.c.article_id == article)
    for row in connection.execute(select(outcomes.c.run_id, outcomes.c.address_key).where(named)).all():
        own = (outcomes.c.run_id == row.run_id) & (outcomes.c.address_key == row.address_key)
        telling = "/" in row.address_key and row.address_key != article
        key = hidden_key(row.address_key) if telling else row.address_key
        connection.execute(update(outcomes).where(own).values(address_key=key, address=NO_ADDRESS, detail=None))


def _remove_from_messages(connection: Connection, words: Collection[str]) -> None:
    """Remove headlines and addresses from what watches told or will tell."""
    told = notices.c.kind.in_([str(NoticeKind.HIT), str(NoticeKind.CORRECTION)])
    for row in connection.execute(select(notices.c.id, notices.c.title, notices.c.body).where(told)).all():
        title, body = row.title, row.body
        for each in sorted(words, key=len, reverse=True):
            title, body = title.replace(each, REMOVED), body.replace(each, REMOVED)
        if (title, body) != (row.title, row.body):
            connection.execute(update(notices).where(notices.c.id == row.id).values(title=title, body=body))


# -- what came back ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Returned:
    """What the archive has although it was forgotten: articles, addresses (by key) and page rows."""

    articles: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    pages: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.articles or self.addresses or self.pages)


def returned(connection: Connection) -> Returned:
    """What is there although it was forgotten: a database or a file was put back, or a row written by hand."""
    hashes = tombstones.address_hashes(connection)
    if not hashes:
        return Returned()
    stones = select(tombstone_keys.c.article_id)
    back = tuple(connection.execute(select(articles.c.id).where(articles.c.id.in_(stones))).scalars())
    queued = connection.execute(select(addresses.c.key)).scalars()
    kept = connection.execute(select(pages.c.id, pages.c.key).where(~_in_use()))
    return Returned(
        back,
        tuple(key for key in queued if article_id_of_key(key) in hashes),
        tuple(row.id for row in kept if article_id_of_key(row.key) in hashes or row.key in hashes),
    )


def _remove_returned(saving: SavingTransaction) -> Returned:
    connection = saving.connection
    found = returned(connection)
    stones = {each.article_id: each for each in tombstones.all_of(connection)} if found.articles else {}
    for article in found.articles:
        _remove(saving, stones[article])
    for key in found.addresses:
        connection.execute(delete(addresses).where(addresses.c.key == key))
    rows = [
        row
        for start in range(0, len(found.pages), _CHUNK)
        for row in connection.execute(select(pages).where(pages.c.id.in_(found.pages[start : start + _CHUNK]))).all()
    ]
    _remove_pages(connection, {row.id: _place(row) for row in rows})
    return found


# -- bytes ------------------------------------------------------------------------------------------------------------


def _erase(archive: Archive) -> None:
    try:
        _overwrite(archive)
    except (OSError, sqlite3.Error, DBAPIError) as error:
        raise UnfinishedForgetError(
            f"The articles are forgotten, but their text is not overwritten everywhere yet: {error}. Run `kliping "
            "archive forget --finish` when that is mended."
        ) from error


def _overwrite(archive: Archive) -> None:
    """Overwrite what `erasures` names, and records without rows of forgotten articles; write the database anew."""
    with archive.reading() as connection:
        rows = connection.execute(select(erasures)).all()
        opened = select(runs.c.id).where(runs.c.ended_at.is_(None))
        alive = tuple(connection.execute(opened).scalars())
        hashes = tombstones.address_hashes(connection)
    in_use = {path.name for path in warc_files(archive.warc_folder) if path.name.startswith(alive)} if alive else set()
    erasing.remove_unfinished(archive.warc_folder)
    erasing.erase(archive.warc_folder, [_place(row) for row in rows if row.warc_file is not None], in_use)
    erasing.erase(archive.warc_folder, unreferenced_of(archive, hashes), in_use)
    if rows:
        dialects.rewrite(archive.engine, archive.url)
    done = [row.id for row in rows]
    with archive.writing() as connection:
        for start in range(0, len(done), _CHUNK):
            connection.execute(delete(erasures).where(erasures.c.id.in_(done[start : start + _CHUNK])))


def unreferenced_of(archive: Archive, hashes: Collection[str]) -> list[StoredRecord]:
    """The records without rows of articles with these hashes: of a killed run, or of a file that was put back."""
    found = []
    for path in warc_files(archive.warc_folder) if hashes else ():
        with archive.reading() as connection:
            own = select(pages.c.warc_offset, pages.c.warc_length).where(pages.c.warc_file == path.name)
            known = [(int(row.warc_offset), int(row.warc_length)) for row in connection.execute(own)]
        for stored in unreferenced_pages(path, known):
            try:
                url = load_page(archive.warc_folder, stored).url
            except BadRecordError:
                continue  # damaged; nothing reads it
            if article_id_of_key(key_of(url)) in hashes or url in hashes:
                found.append(stored)
    return found
