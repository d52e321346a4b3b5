"""A page of HTML to what it prints. Pure: bytes in, RawArticle out; no network and no clock."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import zip_longest
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from archive.records import Rejected
from crawler.extract import generic, jsonld, microdata, refuse, scripts, state
from crawler.extract import meta as metas
from crawler.extract.body import paragraphs, text_of, tidy, walk
from crawler.extract.charset import decode
from crawler.extract.lines import read_lines
from crawler.extract.raw import Found, RawArticle, RawImage
from crawler.sources.definition import Layout, Source, split_selector

_DAY_IN_PATH = re.compile(r"/((?:19|20)\d\d)/(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])(?=/)")
_MOST_CLAIMS = 20
"""Canonical links that are looked at; real pages have one, and broken ones two."""
_EDITORS_KEYWORD = "Editor:"  # liputan6.com's JSON-LD has the editor among its keywords: "Editor:Rina Dewi"
_FEWEST_WORDS = 25
"""A story found by its looks alone has at least so many words; teasers and notices have fewer."""


def extract(content: bytes, *, url: str, content_type: str | None = None, source: Source | None) -> RawArticle:
    """What the page prints. `url` is its final address, `content_type` the server's header if there was one.

    The source's first layout whose body selector matches says where the fields stand. Without a source, or where no
    layout knows an article's page or its story (flag "layout-unknown"), metadata and the densest text serve.
    Raises Rejected: "empty", "too-large", "too-deep", "not-html", "blocked", "not-found", "paywall", "no-article".
    """
    tree = _parsed(content, content_type)
    if source is not None and source.state:
        tree = state.written_out(tree, source.state)
    page = _Page(tree, url)
    layout, stories = _layout_of(page.tree, source)
    if layout is not None:
        raw = _by_layout(page, layout, stories)
        if not raw.body and len(raw.images) <= 1:  # several pictures are a gallery
            raw = _with_story_by_looks(page, raw)
    elif source is None:
        raw = _by_looks(page, flags=())
    else:
        raw = _of_unknown_layout(page, source)
    if not raw.body and not any(image.caption for image in raw.images):
        raise page.without_article()
    refuse.too_long(raw.body)
    refuse.teaser_only(raw.body, page.ld.get("isAccessibleForFree"), page.ld.get("wordCount"), lambda: page.of_payment)
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
    refuse.too_crowded(text)
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
        self.marked_up = tree.css_first("[itemprop]") is not None
        self.ld = _own(jsonld.articles(tree), {url, *(each.text for each in self.addresses)})
        self.declared = bool(
            self.ld
            or microdata.scope(tree)
            or any(found.text.lower() == "article" for found in self.meta.values(("og:type",)))
        )

    def facts(self, name: str, names_in_meta: Sequence[str] = (), inner: str = "name") -> _Facts:
        """One schema.org property, and the meta elements that say the same."""
        in_ld = jsonld.values(self.ld, name, inner)
        in_microdata = microdata.values(self.tree, name) if self.marked_up else ()
        return _Facts(in_ld, in_microdata, self.meta.values(names_in_meta))

    @cached_property
    def titles(self) -> tuple[Found, ...]:
        heads = [Found(text, "text") for node in self.tree.css("h1")[:1] if (text := text_of(node))]
        title = self.tree.css_first("head title") or self.tree.css_first("title")
        last = [Found(text, "meta") for text in [tidy(title.text()) if title else ""] if text]
        return (*self.facts("headline", metas.TITLES).all, *heads, *last)

    @cached_property
    def addresses(self) -> tuple[Found, ...]:
        links = dict.fromkeys(node.attributes.get("href") or "" for node in self.tree.css("link[rel~=canonical]"))
        canonical = (Found(link, "meta") for link in [*links][:_MOST_CLAIMS] if link.strip())
        claims = (*canonical, *self.meta.values(("og:url",)))
        return tuple(Found(joined, claim.where) for claim in claims if (joined := _joined(self.url, claim.text)))

    def select(self, selectors: tuple[str, ...]) -> tuple[Found, ...]:
        """The texts (or attributes) of the first selector that finds any."""
        return _select(self.tree, selectors)

    @property
    def _editors_among_keywords(self) -> tuple[Found, ...]:
        names = (each.text for each in jsonld.values(self.ld, "keywords") if each.text.startswith(_EDITORS_KEYWORD))
        return tuple(Found(name.removeprefix(_EDITORS_KEYWORD), "json-ld") for name in names)

    @property
    def visible(self) -> str:
        """The text that a reader sees, forms and asides too: captchas and barriers stand in them."""
        return "\n".join(line.text for line in read_lines(self.tree.body).lines) if self.tree.body else ""

    @property
    def of_payment(self) -> str:
        """`visible`, or nothing where no word on the page speaks of paying for it."""
        body = self.tree.body
        return self.visible if body and refuse.speaks_of_payment(body.text()) else ""

    def without_article(self) -> Rejected:
        return refuse.no_article(self.titles[-1].text if self.titles else "", self.visible)

    def raw(self, **fields: object) -> RawArticle:
        """A RawArticle with all that metadata gives; `fields` are what the page prints, and take precedence."""
        published = (*self.facts("datePublished", metas.PUBLISHED).all, *day_in_address(self.url))
        modified = self.facts("dateModified", metas.MODIFIED).all
        html = self.tree.css_first("html")
        declared = tidy((html.attributes.get("lang") if html else None) or "")
        languages = (*self.facts("inLanguage").all, *([Found(declared, "meta")] if declared else []))
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


def _layout_of(tree: LexborHTMLParser, source: Source | None) -> tuple[Layout | None, list[LexborNode]]:
    """The first layout with a body on the page, and the elements of that body, none inside another."""
    for layout in source.layouts if source else ():
        for selector in layout.body:
            if found := tree.css(selector):
                return layout, _outermost(tree, found)
    return None, []


def _outermost(tree: LexborHTMLParser, nodes: list[LexborNode]) -> list[LexborNode]:
    """Those of the elements that stand in no other of them, found in one walk however deeply a page nests."""
    if len(nodes) == 1 or tree.body is None:
        return nodes
    wanted = {node.mem_id for node in nodes}
    outer: list[LexborNode] = []
    inside = 0
    for node, entering in walk(tree.body):
        if node.mem_id in wanted:
            if entering and not inside:
                outer.append(node)
            inside += 1 if entering else -1
    return outer or nodes[:1]


def _by_layout(page: _Page, layout: Layout, stories: list[LexborNode]) -> RawArticle:
    drop = {node.mem_id for story in stories for selector in layout.drop for node in story.css(selector)}
    titles = page.select(layout.title)
    images = _pictures(page, layout)
    printed, bylines, editor_lines = (
        page.select(places) for places in (layout.published, layout.authors, layout.editors)
    )
    unseen_picture = not any(image.caption or image.credit for image in images)
    undated = not printed and (layout.published or not page.facts("datePublished", metas.PUBLISHED).all)
    unsigned = layout.authors and not bylines
    unedited = layout.editors and not editor_lines
    if page.tree.body and (unseen_picture or undated or unsigned or unedited):
        # a template differs from channel to channel: what is not in its place is looked for by its looks
        seen = generic.look(page.tree.body, [each.text for each in (*titles[:1], *page.titles)], stories[0])
        printed = generic.stamps(seen) if undated else printed
        by_looks = _images_by_looks(page, seen) if unseen_picture else ()
        images = by_looks if any(image.caption for image in by_looks) else images or by_looks
        writers, editors = generic.bylines(seen) if unsigned or unedited else ((), ())
        bylines = bylines or (*writers, *(() if unedited else editors))
        editor_lines = editor_lines or (editors if unedited else ())
    return page.raw(
        titles=(*titles[:1], *page.titles),
        printed=printed,
        updates=page.select(layout.updated),
        bylines=bylines,
        editor_lines=editor_lines,
        source_lines=page.select(layout.sources),
        body=tuple(paragraph for story in stories for paragraph in paragraphs(story, drop)),
        body_from="selector",
        images=images,
        sections=page.select(layout.section),
        tags=page.select(layout.tags),
        next_page=_further_page(page, layout),
    )


def _with_story_by_looks(page: _Page, raw: RawArticle) -> RawArticle:
    """The same with the story that stands elsewhere on the page, where the element that a layout names is empty."""
    if page.tree.body is None:
        return raw
    seen = generic.look(page.tree.body, [each.text for each in raw.titles], None)
    story, body_from = _story_by_looks(page, seen)
    return replace(raw, body=story, body_from=body_from, flags=("layout-unknown",)) if story else raw


def _of_unknown_layout(page: _Page, source: Source) -> RawArticle:
    """What the looks of a page tell, and those places of the source's layouts that are on it.

    The page must call itself an article; or stand at an article's address with a printed stamp, and with a title that
    is no error's. Raises Rejected: "blocked", "not-found", "no-article".
    """
    in_error = any(refuse.says_error(each.text) for each in page.titles)
    if not page.declared and (in_error or not source.is_article(page.url)):
        raise page.without_article()
    raw = _by_looks(page, flags=("layout-unknown",))
    raw = replace(raw, **_in_their_places(page, source, raw))
    if not page.declared and not raw.printed:
        raise page.without_article()
    return raw


def _in_their_places(page: _Page, source: Source, seen: RawArticle) -> dict[str, Any]:
    """What the source's layouts find on a page whose story stands in none of their places, where looks found nothing.

    On a page of another era "h1" may be the publisher's name, ".date" any date and ".author" whom the story speaks of.
    """
    found: dict[str, Any] = {}
    for layout in source.layouts:
        places = {
            "printed": page.select(layout.published),
            "bylines": page.select(layout.authors),
            "editor_lines": page.select(layout.editors),
            "source_lines": page.select(layout.sources),
            "images": tuple(image for image in _pictures(page, layout) if image.caption),
            "sections": page.select(layout.section),
            "tags": page.select(layout.tags),
            "next_page": _further_page(page, layout),
        }
        found = {name: value for name, value in places.items() if value} | found
    captioned = any(image.caption for image in seen.images)
    kept = {"printed": seen.printed, "bylines": seen.bylines, "editor_lines": seen.editor_lines, "images": captioned}
    return {name: value for name, value in found.items() if not kept.get(name)}


def _further_page(page: _Page, layout: Layout) -> str | None:
    """The address of the next page, or of the one that shows them all; None on the last page and on that one."""
    links = page.select(layout.next_page)
    link = _joined(page.url, links[0].text) if links else None
    if link is None or not layout.all_pages:
        return link
    parts = urlsplit(page.url)
    if layout.all_pages in parts.query.split("&"):
        return None
    return urlunsplit(parts._replace(query=layout.all_pages, fragment=""))


def _pictures(page: _Page, layout: Layout) -> tuple[RawImage, ...]:
    """Each picture with what stands in its own element; without such elements addresses and captions in their order."""
    if layout.picture:
        frames = next((found for selector in layout.picture if (found := page.tree.css(selector))), [])
        return tuple(dict.fromkeys(each for frame in frames if (each := _picture(page, frame, layout))))
    credits = page.tree.css(_joined_css(layout.credit)) if layout.credit else []
    captions = _select(page.tree, layout.caption, without={node.mem_id for node in credits})
    return _images(page, page.select(layout.image), captions, page.select(layout.credit))


def _picture(page: _Page, frame: LexborNode, layout: Layout) -> RawImage | None:
    credits = frame.css(_joined_css(layout.credit)) if layout.credit else []
    apart = {node.mem_id for node in credits}
    captions = _select(frame, layout.caption, without=apart)
    if not layout.caption and (own := text_of(frame, apart)):
        captions = (Found(own, "selector"),)
    images = _images(page, _select(frame, layout.image)[:1], captions[:1], _select(frame, layout.credit)[:1])
    return images[0] if images else None


def _joined_css(selectors: tuple[str, ...]) -> str:
    return ", ".join(split_selector(selector)[0] for selector in selectors)


def _select(
    root: LexborHTMLParser | LexborNode, selectors: tuple[str, ...], without: Collection[int] = ()
) -> tuple[Found, ...]:
    """What the first selector that finds anything finds below `root`; elements in `without` are no part of a text."""
    for selector in selectors:
        css, attribute = split_selector(selector)
        nodes = root.css(css)
        texts = [tidy(node.attributes.get(attribute) or "") if attribute else text_of(node, without) for node in nodes]
        if any(texts):
            where = "meta" if css.startswith("meta") else "selector"
            return tuple(Found(text, where) for text in texts if text)
    return ()


def _by_looks(page: _Page, flags: tuple[str, ...]) -> RawArticle:
    if page.tree.body is None:
        raise page.without_article()
    titles = page.titles
    seen = generic.look(page.tree.body, [each.text for each in titles], page.tree.css_first("[itemprop~=articleBody]"))
    printed = generic.stamps(seen)
    if not printed and not page.declared and refuse.says_error(titles[-1].text if titles else ""):
        raise page.without_article()
    story, body_from = _story_by_looks(page, seen)
    images = _images_by_looks(page, seen) if story else _gallery(page, seen)
    if not story and not images:
        raise page.without_article()
    writers, editors = generic.bylines(seen)
    of_scripts = ((), ()) if writers else scripts.people(page.tree)
    named = bool(page.facts("headline", metas.TITLES).all)
    return page.raw(
        titles=(*titles[:named], *generic.headline(seen), *titles[named:]),
        printed=printed,
        bylines=writers,
        editor_lines=editors,
        authors=page.meta.values(metas.AUTHORS) or of_scripts[0] or page.facts("author", ("author",)).first_kind,
        editors=page.meta.values(metas.EDITORS) or of_scripts[1],
        body=story,
        body_from=body_from,
        images=images,
        flags=flags,
    )


def _story_by_looks(page: _Page, seen: generic.Seen) -> tuple[tuple[str, ...], str]:
    """The story's paragraphs and where they were found, none where too few words are anywhere.

    JSON-LD's articleBody is one long line on some pages and cut on others, so it counts only where the markup holds no
    story, or another than it tells of; and what Next.js carries along only where there is neither.
    """
    story = generic.story_paragraphs(seen)
    told = jsonld.text(page.ld, "articleBody")
    of_ld = scripts.of_markup(told) if told else ()
    if _words_in(story) >= _FEWEST_WORDS:
        other = _words_in(of_ld) >= 2 * _FEWEST_WORDS and not any(each[:40] in tidy(told) for each in story if each)
        return (of_ld, "json-ld") if other else (story, "text")
    if _words_in(of_ld) >= _FEWEST_WORDS:
        return of_ld, "json-ld"
    of_script = scripts.story(page.tree)
    return (of_script, "script") if _words_in(of_script) >= _FEWEST_WORDS else ((), "text")


def _words_in(paragraphs: Sequence[str]) -> int:
    return sum(len(paragraph.split()) for paragraph in paragraphs)


def _images_by_looks(page: _Page, seen: generic.Seen) -> tuple[RawImage, ...]:
    of_metadata = _picture_of_metadata(page)
    address, caption = generic.lead_picture(seen, of_metadata[0].text if of_metadata else None)
    pictures = of_metadata or ((Found(address, "text"),) if address else ())
    return _images(page, pictures, (caption,) if caption else ())


def _gallery(page: _Page, seen: generic.Seen) -> tuple[RawImage, ...]:
    """The pictures with captions of a page that calls itself an article and has no story."""
    found = generic.captions(seen) if page.declared else ()
    return tuple(RawImage(_joined(page.url, address), Found(text, "text")) for address, text in found)


def day_in_address(url: str) -> tuple[Found, ...]:
    """The day that an address carries ("/2015/12/18/"), as many publishers' did before 2012 and some still do."""
    found = _DAY_IN_PATH.search(urlsplit(url).path) if _joined(url, url) else None
    return (Found("-".join(found.groups()), "url"),) if found else ()


def _picture_of_metadata(page: _Page) -> tuple[Found, ...]:
    return (page.facts("image", inner="url").first_kind or page.meta.values(("og:image",)))[:1]


def _images(
    page: _Page, addresses: tuple[Found, ...], captions: tuple[Found, ...], credits: tuple[Found, ...] = ()
) -> tuple[RawImage, ...]:
    images = (
        RawImage(_joined(page.url, address.text) if address else None, caption, credit)
        for address, caption, credit in zip_longest(addresses, captions, credits)
    )
    return tuple(dict.fromkeys(image for image in images if image.url or image.caption))


def _joined(base: str, link: str) -> str | None:
    """An absolute http(s) address out of a link; None for any other kind, and for what is no address."""
    try:
        joined = urljoin(base, link.strip())
    except ValueError:
        return None
    return joined if joined.startswith(("http://", "https://")) else None
