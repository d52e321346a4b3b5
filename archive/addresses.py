"""The queue of addresses: each is stored before it is fetched, and leaves the queue only with a final outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, insert, or_, select, update

from archive.clock import TOLERANCE, is_ahead
from archive.identity import canonical_key
from archive.records import Listing
from archive.tables import addresses

RETRY_AFTER = tuple(timedelta(minutes=m) for m in (30, 120, 480, 1440, 2880, 5760))
"""The backoff of a failed address: half an hour, then hours, then days. After the last retry it is given up."""

NOT_REQUESTED = frozenset({"error:asked-to-wait", "error:host-blocks"})
"""No request was sent, because the host had asked to wait, or refuses us. It does not count as an attempt, and the next
crawl takes the address up again: `archive.hosts` knows when the host may be asked."""

READER_DIED = "rejected:reader-died"
"""The page killed the process that read it twice. It goes on being read in a process of its own."""

GONE_AGAIN_AFTER = timedelta(hours=12)
"""A page is gone if a second request this much later finds it missing again: a site may lose a page for an hour."""

LATEST_TRY = timedelta(days=7)
"""No retry waits longer, whatever Retry-After asks. A later one was written while the clock stood ahead."""

_CHUNK = 500  # keys in one IN list; SQLite's default limit of variables is far above, PostgreSQL's too


@dataclass(frozen=True, slots=True)
class Address:
    """A row of the queue."""

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
    """The publication time that a feed or news sitemap gave (ISO 8601); None if none did."""
    reader_deaths: int = 0
    """How many processes have died while they read its page."""


@dataclass(frozen=True, slots=True)
class FetchResult:
    """The parts of a response that the next fetch needs."""

    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    retry_after: timedelta | None = None


def remember(connection: Connection, source: str, listings: Iterable[Listing], now: datetime) -> Sequence[Address]:
    """Add addresses that are not in the queue yet, and return the rows of all of them, in order.

    Two spellings of one canonical key are one address, and the first spelling seen is fetched. An address that another
    source added stays with that source.
    """
    by_key = {canonical_key(listing.url): listing for listing in reversed(list(listings))}
    keys = list(reversed(by_key))
    known = {address.key: address for address in find_all(connection, keys)}
    new = [key for key in keys if key not in known]
    if new:
        connection.execute(
            insert(addresses),
            [
                {
                    "key": key,
                    "url": by_key[key].url,
                    "source": source,
                    "first_seen": now,
                    "found_in": by_key[key].found_in,
                    "state": "queued",
                    "announced": _announced(by_key[key]),
                }
                for key in new
            ],
        )
        known |= {address.key: address for address in find_all(connection, new)}
    new_times = {key: at for key in keys if known[key].announced is None and (at := _announced(by_key[key]))}
    for key, announced in new_times.items():  # known from a sitemap or a link, and now a feed gives the time
        connection.execute(update(addresses).where(addresses.c.key == key).values(announced=announced))
        known[key] = replace(known[key], announced=announced)
    return [known[key] for key in keys]


def _announced(listing: Listing) -> str | None:
    return listing.published_at.isoformat() if listing.published_at else None


@dataclass(frozen=True, slots=True)
class ImportedAddress:
    """An address whose page came from an import, not from a fetch of ours."""

    url: str
    source: str
    article_id: str
    outcome: str
    fetched_at: datetime


def remember_imported(connection: Connection, imported: Sequence[ImportedAddress], now: datetime) -> None:
    """Add addresses as done. One that was fetched before or belongs to another source stays unchanged."""
    done: dict[str, dict[str, object]] = {}
    for source in {each.source for each in imported}:
        own = {canonical_key(each.url): each for each in imported if each.source == source}
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
        per_row: dict[str, Any] = {name: bindparam(name) for name in ("last_outcome", "last_fetched", "article_id")}
        statement = update(addresses).where(addresses.c.key == bindparam("at_key")).values(**fixed, **per_row)
        connection.execute(statement, list(done.values()))


def due(
    connection: Connection, source: str, now: datetime, limit: int | None = None, *, after: int = 0
) -> Sequence[Address]:
    """The queued addresses of a source that may be tried now, oldest first; those behind the id `after`."""
    chosen = select(addresses).where(_is_due(source, now), addresses.c.id > after)
    rows = connection.execute(chosen.order_by(addresses.c.id).limit(limit))
    return [as_address(row) for row in rows]


def count_due(connection: Connection, source: str, now: datetime) -> int:
    """How many queued addresses of a source may be tried now."""
    counted = select(func.count()).select_from(addresses).where(_is_due(source, now))
    return int(connection.execute(counted).scalar_one())


def _is_due(source: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        addresses.c.source == source,
        addresses.c.state == "queued",
        or_(
            addresses.c.next_try.is_(None),
            addresses.c.next_try <= now,
            addresses.c.next_try > now + LATEST_TRY + TOLERANCE,
        ),
    )


def queue_again(connection: Connection, keys: Sequence[str]) -> None:
    """Put addresses that are done back into the queue, to be fetched by whichever run comes to them."""
    for start in range(0, len(keys), _CHUNK):
        chosen = addresses.c.key.in_(keys[start : start + _CHUNK])
        connection.execute(update(addresses).where(chosen).values(state="queued", attempts=0, next_try=None))


@dataclass(frozen=True, slots=True)
class SettledAddress:
    """The outcome of fetching an address (by canonical key). `article_id` None keeps the id stored before."""

    key: str
    outcome: str
    answer: FetchResult
    article_id: str | None = None
    next_visit: datetime | None = None
    """When its article is looked at again; only of an address whose article stands there, or stood."""


def settle(connection: Connection, settled: Sequence[SettledAddress], now: datetime) -> None:
    """Save the outcomes of fetches, and when each address is retried, if at all. Raises LookupError for unknown keys.

    `error:*` and `blocked` are retried with backoff (never sooner than Retry-After asks). All other outcomes are final.
    """
    known = {address.key: address for address in find_all(connection, [each.key for each in settled])}
    by_columns: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for each in settled:
        values = _settled_values(known[each.key], each, now)
        by_columns.setdefault(tuple(values), []).append({f"new_{name}": value for name, value in values.items()})
        by_columns[tuple(values)][-1]["settled_key"] = each.key
    for columns, rows in by_columns.items():
        statement = update(addresses).where(addresses.c.key == bindparam("settled_key"))
        connection.execute(statement.values({name: bindparam(f"new_{name}") for name in columns}), rows)


def _settled_values(address: Address, settled: SettledAddress, now: datetime) -> dict[str, object]:
    outcome, answer = settled.outcome, settled.answer
    if outcome in NOT_REQUESTED:
        return {"last_outcome": outcome, "state": "queued", "next_try": None}
    values: dict[str, object] = {
        "last_outcome": outcome,
        "last_status": answer.status,
        "last_fetched": now,
        "misses": address.misses + 1 if answer.status in (404, 410) else 0,
        "article_id": settled.article_id or address.article_id,
    }
    if not outcome.startswith("error:") and outcome != READER_DIED:
        values["reader_deaths"] = 0
    if outcome == "blocked" or outcome.startswith("error:"):
        values |= _next_try(address.attempts, answer, now)
    else:
        values |= {"state": "gone" if outcome == "gone" else "done", "attempts": 0, "next_try": None}
        values |= {"next_visit": settled.next_visit}
        if outcome in ("stored", "updated"):
            values |= {"etag": answer.etag, "last_modified": answer.last_modified}
        elif outcome == "unchanged":  # a 304 need not repeat its validators (RFC 9110, 15.4.5)
            values |= {"etag": answer.etag or address.etag}
            values |= {"last_modified": answer.last_modified or address.last_modified}
    return values


def _next_try(attempts: int, answer: FetchResult, now: datetime) -> dict[str, object]:
    if answer.status in (404, 410):
        return {"state": "queued", "attempts": attempts, "next_try": now + GONE_AGAIN_AFTER}
    if attempts >= len(RETRY_AFTER):
        return {"state": "given-up", "attempts": attempts + 1, "next_try": None}
    wait = max(RETRY_AFTER[attempts], min(answer.retry_after or timedelta(), LATEST_TRY))
    return {"state": "queued", "attempts": attempts + 1, "next_try": now + wait}


def count_reader_death(connection: Connection, key: str) -> None:
    """A process died while it read the page of this address."""
    deaths = addresses.c.reader_deaths + 1
    connection.execute(update(addresses).where(addresses.c.key == key).values(reader_deaths=deaths))


def find(connection: Connection, url: str) -> Address | None:
    """The row of a URL, or None. Raises identity.BadAddressError."""
    rows = find_all(connection, [canonical_key(url)])
    return rows[0] if rows else None


def forget_validators(connection: Connection, key: str) -> None:
    """Delete the ETag and Last-Modified of an address, so that its next fetch is unconditional."""
    connection.execute(update(addresses).where(addresses.c.key == key).values(etag=None, last_modified=None))


def is_address_of(connection: Connection, key: str, article_id: str) -> bool:
    """Whether the queue has this canonical key as an address from which the article was read."""
    found = select(addresses.c.id).where(addresses.c.key == key, addresses.c.article_id == article_id)
    return connection.execute(found).first() is not None


def may_try(address: Address, now: datetime) -> bool:
    """Whether a queued address may be tried: its time has come, or was written while the clock stood ahead."""
    return address.next_try is None or address.next_try <= now or is_ahead(address.next_try, now, LATEST_TRY)


def should_fetch(address: Address, listing: Listing | None, now: datetime, *, always: bool) -> bool:
    """Whether a listed address should be fetched in this run.

    A queued address is fetched once its retry is due. One that is done is fetched again if `always` (a feed lists it:
    feeds are short, and conditional GET makes it cheap), or if a sitemap says that it changed since the last fetch.
    """
    if address.state == "queued":
        return may_try(address, now)
    if address.state == "given-up":
        return False
    if always or address.last_fetched is None or is_ahead(address.last_fetched, now):
        return True
    changed = listing.changed_at if listing else None
    return changed is not None and changed.astimezone(UTC) > address.last_fetched


def find_all(connection: Connection, keys: Sequence[str]) -> Sequence[Address]:
    """The rows of those canonical keys that are in the queue, in no particular order."""
    found = []
    for start in range(0, len(keys), _CHUNK):
        rows = connection.execute(select(addresses).where(addresses.c.key.in_(keys[start : start + _CHUNK])))
        found += [as_address(row) for row in rows]
    return found


def as_address(row: Row[tuple[object, ...]]) -> Address:
    """A row of `addresses`."""
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
        row.reader_deaths,
    )
