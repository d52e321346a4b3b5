"""Reads a photo credit, segment by segment: "REUTERS/Umit Bektas", "AFP via Getty/STR", "Dok. Polres Rohul"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archive.records import PhotoCredit
from lexicon.credits import WORDS, alternation
from reading.credits.names import (
    NOT_NAMES,
    canonical_agency,
    is_body,
    is_initials,
    is_outlet,
    is_screen,
    is_social,
    people,
    person,
)


@dataclass(slots=True)
class Segments:
    """The contents of one credit, each list in the order printed; `unknown` has the segments that fit nothing."""

    agencies: list[str] = field(default_factory=list)
    outlets: list[str] = field(default_factory=list)
    via: list[str] = field(default_factory=list)
    persons: list[str] = field(default_factory=list)
    initials: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    handout_of: str | None = None
    marked: bool = False  # has "Foto:", "dok.", "Handout" or "ist", so it is a credit
    copied: bool = False  # "ist" or "net": copied from somewhere; a person named beside it is shown, not credited
    handout_awaited: bool = False  # "HO" came first: the next name is whoever handed the picture out
    unknown: list[str] = field(default_factory=list)
    last_medium: str | None = None  # the agency, else the outlet, next to the photographer


_LABEL = re.compile(
    rf"\s*(?:{alternation('photo', 'photographer', 'source')}\s*[:/]|Foto oleh\s|©)\s*",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(r"©(?:\s*(?:19|20)\d\d(?!\d))?")  # "©2015 Merdeka.com/Rina Dewi"
_ARCHIVE = re.compile(rf"{alternation('documentation')}\b\.?[\s:/]*(?P<whose>.*)", re.IGNORECASE | re.DOTALL)
_HANDOUT_OF = re.compile(r"HO[-–]\s?(?P<whose>.{2,})")  # "ANTARA/HO-Polda Jatim"
_VIA = re.compile(r"\s*/?\s*\b(?:via|melalui)\b\s*", re.IGNORECASE)
_CUT = re.compile(r"\s*/\s*|\s*:\s+|\s*\|\s*|,\s*(?=(?:pool|str|file|handout)\b)|\s+-\s+", re.IGNORECASE)
_DESK_YEAR = re.compile(r"\d{1,4}\.?")
_OUTER = " \t\r\n()[]/*."
_HANDOUT = frozenset(WORDS["handout"])
_BODY_ENDS = frozenset(WORDS["body_ends"])
_OFFICES = frozenset(WORDS["offices"])
_COPIED = frozenset(WORDS["copied"])


def read_segments(text: str) -> Segments:
    """Reads one credit. The lexicon, the form and the position of a segment say what it is."""
    found = Segments()
    inner = _COPYRIGHT.sub("/", text.strip(_OUTER)).replace("®", "").strip(_OUTER)
    while (label := _LABEL.match(inner)) is not None and label.end():
        found.marked = True
        inner = inner[label.end() :].strip(_OUTER)
    main, *vias = _VIA.split(inner)
    for part in _CUT.split(main):
        _add_segment(found, part.strip(" \t\r\n()[]*"))
    for via in vias:
        head, *rest = _CUT.split(via)
        _add_via(found, head.strip(_OUTER))
        for part in rest:
            _add_segment(found, part.strip(" \t\r\n()[]*"))
    return found


def _add_segment(found: Segments, part: str) -> None:
    plain = part.strip(" .,")
    folded = plain.casefold()
    if not plain:
        return
    named = plain.split(",")  # "Reuters, AFP"
    wires = [wire for each in named if (wire := canonical_agency(each.strip())) is not None]
    if len(wires) == len(named):
        found.agencies += wires
        found.last_medium = wires[-1]
    elif folded in _HANDOUT:
        found.marked = True
        _add_handout(found)
    elif (handout := _HANDOUT_OF.fullmatch(plain)) is not None:
        found.marked = True
        found.handout_of = found.handout_of or handout["whose"]
    elif (archive := _ARCHIVE.fullmatch(plain)) is not None:
        found.marked = True
        _add_archive(found, archive["whose"])
    elif is_screen(plain):
        found.marked = True
        found.sources.append(plain)
    elif folded in NOT_NAMES or _DESK_YEAR.fullmatch(plain):
        found.marked = found.marked or folded in NOT_NAMES
        found.copied = found.copied or folded in _COPIED
    elif is_social(plain):
        found.sources.append(plain)
    elif is_outlet(plain):
        found.outlets.append(plain)
        found.last_medium = found.last_medium or plain
    elif is_body(plain):
        found.handout_of = found.handout_of or plain
    elif found.handout_awaited:
        found.handout_of, found.handout_awaited = plain, False
    elif is_initials(plain) and (plain.islower() or found.initials or not plain.isalpha()):
        found.initials.append(plain)
    elif folded.split()[0].strip(".") in _OFFICES:
        found.unknown.append(plain)  # "Menteri BUMN Rina Dewi/RMOL": she is shown
    elif (name := person(plain, checked=True)) is not None:
        found.persons.append(name)
    elif "," in plain and (names := people(plain)):
        found.persons.extend(names)
    else:
        found.unknown.append(plain)


def _add_via(found: Segments, part: str) -> None:
    if (agency := canonical_agency(part)) is not None:
        if agency not in found.agencies:
            found.agencies.append(agency)
        found.last_medium = found.last_medium or agency
    elif part:
        found.sources.append(part)
        found.via.append(part)


def _add_handout(found: Segments) -> None:
    """Takes the name before "Handout", or after "HO", as the body that handed the picture out, not as photographer."""
    if found.handout_of is None:
        if found.persons or found.unknown:
            found.handout_of = (found.persons or found.unknown).pop()
        else:
            found.handout_awaited = True


def _add_archive(found: Segments, whose: str) -> None:
    whose = whose.strip(" .:")
    if not whose or whose.casefold() in NOT_NAMES:
        return
    if (agency := canonical_agency(whose)) is not None:
        found.agencies.append(agency)
        found.last_medium = agency
    elif is_outlet(whose):
        found.outlets.append(whose)
        found.last_medium = found.last_medium or whose
    else:
        found.handout_of = found.handout_of or whose


_CLOSING = re.compile(r"[(\[](?P<inner>[^()\[\]]{2,140}(?:\([^()]*\)[^()\[\]]{0,20})?)[)\]][\s.]*$")
_TRAILING = re.compile(
    r"(?:^|[\s./(])(?<!antara )(?<!afp )"
    rf"(?P<credit>{alternation('closing_photo')}\s?[:.]\s*[^.\n:]{{2,90}}"
    r"|Foto/[^.\n]{2,90}|©.{2,90})\s*\.?$",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"(?:^|[.!?]\s+|\n|\s[-–—]\s+)(?P<credit>(?:(?:(?!\s[-–—]\s)[^.!?\n/()]){2,40}|[\w-]{2,30}(?:\.[a-z]{2,4}){1,2})"
    r"(?!(?<=\d)/\d)/\s?[^!?\n]{2,80})$"  # not the slash of the date in "Senin (3/6/2024). ANTARA FOTO/Rina Dewi"
)
_RELAYED = re.compile(r"(?:^|[.!?]\s+|\n)(?P<credit>(?P<from>[^.!?\n/()]{2,40}) via (?P<via>[^.!?\n/()]{2,40}))\.?$")
_CODED = re.compile(r"(?P<bare>.*\S)\s*\([A-Z]{2,4}\)")
_DATE_SLASH = re.compile(r"\d(?:/\d+)+")
_LONG = 600


def closing_credit(caption: str) -> str | None:
    """Returns the part of a caption that may be its credit: the last bracket, "Foto: …", "Dok. …", "AP/Rina Dewi"."""
    tail = caption[-_LONG:].rstrip()
    coded = (
        _CODED.fullmatch(tail) if tail.endswith(")") else None
    )  # cheap test first: most lines of a page pass through here
    if coded is not None and (bare := _BARE.search(coded["bare"])) is not None:
        medium = bare["credit"].partition("/")[0].strip()
        if canonical_agency(medium) or is_outlet(medium):  # "KOMPAS/RINA DEWI (RAD)"
            return bare["credit"].strip()
    relayed = _RELAYED.search(tail) if " via " in tail else None
    if relayed is not None and canonical_agency(relayed["via"].strip()):
        return relayed["credit"]
    for pattern in (_CLOSING, _TRAILING, _BARE):
        match = pattern.search(tail)
        if match is not None:
            return match.group().strip(" .\n") if pattern is _CLOSING else match["credit"].strip()
    if "/" in _DATE_SLASH.sub("", tail) and len(tail) < 100 and "\n" not in tail:
        return tail.strip()
    return None


def read_photo_credit(caption: str) -> PhotoCredit | None:
    """Reads the credit of a picture from the end of its caption or from its own line; None where there is none.

    `agency` is the wire (canonical) or outlet nearest to the photographer; `handout_of` is the body that provided the
    picture. Screenshots, "ist" and social network accounts are only in `text`, and so is a person alone, who may have
    taken or provided it. A body alone in a bracket after the sentence provided the picture; after a word it is an
    explanation ("Badan Meteorologi (BMKG)") and no credit.
    """
    text = closing_credit(caption)
    if text is None:
        tail = caption.strip()
        if len(tail) <= 60 and (canonical_agency(tail) or is_outlet(tail) or is_social(tail) or is_screen(tail)):
            text = tail
        else:
            return None
    found = read_segments(text)
    handout = found.handout_of
    credited = found.agencies or found.outlets or found.marked
    if not credited and text.startswith(("(", "[")):
        lone = [name for name in (handout, *found.persons, *found.unknown) if name]
        before = caption.rstrip(" .")[: -len(text)]
        apart = (
            not before
            or before.endswith((".", "!", "?", '"'))
            or before.rstrip().endswith(".")
            or not before[-1:].isspace()
        )
        if len(lone) == 1 and found.persons and " " in lone[0] and lone[0].split()[-1].casefold() not in _BODY_ENDS:
            return PhotoCredit(text) if apart else None  # "(Rina Dewi)" took or provided it: we cannot know
        if len(lone) == 1 and apart and not any(letter.isdigit() for letter in text):
            handout, found.persons = lone[0], []  # the provider: "(Grammy)", "(Auriga Nusantara)"
        elif not found.sources:
            return None  # "(BMKG)" after a name, "(kanan)", "(5/11)"
    elif not (credited or found.sources or (handout and text != caption.strip())):
        return None  # a whole caption that mentions a body is no credit: "Laga Persib/Persija"
    taken = found.persons and credited and not (found.copied and found.last_medium is None)
    photographer = found.persons[0] if taken else None
    return PhotoCredit(text, photographer, found.last_medium, handout)


def read_credit_apart(line: str) -> PhotoCredit:
    """Reads a photo credit from an element that holds nothing else.

    There, a body or outlet needs no bracket or label; a person alone is only in `text`, as in `read_photo_credit`.
    """
    text = line.strip()
    read = read_photo_credit(text if text.startswith(("(", "[")) else f"({text})")
    return PhotoCredit(text, read.photographer, read.agency, read.handout_of) if read else PhotoCredit(text)
