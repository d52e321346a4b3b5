"""Which lines of a page are its story's: the heaviest block, grown to the blocks beside it that are of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from lexicon.credits import alternation
from lexicon.words import STOP_WORDS
from reading.credits.datelines import read_opening
from reading.extract.body import letters
from reading.extract.lines import TextLine, VisiblePage
from reading.extract.text_marks import TextMark

_LEVELS = 6
"""Elements around the heaviest block that are searched. Page builders wrap each paragraph in up to four."""
_SHORTEST_PARAGRAPH = 40
"""Characters of a line that is text of a story by itself; stamps, labels and buttons are shorter."""
_FEWEST_WORDS = 8
_MOST_LINKED = 0.34
"""Share of the characters in links. Lists of other stories are nearly all links."""

# Classes that say how wide or how far apart a block is, not what is in it
_GRID = re.compile(
    r"(?:col|span|row|container|grid|clearfix|wrapper|wrap|box|block|inner|outer|left|right|first|last|odd|even|item|"
    r"[mp][trblxy]?|w|d|g|is|has|flex|order|float|text|bg|font)(?:[_-]?(?:xs|sm|md|lg|xl|\d+))*(?:[_-]\d+)?",
    re.I,
)
_WORD = re.compile(r"[^\W\d_]{4,30}")
_LONGEST_TITLES = 2_000
_STEM = 5
_DIGITS = re.compile(r"[\d_-]+$")
STAMP = re.compile(
    r"(?<![\d/.-])\d{1,2}(?:\s{1,3}|\s?[-/.]\s?)(?:[A-Za-z]{3,10}|\d{1,2})\.?(?:,?\s{1,3}|\s?[-/.]\s?)(?:(?:19|20)\d\d|\d\d)(?!\d)"
    r"|(?<!\d)(?:19|20)\d\d-\d\d-\d\d"
)
LABELLED = re.compile(rf"\W{{0,3}}{alternation('author', 'editor')}(?:\s*[&/]\s*\w+)?\s*[:：]\s*\S", re.I)
_LONGEST_STAMP = 100
# a stamp with its clock, or a byline: what another story has, and a section of this one has not
_STAMP_OR_BYLINE = re.compile(rf"(?:19|20)\d\d[^\w]{{0,5}}(?:pukul )?\d{{1,2}}[:.]\d\d|^{LABELLED.pattern}", re.I)

_OTHER_STORIES = re.compile(
    r"(?:berita|artikel|topik|baca|video|foto)?\s?(?:terkait|terkini|terbaru|terpopuler|populer|lainnya|pilihan|juga)"
    r"|rekomendasi(?: untuk anda)?|komentar.{0,20}|related.{0,20}|trending.{0,10}|recommended.{0,20}|"
    r"(?:you may|anda mungkin) .{0,30}|latest news|most (?:read|popular)|comments?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class StoryBlock:
    """An element around the story, the half-open range of its lines, and the ranges in it that are other text."""

    node: LexborNode
    start: int
    stop: int
    without: tuple[tuple[int, int], ...] = ()


def subject_words(titles: str) -> list[str]:
    """The words of headlines that say what a story is on: without function words and short ones."""
    return [word for word in _WORD.findall(titles.casefold()[:_LONGEST_TITLES]) if word not in STOP_WORDS]


def shared_words(words: Sequence[str], text: str) -> int:
    """How many of these words the letters of a text have; Indonesian words have prefixes and suffixes."""
    return sum(1 for word in words if word[:_STEM] in text or word[-_STEM:] in text)


def is_running(line: TextLine) -> bool:
    """Whether a line is text of a story by itself."""
    return len(line.story) >= _SHORTEST_PARAGRAPH and not line.linked


def span_of(visible: VisiblePage, node: LexborNode) -> tuple[int, int]:
    """The lines of the element, or of the nearest block around it."""
    at: LexborNode | None = node
    while at is not None:
        if (span := visible.spans.get(at.mem_id)) is not None:
            return span
        at = at.parent
    return 0, len(visible.lines)


def grown(visible: VisiblePage, seed: LexborNode, title: int | None, known: str) -> StoryBlock:
    """The story whose heaviest block is `seed`: with the blocks beside it, and beside the elements around it, that are
    of its kind.

    Page builders wrap each paragraph, section or page of a story in a container of its own. Blocks are of one kind if
    their elements share a class, or have none, or if `known` (the letters of JSON-LD's text) has their beginning; a
    list of other stories, a second headline or a date of its own is of no kind. `title` is the headline's line: what is
    beside an element that also has the headline is another part of the page.
    """
    start, stop = span_of(visible, seed)
    best = StoryBlock(seed, start, stop)
    passed: list[tuple[int, int]] = []
    at, at_span = seed, (start, stop)
    for _ in range(_LEVELS):
        parent = at.parent
        if parent is None or parent.tag == "html" or (title is not None and at_span[0] <= title < at_span[1]):
            break
        kin = []
        for child, span in _blocks_beside(visible, parent, at):
            lines = visible.lines[span[0] : span[1]]
            if title is not None and span[0] <= title < span[1]:
                passed.append(span)
            elif _is_kin(child, at, lines, known) and not _is_apart(visible.lines, span, at_span):
                kin.append(span)
            elif is_foreign(lines):
                passed.append(span)
        if kin:
            start, stop = min(start, *(each[0] for each in kin)), max(stop, *(each[1] for each in kin))
            start = _with_subheads(visible.lines, start, title)
            best = StoryBlock(parent, start, stop, tuple(passed))
        at, at_span = parent, span_of(visible, parent)
    return best


def _with_subheads(lines: list[TextLine], start: int, title: int | None) -> int:
    """The first of the subheads right before a line."""
    while start > 0 and start - 1 != title and _is_subhead(lines[start - 1]):
        start -= 1
    return start


def _is_subhead(line: TextLine) -> bool:
    return bool(line.marks & TextMark.SUBHEAD and line.story and not line.linked and not line.marks & TextMark.TITLE)


def _blocks_beside(
    visible: VisiblePage, parent: LexborNode, at: LexborNode
) -> Iterator[tuple[LexborNode, tuple[int, int]]]:
    """The other blocks in an element that have lines, with the ranges of these."""
    child = parent.first_child
    while child is not None:
        span = visible.spans.get(child.mem_id) if child.mem_id != at.mem_id else None
        if span is not None and span[0] < span[1]:
            yield child, span
        child = child.next


def _is_kin(child: LexborNode, at: LexborNode, lines: list[TextLine], known: str) -> bool:
    running = [line for line in lines if is_running(line)]
    if sum(len(line.story.split()) for line in running) < _FEWEST_WORDS or is_foreign(lines):
        return False
    if known and letters(running[0].story[:80])[:40] in known:
        return True
    if child.tag in ("p", "ul", "ol", "blockquote", "table"):
        return _is_plain_paragraph(child, at)
    return _same_kind(child, at)


def _is_plain_paragraph(child: LexborNode, at: LexborNode) -> bool:
    """Whether an element is a paragraph like those in the block beside it: without a class, or with one of theirs."""
    own = child.attributes.get("class") or ""
    if not own:
        return True
    first = at.css_first("p[class]")
    return first is not None and first.attributes.get("class") == own


def _same_kind(one: LexborNode, other: LexborNode) -> bool:
    if one.tag != other.tag:
        return False
    if (part := one.attributes.get("itemprop")) and part == other.attributes.get("itemprop"):
        return True
    if one.tag == "article":
        return False  # a page has one for each story
    names, others = class_names(one), class_names(other)
    if names or others:
        return bool(names & others)
    return (one.attributes.get("class") or "") == (other.attributes.get("class") or "")


def class_names(node: LexborNode) -> set[str]:
    """What an element's classes say about its content: "isi-2" and "isi-3" are both "isi"."""
    names = (node.attributes.get("class") or "").casefold().split()
    return {_DIGITS.sub("", name) for name in names if not _GRID.fullmatch(name)} - {""}


def is_foreign(lines: Iterable[TextLine]) -> bool:
    """Whether these lines are other stories or the site's: mostly links, or under a headline that is a link."""
    total = linked = outside = 0
    headed = stamped = False
    for line in lines:
        headed = headed or bool(line.marks & TextMark.HEADING)
        stamped = stamped or (len(line.text) <= _LONGEST_STAMP and _STAMP_OR_BYLINE.search(line.text) is not None)
        length = len(line.text)
        total += length
        linked += length if line.linked else 0
        outside += length if not line.story else 0
        if line.linked and line.leads_on and line.marks & TextMark.SUBHEAD and length >= 15:
            return True
    return (headed and stamped) or linked > _MOST_LINKED * total or outside > total / 2


def _is_apart(lines: list[TextLine], span: tuple[int, int], story: tuple[int, int]) -> bool:
    """Whether a block is no part of the story beside it: after a heading like "Berita Terkait", or a standfirst.

    A standfirst is above stamp or byline, or above a story that begins with its dateline.
    """
    if span[0] >= story[1]:
        return any(_OTHER_STORIES.fullmatch(line.text.strip(" :!")) for line in lines[story[1] : span[0]])
    between = lines[span[1] : story[0]]
    if any(
        len(line.text) <= _LONGEST_STAMP and (STAMP.search(line.text) or LABELLED.match(line.text)) for line in between
    ):
        return True
    first = next((line.story for line in lines[story[0] : story[1]] if is_running(line)), "")
    return read_opening(first).dateline is not None
