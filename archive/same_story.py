"""Decides which article a page shows if its address and its canonical link name different articles. Pure.

An id never changes once it is assigned, a story is never saved under another story's id, and two addresses of one story
do not alternate in creating versions of it.
"""

from __future__ import annotations

from dataclasses import replace

from archive.identity import article_id, canonical_key
from archive.records import Article


def settle_identity(
    article: Article, *, final: str, previous: Article | None, existing: Article | None, has_own_address: bool
) -> Article | None:
    """The article under the id that it is saved by; None if the page is only a second address of a stored article.

    `final` is the URL that responded, after redirects. `previous` is the article that the queued address yielded
    before. `existing` is the stored article with the page's id, and `has_own_address` says whether that article has
    another address of its own in the queue. A redirect or canonical link can lead to:

    - the same story under another address: it keeps its id;
    - another article, at that article's own address: the page is read as that article;
    - another article, by the link alone: if the page shows that article's story, it is a second address. Otherwise the
      link is wrong (a template that names one article on every page), and the id comes from the page's own address.
    """
    if previous is not None and previous.id != article.id and same_story(previous, article):
        return replace(article, id=previous.id)
    at_own_url = article.url is None or canonical_key(final) == canonical_key(article.url)
    if existing is None or at_own_url or (previous is not None and previous.id == article.id and not has_own_address):
        return article
    if not same_story(existing, article):
        return replace(article, id=article_id(final), url=final)
    return None if has_own_address and existing.content_hash != article.content_hash else article


def same_story(one: Article, other: Article) -> bool:
    """Whether two articles are one story: the same title, or more than half of the shorter one's paragraphs shared."""
    shared = set(one.body) & set(other.body)
    return one.title == other.title or 2 * len(shared) > min(len(set(one.body)), len(set(other.body))) > 0
