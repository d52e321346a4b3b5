"""The paragraphs of a story, made of the lines of its block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lexicon.credits import alternation
from reading.credits.reader import is_boilerplate, read_photo_credit
from reading.extract.body import letters
from reading.extract.lines import TextLine, VisiblePage
from reading.extract.outline import LABELLED, REPORT, STAMP, Outline, is_dateline
from reading.extract.pictures import ends_in_credit
from reading.extract.story_block import is_running
from reading.extract.text_marks import TextMark

_SOURCE = re.compile(rf"{alternation('source')}\s*[:：]\s*\S.{{1,60}}", re.I)
_LONGEST_LABEL = 30
"""Characters of a label like "Penulis" in a table's cell."""
_LONGEST_CAPTION = 300
_FEWEST_QUOTED = 30
"""Letters of a pull quote; shorter repetitions are chance."""
_SENTENCE_ENDS = (".", '."', ".”", ".)")
_LINES_BELOW = 8
_SHORTEST_HEADLINE = 15
_CARD_LINES = 3
"""Lines from a headline to its summary: date, section and writer may be between."""
_FEWEST_CARDS = 4


@dataclass(slots=True)
class Passage:
    """One paragraph: its lines, and their marks."""

    lines: list[str]
    marks: int

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def story_paragraphs(outline: Outline) -> tuple[str, ...]:
    """The story's paragraphs without the lines above its first one and without captions; its source line is added.

    A subhead right above the first paragraph stays if the story has others.
    """
    block = outline.block
    if block is None:
        return ()
    lines = outline.lines
    without = {at for start, stop in block.without for at in range(start, stop)}
    inside = [at for at in range(block.start, block.stop) if at not in without]
    first = 0
    while first < len(inside) and inside[first] < outline.story_start and _is_above_story(lines[inside[first]]):
        first += 1
    if outline.title is not None:
        first = max(first, sum(1 for at in inside if at <= outline.title))
    opening = inside[first - 1] if first else None
    if opening is not None and opening != outline.title and _opens_sections(lines, opening, inside[first:]):
        first -= 1
    found = as_paragraphs(passages(outline.visible, inside[first:]))
    foot = [line.text for line in lines[block.stop : block.stop + _LINES_BELOW] if _SOURCE.fullmatch(line.text)]
    return (*found, *foot)


def _opens_sections(lines: list[TextLine], at: int, rest: Sequence[int]) -> bool:
    """Whether a line is the first of several subheads of the same rank."""
    kinds = TextMark.SUBHEAD | TextMark.HEADING
    mark = lines[at].marks & kinds
    if not mark or lines[at].linked or not lines[at].story:
        return False
    return any(lines[each].marks & kinds == mark for each in rest if lines[each].story and not lines[each].linked)


def _is_above_story(line: TextLine) -> bool:
    """Whether a line above the story's text is no part of it. A dateline is part of it, even if it has a date."""
    if is_dateline(line.text):
        return False
    marked = line.marks & ~(TextMark.QUOTE | TextMark.FOREIGN | TextMark.OTHERS)
    return bool(marked or LABELLED.match(line.text) or REPORT.match(line.text) or STAMP.search(line.text))


def passages(visible: VisiblePage, numbers: Sequence[int]) -> list[Passage]:
    """The paragraphs that these lines make, without links to other stories and captions."""
    lines = visible.lines
    captions = _captions(visible, numbers)
    found: list[Passage] = []
    last_running = max((at for at in numbers if is_running(lines[at])), default=-1)
    starts = True
    for at in numbers:
        line = lines[at]
        starts = starts or line.starts
        if not line.story or at in captions or _leads_elsewhere(line, at < last_running):
            continue
        if starts and line.story.startswith(":") and found and len(found[-1].text) <= _LONGEST_LABEL:
            found[-1].lines[-1] += f" {line.story}"  # a table's row: "Penulis" | ": Rina Dewi"
        elif starts or not found:
            found.append(Passage([line.story], line.marks))
        else:
            found[-1].lines.append(line.story)
        starts = False
    return found


def as_paragraphs(found: Sequence[Passage]) -> tuple[str, ...]:
    """The text of a story's passages, without repeated pull quotes and without subheads at its end.

    A subhead at the end has nothing below it that is text: it belongs to a picture, a video or a list.
    """
    if _opens_twice(found):
        found = found[1:]
    end = len(found)
    while end and (found[end - 1].marks & TextMark.SUBHEAD or is_boilerplate(found[end - 1].text)):
        end -= 1
    return tuple(each.text for each in _without_pull_quotes(found[:end]))


def _opens_twice(found: Sequence[Passage]) -> bool:
    """Whether the first passage is a standfirst that one of the next two repeats, with a dateline or without."""
    if len(found) < 3:
        return False
    first, *following = (letters(each.text) for each in found[:3])
    if len(first) < 2 * _FEWEST_QUOTED:
        return False
    return any(first in each and first != each for each in following) or (first == following[0] != following[1])


def is_list_of_stories(outline: Outline) -> bool:
    """Whether the page's heaviest block is a list: headlines that are links, each with one paragraph below it."""
    if outline.block is None:
        return False
    lines = outline.lines[outline.block.start : outline.block.stop]
    cards = running = 0
    headline_at = -_CARD_LINES - 1
    for at, line in enumerate(lines):
        if line.linked and line.leads_on and len(line.text) >= _SHORTEST_HEADLINE:
            headline_at = at
        elif is_running(line):
            running += 1
            if at - headline_at <= _CARD_LINES:
                cards += 1
                headline_at = -_CARD_LINES - 1
    return cards >= _FEWEST_CARDS and running <= 1.3 * cards


def ends_in_read_more(lines: Sequence[TextLine]) -> bool:
    """Whether the last line that is text ends in a link to read more."""
    last = next((line for line in reversed(lines) if is_running(line)), None)
    return last is not None and bool(last.marks & TextMark.MORE)


def left_out(lines: Iterable[TextLine]) -> int:
    """The words of running text that only the name of an element around them keeps out of the story."""
    certain = TextMark.FOREIGN | TextMark.OTHERS | TextMark.ATTACHED | TextMark.BESIDE
    return sum(
        len(line.text.split())
        for line in lines
        if line.outer and not line.story and not line.linked and not line.marks & certain and len(line.text) >= 60
    )


def _captions(visible: VisiblePage, numbers: Sequence[int]) -> set[int]:
    """The lines right after a picture that end in a credit."""
    inside = set(numbers)
    return {
        picture.next_line
        for picture in visible.pictures
        if picture.next_line in inside
        and len(text := visible.lines[picture.next_line].text) <= _LONGEST_CAPTION
        and (ends_in_credit(text) or _ends_in_photo_credit(text))
    }


def _ends_in_photo_credit(text: str) -> bool:
    """Whether a text ends in a bracket that credits a picture: "(ist)", "(Foto: Rina)"."""
    return text.rstrip(" .").endswith(")") and read_photo_credit(text) is not None


def _leads_elsewhere(line: TextLine, in_the_middle: bool) -> bool:
    """Whether a line is only a link to another story.

    It is none if it ends like a sentence of this one, or if it leads to a tag or a place on the page and text follows.
    """
    if not line.linked or line.story.endswith(_SENTENCE_ENDS):
        return False
    return not (in_the_middle and not line.leads_on)


def _without_pull_quotes(found: Sequence[Passage]) -> Iterable[Passage]:
    """The passages without quotations in an element of their own that repeat words of another one."""
    if not any(each.marks & TextMark.QUOTE for each in found):
        return found
    whole = "\n".join(letters(each.text) for each in found if not each.marks & TextMark.QUOTE)
    return [each for each in found if not (each.marks & TextMark.QUOTE and _is_repeated(each.text, whole))]


def _is_repeated(text: str, whole: str) -> bool:
    plain = letters(text)
    return len(plain) >= _FEWEST_QUOTED and plain in whole
