"""Pages of links: a front page, or a page of a daily index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from selectolax.lexbor import LexborHTMLParser

from archive.records import Listing, Rejected
from crawler.discover.feed import joined
from crawler.discover.text import BadListingError
from reading.extract import refuse
from reading.extract.charset import decode
from sources.definition import DailyIndex, split_selector

_FEW = 4
"""A barrier page links to its maker's site and to little else."""


def read_links(
    content: bytes, url: str, *, links: Sequence[str], content_type: str | None = None
) -> tuple[Listing, ...]:
    """What the page links to by these selectors ("a[href]", "li@data-url"), each address once, in its order.

    Raises BadListingError for what is no page of HTML, and for a barrier or a server's error in its place.
    """
    try:
        refuse.unreadable(content, content_type)
        text = decode(content, content_type).replace("\x00", "")
        refuse.too_deep(text)
    except Rejected as rejected:
        raise BadListingError(f"{rejected.reason}: {rejected.detail}") from rejected
    tree = LexborHTMLParser(text)
    base = tree.css_first("base[href]")
    home = joined(url, (base.attributes.get("href") or "").strip()) if base else url
    found: dict[str, None] = {}
    for selector in links:
        path, attribute = split_selector(selector)
        for node in tree.css(path):
            if link := (node.attributes.get(attribute or "href") or "").strip():
                found.setdefault(joined(home, link).partition("#")[0])
    if len(found) < _FEW:
        _refuse_barrier(tree)
    return tuple(Listing(address, url) for address in found)


def _refuse_barrier(tree: LexborHTMLParser) -> None:
    """Raises BadListingError where the page says that we were kept out; one that says that nothing is there is
    empty."""
    title = tree.css_first("title")
    shown = tree.body.text(separator=" ", strip=True) if tree.body else ""
    why = refuse.no_article(title.text(strip=True) if title else "", shown)
    if why.reason == "blocked":
        raise BadListingError(why.detail)


def index_address(index: DailyIndex, day: date, number: int = 1) -> str:
    """The address of a page, counted from 1, of a day's index."""
    page = index.first_page + (number - 1) * index.page_step
    return index.url.format(year=f"{day.year:04}", month=f"{day.month:02}", day=f"{day.day:02}", page=page)


def has_pages(index: DailyIndex) -> bool:
    """Whether a day's index goes on over several pages."""
    return index_address(index, date.min, 1) != index_address(index, date.min, 2)
