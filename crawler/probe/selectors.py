"""Which selectors of a source's layouts match on its fixture's pages. Pure.

A wrong selector is easily missed: the reader then takes the value from metadata or from the page's text, and the
article read is still the article expected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from selectolax.lexbor import LexborHTMLParser, LexborNode

from reading.extract.parsed_page import parse_html, select
from reading.extract.state import render_state
from sources.definition import Layout, Source, split_selector

KNOWN_UNMATCHED: Mapping[str, frozenset[str]] = {
    "detik": frozenset({"drop of layout 3"}),
    "investor": frozenset({"next_page"}),
    "jpnn": frozenset({"next_page"}),
    "kompas": frozenset({"sources of layout 1"}),
    "kontan": frozenset({"next_page"}),
    "liputan6": frozenset({"section of layout 1"}),
    "newsstand": frozenset(
        {"next_page of layout 1", "updated of layout 2", "image of layout 3", "caption of layout 3"}
    ),
    "okezone": frozenset({"drop of layout 2"}),
    "pikiranrakyat": frozenset({"next_page"}),
    "republika": frozenset({"drop of layout 2"}),
    "suara": frozenset({"next_page"}),
    "tempo": frozenset({"drop of layout 2"}),
    "tribunnews": frozenset({"sources"}),
}
"""Fields of older sources that no page of their fixture has yet: source → fields. This table may only shrink: for a
new source, put the element into a page of its fixture, or delete the selector. A test fails if an entry matches.
"""

_PROVENANCE = {
    "title": "title",
    "published": "published_at",
    "updated": "modified_at",
    "authors": "authors",
    "editors": "editors",
    "sources": "agency",
    "caption": "captions",
    "section": "section",
    "tags": "tags",
}
"""The key of a layout's field in an article's `provenance`."""
_ORIGINS = {
    "text": "the text",
    "selector": "another selector",
    "meta": "the page's metadata",
    "json-ld": "the page's JSON-LD",
    "microdata": "the page's microdata",
    "script": "a script of the page",
    "url": "the address",
}
_IN_PICTURE = ("image", "caption", "credit")
_MAY_BE_EMPTY = ("body", "drop", "picture", "next_page")
"""Fields whose elements match even without text."""


@dataclass(frozen=True, slots=True)
class FixturePage:
    """A page of a fixture: its file's name, its content, and the article read from it as JSON fields."""

    name: str
    content: bytes
    article: Mapping[str, Any]


def layout_of(source: Source, tree: LexborHTMLParser) -> Layout | None:
    """The layout with which a page is read: the first whose body is on the page."""
    return next((layout for layout in source.layouts if any(map(tree.css_first, layout.body))), None)


def rendered(source: Source, content: bytes) -> LexborHTMLParser:
    """The page as the source's selectors see it."""
    tree = parse_html(content)
    return render_state(tree, source.state) if source.state else tree


def unmatched_selectors(source: Source, pages: Iterable[FixturePage]) -> dict[str, str]:
    """The layouts' fields whose selectors match nothing on any page of their layout, each with a sentence.

    A field is named "title", in a source of several layouts "title of layout 2". Layouts without a page are left out.
    """
    trees = [(page, rendered(source, page.content)) for page in pages]
    found = {}
    for number, layout in enumerate(source.layouts, start=1):
        own = [(page, tree) for page, tree in trees if layout_of(source, tree) is layout]
        several = len(source.layouts) > 1
        for name, selectors in _selectors(layout):
            if not own or any(_matches(layout, name, selectors, tree) for _, tree in own):
                continue
            place = f"{', '.join(page.name for page, _ in own)}: {f'layout {number}' if several else 'the layout'}"
            sentence = f"{source.name}, {place}'s {name} ({', '.join(selectors)}) matches nothing"
            found[f"{name} of layout {number}" if several else name] = sentence + _origin(name, own[0][0]) + "."
    return found


def _selectors(layout: Layout) -> Iterable[tuple[str, tuple[str, ...]]]:
    for field in fields(layout):
        value = getattr(layout, field.name)
        if isinstance(value, tuple) and value:
            yield field.name, value


def _matches(layout: Layout, field: str, selectors: tuple[str, ...], tree: LexborHTMLParser) -> bool:
    """Whether a field's selectors match where the reader applies them: in the pictures, in the body, on the page."""
    roots: Sequence[LexborHTMLParser | LexborNode] = (tree,)
    if field in _IN_PICTURE and layout.picture:
        roots = [node for selector in layout.picture for node in tree.css(selector)]
    elif field == "drop":
        roots = [node for selector in layout.body for node in tree.css(selector)]
    if field in _MAY_BE_EMPTY:
        return any(root.css_first(split_selector(selector)[0]) for root in roots for selector in selectors)
    return any(select(root, selectors) for root in roots)


def _origin(field: str, page: FixturePage) -> str:
    """Where the value came from instead; empty for fields that have no fallback."""
    if field not in _PROVENANCE:
        return ""
    where = page.article.get("provenance", {}).get(_PROVENANCE[field])
    if where is None:
        return "; the field is empty"
    first = where.split("+")[0]
    return f"; the value came from {_ORIGINS.get(first, first)}"
