"""The stamps near the headline of a page without a layout: what is printed, and what its elements tell machines.

A stamp may be one line, or in pieces: the day in one element, the clock in the next, the zone in a third; a month
above its day, as themes of WordPress print it. Elements like `<time datetime>` have an attribute for machines, and
their class may say that they are of the last change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborNode

from lexicon.calendar import DATE_WORDS, MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS, ZONES, folded
from reading.dates.beside import without_neighbours
from reading.dates.reader import read_date
from reading.dates.tokens import tokenise
from reading.extract.body import text_of
from reading.extract.lines import TimeElement
from reading.extract.outline import STAMP, Outline, head_lines, is_dateline
from reading.extract.raw import FoundText
from reading.extract.text_marks import TextMark

_CLOCK = re.compile(r"(?<!\d)[0-2]?\d[:.][0-5]\d(?!\d)")
_ENGLISH = re.compile(r"(?<![A-Za-z])[A-Z][a-z]{2,8}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d(?!\d)")
_RELATIVE = re.compile(
    r"(?<!\w)(?:\d{1,2}|se)\s?(?:detik|menit|jam|hari|min(?:ute)?s?|hours?|days?)\s(?:yang\s)?(?:lalu|ago)(?!\w)"
    r"|(?<!\w)(?:kemarin|yesterday|hari ini)(?!\w)",
    re.IGNORECASE,
)
_YEARLESS = re.compile(r"(?<![\d/])\d{1,2}(?:\s?/\s?\d{1,2}|\s[A-Za-z]{3,9})(?![\w/])")
_WORD = re.compile(r"[^\W\d]{2,}")
_LOWER_CASE = re.compile(r"(?<!\w)[a-z]{2,}(?!\w)")
_IN_BRACKETS = re.compile(
    r"[A-Za-z]\W{1,2}\(\d{1,2}[/-]\d{1,2}[/-](?:\d\d){1,2}\)"
)  # "Senin (3/6/2024)", as in a sentence
_WORDS_OF_A_STAMP = frozenset(
    (
        *DATE_WORDS,
        *MONTHS,
        *SHORT_MONTHS,
        *WEEKDAYS,
        *SHORT_WEEKDAYS,
        *ZONES,
        "oleh",
        "by",
        "dari",
        "di",
        "of",
        "editor",
        "penulis",
    )
)
_FEWEST_WORDS_OF_A_SENTENCE = 3
_MOST_SHARED_LINES = 4
_MOST_LINES = 200
"""Lines that are read on either side of the headline; real pages have some dozen up to the story."""
_LONGEST_STAMP = 100
_LONGEST_WITH_CLOCK = 160
"""Characters; names of writers stand in the stamp's line too."""
_LONGEST_RELATIVE = 60
_MOST_WORDS = 12
"""Words of a line with a date and no clock; a longer one is a sentence that names a date."""
_GLUED = re.compile(
    r"(?<=(?<!\d)(?:19|20)\d\d)(?=[0-2]\d[:.][0-5]\d(?!\d))|(?:(?<=WIB)|(?<=WITA)|(?<=WIT))(?=[A-Z][a-z])"
)
_MOST_WORDS_OF_LABEL = 3
_LONGEST_PIECE = 30
_MOST_PIECES = 5
_OF_A_PIECE = frozenset("dyMmWwYZHjAPiTUCp|,-/.:()+")
"""Letters of `reading.dates.tokens` that a piece of a stamp consists of."""
_LINES_BELOW_THE_STORY = 12
_OF_AN_UPDATE = re.compile(r"(?:^|[\s_-])(?:updated?|modified|last-?mod|datemodified)(?:$|[\s_-])", re.IGNORECASE)
_OF_A_PUBLICATION = re.compile(r"publish|posted|pubdate|created", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundStamps:
    """The stamps of publication and of the last change: `printed`, `updates` for readers, the others for machines."""

    printed: tuple[FoundText, ...] = ()
    updates: tuple[FoundText, ...] = ()
    machine: tuple[FoundText, ...] = ()
    machine_updates: tuple[FoundText, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """A line, a part of one, or several joined; `elements` are its time elements, `changed`: marked as an update."""

    text: str
    elements: tuple[TimeElement, ...] = ()
    changed: bool = False


def stamps(outline: Outline) -> FoundStamps:
    """The stamps near the headline, the likeliest first: below it, then above it; with a clock, and near it.

    Those above it are kept apart, because a page's head prints today's date, and teasers have other dates. Where
    nothing near the headline is a stamp, a line below the story that says "Diterbitkan" may be.
    """
    stop, titled = outline.story_start, outline.title is not None
    first = stop - len(head_lines(outline))
    middle = max(first, outline.title) if outline.title is not None else stop
    below = _parts(outline, middle + titled, min(stop, middle + _MOST_LINES))
    shared = _shared_lines(outline, middle + 1, stop) if titled else []
    near = _likeliest_first(below) or _likeliest_first(shared)[:1]
    above = _likeliest_first(_parts(outline, max(first, middle - _MOST_LINES), middle)[::-1])
    if not titled:
        near, above = above, []
    near += _relative(below)
    near = near if near or above else _below_the_story(outline)
    own = [each for part in near for each in part.elements]
    times = [each for each in outline.visible.times if not each.marks & TextMark.UNRELATED]
    # an element without text is in no line: it counts for the one behind it
    inside = [each for each in times if first <= each.line < stop + (each.node.first_child is None)]
    inside += [each for each in own if each not in inside]
    changed = _changed([*near, *above], inside)
    return FoundStamps(
        (
            *_found([each.text for each in near if not _is_changed(each, changed)], "text"),
            *_found([each.text for each in above if not _is_changed(each, changed)], "above"),
        ),
        _found([each.text for each in (*near, *above) if _is_changed(each, changed)], "text"),
        _found([each.value for each in inside if each.node.mem_id not in changed], "time"),
        _found([each.value for each in inside if each.node.mem_id in changed], "time"),
    )


def _found(texts: Sequence[str], where: str) -> tuple[FoundText, ...]:
    return tuple(FoundText(text, where) for text in dict.fromkeys(texts))


def _parts(outline: Outline, first: int, stop: int) -> list[_Part]:
    """The lines of a page from `first` to `stop`, each split at its time elements, and pieces of a stamp joined."""
    lines, times = outline.lines, outline.visible.times
    parts: list[_Part] = []
    label = ""
    for at in range(first, stop):
        line = lines[at]
        if line.marks & (TextMark.UNRELATED | TextMark.CAPTION) or is_dateline(line.text):
            continue
        text = f"{label}{_unglued(line.text)}"
        label = f"{text} " if _is_label(text) and not line.linked else ""
        if not label:
            inside = [each for each in times if each.line == at]
            parts += _split(text, inside) if inside else [_Part(text)]
    return list(_joined(parts))


def _unglued(text: str) -> str:
    """The line with the blanks that styles put between elements: "3 Juni 202414:05 WIBPenulis"."""
    return _GLUED.sub(" ", text)


def _is_label(text: str) -> bool:
    """Whether a line only says what date the next line has: "Terakhir diperbarui:"."""
    words = _WORD.findall(text) if len(text) <= _LONGEST_PIECE else []
    roles = {DATE_WORDS.get(folded(word)) for word in words}
    return 0 < len(words) <= _MOST_WORDS_OF_LABEL and bool(roles & {"update", "publish"}) and not re.search(r"\d", text)


def _shared_lines(outline: Outline, first: int, stop: int) -> list[_Part]:
    """The first lines in elements of other purposes: kompas.com's stamp of 2016 is in the box of its share buttons."""
    parts: list[_Part] = []
    for at in range(first, min(stop, first + _MOST_SHARED_LINES)):
        line = outline.lines[at]
        if line.marks & TextMark.UNRELATED and not line.linked:
            inside = [each for each in outline.visible.times if each.line == at]
            parts += _split(line.text, inside) if inside else [_Part(line.text)]
    return parts


def _split(text: str, elements: Sequence[TimeElement]) -> Iterator[_Part]:
    """A line's text, cut behind each of its time elements if there are several: "3 Juni 2024 4 Juni 2024"."""
    begin, last = 0, ""
    inside: tuple[TimeElement, ...] = ()
    for element in elements:
        words = text_of(element.node)
        at = text.find(words, begin) if words else -1
        if at >= 0:
            if inside:
                yield _Part(last, inside, _says_update(last))
                inside = ()
            last = text[begin : at + len(words)]
            begin = at + len(words)
        inside += (element,)
    last += text[begin:]
    yield _Part(last, inside, _says_update(last))


def _says_update(text: str) -> bool:
    """Whether the last word about it before the date says that this is an update: "Terakhir diperbarui: 4 Juni"."""
    for word in reversed(_WORD.findall(_before_the_date(text))):
        role = DATE_WORDS.get(folded(word))
        if role in ("update", "publish"):
            return role == "update"
    return False


def _before_the_date(text: str) -> str:
    found = re.search(r"\d", text[:_LONGEST_STAMP])
    return text[: found.start()] if found else text[:_LONGEST_STAMP]


def _joined(parts: Sequence[_Part]) -> Iterator[_Part]:
    """The parts, pieces of one stamp joined: "Senin", "3 Juni 2024", "14:05", "WIB"."""
    pieces = [_is_piece(each.text) for each in parts]
    at = 0
    while at < len(parts):
        count = next((count for count in range(_MOST_PIECES, 1, -1) if _is_one_stamp(parts, pieces, at, count)), 1)
        if count == 1:
            yield parts[at]
        else:
            run = parts[at : at + count]
            text = _text_of_run(run)
            yield _Part(text, tuple(element for each in run for element in each.elements), _says_update(text))
        at += count


def _is_piece(text: str) -> bool:
    """Whether a line has nothing but words and numbers of a date, and so may be a piece of a stamp."""
    return len(text) <= _LONGEST_PIECE and _OF_A_PIECE.issuperset(tokenise(text).letters)


def _is_one_stamp(parts: Sequence[_Part], pieces: Sequence[bool], at: int, count: int) -> bool:
    """Whether so many parts are one date with its clock. A clock in front of a date may be a video's length."""
    run = parts[at : at + count]
    if len(run) < count or not all(pieces[at : at + count]):
        return False
    if sum(bool(STAMP.search(each.text) or _ENGLISH.search(each.text)) for each in run) > 1:
        return False  # publication and update
    if _CLOCK.search(run[0].text) and not STAMP.search(run[0].text) and not re.search("[A-Za-z]", run[0].text):
        return False
    text = _text_of_run(run)
    reading = read_date(text)
    without_year = reading.reason == "needs-reference" and bool(re.search(r"[Mm]", tokenise(text).letters))
    return without_year or (reading.complete and reading.moment is not None)


def _text_of_run(run: Sequence[_Part]) -> str:
    """The text of several parts; of a month above its day the day comes first, as where no year is printed."""
    texts = [each.text for each in run]
    if len(run) == 2 and re.fullmatch(r"[A-Za-z]{3,9}\.?", texts[0]) and re.fullmatch(r"\d{1,2}", texts[1]):
        texts.reverse()
    return " ".join(texts)


def _likeliest_first(parts: Sequence[_Part]) -> list[_Part]:
    stamps = [each for each in parts if _is_stamp(each.text)]
    return sorted(stamps, key=lambda each: not _CLOCK.search(each.text))


def _is_stamp(text: str) -> bool:
    if len(text) > _LONGEST_WITH_CLOCK or not (STAMP.search(text) or _ENGLISH.search(text)):
        return False
    if _CLOCK.search(text):
        return not _is_sentence(text)
    return (
        len(text) <= _LONGEST_STAMP
        and len(_WORD.findall(text)) <= _MOST_WORDS
        and not (_is_sentence(text) or _IN_BRACKETS.search(text))
    )


def _is_sentence(text: str) -> bool:
    """Whether a line speaks: names and labels of a stamp's line have capitals, the words of a caption mostly not."""
    words = _LOWER_CASE.findall(without_neighbours(text))
    return sum(word not in _WORDS_OF_A_STAMP for word in words) >= _FEWEST_WORDS_OF_A_SENTENCE


def _relative(parts: Sequence[_Part]) -> list[_Part]:
    """The lines below the headline that need the time of the fetch: "2 jam lalu", "Senin (3/6) 14:05", "3 Jun"."""
    return [
        each
        for each in parts
        if len(each.text) <= _LONGEST_RELATIVE
        and not _is_stamp(each.text)
        and (_RELATIVE.search(each.text) or (_YEARLESS.search(each.text) and _is_piece(each.text)))
    ]


def _below_the_story(outline: Outline) -> list[_Part]:
    """A line behind the story that says that it is the publication's: "Diterbitkan: 3 Juni 2024"."""
    behind = _parts(outline, outline.story_end, min(len(outline.lines), outline.story_end + _LINES_BELOW_THE_STORY))
    return [each for each in behind if _is_stamp(each.text) and _says_publication(each.text)][:1]


def _says_publication(text: str) -> bool:
    words = _WORD.findall(_before_the_date(text))
    return any(DATE_WORDS.get(folded(word)) == "publish" for word in words)


def _changed(parts: Sequence[_Part], elements: Sequence[TimeElement]) -> set[int]:
    """The `mem_id` of the time elements that are of the last change, by their label or their class.

    hAtom wants a class "updated" on each entry, so themes put it on the only stamp of a page. It counts only beside
    another time element, or beside a printed day that differs.
    """
    by_label = {element.node.mem_id for part in parts if part.changed for element in part.elements}
    by_class = {each.node.mem_id for each in elements if _class_says_update(each.node)}
    if len(by_class) < len(elements) or _other_days(parts, by_class):
        return by_label | by_class
    return by_label


def _class_says_update(node: LexborNode) -> bool:
    names = f"{node.attributes.get('class') or ''} {node.attributes.get('itemprop') or ''}"
    return bool(_OF_AN_UPDATE.search(names)) and not _OF_A_PUBLICATION.search(names)


def _other_days(parts: Sequence[_Part], marked: set[int]) -> bool:
    """Whether a stamp outside the marked elements has another day than they have."""
    days = {(_is_changed(each, marked), read_date(each.text).value or "") for each in parts}
    own = {value[:10] for inside, value in days if inside and value}
    return any(value and own and value[:10] not in own for inside, value in days if not inside)


def _is_changed(part: _Part, changed: set[int]) -> bool:
    return bool(part.elements) and all(each.node.mem_id in changed for each in part.elements)
