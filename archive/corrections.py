"""The rows that say which story a correction corrects, where its page links to it."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert

from archive.identity import BadAddressError, canonical_key
from archive.records import Article
from archive.tables import corrections


def remember(connection: Connection, article: Article) -> None:
    """Write down which story an article corrects, in place of what an earlier version said."""
    key = key_of(article.corrects)
    if key is not None:
        connection.execute(delete(corrections).where(corrections.c.article_id == article.id))
        connection.execute(insert(corrections).values(article_id=article.id, key=key))


def key_of(url: str | None) -> str | None:
    """The canonical key of an address; None without one, or if it is no address."""
    try:
        return canonical_key(url) if url else None
    except BadAddressError:
        return None
