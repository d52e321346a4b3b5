"""A plain clipping: an article that somebody saved as text, without address or markup.

In order: a date line; the title, perhaps twice; captions that end in a bracketed credit; the story, which starts with a
dateline; a credit or sign-off at the end. All but title and story are optional.
"""

from __future__ import annotations

import re
from itertools import takewhile

from archive.records import Rejected
from lexicon.calendar import DATE_WORDS, MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS, ZONES
from lexicon.calendar import folded as folded_word
from lexicon.credits import AGENCY, alternation
from lexicon.places import find_place
from reading.extract.body import tidy
from reading.extract.charset import decode
from reading.extract.outline import STAMP
from reading.extract.raw import FoundText, RawArticle, RawImage
from reading.extract.refuse import LARGEST_PAGE

_HEAD_LINES = 12
"""Date line, title, its repetition, bylines and captions are all within this many lines."""
_LONGEST_TITLE = 250
_WRAPPED_WIDTH = 100
"""Lines of an e-mail or a terminal have at most this many characters; a longer line is a whole paragraph."""

# "Paris (CB) - ", "JAKARTA, KOMPAS.com — ", "REPUBLIKA.CO.ID, MOSKOW --", "Surabaya - ": the start of a story
_STORY_START = re.compile(
    r"^[A-Z][^\n.!?]{1,70}?(?:\.[A-Za-z]{2,3}[^\n.!?]{0,40}?){0,2}\s{0,2}(?:[-–—]{1,2}|\)\s?[:.])\s"
)
_PICTURE_LABEL = re.compile(rf"^{alternation('photo', 'documentation')}\.?\s?:", re.I)
_CREDIT_AT_END = re.compile(r"[(\[]([^()\[\]]{2,120})[)\]]\.?$")
_PICTURE_CREDIT = re.compile(rf"/|^(?:(?i:{alternation('photo_marks')})|{AGENCY})\b|(?i:handout|pool)")
_SIGN_OFF = re.compile(r"^[a-z]{2,6}(?:[/-][a-z0-9]{2,8}){0,3}$")


# The words that a date line may have beside its date; a line with any other word is a title that mentions a date
_STAMP_WORD_KINDS = frozenset(
    {"clock", "update", "publish", "date_word", "day_part", "before_dawn", "on", "meridiem", "local"}
    | {"indonesia", "west", "middle", "east"}
)
_WORD = re.compile(r"[^\W\d_][^\W\d_'’`´]*")


def read_clipping(content: bytes) -> RawArticle:
    """What a .txt clipping prints. Raises Rejected: "empty", "too-large", "not-text", "no-title", "no-article"."""
    if len(content) > LARGEST_PAGE:
        raise Rejected("too-large", f"{len(content):,} bytes; the limit is {LARGEST_PAGE:,}")
    text = decode(content).replace("\x00", "")
    if not text.strip():
        raise Rejected("empty", "the file has no text")
    if sum(char < " " and char not in "\t\n\r\f\v\x1a" for char in text[:8192]) > len(text[:8192]) // 50:
        raise Rejected("not-text", "it is full of control characters")
    blocks = [[line for each in block.split("\n") if (line := tidy(each))] for block in _blocks(text)]
    return _read([block for block in blocks if block])


def _blocks(text: str) -> list[str]:
    return re.split(r"\n(?:[ \t\u00a0]*\n)+", re.sub(r"\r\n?|[\f\v\u2028\u2029]", "\n", text))


def _read(blocks: list[list[str]]) -> RawArticle:
    # In a wrapped file a block is a paragraph; in others each line is one, with or without blank lines between. The
    # second half decides which it is, because the head has short lines in any file.
    narrow = max((len(line) for block in blocks for line in block), default=0) <= _WRAPPED_WIDTH
    wrapped = narrow and len(blocks) > 2 and any(len(block) > 1 for block in blocks[len(blocks) // 2 :])
    lines = [" ".join(block) for block in blocks] if wrapped else [line for block in blocks for line in block]
    lines = _unwrap_head(blocks, lines) if wrapped else lines
    stamps, lines = _date_lines(lines)
    if not lines or len(lines[0]) > _LONGEST_TITLE:
        raise Rejected("no-title", f"its title is missing or longer than {_LONGEST_TITLE} characters")
    title, lines = lines[0], lines[1:]
    while lines and _same_text(lines[0], title):
        lines = lines[1:]
    captions, body = _captions(lines)
    if not body:
        raise Rejected("no-article", "the clipping has a title and no story")
    return RawArticle(
        url=None,
        titles=(FoundText(title, "text"),),
        printed=tuple(FoundText(stamp, "text") for stamp in stamps),
        body=tuple(body),
        body_from="text",
        images=tuple(RawImage(None, FoundText(caption, "text")) for caption in captions),
        clipping=True,
    )


def _unwrap_head(blocks: list[list[str]], lines: list[str]) -> list[str]:
    """The lines of a wrapped file, with date and title of its first block on lines of their own."""
    first = blocks[0]
    dates = sum(1 for _ in takewhile(is_stamp, first))
    repeated = next((at for at in range(dates + 1, len(first)) if _same_text(first[at], first[dates])), None)
    apart = dates if repeated is None else repeated + 1
    running = " ".join(first[apart:])
    return [*first[:apart], *([running] if running else []), *lines[1:]]


def _date_lines(lines: list[str]) -> tuple[list[str], list[str]]:
    """The date lines of the head, and all other lines. The head ends at the line that starts the story."""
    stamps: list[str] = []
    others: list[str] = []
    for line in lines[:_HEAD_LINES]:
        dated = is_stamp(line)
        if (stamps or others) and not dated and _STORY_START.match(line):
            break
        (stamps if dated else others).append(line)
    return stamps, others + lines[len(stamps) + len(others) :]


def _captions(lines: list[str]) -> tuple[list[str], list[str]]:
    """Captions among the lines before the story, and all other lines.

    The story starts at the line with a dateline; without one, only lines at the very top are captions.
    """
    head = enumerate(lines[:_HEAD_LINES])
    opening = next((at for at, line in head if _STORY_START.match(line) and not _is_caption(line)), None)
    before = lines[:opening] if opening is not None else list(takewhile(_is_caption, lines))
    captions: list[str] = []
    others: list[str] = []
    for line in before:
        (captions if _is_caption(line) else others).append(line)
    return captions, others + lines[len(before) :]


def _is_caption(line: str) -> bool:
    if _PICTURE_LABEL.match(line):
        return True
    credit = _CREDIT_AT_END.search(line)
    return bool(credit and _PICTURE_CREDIT.search(credit[1]) and not _SIGN_OFF.match(credit[1]))


def is_stamp(line: str) -> bool:
    """Whether a whole line is a date line: a date with weekday, clock, zone or a place before it, and nothing else."""
    found = STAMP.search(line)
    if not found or not all(folded_word(word) in MONTHS | SHORT_MONTHS for word in _WORD.findall(found[0])):
        return False
    before, after = line[: found.start()], line[found.end() :]
    if place := re.match(r"([^\W\d_][\w' .-]{2,40}),\s", before):
        before = before[place.end() :] if find_place(place[1]) else before
    return all(_is_stamp_word(folded_word(word)) for word in _WORD.findall(f"{before} {after}"))


def _is_stamp_word(word: str) -> bool:
    return word in WEEKDAYS or word in SHORT_WEEKDAYS or word in ZONES or DATE_WORDS.get(word) in _STAMP_WORD_KINDS


def _same_text(line: str, title: str) -> bool:
    return line.casefold() == title.casefold()
