"""Reads what stands in brackets or after a label in one line: photo credits, and the sign-offs of stories."""

from __future__ import annotations

import re

from lexicon.credits import CAPITALS_ONLY, alternation
from reading.credits.builder import CreditsBuilder
from reading.credits.names import canonical_agency, is_initials
from reading.credits.photos import closing_credit
from reading.credits.segments import Segments, read_segments

PHOTO = re.compile(
    rf"[/(\[\s]*(?:ilustrasi\s*[/.(\[]\s*)?{alternation('photo')}(?:\s*[:/]\s*|\s+(?:oleh|by)\s+)(?P<rest>.+)",
    re.IGNORECASE,
)


def read_photo_line(line: str, builder: CreditsBuilder) -> bool:
    """Reads a photo credit: "Foto: Rina Dewi/detikJatim", "TRIBUNNEWS/RINA", "… . AP/Mast Irham"."""
    labelled = ":" in line or "/" in line or " oleh " in line or " by " in line
    labelled = labelled and PHOTO.fullmatch(line) is not None
    bracketed = line.startswith(("(", "["))
    text = line if labelled or bracketed else closing_credit(line)
    if text is None or (not labelled and text.startswith(("(", "[")) and not bracketed):
        return False
    found = read_segments(text)
    if labelled or (bracketed and _is_bracketed_photo(found, text)):
        add_photo(found, builder, labelled=True)
        return True
    signed = text.startswith(("©", "/")) and not bracketed
    named = found.persons or found.handout_of or signed
    if not (found.agencies or (found.outlets and not bracketed) or (found.handout_of and found.marked)):
        return False
    if not bracketed and not named:
        return False
    add_photo(found, builder, labelled=not bracketed)
    return True


# The Tribun network signs its stories with edition and writer in brackets; other media sign their pictures so. With the
# name first, "(Rina Dewi/BolaSport)", all sign stories.
_SIGNS_STORIES = re.compile(
    r"tribun|serambi|prohaba|sripoku|bangkapos|pos-kupang|surya|wartakota|banjarmasin|bolasport|sportfeat|superball",
    re.I,
)


def _is_bracketed_photo(found: Segments, text: str) -> bool:
    """Whether a bracket names who took a picture beside a medium, and not who wrote a story: "(Tempo/Rina Dewi)".

    Also the Tribun network's own pictures have all in capitals: "(TRIBUNNEWS/RINA DEWI)".
    """
    if not found.persons or found.unknown:
        return False
    if found.handout_of:
        return True  # "(BPMI Setpres/Rina Dewi)"
    if found.outlets:
        return not found.name_first and (text.isupper() or not any(map(_SIGNS_STORIES.match, found.outlets)))
    return found.marked and not found.copied


def add_photo(found: Segments, builder: CreditsBuilder, *, labelled: bool) -> None:
    builder.add(builder.agency, found.agencies)
    if labelled:
        builder.add(builder.agency, found.outlets)
    for name in [*found.outlets, *found.sources]:
        builder.set_source(name)
    if found.persons and (found.agencies or found.outlets or labelled):
        builder.photographer = builder.photographer or found.persons[0]
    builder.handout_of = builder.handout_of or found.handout_of
    builder.initials.extend(found.initials)


# dw.com prints its editors' initials before the bracket: "ap/hp (Reuters, AFP)"
_BRACKETED = re.compile(r"(?:(?P<desk>[a-z]{2,3}(?:/[a-z]{2,3})+)\s)?[(\[](?P<inner>[^()\[\]]{1,160})[)\]][\s.]*")


def read_bracket(line: str, builder: CreditsBuilder) -> bool:
    """Reads a sign-off in brackets: initials, writer and outlet, or a source."""
    match = _BRACKETED.fullmatch(line) if line[0] in "([" or "/" in line[2:4] else None
    if match is None:
        return False
    inner = match["inner"].strip()
    codes = [code.strip() for code in inner.split("/")]
    if len(codes) > 1 and all(map(is_initials, codes)):
        builder.initials.extend(codes)  # "(Eks/Sss)"
        return True
    found = read_segments(inner)
    if match["desk"] is not None:
        if not found.agencies:
            return False  # "km/jam (rata-rata)"
        builder.initials.extend(match["desk"].split("/"))
    if found.unknown and not (found.agencies or found.outlets):
        return bool(found.initials)
    if found.agencies and (found.outlets or not found.persons):
        builder.add(builder.agency, found.agencies)
        builder.set_source(found.sources[0] if found.sources else inner)
        builder.initials.extend(found.initials)
        return True
    builder.initials.extend(found.initials)
    for name in found.outlets:
        builder.set_source(name)
    if found.persons and found.agencies:
        add_photo(found, builder, labelled=True)
    elif found.persons:
        lone = len(found.persons) == 1 and not found.outlets
        if lone and (" " not in found.persons[0] or inner.isupper()):
            return False  # "(IEU-CEPA)", "(Putri)": may be anything
        builder.add(builder.editors if lone and "okezone" in builder.publisher else builder.authors, found.persons)
    return bool(found.initials or found.outlets or found.persons)


_ENDING = re.compile(r"\S\s*[(\[](?P<inner>[^()\[\]]{2,60})[)\]][\s.]*$")


def read_ending(line: str, builder: CreditsBuilder) -> bool:
    """Reads the source or photo credit in brackets at the end of a line: "ujar dia. (AFP)", "Banjir (Foto: AFP)"."""
    if not line.rstrip(" .").endswith((")", "]")):
        return False
    match = _ENDING.search(line[-200:])
    if match is None:
        return False
    bracket = f"({match['inner']})"
    if _is_photos(bracket):
        return read_photo_line(bracket, builder)
    if line[-200:][: match.start() + 1].rstrip()[-1:] in '.!?"”':
        return read_bracket(bracket, builder)
    wire = canonical_agency(match["inner"]) if match["inner"].casefold() not in CAPITALS_ONLY - {"afp"} else None
    builder.add(
        builder.agency, [wire] if wire else []
    )  # "Petani memanen padi (Xinhua)"; "(AP)" may abbreviate anything
    return wire is not None


def _is_photos(bracket: str) -> bool:
    """Whether a bracket in or after a sentence credits a picture: a label, or a medium beside a person or giver."""
    if PHOTO.fullmatch(bracket) is not None:
        return True
    found = read_segments(bracket)
    if found.persons:
        return _is_bracketed_photo(found, bracket) or (bool(found.agencies) and not found.unknown)
    return bool(found.agencies and found.handout_of)
