"""Listings as they were last read whole: feeds, sitemaps and pages of links, for conditional requests.

A 304 says that a listing is what it was. So what stood in it is kept, and the run goes on as if it had been sent again.
Of a long one (a sitemap) only the number of its stories is kept: all of them were remembered as addresses when it was
read, and it has nothing new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from archive.clock import is_ahead
from archive.host_tables import listings
from archive.records import Listing
from archive.tombstones import Forgotten, key_of

MOST_KEPT = 1_000
"""Addresses of a listing that are kept; a news sitemap has no more."""

WHOLE_AGAIN_AFTER = timedelta(days=7)
"""So long a listing is believed to be unchanged: servers exist whose validators never change."""

FORGOTTEN_AFTER = 2 * WHOLE_AGAIN_AFTER
"""A listing that was not read for so long is not kept: an index of a past day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingRecord:
    """A listing when it was last read whole.

    `url` is the address asked for, `final_url` the one that answered. `read_as` identifies the source's facts and the
    readers. `entries` are its `count` stories; None if it has more than MOST_KEPT addresses. `children` are the
    sitemaps that it names, with the time of their last change, if told.
    """

    url: str
    final_url: str
    etag: str | None
    last_modified: str | None
    read_at: datetime
    read_as: str
    count: int
    entries: tuple[Listing, ...] | None
    children: tuple[tuple[str, datetime | None], ...] = ()


def find(connection: Connection, source: str, url: str, *, read_as: str, now: datetime) -> ListingRecord | None:
    """The listing, if it was read by these readers not long ago."""
    row = connection.execute(select(listings).where(listings.c.source == source, listings.c.url == url)).first()
    if row is None or row.read_as != read_as or is_ahead(row.read_at, now) or now - row.read_at > WHOLE_AGAIN_AFTER:
        return None
    return ListingRecord(
        url=row.url,
        final_url=row.final_url,
        etag=row.etag,
        last_modified=row.last_modified,
        read_at=row.read_at,
        read_as=row.read_as,
        count=row._mapping["count"],
        entries=None if row.entries is None else tuple(_entry(each, row.final_url) for each in row.entries),
        children=tuple((each["url"], _moment(each.get("changed_at"))) for each in row.children or ()),
    )


def save(connection: Connection, source: str, read: Iterable[ListingRecord], now: datetime) -> None:
    """Save listings that were read whole, each in place of the one before, and forget those not read for long."""
    of_source = listings.c.source == source
    connection.execute(delete(listings).where(of_source, listings.c.read_at < now - FORGOTTEN_AFTER))
    forgotten = Forgotten(connection)
    for each in read:
        entries = None if each.entries is None else _kept(forgotten, each.entries)
        connection.execute(delete(listings).where(of_source, listings.c.url == each.url))
        connection.execute(
            insert(listings).values(
                source=source,
                url=each.url,
                final_url=each.final_url,
                etag=each.etag,
                last_modified=each.last_modified,
                read_at=each.read_at,
                read_as=each.read_as,
                count=each.count,
                entries=None if entries is None else [_plain(entry) for entry in entries],
                children=[
                    {"url": url, "changed_at": at.isoformat()} if at else {"url": url} for url, at in each.children
                ],
            )
        )


def _kept(forgotten: Forgotten, entries: Sequence[Listing]) -> Sequence[Listing]:
    """The entries but those of articles that were forgotten on purpose."""
    if not forgotten.any:
        return entries
    gone = forgotten.of_keys({key_of(entry.url) for entry in entries})
    return [entry for entry in entries if key_of(entry.url) not in gone]


def remove_entries(connection: Connection, source: str, keys: Collection[str]) -> None:
    """Remove the stories with these canonical keys from what is kept of a source's listings."""
    rows = connection.execute(select(listings).where(listings.c.source == source, listings.c.entries.is_not(None)))
    for row in rows.all():
        kept = [entry for entry in row.entries if key_of(entry["url"]) not in keys]
        if len(kept) < len(row.entries):
            own = (listings.c.source == source) & (listings.c.url == row.url)
            connection.execute(update(listings).where(own).values(entries=kept, count=len(kept)))


def _plain(listing: Listing) -> dict[str, str]:
    published, changed = listing.published_at, listing.changed_at
    fields = {
        "url": listing.url,
        "published_at": published.isoformat() if published else None,
        "changed_at": changed.isoformat() if changed else None,
    }
    return {name: value for name, value in fields.items() if value}


def _entry(plain: dict[str, Any], found_in: str) -> Listing:
    published: str | None = plain.get("published_at")
    moment: date | None = None
    if published:
        moment = datetime.fromisoformat(published) if "T" in published else date.fromisoformat(published)
    return Listing(plain["url"], found_in, _moment(plain.get("changed_at")), moment)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
