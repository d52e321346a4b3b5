"""Decides under which id a read article is saved, by what the archive holds. `same_story` has the rules."""

from __future__ import annotations

from sqlalchemy import Connection

from archive import addresses, articles
from archive.addresses import Address
from archive.identity import canonical_key
from archive.records import Article
from archive.same_story import settle_identity


def resolve_article(connection: Connection, article: Article, *, final: str, address: Address | None) -> Article | None:
    """The article under the id that it is saved by, or None for a second address of a stored article.

    `final` is the URL after redirects. `address` is the row in the queue from which the page was fetched, if any.
    Looks up the articles that `settle_identity` compares.
    """
    existing = articles.current_article(connection, article.id)
    previous = existing
    if address is None or address.article_id != article.id:
        previous = articles.current_article(connection, address.article_id) if address and address.article_id else None
    own_key = canonical_key(article.url) if article.url else ""
    has_own_address = (address is None or own_key != address.key) and addresses.is_address_of(
        connection, own_key, article.id
    )
    return settle_identity(article, final=final, previous=previous, existing=existing, has_own_address=has_own_address)
