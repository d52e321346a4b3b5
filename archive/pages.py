"""Rows that say where each kept page lies."""

from __future__ import annotations

from sqlalchemy import Connection, insert

from archive.identity import BadAddress, canonical_key
from archive.tables import pages
from archive.warc import Page, Stored


def point_to(connection: Connection, page: Page, stored: Stored, *, source: str, run_id: str) -> int:
    """Note a page whose WARC record is on disk, and give the row's id. A clipping's key is its own URN."""
    try:
        key = canonical_key(page.url)
    except BadAddress:
        key = page.url
    result = connection.execute(
        insert(pages).values(
            url=page.url,
            key=key,
            source=source,
            run_id=run_id,
            fetched_at=page.fetched_at,
            status=page.status,
            warc_file=stored.file,
            warc_offset=stored.offset,
            warc_length=stored.length,
        )
    )
    assert result.inserted_primary_key is not None  # one row in, one key out
    return int(result.inserted_primary_key[0])
