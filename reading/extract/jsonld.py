"""The articles that a page's JSON-LD describes; repairs the common syntax errors."""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from reading.extract.body import tidy
from reading.extract.raw import FoundText

ARTICLE_TYPES = frozenset(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle BackgroundNewsArticle OpinionNewsArticle "
    "ReviewNewsArticle BlogPosting LiveBlogPosting Report".split()
)
_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*;?\s*$")
_TRAILING_COMMA = re.compile(r",(?=\s{0,200}[}\]])")
_KIND = re.compile(rf'"@type"\s{{0,9}}:\s{{0,9}}"({"|".join(sorted(ARTICLE_TYPES))})"')
_STAMP = re.compile(r'"(datePublished|dateModified)"\s{0,9}:\s{0,9}"([^"\\<>]{8,40})"')
_REPAIRS: tuple[Callable[[str], str], ...] = (str, lambda text: _TRAILING_COMMA.sub("", text), html.unescape)
_decoder = json.JSONDecoder(strict=False)  # raw line breaks inside strings are the commonest error


def articles(tree: LexborHTMLParser) -> list[dict[str, Any]]:
    """All articles in the page's JSON-LD blocks, in order. Skips a block that cannot be read."""
    found = []
    for script in tree.css("script[type]"):
        if "ld+json" in (script.attributes.get("type") or "").lower():
            for document in _documents(script.text() or ""):
                found += [each for each in _objects(document) if ARTICLE_TYPES & _types(each)]
    return found


def values(thing: dict[str, Any], name: str, inner: str = "name") -> tuple[FoundText, ...]:
    """The texts of one property: a string, an object's `inner` property, or a list of either."""
    texts = []
    pending = deque([thing.get(name)])
    while pending:
        value = pending.popleft()
        if isinstance(value, list):
            pending.extendleft(reversed(value))
        elif isinstance(value, dict):
            pending.appendleft(value.get(inner))
        elif isinstance(value, int) and not isinstance(value, bool) and name.startswith("date"):
            texts.append(FoundText(str(value), "json-ld"))  # seconds or milliseconds since 1970
        elif isinstance(value, str) and (text := tidy(html.unescape(value))):
            texts.append(FoundText(text, "json-ld"))
    return tuple(texts)


def text(thing: dict[str, Any], name: str) -> str:
    """A long text with its line breaks and markup, entities decoded; "" if the property is not a string."""
    value = thing.get(name)
    return html.unescape(value) if isinstance(value, str) else ""


def _documents(text: str) -> Iterator[Any]:
    """The JSON values of one script element: usually one, sometimes several in a row.

    From a block that no repair makes readable the stamps are still taken, if it names an article. The usual reason is
    an unescaped quotation mark in the headline.
    """
    text = _WRAPPING.sub("", text.strip()).strip()
    for repair in _REPAIRS:
        try:
            found = list(_values_in_a_row(repair(text)))
        except (json.JSONDecodeError, RecursionError):
            continue
        yield from found
        return
    kind = _KIND.search(text)
    if kind and (stamps := dict(_STAMP.findall(text))):
        yield {"@type": kind[1], **stamps}


def _values_in_a_row(text: str) -> Iterator[Any]:
    at = 0
    while at < len(text):
        value, at = _decoder.raw_decode(text, at)
        yield value
        while at < len(text) and text[at] in " \t\r\n,;":
            at += 1


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    """The objects of a document that describe the page itself: in lists, in @graph, as mainEntity."""
    pending = deque([document])
    while pending:
        value = pending.popleft()
        if isinstance(value, list):
            pending.extendleft(reversed(value))
        elif isinstance(value, dict):
            yield value
            pending.extendleft((value.get("mainEntity"), value.get("@graph")))


def _types(thing: dict[str, Any]) -> set[str]:
    kinds = thing.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return {name.rsplit("/", 1)[-1] for name in names if isinstance(name, str)}
