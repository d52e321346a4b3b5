"""A first draft of a source, from one article's page: what a program can guess, and what a person must write.

The draft never loads before somebody has written its terms (`BadSourceError` says so), and its fixture is a page of
placeholders in the publisher's markup: nothing of a real page's text belongs into the repository.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.probe.site import ProbedSite
from lexicon import domains
from reading.extract.body import text_of, tidy
from reading.extract.charset import decode
from reading.extract.generic import STAMP
from reading.extract.lines import read_lines
from reading.extract.page import extract
from reading.extract.raw import RawArticle

_FEED_KINDS = ("application/rss+xml", "application/atom+xml")
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z_-]*")
_LONGEST_FIELD = 300
"""Characters: an element that holds more than this around a stamp or byline is no place for it."""


class NoDraftError(Exception):
    """The address or page gives no draft; the message is one sentence's worth."""


@dataclass(frozen=True, slots=True)
class SamplePage:
    """An article's page and its host's robots.txt (null: not looked at, or not had)."""

    url: str
    content: bytes
    content_type: str | None
    robots: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """The files of a new source: the source itself, a page of placeholders, and the article expected of that."""

    name: str
    source: str
    page: str
    expected: str


@dataclass(frozen=True, slots=True)
class _Place:
    """An element that can be told apart: its tag, and an id or classes."""

    tag: str
    id: str | None
    classes: tuple[str, ...]

    @property
    def selector(self) -> str:
        return self.tag + (f"#{self.id}" if self.id else "".join(f".{name}" for name in self.classes))

    def element(self, content: str) -> str:
        told = f' id="{self.id}"' if self.id else f' class="{" ".join(self.classes)}"' if self.classes else ""
        element = f"<{self.tag}{told}>{content}</{self.tag}>"
        return f"<table><tr>{element}</tr></table>" if self.tag in ("td", "th") else element


async def fetch(site: ProbedSite, url: str) -> dict[str, Any]:
    """The task of the probe: an article's page and its host's robots.txt, as JSON carries them."""
    robots = await site.robots(url)
    answer = await site.ask(url)
    if isinstance(answer, str):
        return {"error": answer, "robots": robots}
    if answer.status != 200:
        return {"error": f"it answered {answer.status}", "robots": robots}
    content = base64.b64encode(answer.content).decode("ascii")
    return {"error": None, "url": answer.url, "type": answer.content_type, "content": content, "robots": robots}


def fetched(answer: dict[str, Any], url: str) -> SamplePage:
    """What the probe's child carried over. Raises NoDraftError where the page was not had."""
    if answer["error"]:
        raise NoDraftError(f"{url} could not be had: {answer['error']}")
    return SamplePage(answer["url"], base64.b64decode(answer["content"]), answer["type"], answer["robots"]["text"])


def registered_domain(url: str) -> str:
    """The registered domain of an article's URL ("www.viva.co.id" is "viva.co.id"). Raises NoDraftError."""
    try:
        parts = urlsplit(url)
    except ValueError as error:  # "http://[": no address at all
        raise NoDraftError(f"{url!r} is no address") from error
    labels = (parts.hostname or "").split(".")
    if parts.scheme not in ("http", "https") or len(labels) < 2 or not all(labels):
        raise NoDraftError(f"{url!r} is no address of an article")
    return domains.registered_domain(".".join(labels))


def name_of(url: str) -> str:
    """The name that a source of this address would have. Raises NoDraftError."""
    name = re.sub(r"[^a-z0-9]+", "_", registered_domain(url).split(".")[0]).strip("_")
    return name if name[:1].isalpha() else f"s_{name}"


def draft(page: SamplePage, name: str) -> Draft:
    """The draft that an article's page gives. Raises archive.records.Rejected for a page that holds no article."""
    tree = LexborHTMLParser(decode(page.content, page.content_type))
    raw = extract(page.content, url=page.url, content_type=page.content_type, source=None)
    places = _places(tree, raw)
    return Draft(name, _source_text(page, name, tree, places), _page_text(page, places), _expected_text(page, name))


def _places(tree: LexborHTMLParser, raw: RawArticle) -> dict[str, _Place]:
    """Where each field of a layout stands, as far as an id or class tells it."""
    story = read_lines(tree.body).heaviest() if tree.body else None
    caption = next((image.caption.text for image in raw.images if image.caption), None)
    stamp = STAMP.search(raw.printed[0].text) if raw.printed else None
    nodes = {
        "title": tree.css_first("h1"),
        "published": _around(tree, stamp[0]) if stamp else None,
        "authors": _around(tree, raw.bylines[0].text) if raw.bylines else None,
        "body": tree.css_first("[itemprop~=articleBody]") or story,
        "caption": _around(tree, caption) if caption else None,
    }
    return {field: place for field, node in nodes.items() if node and (place := _place(tree, node))}


def _around(tree: LexborHTMLParser, text: str) -> LexborNode | None:
    """The smallest element that holds the beginning of the text, the innermost where several hold nothing else."""
    holding = [node for node in tree.css("body *") if text[:40] in tidy(node.text() or "")]
    smallest = min(reversed(holding), key=lambda node: len(tidy(node.text() or "")), default=None)
    return smallest if smallest is not None and len(text_of(smallest)) <= _LONGEST_FIELD else None


def _place(tree: LexborHTMLParser, node: LexborNode) -> _Place | None:
    """How to tell the element, or the nearest one around it; null where nothing does before the body."""
    around: LexborNode | None = node
    while around is not None and around.tag not in ("body", "html", "-undef"):
        for place in _tellings(around):
            first = tree.css_first(place.selector)
            if first is not None and first.mem_id == around.mem_id:
                return place
        around = around.parent
    return None


def _tellings(node: LexborNode) -> Iterator[_Place]:
    tag = node.tag or "div"
    own = node.attributes.get("id") or ""
    if _PLAIN_NAME.fullmatch(own):  # a name with digits is often made up anew for each page
        yield _Place(tag, own, ())
    classes = tuple(name for name in (node.attributes.get("class") or "").split() if _PLAIN_NAME.fullmatch(name))
    for name in classes:
        yield _Place(tag, None, (name,))
    if len(classes) > 1:
        yield _Place(tag, None, classes)
    if tag in ("h1", "time", "article", "figcaption"):
        yield _Place(tag, None, ())


def article_pattern(url: str) -> str:
    """A regular expression for addresses like this one: numbers and headlines may vary, words of the path stay."""
    domain = re.escape(registered_domain(url)).replace(r"\-", "-")
    segments = [part for part in urlsplit(url).path.split("/") if part]
    last = len(segments) - 1
    path = "/".join(_segment(part, is_last=place == last) for place, part in enumerate(segments))
    return rf"https?://(?:[a-z0-9-]+\.)*{domain}/{path}".replace('"', "%22")


def _segment(part: str, *, is_last: bool) -> str:
    if part.isdigit():
        return rf"\d{{{len(part)}}}" if len(part) in (2, 4) else r"\d+"
    if is_last or re.search(r"\d|-", part):
        ending = re.search(r"\.(?:html?|php|aspx?)$", part)
        return "[^/?#]+" + (re.escape(ending[0]) if ending else "")
    return re.escape(part)


def _finds(page: SamplePage, tree: LexborHTMLParser) -> list[str]:
    """The ways to find articles that page and robots.txt name, as a source's file writes them."""
    domain = registered_domain(page.url)
    links = tree.css("link[rel~=alternate]")
    feeds = [
        urljoin(page.url, node.attributes.get("href") or "")
        for node in links
        if (node.attributes.get("type") or "").lower() in _FEED_KINDS
    ]
    sitemaps = re.findall(r"^\s*sitemap\s*:\s*(\S+)", page.robots or "", re.I | re.M)
    ways = [
        *(("Feed", url) for url in feeds if "comment" not in url),
        *(("NewsSitemap" if "news" in urlsplit(url).path else "Sitemap", url) for url in sitemaps),
    ]
    mine = dict.fromkeys((kind, url) for kind, url in ways if _is_of(url, domain))
    if not mine:
        return [f"FrontPage(url={_quoted('/'.join(page.url.split('/')[:3]) + '/')})"]
    return [f"{kind}({_quoted(url)})" for kind, url in mine]


def _is_of(url: str, domain: str) -> bool:
    try:
        return registered_domain(url) == domain
    except NoDraftError:
        return False


def _source_text(page: SamplePage, name: str, tree: LexborHTMLParser, places: dict[str, _Place]) -> str:
    finds = _finds(page, tree)
    kinds = sorted({*(find.split("(")[0] for find in finds), "Layout", "Source"})
    site = tree.css_first("meta[property='og:site_name']")
    title = ((site.attributes.get("content") if site else None) or name.replace("_", " ").title()).strip()
    fields = [f"            {field}=({_quoted(place.selector)},)," for field, place in places.items()]
    missing = [field for field in ("title", "published", "authors", "body", "caption") if field not in places]
    if "body" in missing:
        fields.append('            body=("article",),  # TODO: nothing told the story apart')
    unfound = [f"            # TODO: {', '.join(missing)}: not found"] if missing else []
    robots = [f"    # robots.txt: {line}".rstrip() for line in _of_robots(page.robots)]
    lines = [
        f'"""{title}. TODO: what must be known of it, in a sentence."""',
        "",
        f"from sources.definition import {', '.join(kinds)}",
        "",
        "SOURCE = Source(",
        f"    name={_quoted(name)},",
        f"    title={_quoted(title)},",
        f"    domains=({_quoted(registered_domain(page.url))},),",
        '    zone="Asia/Jakarta",  # TODO: of the clock that its pages print',
        f"    # TODO: look at each way (kliping sources check {name}), and compare the pattern with other addresses",
        "    finds=(",
        *(f"        {find}," for find in finds),
        "    ),",
        f'    article=r"{article_pattern(page.url)}",',
        "    layouts=(",
        "        Layout(  # TODO: guessed from one page",
        *fields,
        *unfound,
        "        ),",
        "    ),",
        f"    outlets=({_quoted(title)},),",
        *robots,
        '    terms="",  # TODO: what its robots.txt and conditions allow; it does not load before you have read them',
        ")",
        "",
    ]
    return "\n".join(lines)


def _of_robots(text: str | None) -> Sequence[str]:
    """The lines of a robots.txt that a person should see before writing the terms."""
    if text is None:
        return ["not had; look at it yourself"]
    told = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return [line[:100] for line in told[:20]] or ["empty"]


def _page_text(page: SamplePage, places: dict[str, _Place]) -> str:
    """A page of placeholders in the markup that the selectors stand for."""
    placeholders = {
        "title": "TODO: an invented headline",
        "published": "TODO: a stamp as the publisher prints it",
        "authors": "TODO: a byline as the publisher prints it",
        "caption": "TODO: an invented caption (its credit)",
        "body": "\n<p>TODO: an invented first paragraph.</p>\n<p>TODO: a second one.</p>\n",
    }
    elements = [places[field].element(text) for field, text in placeholders.items() if field in places]
    canonical = f'<link rel="canonical" href="{escape(page.url)}">'
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="id">\n<head><meta charset="utf-8">',
            f"<title>TODO</title>\n{canonical}\n</head>\n<body>",
            *elements,
            "</body>\n</html>\n",
        ]
    )


def _expected_text(page: SamplePage, name: str) -> str:
    todo = {"url": page.url, "source": name, "title": "TODO: kliping read page … --json prints the rest; check it"}
    return json.dumps(todo, ensure_ascii=False, indent=1) + "\n"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
