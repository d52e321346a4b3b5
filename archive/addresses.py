"""The queue of addresses: each is remembered before it is fetched and leaves only with a final outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from archive.identity import canonical_key
from archive.records import Listing
from archive.tables import addresses

RETRY_AFTER = tuple(timedelta(minutes=m) for m in (30, 120, 480, 1440, 2880, 5760))
"""How long a failed address waits for its next try: half an hour, then hours, then days; after the last, given up."""

NOT_REQUESTED = "error:asked-to-wait"
"""No request was sent, because the host wished to be left alone: that is no attempt at the address."""

GONE_AGAIN_AFTER = timedelta(hours=12)
"""A page that was not found is gone when it is not found a second time so much later: publishers' sites flap."""

_CHUNK = 500  # keys in one IN list; SQLite's default limit of variables is far above, PostgreSQL's too


@dataclass(frozen=True, slots=True)
class Address:
    """An address as the queue holds it."""

    id: int
    key: str
    url: str
    source: str
    state: str
    attempts: int
    next_try: datetime | None
    etag: str | None
    last_modified: str | None
    last_fetched: datetime | None
    last_outcome: str | None
    misses: int
    article_id: str | None
    announced: str | None = None
    """When a feed or news sitemap said that the page was published (ISO 8601); null where none did."""


@dataclass(frozen=True, slots=True)
class FetchResult:
    """What a fetch said, as far as the next one needs it."""

    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    retry_after: timedelta | None = None


def remember(connection: Connection, source: str, listings: Iterable[Listing], now: datetime) -> Sequence[Address]:
    """Put addresses into the queue that it does not hold, and give all of them as it holds them, in order.

    Two spellings of one canonical key are one address; the first one seen is the one fetched. An address that another
    source remembered stays that source's.
    """
    wanted = {canonical_key(listing.url): listing for listing in reversed(list(listings))}
    keys = list(reversed(wanted))
    known = {address.key: address for address in find_all(connection, keys)}
    new = [key for key in keys if key not in known]
    if new:
        connection.execute(
            insert(addresses),
            [
                {
                    "key": key,
                    "url": wanted[key].url,
                    "source": source,
                    "first_seen": now,
                    "found_in": wanted[key].found_in,
                    "state": "queued",
                    "announced": _announced(wanted[key]),
                }
                for key in new
            ],
        )
        known |= {address.key: address for address in find_all(connection, new)}
    told = {key: told for key in keys if known[key].announced is None and (told := _announced(wanted[key]))}
    for key, announced in told.items():  # known from a sitemap or a link, and now a feed tells more
        connection.execute(update(addresses).where(addresses.c.key == key).values(announced=announced))
        known[key] = replace(known[key], announced=announced)
    return [known[key] for key in keys]


def _announced(listing: Listing) -> str | None:
    return listing.published_at.isoformat() if listing.published_at else None


@dataclass(frozen=True, slots=True)
class ImportedAddress:
    """An address whose page the archive holds without having fetched it: an import's."""

    url: str
    source: str
    article_id: str
    outcome: str
    fetched_at: datetime


def remember_imported(connection: Connection, held: Sequence[ImportedAddress], now: datetime) -> None:
    """Put addresses into the queue as done; one that was fetched before, or is another source's, stays as it is."""
    done: dict[str, dict[str, object]] = {}
    for source in {each.source for each in held}:
        own = {canonical_key(each.url): each for each in held if each.source == source}
        for address in remember(connection, source, [Listing(each.url, "import") for each in own.values()], now):
            if address.source == source and address.last_fetched is None:
                each = own[address.key]
                done[address.key] = {
                    "at_key": address.key,
                    "last_outcome": each.outcome,
                    "last_fetched": each.fetched_at,
                    "article_id": each.article_id,
                }
    if done:
        fixed = {"state": "done", "attempts": 0, "next_try": None, "last_status": 200, "misses": 0}
        told: dict[str, Any] = {name: bindparam(name) for name in ("last_outcome", "last_fetched", "article_id")}
        statement = update(addresses).where(addresses.c.key == bindparam("at_key")).values(**fixed, **told)
        connection.execute(statement, list(done.values()))


def due(connection: Connection, source: str, now: datetime, limit: int | None = None) -> Sequence[Address]:
    """The queued addresses of a source that may be tried now, oldest first."""
    rows = connection.execute(
        select(addresses)
        .where(
            addresses.c.source == source,
            addresses.c.state == "queued",
            or_(addresses.c.next_try.is_(None), addresses.c.next_try <= now),
        )
        .order_by(addresses.c.id)
        .limit(limit)
    )
    return [_address(row) for row in rows]


@dataclass(frozen=True, slots=True)
class SettledAddress:
    """What a fetch of an address (by canonical key) came to; `article_id` null leaves the one it gave before."""

    key: str
    outcome: str
    answer: FetchResult
    article_id: str | None = None


def settle(connection: Connection, settled: Sequence[SettledAddress], now: datetime) -> None:
    """Write what fetches came to, and when, if ever, each address is tried again. Raises LookupError for unknown keys.

    `error:*` and `blocked` wait on a decaying timetable (never shorter than Retry-After asks); anything else is final.
    """
    held = {address.key: address for address in find_all(connection, [each.key for each in settled])}
    by_columns: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for each in settled:
        values = _settled_values(held[each.key], each, now)
        by_columns.setdefault(tuple(values), []).append({f"new_{name}": value for name, value in values.items()})
        by_columns[tuple(values)][-1]["settled_key"] = each.key
    for columns, rows in by_columns.items():
        statement = update(addresses).where(addresses.c.key == bindparam("settled_key"))
        connection.execute(statement.values({name: bindparam(f"new_{name}") for name in columns}), rows)


def _settled_values(held: Address, settled: SettledAddress, now: datetime) -> dict[str, object]:
    outcome, answer = settled.outcome, settled.answer
    values: dict[str, object] = {
        "last_outcome": outcome,
        "last_status": answer.status,
        "last_fetched": now,
        "misses": held.misses + 1 if answer.status in (404, 410) else 0,
        "article_id": settled.article_id or held.article_id,
    }
    if outcome == "blocked" or outcome.startswith("error:"):
        values |= _next_try(held.attempts, answer, now, asked=outcome != NOT_REQUESTED)
    else:
        values |= {"state": "gone" if outcome == "gone" else "done", "attempts": 0, "next_try": None}
        if outcome in ("stored", "updated"):
            values |= {"etag": answer.etag, "last_modified": answer.last_modified}
        elif outcome == "unchanged":  # a 304 need not repeat its validators (RFC 9110, 15.4.5)
            values |= {"etag": answer.etag or held.etag}
            values |= {"last_modified": answer.last_modified or held.last_modified}
    return values


def _next_try(attempts: int, answer: FetchResult, now: datetime, *, asked: bool) -> dict[str, object]:
    if not asked:
        return {"state": "queued", "attempts": attempts, "next_try": now + RETRY_AFTER[0]}
    if answer.status in (404, 410):
        return {"state": "queued", "attempts": attempts, "next_try": now + GONE_AGAIN_AFTER}
    if attempts >= len(RETRY_AFTER):
        return {"state": "given-up", "attempts": attempts + 1, "next_try": None}
    wait = max(RETRY_AFTER[attempts], answer.retry_after or timedelta())
    return {"state": "queued", "attempts": attempts + 1, "next_try": now + wait}


def find(connection: Connection, url: str) -> Address | None:
    """The address as the queue holds it, or null. Raises identity.BadAddressError."""
    rows = find_all(connection, [canonical_key(url)])
    return rows[0] if rows else None


def forget_validators(connection: Connection, key: str) -> None:
    """Let the next fetch of an address be unconditional."""
    connection.execute(update(addresses).where(addresses.c.key == key).values(etag=None, last_modified=None))


def is_address_of(connection: Connection, key: str, article_id: str) -> bool:
    """Whether the queue has this canonical key as an address that gave the article."""
    found = select(addresses.c.id).where(addresses.c.key == key, addresses.c.article_id == article_id)
    return connection.execute(found).first() is not None


def should_fetch(address: Address, listing: Listing | None, now: datetime, *, always: bool) -> bool:
    """Whether a listed address should be fetched in this run.

    A queued one when its time has come. One that is done: `always` where a feed lists it (feeds are short, and
    conditional GET makes it cheap); where a sitemap does, only if that says it changed since the last fetch.
    """
    if address.state == "queued":
        return address.next_try is None or address.next_try <= now
    if address.state == "given-up":
        return False
    if always or address.last_fetched is None:
        return True
    changed = listing.changed_at if listing else None
    return changed is not None and changed.astimezone(UTC) > address.last_fetched


def find_all(connection: Connection, keys: Sequence[str]) -> Sequence[Address]:
    """The addresses that the queue holds of these canonical keys, in no order."""
    found = []
    for start in range(0, len(keys), _CHUNK):
        rows = connection.execute(select(addresses).where(addresses.c.key.in_(keys[start : start + _CHUNK])))
        found += [_address(row) for row in rows]
    return found


def _address(row: Row[tuple[object, ...]]) -> Address:
    return Address(
        row.id,
        row.key,
        row.url,
        row.source,
        row.state,
        row.attempts,
        row.next_try,
        row.etag,
        row.last_modified,
        row.last_fetched,
        row.last_outcome,
        row.misses,
        row.article_id,
        row.announced,
    )
