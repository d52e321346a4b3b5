"""A page of HTML to what it prints. Pure: bytes in, RawArticle out; no network and no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from reading.extract import generic, jsonld, microdata, refuse, scripts, state
from reading.extract import meta as metas
from reading.extract.body import paragraphs, text_of, tidy, walk
from reading.extract.parsed_page import (
    ParsedPage,
    absolute,
    images_of,
    parse_html,
    select,
)
from reading.extract.raw import FoundText, RawArticle, RawImage
from sources.definition import Layout, Source, split_selector

_FEWEST_WORDS = 25
"""A story found by its looks alone has at least so many words; teasers and notices have fewer."""


def extract(content: bytes, *, url: str, content_type: str | None = None, source: Source | None) -> RawArticle:
    """What the page prints. `url` is its final address, `content_type` the server's header if there was one.

    The source's first layout whose body selector matches says where the fields stand. Without a source, or where no
    layout knows an article's page or its story (flag "layout-unknown"), metadata and the densest text serve.
    Raises Rejected: "empty", "too-large", "too-deep", "not-html", "blocked", "not-found", "paywall", "no-article".
    """
    return extract_tree(parse_html(content, content_type), url=url, source=source)


def extract_tree(tree: LexborHTMLParser, *, url: str, source: Source | None) -> RawArticle:
    """`extract` for a page that is parsed already."""
    if source is not None and source.state:
        tree = state.render_state(tree, source.state)
    page = ParsedPage(tree, url)
    layout, stories = _layout_of(page.tree, source)
    if layout is not None:
        raw = _read_with_layout(page, layout, stories)
        if not raw.body and len(raw.images) <= 1:  # several pictures are a gallery
            raw = _with_story_found_elsewhere(page, raw)
    elif source is None:
        raw = _read_without_layout(page, flags=())
    else:
        raw = _read_unknown_layout(page, source)
    if not raw.body and not any(image.caption for image in raw.images):
        raise page.without_article()
    refuse.too_long(raw.body)
    refuse.teaser_only(raw.body, page.ld.get("isAccessibleForFree"), page.ld.get("wordCount"), lambda: page.of_payment)
    return raw


def claimed_addresses(tree: LexborHTMLParser) -> tuple[str, ...]:
    """The absolute addresses by which a page calls itself, for one that was saved without its own.

    In the order of trust: `rel=canonical`, `og:url`, JSON-LD, microdata.
    """
    page = ParsedPage(tree, "")
    in_ld = (*jsonld.values(page.ld, "mainEntityOfPage", "@id"), *jsonld.values(page.ld, "url"))
    claims = (*page.addresses, *in_ld, *microdata.values(page.tree, "url"))
    return tuple(dict.fromkeys(address for claim in claims if (address := absolute("", claim.text))))


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


def _read_with_layout(page: ParsedPage, layout: Layout, stories: list[LexborNode]) -> RawArticle:
    drop = {node.mem_id for story in stories for selector in layout.drop for node in story.css(selector)}
    titles = page.select(layout.title)
    images = _pictures(page, layout)
    printed, bylines, editor_lines = (
        page.select(places) for places in (layout.published, layout.authors, layout.editors)
    )
    captioned = any(image.caption or image.credit for image in images)
    unseen_picture = not captioned and page.tree.css_first("img") is not None
    undated = not printed and (layout.published or not page.facts("datePublished", metas.PUBLISHED).all)
    unsigned = layout.authors and not bylines
    unedited = layout.editors and not editor_lines
    if page.tree.body and (unseen_picture or undated or unsigned or unedited):
        # a template differs from channel to channel: what is not in its place is looked for by its looks
        seen = generic.find_outline(page.tree.body, [each.text for each in (*titles[:1], *page.titles)], stories[0])
        printed = generic.stamps(seen) if undated else printed
        by_looks = _lead_image(page, seen) if unseen_picture else ()
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
        next_page=_next_page(page, layout),
    )


def _with_story_found_elsewhere(page: ParsedPage, raw: RawArticle) -> RawArticle:
    """The same with the story that stands elsewhere on the page, where the element that a layout names is empty."""
    if page.tree.body is None or page.says_error or not (page.declared or raw.printed):
        return raw
    seen = generic.find_outline(page.tree.body, [each.text for each in raw.titles], None)
    story, body_from = _find_story(page, seen)
    return replace(raw, body=story, body_from=body_from, flags=("layout-unknown",)) if story else raw


def _read_unknown_layout(page: ParsedPage, source: Source) -> RawArticle:
    """What the looks of a page tell, and those places of the source's layouts that are on it.

    The page must call itself an article; or stand at an article's address with a printed stamp, and with a title that
    is no error's. Raises Rejected: "blocked", "not-found", "no-article".
    """
    if not page.declared and (page.says_error or not source.is_article(page.url)):
        raise page.without_article()
    raw = _read_without_layout(page, flags=("layout-unknown",))
    raw = replace(raw, **_fields_of_layouts(page, source, raw))
    if not page.declared and not raw.printed:
        raise page.without_article()
    return raw


def _fields_of_layouts(page: ParsedPage, source: Source, seen: RawArticle) -> dict[str, Any]:
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
            "next_page": _next_page(page, layout),
        }
        found = {name: value for name, value in places.items() if value} | found
    captioned = any(image.caption for image in seen.images)
    kept = {"printed": seen.printed, "bylines": seen.bylines, "editor_lines": seen.editor_lines, "images": captioned}
    return {name: value for name, value in found.items() if not kept.get(name)}


def _next_page(page: ParsedPage, layout: Layout) -> str | None:
    """The address of the next page, or of the one that shows them all; None on the last page and on that one."""
    links = page.select(layout.next_page)
    link = absolute(page.url, links[0].text) if links else None
    if link is None or not layout.all_pages:
        return link
    parts = urlsplit(page.url)
    if layout.all_pages in parts.query.split("&"):
        return None
    return urlunsplit(parts._replace(query=layout.all_pages, fragment=""))


def _pictures(page: ParsedPage, layout: Layout) -> tuple[RawImage, ...]:
    """Each picture with what stands in its own element; without such elements addresses and captions in their order."""
    if layout.picture:
        frames = next((found for selector in layout.picture if (found := page.tree.css(selector))), [])
        return tuple(dict.fromkeys(each for frame in frames if (each := _picture(page, frame, layout))))
    credits = page.tree.css(_joined_css(layout.credit)) if layout.credit else []
    captions = select(page.tree, layout.caption, without={node.mem_id for node in credits})
    return images_of(page, page.select(layout.image), captions, page.select(layout.credit))


def _picture(page: ParsedPage, frame: LexborNode, layout: Layout) -> RawImage | None:
    credits = frame.css(_joined_css(layout.credit)) if layout.credit else []
    apart = {node.mem_id for node in credits}
    captions = select(frame, layout.caption, without=apart)
    if not layout.caption and (own := text_of(frame, apart)):
        captions = (FoundText(own, "selector"),)
    images = images_of(page, select(frame, layout.image)[:1], captions[:1], select(frame, layout.credit)[:1])
    return images[0] if images else None


def _joined_css(selectors: tuple[str, ...]) -> str:
    return ", ".join(split_selector(selector)[0] for selector in selectors)


def _read_without_layout(page: ParsedPage, flags: tuple[str, ...]) -> RawArticle:
    if page.tree.body is None:
        raise page.without_article()
    titles = page.titles
    seen = generic.find_outline(
        page.tree.body, [each.text for each in titles], page.tree.css_first("[itemprop~=articleBody]")
    )
    printed = generic.stamps(seen)
    if not printed and not page.declared and refuse.is_error_title(titles[-1].text if titles else ""):
        raise page.without_article()
    story, body_from = _find_story(page, seen)
    images = _lead_image(page, seen) if story else _gallery(page, seen)
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


def _find_story(page: ParsedPage, seen: generic.Outline) -> tuple[tuple[str, ...], str]:
    """The story's paragraphs and where they were found, none where too few words are anywhere.

    JSON-LD's articleBody is one long line on some pages and cut on others, so it counts only where the markup holds no
    story, or another than it tells of; and what Next.js carries along only where there is neither.
    """
    story = generic.story_paragraphs(seen)
    told = jsonld.text(page.ld, "articleBody")
    of_ld = scripts.paragraphs_of_markup(told) if told else ()
    if _words_in(story) >= _FEWEST_WORDS:
        other = _words_in(of_ld) >= 2 * _FEWEST_WORDS and not any(each[:40] in tidy(told) for each in story if each)
        return (of_ld, "json-ld") if other else (story, "text")
    if _words_in(of_ld) >= _FEWEST_WORDS:
        return of_ld, "json-ld"
    of_script = scripts.story(page.tree)
    return (of_script, "script") if _words_in(of_script) >= _FEWEST_WORDS else ((), "text")


def _words_in(paragraphs: Sequence[str]) -> int:
    return sum(len(paragraph.split()) for paragraph in paragraphs)


def _lead_image(page: ParsedPage, seen: generic.Outline) -> tuple[RawImage, ...]:
    of_metadata = _picture_of_metadata(page)
    address, caption = generic.lead_picture(seen, of_metadata[0].text if of_metadata else None)
    pictures = of_metadata or ((FoundText(address, "text"),) if address else ())
    return images_of(page, pictures, (caption,) if caption else ())


def _gallery(page: ParsedPage, seen: generic.Outline) -> tuple[RawImage, ...]:
    """The pictures with captions of a page that calls itself an article and has no story."""
    found = generic.captions(seen) if page.declared else ()
    return tuple(RawImage(absolute(page.url, address), FoundText(text, "text")) for address, text in found)


def _picture_of_metadata(page: ParsedPage) -> tuple[FoundText, ...]:
    return (page.facts("image", inner="url").first_kind or page.meta.values(("og:image",)))[:1]
