"""Takes a story out of what is printed around it: dateline, bylines, credits, sign-offs, captions, a repeated title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from archive.records import Dateline
from lexicon.places import find_place
from reading.credits.datelines import StoryOpening, read_dateline, read_opening, title_case
from reading.credits.reader import (
    Credits,
    canonical_agency,
    credits_somebody,
    is_boilerplate,
    is_credit_line,
    people,
    read_credits,
    read_photo_credit,
    without_links,
)
from reading.extract.body import letters
from reading.extract.raw import FoundText, RawArticle
from reading.headline import house_names
from reading.story_end import folded, split_off_sign_offs, without_card, without_footer, without_lists
from sources.definition import Source

_COPYRIGHT = re.compile(r"(?i:copyright|hak cipta)?\s{0,3}(?:©|\([cC]\)(?=\s{0,3}[A-Z0-9]))")
# "Copyright AP", without the sign
_COPYRIGHT_OF = re.compile(r"(?i:copyright)(?: (?:[A-Z0-9][\w.&/-]{0,30}|by|dan|and)){1,6}\.?")
_LONGEST_COPYRIGHT = 160
_CREDIT_AT_END = re.compile(r"\s{0,3}[(\[][^()\[\]\n]{2,40}[)\]]\.?$")
# "(c) Memiliki kapal" is an item of a list that has "(a)" or "(b)" too
_LIST_LABEL = re.compile(r"\(?[abdABD]\)\s")
# The parts of a series, listed below the byline: "Laporan 2: Kapal Beras dari Pulau Seberang"
_PART_OF_SERIES = re.compile(
    r"(?:laporan|bagian|tulisan|artikel|seri|part|bab|edisi|berita)\s(?:ke-?)?(?:\d{1,2}|[ivx]{1,4})\s?[:.–—-]\s?"
    r"\S.{2,200}",
    re.I,
)
_LONGEST_HEAD = 4
"""Paragraphs among which the one with the dateline is looked for."""
_LONGEST_LABEL = 3
_LONGEST_CAPTION = 45
_SENTENCE_ENDS = (".", "!", "?", '"', "”")
_FEWEST_WORDS = 8
"""Words of a line that is text of the story by itself."""


@dataclass(frozen=True, slots=True)
class Bylines:
    """The people who signed an article, and where their names were found."""

    authors: tuple[str, ...]
    editors: tuple[str, ...]
    authors_from: str | None
    editors_from: str | None


@dataclass(frozen=True, slots=True)
class StoryText:
    """A body, and what was taken out of it or read around it.

    `agencies` are the wires that the credit lines in and around the story name, canonical; `credit` is the line that
    names the wire or medium. `above_dateline` is a paragraph before the one with the dateline: the picture's caption.
    """

    body: tuple[str, ...]
    dateline: Dateline | None
    bylines: Bylines
    agencies: tuple[FoundText, ...]
    credit: FoundText | None
    above_dateline: str | None = None


@dataclass(frozen=True, slots=True)
class _CreditLine:
    """A printed line and what it credits."""

    line: FoundText
    credits: Credits


def read_story(raw: RawArticle, title: str, source: Source | None) -> StoryText:
    """Reads the story of a page; each paragraph is one line."""
    around = _text_around(raw, title)
    paragraphs, credit_lines = _split_off_credits(without_lists(raw.body), around)
    outlets = source.outlets if source else tuple({raw.site, raw.site.upper()}) if raw.site else ()
    above, paragraphs = _split_off_head(paragraphs, outlets)
    before, dateline, paragraphs = _split_off_dateline(paragraphs, outlets)
    if before and is_credit_line(before):
        credit_lines.append(before)
    elif any(letter.isalnum() for letter in before) and folded(before) not in around:
        paragraphs = [before, *paragraphs]
    paragraphs, sign_offs = split_off_sign_offs(without_footer(paragraphs))
    credit_lines += sign_offs
    paragraphs, name = _split_off_name_in_capitals(paragraphs)
    publisher = source.domains[0] if source else None
    body_lines = [_read(FoundText(line, raw.body_from or "text"), publisher) for line in credit_lines]
    byline_lines = [_read_apart(line, publisher) for line in raw.bylines]
    editor_lines = [_read_apart(line, publisher) for line in raw.editor_lines]
    source_lines = [_read_apart(line, publisher, is_source=True) for line in raw.source_lines]
    naming_wires = [each for each in (*byline_lines, *editor_lines) if each.credits.agency]
    read = [*(each for each in body_lines if not _is_a_picture_s(each)), *source_lines, *naming_wires]
    agencies = {
        wire: FoundText(wire, each.line.where)
        for each in reversed(read)
        for wire in reversed(each.credits.agency)
        if canonical_agency(wire) is not None  # the medium of a photo credit is no wire
    }
    bylines = _bylines(
        raw, byline_lines, body_lines, editor_lines, FoundText(name, raw.body_from or "text") if name else None
    )
    people_named = (*bylines.authors, *bylines.editors, *(each.text for each in raw.authors))
    paragraphs = without_card(paragraphs, people_named)
    return StoryText(tuple(paragraphs), dateline, bylines, tuple(reversed(agencies.values())), _credit(read), above)


def _text_around(raw: RawArticle, title: str) -> set[str]:
    """Returns the folded lines that are read elsewhere, and are no story where the body repeats them."""
    lines = (*raw.titles, *raw.printed, *raw.updates, *raw.bylines, *raw.editor_lines, *raw.source_lines)
    around = {folded(title), *(folded(each.text) for each in lines)}
    for image in raw.images:
        if image.caption:
            around |= {folded(image.caption.text), folded(_CREDIT_AT_END.sub("", image.caption.text))}
        if image.credit:
            around.add(folded(image.credit.text))
    return around


def _read(line: FoundText, publisher: str | None) -> _CreditLine:
    return _CreditLine(line, read_credits(line.text, publisher))


def _is_a_picture_s(line: _CreditLine) -> bool:
    """Whether a line inside the story credits a picture, and so does not say whose story it is: "(AFP/Rina Dewi)"."""
    return line.credits.photographer is not None or line.credits.handout_of is not None


def _read_apart(line: FoundText, publisher: str | None, *, is_source: bool = False) -> _CreditLine:
    """Reads a line from the page's place for bylines or, `is_source`, for the story's source.

    A source needs no label there, and neither does a wire alone in the place of a byline: "Antara" is read as "Sumber:
    Antara".
    """
    unlabelled = ":" not in line.text if is_source else canonical_agency(line.text) is not None
    return _CreditLine(line, read_credits(f"Sumber: {line.text}" if unlabelled else line.text, publisher))


def _bylines(
    raw: RawArticle,
    byline_lines: list[_CreditLine],
    body_lines: list[_CreditLine],
    editor_lines: list[_CreditLine],
    last_name: FoundText | None,
) -> Bylines:
    """Returns who wrote and edited the story: the printed bylines, or the metadata where none does.

    Some publishers' JSON-LD names the editor as author, so metadata alone never make a printed editor an author.
    `last_name` is the name in capitals that ends the story, as tempo.co signs.
    """
    writers: list[FoundText] = []
    editors: list[FoundText] = []
    for each in (*byline_lines, *body_lines):
        writers += [FoundText(name, each.line.where) for name in each.credits.authors]
        editors += [FoundText(name, each.line.where) for name in each.credits.editors]
        if each in byline_lines and _is_name_alone(each):
            writers += [FoundText(name, each.line.where) for name in people(each.line.text)]
    for each in editor_lines:
        names = each.credits.editors
        if ":" in each.line.text:
            writers += [FoundText(name, each.line.where) for name in each.credits.authors]
        else:  # the place itself says that they are editors
            names = (*names, *each.credits.authors) or people(each.line.text)
        editors += [FoundText(name, each.line.where) for name in names]
    writers += [last_name] if last_name else []
    house = house_names(raw)
    writers = [each for each in writers if letters(each.text) not in house]
    editors = [each for each in editors if letters(each.text) not in house]
    known = {folded(each.text) for each in editors}
    if not raw.bylines and not writers:
        named = _people_of_metadata(raw.authors)
        writers = [each for each in named if folded(each.text) not in known and letters(each.text) not in house]
    if not raw.editor_lines and not editors:  # the editor is often only in metadata, or in a box that opens on a click
        editors = _people_of_metadata(raw.editors)
    return Bylines(
        unique(each.text for each in writers),
        unique(each.text for each in editors),
        writers[0].where if writers else None,
        editors[0].where if editors else None,
    )


_COLON = re.compile(r":(?!\d)|(?<!\d):")  # after a label, not in a clock: "Rina Dewi 3 Juni 2024 14:05"


def _is_name_alone(byline: _CreditLine) -> bool:
    """Whether a line in a byline's place is a bare name, which no form of a credit matches."""
    return not _COLON.search(byline.line.text) and not (byline.credits.authors or byline.credits.editors)


def _split_off_credits(body: Sequence[str], around: set[str]) -> tuple[list[str], list[str]]:
    """Splits paragraphs from lines that credit somebody.

    A copyright line ends the story if no text follows; amid the story it is a picture's credit.
    """
    lines = [
        (number, line)
        for number, paragraph in enumerate(body)
        for line in filter(None, map(without_links, paragraph.split("\n")))
    ]
    listed = any(_LIST_LABEL.match(line) for _, line in lines)
    end = _end_of_text(lines, around)
    kept: dict[int, list[str]] = {}
    credits: list[str] = []
    for at, (number, line) in enumerate(lines):
        if _is_copyright(line, listed):
            credits.append(line)
            if at >= end:
                break
        elif folded(line) in around or is_boilerplate(line) or (at >= end and _PART_OF_SERIES.fullmatch(line)):
            continue
        elif credits_somebody(line) and not (listed and line.casefold().startswith("(c)")):
            credits.append(line)
        else:
            kept.setdefault(number, []).append(line)
    return [" ".join(each) for each in kept.values()], credits


def _is_copyright(line: str, listed: bool) -> bool:
    """Whether a line begins with a copyright sign; `listed`: the story has a list with the labels "(a)", "(b)"."""
    if len(line) > _LONGEST_COPYRIGHT or not (_COPYRIGHT.match(line) or _COPYRIGHT_OF.fullmatch(line)):
        return False
    return not (listed and line.lower().startswith("(c)"))


def _end_of_text(lines: Sequence[tuple[int, str]], around: set[str]) -> int:
    """The number of the line after the last one that is text of the story by itself."""
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at][1]
        if len(line.split()) >= _FEWEST_WORDS and not (
            folded(line) in around
            or is_boilerplate(line)
            or _PART_OF_SERIES.fullmatch(line)
            or _is_copyright(line, listed=False)
            or credits_somebody(line)
        ):
            return at + 1
    return 0


def _split_off_head(paragraphs: list[str], outlets: tuple[str, ...]) -> tuple[str | None, list[str]]:
    """Splits off what stands above the paragraph that opens with a dateline: labels, and a caption.

    The dateline names an outlet, or the paragraph above it ends in a photo credit: a place alone proves little.
    Editors write the caption of the first picture into the story's first paragraph. Of several paragraphs we cannot
    say what they are, so they stay.
    """
    for at in range(1, min(_LONGEST_HEAD, len(paragraphs))):
        dateline = _opening(paragraphs[at], outlets).dateline
        if dateline is None or not (dateline.outlet or read_photo_credit(paragraphs[at - 1])):
            continue
        above = [each for each in paragraphs[:at] if not _is_label(each)]
        if not above:
            return None, paragraphs[at:]
        if len(above) == 1 and len(above[0].split()) <= _LONGEST_CAPTION:
            return above[0], paragraphs[at:]
        return None, paragraphs
    return None, paragraphs


def _is_label(paragraph: str) -> bool:
    return len(paragraph.split()) <= _LONGEST_LABEL and not paragraph.endswith(_SENTENCE_ENDS)


def _split_off_dateline(paragraphs: list[str], outlets: tuple[str, ...]) -> tuple[str, Dateline | None, list[str]]:
    """Returns the text before the dateline, the dateline, and the paragraphs without both."""
    if not paragraphs:
        return "", None, []
    opening = _opening(paragraphs[0], outlets)
    return opening.before, opening.dateline, [each for each in (opening.rest.strip(), *paragraphs[1:]) if each]


def _opening(paragraph: str, outlets: tuple[str, ...]) -> StoryOpening:
    opening = read_opening(paragraph)
    if opening.dateline is None and outlets:
        return StoryOpening("", *_house_dateline(paragraph, outlets))
    return opening


def _house_dateline(paragraph: str, outlets: tuple[str, ...]) -> tuple[Dateline | None, str]:
    """Reads a dateline that names the source itself by a name that the lexicon need not have."""
    found = _house_form(outlets).match(paragraph)
    if not found:
        return None, paragraph
    outlet = found["bare"] or found["bracketed"]
    text = found[0].rstrip()
    alone, _ = read_dateline(f"{found['place']} - ")
    if alone is None:
        return Dateline(title_case(found["place"]), outlet, text), paragraph[found.end() :]
    return replace(alone, outlet=outlet, text=text), paragraph[found.end() :]


@lru_cache(maxsize=256)  # one for each source
def _house_form(outlets: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(name) for name in sorted(outlets, key=len, reverse=True))
    return re.compile(
        rf"(?P<place>[^\W\d_][^()\n.!?:]{{1,60}}?)(?:,\s?(?P<bare>{names})|\s?[(\[](?P<bracketed>{names})[)\]])\s{{0,2}}(?:--?|[–—])\s"
    )


def _split_off_name_in_capitals(paragraphs: list[str]) -> tuple[list[str], str | None]:
    """Splits off the "RINA DEWI" that ends a story, and capitalises it; a single word or a place is no name."""
    last = paragraphs[-1] if len(paragraphs) > 1 else ""
    if not last.isupper() or not 2 <= len(last.split()) <= 4 or find_place(last):
        return paragraphs, None
    names = people(last)
    return (paragraphs[:-1], names[0]) if len(names) == 1 else (paragraphs, None)


def _credit(read: list[_CreditLine]) -> FoundText | None:
    """Returns the printed line that says whose story it is: it names a wire or medium, or is a copyright line."""
    named = [
        each.line
        for each in read
        if (each.credits.agency or each.credits.source_credit)
        and not each.credits.initials
        and not _COPYRIGHT.match(each.line.text)
    ]
    rights = [each.line for each in read if _COPYRIGHT.match(each.line.text)]
    return next(iter((*named, *rights)), None)


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Removes repeated names, whatever their case, and keeps the first spelling of each."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(folded(name), name)
    return tuple(first.values())


def _people_of_metadata(found: tuple[FoundText, ...]) -> list[FoundText]:
    """Returns the people whom metadata name; the address of a profile is no name."""
    return [FoundText(name, each.where) for each in found if "://" not in each.text for name in people(each.text)]
