"""A page as the lines that a reader sees, in reading order, with the pictures between them: what the fallback looks at.

One walk without recursion gathers it all, so that the cost is linear in the page however deeply it nests.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import lru_cache

from selectolax.lexbor import LexborNode

from lexicon.credits import alternation
from reading.extract.body import BLOCKS, is_hidden, tidy


class TextMark:
    """What the tag, class, id, itemprop or rel of an element calls it, or one around it: bits of a whole number.

    Plain numbers and no IntFlag, whose arithmetic alone takes a third of the time of a walk.
    """

    BYLINE = 1
    CAPTION = 2
    BESIDE = 4
    """Beside the story: comments, links to other stories, advertisements, embedded posts."""
    HEADING = 8
    """Within an <h1> or <h2>."""
    TITLE = 16
    APART = 32
    """In a figure, a caption or a byline: beside the story too, but about it."""


@dataclass(slots=True)
class TextLine:
    """One line of text, what the elements around it are called, and whether all of it is a link."""

    text: str
    marks: int
    linked: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that is not beside the story, its address as the page has it, and the number of the line after it."""

    node: LexborNode
    address: str
    before: int


@dataclass(slots=True)
class Lines:
    """The lines and pictures of a page.

    `spans` gives for each block (by its `mem_id`) the lines that stand in it, as a half-open range. `beside` are the
    elements that are no part of a story. `weights` is each block's share of the running text.
    """

    lines: list[TextLine] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    beside: set[int] = field(default_factory=set)
    weights: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    blocks: dict[int, LexborNode] = field(default_factory=dict)

    def heaviest(self) -> LexborNode | None:
        """The block that holds most of the running text; None where the page has none."""
        if not self.weights:
            return None
        return self.blocks[max(self.weights, key=lambda each: self.weights[each])]


_PASSED_OVER = frozenset(
    "script style noscript template iframe object embed applet svg canvas math audio video button select textarea "
    "input nav head title option -comment".split()
)
_TAGS = {
    **dict.fromkeys(("aside", "footer", "ins"), TextMark.BESIDE),
    "figure": TextMark.APART,
    "figcaption": TextMark.APART | TextMark.CAPTION,
    **dict.fromkeys(("h1", "h2"), TextMark.HEADING),
}
_LINES = BLOCKS | {"figure", "figcaption", "aside", "footer", "form", "picture"}
_NAMES = ("class", "id", "itemprop", "rel")
_NO_STORY = TextMark.BESIDE | TextMark.APART
_WITHIN_A_SENTENCE = frozenset(("a", "b", "strong", "em", "i", "u", "font", "body", "html", "article", "main"))
_IN_PARAGRAPH = frozenset(("p", "h2", "h3", "blockquote", "li"))
_SHORTEST_RUN = 25
"""Characters: menus, stamps and buttons are shorter than a run of text."""

_MOST_LINES = 20_000
"""Real pages have up to 3,000; the rest of a longer one is not looked at."""

_BESIDE = re.compile(
    r"(?:^|[\s_-])(?:comments?|komentar|footer|(?<!no-)(?<!has-)sidebar|related|terkait|baca-?juga|readalso|read-also|"
    r"shar(?:e|ing)|social|popul[ae]r|terpopuler|menu|nav|navbar|tags?|iklan|ads?|adv|advert\w*|banner|promo|"
    r"breadcrumbs?|newsletter|login|search|recommend(?:ed|ation)s?|rekomendasi|"
    r"twitter-tweet|instagram-media|tiktok-embed|fb-post)(?:$|[\s_-])",
    re.I,
)
_APART = re.compile(r"(?:^|[\s_-])(?:copyright|caption|byline)(?:$|[\s_-])", re.I)
_BYLINE = re.compile(
    rf"{alternation('byline_classes')}|credits?(?:$|[\s_-])",
    re.I,
)
_CAPTION = re.compile(
    r"caption|keterangan|photo-?desc|(?:image|img|foto|photo|pic|gambar)[_-]?(?:info|desc|text|ket|credit)|"
    r"(?:^|[\s_-])(?:ket|cap)[_-]?(?:foto|gambar|photo)?(?:$|[\s_-])|^copyright$",
    re.I,
)
_TITLE = re.compile(
    r"(?:^|[\s_-])(?:judul|headline|(?:news|article|entry|post|detail)[_-]?title|title)(?:$|[\s_-])", re.I
)
_SOURCES = ("src", "data-src", "data-original", "data-lazy-src")


@lru_cache(maxsize=4096)
def _marks(names: str) -> int:
    return (
        (TextMark.BYLINE if _BYLINE.search(names) else 0)
        | (TextMark.CAPTION if _CAPTION.search(names) else 0)
        | (TextMark.BESIDE if _BESIDE.search(names) else 0)
        | (TextMark.APART if _APART.search(names) else 0)
        | (TextMark.TITLE if _TITLE.search(names) else 0)
    )


def read_lines(root: LexborNode, *, all_alike: bool = False) -> Lines:
    """The lines below `root`.

    Running text outside links weighs for the block around its <p>; bare text weighs for the block it stands in, and
    nearly as much for the one around it, for some sites make each paragraph a <div>. Further out it weighs half.
    With `all_alike` no class is taken to be beside the story, for pages whose template is named after its sidebar.
    """
    walk = _Walk(all_alike)
    walk.over(root)
    return walk.found


class _Walk:
    """The state of one walk: the open blocks, and the pieces of the line that is growing with their marks."""

    def __init__(self, all_alike: bool) -> None:
        self.found = Lines()
        self._heard = ~TextMark.BESIDE if all_alike else -1
        self._blocks: list[LexborNode] = []
        self._pieces: list[str] = []
        self._line_marks = 0
        self._linked = True

    def over(self, root: LexborNode) -> None:
        above: list[tuple[LexborNode, int, bool, int]] = []  # and what held before each was entered
        marks, in_link = 0, False
        node = root.first_child
        lines = self.found.lines
        while True:
            while node is not None and len(lines) < _MOST_LINES:
                tag = node.tag or ""
                if tag == "-text":
                    self._text(node.text_content or "", marks, in_link)
                elif tag == "br":
                    self._end_line()
                elif tag not in _PASSED_OVER:
                    attributes = node.attributes
                    if tag == "img":
                        self._picture(node, attributes, marks)
                    elif (child := node.first_child) is not None and not (attributes and is_hidden(attributes)):
                        above.append((node, marks, in_link, self._enter(node, tag, attributes)))
                        marks |= self._called(node, tag, attributes)
                        in_link = in_link or tag == "a"
                        node = child
                        continue
                node = node.next
            if not above:
                break
            last, marks, in_link, start = above.pop()
            if start >= 0:
                self._end_line()
                self._blocks.pop()
                self.found.spans[last.mem_id] = (start, len(self.found.lines))
            node = last.next
        self._end_line()

    def _called(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> int:
        marks = _TAGS.get(tag, 0)
        if tag == "form" and not _holds_a_page(node):
            marks = TextMark.BESIDE
        for name in _NAMES:
            if value := attributes.get(name):
                marks |= _marks(value) & (~_NO_STORY if tag in _WITHIN_A_SENTENCE else self._heard)
        if marks & _NO_STORY:
            self.found.beside.add(node.mem_id)
        return marks

    def _enter(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> int:
        if tag not in _LINES and "articleBody" not in (attributes.get("itemprop") or ""):  # VIVA's is a <span>
            return -1
        self._end_line()
        self._blocks.append(node)
        return len(self.found.lines)

    def _text(self, text: str, marks: int, in_link: bool) -> None:
        if text.isspace():
            if self._pieces:
                self._pieces.append(" ")
            return
        self._pieces.append(text)
        self._line_marks |= marks
        if not in_link:
            self._linked = False
            if len(text) >= _SHORTEST_RUN and self._blocks and not marks & _NO_STORY:
                self._weigh(text)

    def _weigh(self, text: str) -> None:
        length = len(" ".join(text.split()))
        if length < _SHORTEST_RUN:
            return
        blocks, weights = self._blocks, self.found.weights
        shares = (0.0, 1.0, 0.5) if blocks[-1].tag in _IN_PARAGRAPH else (1.0, 0.75, 0.35)
        for share, block in zip(shares, reversed(blocks[-3:]), strict=False):
            weights[block.mem_id] += share * length
            self.found.blocks[block.mem_id] = block

    def _end_line(self) -> None:
        if self._pieces:
            if text := tidy("".join(self._pieces)):
                self.found.lines.append(TextLine(text, self._line_marks, self._linked))
            self._pieces, self._line_marks, self._linked = [], 0, True

    def _picture(self, node: LexborNode, attributes: dict[str, str | None], marks: int) -> None:
        if marks & TextMark.BESIDE:
            return
        address = next((value for name in _SOURCES if (value := attributes.get(name))), "")
        if address:
            self.found.pictures.append(Picture(node, address, len(self.found.lines)))


def _holds_a_page(form: LexborNode) -> bool:
    # ASP.NET wraps whole pages in one form
    return form.css_first("h1, h2, p + p") is not None
