"""Whose story a page shows, where its address and its canonical link speak of different articles. Pure.

An id once given never changes, a story is never lost under another's id, and two addresses of one story do not take
turns at making versions of it.
"""

from __future__ import annotations

from dataclasses import replace

from archive.identity import article_id, canonical_key
from archive.records import Article


def settle_identity(
    article: Article, *, final: str, own: Article | None, claimed: Article | None, elsewhere: bool
) -> Article | None:
    """The article under the id that it is saved by; null for a mere second address of an article that is held.

    `final` is the address that answered, `own` the article that the address in the queue gave before, `claimed` the
    one that the archive holds under the page's own id, and `elsewhere` whether that one has another address of its own
    in the queue. What a redirect or a canonical link leads to:

    - the same story under another address: it keeps its id;
    - another article, at that one's own address: it is read as that one;
    - another article, by its link alone: a second address if it has that story, else the link is false (a template
      that names one article on every page), and the page's own address is what it is.
    """
    if own is not None and own.id != article.id and same_story(own, article):
        return replace(article, id=own.id)
    at_home = article.url is None or canonical_key(final) == canonical_key(article.url)
    if claimed is None or at_home or (own is not None and own.id == article.id and not elsewhere):
        return article
    if not same_story(claimed, article):
        return replace(article, id=article_id(final), url=final)
    return None if elsewhere and claimed.content_hash != article.content_hash else article


def same_story(one: Article, other: Article) -> bool:
    """Whether two readings are of one story: the same title, or more than half of the shorter one's paragraphs."""
    shared = set(one.body) & set(other.body)
    return one.title == other.title or 2 * len(shared) > min(len(set(one.body)), len(set(other.body))) > 0
