"""Articles that a publisher cuts into several pages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from reading.extract.raw import RawArticle


def next_page(raw: RawArticle, read: Collection[str] = ()) -> str | None:
    """The absolute address of the page after this one, None on the last page.

    An address of another host, the page's own, or one already `read` is no next page: following it would mix two
    stories or go in a circle.
    """
    address = raw.next_page
    if address is None or address == raw.url or address in read:
        return None
    if raw.url and urlsplit(address).hostname != urlsplit(raw.url).hostname:
        return None
    return address


def join_pages(first: RawArticle, rest: Sequence[RawArticle]) -> RawArticle:
    """One article out of its pages, in order. The first page gives every field but body and pictures.

    Publishers repeat things on each page: a paragraph that stands on several (a dateline's, a credit, "Baca juga") is
    kept once, at the end if it closes the pages, else where it stood first.
    """
    body = list(first.body)
    images = list(first.images)
    for page in rest:
        shared = _tail_in_common(body, page.body)
        body = body[: len(body) - shared]
        known = set(body)
        body += [paragraph for paragraph in page.body if paragraph not in known]
        images += [image for image in page.images if image not in images]
    last = rest[-1] if rest else first
    return replace(first, body=tuple(body), images=tuple(images), next_page=last.next_page)


def _tail_in_common(before: Sequence[str], after: Sequence[str]) -> int:
    """How many closing paragraphs two pages share: credits and copyright lines stand at the foot of each."""
    count = 0
    while count < min(len(before), len(after)) and before[-1 - count] == after[-1 - count]:
        count += 1
    return count
