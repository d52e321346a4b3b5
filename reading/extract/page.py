"""Extraction: bytes of an HTML page in, a RawArticle of what it prints out. Pure: no network and no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from reading.extract import jsonld, refuse, scripts, state
from reading.extract.addresses import absolute, day_in_address
from reading.extract.body import text_of, tidy, walk
from reading.extract.bounds import CAPPED
from reading.extract.byline_lines import byline_lines, credits_in_boxes, editors_in_boxes, naming_lines
from reading.extract.completeness import INCOMPLETE, page_marks, unread
from reading.extract.corrected import corrected_address
from reading.extract.lines import read_lines
from reading.extract.outline import Outline, headline, outline_of_captions
from reading.extract.parsed_page import ParsedPage, images_of, parse_html, select
from reading.extract.pictures import gallery, lead_picture
from reading.extract.raw import FoundText, RawArticle, RawImage
from reading.extract.stamp_lines import FoundStamps, stamps
from reading.extract.story_block import StoryBlock
from reading.extract.story_parts import overlooked
from reading.extract.story_text import (
    Passage,
    as_paragraphs,
    ends_in_read_more,
    is_list_of_stories,
    left_out,
    passages,
    story_paragraphs,
)
from sources.definition import Layout, Source, split_selector

_LINES_AROUND_THE_END = 4
_FEWEST_WORDS = 25
"""A story found without a layout has at least so many words; teasers and notices have fewer."""


def extract(content: bytes, *, url: str, content_type: str | None = None, source: Source | None) -> RawArticle:
    """What the page prints. `url` is its final address, `content_type` the server's header if there was one.

    The source's first layout whose body selector matches says where the fields are. Metadata and the densest text are
    used where there is no source, and where no layout matches an article's page or finds its story (flag
    "layout-unknown"). Raises Rejected: "empty", "too-large", "too-deep", "too-complex", "not-html", "blocked",
    "not-found", "paywall", "no-article".
    """
    return extract_tree(parse_html(content, content_type), url=url, source=source)


def extract_tree(tree: LexborHTMLParser, *, url: str, source: Source | None) -> RawArticle:
    """`extract` for a page that is parsed already."""
    if source is not None:
        refuse.too_wide(tree, _selectors_of(source.layouts))
    if source is not None and source.state:
        tree = state.render_state(tree, source.state)
    page = ParsedPage(tree, url)
    layout, stories = _matching_layout(page.tree, source)
    if layout is not None:
        raw = _read_with_layout(page, layout, stories)
        if not raw.body and len(raw.images) <= 1:  # several pictures are a gallery
            raw = _with_story_found_elsewhere(page, raw)
    elif source is None:
        raw = _read_without_layout(page, flags=())
    else:
        raw = _read_unknown_layout(page, source)
    if not raw.body and not any(image.caption for image in raw.images):
        raise page.no_article()
    refuse.too_long(raw.body)
    free, word_count = page.json_ld.get("isAccessibleForFree"), page.json_ld.get("wordCount")
    refuse.teaser_only(raw.body, free, word_count, lambda: page.whole_text, lambda: page.visible_text)
    raw = replace(raw, body=refuse.without_offers(raw.body))
    corrects = corrected_address(page, [each.text for each in raw.titles], raw.body)
    raw = replace(raw, corrects=corrects) if corrects else raw
    said = page.witnesses(" ".join(each.text for each in raw.titles))
    if unread(page.tree, raw.body, said, page.signs):
        raw = replace(raw, flags=(*raw.flags, INCOMPLETE))
    if page.capped:
        raw = replace(raw, flags=(*raw.flags, CAPPED))
    return raw


@lru_cache(maxsize=256)  # one for each source
def _selectors_of(layouts: tuple[Layout, ...]) -> tuple[str, ...]:
    return tuple(each for layout in layouts for each in layout.selectors)


def claimed_addresses(tree: LexborHTMLParser) -> tuple[str, ...]:
    """The absolute addresses that a page claims as its own, for a page that was saved without its address.

    In the order of trust: `rel=canonical`, `og:url`, JSON-LD, microdata.
    """
    page = ParsedPage(tree, "")
    in_json_ld = (*jsonld.values(page.json_ld, "mainEntityOfPage", "@id"), *jsonld.values(page.json_ld, "url"))
    claims = (*page.addresses, *in_json_ld, *page.microdata.values("url"))
    found = dict.fromkeys(address for claim in claims if (address := absolute(page.base, claim.text)))
    return tuple(sorted(found, key=_is_front_page))  # Blogger's templates claim the front page first


def _is_front_page(address: str) -> bool:
    parts = urlsplit(address)
    return not parts.path.strip("/") and not parts.query


def _matching_layout(tree: LexborHTMLParser, source: Source | None) -> tuple[Layout | None, list[LexborNode]]:
    """The first layout whose body is on the page, and the elements of that body, none inside another."""
    for layout in source.layouts if source else ():
        for selector in layout.body:
            if found := tree.css(selector):
                return layout, _outermost(tree, found)
    return None, []


def _outermost(tree: LexborHTMLParser, nodes: list[LexborNode]) -> list[LexborNode]:
    """The elements that are inside no other of them; one walk, linear however deeply the page nests."""
    if len(nodes) == 1 or tree.body is None:
        return nodes
    candidates = {node.mem_id for node in nodes}
    outer: list[LexborNode] = []
    depth = 0
    for node, entering in walk(tree.body):
        if node.mem_id in candidates:
            if entering and not depth:
                outer.append(node)
            depth += 1 if entering else -1
    return outer or nodes[:1]


def _read_with_layout(page: ParsedPage, layout: Layout, stories: list[LexborNode]) -> RawArticle:
    drop = {node.mem_id for story in stories for selector in layout.drop for node in story.css(selector)}
    titles = (*page.select(layout.title)[:1], *page.titles)
    body = as_paragraphs([passage for story in stories for passage in _story_in(page, story, drop)])
    images, printed = _pictures(page, layout), page.select(layout.published)
    bylines, editor_lines = naming_lines(page.select(layout.authors)), naming_lines(page.select(layout.editors))
    captioned = any(image.caption or image.credit for image in images)
    no_picture = not captioned and page.tree.css_first("img") is not None
    no_stamp = not printed and (layout.published or not page.metadata("datePublished").all)
    # a publisher whose layout names no place for bylines prints none, or its metadata have them
    no_byline = not (bylines or layout.unsigned) and bool(layout.authors or not page.people_in_metadata("author"))
    no_editor = bool(layout.editors) and not editor_lines
    found = FoundStamps()
    flags = page.flags
    if page.tree.body and (no_picture or no_stamp or no_byline or no_editor):
        # a template differs from channel to channel: fields that the selectors miss are read without the layout
        outline = page.outline(titles, stories[0])
        found = stamps(outline) if no_stamp else found
        lead_image = _lead_image(page, outline) if no_picture else ()
        images = lead_image if any(image.caption for image in lead_image) else images or lead_image
        people = _people_without_layout(page, layout, outline, body) if no_byline or no_editor else ((), ())
        writers, editors = people
        moved = (
            (layout.published and no_stamp and found.printed)
            or (layout.authors and no_byline and any(people))
            or (layout.editors and no_editor and editors)
            or ((layout.caption or layout.picture) and any(image.caption for image in lead_image))
        )
        flags = (*flags, "layout-incomplete") if moved else flags
        bylines = bylines or (*writers, *(() if no_editor else editors))
        editor_lines = editor_lines or (editors if no_editor else ())
    return page.raw_article(
        titles=titles,
        **_stamp_fields(page, found, printed, page.select(layout.updated)),
        bylines=bylines,
        editor_lines=editor_lines,
        source_lines=page.select(layout.sources),
        body=body,
        body_from="selector",
        images=images,
        sections=page.select(layout.section),
        tags=page.select(layout.tags),
        next_page=_next_page(page, layout),
        flags=flags,
    )


def _people_without_layout(
    page: ParsedPage, layout: Layout, outline: Outline, body: Sequence[str]
) -> tuple[tuple[FoundText, ...], tuple[FoundText, ...]]:
    """The lines on writers and on editors that the layout's selectors miss; those in its body are read there.

    Where the layout names no place for writers only names with a role count.
    """
    found = byline_lines(outline, bare_names=bool(layout.authors))
    writers, editors = found if any(found) else credits_in_boxes(page.tree)
    editors = editors or editors_in_boxes(page.tree)
    if not layout.authors:
        lines = {line for paragraph in body for line in paragraph.split("\n")}
        writers, editors = (tuple(each for each in lot if each.text not in lines) for lot in (writers, editors))
    return writers, editors


def _story_in(page: ParsedPage, element: LexborNode, drop: set[int]) -> list[Passage]:
    """The paragraphs of a layout's body, with what of them is hidden or in a container with a misleading name."""
    visible = read_lines(element, drop=drop, with_bylines=True)
    block = StoryBlock(element, 0, len(visible.lines))
    if trusted := overlooked(visible, block, page.known_text):
        visible = read_lines(element, drop=drop, trusted=trusted, with_bylines=True)
        page.signs.turned = True
    page.signs.tail = [line.text for line in visible.lines[-_LINES_AROUND_THE_END:]]
    page.signs.left_out += left_out(visible.lines)
    page.signs.marks += page_marks(line.text for line in visible.lines)
    page.signs.more = ends_in_read_more(visible.lines)
    page.signs.fetches = page.signs.fetches or bool(visible.fetching)
    return passages(visible, range(len(visible.lines)))


def _with_story_found_elsewhere(page: ParsedPage, raw: RawArticle) -> RawArticle:
    """The article with a story from elsewhere on the page, where the element that the layout names is empty."""
    if page.tree.body is None or page.has_error_title or not (page.declared or raw.printed):
        return raw
    outline = page.outline(raw.titles, None)
    story, body_from = _find_story(page, outline)
    return replace(raw, body=story, body_from=body_from, flags=(*raw.flags, "layout-unknown")) if story else raw


def _read_unknown_layout(page: ParsedPage, source: Source) -> RawArticle:
    """A page of a source that matches none of its layouts: read without a layout, then with the selectors that match.

    The page must call itself an article; or have an article's address, a printed stamp, and no error's title. Raises
    Rejected: "blocked", "not-found", "no-article".
    """
    if not page.declared and (page.has_error_title or not source.is_article(page.url)):
        raise page.no_article()
    raw = _read_without_layout(page, flags=("layout-unknown",))
    raw = replace(raw, **_fields_of_layouts(page, source, raw))
    if not page.declared and not raw.printed:
        raise page.no_article()
    return raw


def _fields_of_layouts(page: ParsedPage, source: Source, raw: RawArticle) -> dict[str, Any]:
    """The fields that the source's layouts find on a page whose story none of them finds, where `raw` lacks them.

    On a page of another era "h1" may be the publisher's name, ".date" any date and ".author" a person in the story, so
    what was read without a layout takes precedence.
    """
    found: dict[str, Any] = {}
    for layout in source.layouts:
        fields = {
            "printed": page.select(layout.published),
            "bylines": page.select(layout.authors),
            "editor_lines": page.select(layout.editors),
            "source_lines": page.select(layout.sources),
            "images": tuple(image for image in _pictures(page, layout) if image.caption),
            "sections": page.select(layout.section),
            "tags": page.select(layout.tags),
            "next_page": _next_page(page, layout),
        }
        found = {name: value for name, value in fields.items() if value} | found
    captioned = any(image.caption for image in raw.images)
    kept = {"printed": raw.printed, "bylines": raw.bylines, "editor_lines": raw.editor_lines, "images": captioned}
    return {name: value for name, value in found.items() if not kept.get(name)}


def _next_page(page: ParsedPage, layout: Layout) -> str | None:
    """The address of the next page, or of the page that shows all in one; None on the last page and on that one."""
    links = page.select(layout.next_page)
    link = absolute(page.base, links[0].text) if links else None
    if link is None or not layout.all_pages:
        return link
    parts = urlsplit(page.url)
    if layout.all_pages in parts.query.split("&"):
        return None
    return urlunsplit(parts._replace(query=layout.all_pages, fragment=""))


def _pictures(page: ParsedPage, layout: Layout) -> tuple[RawImage, ...]:
    """The pictures in the layout's picture elements; if it names none, addresses and captions matched by position."""
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
        raise page.no_article()
    titles = page.titles
    outline = page.outline(titles, page.microdata.first("articleBody"))
    found = stamps(outline)
    if not found.printed and not page.declared and refuse.is_error_title(titles[-1].text if titles else ""):
        raise page.no_article()
    if is_list_of_stories(outline):
        raise page.no_article()
    story, body_from = _find_story(page, outline)
    images = _lead_image(page, outline) if story else _gallery(page, outline)
    if not story and not images:
        raise page.no_article()
    if not story and not found.printed:
        found = stamps(outline_of_captions(outline))
    writers, editors = byline_lines(outline)
    if not writers and not editors:
        writers, editors = credits_in_boxes(page.tree)
    elif not editors:
        editors = editors_in_boxes(page.tree)
    has_headline = bool(page.metadata("headline").all)
    return page.raw_article(
        titles=(*titles[:has_headline], *headline(outline), *titles[has_headline:]),
        **_stamp_fields(page, found),
        bylines=writers,
        editor_lines=editors,
        body=story,
        body_from=body_from,
        images=images,
        flags=(*page.flags, *flags),
    )


def _stamp_fields(
    page: ParsedPage, found: FoundStamps, printed: tuple[FoundText, ...] = (), updates: tuple[FoundText, ...] = ()
) -> dict[str, tuple[FoundText, ...]]:
    """The fields of a RawArticle about time: those of the layout (`printed`, `updates`), what was found, metadata."""
    return {
        "printed": printed or found.printed,
        "updates": (*updates, *found.updates),
        "metadata": (*page.metadata("datePublished").all, *found.machine, *day_in_address(page.url)),
        "modified": (*page.metadata("dateModified").all, *found.machine_updates),
    }


def _find_story(page: ParsedPage, outline: Outline) -> tuple[tuple[str, ...], str]:
    """The story's paragraphs and where they were found; no paragraphs if too few words are anywhere.

    JSON-LD's articleBody is one long line on some pages and cut on others, so it counts only where the markup has no
    story, or a different one. HTML in the page's JSON (Next.js) counts only where there is neither.
    """
    story = story_paragraphs(outline)
    if outline.block is not None:
        end = outline.block.stop
        page.signs.tail = [line.text for line in outline.lines[max(0, end - 2) : end + _LINES_AROUND_THE_END]]
        page.signs.left_out = left_out(outline.lines[outline.story_start : end])
        page.signs.more = ends_in_read_more(outline.lines[outline.block.start : end])
        below = end + 3 * _LINES_AROUND_THE_END
        page.signs.marks = page_marks(line.text for line in outline.lines[outline.block.start : below])
        page.signs.fetches = any(outline.block.start < at <= below for at in page.visible.fetching)
    article_body = jsonld.text(page.json_ld, "articleBody")
    in_json_ld = scripts.paragraphs_of_markup(article_body) if article_body else ()
    if _count_words(story) >= _FEWEST_WORDS:
        if _count_words(in_json_ld) < 2 * _FEWEST_WORDS:
            return story, "text"
        one_line = tidy(article_body)
        same = any(paragraph[:40] in one_line for paragraph in story if paragraph)
        return (story, "text") if same else (in_json_ld, "json-ld")
    if _count_words(in_json_ld) >= _FEWEST_WORDS:
        return in_json_ld, "json-ld"
    in_script = scripts.story(page.tree)
    return (in_script, "script") if _count_words(in_script) >= _FEWEST_WORDS else ((), "text")


def _count_words(paragraphs: Sequence[str]) -> int:
    return sum(len(paragraph.split()) for paragraph in paragraphs)


def _lead_image(page: ParsedPage, outline: Outline) -> tuple[RawImage, ...]:
    """The main picture: its address from metadata or else from the page, its caption from the page."""
    in_metadata = page.metadata("image").first_kind[:1]
    address, caption = lead_picture(outline, in_metadata[0].text if in_metadata else None)
    pictures = in_metadata or ((FoundText(address, "text"),) if address else ())
    return images_of(page, pictures, (caption,) if caption else ())


def _gallery(page: ParsedPage, outline: Outline) -> tuple[RawImage, ...]:
    """The pictures with captions of a page that calls itself an article and has no story."""
    found = gallery(outline) if page.declared else ()
    return tuple(RawImage(absolute(page.base, address), FoundText(text, "text")) for address, text in found)
