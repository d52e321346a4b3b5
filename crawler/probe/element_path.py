"""Selectors for one element of a page: by its id or its classes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser, LexborNode

_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z_-]*")


@dataclass(frozen=True, slots=True)
class ElementPath:
    """An element's tag and the id or classes that identify it. `inner` selects in it: " img@src"."""

    tag: str
    id: str | None
    classes: tuple[str, ...]
    inner: str = ""

    @property
    def selector(self) -> str:
        own = f"#{self.id}" if self.id else "".join(f".{name}" for name in self.classes)
        return self.tag + own + self.inner

    def element(self, content: str) -> str:
        attribute = f' id="{self.id}"' if self.id else f' class="{" ".join(self.classes)}"' if self.classes else ""
        element = f"<{self.tag}{attribute}>{content}</{self.tag}>"
        return f"<table><tr>{element}</tr></table>" if self.tag in ("td", "th") else element


def path_of(tree: LexborHTMLParser, node: LexborNode) -> ElementPath | None:
    """A path whose first match is the element or its nearest ancestor below the body; None if there is none."""
    current: LexborNode | None = node
    while current is not None and current.tag not in ("body", "html", "-undef"):
        for path in _candidate_paths(current):
            first = tree.css_first(path.selector)
            if first is not None and first.mem_id == current.mem_id:
                return path
        current = current.parent
    return None


def _candidate_paths(node: LexborNode) -> Iterator[ElementPath]:
    tag = node.tag or "div"
    own = node.attributes.get("id") or ""
    if _PLAIN_NAME.fullmatch(own):  # an id with digits often differs from page to page
        yield ElementPath(tag, own, ())
    classes = tuple(name for name in (node.attributes.get("class") or "").split() if _PLAIN_NAME.fullmatch(name))
    for name in classes:
        yield ElementPath(tag, None, (name,))
    if len(classes) > 1:
        yield ElementPath(tag, None, classes)
    if tag in ("h1", "time", "article", "figcaption"):
        yield ElementPath(tag, None, ())
