"""Which article a reading is saved as, given what the archive holds."""

from __future__ import annotations

from sqlalchemy import Connection

from archive import addresses, articles
from archive.addresses import Address
from archive.identity import canonical_key
from archive.records import Article
from archive.same_story import settle_identity


def resolve_article(connection: Connection, article: Article, *, final: str, address: Address | None) -> Article | None:
    """`settle_identity`, with what the archive holds."""
    claimed = articles.current_article(connection, article.id)
    own = claimed
    if address is None or address.article_id != article.id:
        own = articles.current_article(connection, address.article_id) if address and address.article_id else None
    home = canonical_key(article.url) if article.url else ""
    elsewhere = (address is None or home != address.key) and addresses.is_address_of(connection, home, article.id)
    return settle_identity(article, final=final, own=own, claimed=claimed, elsewhere=elsewhere)
