"""Paragraphs out of HTML: from <p>, from <div>, and from bare text with <br><br>.

Each function walks the tree once and without recursion, so the cost is linear however deeply the page nests.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from selectolax.lexbor import LexborNode

# Elements that are never part of a story
IGNORED_TAGS = frozenset(
    "script style noscript template iframe object embed applet svg canvas math audio video form button select textarea "
    "input figure figcaption aside nav footer head title del s strike".split()
)
STRUCK_TAGS = frozenset(("del", "s", "strike"))
"""What is struck out no longer stands; the correction in an `ins` does."""
BLOCKS = frozenset(
    "p div section article main header h1 h2 h3 h4 h5 h6 blockquote pre ul ol li dl dt dd table caption thead tbody "
    "tfoot tr td th hr center address fieldset details summary body".split()
)
_HIDDEN = re.compile(r"display\s{0,5}:\s{0,5}none", re.I)
# Embedded posts of social networks: no part of the story's text
_EMBEDDED = re.compile(r"\b(?:twitter-(?:tweet|video)|instagram-media|tiktok-embed|fb-(?:post|video)|reddit-embed)\b")
_AD_NAME = re.compile(r"adsby|(?:^|[\s_-])(?:ads?|adv|iklan|banner|revive)(?:$|[\s_-])", re.I)
_AD_ATTRIBUTE = re.compile(r"data-(?:ad|revive|zone|slot|dcm)", re.I)
# lone surrogates too ("\ud800" in JSON-LD): half a character, which neither UTF-8 nor PostgreSQL can hold
_INVISIBLE = re.compile(r"[\u00ad\u200b\u200c\u200d\u2060\ufeff\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")

_NO_LETTERS = bytes(code for code in range(128) if not chr(code).isalnum())


def tidy(text: str) -> str:
    """The text in one line, white space (no-break spaces too) made single spaces, invisible characters removed."""
    line = " ".join(text.split())
    return line if line.isprintable() else " ".join(_INVISIBLE.sub("", line).split())


def letters(text: str) -> str:
    """The letters and digits of a text without case, joined: what is left when texts are compared."""
    folded = text.casefold()
    if folded.isascii():
        return folded.encode().translate(None, _NO_LETTERS).decode()
    return "".join(filter(str.isalnum, folded))


def walk(root: LexborNode, skip: Collection[int] = ()) -> Iterator[tuple[LexborNode, bool]]:
    """All nodes below `root`, in reading order: (node, True) on entering, (node, False) on leaving it.

    Skips ignored and hidden elements, and those whose `mem_id` is in `skip`, with everything inside.
    """
    above: list[LexborNode] = []
    node = root.first_child
    while True:
        while node is not None:
            if node.is_element_node and (node.mem_id in skip or _is_ignored(node)):
                node = node.next
                continue
            yield node, True
            above.append(node)
            node = node.first_child
        if not above:
            return
        last = above.pop()
        yield last, False
        node = last.next


def _is_ignored(node: LexborNode) -> bool:
    if node.tag in IGNORED_TAGS:
        return True
    attributes = node.attributes
    if node.tag == "ins" and is_advertisement(attributes):
        return True
    if node.tag == "blockquote" and _EMBEDDED.search(attributes.get("class") or ""):
        return True
    return is_hidden(attributes)


def is_advertisement(attributes: Mapping[str, str | None]) -> bool:
    """Whether an `ins` holds an advertisement (AdSense, Revive) and not a correction."""
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return _AD_NAME.search(names) is not None or any(map(_AD_ATTRIBUTE.match, attributes))


def is_hidden(attributes: Mapping[str, str | None]) -> bool:
    """Whether an element with these attributes is hidden from readers."""
    return "hidden" in attributes or bool((style := attributes.get("style")) and _HIDDEN.search(style))


def text_of(root: LexborNode, without: Collection[int] = ()) -> str:
    """The text of an element in one line, less the elements whose `mem_id` is in `without`.

    A line break or a block inside it counts as a space.
    """
    pieces: list[str] = []
    for node, entering in walk(root, without):
        if node.is_text_node:
            if entering:
                pieces.append(node.text_content or "")
        elif node.tag == "br" or node.tag in BLOCKS:
            pieces.append(" ")
    return tidy("".join(pieces))


_LONGEST_LABEL = 30
"""Characters of a label like "Penulis" in a table's cell."""


class _ParagraphBuilder:
    """Collects running text and splits it into paragraphs at blocks and double line breaks."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self._lines: list[list[str]] = [[]]
        self._all_linked = True

    def add_text(self, piece: str, linked: bool) -> None:
        if not linked and not piece.isspace():
            self._all_linked = False
        self._lines[-1].append(piece)

    def line_break(self) -> None:
        if tidy("".join(self._lines[-1])):
            self._lines.append([])
        else:
            self.end_paragraph()

    def end_paragraph(self) -> None:
        lines = [line for pieces in self._lines if (line := tidy("".join(pieces)))]
        # a paragraph that is only a link leads to another story, unless it ends like a sentence of this one
        if lines and not (self._all_linked and not lines[-1].endswith((".", '."', ".”"))):
            paragraph = "\n".join(lines)
            if paragraph.startswith(":") and self.paragraphs and len(self.paragraphs[-1]) <= _LONGEST_LABEL:
                self.paragraphs[-1] += f" {paragraph}"  # a table's row: "Penulis" | ": Rina Dewi"
            else:
                self.paragraphs.append(paragraph)
        self._lines = [[]]
        self._all_linked = True


def paragraphs(root: LexborNode, drop: Collection[int] = ()) -> tuple[str, ...]:
    """The paragraphs below `root`, each tidied; a single <br> is a line break within its paragraph.

    `drop` has the `mem_id` of elements to leave out. A paragraph that is only a link leads to another story and is left
    out too.
    """
    builder = _ParagraphBuilder()
    links = 0
    for node, entering in walk(root, drop):
        if node.is_text_node:
            if entering and (text := node.text_content):
                builder.add_text(text, linked=links > 0)
        elif node.tag == "a":
            links += 1 if entering else -1
        elif node.tag == "br":
            if entering:
                builder.line_break()
        elif node.tag in BLOCKS:
            builder.end_paragraph()
    builder.end_paragraph()
    return tuple(builder.paragraphs)
