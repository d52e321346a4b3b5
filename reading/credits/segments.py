"""Reads one photo credit, segment by segment: "REUTERS/Umit Bektas", "AFP via Getty/STR", "Dok. Polres Rohul"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lexicon.credits import WORDS, alternation
from lexicon.words import GIVEN_NAMES
from reading.credits.names import (
    NOT_NAMES,
    canonical_agency,
    is_body,
    is_initials,
    is_known_outlet,
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
    name_first: bool = False  # a person stands before the medium: "Rina Dewi/BolaSport"
    drawn: bool = False  # an illustration: whoever is named drew it
    account: bool = False  # a social network came last: the next name is an account
    stock: bool = False  # a site of stock pictures came last: the next domain is a user of it
    copied: bool = False  # "ist" or "net": copied from somewhere; a person named beside it is shown, not credited
    handout_awaited: bool = False  # "HO" came first: the next name is whoever handed the picture out
    unknown: list[str] = field(default_factory=list)
    last_medium: str | None = None  # the agency, else the outlet, next to the photographer


_LABEL = re.compile(
    rf"\s*(?:{alternation('photo', 'photographer', 'source')}\s*[:/]|{alternation('credit')}\s*:"
    rf"|{alternation('photo')}\s+(?:oleh|by)\s"
    r"|©|\(c\)\s)\s*",
    re.IGNORECASE,
)
# "(Foto Rina Dewi)": without a colon the next words are shown as often as credited, so a given name must follow
_BARE_LABEL = re.compile(rf"\s*{alternation('photo')}\s+(?=(?P<given>[A-Z]\w+)\s)", re.IGNORECASE)
_DRAWN = re.compile(rf"\s*{alternation('drawn')}\s*(?::|(?:oleh|by)\s)", re.IGNORECASE)
_COPYRIGHT = re.compile(r"©(?:\s*(?:19|20)\d\d(?!\d))?")  # "©2015 Merdeka.com/Rina Dewi"
_ARCHIVE = re.compile(rf"{alternation('documentation')}\b\.?[\s:/]*(?P<whose>.*)", re.IGNORECASE | re.DOTALL)
_HANDOUT_OF = re.compile(r"HO[-–]\s?(?P<whose>.{2,})")  # "ANTARA/HO-Polda Jatim"
_OWN = re.compile(r"(?:pribadi|istimewa|ist)\b[\s.:/]*", re.IGNORECASE)  # "Dok. pribadi Rina Dewi"
_VIA = re.compile(r"\s*/?\s*\b(?:via|melalui)\b\s*", re.IGNORECASE)
_CUT = re.compile(r"\s*/\s*|\s*:\s+|\s*\|\s*|,\s*(?=(?:pool|str|file|handout)\b)|\s+-\s+", re.IGNORECASE)
_DESK_YEAR = re.compile(r"\d{1,4}\.?")
_OUTER = " \t\r\n()[]/*"
_HANDOUT = frozenset(WORDS["handout"])
_BODY_ENDS = frozenset(WORDS["body_ends"])
_OFFICES = frozenset(WORDS["offices"])
_COPIED = frozenset(WORDS["copied"])
_SOCIAL = frozenset(WORDS["social"])
_STOCK_SITES = frozenset(WORDS["stock_sites"])
_PHOTO_AGENCIES = frozenset(
    {"Getty Images", "NurPhoto", "Zuma Press", "Sipa Press", "ABACA", "Imago", "Icon Sportswire"}
)


# Agencies print notices to editors behind a credit: "REUTERS/Rina Dewi ATTENTION EDITORS - THIS IMAGE WAS PROVIDED …"
_NOTICE = re.compile(
    r"[\s,.;–—-]{0,6}(?<!\w)(?:ATTENTION\b|ATTN\b|EDITORS?['’]?S?\s+NOTE|NOTE TO EDITORS?|TPX\s+IMAGES|EDITORIAL\s+USE"
    r"|FOR\s+EDITORIAL|NO\s+(?:RESALES?|SALES|ARCHIVES?|COMMERCIAL)|NOT\s+FOR\s+SALE|MANDATORY\s+CREDIT|RESTRICTED\s+TO"
    r"|THIS\s+(?:IMAGE|PICTURE|PHOTO|HANDOUT)|BEST\s+QUALITY|REFILE|TEMPLATE\s+OUT|ALTERNATIVE\s+CROP"
    r"|(?:(?i:catatan|perhatian|pemberitahuan)\s+(?i:untuk\s+|kepada\s+|bagi\s+)?(?i:editor|redaksi|redaktur)))"
)


def without_notice(text: str) -> str:
    """Removes the notice to editors that follows a credit, and closes the bracket that it leaves open."""
    notice = _NOTICE.search(text)
    if notice is None or not text[: notice.start()].strip(_OUTER):
        return text
    kept = text[: notice.start()].rstrip(" (\t\n[")
    for opening, closing in ("()", "[]"):
        if kept.rfind(opening) > kept.rfind(closing):
            kept += closing
    return kept


def read_segments(text: str) -> Segments:
    """Reads one credit. The lexicon, the form and the position of a segment say what it is."""
    found = Segments(marked=text.lstrip(_OUTER).startswith("©"))
    inner = _COPYRIGHT.sub("/", without_notice(text).strip(_OUTER)).replace("®", "").strip(_OUTER)
    while True:
        drawn = _DRAWN.match(inner)
        label = drawn or _LABEL.match(inner)
        if label is None or not label.end():
            break
        found.marked = True
        found.drawn = found.drawn or drawn is not None
        inner = inner[label.end() :].strip(_OUTER)
    bare = _BARE_LABEL.match(inner)
    if bare is not None and bare["given"].casefold() in GIVEN_NAMES:
        found.marked = True
        inner = inner[bare.end() :]
    main, *vias = _VIA.split(inner)
    parts = [part.strip(" \t\r\n()[]*") for part in _CUT.split(main)]
    for part in parts:
        _add_segment(found, part)
    if vias and len([part for part in parts if part]) == 1:
        _add_giver(found, vias[0])
    for via in vias:
        head, *rest = _CUT.split(via)
        _add_via(found, head.strip(_OUTER + "."))
        for part in rest:
            _add_segment(found, part.strip(" \t\r\n()[]*"))
    if found.drawn:
        found.unknown += found.persons
        found.persons = []
    return found


def _add_giver(found: Segments, via: str) -> None:
    """Takes whoever stands alone before "via" and a news agency as the body that gave the picture.

    "Norwegian Navy via AP" and "Maxar via AP" gave it. Whether "Rina Dewi via AP" took or gave it, nobody says; photo
    agencies such as Getty Images name the photographer there.
    """
    if found.agencies or found.outlets or found.handout_of or canonical_agency(via) in _PHOTO_AGENCIES:
        return
    names = [*found.persons, *found.unknown]
    if len(names) == 1 and canonical_agency(via) is not None:
        if found.unknown or " " not in names[0]:
            found.handout_of = names[0]
        found.persons, found.unknown = [], []


def _add_segment(found: Segments, part: str) -> None:
    plain = part.strip(" .,")
    folded = plain.casefold()
    if not plain:
        return
    account, found.account = found.account, False
    stock, found.stock = found.stock, folded in _STOCK_SITES
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
        found.account = folded in _SOCIAL
    elif account or (is_social(plain) and not _begins_with_initials(plain, found)):
        found.sources.append(plain)  # "Instagram/rinadewi"
    elif stock and "." in plain and not is_known_outlet(plain):
        found.unknown.append(plain)  # "Freepik/rawpixel.com"
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
    elif (name := person(part, checked=True)) is not None:
        found.name_first = found.name_first or not (found.outlets or found.agencies)
        found.persons.append(name)
    elif "," in plain and (names := people(plain)):
        found.persons.extend(names)
    else:
        found.unknown.append(plain)


def _begins_with_initials(plain: str, found: Segments) -> bool:
    """Whether "FB" or "IG" are a photographer's initials, behind a wire: "ANTARA FOTO/FB Raharja/nz"."""
    first, _, rest = plain.partition(" ")
    return bool(found.agencies) and len(first) == 2 and first.isupper() and rest.istitle()


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
    whose = _OWN.sub("", whose.strip(" .:"))
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
