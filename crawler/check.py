"""What still holds of a source: its robots.txt, its listings, and one article read field by field."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser

from archive.records import Article, Rejected
from crawler import discover
from crawler.extract.charset import decode
from crawler.extract.page import extract
from crawler.extract.state import written_out
from crawler.normalise.article import normalise
from crawler.probe import Answered, Site
from crawler.sources.definition import (
    DailyIndex,
    Feed,
    Finding,
    FrontPage,
    NewsSitemap,
    Sitemap,
    Source,
    split_selector,
)

TRIED = 3
"""Articles asked for at most: the first that is one is shown; a live video may stand at the top of a feed."""

_STAMPS = re.compile(
    rb"<(pubDate|updated|published|(?:\w+:)?publication_date|lastmod|dc:date)[^>]{0,200}>\s*([^<]{8,60}?)\s*<"
)


@dataclass(frozen=True, slots=True)
class _Listed:
    """What one way of finding articles gave: the addresses of articles first, then what people read of it."""

    articles: tuple[str, ...]
    told: dict[str, Any]


async def look_at_robots(site: Site, source: Source) -> dict[str, Any]:
    """The robots.txt of every host that the source's articles are found at."""
    first_of = {urlsplit(find.url).netloc: find.url for find in reversed(source.finds)}
    return {"robots": [await site.robots(url) for url in reversed(first_of.values())]}


async def check(site: Site, source: Source) -> dict[str, Any]:
    """Look at everything, and say of each thing that does not hold why, in a sentence."""
    found = await look_at_robots(site, source)
    listed = [await _look_at(site, source, find) for find in source.finds]
    addresses = list(dict.fromkeys(url for each in listed for url in each.articles))
    article = await _look_at_an_article(site, source, addresses)
    reasons = [
        *(_of_robots(each) for each in found["robots"]),
        *(_of_listing(each.told) for each in listed),
        _of_article(article, addresses),
    ]
    return {
        "source": source.name,
        "at": datetime.now(UTC).isoformat(),
        **found,
        "listings": [each.told for each in listed],
        "article": article,
        "reasons": [reason for reason in reasons if reason],
    }


async def _look_at(site: Site, source: Source, find: Finding) -> _Listed:
    url = _today_s(find, source) if isinstance(find, DailyIndex) else find.url
    told: dict[str, Any] = {"kind": type(find).__name__, "url": url, "status": None, "error": None}
    answer = await site.ask(url)
    if isinstance(answer, str):
        return _Listed((), told | {"error": answer})
    told["status"] = answer.status
    if answer.status != 200:
        return _Listed((), told | {"error": f"it answered {answer.status}"})
    try:
        links, further = _read(find, answer)
    except discover.BadListing as error:
        return _Listed((), told | {"error": str(error)})
    newest = _newest(answer.content)
    if further:
        told["opened"] = further
        inner = await site.ask(further)
        if isinstance(inner, str) or inner.status != 200:
            return _Listed((), told | {"error": f"{further} gave no sitemap"})
        try:
            links = [listing.url for listing in discover.read_sitemap(inner.content, further).pages]
        except discover.BadListing as error:
            return _Listed((), told | {"error": str(error)})
        newest = _newest(inner.content)
    articles = tuple(dict.fromkeys(link for link in links if source.is_article(link)))
    shown = newest.isoformat() if newest else None
    return _Listed(articles, told | {"items": len(links), "articles": len(articles), "newest": shown})


def _today_s(find: DailyIndex, source: Source) -> str:
    """The first page of yesterday's index by the source's clock: a day that has its articles."""
    day = datetime.now(ZoneInfo(source.zone)).date() - timedelta(days=1)
    return find.url.format(year=f"{day:%Y}", month=f"{day:%m}", day=f"{day:%d}", page=find.first_page)


def _read(find: Finding, answer: Answered) -> tuple[list[str], str | None]:
    """The links of a listing, or the youngest sitemap that it names. Raises BadListing."""
    match find:
        case Feed():
            return [listing.url for listing in discover.read_feed(answer.content, answer.url)], None
        case Sitemap() | NewsSitemap():
            sitemap = discover.read_sitemap(answer.content, answer.url)
            oldest = datetime.min.replace(tzinfo=UTC)
            youngest = max(sitemap.further, key=lambda each: each.changed_at or oldest, default=None)
            return [listing.url for listing in sitemap.pages], youngest.url if youngest else None
        case DailyIndex() | FrontPage():
            return _links(find.links, answer), None


def _links(selectors: Sequence[str], answer: Answered) -> list[str]:
    tree = LexborHTMLParser(decode(answer.content, answer.content_type))
    nodes = (node for selector in selectors for node in tree.css(split_selector(selector)[0]))
    hrefs = (node.attributes.get("href") for node in nodes)
    return list(dict.fromkeys(urljoin(answer.url, href) for href in hrefs if href))


def _newest(content: bytes) -> datetime | None:
    """The latest stamp in a feed or sitemap, whatever it is a stamp of; null where there is none that can be read."""
    read = (_stamp(text.decode("ascii", "replace")) for _, text in _STAMPS.findall(content))
    return max((stamp for stamp in read if stamp), default=None)


def _stamp(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _look_at_an_article(site: Site, source: Source, addresses: Sequence[str]) -> dict[str, Any] | None:
    """The first of the addresses that gives an article, field by field; else the last that was tried, and why not."""
    tried: dict[str, Any] | None = None
    for url in addresses[:TRIED]:
        answer = await site.ask(url)
        if isinstance(answer, str):
            tried = {"url": url, "status": None, "rejected": answer}
            continue
        tried = {"url": answer.url, "status": answer.status, "rejected": None, "layout": _layout(source, answer)}
        if answer.status != 200:
            tried["rejected"] = f"it answered {answer.status}"
            continue
        try:
            raw = extract(answer.content, url=answer.url, content_type=answer.content_type, source=source)
            article = normalise(raw, source=source, url=answer.url, fetched_at=datetime.now(UTC))
        except Rejected as rejected:
            tried["rejected"] = str(rejected)
            continue
        return tried | {"fields": fields_of(article), "flags": list(article.flags)}
    return tried


def _layout(source: Source, answer: Answered) -> int | None:
    """Which of the source's layouts knows the page, counted from 1; null: none of them."""
    tree = LexborHTMLParser(decode(answer.content, answer.content_type))
    if source.state:
        tree = written_out(tree, source.state)
    known = (place for place, layout in enumerate(source.layouts, 1) if any(map(tree.css_first, layout.body)))
    return next(known, None)


def fields_of(article: Article) -> list[dict[str, Any]]:
    """What people want to see of an article: each field with its value and where on the page it was found.

    A value is null where the page gave none.
    """
    image = article.images[0] if article.images else None
    came_from = article.provenance
    stamp = f"{article.published_at.isoformat()} ({article.published_precision})"
    values = [
        ("title", article.title, came_from.get("title")),
        ("published", stamp, article.published_from),
        ("printed", article.published_printed, None),
        ("modified", article.modified_at.isoformat() if article.modified_at else None, None),
        ("author", ", ".join(article.authors) or None, came_from.get("authors")),
        ("editor", ", ".join(article.editors) or None, came_from.get("editors")),
        ("dateline", article.dateline.text if article.dateline else None, None),
        ("agency", article.agency, None),
        ("section", article.section, came_from.get("section")),
        ("tags", ", ".join(article.tags) or None, came_from.get("tags")),
        ("image", image.url if image else None, None),
        ("caption", image.caption if image else None, came_from.get("captions")),
        ("lede", article.lede, came_from.get("body")),
        ("body", f"{len(article.body)} paragraphs, {sum(map(len, article.body)):,} characters", came_from.get("body")),
    ]
    return [{"field": name, "value": value, "from": where if value else None} for name, value, where in values]


def _of_robots(robots: dict[str, Any]) -> str | None:
    if robots["error"]:
        return f"{robots['address']} could not be had: {robots['error']}."
    if robots["status"] >= 500:
        return f"{robots['address']} answers {robots['status']}, which forbids everything for now."
    return None


def _of_listing(listing: dict[str, Any]) -> str | None:
    if listing["error"]:
        return f"{listing['kind']} {listing['url']}: {listing['error'].rstrip('.')}."
    if not listing["articles"]:
        return f"{listing['kind']} {listing['url']} lists {listing['items']} addresses, and none looks like an article."
    return None


def _of_article(article: dict[str, Any] | None, addresses: Sequence[str]) -> str | None:
    if article is None:
        return "Nothing lists an article, so none was read."
    if article["rejected"]:
        tried = min(len(addresses), TRIED)
        return f"None of {tried} articles could be read; the last, {article['url']}: {article['rejected']}."
    if article["layout"] is None:
        return f"No layout knows the page {article['url']}; it was read by its looks."
    return None
