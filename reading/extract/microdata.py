"""The article that a page's microdata (`itemprop`) describes; publishers used it from about 2012 to 2018."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from reading.extract.belonging import Owner, PageStory
from reading.extract.body import text_of, tidy
from reading.extract.meta import META_NAMES
from reading.extract.raw import FoundText

_PROPERTIES = frozenset((*META_NAMES, "articleBody", "url"))
"""The properties that are read."""
_ARTICLES = ("Article", "BlogPosting")
_WHITE_SPACE = re.compile(r"[ \t\n\f\r]+")  # HTML's; str.split() knows more kinds
_VALUE_ATTRIBUTE = {"meta": "content", "time": "datetime", "a": "href", "link": "href", "img": "src"}
_MOST_ANCESTORS = 64
"""Ancestors of an element that are searched for its `itemscope`; real pages have a dozen."""
_MOST_ELEMENTS = 1_000
"""Elements that are read for one property; real pages have some dozen, in teasers of related stories."""


def names_article(tree: LexborHTMLParser) -> bool:
    """Whether an `itemtype` of the page is an article's."""
    kinds = (node.attributes.get("itemtype") or "" for node in tree.css("[itemtype]"))
    return any(kind.rstrip("/").endswith("Article") for kind in kinds)


class Microdata:
    """A page's `itemprop` elements by property, found in one search of the tree."""

    def __init__(self, tree: LexborHTMLParser, story: PageStory) -> None:
        self._elements: dict[str, list[LexborNode]] = {name: [] for name in _PROPERTIES}
        for node in tree.css("[itemprop]"):
            names = node.attributes.get("itemprop") or ""
            for name in (names,) if names in _PROPERTIES else _PROPERTIES.intersection(_WHITE_SPACE.split(names)):
                if len(self._elements[name]) < _MOST_ELEMENTS:
                    self._elements[name].append(node)
        self._others: set[int] = set()
        for node in self._elements["headline"]:
            scope = _scope(node)
            if scope is not None and story.owner((), [_value(node)]) is Owner.OTHER:
                self._others.add(scope.mem_id)

    @property
    def of_other_stories(self) -> bool:
        """Whether the page's microdata describes other stories too."""
        return bool(self._others)

    def first(self, name: str) -> LexborNode | None:
        """The first element with that property, whatever it belongs to."""
        return next(iter(self._elements[name]), None)

    def values(self, name: str) -> tuple[FoundText, ...]:
        """The values of one property: the attribute made for them where the element has one, else its text.

        Properties of other things on the page do not count (each related headline is a WebPage). A person or picture
        in the article counts by its name or address.
        """
        found = []
        for node in self._elements[name]:
            scope = _scope(node)
            if scope is not None and not self._is_the_article(scope):
                continue
            inner = node.css_first("[itemprop=name], [itemprop=url]") if "itemscope" in node.attributes else None
            text = _value(inner or node)
            if text:
                found.append(FoundText(text, "microdata"))
        return tuple(found)

    def _is_the_article(self, scope: LexborNode) -> bool:
        kind = scope.attributes.get("itemtype") or "Article"
        return any(each in kind for each in _ARTICLES) and scope.mem_id not in self._others


def _value(node: LexborNode) -> str:
    attributes = node.attributes
    attribute = _VALUE_ATTRIBUTE.get(node.tag or "")
    value = attributes.get("content") or (attributes.get(attribute) if attribute else None)
    # hidden spans hold keywords and language: `text_of` starts inside the element, so its own style does not hide it
    return tidy(value) if value else text_of(node)


def _scope(node: LexborNode) -> LexborNode | None:
    """The element whose property a node is."""
    ancestor = node.parent
    for _ in range(_MOST_ANCESTORS):
        if ancestor is None or not ancestor.is_element_node:
            break
        if "itemscope" in ancestor.attributes:
            return ancestor
        ancestor = ancestor.parent
    return None
