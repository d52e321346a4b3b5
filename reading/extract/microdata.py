"""The article that a page's microdata describes (`itemprop`), the habit of about 2012 to 2018."""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from reading.extract.body import text_of, tidy
from reading.extract.raw import FoundText

_ATTRIBUTE = {"meta": "content", "time": "datetime", "a": "href", "link": "href", "img": "src"}
_CLIMB = 64
"""How many elements above a property are looked at for the thing it belongs to; real pages have a dozen."""
_MOST = 1_000
"""How often a page may repeat one property; real pages have some dozen related stories."""


def scope(tree: LexborHTMLParser) -> LexborNode | None:
    """The element that is the page's article, or None where microdata names no article."""
    things = ((node, node.attributes.get("itemtype") or "") for node in tree.css("[itemtype]"))
    return next((node for node, kind in things if kind.rstrip("/").endswith("Article")), None)


def values(tree: LexborHTMLParser, name: str) -> tuple[FoundText, ...]:
    """The machine's values of one property: an attribute where the element has one for it, else the text.

    Properties of other things on the page (related headlines are a WebPage each) do not count; a person or picture
    within the article gives its name or address.
    """
    found = []
    for node in tree.css(f"[itemprop~={name}]")[:_MOST]:
        if not _belongs_to_article(node):
            continue
        inner = node.css_first("[itemprop=name], [itemprop=url]") if "itemscope" in node.attributes else None
        text = _value(inner or node)
        if text:
            found.append(FoundText(text, "microdata"))
    return tuple(found)


def _value(node: LexborNode) -> str:
    attribute = _ATTRIBUTE.get(node.tag or "")
    given = node.attributes.get("content") or (node.attributes.get(attribute) if attribute else None)
    # hidden spans hold keywords and language: `text_of` starts inside the element, so its own style does not hide it
    return tidy(given) if given else text_of(node)


def _belongs_to_article(node: LexborNode) -> bool:
    above = node.parent
    for _ in range(_CLIMB):
        if above is None:
            break
        attributes = above.attributes if above.is_element_node else {}
        if "itemscope" in attributes:
            return "Article" in (attributes.get("itemtype") or "Article")
        above = above.parent
    return True
