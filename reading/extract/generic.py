"""Reads a page without a layout: finds story, stamps, bylines and captions by their text, marks and positions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from lexicon.credits import AGENCIES, WORDS, alternation, key
from reading.extract.body import paragraphs, tidy
from reading.extract.lines import Picture, TextLine, TextMark, VisiblePage
from reading.extract.raw import FoundText

STAMP = re.compile(
    r"(?<![\d/.-])\d{1,2}(?:\s{1,3}|\s?[-/.]\s?)(?:[A-Za-z]{3,10}|\d{1,2})\.?(?:,?\s{1,3}|\s?[-/.]\s?)(?:(?:19|20)\d\d|\d\d)(?!\d)"
    r"|(?<!\d)(?:19|20)\d\d-\d\d-\d\d"
)
_CLOCK = re.compile(r"(?<!\d)[0-2]?\d[:.][0-5]\d(?!\d)")
_LONGEST_TITLE = 1_000
_LONGEST_STAMP = 100
_LONGEST_BYLINE = 120
_LONGEST_CAPTION = 700
_LINES_ABOVE_THE_TITLE = 6
_LINES_BELOW_THE_STORY = 30
_SHORTEST_STORY_LINE = 60
"""Characters of the first line of a story; stamps, bylines and kickers are shorter, or name people."""


_ROLE = re.compile(rf"{alternation('author', 'editor')}\s?[:：]?", re.I)
_EDITORS_ROLE = re.compile(rf"\W*{alternation('editor')}\b", re.I)
_LABELLED = re.compile(rf"\W{{0,3}}{alternation('author', 'editor')}(?:\s*[&/]\s*\w+)?\s*[:：]\s*\S", re.I)
_BARE = re.compile(rf"(?:{alternation('without_colon')}|laporan)\s+[A-Z]", re.I)
# "12 Mei 2019 09:30 oleh Rina Dewi", "Diposting oleh Rina Dewi di 06.45"
_WITHIN_A_LINE = re.compile(
    rf"(?<!\w)(?i:{alternation('within_a_line')})\s?:?\s(?:[A-Z][\w.'’-]*)(?:\s[A-Z][\w.'’-]*){{0,4}}(?=$|[^\w])"
)
_REPORT = re.compile(rf"laporan\s+{alternation('reporters')}\b", re.I)
_NAME = re.compile(r"[^\W\d_][\w.'’`-]*(?:,?\s[\w.'’`-]+){0,6}")
_HOUSE = re.compile(r"[^\W\d_][\w.'’ ]{2,50}\s[-–—,|]\s?[\w.]{2,30}(?:\s\w+)?")
_SOURCE = re.compile(rf"{alternation('source')}\s*[:：]\s*\S.{{1,60}}", re.I)

_PHOTO_CREDIT = re.compile(
    rf"[(\[]?(?:{alternation('closing_photo', 'source', 'credit')})\b[\s.:/].{{2,80}}|©.{{2,80}}"
    r"|[(\[]?(?:[^.!?/]|\.(?=\w)){2,40}/\s?[^.!?/]{2,40}(?:/[^/]{2,40})?[)\]]?|(?:\w+ )?@\w+|[(\[][^()]{2,60}[)\]]",
    re.I,
)
_CREDIT_AT_END = re.compile(
    rf"(?:\b{alternation('closing_photo')}\s?[:.]\s?[^.:]{{2,60}}"
    r"|[(\[][^()\[\]]{2,60}/[^()\[\]]{2,60}[)\]]|©[^©]{2,60})\.?$",
    re.I,
)
_PUBLISHERS_MARK = re.compile(r"\s+[|–—»-]{1,2}\s+|\s?:{1,2}\s+")
_ICON = re.compile(r"\.svg\b|icon|logo|avatar|spacer|pixel|blank\.|button|1x1", re.I)
_SIZE_IN_NAME = re.compile(r"[-_]?\d{2,4}x\d{2,4}|\.(?:jpe?g|png|webp|gif)$", re.I)


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
    return () if outline.title is None else _found([outline.lines[outline.title].text])


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
        and not _LABELLED.match(line.text)
    )


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
        if start < picture.next_line < end and _CREDIT_AT_END.search(lines[picture.next_line].text[-130:])
    }
    foot = [line.text for line in lines[end : end + 8] if _SOURCE.fullmatch(line.text)]
    return (*(each for each in found if each not in captions or len(each) > 300), *foot)


def _is_above_story(line: TextLine) -> bool:
    """Whether a line above the story's text is no part of it. A dateline is part of it, even if it has a date."""
    if _is_dateline(line.text):
        return False
    return bool(line.marks or _LABELLED.match(line.text) or _REPORT.match(line.text) or STAMP.search(line.text))


def _is_dateline(text: str) -> bool:
    return text.endswith(("-", "–", "—"))


def stamps(outline: Outline) -> tuple[FoundText, ...]:
    """The lines that look like a date of publication, the likeliest first: with a clock, and near the story.

    The nearest come first because a page's head prints today's date, and teasers above the headline have other dates.
    """
    lines = [line.text for line in reversed(_head(outline)) if not _is_dateline(line.text)]
    found = [line for line in lines if len(line) <= _LONGEST_STAMP and STAMP.search(line)]
    return _found(sorted(found, key=lambda line: not _CLOCK.search(line)))


def _found(texts: Iterable[str]) -> tuple[FoundText, ...]:
    return tuple(FoundText(text, "text") for text in texts)


def _head(outline: Outline) -> list[TextLine]:
    """The lines between headline and story, and a few above the headline."""
    first = 0 if outline.title is None else max(0, outline.title - _LINES_ABOVE_THE_TITLE)
    return outline.lines[first : outline.story_start]


def bylines(outline: Outline) -> tuple[tuple[FoundText, ...], tuple[FoundText, ...]]:
    """The printed lines that name writers, and those that name only editors, from above and below the story."""
    foot_start = max(outline.story_start, outline.story_end - 6)
    foot = outline.lines[foot_start : outline.story_end + _LINES_BELOW_THE_STORY]
    found = [*_bylines_in(_head(outline), bare_names=True), *_bylines_in(foot, bare_names=False)]
    editors = {text for text in found if _EDITORS_ROLE.match(text)}
    names = {text.partition(":")[2].strip() for text in editors}  # Kompas first lists all names without roles
    writers = [text for text in dict.fromkeys(found) if text not in editors and text not in names]
    return _found(writers), _found(sorted(editors))


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
        elif _LABELLED.match(text) or _BARE.match(text) or _REPORT.match(text):
            yield text
        elif bare_names and line.marks & TextMark.BYLINE and (_NAME.fullmatch(text) or _HOUSE.fullmatch(text)):
            yield text.rstrip(",")
        elif (line.marks & TextMark.BYLINE or STAMP.search(text)) and (within := _WITHIN_A_LINE.search(text)):
            yield within.group().strip()
        at += 1


def lead_picture(outline: Outline, image: str | None) -> tuple[str | None, FoundText | None]:
    """The address of the story's main picture and its caption, each None if the page shows none.

    `image` is the address in metadata: the picture of the same file is tried first, then the large ones between
    headline and story.
    """
    start = outline.story_start
    first = outline.title if outline.title is not None else max(0, start - 15)
    pictures = outline.visible.pictures
    near = [each for each in pictures if first - 5 <= each.next_line <= start + 2 and _is_large(each)]
    near.sort(key=lambda each: each.next_line < first)
    if image:
        near.sort(key=lambda each: not _same_file(each.address, image))
    for picture in near[:8]:
        if caption := _caption(outline, picture):
            return picture.address, FoundText(caption, "text")
    lines = outline.lines[first : start + 3]
    marked = (line.text for line in lines if line.marks & (TextMark.CAPTION | TextMark.UNRELATED) == TextMark.CAPTION)
    caption = next((text for text in marked if len(text.split()) >= 4), None)
    return next((each.address for each in near), None), FoundText(caption, "text") if caption else None


def captions(outline: Outline) -> tuple[tuple[str, str], ...]:
    """The pictures of a gallery in order: address and caption of each."""
    first = outline.title or 0
    lines = outline.lines
    found: dict[str, str] = {}
    for picture in outline.visible.pictures:
        if picture.next_line < first or picture.next_line >= len(lines):
            continue
        line = lines[picture.next_line]
        if line.marks & TextMark.CAPTION and len(line.text.split()) >= 4:
            found.setdefault(line.text, picture.address)
    return tuple((address, text) for text, address in found.items())


def _same_file(one: str, other: str) -> bool:
    """Whether two addresses are one picture in two sizes: most of their file names' beginnings agree."""
    names = [_SIZE_IN_NAME.sub("", unquote(each.split("?")[0].rsplit("/", 1)[-1])) for each in (one, other)]
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*names, strict=False)))
    return shared >= max(8, 0.8 * max(map(len, names)))


def _is_large(picture: Picture) -> bool:
    attributes = picture.node.attributes
    sizes = [
        int(size) for name in ("width", "height") if (size := (attributes.get(name) or "").rstrip("px")).isdecimal()
    ]
    return min(sizes, default=1_000) > 90 and not _ICON.search(f"{attributes.get('class') or ''} {picture.address}")


def _caption(outline: Outline, picture: Picture) -> str | None:
    """The caption of a picture: the text of the smallest element around it that has any, else lines marked CAPTION.

    Some pages print the credit in an element of its own, before the caption or over the picture; it is moved to the
    end.
    """
    lines = outline.lines
    node = picture.node.parent
    captions: list[str] = []
    credits: list[str] = []
    for _ in range(8):
        if node is None:
            break
        span = outline.visible.spans.get(node.mem_id)
        if span is not None and span[0] < span[1]:
            start, stop = span
            if start <= outline.story_start < stop or (outline.title is not None and start <= outline.title < stop):
                break
            captions, credits = _split_credits(_caption_pieces(node, lines[start:stop]))
            if captions:
                break
        node = node.parent
    if not captions:
        below = lines[picture.next_line : picture.next_line + 4]
        marked = [line.text for line in below if line.marks & TextMark.CAPTION and line.text not in credits]
        captions, more_credits = _split_credits(marked)
        credits += more_credits
    return _caption_with_credit(captions, credits)


def _split_credits(pieces: list[str]) -> tuple[list[str], list[str]]:
    """The pieces that are captions, and those that are credits."""
    captions: list[str] = []
    credits: list[str] = []
    for piece in pieces:
        (credits if _is_credit(piece) else captions).append(piece)
    return captions, credits


def _caption_pieces(node: LexborNode, lines: list[TextLine]) -> list[str]:
    texts = [line.text for line in lines]
    if len(lines) > 4 or sum(map(len, texts)) > _LONGEST_CAPTION:
        return []
    # a credit in an inline element before its caption makes one line with it
    for inner in node.css("span, small, i, em, cite"):
        credit = tidy(inner.text())
        if credit and _is_credit(credit) and texts[0] != credit and texts[0].startswith(credit):
            texts[:1] = [credit, texts[0].removeprefix(credit).strip()]
    shown = [text for text in texts if text.casefold().strip(" .:+") not in _BUTTONS]
    return [text for text in shown if not STAMP.fullmatch(text)]


_BUTTONS = frozenset(WORDS["boilerplate_whole"]) | {
    "perbesar",
    "zoom",
    "lihat semua",
    "lihat foto",
    "tutup",
    "next",
}


def _is_credit(text: str) -> bool:
    return len(text) <= 90 and (
        _PHOTO_CREDIT.fullmatch(text) is not None
        or text.casefold().startswith(WORDS["screen"])
        or key(text) in AGENCIES
    )


def _caption_with_credit(captions: list[str], credits: list[str]) -> str | None:
    if not captions or " " not in captions[0]:
        return credits[0] if credits and len(credits) == 1 else None
    if not credits or credits[0] in captions[0]:
        return captions[0]
    credit = credits[0] if credits[0].startswith(("(", "[")) else f"({credits[0]})"
    return f"{captions[0]} {credit}"
