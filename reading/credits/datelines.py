"""Reads the dateline that opens a story: "Mataram, NTB (ANTARA News) -", "JAKARTA, KOMPAS.com –"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from archive.records import Dateline
from lexicon.credits import WORDS
from lexicon.domains import DOMAIN, ENDING, ENDING_AFTER_LOST_DOT
from lexicon.places import ABBREVIATIONS, Place, find_place
from lexicon.words import NOT_IN_NAMES
from reading.credits.names import canonical_agency, is_known_outlet, is_outlet


@dataclass(frozen=True, slots=True)
class StoryOpening:
    """The first paragraph of a story, split: the text before the dateline, the dateline, and the text after it."""

    before: str
    dateline: Dateline | None
    rest: str


_LONGEST_DATELINE = 140
"""Characters."""
_DASH = re.compile(r"\s*,?\s*(?:-{1,3}|[–—―]{1,2}|:)(?=\s|$|[^\s])\s*")
_BRACKET = re.compile(r"(?P<place>[^()]{0,90}?)[\s,]*\((?P<outlet>[^()]{2,60})\)")
_DATE_PART = re.compile(
    r"(?i:senin|selasa|rabu|kamis|jum.?at|sabtu|minggu|ahad)|\d{1,2}\s?[/.-]\s?\d{1,2}(?:\s?[/.-]\s?\d{2,4})?|\d{1,2}\s+[^\W\d]{3,9}\.?(?:\s+\d{4})?|[^\W\d]{3,9}\.?\s+\d{1,2}|\d{4}|\(?\d{1,2}/\d{1,2}\)?"
)
_DOMAIN_EDGE = re.compile(rf"(?P<head>{DOMAIN})\.?\s+(?P<after>.+)|(?P<before>.+?)\s+(?P<tail>{DOMAIN})", re.IGNORECASE)
_AFTER_OUTLET = re.compile(r"(?P<place>[^\W\d_][\w' ,/-]{2,40}?)\s*(?:\.(?=\s)|(?:-{1,3}|[–—])(?=\s|$))\s*")
_IN_DOMAIN = re.compile(rf"[\w-]+\.{ENDING}\b", re.IGNORECASE)
# "D.C", "St.", but no domain
_PLACE_WORD = re.compile(r"[^\W\d_](?:\.[^\W\d_])+\.?|[^\W\d_][\w'’-]*\.?")
_SMALL = frozenset({"el", "al", "de", "la", "le", "del", "en", "es", "au", "am", "sur", "the", "of"})
_KICKERS = frozenset(WORDS["kickers"])
_NO_PLACE_WORDS = frozenset(WORDS["no_place_words"])
_CITED_AFTER = frozenset(WORDS["before_medium"])
# A domain whose dot is lost or mistyped: "KLATEN, KOMPAS com-", "TRIBUNNEWS,COM -", "TRIBUNNEWS.CO M -"
_LOST_DOT = re.compile(rf"[\w-]+(?: |, ?){ENDING_AFTER_LOST_DOT}|[\w-]+\.co m", re.IGNORECASE)


def read_dateline(paragraph: str) -> tuple[Dateline | None, str]:
    """Returns the dateline of a story's first paragraph, and the paragraph without it; None and all of it without one.

    A date inside it ("ISTANBUL, 23 Februari 2016 (Antara/PRNewswire) --") is only in `text`. A place alone counts if
    the gazetteer has it or it is in capitals; "Jakarta-Cikampek" and "VIDEO -" are no datelines.
    """
    lead = len(paragraph) - len(paragraph.lstrip())
    head = paragraph[: lead + _LONGEST_DATELINE]
    depth_end = _bracket_spans(head)
    for dash in _DASH.finditer(head, lead):
        if any(start < dash.start() < stop for start, stop in depth_end):
            continue
        opening = head[lead : dash.start()]
        if ":" in dash.group():
            glued = not dash.group()[-1].isspace() and dash.end() < len(paragraph)
            if glued or (place_outlet := _before_colon(opening.strip(" ,"), paragraph[dash.end() :])) is None:
                break
            return _dateline(*place_outlet, paragraph[lead : dash.end()].strip()), paragraph[dash.end() :].strip()
        tight = bool(opening) and dash.group().strip(" ,") == dash.group() and dash.end() < len(paragraph)
        if tight and _IN_DOMAIN.match(paragraph, dash.end()):
            continue  # "TRIBUN-MEDAN.com, MEDAN -"
        tight = tight and len(dash.group()) == 1
        parsed = _parse(opening.strip(" ,"), tight=tight, after=paragraph[dash.end() : dash.end() + 40])
        if parsed is None:
            continue
        place, outlet, stop = *parsed, dash.end()
        if place is None and (more := _AFTER_OUTLET.match(head, stop)) is not None and _is_place(more["place"]):
            place, stop = more["place"], more.end()
        return _dateline(place, outlet, paragraph[lead:stop].strip()), paragraph[stop:].strip()
    if (lost := _DASH_LOST.match(head, lead)) is not None and (place := _place_ahead(head, lost)) is not None:
        stop = lost.end() + len(place)
        return _dateline(place.strip(), lost["outlet"], paragraph[lead:stop].strip()), paragraph[stop:].strip()
    whole = _parse(paragraph.strip().rstrip("-–—, "), tight=False, after="") if len(paragraph) <= 60 else None
    if whole is not None and whole[0] and whole[1] and _has_known_place(whole[0]):
        return _dateline(*whole, paragraph.strip()), ""
    return None, paragraph


_FEWEST_WORDS_AFTER_A_COLON = 8
"""After a place and a colon; fewer are a list's or a subhead's: "Bandung: hujan ringan"."""


def _before_colon(opening: str, rest: str) -> tuple[str | None, str | None] | None:
    """Returns place and outlet of a dateline that a colon closes: "Jakarta:" (medcom.id), "KBRN, Jakarta:" (rri.co.id).

    The place must be a town of the gazetteer; "Ketua Komisi:", "Bali:" and "Indonesia:" open no story.
    """
    parsed = _parse(opening, tight=False, after="")
    if parsed is None or parsed[0] is None:
        return None
    town = find_place(re.split(r"[,/]", parsed[0])[0])
    if town is None or town.canonical in (town.country, town.province):
        return None
    if (
        parsed[1] is None
        and rest.strip()
        and (len(rest.split()) < _FEWEST_WORDS_AFTER_A_COLON or not rest.lstrip(" \"“‘'")[:1].isupper())
    ):
        return None
    return parsed


_SEARCHED = 480
"""Characters: a pull quote, headline or byline before the dateline is shorter."""
_WIRE = re.compile(r"[\s,]*(?:--?\s?)?\((?P<outlet>[^()\n]{2,60})\)\s*(?:-{1,3}|[–—―])\s*")
_SITE = re.compile(
    rf"(?<![\w.@/-])(?P<outlet>(?:[A-Z][\w-]*\.)+{ENDING})\b"
    r"(?:[.,]?\s+(?P<place>[^\W\d_][\w', ]{2,40}?))?[\s,]*(?:-{1,3}|[–—―])\s+",
    re.IGNORECASE,
)
_WORDS = re.compile(r"[^\s\"“”]+$")


def read_opening(paragraph: str) -> StoryOpening:
    """Reads the dateline of a story's first paragraph, even with text before it.

    Pages that set them in one block join a byline ("Laporan Wartawan …, Nama TRIBUNNEWS.COM, JAKARTA -"), a headline or
    ANTARA's pull quote to the dateline. There, a dateline must name its medium, and must not quote it ("dikutip dari
    KOMPAS.com - …").
    """
    dateline, rest = read_dateline(paragraph)
    if dateline is not None:
        return StoryOpening("", dateline, rest)
    head = paragraph[:_SEARCHED]
    quoted = _after_quote(head) if "(" in head else None
    signed = _after_byline(head) if "." in head else None
    found = [each for each in (quoted, signed) if each is not None]
    if not found:
        return StoryOpening("", None, paragraph)
    start, stop, place, outlet = min(found)
    printed = paragraph[start:stop].strip()
    return StoryOpening(paragraph[:start].strip(), _dateline(place or None, outlet, printed), paragraph[stop:].strip())


_DatelineMatch = tuple[int, int, str, str]


def _after_quote(head: str) -> _DatelineMatch | None:
    """Reads "… reindustrialisasi Penajam Paser Utara (ANTARA) -"; the gazetteer says where the place starts."""
    for match in _WIRE.finditer(head):
        outlet = match["outlet"].strip()
        first = outlet.split("/")[0]
        if canonical_agency(first) is None and not is_outlet(first):
            continue
        if (start := _place_before(head, match.start())) is not None:
            return start, match.end(), head[start : match.start()].strip(" ,-"), outlet
    return None


def _after_byline(head: str) -> _DatelineMatch | None:
    """Reads "Laporan Wartawan …, Nama TRIBUNNEWS.COM, JAKARTA -"."""
    for match in _SITE.finditer(head):
        outlet, place = match["outlet"], (match["place"] or "").strip(" ,")
        signs = outlet.isupper() or is_known_outlet(outlet)
        if not signs or (place and not (_is_place(place) and (place.isupper() or find_place(place) is not None))):
            continue
        before = head[: match.start()].rstrip()
        word = _WORDS.search(before)
        if word is not None and word.group().casefold() in _CITED_AFTER:
            continue
        start = match.start()
        if not place and before.endswith(",") and (begin := _place_before(head, len(before) - 1)) is not None:
            start, place = begin, head[begin : len(before) - 1]
        return start, match.end(), place, outlet
    return None


def _place_before(head: str, stop: int) -> int | None:
    """Returns the start of the longest known place that ends at `stop`: "Penajam Paser Utara", "Awja, Irak"."""
    starts = [word.start() for word in re.finditer(r"[^\s\"“”(]+", head[:stop])][-6:]
    for start in starts:
        place = head[start:stop].strip(" ,-")
        parts = [part.strip() for part in place.split(",")]
        if not _looks_like_place(place) or not all(parts):
            continue
        if find_place(place) is not None or (len(parts) > 1 and all(find_place(part) is not None for part in parts)):
            before = _WORDS.search(head[:start].rstrip())
            return None if before is not None and before.group().casefold() in _CITED_AFTER else start
    return None


# Liputan6 loses its dash where tags are removed: "Liputan6.com, JakartaKita …"
_DASH_LOST = re.compile(rf"(?P<outlet>{DOMAIN}),\s?(?=[A-Z])", re.IGNORECASE)


def _place_ahead(head: str, outlet: re.Match[str]) -> str | None:
    """Returns the longest known place after an outlet of the lexicon and before a capital letter."""
    if not is_known_outlet(outlet["outlet"]):
        return None
    found = None
    for length in range(1, 40):
        place = head[outlet.end() : outlet.end() + length]
        rest = head[outlet.end() + length : outlet.end() + length + 2].lstrip()
        if rest[:1].isupper() and find_place(place.strip()) is not None:
            found = place
    return found


def _bracket_spans(head: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"\([^()]*\)", head)]


def _parse(opening: str, *, tight: bool, after: str) -> tuple[str | None, str | None] | None:
    """Returns place and outlet before a dash; None if it is no dateline. `tight`: no blank at the dash."""
    if not opening or len(opening) > 110 or "\n" in opening.strip():
        return None
    opening = opening.replace("|", ",")  # "SURYA.co.id | SURABAYA -"
    if opening.endswith(")."):
        opening = opening[:-1]  # "BANDUNG, (PR).-"
    bracket = _BRACKET.fullmatch(opening)
    if bracket is not None and all(_DATE_PART.fullmatch(part.strip()) for part in bracket["outlet"].split(",")):
        opening, bracket = bracket["place"].strip(" ,"), None  # "KUPANG (3/6/2024) -"
    if bracket is not None:
        place = _without_dates(bracket["place"])
        outlet = bracket["outlet"].strip()
        if find_place(outlet) is not None and is_outlet(bracket["place"].strip()):
            return outlet, bracket["place"].strip()  # "Arrahmah.com (Kupang) -"
        first = outlet.split("/")[0]
        known = canonical_agency(first) is not None or is_outlet(first)
        if place and _looks_like_place(place) and (known or _has_known_place(place) or place.isupper()):
            return place, outlet
        return (None, outlet) if known and not place else None
    if _LOST_DOT.fullmatch(opening) is not None:
        return None, opening  # "TRIBUNNEWS,COM -"
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
        if place and parts[0] in places and not (place.isupper() or _has_known_place(place)):
            return None  # "Rina Dewi, Okezone-Senin"
        return place or None, outlets[0]
    if len(places) > 1 and places[0].casefold() in _KICKERS:
        places = places[1:]  # "Dunia, Paris-Sebanyak": a section before the place
        tight = False
    if len(places) == 2 and _is_unknown_paper(*places):
        return places[0], places[1]
    place = ", ".join(places)
    if not place or not _is_place(place):
        return None
    found = find_place(place)
    if found is not None and found.canonical == found.country and _next_is_place(after):
        return None  # "Indonesia - Malaysia berunding"
    if tight and (not place.isupper() or _next_is_place(after) or after[:1].islower()):
        return None  # "Jakarta-Cikampek", "SURABAYA-MALANG", "PSSI-nya"
    return place, None


def _is_unknown_paper(place: str, paper: str) -> bool:
    """Whether an Indonesian town is followed by a word in capitals that is no place: "KUPANG, TIMEX-"."""
    town = find_place(place)
    return (
        town is not None
        and town.country == "Indonesia"
        and place.isupper()
        and paper.isupper()
        and " " not in paper
        and find_place(paper) is None
        and not {paper.casefold()} & (_KICKERS | _NO_PLACE_WORDS | NOT_IN_NAMES)
    )


def _is_medium(part: str) -> bool:
    return canonical_agency(part) is not None or is_outlet(part) or _LOST_DOT.fullmatch(part) is not None


def _without_dates(place: str) -> str:
    parts = [part.strip() for part in place.split(",")]
    return ", ".join(part for part in parts if part and not _DATE_PART.fullmatch(part))


def _has_known_place(place: str) -> bool:
    return any(find_place(part) is not None for part in re.split(r"[,/]", place))


def _looks_like_place(place: str) -> bool:
    words = place.replace(",", " ").replace("/", " ").split()
    return 0 < len(words) <= 8 and all(
        _PLACE_WORD.fullmatch(word) and (word[0].isupper() or word.casefold() in _SMALL) for word in words
    )


def _is_place(place: str) -> bool:
    """Whether words without an outlet are a place: in the gazetteer, or a name in capitals."""
    if not _looks_like_place(place) or place.casefold() in _KICKERS:
        return False
    last = re.split(r"[,/]", place)[-1]
    if find_place(place) is not None or find_place(last) is not None:
        return True
    letters = [letter for letter in place if letter.isalpha()]
    vowels = sum(letter in "AEIOU" for letter in letters)
    words = place.split()
    if not _NO_PLACE_WORDS.isdisjoint(place.casefold().split()):
        return False  # "INFO NASIONAL", "HARGA EMAS"
    named = len(words) <= 4 and all(len(word.strip(",")) >= 4 for word in words)  # unlike "TNI AL"
    return place.isupper() and named and vowels * 5 >= len(letters)


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
    """Returns a place in title case: "HO CHI MINH CITY" becomes Ho Chi Minh City; "NTB" stays."""
    if not place.isupper():
        return place
    return " ".join(
        word if word.strip(",") in ABBREVIATIONS or "." in word.rstrip(".,") else _capitalised(word)
        for word in place.split()
    )


def _capitalised(word: str) -> str:
    return re.sub(r"[^\W\d_][\w'’]*", lambda part: part.group()[0] + part.group()[1:].lower(), word)


def _located(place: str) -> tuple[str | None, str | None, str | None]:
    """Returns canonical name, province, country; the area after a comma ("Mataram, NTB") decides between namesakes."""
    parts = [part.strip() for part in place.split(",") if part.strip()]
    first: Place | None = find_place(place) or find_place(parts[0]) or find_place(parts[0].split("/")[0])
    if len(parts) == 1:
        return (first.canonical, first.province, first.country) if first else (None, None, None)
    area = find_place(parts[-1])
    if area is None:
        return (first.canonical, first.province, first.country) if first else (None, None, None)
    if first is not None and first.country == area.country and area.province in (None, first.province):
        return first.canonical, first.province, first.country
    return parts[0], area.province, area.country
