"""Where headline and story are on a page without a layout, found by the text, marks and positions of its lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from lexicon.credits import alternation
from reading.extract.lines import TextLine, TextMark, VisiblePage
from reading.extract.raw import FoundText

STAMP = re.compile(
    r"(?<![\d/.-])\d{1,2}(?:\s{1,3}|\s?[-/.]\s?)(?:[A-Za-z]{3,10}|\d{1,2})\.?(?:,?\s{1,3}|\s?[-/.]\s?)(?:(?:19|20)\d\d|\d\d)(?!\d)"
    r"|(?<!\d)(?:19|20)\d\d-\d\d-\d\d"
)
_LONGEST_TITLE = 1_000
_LINES_ABOVE_THE_TITLE = 6
_SHORTEST_STORY_LINE = 60
"""Characters of the first line of a story; stamps, bylines and kickers are shorter, or name people."""

REPORT = re.compile(rf"laporan\s+{alternation('reporters')}\b", re.I)
LABELLED = re.compile(rf"\W{{0,3}}{alternation('author', 'editor')}(?:\s*[&/]\s*\w+)?\s*[:：]\s*\S", re.I)
_PUBLISHERS_MARK = re.compile(r"\s+[|–—»-]{1,2}\s+|\s?:{1,2}\s+")


@dataclass(frozen=True, slots=True)
class Outline:
    """Where headline and story are among a page's lines, by line number.

    `title` is the headline's line, None if no line matches it. `story` is the story's element; its text starts at line
    `story_start` and ends before line `story_end`.
    """

    visible: VisiblePage
    story: LexborNode | None
    title: int | None
    story_start: int
    story_end: int

    @property
    def lines(self) -> list[TextLine]:
        """All lines of the page."""
        return self.visible.lines


def find_outline(visible: VisiblePage, titles: Iterable[str], story: LexborNode | None = None) -> Outline:
    """Find headline and story among a page's lines.

    `titles` are the headlines in metadata; `story` is the story's element where the page's markup names it.
    """
    lines = visible.lines
    story = story or visible.heaviest()
    start, stop = _span(visible, story) if story else (len(lines), len(lines))
    above = lines[: min(stop, start + 20)]
    title = _line_of_title(above, titles)
    if title is None:
        title = _line_like_title(above)
    after_title = title + 1 if title is not None and start <= title < stop else start
    story_start = next((at for at in range(after_title, stop) if _starts_story(lines[at])), after_title)
    return Outline(visible, story, title, story_start, stop)


def _span(visible: VisiblePage, node: LexborNode) -> tuple[int, int]:
    """The lines of the element, or of the nearest block around it."""
    at: LexborNode | None = node
    while at is not None:
        if (span := visible.spans.get(at.mem_id)) is not None:
            return span
        at = at.parent
    return 0, len(visible.lines)


def headline(outline: Outline) -> tuple[FoundText, ...]:
    """The headline as printed, or nothing."""
    return () if outline.title is None else found_in_text([outline.lines[outline.title].text])


def _letters(text: str) -> str:
    return "".join(re.findall(r"\w+", text.casefold()))


def _line_of_title(lines: list[TextLine], titles: Iterable[str]) -> int | None:
    """The line that matches one of the headlines, which metadata cut or extend by the publisher's name.

    Of several, the longest heading, and the last of equals. Without a heading the first line, because captions and
    breadcrumbs repeat the headline.
    """
    cut = [title[:_LONGEST_TITLE] for title in titles]
    known = {_letters(part) for title in cut for part in (title, *_PUBLISHERS_MARK.split(title))}
    found = []
    for at, line in enumerate(lines):
        plain = _letters(line.text) if len(line.text) >= 8 and not line.linked else ""
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
        and not line.marks & (TextMark.UNRELATED | TextMark.CAPTION | TextMark.ATTACHED)
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
