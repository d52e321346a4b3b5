"""A page as the lines that a reader sees, in reading order, with the pictures between them.

All of it is collected in one walk without recursion, so that the cost is linear however deeply the page nests.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from reading.extract.body import BLOCKS, STRUCK_TAGS, is_advertisement, is_hidden, tidy
from reading.extract.bounds import LONGEST_NAME
from reading.extract.text_marks import (
    NO_LINK,
    TAG_MARKS,
    TO_A_STORY,
    TextMark,
    link_says,
    marks_of_name,
)


@dataclass(slots=True)
class TextLine:
    """One line of text, the marks of the elements around it, and whether all of it is a link.

    `story` is what of it may be the story's: without the pieces that are UNRELATED or ATTACHED. `starts`: a paragraph
    starts here; a single `br` starts none. `leads_on`: a link of it may lead to another story, not to a tag or a place
    on the page. `outer` is the `mem_id` of the outermost element that marks it UNRELATED, 0 if none.
    """

    text: str
    marks: int
    linked: bool
    story: str = ""
    starts: bool = True
    leads_on: bool = True
    outer: int = 0


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

    `spans` has for each block (by its `mem_id`) the half-open range of its lines. `weights` is each block's share of
    the running text, `doubtful` that of the text marked UNRELATED by a name alone. `hidden` are the elements that
    readers do not see, each with the number of the line after it, `struck` the struck-out ones.
    """

    lines: list[TextLine] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    times: list[TimeElement] = field(default_factory=list)
    spans: dict[int, tuple[int, int]] = field(default_factory=dict)
    named: dict[int, int] = field(default_factory=dict)
    """The marks of the elements that are UNRELATED or ATTACHED by their own name, by `mem_id`."""
    weights: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    doubtful: dict[int, float] = field(default_factory=lambda: defaultdict(float))
    blocks: dict[int, LexborNode] = field(default_factory=dict)
    hidden: list[tuple[LexborNode, int]] = field(default_factory=list)
    struck: list[LexborNode] = field(default_factory=list)
    fetching: list[int] = field(default_factory=list)
    """The numbers of the lines after each button or link that fetches the rest of the text."""
    capped: bool = False
    """Whether the page has more lines, or longer names of elements, than are read."""

    def heaviest(self) -> LexborNode | None:
        """The block with most of the running text; None if the page has none."""
        return heaviest_of(self.weights, self.blocks)


def heaviest_of(weights: dict[int, float], blocks: dict[int, LexborNode]) -> LexborNode | None:
    """The block with the greatest weight; None if none has any."""
    return blocks[max(weights, key=lambda each: weights[each])] if weights else None


_IGNORED_TAGS = frozenset(
    "script style noscript template iframe object embed applet svg canvas math audio video button select textarea "
    "input nav head title option -comment".split()
)
_MARKED_TAGS = frozenset((*TAG_MARKS, "a", "form", "ins"))
"""Tags that say something about their text without any attribute."""
_LINE_TAGS = BLOCKS | {"figure", "figcaption", "aside", "footer", "form", "picture"}
_NAMING_ATTRIBUTES = frozenset(("class", "id", "itemprop", "rel", "role"))
_NOT_STORY = TextMark.UNRELATED | TextMark.ATTACHED | TextMark.BESIDE
_INLINE_OR_WHOLE_PAGE = frozenset(("a", "b", "strong", "em", "i", "u", "font", "body", "html", "article", "main"))
_PARAGRAPH_TAGS = frozenset(("p", "h2", "h3", "blockquote", "li"))
_SHORTEST_RUN = 25
"""Characters: menus, stamps and buttons are shorter than a run of text."""

_BULLETS = frozenset("•·●▪◦‣»›→–-*")
_LONGEST_BULLET = 8
_MOST_LINES = 20_000
"""Real pages have up to 3,000; the rest of a longer one is not read."""

# `title` as in hAtom's <abbr class="published" title="2024-06-03T14:05:00+07:00">, which Blogger prints
_TIME_ATTRIBUTES = (
    "datetime", "data-datetime", "data-time", "data-timestamp", "data-date", "data-published", "data-published-at",
    "data-publish-date", "data-pubdate", "data-utime", "data-unixtime", "data-livestamp", "title",
)  # fmt: skip
_SAYS_NAME, _SAYS_TIME, _SAYS_HIDDEN, _SAYS_DATA = 1, 2, 4, 8
_MOST_KNOWN = 1_000


class _AttributeSays(dict[str, int]):
    """What an attribute may say of its element: one look-up each, because most elements have one or two."""

    def __missing__(self, name: str) -> int:
        says = _SAYS_DATA if name.startswith("data-") else 0
        if len(self) < _MOST_KNOWN:
            self[name] = says
        return says


_ATTRIBUTES = _AttributeSays(
    {
        **dict.fromkeys(_NAMING_ATTRIBUTES, _SAYS_NAME),
        **{name: _SAYS_TIME | (_SAYS_DATA if name.startswith("data-") else 0) for name in _TIME_ATTRIBUTES},
        **dict.fromkeys(("hidden", "style"), _SAYS_HIDDEN),
    }
)
_IMAGES = frozenset(("img", "amp-img"))
_LINKS = frozenset(("a", "img"))
"""Their `title` is a headline."""
_TIME = re.compile(r"\s{0,9}(?:[12]\d{3}-\d\d?-\d\d?|[12]\d{9}(?:\d{3})?\s{0,9}$)")
_MOST_TIMES = 200
"""Real pages have some dozen, in lists of other stories."""
_ADDRESS_ATTRIBUTES = ("data-src", "data-original", "data-lazy-src", "data-lazy", "src")
"""The first is used: a picture that is loaded later has a placeholder in `src`."""


def read_lines(
    root: LexborNode, *, trusted: Collection[int] = (), drop: Collection[int] = (), with_bylines: bool = False
) -> VisiblePage:
    """The lines below `root`.

    Running text outside links counts as weight of the block around its <p>. Bare text counts for its own block, and
    nearly as much for the one around it, because some sites make each paragraph a <div>. Further out it counts half.

    `trusted` has the `mem_id` of elements that are read although they are hidden, struck out or named like an
    advertisement; `drop` those of elements to leave out. `with_bylines`: lines BESIDE a story count as its text.
    """
    collector = _LineCollector(frozenset(trusted), frozenset(drop), with_bylines)
    collector.collect(root)
    return collector.found


_LONGEST_BUTTON = 40
_READ_MORE = re.compile(
    r"\W{0,3}(?:(?:baca|lihat|klik|simak)?\s?(?:berita |artikel )?(?:selengkapnya|lebih lanjut|lebih banyak)|"
    r"(?:lanjut(?:kan)?|teruskan)\s?(?:mem)?baca(?: artikel| berita)?|baca (?:lanjutan|terus)|"
    r"(?:lanjut|lanjutkan)? ?(?:ke )?halaman (?:berikutnya|selanjutnya)|"
    r"(?:read|show|view|load) more|continue reading|bersambung)\W{0,6}",
    re.I,
)


def is_read_more(text: str) -> bool:
    """Whether a link or button leads to the rest of a text."""
    return _READ_MORE.fullmatch(tidy(text)) is not None


_ADDRESS = re.compile(r"https?:|//|/\w|\?")


class _LineCollector:
    """The state of one walk: the open blocks, and the pieces and marks of the current line."""

    def __init__(self, trusted: frozenset[int], drop: frozenset[int], with_bylines: bool) -> None:
        self.found = VisiblePage()
        self._no_story = _NOT_STORY & ~TextMark.BESIDE if with_bylines else _NOT_STORY
        self._trusted = trusted
        self._drop = drop
        self._blocks: list[LexborNode] = []
        self._pieces: list[str] = []
        self._story: list[str] = []
        self._line_marks = 0
        self._linked = True
        self._starts = True
        self._leads_on = False
        self._outer = 0

    def collect(self, root: LexborNode) -> None:
        # open elements, each with the state outside it and the number of its first line, -1 if it starts none
        above: list[tuple[LexborNode, int, int, int, int]] = []
        marks, link, outer = 0, NO_LINK, 0
        node = root.first_child
        lines, says, may_drop = self.found.lines, _ATTRIBUTES, bool(self._drop)
        while True:
            while node is not None and len(lines) < _MOST_LINES:
                tag = node.tag or ""
                if tag == "-text":
                    text = node.text_content or ""
                    if not text.isspace():
                        self._text(text, marks, link, outer)
                    elif self._pieces:
                        self._pieces.append(" ")
                        self._story.append(" ")
                elif tag == "br":
                    self._line_break()
                elif tag == "button":
                    self._button(node, node.attributes)
                elif tag not in _IGNORED_TAGS:
                    attributes = node.attributes
                    said = 0
                    for name in attributes:
                        said |= says[name]
                    if said & _SAYS_TIME and tag not in _LINKS:
                        self._time(node, attributes, marks)
                    if tag in _IMAGES:
                        self._picture(node, attributes, marks)
                    elif (child := node.first_child) is not None and (
                        not (may_drop or said & _SAYS_HIDDEN or tag in STRUCK_TAGS)
                        or self._is_read(node, tag, attributes, said)
                    ):
                        start = -1
                        if tag in _LINE_TAGS or (said & _SAYS_NAME and _is_body(attributes)):
                            if self._pieces:  # most blocks begin and end without text of their own
                                self._end_line()
                            self._starts = True
                            self._blocks.append(node)
                            start = len(lines)
                        above.append((node, marks, link, outer, start))
                        if said & _SAYS_NAME or tag in _MARKED_TAGS:
                            own = self._marks_of(node, tag, attributes, said)
                            if not outer and own & TextMark.UNRELATED:
                                outer = node.mem_id
                            marks |= own
                        if tag == "a":
                            if said & _SAYS_DATA:
                                self._button(node, attributes)
                            link = link_says(attributes.get("href") or "#")[1]
                        node = child
                        continue
                    elif tag in _LINE_TAGS:
                        if self._pieces:
                            self._end_line()
                        self._starts = True
                node = node.next
            if not above:
                break
            last, marks, link, outer, start = above.pop()
            if start >= 0:
                if self._pieces:
                    self._end_line()
                self._starts = True
                self._blocks.pop()
                self.found.spans[last.mem_id] = (start, len(lines))
            node = last.next
        self._end_line()
        self.found.capped |= len(lines) >= _MOST_LINES

    def _is_read(self, node: LexborNode, tag: str, attributes: dict[str, str | None], said: int) -> bool:
        """Whether an element is read: it is not dropped, and not hidden or struck out unless it is trusted."""
        if self._drop and node.mem_id in self._drop:
            return False
        if tag in STRUCK_TAGS:
            if node.mem_id in self._trusted:
                return True
            self.found.struck.append(node)
            return False
        if said & _SAYS_HIDDEN and is_hidden(attributes) and node.mem_id not in self._trusted:
            self.found.hidden.append((node, len(self.found.lines)))
            return False
        return True

    def _marks_of(self, node: LexborNode, tag: str, attributes: dict[str, str | None], said: int) -> int:
        marks = TAG_MARKS.get(tag, 0)
        if (tag == "form" and not _holds_a_page(node)) or (tag == "ins" and is_advertisement(attributes)):
            marks = TextMark.UNRELATED | TextMark.FOREIGN
        named = 0
        if said & _SAYS_NAME:
            for name, value in attributes.items():
                if value and name in _NAMING_ATTRIBUTES:
                    if len(value) > LONGEST_NAME:
                        self.found.capped = True
                        value = value[:LONGEST_NAME]  # noqa: PLW2901  the rest of the name is not read
                    named |= marks_of_name(value)
        if tag == "a" and (href := attributes.get("href")):
            named |= link_says(href)[0]
        if named and (tag in _INLINE_OR_WHOLE_PAGE or node.mem_id in self._trusted):
            named &= ~_NOT_STORY & ~TextMark.FOREIGN & ~TextMark.OTHERS
        if (marks | named) & _NOT_STORY:
            self.found.named[node.mem_id] = marks | named
        return marks | named

    def _text(self, text: str, marks: int, link: int, outer: int) -> None:
        self._pieces.append(text)
        self._line_marks |= marks
        if marks & self._no_story:
            self._outer = self._outer or outer
        elif link and len(text) <= _LONGEST_BUTTON and is_read_more(text):
            self._line_marks |= TextMark.MORE
        else:
            self._story.append(text)
        if link:
            self._leads_on = self._leads_on or link == TO_A_STORY
            return
        if len(text) <= _LONGEST_BULLET and text.strip() in _BULLETS:
            return  # a link with a bullet is a link
        self._linked = False
        if len(text) >= _SHORTEST_RUN and self._blocks:
            if not marks & _NOT_STORY:
                self._weigh(text, self.found.weights)
            elif not marks & (TextMark.FOREIGN | TextMark.BESIDE):
                self._weigh(text, self.found.doubtful)

    def _weigh(self, text: str, weights: dict[int, float]) -> None:
        length = len(" ".join(text.split()))
        if length < _SHORTEST_RUN:
            return
        blocks = self._blocks
        shares = (0.0, 1.0, 0.5) if blocks[-1].tag in _PARAGRAPH_TAGS else (1.0, 0.75, 0.35)
        for share, block in zip(shares, blocks[:-4:-1], strict=False):
            weights[mem_id := block.mem_id] += share * length
            self.found.blocks[mem_id] = block

    def _line_break(self) -> None:
        """A second break in a row ends the paragraph."""
        if not self._end_line():
            self._starts = True

    def _end_line(self) -> bool:
        """Ends the current line; returns whether it had any text."""
        text = tidy("".join(self._pieces)) if self._pieces else ""
        if text:
            same = len(self._story) == len(self._pieces)
            story = text if same else tidy("".join(self._story))
            leads_on = self._leads_on
            line = TextLine(text, self._line_marks, self._linked, story, self._starts, leads_on, self._outer)
            self.found.lines.append(line)
            self._starts = False
        self._pieces, self._story, self._line_marks = [], [], 0
        self._linked, self._leads_on, self._outer = True, False, 0
        return bool(text)

    def _time(self, node: LexborNode, attributes: dict[str, str | None], marks: int) -> None:
        for name in _TIME_ATTRIBUTES:
            value = attributes.get(name)
            if value and _TIME.match(value) and len(self.found.times) < _MOST_TIMES:
                self.found.times.append(TimeElement(node, tidy(value), len(self.found.lines), marks))
                return

    def _button(self, node: LexborNode, attributes: dict[str, str | None]) -> None:
        """Notes a button that fetches the rest of the text: one with an address. Others unfold what is on the page."""
        for name, value in attributes.items():
            if name.startswith("data-") and _ADDRESS.match(value or ""):
                break
        else:
            return
        if is_read_more(node.text()[: 2 * _LONGEST_BUTTON]):
            self.found.fetching.append(len(self.found.lines))

    def _picture(self, node: LexborNode, attributes: dict[str, str | None], marks: int) -> None:
        if marks & TextMark.UNRELATED:
            return
        address = next((value for name in _ADDRESS_ATTRIBUTES if (value := attributes.get(name))), "")
        if address:
            self.found.pictures.append(Picture(node, address, len(self.found.lines)))


def _is_body(attributes: Mapping[str, str | None]) -> bool:
    """Whether an element is the story's by its microdata: VIVA's is a <span>."""
    return "articleBody" in (attributes.get("itemprop") or "")


def _holds_a_page(form: LexborNode) -> bool:
    """Whether a form holds the whole page, as in ASP.NET."""
    return form.css_first("h1, h2, p + p") is not None
