"""Decides which article a page shows if its address and its canonical link name different articles. Pure.

An id never changes once it is assigned, a story is never saved under another story's id, and two addresses of one story
do not alternate in creating versions of it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import Literal

from archive.identity import article_id, article_id_of_key, canonical_key, exact_key, is_other_form, part_number
from archive.records import Article

FIRST_PAGE_ONLY = "first-page-only"
"""The flag of an article whose later pages are in other records, or were not kept."""


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
    at_own_url = article.url is None or (
        canonical_key(final) == canonical_key(article.url) and is_other_form(final) <= is_other_form(article.url)
    )
    if existing is None or at_own_url or (previous is not None and previous.id == article.id and not has_own_address):
        return article
    if not same_story(existing, article):
        return replace(article, id=article_id(final), url=final)
    return None if has_own_address and existing.content_hash != article.content_hash else article


def same_story(one: Article, other: Article) -> bool:
    """Whether two articles are one story: the same title, or more than half of the shorter one's paragraphs shared."""
    shared = set(one.body) & set(other.body)
    return one.title == other.title or 2 * len(shared) > min(len(set(one.body)), len(set(other.body))) > 0


def settle_twin(
    article: Article, *, at: str, existing: Article
) -> Article | Literal["skipped:duplicate", "skipped:later-page"]:
    """The article of a page whose address has the key of a stored article, and is another page's.

    `at` is the page's address. An AMP, print or mobile page and a part (`?page=2`) of the stored story are no articles
    of their own. A page that shows another story (`berita.php?cat=2&page=3`) gets an id of its own, so that two stories
    never become one.
    """
    part = part_number(at) or 1
    if part > 1 and _folded(existing.title) == _folded(article.title):
        return "skipped:later-page"
    if part > 1 or not is_twin(existing, article):
        return with_id_of_page(article, at)
    of_story = existing.url is None or exact_key(existing.url) == canonical_key(existing.url)
    whole = FIRST_PAGE_ONLY in existing.flags and FIRST_PAGE_ONLY not in article.flags
    if not of_story or whole or existing.content_hash == article.content_hash:
        return article
    return "skipped:duplicate"


def with_id_of_page(article: Article, at: str) -> Article:
    """The article with an id of its page alone, which no other page of the publisher shares."""
    return replace(article, id=id_of_page(at), url=at)


def id_of_page(url: str) -> str:
    """The id of an article that the page at this address alone shows. Raises BadAddressError."""
    own = exact_key(url)
    return article_id_of_key(f"{own}#" if own == canonical_key(url) else own)


def is_twin(one: Article, other: Article) -> bool:
    """Whether two pages whose addresses differ only by a mark show one story: stricter than `same_story`.

    One text contains the other, or they share their headline and most of their paragraphs.
    """
    texts = sorted((_folded(" ".join(one.body)), _folded(" ".join(other.body))), key=len)
    if texts[0] in texts[1]:
        return bool(texts[0]) or _folded(one.title) == _folded(other.title)
    own, others = ({_folded(paragraph) for paragraph in each.body} for each in (one, other))
    return _folded(one.title) == _folded(other.title) and 2 * len(own & others) >= min(len(own), len(others))


def _folded(text: str) -> str:
    """Letters and digits alone: print pages differ in quotation marks and spaces."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))
