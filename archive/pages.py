"""Rows that say where each kept page lies."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from archive.identity import BadAddressError, canonical_key
from archive.tables import pages
from archive.warc.pages import FetchedPage, StoredRecord

_INSERT = insert(pages).returning(pages.c.id, sort_by_parameter_order=True)


def add_page(connection: Connection, page: FetchedPage, stored: StoredRecord, *, source: str, run_id: str) -> int:
    """Note a page whose WARC record is on disk, and give the row's id."""
    return add_pages(connection, [page], [stored], source=source, run_id=run_id)[0]


def add_pages(
    connection: Connection, kept: Sequence[FetchedPage], stored: Sequence[StoredRecord], *, source: str, run_id: str
) -> Sequence[int]:
    """Note pages whose WARC records are on disk, and give the rows' ids in order. A clipping's key is its own URN."""
    rows = [
        {
            "url": page.url,
            "key": _key(page.url),
            "source": source,
            "run_id": run_id,
            "fetched_at": page.fetched_at,
            "status": page.status,
            "warc_file": place.file,
            "warc_offset": place.offset,
            "warc_length": place.length,
        }
        for page, place in zip(kept, stored, strict=True)
    ]
    return list(connection.execute(_INSERT, rows).scalars()) if rows else []


def captures_of(connection: Connection, keys: Collection[str]) -> Sequence[Row[Any, Any, Any]]:
    """The pages that are kept under these canonical keys: id, key, fetched_at, the oldest rows first."""
    found = select(pages.c.id, pages.c.key, pages.c.fetched_at).where(pages.c.key.in_(keys)).order_by(pages.c.id)
    return connection.execute(found).all() if keys else ()


def _key(url: str) -> str:
    try:
        return canonical_key(url)
    except BadAddressError:
        return url
