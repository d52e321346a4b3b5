"""The printed lines that name writers and editors on a page without a layout."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lexicon.credits import alternation
from reading.extract.lines import TextLine, TextMark
from reading.extract.outline import LABELLED, REPORT, STAMP, Outline, found_in_text, head_lines
from reading.extract.raw import FoundText

_LONGEST_BYLINE = 120
_LINES_BELOW_THE_STORY = 30

_ROLE = re.compile(rf"{alternation('author', 'editor')}\s?[:：]?", re.I)
_EDITORS_ROLE = re.compile(rf"\W*{alternation('editor')}\b", re.I)
_BARE = re.compile(rf"(?:{alternation('without_colon')}|laporan)\s+[A-Z]", re.I)
# "12 Mei 2019 09:30 oleh Rina Dewi", "Diposting oleh Rina Dewi di 06.45"
_WITHIN_A_LINE = re.compile(
    rf"(?<!\w)(?i:{alternation('within_a_line')})\s?:?\s(?:[A-Z][\w.'’-]*)(?:\s[A-Z][\w.'’-]*){{0,4}}(?=$|[^\w])"
)
_NAME = re.compile(r"[^\W\d_][\w.'’`-]*(?:,?\s[\w.'’`-]+){0,6}")
_HOUSE = re.compile(r"[^\W\d_][\w.'’ ]{2,50}\s[-–—,|]\s?[\w.]{2,30}(?:\s\w+)?")


def byline_lines(outline: Outline) -> tuple[tuple[FoundText, ...], tuple[FoundText, ...]]:
    """The printed lines that name writers, and those that name only editors, from above and below the story."""
    foot_start = max(outline.story_start, outline.story_end - 6)
    foot = outline.lines[foot_start : outline.story_end + _LINES_BELOW_THE_STORY]
    found = [*_bylines_in(head_lines(outline), bare_names=True), *_bylines_in(foot, bare_names=False)]
    editors = {text for text in found if _EDITORS_ROLE.match(text)}
    names = {text.partition(":")[2].strip() for text in editors}  # Kompas first lists all names without roles
    writers = [text for text in dict.fromkeys(found) if text not in editors and text not in names]
    return found_in_text(writers), found_in_text(sorted(editors))


def _bylines_in(lines: list[TextLine], *, bare_names: bool) -> Iterator[str]:
    """The bylines among these lines, each on one line with its label.

    A label may be on a line of its own, before the name or (Kompas, Okezone) after it. `bare_names` also accepts a name
    without a label in an element marked BYLINE.
    """
    lines = [line for line in lines if len(line.text) <= _LONGEST_BYLINE]
    at = 0
    while at < len(lines):
        line, text = lines[at], lines[at].text
        following = lines[at + 1].text if at + 1 < len(lines) else ""
        if _ROLE.fullmatch(text) and _NAME.fullmatch(following.lstrip(": ")):
            yield f"{text.rstrip(' :')}: {following.lstrip(': ')}"
            at += 1
        elif _NAME.fullmatch(text) and _ROLE.fullmatch(following):
            yield f"{following.rstrip(' :')}: {text}"
            at += 1
        elif LABELLED.match(text) or _BARE.match(text) or REPORT.match(text):
            yield text
        elif bare_names and line.marks & TextMark.BYLINE and (_NAME.fullmatch(text) or _HOUSE.fullmatch(text)):
            yield text.rstrip(",")
        elif (line.marks & TextMark.BYLINE or STAMP.search(text)) and (within := _WITHIN_A_LINE.search(text)):
            yield within.group().strip()
        at += 1
