"""Paragraphs out of HTML: from <p>, from <div>, and from bare text with <br><br>.

Everything here walks a page once and without recursion, so its cost is linear in the page however deeply it nests.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator

from selectolax.lexbor import LexborNode

# What a reader does not read as part of a story, wherever it stands
SILENT = frozenset(
    "script style noscript template iframe object embed applet svg canvas math audio video form button select textarea "
    "input figure figcaption aside nav footer head title ins".split()
)
BLOCKS = frozenset(
    "p div section article main header h1 h2 h3 h4 h5 h6 blockquote pre ul ol li dl dt dd table caption thead tbody "
    "tfoot tr td th hr center address fieldset details summary body".split()
)
_HIDDEN = re.compile(r"display\s{0,5}:\s{0,5}none", re.I)
# Posts of social networks that a story shows: quoted beside it, whatever they say
_EMBEDDED = re.compile(r"\b(?:twitter-(?:tweet|video)|instagram-media|tiktok-embed|fb-(?:post|video)|reddit-embed)\b")
_BESIDE_A_STORY = re.compile(
    r"(?:^|[\s_-])(?:comments?|komentar|footer|sidebar|related|terkait|baca-?juga|readalso|read-also|shar(?:e|ing)|social|"
    r"popul[ae]r|terpopuler|menu|nav|navbar|tags?|iklan|ads?|adv|advert\w*|banner|promo|breadcrumbs?|copyright|caption|byline|"
    r"newsletter|login|search)(?:$|[\s_-])",
    re.I,
)
_SPACES = re.compile(r"[\s\u00a0\u00ad\u200b\u200c\u200d\u2028\u2029\u2060\ufeff]+")
# lone surrogates too ("\ud800" in JSON-LD): half a character, which neither UTF-8 nor PostgreSQL can hold
_INVISIBLE = re.compile(r"[\u00ad\u200b\u200c\u200d\u2060\ufeff\x00-\x08\x0e-\x1f\x7f\ud800-\udfff]")


def tidy(text: str) -> str:
    """One line: runs of white space (no-break spaces too) become one space, invisible characters go."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()


def walk(root: LexborNode, skip: Collection[int] = ()) -> Iterator[tuple[LexborNode, bool]]:
    """All that stands below `root`, in reading order: (node, True) on entering, (node, False) on leaving it.

    Silent and hidden elements, and those whose `mem_id` is in `skip`, are passed over with all they hold.
    """
    above: list[LexborNode] = []
    node = root.first_child
    while True:
        while node is not None:
            if node.is_element_node and (node.mem_id in skip or _is_silent(node)):
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


def _is_silent(node: LexborNode) -> bool:
    if node.tag in SILENT:
        return True
    attributes = node.attributes
    if node.tag == "blockquote" and _EMBEDDED.search(attributes.get("class") or ""):
        return True
    return "hidden" in attributes or bool(_HIDDEN.search(attributes.get("style") or ""))


def text_of(root: LexborNode, without: Collection[int] = ()) -> str:
    """The text of an element in one line, less the elements whose `mem_id` is in `without`.

    A line break or a block within it counts as a space.
    """
    pieces: list[str] = []
    for node, entering in walk(root, without):
        if node.is_text_node:
            if entering:
                pieces.append(node.text_content or "")
        elif node.tag == "br" or node.tag in BLOCKS:
            pieces.append(" ")
    return tidy("".join(pieces))


class _Flow:
    """Collects running text and cuts it into paragraphs at blocks and double line breaks."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self._lines: list[list[str]] = [[]]
        self._all_linked = True

    def text(self, piece: str, linked: bool) -> None:
        if not linked and not piece.isspace():
            self._all_linked = False
        self._lines[-1].append(piece)

    def line_break(self) -> None:
        if tidy("".join(self._lines[-1])):
            self._lines.append([])
        else:
            self.end()

    def end(self) -> None:
        lines = [line for pieces in self._lines if (line := tidy("".join(pieces)))]
        # a paragraph that is nothing but a link leads to another story, unless it is a sentence of this one
        if lines and not (self._all_linked and not lines[-1].endswith((".", '."', ".”"))):
            self.paragraphs.append("\n".join(lines))
        self._lines = [[]]
        self._all_linked = True


def paragraphs(root: LexborNode, drop: Collection[int] = ()) -> tuple[str, ...]:
    """The paragraphs below `root`, each tidied; a single <br> is a line break within its paragraph.

    `drop` holds the `mem_id` of elements to leave out. A paragraph that is one link leads to another story, and goes.
    """
    flow = _Flow()
    links = 0
    for node, entering in walk(root, drop):
        if node.is_text_node:
            if entering and (text := node.text_content):
                flow.text(text, linked=links > 0)
        elif node.tag == "a":
            links += 1 if entering else -1
        elif node.tag == "br":
            if entering:
                flow.line_break()
        elif node.tag in BLOCKS:
            flow.end()
    flow.end()
    return tuple(flow.paragraphs)


def densest(root: LexborNode) -> tuple[LexborNode, Collection[int]] | None:
    """The element that holds most of a page's running text, and what beside the story to drop from it.

    The fallback for publishers nobody has described: text outside links counts for the block around its <p>; bare text
    counts for the block it stands in, and nearly as much for the one around it, for some sites make each paragraph a
    <div>. Further out it counts half. None where the page has no running text.
    """
    beside = {
        node.mem_id
        for node in root.css("[class], [id]")
        if node.tag not in ("body", "html", "article", "main")
        and _BESIDE_A_STORY.search(f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}")
    }
    weights: dict[int, float] = defaultdict(float)
    nodes: dict[int, LexborNode] = {}
    blocks: list[LexborNode] = []
    links = 0
    for node, entering in walk(root, beside):
        if node.is_text_node:
            length = len(tidy(node.text_content or "")) if entering and not links else 0
            if length < 25 or not blocks:  # menus, stamps and buttons are shorter
                continue
            in_paragraph = blocks[-1].tag in ("p", "h2", "h3", "blockquote", "li")
            shares = (0.0, 1.0, 0.5) if in_paragraph else (1.0, 0.75, 0.35)
            for share, block in zip(shares, reversed(blocks), strict=False):
                weights[block.mem_id] += share * length
                nodes[block.mem_id] = block
        elif node.tag == "a":
            links += 1 if entering else -1
        elif node.tag in BLOCKS:
            if entering:
                blocks.append(node)
            else:
                blocks.pop()
    if not weights:
        return None
    return nodes[max(weights, key=lambda each: weights[each])], beside
