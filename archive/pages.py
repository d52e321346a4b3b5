"""The rows that locate each stored page in the WARC files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from archive.identity import BadAddressError, canonical_key
from archive.tables import pages
from archive.warc.pages import FetchedPage, StoredRecord

_INSERT = insert(pages).returning(pages.c.id, sort_by_parameter_order=True)


def add_page(connection: Connection, page: FetchedPage, stored: StoredRecord, *, source: str, run_id: str) -> int:
    """Add the row of a page whose WARC record is on disk. Returns the row's id."""
    return add_pages(connection, [page], [stored], source=source, run_id=run_id)[0]


def add_pages(
    connection: Connection, fetched: Sequence[FetchedPage], stored: Sequence[StoredRecord], *, source: str, run_id: str
) -> Sequence[int]:
    """Add the rows of pages whose WARC records are on disk. Returns the ids in order. A clipping's key is its URN."""
    rows = [
        {
            "url": page.url,
            "key": _key(page.url),
            "source": source,
            "run_id": run_id,
            "fetched_at": page.fetched_at,
            "status": page.status,
            "warc_file": record.file,
            "warc_offset": record.offset,
            "warc_length": record.length,
        }
        for page, record in zip(fetched, stored, strict=True)
    ]
    return list(connection.execute(_INSERT, rows).scalars()) if rows else []


def captures_of(connection: Connection, keys: Collection[str]) -> Sequence[Row[Any, Any, Any]]:
    """The stored pages with these canonical keys (id, key, fetched_at), oldest rows first."""
    found = select(pages.c.id, pages.c.key, pages.c.fetched_at).where(pages.c.key.in_(keys)).order_by(pages.c.id)
    return connection.execute(found).all() if keys else ()


def _key(url: str) -> str:
    try:
        return canonical_key(url)
    except BadAddressError:
        return url
