"""Articles that a publisher splits into several pages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from reading.extract.completeness import INCOMPLETE
from reading.extract.raw import RawArticle


def next_page(raw: RawArticle, already_read: Collection[str] = ()) -> str | None:
    """The absolute address of the page after this one, None on the last page.

    Also None if that address is on another host, is the page's own, or was `already_read`: following it would mix two
    stories or loop.
    """
    address = raw.next_page
    if address is None or address == raw.url or address in already_read:
        return None
    if raw.url and urlsplit(address).hostname != urlsplit(raw.url).hostname:
        return None
    return address


def join_pages(first: RawArticle, rest: Sequence[RawArticle]) -> RawArticle:
    """One article from its pages, in order. All fields but body and pictures come from the first page.

    Publishers repeat paragraphs on each page (with a dateline, a credit, "Baca juga"). Each is kept once: at the end if
    it closes the pages, else where it came first.
    """
    body = list(first.body)
    images = list(first.images)
    for page in rest:
        shared = _shared_tail(body, page.body)
        body = body[: len(body) - shared]
        known = set(body)
        body += [paragraph for paragraph in page.body if paragraph not in known]
        images += [image for image in page.images if image not in images]
    last = rest[-1] if rest else first
    flags = first.flags
    if rest and INCOMPLETE not in last.flags:
        flags = tuple(flag for flag in flags if flag != INCOMPLETE)  # the other pages were what was missing
    return replace(first, body=tuple(body), images=tuple(images), next_page=last.next_page, flags=flags)


def _shared_tail(before: Sequence[str], after: Sequence[str]) -> int:
    """How many closing paragraphs two pages share: credits and copyright lines end each page."""
    count = 0
    while count < min(len(before), len(after)) and before[-1 - count] == after[-1 - count]:
        count += 1
    return count
