"""Reads whose picture it is from the end of a caption: "… (ANTARA FOTO/Budi Setya)", "… © AFP", "… Foto: Polda"."""

from __future__ import annotations

import re

from archive.records import PhotoCredit
from lexicon.credits import WORDS, alternation
from lexicon.words import NOT_IN_NAMES
from reading.credits.builder import lower_words
from reading.credits.names import canonical_agency, is_body, is_outlet, is_screen, is_social, looks_like_a_name
from reading.credits.segments import read_segments, without_notice

_BODY_ENDS = frozenset(WORDS["body_ends"])
_PHOTO_WORDS = frozenset(WORDS["photo"])
_CLOSING = re.compile(r"[(\[](?P<inner>[^()\[\]]{2,140}(?:\([^()]*\)[^()\[\]]{0,20})?)[)\]][\s.]*$")
_TRAILING = re.compile(
    r"(?:^|[\s./(]|(?<=[^\W\d_])(?-i:(?=Foto:)))(?<!antara )(?<!afp )"
    rf"(?P<credit>{alternation('closing_photo')}\s?[:.]\s*[^.\n:]{{2,90}}"
    r"|Foto/[^.\n]{2,90}|©.{2,90})\s*\.?$",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"(?:^|[.!?]\s+|\n|\s[-–—]\s+)(?P<credit>(?:(?:(?!\s[-–—]\s)(?:[^.!?\n/()]|(?<=\b[A-Z])\.)){2,40}|[\w-]{2,30}(?:\.[a-z]{2,4}){1,2})"
    r"(?!(?<=\d)/\d)/\s?[^!?\n]{2,80})$"  # not the slash of the date in "Senin (3/6/2024). ANTARA FOTO/Rina Dewi"
)
_RELAYED = re.compile(r"(?:^|[.!?]\s+|\n)(?P<credit>(?P<from>[^.!?\n/()]{2,40}) via (?P<via>[^.!?\n/()]{2,40}))\.?$")
# how Pexels and Unsplash ask to be credited: "Photo by Rina Dewi on Unsplash"
_STOCK = re.compile(
    r"\bphoto by (?P<person>[^.!?\n/()]{2,40}?) (?:on|from) (?P<site>Pexels|Unsplash|Pixabay|Freepik)\.?$", re.I
)
# "… di pelabuhan. Foto oleh Rina Dewi": only after a sentence, which may be about a picture by somebody
_BY = re.compile(
    rf"(?:^|[.!?]\s+)(?P<credit>{alternation('photo')}\s+(?:oleh|by)\s+[^.\n:]{{2,60}})\.?$", re.IGNORECASE
)
# "Suasana pasar. Kredit: Rina Dewi/AFP", "(Credit: BPMI Setpres)": with a capital, because "kredit" is also a loan
_CREDITED = re.compile(
    rf"(?:^|[.!?\"”]\s+|\n|(?P<open>[(\[]))(?=[A-Z])(?P<label>(?i:{alternation('credit')}))\s?:\s*(?P<rest>[^:\n()\[\]]{{2,90}}?)"
    r"(?(open)[)\]])[\s.]*$"
)
_CODED = re.compile(r"(?P<bare>.*\S)\s*\([A-Z]{2,4}\)")
_DATE_SLASH = re.compile(r"\d(?:/\d+)+")
_LONG = 600


def closing_credit(caption: str) -> str | None:
    """Returns the part of a caption that may be its credit: the last bracket, "Foto: …", "Dok. …", "AP/Rina Dewi"."""
    tail = without_notice(caption[-_LONG:]).rstrip()
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
    if (match := _CLOSING.search(tail)) is not None:
        return match.group().strip(" .\n")
    if (match := _TRAILING.search(tail)) is not None:
        return match["credit"].strip()
    if (match := _BY.search(tail)) is not None:
        return match["credit"].strip()
    if (slashed := _slashed_credit(tail)) is not None:
        return slashed
    if (match := _BARE.search(tail)) is not None:
        return match["credit"].strip()
    if "/" in _DATE_SLASH.sub("", tail) and len(tail) < 100 and "\n" not in tail:
        return tail.strip()
    return None


_LAST_WORDS = re.compile(r"(?:\S+\s){0,2}\S+\s?$")


def _slashed_credit(tail: str) -> str | None:
    """Returns a credit that follows its caption without a full stop: "… Demak REUTERS/Rina Dewi", "… roboh /Xinhua"."""
    for slash in re.finditer(r"/", tail[-90:]):
        at = max(0, len(tail) - 90) + slash.start()
        after = tail[at + 1 :].strip(" .")
        words = _LAST_WORDS.search(tail[max(0, at - 60) : at])
        before = words.group().split() if words is not None else []
        for length in range(len(before), 0, -1):
            medium = " ".join(before[-length:])
            if canonical_agency(medium) or (is_outlet(medium) and medium[0].isupper()):
                return tail[tail.rindex(before[-length], 0, at) :].strip() if after else None
        if at and tail[at - 1].isspace() and (canonical_agency(after) or is_outlet(after)):
            return tail[at:].strip()
    return None


def read_photo_credit(caption: str) -> PhotoCredit | None:
    """Reads the credit of a picture from the end of its caption or from its own line; None where there is none.

    `agency` is the wire (canonical) or outlet nearest to the photographer; `handout_of` is the body that provided the
    picture. Screenshots, "ist" and social network accounts are only in `text`, and so is a person alone, who may have
    taken or provided it. A body alone in a bracket after the sentence provided the picture; after a word it is an
    explanation ("Badan Meteorologi (BMKG)") and no credit.
    """
    stock = _STOCK.search(caption[-120:])
    if stock is not None:
        taken_by = stock["person"].strip()
        return PhotoCredit(stock.group(), taken_by if looks_like_a_name(taken_by) else None, stock["site"].capitalize())
    if (labelled := _CREDITED.search(caption[-_LONG:])) is not None:
        return _read_labelled(labelled)
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
        if handout and " " in handout and len(found.persons) == 1 and not found.unknown:
            return PhotoCredit(text, found.persons[0], None, handout)  # "(BPMI Setpres/Rina Dewi)"
        if len(lone) == 1 and found.persons and " " in lone[0] and lone[0].split()[-1].casefold() not in _BODY_ENDS:
            return PhotoCredit(text) if apart else None  # "(Rina Dewi)" took or provided it: we cannot know
        if len(lone) == 1 and apart and _may_have_given(lone[0]):
            handout, found.persons = lone[0], []  # the provider: "(Grammy)", "(Auriga Nusantara)"
        elif not found.sources:
            return None  # "(BMKG)" after a name, "(kanan)", "(5/11)"
    elif not (credited or found.sources or (handout and text != caption.strip())):
        return None  # a whole caption that mentions a body is no credit: "Laga Persib/Persija"
    taken = found.persons and credited and not (found.copied and found.last_medium is None)
    photographer = found.persons[0] if taken else None
    return PhotoCredit(text, photographer, found.last_medium, handout)


def _read_labelled(credit: re.Match[str]) -> PhotoCredit | None:
    """Reads what "Kredit:" labels; None where it names nobody: "Kredit: naik 5 persen", "Kredit: bank menambah"."""
    if lower_words(credit["rest"]) > 1:
        return None
    found = read_segments(credit["rest"])
    if not (found.marked or found.persons or found.agencies or found.outlets or found.handout_of or found.sources):
        return None
    text = credit.group().lstrip(' .!?"”\n').rstrip(" .\n")
    photographer = found.persons[0] if found.persons and not found.copied and not found.unknown else None
    return PhotoCredit(text, photographer, found.last_medium, found.handout_of)


def _may_have_given(name: str) -> bool:
    """Whether a name alone in brackets may be a body's: "(Grammy)", "(Auriga Nusantara)"; not "(AZF)"."""
    if is_body(name):
        return True
    words = name.split()
    return (
        name[0].isupper()
        and words[0].casefold() not in _PHOTO_WORDS
        and not any(letter.isdigit() for letter in name)
        and (len(name) > 3 or not name.isupper())
        and not all(word.casefold() in NOT_IN_NAMES or word.islower() for word in words)
        and sum(map(str.islower, words)) <= 1
    )


def read_credit_apart(line: str) -> PhotoCredit:
    """Reads a photo credit from an element that holds nothing else.

    There, a body or outlet needs no bracket or label; a person alone is only in `text`, as in `read_photo_credit`.
    """
    text = line.strip()
    read = read_photo_credit(text if text.startswith(("(", "[")) else f"({text})")
    return PhotoCredit(text, read.photographer, read.agency, read.handout_of) if read else PhotoCredit(text)
