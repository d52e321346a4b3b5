"""The lines of a page without a layout that look like its date of publication."""

from __future__ import annotations

import re

from reading.extract.outline import STAMP, Outline, found_in_text, head_lines, is_dateline
from reading.extract.raw import FoundText

_CLOCK = re.compile(r"(?<!\d)[0-2]?\d[:.][0-5]\d(?!\d)")
_LONGEST_STAMP = 100


def stamp_lines(outline: Outline) -> tuple[FoundText, ...]:
    """The lines that look like a date of publication, the likeliest first: with a clock, and near the story.

    The nearest come first because a page's head prints today's date, and teasers above the headline have other dates.
    """
    lines = [line.text for line in reversed(head_lines(outline)) if not is_dateline(line.text)]
    found = [line for line in lines if len(line) <= _LONGEST_STAMP and STAMP.search(line)]
    return found_in_text(sorted(found, key=lambda line: not _CLOCK.search(line)))
