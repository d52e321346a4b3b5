"""Decides under which id a read article is saved, by what the archive holds. `same_story` has the rules."""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection

from archive import addresses, articles
from archive.addresses import Address
from archive.identity import canonical_key, exact_key, part_number
from archive.records import Article
from archive.same_story import settle_identity, settle_twin, with_id_of_page

Settled = Article | Literal["skipped:duplicate", "skipped:later-page"]
"""The article under the id that it is saved by, or why it is not saved: it is a second address, or a part, of one that
the archive has."""


def resolve_article(connection: Connection, article: Article, *, final: str, address: Address | None) -> Settled:
    """The article under the id that it is saved by, or the outcome of a page of a stored article.

    `final` is the URL after redirects. `address` is the row in the queue from which the page was fetched, if any.
    Looks up the articles that `settle_identity` and `settle_twin` compare.
    """
    existing = articles.current_article(connection, article.id)
    same_address = address is not None and address.article_id == article.id
    if existing is not None and not same_address and is_other_page(existing.url, final):
        settled = settle_twin(article, at=final, existing=existing)
        if isinstance(settled, str) or settled.id != article.id:
            return settled
    if existing is None and address is None and (part_number(final) or 1) > 1:
        return with_id_of_page(article, final)
    previous = existing
    if not same_address:
        previous = articles.current_article(connection, address.article_id) if address and address.article_id else None
    own_key = canonical_key(article.url) if article.url else ""
    has_own_address = (address is None or own_key != address.key) and addresses.is_address_of(
        connection, own_key, article.id
    )
    settled_here = settle_identity(
        article, final=final, previous=previous, existing=existing, has_own_address=has_own_address
    )
    return settled_here or "skipped:duplicate"


def is_other_page(stored: str | None, url: str) -> bool:
    """Whether a stored article with the same canonical key was read from another page than the one at `url`."""
    return stored is not None and exact_key(stored) != exact_key(url) and canonical_key(stored) == canonical_key(url)
