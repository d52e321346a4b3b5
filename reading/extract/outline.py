"""Where headline and story are on a page without a layout, found by the text, marks and positions of its lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from selectolax.lexbor import LexborNode

from lexicon.credits import alternation
from reading.extract.body import letters
from reading.extract.lines import TextLine, VisiblePage
from reading.extract.raw import FoundText
from reading.extract.story_block import (
    LABELLED,
    STAMP,
    StoryBlock,
    grown,
    shared_words,
    span_of,
    subject_words,
)
from reading.extract.text_marks import TextMark

_LONGEST_TITLE = 1_000
_LIGHTEST_RIVAL = 0.3
_MOST_RIVALS = 40
_MOST_LINES = 60
"""Lines of a block that are compared with the headlines."""
_OPENING = 36
"""Letters of a summary's beginning."""
_LINES_ABOVE_THE_TITLE = 6
_SHORTEST_STORY_LINE = 60
"""Characters of the first line of a story; stamps, bylines and kickers are shorter, or name people."""


__all__ = [
    "LABELLED",
    "REPORT",
    "STAMP",
    "Outline",
    "find_outline",
    "found_in_text",
    "head_lines",
    "headline",
    "is_dateline",
    "outline_of_captions",
]

REPORT = re.compile(rf"laporan\s+{alternation('reporters')}\b", re.I)
_PUBLISHERS_MARK = re.compile(r"\s+[|–—»-]{1,2}\s+|\s?:{1,2}\s+")


@dataclass(frozen=True, slots=True)
class Outline:
    """Where headline and story are among a page's lines, by line number.

    `title` is the headline's line, None if no line matches it. `block` is the story's element with its range of lines;
    the text starts at line `story_start`, after headline, stamp and byline, and ends before line `story_end`.
    """

    visible: VisiblePage
    block: StoryBlock | None
    title: int | None
    story_start: int
    story_end: int

    @property
    def lines(self) -> list[TextLine]:
        """All lines of the page."""
        return self.visible.lines


def find_outline(
    visible: VisiblePage,
    titles: Sequence[str],
    story: LexborNode | None = None,
    known: str = "",
    summaries: Sequence[str] = (),
) -> Outline:
    """Find headline and story among a page's lines.

    `titles` are the headlines in metadata; `story` is the story's element where the page's markup names it; `known` the
    letters of the story's text in metadata; `summaries` its descriptions there.
    """
    lines = visible.lines
    seed = story or _heaviest_on_subject(visible, titles, summaries)
    if seed is None:
        return Outline(visible, None, None, len(lines), len(lines))
    start, stop = span_of(visible, seed)
    above = lines[: min(stop, start + 20)]
    title = _line_of_title(above, titles)
    if title is None:
        title = _line_like_title(above)
    block = grown(visible, seed, title, known)
    after_title = title + 1 if title is not None and block.start <= title < block.stop else block.start
    story_start = next((at for at in range(after_title, block.stop) if _starts_story(lines[at])), after_title)
    return Outline(visible, block, title, story_start, block.stop)


def _heaviest_on_subject(visible: VisiblePage, titles: Sequence[str], summaries: Sequence[str]) -> LexborNode | None:
    """The block with most of the running text, weighed by how much it shares with the headlines and summaries.

    The site's own text at the foot, or readers' comments, may be longer than a short story.
    """
    heaviest = visible.heaviest()
    if heaviest is None:
        return None
    limit = _LIGHTEST_RIVAL * visible.weights[heaviest.mem_id]
    rivals: list[tuple[LexborNode, tuple[int, int]]] = []
    for mem_id in sorted(visible.weights, key=lambda each: -visible.weights[each])[:_MOST_RIVALS]:
        span = visible.spans.get(mem_id)
        if visible.weights[mem_id] < limit or span is None:
            break
        if all(span[1] <= other[0] or other[1] <= span[0] for _, other in rivals):
            rivals.append((visible.blocks[mem_id], span))
    if len(rivals) < 2:
        return heaviest
    words = subject_words(" ".join(titles))
    openings = [plain for each in summaries if len(plain := letters(each)[:_OPENING]) == _OPENING]

    def score(rival: tuple[LexborNode, tuple[int, int]]) -> float:
        node, (start, stop) = rival
        text = letters(" ".join(line.story for line in visible.lines[start : min(stop, start + _MOST_LINES)]))
        shared = shared_words(words, text) / len(words) if words else 0.0
        agrees = any(opening in text for opening in openings)
        return visible.weights[node.mem_id] * (0.2 + shared + 2 * agrees)

    return max(rivals, key=score)[0]


def outline_of_captions(outline: Outline) -> Outline:
    """The outline of a gallery: its captions are its story, so stamp and byline stand between them and the headline."""
    first = 0 if outline.title is None else outline.title + 1
    captions = [at for at in range(first, len(outline.lines)) if outline.lines[at].marks & TextMark.CAPTION]
    return replace(outline, story_start=captions[0], story_end=captions[-1] + 1) if captions else outline


def headline(outline: Outline) -> tuple[FoundText, ...]:
    """The headline as printed, or nothing."""
    return () if outline.title is None else found_in_text([outline.lines[outline.title].text])


def _line_of_title(lines: list[TextLine], titles: Iterable[str]) -> int | None:
    """The line that matches one of the headlines, which metadata cut or extend by the publisher's name.

    Of several, the longest heading, and the last of equals. Without a heading the first line, because captions and
    breadcrumbs repeat the headline.
    """
    cut = [title[:_LONGEST_TITLE] for title in titles]
    known = {letters(part) for title in cut for part in (title, *_PUBLISHERS_MARK.split(title))}
    found = []
    for at, line in enumerate(lines):
        plain = letters(line.text) if len(line.text) >= 8 and not line.linked else ""
        if plain and (plain in known or (len(plain) > 20 and any(each.startswith(plain) for each in known))):
            found.append(at)
    headings = [at for at in found if lines[at].marks & TextMark.HEADING]
    return max(headings or found[:1], key=lambda at: (len(lines[at].text), at), default=None)


def _line_like_title(lines: list[TextLine]) -> int | None:
    """The last heading above the story, else the last line marked TITLE, as on pages of 2005."""
    for mark in (TextMark.HEADING, TextMark.TITLE):
        for at in range(len(lines) - 1, max(-1, len(lines) - 40), -1):
            line = lines[at]
            plain = line.marks & (mark | TextMark.UNRELATED) == mark and not line.linked
            if plain and 15 <= len(line.text) <= 200 and not STAMP.search(line.text[:60]):
                return at
    return None


def _starts_story(line: TextLine) -> bool:
    return (
        len(line.text) >= _SHORTEST_STORY_LINE
        and not line.linked
        and not line.marks & (TextMark.UNRELATED | TextMark.CAPTION | TextMark.ATTACHED | TextMark.BESIDE)
        and not LABELLED.match(line.text)
    )


def is_dateline(text: str) -> bool:
    """Whether a line is a dateline of its own."""
    return text.endswith(("-", "–", "—"))


def found_in_text(texts: Iterable[str]) -> tuple[FoundText, ...]:
    """Lines of the page as found texts."""
    return tuple(FoundText(text, "text") for text in texts)


def head_lines(outline: Outline) -> list[TextLine]:
    """The lines between headline and story, and a few above the headline."""
    first = 0 if outline.title is None else max(0, outline.title - _LINES_ABOVE_THE_TITLE)
    return outline.lines[first : outline.story_start]
