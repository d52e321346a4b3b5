"""The paragraphs of a story that no layout names."""

from __future__ import annotations

import re

from lexicon.credits import alternation
from reading.extract.body import paragraphs
from reading.extract.lines import TextLine
from reading.extract.outline import LABELLED, REPORT, STAMP, Outline, is_dateline
from reading.extract.pictures import ends_in_credit

_SOURCE = re.compile(rf"{alternation('source')}\s*[:：]\s*\S.{{1,60}}", re.I)


def story_paragraphs(outline: Outline) -> tuple[str, ...]:
    """The story's paragraphs without the lines above its first one and without captions; its source line is added."""
    if outline.story is None:
        return ()
    lines, start, end = outline.lines, outline.story_start, outline.story_end
    found = paragraphs(outline.story, outline.visible.not_story)
    head = {line.text for line in lines[max(0, start - 15) : start] if _is_above_story(line)}
    while found and found[0] in head:
        found = found[1:]
    captions = {
        lines[picture.next_line].text
        for picture in outline.visible.pictures
        if start < picture.next_line < end and ends_in_credit(lines[picture.next_line].text)
    }
    foot = [line.text for line in lines[end : end + 8] if _SOURCE.fullmatch(line.text)]
    return (*(each for each in found if each not in captions or len(each) > 300), *foot)


def _is_above_story(line: TextLine) -> bool:
    """Whether a line above the story's text is no part of it. A dateline is part of it, even if it has a date."""
    if is_dateline(line.text):
        return False
    return bool(line.marks or LABELLED.match(line.text) or REPORT.match(line.text) or STAMP.search(line.text))
