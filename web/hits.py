"""Hits as the search page shows them: highlights as markup of ours, the beginning of a text, and who had it first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from markupsafe import Markup, escape
from sqlalchemy import Connection, select

from archive.finding import find_all
from archive.tables import articles
from indexer.queries import Hit
from web.untrusted import shown

BEGINNING = 240
"""Characters of a text that are shown where no part of it matches."""


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit, its title and text with marks around what matched, and the earliest of its copies if that is another."""

    hit: Hit
    title: Markup
    text: Markup
    first_id: str | None = None
    first_source: str | None = None


def marked(fragment: str) -> Markup:
    """A highlight of an engine ("… <em>pasar</em> …", escaped) as markup of ours: nothing else in it is markup."""
    pieces = fragment.replace("</em>", "<em>").split("<em>")
    texts = [escape(shown(unescape(piece))) for piece in pieces]
    return Markup("").join(
        Markup("<mark>{}</mark>").format(text) if number % 2 else text for number, text in enumerate(texts)
    )


def shown_hits(connection: Connection | None, hits: Sequence[Hit]) -> list[ShownHit]:
    """The hits with what the archive adds; without a connection, what the index alone has."""
    plain = [hit.id for hit in hits if "body" not in hit.highlights and "captions" not in hit.highlights]
    beginnings: dict[str, str] = {}
    firsts: dict[str, tuple[str, str]] = {}
    if connection is not None:
        for key, stored in find_all(connection, plain).items():
            beginnings[key] = _beginning(" ".join(stored.article.body[:2]))
        firsts = _firsts(connection, [hit.family for hit in hits if hit.copies and hit.family])
    return [_shown(hit, beginnings.get(hit.id, ""), firsts.get(hit.family or "")) for hit in hits]


def _shown(hit: Hit, beginning: str, first: tuple[str, str] | None) -> ShownHit:
    title = marked(hit.highlights["title"][0]) if "title" in hit.highlights else escape(shown(hit.title))
    # a title is short and highlighted as a fragment: where that was cut, the whole one is shown
    if "title" in hit.highlights and "…" in hit.highlights["title"][0] and "…" not in hit.title:
        title = escape(shown(hit.title))
    found = next((hit.highlights[name][0] for name in ("body", "captions", "credits") if name in hit.highlights), None)
    text = marked(found) if found is not None else escape(shown(beginning))
    other = first if first and first[0] != hit.id else (None, None)
    return ShownHit(hit, title, text, *other)


def _beginning(text: str) -> str:
    if len(text) <= BEGINNING:
        return text
    return text[:BEGINNING].rsplit(" ", 1)[0] + " …"


def _firsts(connection: Connection, families: Sequence[str]) -> dict[str, tuple[str, str]]:
    """The id and source of the earliest article of each family."""
    if not families:
        return {}
    columns = (articles.c.family, articles.c.id, articles.c.source)
    rows = connection.execute(
        select(*columns).where(articles.c.family.in_(families)).order_by(articles.c.published_on, articles.c.id)
    )
    found: dict[str, tuple[str, str]] = {}
    for family, article_id, source in rows:
        found.setdefault(str(family), (str(article_id), str(source)))
    return found
