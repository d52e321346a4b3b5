"""Drafts a source from one article's page: guesses what a program can guess, and marks the rest with TODO.

The draft does not load until somebody has written its terms (`BadSourceError`). Its fixture is a page of placeholders
in the publisher's markup, because no text of a real page may enter the repository.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.identity import url_path
from archive.records import Rejected
from crawler.probe.element_path import ElementPath, path_of
from crawler.probe.fixture import as_text
from lexicon import domains
from reading.article import normalise
from reading.extract.addresses import absolute
from reading.extract.body import text_of, tidy
from reading.extract.charset import decode
from reading.extract.lines import read_lines
from reading.extract.outline import STAMP
from reading.extract.page import claimed_addresses, extract
from reading.extract.parsed_page import parse_html
from reading.extract.raw import RawArticle

if TYPE_CHECKING:
    from crawler.probe.site import ProbedSite  # the parent process decodes pages without loading Scrapy

_FEED_KINDS = ("application/rss+xml", "application/atom+xml")
_NAMED_AFTER_TAGS = re.compile(r"(?<![a-z])tags?(?![a-z])", re.I)
_IMAGE_ATTRIBUTES = ("src", "data-src", "data-original", "data-lazy-src")
_ZONES = {timedelta(hours=8): "Asia/Makassar", timedelta(hours=9): "Asia/Jayapura"}
_LINE_LENGTH = 120
_LONGEST_FIELD = 300
"""Characters. An element with more text than this is too large to be the place of a stamp or byline."""


class NoDraftError(Exception):
    """No draft can be made from the address or page. The message is a sentence without its full stop."""


@dataclass(frozen=True, slots=True)
class SamplePage:
    """An article's page and its host's robots.txt (None: not requested, or no answer)."""

    url: str
    content: bytes
    content_type: str | None
    robots: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """The files of a new source: the source file, a page of placeholders, and the article expected from that page."""

    name: str
    source: str
    page: str
    expected: str


async def fetch_page(site: ProbedSite, url: str) -> dict[str, Any]:
    """The probe's `page` task: an article's page and its host's robots.txt, encoded for JSON."""
    robots = await site.robots(url)
    answer = await site.request(url)
    if isinstance(answer, str):
        return {"error": answer, "robots": robots}
    if answer.status != 200:
        return {"error": f"it answered {answer.status}", "robots": robots}
    content = base64.b64encode(answer.content).decode("ascii")
    return {"error": None, "url": answer.url, "type": answer.content_type, "content": content, "robots": robots}


def decode_page(answer: dict[str, Any], url: str) -> SamplePage:
    """The page in the answer of the probe's `page` task. Raises NoDraftError if it could not be fetched."""
    if answer["error"]:
        raise NoDraftError(f"{url} could not be fetched: {answer['error']}")
    return SamplePage(answer["url"], base64.b64decode(answer["content"]), answer["type"], answer["robots"]["text"])


def registered_domain(url: str) -> str:
    """The registered domain of an article's URL ("www.viva.co.id" is "viva.co.id"). Raises NoDraftError."""
    try:
        parts = urlsplit(url)
    except ValueError as error:  # "http://["
        raise NoDraftError(f"{url!r} is not an address") from error
    labels = (parts.hostname or "").split(".")
    if parts.scheme not in ("http", "https") or len(labels) < 2 or not all(labels):
        raise NoDraftError(f"{url!r} is not the address of an article")
    return domains.registered_domain(".".join(labels))


def is_front_page(url: str) -> bool:
    """Whether an address has neither path nor query, so that it cannot be an article's."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def stated_elsewhere(page: SamplePage) -> str | None:
    """The address that the page states as its own, if that is on another registered domain than the page's address."""
    stated = next(iter(claimed_addresses(parse_html(page.content, page.content_type))), None)
    return stated if stated and not _is_on_domain(stated, registered_domain(page.url)) else None


def name_of(url: str) -> str:
    """A name for the source of this address: the first part of its domain. Raises NoDraftError."""
    name = re.sub(r"[^a-z0-9]+", "_", registered_domain(url).split(".")[0]).strip("_")
    return name if name[:1].isalpha() else f"s_{name}"


def draft(page: SamplePage, name: str) -> Draft:
    """Draft a source from an article's page. Raises archive.records.Rejected if the page holds no article."""
    tree = LexborHTMLParser(decode(page.content, page.content_type))
    raw = extract(page.content, url=page.url, content_type=page.content_type, source=None)
    elements = _find_elements(tree, raw)
    source = _source_text(page, name, tree, raw, elements)
    return Draft(name, source, _page_text(page, elements), _expected_text(page, name))


def _find_elements(tree: LexborHTMLParser, raw: RawArticle) -> dict[str, ElementPath]:
    """The element of each field of a layout, for the fields whose element has an id or class."""
    story = read_lines(tree.body).heaviest() if tree.body else None
    caption = next((image.caption.text for image in raw.images if image.caption), None)
    stamp = STAMP.search(raw.printed[0].text) if raw.printed else None
    nodes = {
        "title": tree.css_first("h1"),
        "published": _smallest_with(tree, stamp[0]) if stamp else None,
        "authors": _smallest_with(tree, raw.bylines[0].text) if raw.bylines else None,
        "body": tree.css_first("[itemprop~=articleBody]") or story,
        "caption": _smallest_with(tree, caption) if caption else None,
    }
    found = {field: path for field, node in nodes.items() if node and (path := path_of(tree, node))}
    links = {"image": _image_path(tree, raw), "tags": _tags_path(tree)}
    # an element that also has the story would put the placeholders of both into one place
    return found | {field: path for field, path in links.items() if path and not _is_same(path, found.get("body"))}


def _is_same(path: ElementPath, other: ElementPath | None) -> bool:
    return other is not None and replace(path, inner="") == other


def _image_path(tree: LexborHTMLParser, raw: RawArticle) -> ElementPath | None:
    """The first picture's container whose first image is that picture; None if it has no id or class."""
    address = next((image.url for image in raw.images if image.url), "")
    for attribute in _IMAGE_ATTRIBUTES if address else ():
        for node in tree.css(f"body img[{attribute}]"):
            own = absolute(raw.url or "", node.attributes.get(attribute) or "") or ""
            # metadata often has http:// where the page has https://
            if own.partition("://")[2] != address.partition("://")[2] or node.parent is None:
                continue
            path = path_of(tree, node.parent)
            first = tree.css_first(f"{path.selector} img") if path else None
            if path and first is not None and first.mem_id == node.mem_id:
                return replace(path, inner=f" img@{attribute}")
    return None


def _tags_path(tree: LexborHTMLParser) -> ElementPath | None:
    """The innermost element that is named after tags and has at least two links; None if there is none."""
    named = [
        node
        for node in tree.css("body [class*=tag], body [id*=tag]")
        if _NAMED_AFTER_TAGS.search(f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}")
        and len(node.css("a[href]")) > 1
    ]
    path = path_of(tree, named[-1]) if named else None
    return replace(path, inner=" a") if path else None


def _smallest_with(tree: LexborHTMLParser, text: str) -> LexborNode | None:
    """The smallest element that contains the beginning of the text; of equally small ones the innermost."""
    holding = [node for node in tree.css("body *") if text[:40] in tidy(node.text() or "")]
    smallest = min(reversed(holding), key=lambda node: len(tidy(node.text() or "")), default=None)
    return smallest if smallest is not None and len(text_of(smallest)) <= _LONGEST_FIELD else None


def article_pattern(url: str) -> str:
    """A regular expression for addresses like this one: numbers and headlines vary, other path segments are fixed."""
    domain = re.escape(registered_domain(url)).replace(r"\-", "-")
    segments = [part for part in urlsplit(url).path.split("/") if part]
    last = len(segments) - 1
    path = "/".join(_segment_pattern(part, is_last=number == last) for number, part in enumerate(segments))
    return rf"https?://(?:[a-z0-9-]+\.)*{domain}/{path}".replace('"', "%22")


def _segment_pattern(part: str, *, is_last: bool) -> str:
    if part.isdigit():
        return rf"\d{{{len(part)}}}" if len(part) in (2, 4) else r"\d+"
    if is_last or re.search(r"\d|-", part):
        ending = re.search(r"\.(?:html?|php|aspx?)$", part)
        return "[^/?#]+" + (re.escape(ending[0]) if ending else "")
    return re.escape(part)


def _finds(page: SamplePage, tree: LexborHTMLParser) -> list[tuple[str, str]]:
    """The feeds that the page names and the sitemaps that robots.txt names; else the front page.

    Each is the name of its class and the class's argument as Python source.
    """
    domain = registered_domain(page.url)
    links = tree.css("link[rel~=alternate]")
    feeds = [
        feed
        for node in links
        if (node.attributes.get("type") or "").lower() in _FEED_KINDS
        and (feed := absolute(page.url, node.attributes.get("href") or ""))
    ]
    sitemaps = re.findall(r"^\s*sitemap\s*:\s*(\S+)", page.robots or "", re.I | re.M)
    listings = [
        *(("Feed", url) for url in feeds if "comment" not in url),
        *(("NewsSitemap" if "news" in url_path(url) else "Sitemap", url) for url in sitemaps),
    ]
    own = dict.fromkeys((kind, url) for kind, url in listings if _is_on_domain(url, domain))
    if not own:
        return [("FrontPage", f"url={_quoted('/'.join(page.url.split('/')[:3]) + '/')}")]
    return [(kind, _quoted(url)) for kind, url in own]


def _is_on_domain(url: str, domain: str) -> bool:
    try:
        return registered_domain(url) == domain
    except NoDraftError:
        return False


def _zone(page: SamplePage, raw: RawArticle) -> str:
    """The zone of Indonesia whose offset the page's time stamp has; Jakarta's if it has another or none."""
    try:
        published_at = normalise(raw, source=None, url=page.url, fetched_at=None).published_at
    except Rejected:
        return "Asia/Jakarta"
    offset = published_at.utcoffset() if isinstance(published_at, datetime) else None
    return _ZONES.get(offset or timedelta(), "Asia/Jakarta")


def _site_name(page: SamplePage, tree: LexborHTMLParser) -> str:
    """The publisher's name: from og:site_name, else from the end of the page's title, else its domain."""
    site = tree.css_first("meta[property='og:site_name']")
    title = tree.css_first("head > title")
    _, *endings = re.split(r"\s[-–—|]\s", title.text()) if title else [""]
    stated = (site.attributes.get("content") if site else None) or (endings[-1] if endings else "")
    # without quotes, so that it can stand in a docstring and in a string
    return tidy(re.sub(r'[\\"]', " ", stated))[:50].strip() or registered_domain(page.url)


def _source_text(
    page: SamplePage, name: str, tree: LexborHTMLParser, raw: RawArticle, elements: dict[str, ElementPath]
) -> str:
    finds = _finds(page, tree)
    kinds = sorted({*(kind for kind, _ in finds), "Layout", "Source"})
    title = _site_name(page, tree)
    fields = [
        line
        for field, path in elements.items()
        for line in _wrapped(12, f"{field}=(", f"{_quoted(path.selector)},", ")")
    ]
    missing = [field for field in ("title", "published", "authors", "body", "caption") if field not in elements]
    if "body" in missing:
        fields.append('            body=("article",),  # TODO: no element of the story has an id or class')
    unfound = [f"            # TODO: {', '.join(missing)}: not found"] if missing else []
    robots = [f"    # robots.txt: {line}".rstrip() for line in _robots_excerpt(page.robots)]
    lines = [
        f'"""{title}. TODO: what a reader must know about it, in a sentence."""',
        "",
        f"from sources.definition import {', '.join(kinds)}",
        "",
        "SOURCE = Source(",
        f"    name={_quoted(name)},",
        f"    title={_quoted(title)},",
        f"    domains=({_quoted(registered_domain(page.url))},),",
        f"    zone={_quoted(_zone(page, raw))},  # TODO: the zone of the clock times that its pages print",
        f"    # TODO: check each listing (kliping sources check {name}), and compare the pattern with other addresses",
        *_finds_text(finds),
        f'    article=r"{article_pattern(page.url)}",',
        "    layouts=(",
        "        Layout(  # TODO: guessed from one page",
        *fields,
        *unfound,
        "        ),",
        "    ),",
        f"    outlets=({_quoted(title)},),",
        *robots,
        '    terms="",  # TODO: what its robots.txt and terms allow; the source does not load until this is written',
        ")",
        "",
    ]
    return "\n".join(lines)


def _finds_text(finds: Sequence[tuple[str, str]]) -> list[str]:
    if len(finds) == 1:
        (kind, argument), *_ = finds
        line = f"    finds=({kind}({argument}),),"
        if len(line) <= _LINE_LENGTH:
            return [line]
    return [
        "    finds=(",
        *(line for kind, argument in finds for line in _wrapped(8, f"{kind}(", argument, ")")),
        "    ),",
    ]


def _wrapped(indent: int, opening: str, content: str, closing: str) -> list[str]:
    """One line of Python, or three if it is too long: as `ruff format` writes them."""
    margin = " " * indent
    line = f"{margin}{opening}{content}{closing},"
    return [line] if len(line) <= _LINE_LENGTH else [margin + opening, f"{margin}    {content}", f"{margin}{closing},"]


def _robots_excerpt(text: str | None) -> Sequence[str]:
    """The first lines of a robots.txt, which a person must read before writing the terms."""
    if text is None:
        return ["not fetched; read it yourself"]
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return [line[:100] for line in lines[:20]] or ["empty"]


def _page_text(page: SamplePage, elements: dict[str, ElementPath]) -> str:
    """A page of placeholders in the markup that the selectors match."""
    placeholders = {
        "title": "TODO: an invented headline",
        "published": "TODO: a stamp as the publisher prints it",
        "authors": "TODO: a byline as the publisher prints it",
        "image": '<img src="/contoh.jpg" alt="">',
        "caption": "TODO: an invented caption (its credit)",
        "body": "\n<p>TODO: an invented first paragraph.</p>\n<p>TODO: a second one.</p>\n",
        "tags": '<a href="/tag/contoh">TODO: a tag</a> <a href="/tag/lain">TODO: another</a>',
    }
    body = [elements[field].element(text) for field, text in placeholders.items() if field in elements]
    canonical = f'<link rel="canonical" href="{escape(page.url)}">'
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="id">\n<head><meta charset="utf-8">',
            f"<title>TODO</title>\n{canonical}\n</head>\n<body>",
            *body,
            "</body>\n</html>\n",
        ]
    )


def _expected_text(page: SamplePage, name: str) -> str:
    todo = f"TODO: `kliping sources fixture {name}` writes this file once the page is yours"
    expected = {"url": page.url, "source": name, "title": todo}
    return as_text(expected)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
