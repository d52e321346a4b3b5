"""A page of HTML to what it prints. Pure: bytes in, RawArticle out; no network and no clock."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.records import Rejected
from crawler.extract import generic, jsonld, microdata, refuse, state
from crawler.extract import meta as metas
from crawler.extract.body import densest, paragraphs, text_of, tidy
from crawler.extract.charset import decode
from crawler.extract.raw import Found, RawArticle, RawImage
from crawler.sources.definition import Layout, Source, split_selector

_DAY_IN_PATH = re.compile(r"/((?:19|20)\d\d)/(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])(?=/)")
_FEWEST_WORDS = 25
"""A story found by its looks alone has at least so many words; teasers and notices have fewer."""


def extract(content: bytes, *, url: str, content_type: str | None = None, source: Source | None) -> RawArticle:
    """What the page prints. `url` is its final address, `content_type` the server's header if there was one.

    The source's first layout whose body selector matches says where the fields stand. Without a source, or where the
    page calls itself an article and no layout knows it (flag "layout-unknown"), metadata and the densest text serve.
    Raises Rejected: "empty", "too-large", "too-deep", "not-html", "blocked", "not-found", "no-article".
    """
    tree = _parsed(content, content_type)
    if source is not None and source.state:
        tree = state.written_out(tree, source.state)
    page = _Page(tree, url)
    layout, story = _layout_of(page.tree, source)
    if layout is not None and story is not None:
        raw = _by_layout(page, layout, story)
    elif source is None or page.declared:
        raw = _by_looks(page, flags=("layout-unknown",) if source else ())
    else:
        raise page.without_article()
    if not raw.body and not any(image.caption for image in raw.images):
        raise page.without_article()
    return raw


def claimed_addresses(content: bytes, content_type: str | None = None) -> tuple[str, ...]:
    """The absolute addresses by which a page calls itself, for one that was saved without its own.

    In the order of trust: `rel=canonical`, `og:url`, JSON-LD, microdata. Raises Rejected like `extract`, but asks for
    no article.
    """
    page = _Page(_parsed(content, content_type), "")
    in_ld = (*jsonld.values(page.ld, "mainEntityOfPage", "@id"), *jsonld.values(page.ld, "url"))
    claims = (*page.addresses, *in_ld, *microdata.values(page.tree, "url"))
    return tuple(dict.fromkeys(address for claim in claims if (address := _joined("", claim.text))))


def _parsed(content: bytes, content_type: str | None) -> LexborHTMLParser:
    refuse.unreadable(content, content_type)
    text = decode(content, content_type).replace("\x00", "")
    refuse.too_deep(text)
    return LexborHTMLParser(text)


@dataclass(frozen=True, slots=True)
class _Facts:
    """One field's values as each kind of metadata gives them."""

    ld: tuple[Found, ...] = ()
    micro: tuple[Found, ...] = ()
    meta: tuple[Found, ...] = ()

    @property
    def all(self) -> tuple[Found, ...]:
        return (*self.ld, *self.micro, *self.meta)

    @property
    def first_kind(self) -> tuple[Found, ...]:
        return self.ld or self.micro or self.meta


class _Page:
    """A parsed page and its metadata."""

    def __init__(self, tree: LexborHTMLParser, url: str) -> None:
        self.tree = tree
        self.url = url
        self.meta = metas.Meta(tree)
        self.ld = next(iter(jsonld.articles(tree)), {})
        self.declared = bool(
            self.ld
            or microdata.scope(tree)
            or any(found.text.lower() == "article" for found in self.meta.values(("og:type",)))
        )

    def facts(self, name: str, names_in_meta: Sequence[str] = (), inner: str = "name") -> _Facts:
        """One schema.org property, and the meta elements that say the same."""
        in_ld = jsonld.values(self.ld, name, inner)
        return _Facts(in_ld, microdata.values(self.tree, name), self.meta.values(names_in_meta))

    @property
    def titles(self) -> tuple[Found, ...]:
        heads = [Found(text, "text") for node in self.tree.css("h1")[:1] if (text := text_of(node))]
        title = self.tree.css_first("head title") or self.tree.css_first("title")
        last = [Found(text, "meta") for text in [tidy(title.text()) if title else ""] if text]
        return (*self.facts("headline", ("og:title", "twitter:title")).all, *heads, *last)

    @property
    def addresses(self) -> tuple[Found, ...]:
        links = [node.attributes.get("href") or "" for node in self.tree.css("link[rel~=canonical]")]
        claims = [Found(link, "meta") for link in links if link.strip()] + list(self.meta.values(("og:url",)))
        return tuple(Found(joined, claim.where) for claim in claims if (joined := _joined(self.url, claim.text)))

    def select(self, selectors: tuple[str, ...]) -> tuple[Found, ...]:
        """The texts (or attributes) of the first selector that finds any."""
        for selector in selectors:
            css, attribute = split_selector(selector)
            nodes = self.tree.css(css)
            texts = [tidy(node.attributes.get(attribute) or "") if attribute else text_of(node) for node in nodes]
            if any(texts):
                return tuple(Found(text, "selector") for text in texts if text)
        return ()

    def without_article(self) -> Rejected:
        title = self.titles[-1].text if self.titles else ""
        story = text_of(self.tree.body) if self.tree.body else ""
        forms = " ".join(tidy(form.text()) for form in self.tree.css("form"))  # a captcha is one, and no story's part
        return refuse.no_article(title, f"{story} {forms}".strip())

    def raw(self, **fields: object) -> RawArticle:
        """A RawArticle with all that metadata gives; `fields` are what the page prints, and take precedence."""
        published = (*self.facts("datePublished", metas.PUBLISHED).all, *day_in_address(self.url))
        modified = self.facts("dateModified", metas.MODIFIED).all
        html = self.tree.css_first("html")
        declared = tidy((html.attributes.get("lang") if html else None) or "")
        languages = (*self.facts("inLanguage").all, *([Found(declared, "meta")] if declared else []))
        found: dict[str, object] = {
            "addresses": self.addresses,
            "titles": self.titles,
            "metadata": published,
            "modified": modified,
            "authors": self.facts("author", metas.AUTHORS).first_kind,
            "editors": self.facts("editor", metas.EDITORS).first_kind,
            "sections": self.facts("articleSection", metas.SECTIONS).first_kind,
            "tags": self.facts("keywords", metas.TAGS).first_kind,
            "languages": languages,
            "declared": self.declared,
        }
        return RawArticle(url=self.url, **(found | {name: value for name, value in fields.items() if value}))  # type: ignore[arg-type]  # the names above are its own


def _layout_of(tree: LexborHTMLParser, source: Source | None) -> tuple[Layout | None, LexborNode | None]:
    for layout in source.layouts if source else ():
        for selector in layout.body:
            if story := tree.css_first(selector):
                return layout, story
    return None, None


def _by_layout(page: _Page, layout: Layout, story: LexborNode) -> RawArticle:
    drop = {node.mem_id for selector in layout.drop for node in story.css(selector)}
    titles = page.select(layout.title)
    next_pages = page.select(layout.next_page)
    images = _images(page, page.select(layout.image), page.select(layout.caption))
    if not layout.image and not images:
        images = _images(page, _picture_of_metadata(page), ())
    return page.raw(
        titles=(*titles[:1], *page.titles),
        printed=page.select(layout.published),
        updates=page.select(layout.updated),
        bylines=page.select(layout.authors),
        editor_lines=page.select(layout.editors),
        body=paragraphs(story, drop),
        body_from="selector",
        images=images,
        sections=page.select(layout.section),
        tags=page.select(layout.tags),
        next_page=_joined(page.url, next_pages[0].text) if next_pages else None,
    )


def _by_looks(page: _Page, flags: tuple[str, ...]) -> RawArticle:
    body = page.tree.body
    story = page.tree.css_first("[itemprop~=articleBody]")
    drop = set()
    found = densest(story or body) if body else None
    if found:
        drop = set(found[1])
        story = story or found[0]
    story_paragraphs = paragraphs(story, drop) if story else ()
    if sum(len(paragraph.split()) for paragraph in story_paragraphs) < _FEWEST_WORDS:
        raise page.without_article()
    lines = generic.lines_around_title(page.tree, story)
    caption = generic.caption(page.tree)
    return page.raw(
        printed=generic.stamps(lines),
        bylines=generic.bylines(page.tree, lines),
        body=story_paragraphs,
        body_from="text",
        images=_images(page, _picture_of_metadata(page), (caption,) if caption else ()),
        flags=flags,
    )


def day_in_address(url: str) -> tuple[Found, ...]:
    """The day that an address carries ("/2015/12/18/"), as many publishers' did before 2012 and some still do."""
    found = _DAY_IN_PATH.search(urlsplit(url).path) if _joined(url, url) else None
    return (Found("-".join(found.groups()), "url"),) if found else ()


def _picture_of_metadata(page: _Page) -> tuple[Found, ...]:
    return (page.facts("image", inner="url").first_kind or page.meta.values(("og:image",)))[:1]


def _images(page: _Page, addresses: tuple[Found, ...], captions: tuple[Found, ...]) -> tuple[RawImage, ...]:
    pairs = zip_longest(addresses, captions)
    images = (RawImage(_joined(page.url, address.text) if address else None, caption) for address, caption in pairs)
    return tuple(dict.fromkeys(image for image in images if image.url or image.caption))


def _joined(base: str, link: str) -> str | None:
    """An absolute http(s) address out of a link; None for any other kind, and for what is no address."""
    try:
        joined = urljoin(base, link.strip())
    except ValueError:
        return None
    return joined if joined.startswith(("http://", "https://")) else None
