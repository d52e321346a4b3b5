"""What still holds of a source: its robots.txt, its listings, and one article read field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser

from archive.records import Article, Listing, Rejected
from crawler import discover
from crawler.probe.site import Answered, ProbedSite
from reading.article import normalise
from reading.extract.charset import decode
from reading.extract.page import extract
from reading.extract.state import render_state
from sources.definition import DailyIndex, Feed, Finding, FrontPage, NewsSitemap, Sitemap, Source

TRIED = 3
"""Articles asked for at most: the first that is one is shown; a live video may stand at the top of a feed."""


@dataclass(frozen=True, slots=True)
class _Listed:
    """What one way of finding articles gave: the addresses of articles first, then what people read of it."""

    articles: tuple[str, ...]
    told: dict[str, Any]

    @property
    def host(self) -> str:
        return urlsplit(str(self.told["url"])).netloc


async def look_at_robots(site: ProbedSite, finds: Sequence[Finding]) -> dict[str, Any]:
    """The robots.txt of every host at which articles are found."""
    first_of = {urlsplit(find.url).netloc: find.url for find in reversed(finds)}
    return {"robots": [await site.robots(url) for url in reversed(first_of.values())]}


async def check(site: ProbedSite, source: Source, finds: Sequence[Finding]) -> dict[str, Any]:
    """Look at everything, and say of each thing that does not hold why, in a sentence.

    `finds` are the ways that a crawl goes: the source's own, or those that the settings name in their place.
    """
    found = await look_at_robots(site, finds)
    listed: list[_Listed] = []
    for find in sorted(finds, key=lambda find: isinstance(find, DailyIndex)):
        url = discover.index_address(find, _day(find, source, listed)) if isinstance(find, DailyIndex) else find.url
        listed.append(await _look_at(site, source, find, url))
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


def _day(index: DailyIndex, source: Source, listed: Sequence[_Listed]) -> date:
    """The day whose index must list something: that of the newest story that its host lists elsewhere, else yesterday.

    By the source's clock.
    """
    zone, host = ZoneInfo(source.zone), urlsplit(index.url).netloc
    newest = [
        datetime.fromisoformat(stamp) for each in listed if (stamp := each.told.get("newest")) and each.host == host
    ]
    return max(newest).astimezone(zone).date() if newest else datetime.now(zone).date() - timedelta(days=1)


async def _look_at(site: ProbedSite, source: Source, find: Finding, url: str) -> _Listed:
    told: dict[str, Any] = {"kind": type(find).__name__, "url": url, "status": None, "error": None}
    answer = await site.ask(url)
    if not isinstance(answer, str):
        told["status"] = answer.status
    try:
        listings, further = _read(find, _had(answer, url), source)
        if further:
            told["opened"] = further
            listings, _ = _read(find, _had(await site.ask(further), further), source)
    except discover.BadListingError as error:
        return _Listed((), told | {"error": str(error)})
    stories = tuple(story.url for story in discover.choose(listings, source).stories)
    newest = max((stamp for each in listings if (stamp := _stamp(each, source))), default=None)
    shown = newest.isoformat() if newest else None
    return _Listed(stories, told | {"items": len(listings), "articles": len(stories), "newest": shown})


def _had(answer: Answered | str, url: str) -> Answered:
    if isinstance(answer, str):
        raise discover.BadListingError(f"{url} gave no answer: {answer}")
    if answer.status != 200:
        raise discover.BadListingError(f"{url} answered {answer.status}")
    return answer


def _read(find: Finding, answer: Answered, source: Source) -> tuple[list[Listing], str | None]:
    """What a listing lists, or, of an index of sitemaps, the youngest that it names. Raises BadListingError."""
    zone = ZoneInfo(source.zone)
    match find:
        case Feed():
            return list(discover.read_feed(answer.content, answer.url, zone=zone)), None
        case Sitemap() | NewsSitemap():
            entries = list(discover.read_sitemap(answer.content, answer.url, zone=zone))
            oldest = datetime.min.replace(tzinfo=UTC)
            indexes = [each for each in entries if isinstance(each, discover.Further)]
            youngest = max(indexes, key=lambda each: each.changed_at or oldest, default=None)
            return [each for each in entries if isinstance(each, Listing)], youngest.url if youngest else None
        case DailyIndex() | FrontPage():
            kind = answer.content_type
            return list(discover.read_links(answer.content, answer.url, links=find.links, content_type=kind)), None


def _stamp(listing: Listing, source: Source) -> datetime | None:
    """When the listing says that a story was published, or else changed."""
    told = listing.published_at or listing.changed_at
    if told is None or isinstance(told, datetime):
        return told
    return datetime.combine(told, time(), ZoneInfo(source.zone))


async def _look_at_an_article(site: ProbedSite, source: Source, addresses: Sequence[str]) -> dict[str, Any] | None:
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
        tree = render_state(tree, source.state)
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
        error = listing["error"].rstrip(".")
        where = "" if "://" in error else f"{listing['url']}: "
        return f"{listing['kind']}: {where}{error}."
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
