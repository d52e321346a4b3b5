"""A parsed page: its metadata, and what stands in named places of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from typing import Any
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.records import Rejected
from reading.extract import jsonld, microdata, refuse
from reading.extract import meta as metas
from reading.extract.body import text_of, tidy
from reading.extract.charset import decode
from reading.extract.lines import read_lines
from reading.extract.raw import FoundText, RawArticle, RawImage
from sources.definition import split_selector

_DAY_IN_PATH = re.compile(r"/((?:19|20)\d\d)/(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])(?=/)")
_MOST_CLAIMS = 20
"""Canonical links that are looked at; real pages have one, and broken ones two."""
_EDITORS_KEYWORD = "Editor:"  # liputan6.com's JSON-LD has the editor among its keywords: "Editor:Rina Dewi"


def parse_html(content: bytes, content_type: str | None = None) -> LexborHTMLParser:
    """The tree of a page, decoded. `content_type` is the server's header if there was one.

    Raises Rejected: "empty", "too-large", "too-deep", "not-html".
    """
    refuse.unreadable(content, content_type)
    text = decode(content, content_type).replace("\x00", "")
    refuse.too_deep(text)
    refuse.too_crowded(text)
    return LexborHTMLParser(text)


@dataclass(frozen=True, slots=True)
class MetadataValues:
    """One field's values as each kind of metadata gives them."""

    ld: tuple[FoundText, ...] = ()
    micro: tuple[FoundText, ...] = ()
    meta: tuple[FoundText, ...] = ()

    @property
    def all(self) -> tuple[FoundText, ...]:
        """Of every kind, JSON-LD first."""
        return (*self.ld, *self.micro, *self.meta)

    @property
    def first_kind(self) -> tuple[FoundText, ...]:
        """Of the first kind that has any."""
        return self.ld or self.micro or self.meta


class ParsedPage:
    """A parsed page and its metadata."""

    def __init__(self, tree: LexborHTMLParser, url: str) -> None:
        self.tree = tree
        self.url = url
        self.meta = metas.MetaTags(tree)
        self.marked_up = tree.css_first("[itemprop]") is not None
        self.ld = _own(jsonld.articles(tree), {url, *(each.text for each in self.addresses)})
        self.declared = bool(
            self.ld
            or microdata.scope(tree)
            or any(found.text.lower() == "article" for found in self.meta.values(("og:type",)))
        )

    def facts(self, name: str, names_in_meta: Sequence[str] = (), inner: str = "name") -> MetadataValues:
        """One schema.org property, and the meta elements that say the same."""
        in_ld = jsonld.values(self.ld, name, inner)
        in_microdata = microdata.values(self.tree, name) if self.marked_up else ()
        return MetadataValues(in_ld, in_microdata, self.meta.values(names_in_meta))

    @cached_property
    def titles(self) -> tuple[FoundText, ...]:
        """The headlines of metadata, then the first `h1`, then the window's title."""
        heads = [FoundText(text, "text") for node in self.tree.css("h1")[:1] if (text := text_of(node))]
        title = self.tree.css_first("head title") or self.tree.css_first("title")
        last = [FoundText(text, "meta") for text in [tidy(title.text()) if title else ""] if text]
        return (*self.facts("headline", metas.TITLES).all, *heads, *last)

    @cached_property
    def addresses(self) -> tuple[FoundText, ...]:
        """The addresses by which it calls itself, absolute."""
        links = dict.fromkeys(node.attributes.get("href") or "" for node in self.tree.css("link[rel~=canonical]"))
        canonical = (FoundText(link, "meta") for link in [*links][:_MOST_CLAIMS] if link.strip())
        claims = (*canonical, *self.meta.values(("og:url",)))
        return tuple(FoundText(joined, claim.where) for claim in claims if (joined := absolute(self.url, claim.text)))

    def select(self, selectors: tuple[str, ...]) -> tuple[FoundText, ...]:
        """The texts (or attributes) of the first selector that finds any."""
        return select(self.tree, selectors)

    @cached_property
    def says_error(self) -> bool:
        """Whether a title is that of a barrier or an error."""
        return any(refuse.is_error_title(each.text) for each in self.titles)

    @property
    def _editors_among_keywords(self) -> tuple[FoundText, ...]:
        names = (each.text for each in jsonld.values(self.ld, "keywords") if each.text.startswith(_EDITORS_KEYWORD))
        return tuple(FoundText(name.removeprefix(_EDITORS_KEYWORD), "json-ld") for name in names)

    @property
    def visible(self) -> str:
        """The text that a reader sees, forms and asides too: captchas and barriers stand in them."""
        return "\n".join(line.text for line in read_lines(self.tree.body).lines) if self.tree.body else ""

    @property
    def of_payment(self) -> str:
        """`visible`, or nothing where no word on the page speaks of paying for it."""
        body = self.tree.body
        return self.visible if body and refuse.mentions_payment(body.text()) else ""

    def without_article(self) -> Rejected:
        """What is said of it where it has no article: "blocked", "not-found" or "no-article"."""
        return refuse.no_article(self.titles[-1].text if self.titles else "", self.visible)

    def raw(self, **fields: object) -> RawArticle:
        """A RawArticle with all that metadata gives; `fields` are what the page prints, and take precedence."""
        published = (*self.facts("datePublished", metas.PUBLISHED).all, *day_in_address(self.url))
        modified = self.facts("dateModified", metas.MODIFIED).all
        html = self.tree.css_first("html")
        declared = tidy((html.attributes.get("lang") if html else None) or "")
        languages = (*self.facts("inLanguage").all, *([FoundText(declared, "meta")] if declared else []))
        keywords = self.facts("keywords", metas.TAGS).first_kind
        publishers = jsonld.values(self.ld, "publisher")
        found: dict[str, object] = {
            "addresses": self.addresses,
            "titles": self.titles,
            "metadata": published,
            "modified": modified,
            "authors": self.facts("author", metas.AUTHORS).first_kind,
            "editors": self.facts("editor", metas.EDITORS).first_kind or self._editors_among_keywords,
            "sections": self.facts("articleSection", metas.SECTIONS).first_kind,
            "tags": tuple(each for each in keywords if not each.text.startswith(_EDITORS_KEYWORD)),
            "languages": languages,
            "declared": self.declared,
            "site": next((each.text for each in (*self.meta.values(("og:site_name",)), *publishers)), None),
        }
        return RawArticle(url=self.url, **(found | {name: value for name, value in fields.items() if value}))  # type: ignore[arg-type]  # the names above are its own


def _own(articles: list[dict[str, Any]], addresses: Collection[str]) -> dict[str, Any]:
    """Of several articles that JSON-LD describes the one that bears the page's address, else the first; {} of none."""
    for each in articles if len(articles) > 1 else ():
        claims = (*jsonld.values(each, "mainEntityOfPage", "@id"), *jsonld.values(each, "url"))
        if any(claim.text in addresses for claim in claims):
            return each
    return articles[0] if articles else {}


def select(
    root: LexborHTMLParser | LexborNode, selectors: tuple[str, ...], without: Collection[int] = ()
) -> tuple[FoundText, ...]:
    """What the first selector that finds anything finds below `root`; elements in `without` are no part of a text."""
    for selector in selectors:
        css, attribute = split_selector(selector)
        nodes = root.css(css)
        texts = [tidy(node.attributes.get(attribute) or "") if attribute else text_of(node, without) for node in nodes]
        if any(texts):
            where = "meta" if css.startswith("meta") else "selector"
            return tuple(FoundText(text, where) for text in texts if text)
    return ()


def day_in_address(url: str) -> tuple[FoundText, ...]:
    """The day that an address carries ("/2015/12/18/"), as many publishers' did before 2012 and some still do."""
    found = _DAY_IN_PATH.search(urlsplit(url).path) if absolute(url, url) else None
    return (FoundText("-".join(found.groups()), "url"),) if found else ()


def images_of(
    page: ParsedPage,
    addresses: tuple[FoundText, ...],
    captions: tuple[FoundText, ...],
    credits: tuple[FoundText, ...] = (),
) -> tuple[RawImage, ...]:
    """Pictures out of their addresses, captions and credits, which belong together in their order."""
    images = (
        RawImage(absolute(page.url, address.text) if address else None, caption, credit)
        for address, caption, credit in zip_longest(addresses, captions, credits)
    )
    return tuple(dict.fromkeys(image for image in images if image.url or image.caption))


def absolute(base: str, link: str) -> str | None:
    """An absolute http(s) address out of a link; None for any other kind, and for what is no address."""
    try:
        joined = urljoin(base, link.strip())
    except ValueError:
        return None
    return joined if joined.startswith(("http://", "https://")) else None
