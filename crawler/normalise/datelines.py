"""The dateline that opens a story: "Mataram, NTB (ANTARA News) -", "JAKARTA, KOMPAS.com –"."""

from __future__ import annotations

import re

from archive.records import Dateline
from crawler.normalise.names import canonical_agency, is_outlet
from lexicon.credits import WORDS
from lexicon.places import ABBREVIATIONS, Place, find_place

_REACH = 140
"""Characters: no dateline is longer."""
_DASH = re.compile(r"\s*,?\s*(?:-{1,3}|[–—―]{1,2}|:)(?=\s|$|[^\s])\s*")
_BRACKET = re.compile(r"(?P<place>[^()]{0,90}?)[\s,]*\((?P<outlet>[^()]{2,60})\)")
_DATE_PART = re.compile(
    r"\d{1,2}\s?[/.-]\s?\d{1,2}(?:\s?[/.-]\s?\d{2,4})?|\d{1,2}\s+[^\W\d]{3,9}\.?(?:\s+\d{4})?|[^\W\d]{3,9}\.?\s+\d{1,2}|\d{4}|\(?\d{1,2}/\d{1,2}\)?"
)
_DOMAIN_EDGE = re.compile(
    r"(?P<head>(?:[\w-]+\.)+(?:com|co\.id|id|co|tv))\.?\s+(?P<after>.+)|(?P<before>.+?)\s+(?P<tail>(?:[\w-]+\.)+(?:com|co\.id|id|co|tv))",
    re.IGNORECASE,
)
_AFTER_OUTLET = re.compile(r"(?P<place>[^\W\d_][\w' ,-]{2,40}?)\s*(?:\.(?=\s)|(?:-{1,3}|[–—])(?=\s|$))\s*")
# "D.C", "St.", but no domain
_PLACE_WORD = re.compile(r"[^\W\d_](?:\.[^\W\d_])+\.?|[^\W\d_][\w'’-]*\.?")
_SMALL = frozenset({"el", "al", "de", "la", "le", "del", "di", "en", "es", "au", "am", "sur", "the", "of"})
_KICKERS = frozenset(WORDS["kickers"])
# A domain whose dot was lost: "KLATEN, KOMPAS com-"
_LOST_DOT = re.compile(r"(?P<name>[\w-]+) (?P<end>com|co\.id|id)", re.IGNORECASE)


def read_dateline(paragraph: str) -> tuple[Dateline | None, str]:
    """The dateline of a story's first paragraph, and the paragraph without it (the whole where there is none).

    A date inside it ("ISTANBUL, 23 Februari 2016 (Antara/PRNewswire) --") belongs to `text` only. A place alone counts
    where the gazetteer knows it or it stands in capitals; "Jakarta-Cikampek" and "VIDEO -" are no datelines.
    """
    lead = len(paragraph) - len(paragraph.lstrip())
    head = paragraph[: lead + _REACH]
    depth_end = _bracket_spans(head)
    for dash in _DASH.finditer(head, lead):
        if any(start < dash.start() < stop for start, stop in depth_end):
            continue
        if ":" in dash.group():
            break
        opening = head[lead : dash.start()]
        tight = bool(opening) and dash.group().strip(" ,") == dash.group() and dash.end() < len(paragraph)
        parsed = _parse(opening.strip(" ,"), tight=tight, after=paragraph[dash.end() : dash.end() + 40])
        if parsed is None:
            continue
        place, outlet, stop = *parsed, dash.end()
        if place is None and (more := _AFTER_OUTLET.match(head, stop)) is not None and _is_place(more["place"]):
            place, stop = more["place"], more.end()
        return _dateline(place, outlet, paragraph[lead:stop].strip()), paragraph[stop:].strip()
    whole = _parse(paragraph.strip().rstrip("-–—, "), tight=False, after="") if len(paragraph) <= 60 else None
    if whole is not None and whole[0] and whole[1] and _known(whole[0]):
        return _dateline(*whole, paragraph.strip()), ""
    return None, paragraph


def _bracket_spans(head: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\([^()]*\)", head)]


def _parse(opening: str, *, tight: bool, after: str) -> tuple[str | None, str | None] | None:
    """Place and outlet of the words before a dash; None where they are no dateline. `tight`: no blank at the dash."""
    if not opening or len(opening) > 110 or "\n" in opening.strip():
        return None
    if (bracket := _BRACKET.fullmatch(opening)) is not None:
        place = _without_dates(bracket["place"])
        outlet = bracket["outlet"].strip()
        first = outlet.split("/")[0]
        known = canonical_agency(first) is not None or is_outlet(first)
        if place and _looks_like_place(place) and (known or _known(place) or place.isupper()):
            return place, outlet
        return (None, outlet) if known and not place else None
    parts = [part.strip() for part in opening.split(",")]
    parts = [part for part in parts if part and not _DATE_PART.fullmatch(part)]
    outlets = [part for part in parts if _is_medium(part)]
    if not outlets and len(parts) == 1 and (edge := _DOMAIN_EDGE.fullmatch(parts[0])) is not None:
        outlets = [edge["head"] or edge["tail"]]
        parts = [edge["after"] or edge["before"]]
    places = [part for part in parts if part not in outlets]
    if outlets:
        if len(outlets) > 1 or not all(_looks_like_place(part) for part in places):
            return None
        place = ", ".join(places)
        if place and parts[0] in places and not (place.isupper() or _known(place)):
            return None  # "Rina Dewi, Okezone-Senin"
        return place or None, outlets[0]
    if len(places) > 1 and places[0].casefold() in _KICKERS:
        places = places[1:]  # "Dunia, Paris-Sebanyak": the section before the place
        tight = False
    place = ", ".join(places)
    if not place or not _is_place(place):
        return None
    if tight and (not place.isupper() or _next_is_place(after)):
        return None  # "Jakarta-Cikampek", "SURABAYA-MALANG"
    return place, None


def _is_medium(part: str) -> bool:
    return canonical_agency(part) is not None or is_outlet(part) or _LOST_DOT.fullmatch(part) is not None


def _without_dates(place: str) -> str:
    parts = [part.strip() for part in place.split(",")]
    return ", ".join(part for part in parts if part and not _DATE_PART.fullmatch(part))


def _known(place: str) -> bool:
    return any(find_place(part) is not None for part in re.split(r"[,/]", place))


def _looks_like_place(place: str) -> bool:
    words = place.replace(",", " ").replace("/", " ").split()
    return 0 < len(words) <= 8 and all(
        _PLACE_WORD.fullmatch(word) and (word[0].isupper() or word.casefold() in _SMALL) for word in words
    )


def _is_place(place: str) -> bool:
    """Whether words without an outlet are a place: one the gazetteer knows, or a name in capitals."""
    if not _looks_like_place(place) or place.casefold() in _KICKERS:
        return False
    last = place.split(",")[-1]
    if find_place(place) is not None or find_place(last) is not None:
        return True
    letters = [letter for letter in place if letter.isalpha()]
    vowels = sum(letter in "AEIOU" for letter in letters)
    return place.isupper() and len(letters) >= 4 and len(place.split()) <= 4 and vowels * 5 >= len(letters)


def _next_is_place(after: str) -> bool:
    word = re.match(r"[\w']+", after)
    return word is not None and (
        (word.group().isupper() and len(word.group()) > 1) or find_place(word.group()) is not None
    )


def _dateline(place: str | None, outlet: str | None, text: str) -> Dateline:
    if place is None:
        return Dateline(None, outlet, text)
    printed = title_case(place)
    canonical, province, country = _located(printed)
    return Dateline(printed, outlet, text, canonical, province, country)


def title_case(place: str) -> str:
    """A place in capitals as it is written elsewhere: "HO CHI MINH CITY" is Ho Chi Minh City, "NTB" stays NTB."""
    if not place.isupper():
        return place
    return " ".join(
        word if word.strip(",") in ABBREVIATIONS or "." in word.rstrip(".,") else _capitalised(word)
        for word in place.split()
    )


def _capitalised(word: str) -> str:
    return re.sub(r"[^\W\d_][\w'’]*", lambda part: part.group()[0] + part.group()[1:].lower(), word)


def _located(place: str) -> tuple[str | None, str | None, str | None]:
    """Canonical name, province and country; what stands after the comma ("Mataram, NTB") decides between namesakes."""
    parts = [part.strip() for part in place.split(",") if part.strip()]
    first: Place | None = find_place(place) or find_place(parts[0])
    if len(parts) == 1:
        return (first.canonical, first.province, first.country) if first else (None, None, None)
    area = find_place(parts[-1])
    if area is None:
        return (first.canonical, first.province, first.country) if first else (None, None, None)
    if first is not None and first.country == area.country and area.province in (None, first.province):
        return first.canonical, first.province, first.country
    return parts[0], area.province, area.country
