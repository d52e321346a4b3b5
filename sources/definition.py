"""What a source is: a paragraph of facts about one publisher, checked when it is written down.

A file `sources/publishers/NAME.py` with `SOURCE = Source(name="NAME", …)` is the whole registration of a publisher.
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


class BadSourceError(Exception):
    """A source that cannot be used. The message is one plain sentence that says what to mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where each field stands on a page of one era.

    Every field is a tuple of CSS selectors in order of preference: the first that finds anything is used, with all
    that it finds. "img@src" takes the attribute `src`, a selector without "@" takes the text. `drop` names what stands
    inside the body and is no part of it; each of its selectors is used. `sources` is where a page names the wire or
    medium whose story it is ("Sumber : Antara"). `picture` names the elements that hold one picture each, the lead
    picture first; `image`, `caption` and `credit` are then looked for in each of them, and without `caption` a
    picture's own text is its caption. `credit` is a picture's credit that stands apart from the caption, or inside it
    in an element of its own; it is left out of the caption. `next_page` finds the links to further pages; where
    `all_pages` gives the query by which the publisher shows all pages as one ("page=all"), that page is read instead.
    `valid_until` is the last day on which the layout was in use, if it is known.
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
    valid_until: date | None = None

    def __post_init__(self) -> None:
        for each in fields(self):
            if each.name in ("valid_until", "all_pages"):
                continue
            selectors = _tuple_of_text(getattr(self, each.name), f"the layout's {each.name}")
            for selector in selectors:
                if not selector_is_sound(selector):
                    raise BadSourceError(f"the layout's {each.name} has a selector that cannot be read: {selector!r}")
        if not self.body:
            raise BadSourceError("a layout needs a selector for the body")
        if self.all_pages and not (self.next_page and re.fullmatch(r"[\w-]+=[\w-]+", self.all_pages)):
            raise BadSourceError(f'all_pages is a query like "page=all" beside a next_page, not {self.all_pages!r}')


@dataclass(frozen=True, slots=True)
class Feed:
    """An RSS or Atom feed. All that it lists is visited, because feeds are short and say nothing of changes."""

    url: str


@dataclass(frozen=True, slots=True)
class Sitemap:
    """A sitemap or sitemap index, plain or gzipped. Visited is what is new or whose `lastmod` has moved."""

    url: str


@dataclass(frozen=True, slots=True)
class NewsSitemap:
    """A news sitemap (Google's extension): the last two days, each entry with the time of its publication."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyIndex:
    """A page of links for each day, which makes a publisher's past readable day by day (`kliping backfill`).

    `url` is a template: {year} {month} {day} are four and two digits, {page} counts from `first_page` by `page_step`
    (without it a day is one page); a publisher that counts stories there has the number of a page's stories as its
    step (kontan.co.id: 0, 20, 40). `links` are CSS selectors of the links in it. `oldest` is the first day known to
    have a page.
    """

    url: str
    links: tuple[str, ...] = ("a[href]",)
    first_page: int = 1
    page_step: int = 1
    oldest: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPage:
    """A page of HTML that links to the newest stories; `links` are CSS selectors of those links."""

    url: str
    links: tuple[str, ...] = ("a[href]",)


Finding = Feed | Sitemap | NewsSitemap | DailyIndex | FrontPage
"""One way in which a source's articles are found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One publisher.

    `domains` are registered domains or hosts, without scheme; `zone` is the IANA name of the zone of its clock;
    `article` is a regular expression that an article's address begins with, `exclude` one found in addresses that are
    none. `outlets` are the names by which it signs its stories; `agency` is the wire whose stories its own pages
    are (only a wire has one). `terms` says in a sentence or two what its robots.txt and conditions allow. `delay` is in
    seconds between two requests. `finds` says how its articles are found; a DailyIndex serves backfill, and
    nightly crawls where nothing else is known. `least_listed` is the fewest addresses that these give in a crawl when
    all is well.
    `state` is the place of the article in the data that the browser builds the page from ("props.pageProps.article" in
    Next.js's `__NEXT_DATA__`); layouts find each of its values by name, "[data-state='authors.name']".
    `proved` is the day of the youngest stored page on which the layouts were proved, null where none was.
    `group` is the politeness group: sources of one group are never crawled at once.
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
        try:
            self._check()
        except BadSourceError as problem:
            raise BadSourceError(f"source {self.name!r}: {problem}") from problem.__cause__
        if not self.group:
            object.__setattr__(self, "group", self.domains[0])

    def _check(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.name):
            raise BadSourceError("a name is lower-case letters, digits and underscores, for its file bears it")
        for domain in _tuple_of_text(self.domains, "domains"):
            if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain):
                raise BadSourceError(
                    f'a domain is written like "example.co.id", without scheme or path, not {domain!r}'
                )
        if not self.domains:
            raise BadSourceError("it needs at least one domain")
        for name in ("article", "exclude"):
            _compiles(getattr(self, name), name)
        self._check_finds()
        if not self.layouts or not all(isinstance(layout, Layout) for layout in self.layouts):
            raise BadSourceError("layouts is a tuple of at least one Layout")
        if not self.terms.strip():
            raise BadSourceError("it needs a sentence on its robots.txt and terms")
        if self.delay < 0 or self.least_listed < 0:
            raise BadSourceError("delay and least_listed cannot be negative")
        _tuple_of_text(self.outlets, "outlets")
        try:
            ZoneInfo(self.zone)
        except (KeyError, OSError, ValueError) as error:  # unknown, a folder, or a path out of the zone database
            raise BadSourceError(f"there is no time zone {self.zone!r}") from error

    def _check_finds(self) -> None:
        if not isinstance(self.finds, tuple) or not all(isinstance(each, Finding) for each in self.finds):
            raise BadSourceError(f'finds is a tuple of ways, like (Feed("https://…"),), not {self.finds!r}')
        if not self.finds:
            raise BadSourceError(
                "it needs a feed, a sitemap, an index or a front page, else nothing of it is ever found"
            )
        for find in self.finds:
            kind = type(find).__name__
            if urlsplit(find.url).scheme not in {"http", "https"}:
                raise BadSourceError(f"a {kind} is a whole address with http or https, not {find.url!r}")
            if not self.owns(find.url):
                raise BadSourceError(f"{find.url!r} stands on none of its own domains")
            if isinstance(find, DailyIndex | FrontPage):
                for selector in _tuple_of_text(find.links, f"the {kind}'s links"):
                    if not selector_is_sound(selector):
                        raise BadSourceError(f"the {kind}'s links has a selector that cannot be read: {selector!r}")
            if isinstance(find, DailyIndex):
                _check_template(find.url)

    def configured_finds(self, settings: SourceSettings) -> tuple[Finding, ...]:
        """The ways in which articles are found: the source's own, save for the kinds that the settings name themselves.

        An empty list in the settings leaves that kind out. Feeds come first, then sitemaps, then pages of links.
        """
        feeds = tuple(find for find in self.finds if isinstance(find, Feed))
        sitemaps = tuple(find for find in self.finds if isinstance(find, Sitemap | NewsSitemap))
        if settings.feeds is not None:
            feeds = tuple(map(Feed, settings.feeds))
        if settings.sitemaps is not None:
            sitemaps = tuple(map(Sitemap, settings.sitemaps))
        return (*feeds, *sitemaps, *(find for find in self.finds if isinstance(find, DailyIndex | FrontPage)))

    def configured_delay(self, settings: SourceSettings) -> float:
        """Seconds between two requests: the source's own, or what the settings say in their place."""
        return self.delay if settings.delay is None else settings.delay

    @property
    def lease(self) -> str:
        """The name of the lease that every crawl of the source's politeness group takes."""
        return f"site:{self.group}"

    def owns(self, url: str) -> bool:
        """Whether an address stands on one of the source's own domains or a host below one."""
        return self.domain_of(url) is not None

    def domain_of(self, url: str) -> str | None:
        """The longest of the source's domains that the address stands on; None for another's, or no address at all."""
        try:
            host = (urlsplit(url).hostname or "").rstrip(".")
        except ValueError:  # "http://[" and its like: no address, so nobody's
            return None
        own = [domain for domain in self.domains if host == domain or host.endswith("." + domain)]
        return max(own, key=len, default=None)

    def is_article(self, url: str) -> bool:
        """Whether an address looks like one of the source's articles."""
        if not re.match(self.article, url):
            return False
        return self.exclude is None or not re.search(self.exclude, url)


def _check_template(template: str) -> None:
    try:
        fields = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    except ValueError as error:
        raise BadSourceError(f"a DailyIndex's address is no template: {template!r} ({error})") from error
    if not {"year", "month", "day"} <= fields <= {"year", "month", "day", "page"}:
        raise BadSourceError(
            f"a DailyIndex has {{year}}, {{month}} and {{day}} (and {{page}}) in its address: {template!r}"
        )


def split_selector(selector: str) -> tuple[str, str | None]:
    """A selector and the attribute it takes: "a@href" gives ("a", "href"), "h1" gives ("h1", None)."""
    found = re.fullmatch(r"(.+)@([A-Za-z][\w:-]*)", selector)
    return (found[1], found[2]) if found else (selector, None)


@lru_cache(maxsize=4096)
def selector_is_sound(selector: str) -> bool:
    """Whether the HTML parser can read the selector."""
    try:
        LexborHTMLParser("").css(split_selector(selector)[0])
    except SelectolaxError:
        return False
    return bool(selector.strip())


def _tuple_of_text(value: object, name: str) -> tuple[str, ...]:
    # ("h1") is a string, and would be read letter by letter: the commonest slip of all
    if not isinstance(value, tuple) or not all(isinstance(each, str) for each in value):
        raise BadSourceError(f'{name} is a tuple of strings, like ("h1",), not {value!r}')
    return value


def _compiles(pattern: str | None, name: str) -> None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise BadSourceError(f"{name} is a regular expression that cannot be read: {error}") from error
    if name == "article" and not pattern:
        raise BadSourceError("article needs a regular expression")
