"""Renders the JSON from which the browser builds a page as HTML elements, so that selectors find its values. Pure.

Next.js has this JSON in `<script id="__NEXT_DATA__">`; jawapos.com has its stories only there (docs/decisions/0016).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from reading.extract import refuse
from reading.extract.body import tidy

_DEEPEST = 4
"""Levels below the article: a list, its objects, their fields (authors[].name), and one more."""
_TAG_OF_TEXT = re.compile(r"</?(?:p|div|br|h[1-6]|strong|b|em|i|a|img|figure|ul|ol|li|blockquote|table)\b", re.I)


def render_state(tree: LexborHTMLParser, path: str) -> LexborHTMLParser:
    """The page with the values of the object at `path` ("props.pageProps.article") after its body, one element each.

    `<div data-state="authors.name">Rina Dewi</div>`: `data-state` is the keys below the object, joined by dots; the
    objects of a list share their name. A value with tags of running text is inserted as HTML, any other as text.
    Returns the page unchanged if it has no such data. Raises Rejected("too-deep") for HTML that is too costly to parse.
    """
    script = tree.css_first("script#__NEXT_DATA__")
    try:
        found = json.loads(script.text()) if script else None
    except (json.JSONDecodeError, RecursionError):
        return tree
    for key in path.split("."):
        found = found.get(key) if isinstance(found, dict) else None
    if not isinstance(found, dict):
        return tree
    elements = "".join(_elements(found, "", 0))
    return LexborHTMLParser(refuse.parseable(f"{tree.html}{elements}"))


def _elements(value: Any, name: str, depth: int) -> Iterator[str]:
    if isinstance(value, dict) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _elements(inner, f"{name}.{key}" if name else key, depth + 1)
    elif isinstance(value, list) and depth < _DEEPEST:
        for inner in value:
            yield from _elements(inner, name, depth + 1)
    elif isinstance(value, str) and (text := tidy(value)):
        inside = text if _TAG_OF_TEXT.search(text) else html.escape(text)
        yield f'<div data-state="{html.escape(tidy(name))}">{inside}</div>'
