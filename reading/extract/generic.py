"""What can be seen on a page that nobody has described: story, stamp, bylines, captions, by their looks and places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from selectolax.lexbor import LexborNode

from lexicon.credits import AGENCIES, WORDS, alternation, key
from reading.extract.body import paragraphs, tidy
from reading.extract.lines import (
    Lines,
    Picture,
    TextLine,
    TextMark,
    read_lines,
)
from reading.extract.raw import Found

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
_LEAST_OF_A_STORY = 60
"""Characters of the line that begins a story; stamps, bylines and kickers are shorter, or name people."""


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
    """A page by its looks. `title` is the number of the headline's line, None where no line is it; the story's first
    line is number `begins`, and `ends` is the number past its last."""

    lines: Lines
    story: LexborNode | None
    title: int | None
    begins: int
    ends: int


def find_outline(body: LexborNode, titles: Iterable[str], story: LexborNode | None = None) -> Outline:
    """The page's lines, and where headline and story stand in them.

    `titles` are the headlines that metadata give; `story` is the story's element where the page's markup names it.
    """
    lines = read_lines(body)
    if not lines.weights:
        lines = read_lines(body, all_alike=True)
    story = story or lines.heaviest()
    start, stop = _span(lines, story) if story else (len(lines.lines),) * 2
    above = lines.lines[: min(stop, start + 20)]
    title = _title(above, titles)
    if title is None:
        title = _looks_like_title(above)
    after_title = title + 1 if title is not None and start <= title < stop else start
    begins = next((at for at in range(after_title, stop) if _begins_a_story(lines.lines[at])), after_title)
    return Outline(lines, story, title, begins, stop)


def _span(lines: Lines, node: LexborNode) -> tuple[int, int]:
    """The lines of an element, those of the block around it where it is none."""
    at: LexborNode | None = node
    while at is not None:
        if (span := lines.spans.get(at.mem_id)) is not None:
            return span
        at = at.parent
    return 0, len(lines.lines)


def headline(seen: Outline) -> tuple[Found, ...]:
    """The headline as it is printed, or nothing."""
    return () if seen.title is None else (Found(seen.lines.lines[seen.title].text, "text"),)


def _plain(text: str) -> str:
    return "".join(re.findall(r"\w+", text.casefold()))


def _title(lines: list[TextLine], titles: Iterable[str]) -> int | None:
    """The line that is one of the headlines; metadata cut them or add the publisher's name.

    The longest heading, the last of equals; without any, the first line, for captions and breadcrumbs repeat it.
    """
    cut = [title[:_LONGEST_TITLE] for title in titles]
    known = {_plain(part) for title in cut for part in (title, *_PUBLISHERS_MARK.split(title))}
    found = []
    for at, line in enumerate(lines):
        plain = _plain(line.text) if len(line.text) >= 8 and not line.linked else ""
        if plain and (plain in known or (len(plain) > 20 and any(each.startswith(plain) for each in known))):
            found.append(at)
    headings = [at for at in found if lines[at].marks & TextMark.HEADING]
    return max(headings or found[:1], key=lambda at: (len(lines[at].text), at), default=None)


def _looks_like_title(lines: list[TextLine]) -> int | None:
    """The last heading above the story, else the last line called a title, as on pages of 2005."""
    for mark in (TextMark.HEADING, TextMark.TITLE):
        for at in range(len(lines) - 1, max(-1, len(lines) - 40), -1):
            line = lines[at]
            plain = line.marks & (mark | TextMark.BESIDE) == mark and not line.linked
            if plain and 15 <= len(line.text) <= 200 and not STAMP.search(line.text[:60]):
                return at
    return None


def _begins_a_story(line: TextLine) -> bool:
    return (
        len(line.text) >= _LEAST_OF_A_STORY
        and not line.linked
        and not line.marks & (TextMark.BESIDE | TextMark.CAPTION | TextMark.APART)
        and not _LABELLED.match(line.text)
    )


def story_paragraphs(seen: Outline) -> tuple[str, ...]:
    """The story's paragraphs, without what stands above its first line, and without captions of pictures within it."""
    if seen.story is None:
        return ()
    lines = seen.lines.lines
    found = paragraphs(seen.story, seen.lines.beside)
    head = {line.text for line in lines[max(0, seen.begins - 15) : seen.begins] if _is_of_the_head(line)}
    while found and found[0] in head:
        found = found[1:]
    captions = {
        lines[picture.before].text
        for picture in seen.lines.pictures
        if seen.begins < picture.before < seen.ends and _CREDIT_AT_END.search(lines[picture.before].text[-130:])
    }
    foot = [line.text for line in lines[seen.ends : seen.ends + 8] if _SOURCE.fullmatch(line.text)]
    return (*(each for each in found if each not in captions or len(each) > 300), *foot)


def _is_of_the_head(line: TextLine) -> bool:
    """Whether a line above a story's text is no part of it; a dateline is, with the date that it may hold."""
    if _is_dateline(line.text):
        return False
    return bool(line.marks or _LABELLED.match(line.text) or _REPORT.match(line.text) or STAMP.search(line.text))


def _is_dateline(text: str) -> bool:
    return text.endswith(("-", "–", "—"))


def stamps(seen: Outline) -> tuple[Found, ...]:
    """The lines that look like a date of publication, the likeliest first: with a clock, and near the story.

    A page's head prints today's date, and teasers above the headline have dates of their own.
    """
    lines = [line.text for line in reversed(_head(seen)) if not _is_dateline(line.text)]
    found = [line for line in lines if len(line) <= _LONGEST_STAMP and STAMP.search(line)]
    return tuple(Found(line, "text") for line in sorted(found, key=lambda line: not _CLOCK.search(line)))


def _head(seen: Outline) -> list[TextLine]:
    """The lines between headline and story, and the few above the headline."""
    above = 0 if seen.title is None else max(0, seen.title - _LINES_ABOVE_THE_TITLE)
    return seen.lines.lines[above : seen.begins]


def bylines(seen: Outline) -> tuple[tuple[Found, ...], tuple[Found, ...]]:
    """The printed lines that name writers, and those that name editors alone, from above and below the story."""
    lines = seen.lines.lines
    foot = lines[max(seen.begins, seen.ends - 6) : seen.ends + _LINES_BELOW_THE_STORY]
    found = [*_signed(_head(seen), named=True), *_signed(foot, named=False)]
    editors = {text for text in found if _EDITORS_ROLE.match(text)}
    names = {text.partition(":")[2].strip() for text in editors}  # Kompas lists both without telling who is who first
    writers = [text for text in dict.fromkeys(found) if text not in editors and text not in names]
    return tuple(Found(text, "text") for text in writers), tuple(Found(text, "text") for text in sorted(editors))


def _signed(lines: list[TextLine], *, named: bool) -> Iterator[str]:
    """The bylines among some lines, each on one line with its label.

    A label may stand on a line of its own, before the name or (Kompas, Okezone) after it; `named` also takes a bare
    name in an element that is called a byline.
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
        elif named and line.marks & TextMark.BYLINE and (_NAME.fullmatch(text) or _HOUSE.fullmatch(text)):
            yield text.rstrip(",")
        elif (line.marks & TextMark.BYLINE or STAMP.search(text)) and (within := _WITHIN_A_LINE.search(text)):
            yield within.group().strip()
        at += 1


def lead_picture(seen: Outline, image: str | None) -> tuple[str | None, Found | None]:
    """The address of the story's main picture and its caption, each None where it is not to be seen.

    `image` is the address that metadata give: the picture of the same file is looked at first, then the first large
    one between headline and story.
    """
    first = seen.title if seen.title is not None else max(0, seen.begins - 15)
    near = [each for each in seen.lines.pictures if first - 5 <= each.before <= seen.begins + 2 and _is_large(each)]
    near.sort(key=lambda each: each.before < first)
    if image:
        near.sort(key=lambda each: not _same_file(each.address, image))
    for picture in near[:8]:
        if caption := _caption(seen, picture):
            return picture.address, Found(caption, "text")
    lines = seen.lines.lines[first : seen.begins + 3]
    called = (line.text for line in lines if line.marks & (TextMark.CAPTION | TextMark.BESIDE) == TextMark.CAPTION)
    named = next((text for text in called if len(text.split()) >= 4), None)
    return next((each.address for each in near), None), Found(named, "text") if named else None


def captions(seen: Outline) -> tuple[tuple[str, str], ...]:
    """The pictures of a gallery, each with its caption, in order."""
    first = seen.title or 0
    lines = seen.lines.lines
    found: dict[str, str] = {}
    for picture in seen.lines.pictures:
        if picture.before < first or picture.before >= len(lines):
            continue
        line = lines[picture.before]
        if line.marks & TextMark.CAPTION and len(line.text.split()) >= 4:
            found.setdefault(line.text, picture.address)
    return tuple((address, text) for text, address in found.items())


def _same_file(one: str, other: str) -> bool:
    """Whether two addresses are one picture in two sizes: their file names begin alike."""
    first, second = (_SIZE_IN_NAME.sub("", unquote(each.split("?")[0].rsplit("/", 1)[-1])) for each in (one, other))
    alike = next(
        (at for at, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second))
    )
    return alike >= max(8, 0.8 * max(len(first), len(second)))


def _is_large(picture: Picture) -> bool:
    attributes = picture.node.attributes
    sizes = [
        int(size) for name in ("width", "height") if (size := (attributes.get(name) or "").rstrip("px")).isdecimal()
    ]
    return min(sizes, default=1_000) > 90 and not _ICON.search(f"{attributes.get('class') or ''} {picture.address}")


def _caption(seen: Outline, picture: Picture) -> str | None:
    """The text beside a picture: in the smallest element around it that has text, else in one that is called a caption.

    Some pages print the credit in an element of its own, before the caption or over the picture; it is put behind.
    """
    lines = seen.lines.lines
    node, pieces = picture.node.parent, []
    for _ in range(8):
        if node is None:
            break
        span = seen.lines.spans.get(node.mem_id)
        if span is not None and span[0] < span[1]:
            start, stop = span
            if start <= seen.begins < stop or (seen.title is not None and start <= seen.title < stop):
                break
            pieces = _pieces(node, lines[start:stop])
            if any(not _is_credit(piece) for piece in pieces):
                break
        node = node.parent
    if not any(not _is_credit(piece) for piece in pieces):
        below = lines[picture.before : picture.before + 4]
        pieces += [line.text for line in below if line.marks & TextMark.CAPTION and line.text not in pieces]
    return _joined(pieces)


def _pieces(node: LexborNode, lines: list[TextLine]) -> list[str]:
    texts = [line.text for line in lines]
    if len(lines) > 4 or sum(map(len, texts)) > _LONGEST_CAPTION:
        return []
    # a credit in an inline element before its caption makes one line with it
    for inner in node.css("span, small, i, em, cite"):
        credit = tidy(inner.text())
        if credit and _is_credit(credit) and texts[0] != credit and texts[0].startswith(credit):
            texts[:1] = [credit, texts[0].removeprefix(credit).strip()]
    shown = [text for text in texts if text.casefold().strip(" .:+") not in _OF_THE_PAGE]
    return [text for text in shown if not STAMP.fullmatch(text)]


_OF_THE_PAGE = frozenset(WORDS["boilerplate_whole"]) | {
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


def _joined(pieces: list[str]) -> str | None:
    captions = [piece for piece in pieces if not _is_credit(piece)]
    credits = [piece for piece in pieces if _is_credit(piece)]
    if not captions or " " not in captions[0]:
        return credits[0] if credits and len(credits) == 1 else None
    if not credits or credits[0] in captions[0]:
        return captions[0]
    credit = credits[0] if credits[0].startswith(("(", "[")) else f"({credits[0]})"
    return f"{captions[0]} {credit}"
