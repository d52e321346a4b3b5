"""Pages of links: front pages and pages of a daily index."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from selectolax.lexbor import LexborHTMLParser

from archive.records import Listing, Rejected
from crawler.discover.feed import absolute
from crawler.discover.text import BadListingError
from reading.extract import refuse
from reading.extract.charset import decode
from sources.definition import DailyIndex, split_selector

_FEW_LINKS = 4
"""A page with fewer links may be a barrier page, which links to little but its vendor's site."""


def read_links(
    content: bytes, url: str, *, links: Sequence[str], content_type: str | None = None
) -> tuple[Listing, ...]:
    """The links of the page that match these selectors ("a[href]", "li@data-url"), each address once, in page order.

    Raises BadListingError if the content is not HTML, or is a barrier page.
    """
    try:
        refuse.unreadable(content, content_type)
        tree = LexborHTMLParser(refuse.parseable(decode(content, content_type).replace("\x00", "")))
        refuse.too_wide(tree, links)
    except Rejected as rejected:
        raise BadListingError(f"{rejected.reason}: {rejected.detail}") from rejected
    base = tree.css_first("base[href]")
    base_url = absolute(url, (base.attributes.get("href") or "").strip()) if base else url
    found: dict[str, None] = {}
    for selector in links:
        path, attribute = split_selector(selector)
        for node in tree.css(path):
            if link := (node.attributes.get(attribute or "href") or "").strip():
                found.setdefault(absolute(base_url, link).partition("#")[0])
    if len(found) < _FEW_LINKS:
        _refuse_barrier(tree)
    return tuple(Listing(address, url) for address in found)


def _refuse_barrier(tree: LexborHTMLParser) -> None:
    """Raises BadListingError if the page says that we are blocked. A page that says that nothing was found is empty."""
    title = tree.css_first("title")
    text = tree.body.text(separator=" ", strip=True) if tree.body else ""
    refusal = refuse.no_article(title.text(strip=True) if title else "", text)
    if refusal.reason == "blocked":
        raise BadListingError(refusal.detail)


def index_address(index: DailyIndex, day: date, number: int = 1) -> str:
    """The address of one page of a day's index; pages are counted from 1."""
    page = index.first_page + (number - 1) * index.page_step
    return index.url.format(year=f"{day.year:04}", month=f"{day.month:02}", day=f"{day.day:02}", page=page)


def is_paged(index: DailyIndex) -> bool:
    """Whether a day's index may have several pages."""
    return index_address(index, date.min, 1) != index_address(index, date.min, 2)
