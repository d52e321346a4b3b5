"""Reads bylines, credits and sources of a story from its lines, and tells credit lines from body text.

The first reader in `reading.credits.lines` whose form matches reads a line. A line that matches none is body text or a
name without a role, and adds nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lexicon.credits import WORDS, alternation
from reading.credits.brackets import PHOTO, read_photo_line
from reading.credits.builder import CreditsBuilder, lower_words
from reading.credits.datelines import read_opening
from reading.credits.lines import (
    EMPTY_LABEL,
    HOUSE,
    LABEL,
    ROLES,
    WHOLE_LINE,
    read_elsewhere,
    read_line,
)
from reading.credits.names import canonical_agency, is_outlet, people
from reading.credits.photos import read_credit_apart, read_photo_credit

__all__ = [
    "Credits",
    "canonical_agency",
    "credits_somebody",
    "is_boilerplate",
    "is_credit_line",
    "people",
    "read_credit_apart",
    "read_credits",
    "read_photo_credit",
    "without_links",
]


@dataclass(frozen=True, slots=True)
class Credits:
    """What a text credits. `agency` has the canonical names of wires and photo agencies, and the outlet of a photo
    credit; `dateline_agency` and `source_credit` are as printed, except that ANTARA is always ANTARA."""

    dateline_place: str | None = None
    dateline_agency: str | None = None
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    photographer: str | None = None
    agency: tuple[str, ...] = ()
    handout_of: str | None = None
    source_credit: str | None = None
    copyright_year: int | None = None
    initials: tuple[str, ...] = ()


_LIMIT = 20_000
"""Characters: of a longer text, only the beginning and the end are read."""


def read_credits(text: str, publisher: str | None = None) -> Credits:
    """Reads the credits of a text: one line, or the first and last lines of a story. Never raises.

    `publisher` is the domain that printed it: okezone.com ends with the editor's name, others with the writer's.
    """
    if len(text) > _LIMIT:
        text = text[: _LIMIT // 2] + "\n" + text[-_LIMIT // 2 :]
    builder = CreditsBuilder((publisher or "").casefold())
    lines = _lines(text)
    if not _read_stack(lines, builder):
        for line in lines:
            read_line(line, builder)
    return Credits(
        dateline_place=builder.dateline_place,
        dateline_agency=builder.dateline_agency,
        authors=tuple(builder.authors),
        editors=tuple(builder.editors),
        photographer=builder.photographer,
        agency=tuple(builder.agency),
        handout_of=builder.handout_of,
        source_credit=builder.source_credit,
        copyright_year=builder.copyright_year,
        initials=tuple(builder.initials),
    )


def _lines(text: str) -> list[str]:
    """Splits into lines that are not empty, and joins a label alone with the next line ("Penulis:" / "Andari")."""
    found: list[str] = []
    for raw in text.split("\n"):
        line = raw.strip(" \t\r•\xa0").strip()
        if not line:
            continue
        if found and found[-1].endswith((":", "：")) and EMPTY_LABEL.fullmatch(found[-1]):
            found[-1] = f"{found[-1]} {line}"
        else:
            found.append(line)
    return found


def _read_stack(lines: list[str], builder: CreditsBuilder) -> bool:
    """Reads writer, editor and "Tim Redaksi" (or "Penulis") from separate lines, as Kompas prints them."""
    if len(lines) < 2:
        return False
    closing = lines[-1].casefold()
    heading = lines[0].casefold()
    if len(lines) == 2 and heading in WORDS["without_colon"] and people(lines[1]):
        builder.add(builder.editors if ROLES[heading] == "editor" else builder.authors, people(lines[1]))
        return True
    if closing == "tim redaksi" and len(lines) == 3:
        builder.add(builder.authors, people(lines[0]))
        builder.add(builder.editors, people(lines[1]))
        return True
    if closing in WORDS["collective"] and len(lines) == 2 and people(lines[0]):
        builder.add(builder.editors if closing == "editor" else builder.authors, people(lines[0]))
        return True
    return False


_SENTENCE_END = re.compile(r"[.!?…][\"”’')]*$")
_GOES_ON = re.compile(r"[.!?][\"”’')]*\s+[\"“‘'(]?[A-Z]|https?://\S+\s+\S")
_LINKS = alternation("links", "links_with_colon")
_LINK = re.compile(rf"{_LINKS}\b\s?(?P<colon>:)?", re.IGNORECASE)
_NEED_A_COLON = frozenset(WORDS["links_with_colon"])
# "… kata dia. (Baca: Hujan Turun di Kupang)": kompas.com until 2017, in and after paragraphs
_LINK_IN_BRACKETS = re.compile(rf"\s{{0,3}}[(\[]\s{{0,3}}{_LINKS}\s?:[^()\[\]\n]{{3,250}}[)\]]\.?", re.IGNORECASE)
_FORMS_OF_BOILERPLATE = re.compile("|".join(WORDS["boilerplate_forms"]))
_MOST_LOWER_WORDS = 3
"""A sentence has more lower-case words."""


@lru_cache(maxsize=256)  # a page's paragraphs, each asked about several times
def is_boilerplate(paragraph: str) -> bool:
    """Whether a paragraph is the site's, not the story's: a link to another story, a notice, a page mark."""
    line = " ".join(paragraph.split())
    if not line or len(line) > 300:
        return False
    folded = line.casefold()
    return (
        folded in WORDS["boilerplate_whole"]
        or folded.strip("()[]-–—•.…: ") in WORDS["boilerplate_whole"]
        or folded.lstrip("*•-– ").startswith(WORDS["notices"])
        or _FORMS_OF_BOILERPLATE.fullmatch(folded) is not None
        or _is_link(line[1:-1] if line.startswith("(") and line.endswith(")") else line)
    )


def is_credit_line(paragraph: str) -> bool:
    """Whether a paragraph is a byline, credit, copyright, sign-off, link or notice, without any text of the story.

    No for a paragraph with both: a credit left in a body is a small flaw, but lost text is lost.
    """
    return len(paragraph) <= 1_000 and (is_boilerplate(paragraph) or credits_somebody(paragraph))


@lru_cache(maxsize=256)
def credits_somebody(paragraph: str) -> bool:
    """`is_credit_line` for a paragraph that is no boilerplate."""
    line = " ".join(paragraph.split())
    if not line or len(line) > 250:
        return False
    builder = CreditsBuilder("")  # what is read into it does not matter here
    elsewhere = read_elsewhere(line, builder)
    if _SENTENCE_END.search(line) and lower_words(line) > _MOST_LOWER_WORDS:
        return elsewhere
    if read_opening(line).dateline is not None:
        house = HOUSE.fullmatch(line)  # "Rina Dewi - detikNews" looks like a dateline
        if house is None or not is_outlet(house["outlet"]):
            return False
    if (label := LABEL.match(line.lstrip("("))) is not None:
        return len(line) <= 160 and lower_words(line[label.end() :]) <= _MOST_LOWER_WORDS + 1
    if PHOTO.fullmatch(line) is not None and len(line) <= 120:
        return lower_words(line) <= _MOST_LOWER_WORDS and read_photo_line(line, builder)
    return (lower_words(line) <= 2 * _MOST_LOWER_WORDS and any(form(line, builder) for form in WHOLE_LINE)) or elsewhere


def without_links(paragraph: str) -> str:
    """Removes links to other stories in brackets from a paragraph."""
    return _LINK_IN_BRACKETS.sub("", paragraph).strip() if ":" in paragraph else paragraph


def _is_link(line: str) -> bool:
    """Whether a line is a link, "Baca juga: Hujan turun di Kupang": no sentence, and no story text after it."""
    link = _LINK.match(line)
    if link is None or _GOES_ON.search(line, link.end()):
        return False
    if link.group().strip(" :").casefold() in _NEED_A_COLON:
        return link["colon"] is not None and not line.endswith(".")
    return link["colon"] is not None or not line.endswith(".")
