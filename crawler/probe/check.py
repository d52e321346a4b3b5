"""Checks a source against the live site: robots.txt, each listing, and one article field by field."""

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
from crawler.probe.site import ProbedSite, SiteAnswer
from reading.article import normalise
from reading.extract.charset import decode
from reading.extract.page import extract
from reading.extract.state import render_state
from sources.definition import DailyIndex, Feed, Finding, FrontPage, NewsSitemap, Sitemap, Source

MOST_TRIED = 3
"""Articles requested at most. The first that can be read is shown; the first item of a feed may be a live video."""


@dataclass(frozen=True, slots=True)
class _ListingCheck:
    """Result of reading one listing: the article addresses in it, and its part of the report."""

    articles: tuple[str, ...]
    report: dict[str, Any]

    @property
    def host(self) -> str:
        return urlsplit(str(self.report["url"])).netloc


async def check_robots(site: ProbedSite, finds: Sequence[Finding]) -> dict[str, Any]:
    """The robots.txt of every host that serves a listing."""
    first_of = {urlsplit(find.url).netloc: find.url for find in reversed(finds)}
    return {"robots": [await site.robots(url) for url in reversed(first_of.values())]}


async def check(site: ProbedSite, source: Source, finds: Sequence[Finding]) -> dict[str, Any]:
    """Read everything once, and return a report with one sentence ("reasons") for each thing that does not work.

    `finds` are the listings that a crawl reads: the source's own, or those that the settings put in their place.
    """
    robots = await check_robots(site, finds)
    listings: list[_ListingCheck] = []
    for find in sorted(finds, key=lambda find: isinstance(find, DailyIndex)):  # daily indexes last: see _index_day
        url = find.url
        if isinstance(find, DailyIndex):
            url = discover.index_address(find, _index_day(find, source, listings))
        listings.append(await _check_listing(site, source, find, url))
    addresses = list(dict.fromkeys(url for each in listings for url in each.articles))
    article = await _check_article(site, source, addresses)
    silent = {urlsplit(each["address"]).netloc for each in robots["robots"] if each["error"]}
    reasons = [
        *(_robots_problem(each) for each in robots["robots"]),
        *(_listing_problem(each.report) for each in listings if urlsplit(each.report["url"]).netloc not in silent),
        _article_problem(article, addresses),
        _network_problem(robots["robots"]),
    ]
    return {
        "source": source.name,
        "at": datetime.now(UTC).isoformat(),
        **robots,
        "listings": [each.report for each in listings],
        "article": article,
        "reasons": [reason for reason in reasons if reason],
    }


def _index_day(index: DailyIndex, source: Source, listings: Sequence[_ListingCheck]) -> date:
    """A day whose index must list something, by the source's clock.

    It is the day of the newest story in the host's other listings; without any, yesterday.
    """
    zone, host = ZoneInfo(source.zone), urlsplit(index.url).netloc
    newest = [
        datetime.fromisoformat(stamp) for each in listings if (stamp := each.report.get("newest")) and each.host == host
    ]
    return max(newest).astimezone(zone).date() if newest else datetime.now(zone).date() - timedelta(days=1)


async def _check_listing(site: ProbedSite, source: Source, find: Finding, url: str) -> _ListingCheck:
    report: dict[str, Any] = {"kind": type(find).__name__, "url": url, "status": None, "error": None}
    answer = await site.request(url)
    if not isinstance(answer, str):
        report["status"] = answer.status
    try:
        listings, child = _read(find, _expect_ok(answer, url), source)
        if child:
            report["opened"] = child
            listings, _ = _read(find, _expect_ok(await site.request(child), child), source)
    except discover.BadListingError as error:
        return _ListingCheck((), report | {"error": str(error)})
    stories = tuple(story.url for story in discover.choose(listings, source).stories)
    newest = max((stamp for each in listings if (stamp := _stamp(each, source))), default=None)
    shown = newest.isoformat() if newest else None
    return _ListingCheck(stories, report | {"items": len(listings), "articles": len(stories), "newest": shown})


def _expect_ok(answer: SiteAnswer | str, url: str) -> SiteAnswer:
    """The answer, if its status is 200. Raises BadListingError."""
    if isinstance(answer, str):
        raise discover.BadListingError(f"{url} gave no answer: {answer}")
    if answer.status != 200:
        raise discover.BadListingError(f"{url} answered {answer.status}")
    return answer


def _read(find: Finding, answer: SiteAnswer, source: Source) -> tuple[list[Listing], str | None]:
    """The entries of a listing, and for a sitemap index the address of its newest sitemap. Raises BadListingError."""
    zone = ZoneInfo(source.zone)
    match find:
        case Feed():
            return list(discover.read_feed(answer.content, answer.url, zone=zone)), None
        case Sitemap() | NewsSitemap():
            entries = list(discover.read_sitemap(answer.content, answer.url, zone=zone))
            oldest = datetime.min.replace(tzinfo=UTC)
            children = [each for each in entries if isinstance(each, discover.ChildSitemap)]
            newest = max(children, key=lambda each: each.changed_at or oldest, default=None)
            return [each for each in entries if isinstance(each, Listing)], newest.url if newest else None
        case DailyIndex() | FrontPage():
            kind = answer.content_type
            return list(discover.read_links(answer.content, answer.url, links=find.links, content_type=kind)), None


def _stamp(listing: Listing, source: Source) -> datetime | None:
    """The publication time in the listing; without one, the time of the last change."""
    stamp = listing.published_at or listing.changed_at
    if stamp is None or isinstance(stamp, datetime):
        return stamp
    return datetime.combine(stamp, time(), ZoneInfo(source.zone))


async def _check_article(site: ProbedSite, source: Source, addresses: Sequence[str]) -> dict[str, Any] | None:
    """The first address that holds a readable article, field by field; without one, the last tried, and why it failed.

    None if there are no addresses.
    """
    tried: dict[str, Any] | None = None
    for url in addresses[:MOST_TRIED]:
        answer = await site.request(url)
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


def _layout(source: Source, answer: SiteAnswer) -> int | None:
    """The first of the source's layouts whose body selector matches the page, counted from 1; None if none does."""
    tree = LexborHTMLParser(decode(answer.content, answer.content_type))
    if source.state:
        tree = render_state(tree, source.state)
    matching = (number for number, layout in enumerate(source.layouts, 1) if any(map(tree.css_first, layout.body)))
    return next(matching, None)


def fields_of(article: Article) -> list[dict[str, Any]]:
    """The article's fields for display: each with its value (None if the page has none) and where it was found."""
    image = article.images[0] if article.images else None
    came_from = article.provenance
    stamp = f"{article.published_at.isoformat()} ({article.published_precision})"
    values = [
        ("title", article.title, came_from.get("title")),
        ("published", stamp, article.published_from),
        ("printed", article.published_printed, None),
        ("modified", article.modified_at.isoformat() if article.modified_at else None, came_from.get("modified_at")),
        ("author", ", ".join(article.authors) or None, came_from.get("authors")),
        ("editor", ", ".join(article.editors) or None, came_from.get("editors")),
        ("dateline", article.dateline.text if article.dateline else None, came_from.get("dateline")),
        ("agency", article.agency, came_from.get("agency")),
        ("section", article.section, came_from.get("section")),
        ("tags", ", ".join(article.tags) or None, came_from.get("tags")),
        ("image", image.url if image else None, None),
        ("caption", image.caption if image else None, came_from.get("captions")),
        ("lede", article.lede, came_from.get("body")),
        ("body", f"{len(article.body)} paragraphs, {sum(map(len, article.body)):,} characters", came_from.get("body")),
    ]
    return [{"field": name, "value": value, "from": where if value else None} for name, value, where in values]


def _robots_problem(robots: dict[str, Any]) -> str | None:
    if robots["error"]:
        return f"{robots['address']} could not be fetched: {robots['error']}."
    if robots["status"] >= 500:
        return (
            f"{robots['address']} answers {robots['status']}; until it works, nothing may be requested from its host."
        )
    return None


def _network_problem(robots: Sequence[dict[str, Any]]) -> str | None:
    if robots and all(each["error"] for each in robots):
        return "No host of this source answered. Check this machine's network, then run this again."
    return None


def _listing_problem(listing: dict[str, Any]) -> str | None:
    if listing["error"]:
        error = listing["error"].rstrip(".")
        where = "" if "://" in error else f"{listing['url']}: "
        return f"{listing['kind']}: {where}{error}."
    if not listing["articles"]:
        return (
            f"{listing['kind']} {listing['url']} lists {listing['items']} addresses, and none matches the source's "
            "pattern for articles."
        )
    return None


def _article_problem(article: dict[str, Any] | None, addresses: Sequence[str]) -> str | None:
    if article is None:
        return "No listing names an article, so none was read."
    if article["rejected"]:
        tried = min(len(addresses), MOST_TRIED)
        return f"None of {tried} articles could be read. The last was {article['url']}: {article['rejected']}."
    if article["layout"] is None:
        return f"No layout of the source matches {article['url']}; the page was read without one."
    return None
