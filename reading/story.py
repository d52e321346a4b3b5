"""A story freed of what is printed around it: dateline, bylines, credits, sign-offs, captions, the title once more."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from archive.records import Dateline
from lexicon.places import find_place
from reading.credits.datelines import Opening, read_dateline, read_opening, title_case
from reading.credits.reader import (
    Credits,
    canonical_agency,
    is_boilerplate,
    is_credit_line,
    people,
    read_credits,
    without_links,
)
from reading.extract.body import tidy
from reading.extract.raw import FoundText, RawArticle
from sources.definition import Source

_COPYRIGHT = re.compile(r"^(?:copyright|hak cipta)?\s{0,3}(?:©|\(c\))", re.I)
_LONGEST_COPYRIGHT = 160
# A press release ends in its sender's addresses
_RELEASE_FOOTER = re.compile(r"^(?:kontak(?: media)?|(?:media )?contacts?|narahubung|informasi kontak)\s{0,3}:", re.I)
_SIGN_OFF = re.compile(r"\s{0,3}[(\[][^()\[\]\n]{2,40}[)\]]\.?$")
_ASTERISKS = re.compile(r"\s{0,3}(?:\(\*{1,3}/?\)|\*{2,5})$")
_SENTENCE_ENDS = tuple(".!?\"”’'…)]*")
_QUOTES = str.maketrans("“”‘’–—\u00a0", "\"\"''-- ")


@dataclass(frozen=True, slots=True)
class StoryText:
    """A body and what was taken off it. `credit_lines` are its printed lines that credit somebody, in their order.

    `agencies` are the wires that those lines and the lines around the story name, canonical; `credit` is the line that
    names the wire or medium; `writer` is the name in capitals that stands alone at the end, as tempo.co signs.
    """

    body: tuple[str, ...]
    dateline: Dateline | None
    credit_lines: tuple[FoundText, ...]
    agencies: tuple[FoundText, ...]
    credit: FoundText | None
    writer: FoundText | None


@dataclass(frozen=True, slots=True)
class Signatures:
    """The people who signed an article, and where their names were found."""

    authors: tuple[str, ...]
    editors: tuple[str, ...]
    authors_from: str | None
    editors_from: str | None


def folded(text: str) -> str:
    """Text for comparing: one line, without case and typographic variants."""
    return tidy(text).translate(_QUOTES).casefold()


def read_story(raw: RawArticle, title: str, source: Source | None) -> StoryText:
    """The story of a page, its paragraphs of one line each."""
    around = {folded(title)}
    printed = (*raw.bylines, *raw.editor_lines, *raw.source_lines)
    around |= {folded(each.text) for each in (*raw.titles, *raw.printed, *raw.updates, *printed)}
    for image in raw.images:
        if image.caption:
            around |= {folded(image.caption.text), folded(_SIGN_OFF.sub("", image.caption.text))}
        if image.credit:
            around.add(folded(image.credit.text))
    paragraphs, credit_lines = _parted(raw.body, around)
    outlets = source.outlets if source else tuple({raw.site, raw.site.upper()}) if raw.site else ()
    before, dateline, paragraphs = _dateline_off(paragraphs, outlets)
    if before and is_credit_line(before):
        credit_lines.append(before)
    elif any(letter.isalnum() for letter in before) and folded(before) not in around:
        paragraphs = [before, *paragraphs]
    paragraphs = _footer_off(paragraphs)
    if paragraphs:
        last, sign_off = closing_sign_off(paragraphs[-1])
        if sign_off is not None:
            paragraphs, credit_lines = [*paragraphs[:-1], last], [*credit_lines, sign_off]
    paragraphs, name = _name_in_capitals_off(paragraphs)
    in_body = tuple(FoundText(line, raw.body_from or "text") for line in credit_lines)
    read = [(line, read_credits(line.text, _publisher(source))) for line in in_body]
    read += _credits_around(raw, _publisher(source))
    agencies = {
        wire: FoundText(wire, line.where) for line, credits in reversed(read) for wire in reversed(credits.agency)
    }
    writer = FoundText(name, raw.body_from or "text") if name else None
    return StoryText(tuple(paragraphs), dateline, in_body, tuple(reversed(agencies.values())), _credit(read), writer)


def _credits_around(raw: RawArticle, publisher: str | None) -> list[tuple[FoundText, Credits]]:
    """What stands around a story about whose it is: the lines on its source, and bylines that name a wire.

    Where a page keeps a place for the source, or a wire alone in the byline's, its name needs no label ("Antara" is
    read like "Sumber: Antara").
    """
    sources = [
        (line, read_credits(line.text if ":" in line.text else f"Sumber: {line.text}", publisher))
        for line in raw.source_lines
    ]
    signed = [
        (line, read_credits(f"Sumber: {line.text}" if canonical_agency(line.text) else line.text, publisher))
        for line in (*raw.bylines, *raw.editor_lines)
    ]
    return [*sources, *(each for each in signed if each[1].agency)]


def signatures(raw: RawArticle, story: StoryText, source: Source | None) -> Signatures:
    """Who wrote and edited it: the printed bylines, and metadata only where no byline is printed.

    On several publishers JSON-LD names the editor as author; so a printed editor is no author on metadata's word.
    """
    writers: list[FoundText] = []
    editors: list[FoundText] = []
    for line in (*raw.bylines, *story.credit_lines):
        credits = read_credits(line.text, _publisher(source))
        alone = people(line.text) if line in raw.bylines and _is_bare(line, credits) else ()
        writers += [FoundText(name, line.where) for name in (*credits.authors, *alone)]
        editors += [FoundText(name, line.where) for name in credits.editors]
    for line in raw.editor_lines:
        credits = read_credits(line.text, _publisher(source))
        if ":" in line.text:
            writers += [FoundText(name, line.where) for name in credits.authors]
            names = credits.editors
        else:  # the place says what they are
            names = (*credits.editors, *credits.authors) or people(line.text)
        editors += [FoundText(name, line.where) for name in names]
    writers += [story.writer] if story.writer else []
    known = {folded(each.text) for each in editors}
    if not raw.bylines and not writers:
        writers = [each for each in _named(raw.authors) if folded(each.text) not in known]
    if not raw.bylines and not raw.editor_lines and not editors:
        editors = _named(raw.editors)
    return Signatures(
        once(each.text for each in writers),
        once(each.text for each in editors),
        writers[0].where if writers else None,
        editors[0].where if editors else None,
    )


_COLON = re.compile(r":(?!\d)|(?<!\d):")  # of a label, not of a clock: "Rina Dewi 3 Juni 2024 14:05"


def _is_bare(line: FoundText, credits: Credits) -> bool:
    """Whether a line in a byline's place is a name alone, which no form of a credit knows."""
    return not _COLON.search(line.text) and not (credits.authors or credits.editors)


def _parted(body: Sequence[str], around: set[str]) -> tuple[list[str], list[str]]:
    """Paragraphs of the story, and lines that credit somebody. Nothing after a copyright line belongs to a story."""
    paragraphs: list[str] = []
    credits: list[str] = []
    for paragraph in body:
        kept: list[str] = []
        for line in filter(None, map(without_links, paragraph.split("\n"))):
            if _COPYRIGHT.match(line) and len(line) <= _LONGEST_COPYRIGHT:
                if kept:
                    paragraphs.append(" ".join(kept))
                return paragraphs, [*credits, line]
            if folded(line) in around or is_boilerplate(line):
                continue
            if is_credit_line(line):
                credits.append(line)
            else:
                kept.append(line)
        if kept:
            paragraphs.append(" ".join(kept))
    return paragraphs, credits


def _dateline_off(paragraphs: list[str], outlets: tuple[str, ...]) -> tuple[str, Dateline | None, list[str]]:
    """What is printed before the dateline, the dateline, and the paragraphs without both."""
    if not paragraphs:
        return "", None, []
    opening = read_opening(paragraphs[0])
    if opening.dateline is None and outlets:
        opening = Opening("", *_house_dateline(paragraphs[0], outlets))
    return opening.before, opening.dateline, [each for each in (opening.rest.strip(), *paragraphs[1:]) if each]


def _house_dateline(paragraph: str, outlets: tuple[str, ...]) -> tuple[Dateline | None, str]:
    """A dateline with a name by which the source itself signs, which the lexicon of media need not know."""
    names = "|".join(re.escape(name) for name in sorted(outlets, key=len, reverse=True))
    found = re.match(
        rf"(?P<place>[^\W\d_][^()\n.!?:]{{1,60}}?)(?:,\s?(?P<bare>{names})|\s?\((?P<bracketed>{names})\))\s{{0,2}}(?:--?|[–—])\s",
        paragraph,
    )
    if not found:
        return None, paragraph
    outlet = found["bare"] or found["bracketed"]
    text = found[0].rstrip()
    alone, _ = read_dateline(f"{found['place']} - ")
    if alone is None:
        return Dateline(title_case(found["place"]), outlet, text), paragraph[found.end() :]
    return replace(alone, outlet=outlet, text=text), paragraph[found.end() :]


def _footer_off(paragraphs: list[str]) -> list[str]:
    # only in the last third: a story may quote an address, and go on
    for at in range(len(paragraphs) * 2 // 3, len(paragraphs)):
        if at > 0 and _RELEASE_FOOTER.match(paragraphs[at]):
            return paragraphs[:at]
    return paragraphs


def _name_in_capitals_off(paragraphs: list[str]) -> tuple[list[str], str | None]:
    """A story without the "RINA DEWI" that ends it, and that name put right; a lone word or a place is no name."""
    last = paragraphs[-1] if len(paragraphs) > 1 else ""
    if not last.isupper() or not 2 <= len(last.split()) <= 4 or find_place(last):
        return paragraphs, None
    names = people(last)
    return (paragraphs[:-1], names[0]) if len(names) == 1 else (paragraphs, None)


def closing_sign_off(paragraph: str) -> tuple[str, str | None]:
    """A paragraph without the "(abc/def)" or "***" that ends it, and that sign-off; the whole and None without one.

    It stands behind a whole sentence: "meraih emas (Dewa United)" goes on, and its bracket is text.
    """
    if (asterisks := _ASTERISKS.search(paragraph)) and asterisks.start() > 0:
        return paragraph[: asterisks.start()].rstrip(), asterisks[0].strip()
    found = _SIGN_OFF.search(paragraph)
    if not found or paragraph[: found.start()][-1:] not in _SENTENCE_ENDS or not is_credit_line(found[0].strip(" .")):
        return paragraph, None
    return paragraph[: found.start()].rstrip(), found[0].strip(" .")


def _credit(read: list[tuple[FoundText, Credits]]) -> FoundText | None:
    """The printed line that says whose story it is: a wire or medium named as source, else a copyright line."""
    named = [
        line
        for line, credits in read
        if (credits.agency or credits.source_credit) and not credits.initials and not _COPYRIGHT.match(line.text)
    ]
    rights = [line for line, _ in read if _COPYRIGHT.match(line.text)]
    return next(iter((*named, *rights)), None)


def _publisher(source: Source | None) -> str | None:
    """The publisher as readers of credits know it, by its domain."""
    return source.domains[0] if source else None


def once(names: Iterable[str]) -> tuple[str, ...]:
    """Names without repetition, in the order and the spelling in which each stands first; case makes no other name."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(folded(name), name)
    return tuple(first.values())


def _named(found: tuple[FoundText, ...]) -> list[FoundText]:
    """The people whom metadata names; a profile's address is no name."""
    return [FoundText(name, each.where) for each in found if "://" not in each.text for name in people(each.text)]
