"""The news desk: which answer each host returns for an address. Its only state is the corrections of stories."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import parse_qs

from newsstand import arsip, lama, www
from newsstand.answers import XML, Answer, not_found
from newsstand.listings import (
    FEED,
    daily_index,
    feed,
    feed_item,
    front_page,
    months,
    news_sitemap,
    robots,
    search_page,
    sitemap,
    sitemap_index,
)
from newsstand.stamps import moment
from newsstand.stories import Outlet, Story

CLOSED = ("/cari", "/ajax/")
BY_LABEL = {outlet.value: outlet for outlet in Outlet}
RENDER = {Outlet.WWW: www.render, Outlet.ARSIP: arsip.render, Outlet.LAMA: lama.render}


def outlet_of(host: str) -> Outlet:
    """The outlet of a Host header; www for an unknown host, so that a browser at 127.0.0.1 sees a page."""
    label, _, rest = host.lower().partition(":")[0].partition(".")
    return BY_LABEL.get(label, Outlet.WWW) if rest in ("newsstand.test", "localhost") else Outlet.WWW


class Desk:
    """The stories of all outlets. `unlisted` stories are served, but no feed, sitemap or page lists them."""

    def __init__(self, stories: Sequence[Story], unlisted: Sequence[Story] = (), crawl_delay: float = 0.1) -> None:
        self.crawl_delay = crawl_delay
        self._stories: dict[tuple[str, str], Story] = {(story.outlet, story.path): story for story in stories}
        self._unlisted: dict[tuple[str, str], Story] = {(story.outlet, story.path): story for story in unlisted}

    def stories(self, outlet: str | None = None) -> list[Story]:
        """The listed stories with their corrections, newest first."""
        return [story for story in self._stories.values() if outlet is None or story.outlet == outlet]

    def story(self, outlet: str, path: str) -> Story | None:
        """The story at a path without query, listed or not."""
        return self._stories.get((outlet, path)) or self._unlisted.get((outlet, path))

    def correct(self, path: str, sentence: str, *, modified: datetime | None = None, outlet: str = Outlet.WWW) -> Story:
        """Append `sentence` to the story at `path` and print when it was changed; returns the new version.

        `modified` (aware) defaults to a day after its last version. The address stays. Raises KeyError if there is no
        story.
        """
        stories = self._stories if (outlet, path) in self._stories else self._unlisted
        story = stories[outlet, path]
        *pages, last = story.pages
        latest = story.modified or story.published
        changed = modified or (latest if isinstance(latest, datetime) else moment(latest)) + timedelta(days=1)
        corrected = replace(story, pages=(*pages, (*last, sentence)), modified=changed)
        stories[outlet, path] = corrected
        return corrected

    def answer(self, host: str, target: str) -> Answer:
        """The answer to a request target ("/path?query") at a host."""
        outlet = outlet_of(host)
        path, _, query = target.partition("?")
        page = parse_qs(query).get("page", ["1"])[0]
        if not re.fullmatch(r"[1-9]\d{0,3}", page):
            return not_found(target)
        story = self.story(outlet, path)
        if story is not None:
            return self.article(story, int(page))
        return self._listing(outlet, path, int(page)) or not_found(target)

    def article(self, story: Story, page: int = 1) -> Answer:
        """A page of a story; 404 past the last page."""
        if page > len(story.pages):
            return not_found(f"{story.path}?page={page}")
        html = RENDER[story.outlet](story, page, self._others(story))
        return Answer(
            body=html.encode(story.charset),
            content_type=f"text/html; charset={story.charset}",
            last_modified=story.last_changed,
        )

    def _others(self, story: Story) -> list[Story]:
        """The three stories after this one in its outlet's list; after the last comes the first."""
        siblings = self.stories(story.outlet)
        place = next((place for place, other in enumerate(siblings) if other.path == story.path), -1)
        ring = siblings[place + 1 :] + siblings[: max(place, 0)]
        return ring[:3]

    def _listing(self, outlet: Outlet, path: str, page: int) -> Answer | None:
        stories = self.stories(outlet)
        home = f"http://{outlet.host}"
        if path == "/":
            return Answer(body=front_page(outlet, stories).encode())
        if path == "/robots.txt":
            body = robots(outlet.host, self.crawl_delay, CLOSED, ("sitemap.xml", "sitemap-news.xml"))
            return Answer(body=body.encode(), content_type="text/plain; charset=utf-8")
        if path == "/rss/terkini.xml":
            # ANTARA's feed of 2015 began with an empty line, which strict XML parsers refuse
            opening = "\n" if outlet is Outlet.ARSIP else ""
            return _xml(feed(outlet.masthead, home, map(feed_item, stories[:FEED]), opening))
        if path == "/sitemap.xml":
            return _xml(sitemap_index(outlet, stories))
        if path == "/sitemap-news.xml":
            return _xml(news_sitemap(outlet, stories))
        if (month := re.fullmatch(r"/sitemap-(\d{4}-\d\d)\.xml", path)) and month[1] in months(stories):
            of_the_month = [story for story in stories if f"{story.published:%Y-%m}" == month[1]]
            return _xml(sitemap((story.url, story.last_changed) for story in of_the_month))
        if day := re.fullmatch(r"/indeks(?:/(\d{4}-\d\d-\d\d))?/?", path):
            return _index(outlet, day[1] or f"{stories[0].published:%Y-%m-%d}", stories, page)
        if path.startswith(CLOSED):
            return Answer(body=search_page(outlet).encode())
        if re.fullmatch(r"/foto/\d+\.png", path):
            return Answer(body=PICTURE, content_type="image/png")
        return None


def _xml(text: str) -> Answer:
    return Answer(body=text.encode(), content_type=XML)


def _index(outlet: Outlet, day: str, stories: Sequence[Story], page: int) -> Answer | None:
    try:
        html = daily_index(outlet, date.fromisoformat(day), stories, page)
    except ValueError:  # an impossible day, such as 2015-02-31
        return None
    return Answer(body=html.encode()) if html is not None else None


def _png(width: int, height: int) -> bytes:
    """A grey picture, for people who look at the site in a browser."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    rows = (b"\0" + b"\xb0" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


PICTURE = _png(640, 360)
