"""Lists of an outlet's articles: front page, daily indexes, feed, sitemaps, robots.txt.

Feeds and sitemaps have absolute addresses on the outlet's own host, pages have relative links. Newest stories first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import format_datetime
from html import escape

from newsstand.stamps import moment, print_stamp
from newsstand.stories import Outlet, Story

INDEX_PAGE = 3  # headlines on a page of a daily index: so few that a busy day has several pages
FRONT_PAGE = 12
NEWS_SITEMAP = 10  # Google asks for the last two days; this site is not updated, so it lists its newest
FEED = 50


@dataclass(frozen=True, slots=True)
class FeedItem:
    """An entry of a feed; `published` is None if the page prints no clock, or if the feed must not reveal the date."""

    url: str
    title: str
    published: datetime | None = None
    description: str = ""


def feed_item(story: Story) -> FeedItem:
    """A story as an entry of its outlet's feed."""
    published = story.published if isinstance(story.published, datetime) and story.metadata else None
    return FeedItem(story.url, story.title, published, story.paragraphs[0])


def feed(title: str, home: str, items: Iterable[FeedItem], opening: str = "") -> str:
    """An RSS 2.0 feed. Clocks are RFC 822 in +0700. `opening` precedes the XML declaration, as in careless feeds."""
    entries = []
    for item in items:
        stamp = f"<pubDate>{format_datetime(moment(item.published))}</pubDate>" if item.published else ""
        entries.append(
            f"<item><title>{escape(item.title)}</title><link>{escape(item.url)}</link>{stamp}"
            f"<guid>{escape(item.url)}</guid><description>{escape(item.description)}</description></item>"
        )
    return (
        f'{opening}<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>\n'
        f"<title>{escape(title)}</title>\n<link>{home}</link>\n"
        f"<description>Berita {escape(title)}</description>\n<language>id</language>\n"
        + "\n".join(entries)
        + "\n</channel></rss>\n"
    )


def months(stories: Iterable[Story]) -> list[str]:
    """The months with stories, newest first, as "2015-12"."""
    return list(dict.fromkeys(f"{story.published:%Y-%m}" for story in stories))


def sitemap_index(outlet: Outlet, stories: Sequence[Story]) -> str:
    """The index of the monthly sitemaps and the news sitemap."""
    names = ["sitemap-news.xml", *(f"sitemap-{month}.xml" for month in months(stories))]
    entries = "\n".join(f"<sitemap><loc>http://{outlet.host}/{name}</loc></sitemap>" for name in names)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}\n</sitemapindex>\n'
    )


def sitemap(addresses: Iterable[tuple[str, datetime | None]]) -> str:
    """A sitemap of addresses, each with the instant of its last change."""
    entries = "\n".join(
        f"<url><loc>{escape(url)}</loc>{f'<lastmod>{changed.isoformat()}</lastmod>' if changed else ''}</url>"
        for url, changed in addresses
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}\n</urlset>\n'
    )


def news_sitemap(outlet: Outlet, stories: Sequence[Story]) -> str:
    """A Google News sitemap of the newest stories (support.google.com/news/publisher-center/answer/9606710)."""
    entries = "\n".join(
        f"<url><loc>{story.url}</loc><news:news><news:publication><news:name>{outlet.masthead}</news:name>"
        f"<news:language>id</news:language></news:publication>"
        f"<news:publication_date>{_machine(story.published)}</news:publication_date>"
        f"<news:title>{escape(story.title)}</news:title></news:news></url>"
        for story in stories[:NEWS_SITEMAP]
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n{entries}\n</urlset>\n'
    )


def _machine(when: datetime | date) -> str:
    return moment(when).isoformat() if isinstance(when, datetime) else when.isoformat()


def robots(host: str, crawl_delay: float, closed: Sequence[str], sitemaps: Sequence[str]) -> str:
    """robots.txt of a host; `crawl_delay` in seconds, `closed` the disallowed paths."""
    lines = ["User-agent: *", f"Crawl-delay: {crawl_delay:g}", *(f"Disallow: {path}" for path in closed)]
    if not closed:
        lines.append("Disallow:")
    return "\n".join([*lines, "", *(f"Sitemap: http://{host}/{name}" for name in sitemaps), ""])


def front_page(outlet: Outlet, stories: Sequence[Story]) -> str:
    """The newest headlines, and links to all daily indexes."""
    body = _headlines(stories[:FRONT_PAGE])
    days = "\n".join(
        f'<li><a href="/indeks/{day}">{print_stamp(date.fromisoformat(day), "old-day")}</a></li>'
        for day in dict.fromkeys(f"{story.published:%Y-%m-%d}" for story in stories)
    )
    menu = '<p><a href="/rss/terkini.xml">RSS</a> | <a href="/indeks">Indeks</a> | <a href="/cari">Cari</a></p>'
    return _page(outlet, outlet.masthead, f"{menu}\n{body}\n<h2>Indeks harian</h2>\n<ul>\n{days}\n</ul>")


def daily_index(outlet: Outlet, day: date, stories: Sequence[Story], page: int) -> str | None:
    """A page (from 1) of the headlines of a day; None past the last page. A day without stories has one page."""
    of_the_day = [story for story in stories if f"{story.published:%Y-%m-%d}" == day.isoformat()]
    pages = max(1, -(-len(of_the_day) // INDEX_PAGE))
    if not 1 <= page <= pages:
        return None
    body = _headlines(of_the_day[(page - 1) * INDEX_PAGE : page * INDEX_PAGE])
    links = [f'<a href="/indeks/{day}?page={number}">{number}</a>' for number in range(1, pages + 1)]
    if page < pages:
        links.append(f'<a rel="next" href="/indeks/{day}?page={page + 1}">Selanjutnya</a>')
    title = f"Indeks berita {print_stamp(day, 'old-day')}"
    return _page(outlet, title, f'{body or "<p>Tidak ada berita.</p>"}\n<nav class="paging">{" ".join(links)}</nav>')


def search_page(outlet: Outlet) -> str:
    """A page that robots.txt disallows: a crawler that requests it ignored robots.txt."""
    return _page(outlet, "Pencarian", '<form action="/cari"><input name="q"><button>Cari</button></form>')


def _headlines(stories: Sequence[Story]) -> str:
    if not stories:
        return ""
    entries = "\n".join(
        f'<li><a href="{story.path}">{escape(story.title)}</a> <small>{escape(story.published_text, quote=False)}'
        f"</small></li>"
        for story in stories
    )
    return f'<ul class="headlines">\n{entries}\n</ul>'


def _page(outlet: Outlet, title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="id">\n<head><meta charset="utf-8"><title>{escape(title)}</title></head>\n'
        f'<body>\n<h1><a href="/">{outlet.masthead}</a></h1>\n<h2>{escape(title)}</h2>\n{body}\n</body>\n</html>\n'
    )
