"""A source: the facts about one publisher, checked when the object is created.

A file `sources/publishers/NAME.py` with `SOURCE = Source(name="NAME", …)` is all that a publisher needs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from datetime import date
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

if TYPE_CHECKING:
    from kliping.config import SourceSettings


_NOT_SELECTORS = frozenset(("valid_until", "all_pages", "unsigned"))
"""The fields of a layout that are no selectors."""
_TERMS_NEEDED = "Write in a sentence what its robots.txt and terms of use allow"


class BadSourceError(Exception):
    """A source cannot be used.

    The message says what to correct, without its last full stop. `load` puts the file's path before it.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """CSS selectors of each field on the publisher's pages, for pages of one period.

    Every field is a tuple of CSS selectors in order of preference: the first that matches anything is used, with all
    its matches. "img@src" takes the attribute `src`; a selector without "@" takes the text.

    - `drop`: elements inside the body that are not part of the story; all of these selectors are used. Without it,
      the reader removes scripts, hidden elements, and "Baca juga: …" and lone links in paragraphs of their own. So name
      what remains, like a link inside a paragraph: 'a:lexbor-contains("Baca juga")'. `:lexbor-contains` reads an
      element's own text only, not that of the elements inside it.
    - `sources`: where a page names the wire or medium that the story is from ("Sumber : Antara").
    - `picture`: elements with one picture each, the lead picture first. `image`, `caption` and `credit` are then
      searched in each of them; without `caption`, the element's own text is the caption.
    - `credit`: a picture's credit outside the caption, or in an element inside it; it is removed from the caption.
    - `next_page`: links to the article's next pages. `all_pages` is the query by which the publisher shows all pages
      as one ("page=all"); if it is set, that page is read instead.
    - `unsigned`: stories carry initials at most, so no writer is looked for where the selectors find none.
    - `valid_until`: the last day on which the layout was in use, if known.
    """

    body: tuple[str, ...]
    title: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    picture: tuple[str, ...] = ()
    image: tuple[str, ...] = ()
    caption: tuple[str, ...] = ()
    credit: tuple[str, ...] = ()
    section: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    next_page: tuple[str, ...] = ()
    all_pages: str = ""
    unsigned: bool = False
    valid_until: date | None = None

    @property
    def selectors(self) -> tuple[str, ...]:
        """Every selector of the layout."""
        named = (getattr(self, each.name) for each in fields(self) if each.name not in _NOT_SELECTORS)
        return tuple(selector for selectors in named for selector in selectors)

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.name in _NOT_SELECTORS:
                continue
            selectors = _tuple_of_text(getattr(self, each.name), f"the layout's {each.name}")
            for selector in selectors:
                if not selector_is_sound(selector):
                    raise BadSourceError(f"the layout's {each.name} has an invalid CSS selector: {selector!r}")
        if not self.body:
            raise BadSourceError("a layout needs a selector for the body")
        if self.all_pages and not (self.next_page and re.fullmatch(r"[\w-]+=[\w-]+", self.all_pages)):
            raise BadSourceError(f'all_pages must be like "page=all" and needs next_page, not {self.all_pages!r}')


@dataclass(frozen=True, slots=True)
class Feed:
    """An RSS or Atom feed. Every listed story is visited, because feeds are short and do not say what changed."""

    url: str


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A sitemap or sitemap index, plain or gzipped. Stories are visited if they are new or their `lastmod` changed."""

    url: str


@dataclass(frozen=True, slots=True)
class NewsSitemap:
    """A news sitemap (Google's extension): stories of the last two days with their publication times."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyIndex:
    """A page of links for each day, by which `kliping backfill` reads a publisher's past day by day.

    `url` is a template: {year} has four digits, {month} and {day} two. {page} counts from `first_page` by `page_step`;
    without {page} a day has one page. If the publisher counts stories instead of pages, the step is the number of
    stories on a page (kontan.co.id: 0, 20, 40). `links` are CSS selectors of the links on the page. `oldest` is the
    first day known to have a page.
    """

    url: str
    links: tuple[str, ...] = ("a[href]",)
    first_page: int = 1
    page_step: int = 1
    oldest: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPage:
    """An HTML page that links to the newest stories; `links` are CSS selectors of those links."""

    url: str
    links: tuple[str, ...] = ("a[href]",)


Finding = Feed | Sitemap | NewsSitemap | DailyIndex | FrontPage
"""One listing in which a source's articles are found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One publisher.

    - `domains`: registered domains or hosts, without scheme.
    - `zone`: IANA name of the zone of the times that its pages print.
    - `article`: regular expression that matches the beginning of an article's address; `exclude`: one that is found in
      addresses that are not articles.
    - `outlets`: the names by which it signs its stories. `agency`: the wire that it is, for a wire only.
    - `terms`: what its robots.txt and terms of use allow, in a sentence or two.
    - `delay`: seconds between two requests.
    - `finds`: the listings in which its articles are found. A DailyIndex is for backfill; a nightly crawl reads it only
      if there is neither feed nor sitemap.
    - `least_listed`: the fewest addresses that the listings have in a normal crawl.
    - `state`: path of the article in the data from which the browser builds the page ("props.pageProps.article" in
      Next.js's `__NEXT_DATA__`). Layouts find its values by name: "[data-state='authors.name']".
    - `proved`: day of the newest real page with which the layouts were tested; None if there was none.
    - `group`: the politeness group. Sources of one group are never crawled at the same time.
    """

    name: str
    title: str
    domains: tuple[str, ...]
    article: str
    layouts: tuple[Layout, ...]
    terms: str
    zone: str = "Asia/Jakarta"
    finds: tuple[Finding, ...]
    exclude: str | None = None
    outlets: tuple[str, ...] = ()
    agency: str | None = None
    state: str | None = None
    delay: float = 5.0
    least_listed: int = 1
    proved: date | None = None
    group: str = field(default="")

    def __post_init__(self) -> None:
        self._check()
        if not self.group:
            object.__setattr__(self, "group", self.domains[0])

    def _check(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise BadSourceError(
                "its name, which is also its file's, must be lower-case letters, digits and underscores"
            )
        for domain in _tuple_of_text(self.domains, "domains"):
            if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain):
                raise BadSourceError(f'a domain must look like "example.co.id", without scheme or path, not {domain!r}')
        if not self.domains:
            raise BadSourceError("it needs at least one domain")
        for name in ("article", "exclude"):
            _check_pattern(getattr(self, name), name)
        self._check_finds()
        if not self.layouts or not all(isinstance(layout, Layout) for layout in self.layouts):
            raise BadSourceError("layouts must be a tuple of at least one Layout")
        if not self.terms.strip():
            raise BadSourceError(f"`terms` is empty. {_TERMS_NEEDED}")
        if "TODO" in self.terms:
            raise BadSourceError(f"`terms` still has a TODO. {_TERMS_NEEDED}")
        if self.delay < 0 or self.least_listed < 0:
            raise BadSourceError("delay and least_listed cannot be negative")
        _tuple_of_text(self.outlets, "outlets")
        try:
            ZoneInfo(self.zone)
        except (KeyError, OSError, ValueError) as error:  # unknown, a folder, or a path outside the zone database
            raise BadSourceError(f"there is no time zone {self.zone!r}") from error

    def _check_finds(self) -> None:
        if not isinstance(self.finds, tuple) or not all(isinstance(each, Finding) for each in self.finds):
            raise BadSourceError(f'finds must be a tuple of listings, like (Feed("https://…"),), not {self.finds!r}')
        if not self.finds:
            raise BadSourceError(
                "finds needs a feed, a sitemap, a daily index or a front page, else no article is ever found"
            )
        for find in self.finds:
            kind = type(find).__name__
            if urlsplit(find.url).scheme not in {"http", "https"}:
                raise BadSourceError(f"the address of a {kind} must begin with http:// or https://: {find.url!r}")
            if not self.owns(find.url):
                raise BadSourceError(f"the {kind} {find.url!r} is on none of its own domains")
            if isinstance(find, DailyIndex | FrontPage):
                for selector in _tuple_of_text(find.links, f"the {kind}'s links"):
                    if not selector_is_sound(selector):
                        raise BadSourceError(f"the {kind}'s links has an invalid CSS selector: {selector!r}")
            if isinstance(find, DailyIndex):
                _check_template(find.url)

    def configured_finds(self, settings: SourceSettings) -> tuple[Finding, ...]:
        """The source's listings, where feeds and sitemaps in the settings replace the source's own of that kind.

        An empty list in the settings removes the kind. Feeds come first, then sitemaps, then pages of links.
        """
        feeds = tuple(find for find in self.finds if isinstance(find, Feed))
        sitemaps = tuple(find for find in self.finds if isinstance(find, Sitemap | NewsSitemap))
        if settings.feeds is not None:
            feeds = tuple(map(Feed, settings.feeds))
        if settings.sitemaps is not None:
            sitemaps = tuple(map(Sitemap, settings.sitemaps))
        return (*feeds, *sitemaps, *(find for find in self.finds if isinstance(find, DailyIndex | FrontPage)))

    def configured_delay(self, settings: SourceSettings) -> float:
        """Seconds between two requests: from the settings, else the source's own."""
        return self.delay if settings.delay is None else settings.delay

    @property
    def lease(self) -> str:
        """Name of the lease that every crawl of the politeness group takes."""
        return f"site:{self.group}"

    def owns(self, url: str) -> bool:
        """Whether an address is on one of the source's own domains or their subdomains."""
        return self.domain_of(url) is not None

    def domain_of(self, url: str) -> str | None:
        """The longest of the source's domains that the address is on; None if it is on none, or is malformed."""
        try:
            host = (urlsplit(url).hostname or "").rstrip(".")
        except ValueError:  # "http://["
            return None
        own = [domain for domain in self.domains if host == domain or host.endswith("." + domain)]
        return max(own, key=len, default=None)

    def is_article(self, url: str) -> bool:
        """Whether an address matches the pattern of the source's articles."""
        if not re.match(self.article, url):
            return False
        return self.exclude is None or not re.search(self.exclude, url)


def _check_template(template: str) -> None:
    try:
        fields = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    except ValueError as error:
        raise BadSourceError(f"the address of a DailyIndex is not a valid template: {template!r} ({error})") from error
    if not {"year", "month", "day"} <= fields <= {"year", "month", "day", "page"}:
        raise BadSourceError(
            f"the address of a DailyIndex needs {{year}}, {{month}} and {{day}}, and may have {{page}}: {template!r}"
        )


def split_selector(selector: str) -> tuple[str, str | None]:
    """Split a selector from its attribute: "a@href" → ("a", "href"), "h1" → ("h1", None)."""
    found = re.fullmatch(r"(.+)@([A-Za-z][\w:-]*)", selector)
    return (found[1], found[2]) if found else (selector, None)


@lru_cache(maxsize=4096)
def selector_is_sound(selector: str) -> bool:
    """Whether the HTML parser accepts the selector."""
    try:
        LexborHTMLParser("").css(split_selector(selector)[0])
    except SelectolaxError:
        return False
    return bool(selector.strip())


def _tuple_of_text(value: object, name: str) -> tuple[str, ...]:
    # ("h1") is a string, which would be read letter by letter: the most common mistake
    if not isinstance(value, tuple) or not all(isinstance(each, str) for each in value):
        raise BadSourceError(f'{name} must be a tuple of strings, like ("h1",), not {value!r}')
    return value


def _check_pattern(pattern: str | None, name: str) -> None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise BadSourceError(f"{name} is not a valid regular expression: {error}") from error
    if name == "article" and not pattern:
        raise BadSourceError("article needs a regular expression")
