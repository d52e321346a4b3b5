"""A page as the lines that a reader sees, in reading order, with the pictures between them.

All of it is collected in one walk without recursion, so that the cost is linear however deeply the page nests.
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
    """What the tag, class, id, itemprop or rel of an element or of one around it says about its text: bits of an int.

    Plain numbers, because the arithmetic of IntFlag alone takes a third of the time of a walk.
    """

    BYLINE = 1
    CAPTION = 2
    UNRELATED = 4
    """No part of the story and not about it: comments, links to other stories, advertisements, embedded posts."""
    HEADING = 8
    """In an <h1> or <h2>."""
    TITLE = 16
    ATTACHED = 32
    """About the story but no part of its text: in a figure, a caption or a byline."""


@dataclass(slots=True)
class TextLine:
    """One line of text, the marks of the elements around it, and whether all of it is a link."""

    text: str
    marks: int
    linked: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """An image that is not in an UNRELATED element: its address as printed, and the number of the line after it."""

    node: LexborNode
    address: str
    next_line: int


@dataclass(frozen=True, slots=True)
class TimeElement:
    """An element with a time for machines in an attribute: the time, the line that it begins in, its marks."""

    node: LexborNode
    value: str
    line: int
    marks: int


@dataclass(slots=True)
class VisiblePage:
    """The lines, pictures and times of a page.

    `spans` has for each block (by its `mem_id`) the half-open range of its lines. `not_story` has the `mem_id` of the
    elements marked UNRELATED or ATTACHED. `weights` is each block's share of the running text.
    """

    lines: list[TextLine] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    times: list[TimeElement] = field(default_factory=list)
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    not_story: set[int] = field(default_factory=set)
    weights: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    blocks: dict[int, LexborNode] = field(default_factory=dict)

    def heaviest(self) -> LexborNode | None:
        """The block with most of the running text; None if the page has none."""
        if not self.weights:
            return None
        return self.blocks[max(self.weights, key=lambda each: self.weights[each])]


_IGNORED_TAGS = frozenset(
    "script style noscript template iframe object embed applet svg canvas math audio video button select textarea "
    "input nav head title option -comment".split()
)
_TAG_MARKS = {
    **dict.fromkeys(("aside", "footer", "ins"), TextMark.UNRELATED),
    "figure": TextMark.ATTACHED,
    "figcaption": TextMark.ATTACHED | TextMark.CAPTION,
    **dict.fromkeys(("h1", "h2"), TextMark.HEADING),
}
_LINE_TAGS = BLOCKS | {"figure", "figcaption", "aside", "footer", "form", "picture"}
_NAMING_ATTRIBUTES = ("class", "id", "itemprop", "rel")
_NOT_STORY = TextMark.UNRELATED | TextMark.ATTACHED
_INLINE_OR_WHOLE_PAGE = frozenset(("a", "b", "strong", "em", "i", "u", "font", "body", "html", "article", "main"))
_PARAGRAPH_TAGS = frozenset(("p", "h2", "h3", "blockquote", "li"))
_SHORTEST_RUN = 25
"""Characters: menus, stamps and buttons are shorter than a run of text."""

_MOST_LINES = 20_000
"""Real pages have up to 3,000; the rest of a longer one is not read."""

_UNRELATED = re.compile(
    r"(?:^|[\s_-])(?:comments?|komentar|footer|(?<!no-)(?<!has-)sidebar|related|terkait|baca-?juga|readalso|read-also|"
    r"shar(?:e|ing)|social|popul[ae]r|terpopuler|menu|nav|navbar|tags?|iklan|ads?|adv|advert\w*|banner|promo|"
    r"breadcrumbs?|newsletter|login|search|recommend(?:ed|ation)s?|rekomendasi|"
    r"twitter-tweet|instagram-media|tiktok-embed|fb-post)(?:$|[\s_-])",
    re.I,
)
_ATTACHED = re.compile(r"(?:^|[\s_-])(?:copyright|caption|byline)(?:$|[\s_-])", re.I)
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
# `title` as in hAtom's <abbr class="published" title="2024-06-03T14:05:00+07:00">, which Blogger prints
_TIME_ATTRIBUTES = (
    "datetime", "data-datetime", "data-time", "data-timestamp", "data-date", "data-published", "data-published-at",
    "data-publish-date", "data-pubdate", "data-utime", "data-unixtime", "data-livestamp", "title",
)  # fmt: skip
_TIMES = frozenset(_TIME_ATTRIBUTES)
_LINKS = frozenset(("a", "img"))
"""Their `title` is a headline."""
_TIME = re.compile(r"\s{0,9}(?:[12]\d{3}-\d\d?-\d\d?|[12]\d{9}(?:\d{3})?\s{0,9}$)")
_MOST_TIMES = 200
"""Real pages have some dozen, in lists of other stories."""
_ADDRESS_ATTRIBUTES = ("src", "data-src", "data-original", "data-lazy-src")


@lru_cache(maxsize=4096)
def _marks(names: str) -> int:
    return (
        (TextMark.BYLINE if _BYLINE.search(names) else 0)
        | (TextMark.CAPTION if _CAPTION.search(names) else 0)
        | (TextMark.UNRELATED if _UNRELATED.search(names) else 0)
        | (TextMark.ATTACHED if _ATTACHED.search(names) else 0)
        | (TextMark.TITLE if _TITLE.search(names) else 0)
    )


def read_lines(root: LexborNode, *, trust_classes: bool = True) -> VisiblePage:
    """The lines below `root`.

    Running text outside links counts as weight of the block around its <p>. Bare text counts for its own block, and
    nearly as much for the one around it, because some sites make each paragraph a <div>. Further out it counts half.
    With `trust_classes` False no class marks an element as UNRELATED.
    """
    collector = _LineCollector(trust_classes)
    collector.collect(root)
    return collector.found


class _LineCollector:
    """The state of one walk: the open blocks, and the pieces and marks of the current line."""

    def __init__(self, trust_classes: bool) -> None:
        self.found = VisiblePage()
        self._class_mask = -1 if trust_classes else ~TextMark.UNRELATED
        self._blocks: list[LexborNode] = []
        self._pieces: list[str] = []
        self._line_marks = 0
        self._linked = True

    def collect(self, root: LexborNode) -> None:
        above: list[tuple[LexborNode, int, bool, int]] = []  # open elements, each with the state outside it
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
                elif tag not in _IGNORED_TAGS:
                    attributes = node.attributes
                    if attributes and tag not in _LINKS and not _TIMES.isdisjoint(attributes):
                        self._time(node, attributes, marks)
                    if tag == "img":
                        self._picture(node, attributes, marks)
                    elif (child := node.first_child) is not None and not (attributes and is_hidden(attributes)):
                        above.append((node, marks, in_link, self._enter(node, tag, attributes)))
                        marks |= self._marks_of(node, tag, attributes)
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

    def _marks_of(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> int:
        marks = _TAG_MARKS.get(tag, 0)
        if tag == "form" and not _holds_a_page(node):
            marks = TextMark.UNRELATED
        for name in _NAMING_ATTRIBUTES:
            if value := attributes.get(name):
                marks |= _marks(value) & (~_NOT_STORY if tag in _INLINE_OR_WHOLE_PAGE else self._class_mask)
        if marks & _NOT_STORY:
            self.found.not_story.add(node.mem_id)
        return marks

    def _enter(self, node: LexborNode, tag: str, attributes: dict[str, str | None]) -> int:
        """Open an element. Returns the number of its first line, or -1 if it starts no line."""
        if tag not in _LINE_TAGS and "articleBody" not in (attributes.get("itemprop") or ""):  # VIVA's is a <span>
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
            if len(text) >= _SHORTEST_RUN and self._blocks and not marks & _NOT_STORY:
                self._weigh(text)

    def _weigh(self, text: str) -> None:
        length = len(" ".join(text.split()))
        if length < _SHORTEST_RUN:
            return
        blocks, weights = self._blocks, self.found.weights
        shares = (0.0, 1.0, 0.5) if blocks[-1].tag in _PARAGRAPH_TAGS else (1.0, 0.75, 0.35)
        for share, block in zip(shares, reversed(blocks[-3:]), strict=False):
            weights[block.mem_id] += share * length
            self.found.blocks[block.mem_id] = block

    def _end_line(self) -> None:
        if self._pieces:
            if text := tidy("".join(self._pieces)):
                self.found.lines.append(TextLine(text, self._line_marks, self._linked))
            self._pieces, self._line_marks, self._linked = [], 0, True

    def _time(self, node: LexborNode, attributes: dict[str, str | None], marks: int) -> None:
        for name in _TIME_ATTRIBUTES:
            value = attributes.get(name)
            if value and _TIME.match(value) and len(self.found.times) < _MOST_TIMES:
                self.found.times.append(TimeElement(node, tidy(value), len(self.found.lines), marks))
                return

    def _picture(self, node: LexborNode, attributes: dict[str, str | None], marks: int) -> None:
        if marks & TextMark.UNRELATED:
            return
        address = next((value for name in _ADDRESS_ATTRIBUTES if (value := attributes.get(name))), "")
        if address:
            self.found.pictures.append(Picture(node, address, len(self.found.lines)))


def _holds_a_page(form: LexborNode) -> bool:
    """Whether a form holds the whole page, as in ASP.NET."""
    return form.css_first("h1, h2, p + p") is not None
