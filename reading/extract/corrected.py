"""Finds the address of the story that a correction corrects, where its notice or text links to it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from selectolax.lexbor import LexborNode

from archive.identity import BadAddressError, canonical_key
from lexicon.corrections import is_correction
from lexicon.domains import registered_domain
from reading.extract.addresses import absolute
from reading.extract.body import letters, tidy
from reading.extract.parsed_page import ParsedPage
from reading.notices import notices

_BLOCKS = frozenset(("p", "li", "div", "blockquote", "td", "section", "article", "body"))


def corrected_address(page: ParsedPage, titles: Sequence[str], body: Sequence[str]) -> str | None:
    """The first link to another story of the same publisher in a correction's notice, or in its text; None if none.

    A page whose headline is a correction's is one as a whole; in others only their notices count.
    """
    said = list(body) if titles and is_correction(titles[0]) else list(notices(body))
    if not said:
        return None
    texts = [letters(paragraph) for paragraph in said]
    own = {key for each in (page.url, *(found.text for found in page.addresses)) if (key := _key(each))}
    for link in page.tree.css("a[href]"):
        address = absolute(page.base, link.attributes.get("href") or "")
        key = _key(address) if address else None
        if address is None or key is None or key in own or not _is_story_of(address, page.url):
            continue
        shown, around = letters(tidy(link.text())), letters(tidy(_block_around(link).text()))
        if shown and any(shown in text and (around in text or text in around) for text in texts):
            return address
    return None


def _is_story_of(address: str, page: str) -> bool:
    parts, own = urlsplit(address), urlsplit(page)
    if len(parts.path.strip("/")) < 2 and not parts.query:
        return False
    return registered_domain(parts.hostname or "") == registered_domain(own.hostname or "")


def _block_around(link: LexborNode) -> LexborNode:
    node = link
    while node.parent is not None and node.tag not in _BLOCKS:
        node = node.parent
    return node


def _key(address: str) -> str | None:
    try:
        return canonical_key(address)
    except BadAddressError:
        return None
