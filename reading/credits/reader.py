"""By-lines, credits and sources of a story, read from the lines that carry them.

Each line is offered to the readers below in turn; the first that knows its form takes it. What no reader knows is body
text or a name we cannot place, and gives nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lexicon.credits import WORDS, alternation
from reading.credits.builder import CreditsBuilder, lower_words
from reading.credits.datelines import read_opening
from reading.credits.lines import (
    EMPTY_LABEL,
    HOUSE,
    LABEL,
    PHOTO,
    ROLES,
    WHOLE_LINE,
    read_elsewhere,
    read_line,
    read_photo_line,
)
from reading.credits.names import canonical_agency, is_outlet, people
from reading.credits.photos import read_credit_apart, read_photo_credit

__all__ = [
    "Credits",
    "canonical_agency",
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
    """What a text credits. `agency` holds wires and photo agencies in canonical names, and in a photo credit the outlet
    whose photographer it is; `dateline_agency` and `source_credit` are as printed, but ANTARA is always ANTARA."""

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
"""Characters: credits stand in short lines; of a longer text the beginning and the end are read."""


def read_credits(text: str, publisher: str | None = None) -> Credits:
    """The credits of a text: one line, or the head and foot of a story. Unknown lines give nothing; nothing is raised.

    `publisher` is the domain that printed it: okezone.com closes with its editor's name, others with the writer's.
    """
    if len(text) > _LIMIT:
        text = text[: _LIMIT // 2] + "\n" + text[-_LIMIT // 2 :]
    got = CreditsBuilder((publisher or "").casefold())
    lines = _lines(text)
    if not _read_stack(lines, got):
        for line in lines:
            read_line(line, got)
    return Credits(
        got.dateline_place, got.dateline_agency, tuple(got.authors), tuple(got.editors), got.photographer,
        tuple(got.agency), got.handout_of, got.source_credit, got.copyright_year, tuple(got.initials),
    )  # fmt: skip


def _lines(text: str) -> list[str]:
    """The lines that are not empty; a label alone draws the line after it ("Penulis:" / "Andari")."""
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


def _read_stack(lines: list[str], got: CreditsBuilder) -> bool:
    """Kompas prints writer, editor and "Tim Redaksi" (or "Penulis") in lines of their own."""
    if len(lines) < 2:
        return False
    closing = lines[-1].casefold()
    heading = lines[0].casefold()
    if len(lines) == 2 and heading in WORDS["without_colon"] and people(lines[1]):
        got.add(got.editors if ROLES[heading] == "editor" else got.authors, people(lines[1]))
        return True
    if closing == "tim redaksi" and len(lines) == 3:
        got.add(got.authors, people(lines[0]))
        got.add(got.editors, people(lines[1]))
        return True
    if closing in WORDS["collective"] and len(lines) == 2 and people(lines[0]):
        got.add(got.editors if closing == "editor" else got.authors, people(lines[0]))
        return True
    return False


_SENTENCE_END = re.compile(r"[.!?…][\"”’')]*$")
_GOES_ON = re.compile(r"[.!?][\"”’')]*\s+[\"“‘'(]?[A-Z]|https?://\S+\s+\S")
_LINKS = alternation("links", "links_with_colon")
_LINK = re.compile(rf"{_LINKS}\b\s?(?P<colon>:)?", re.IGNORECASE)
_NEED_A_COLON = frozenset(WORDS["links_with_colon"])
# "… kata dia. (Baca: Hujan Turun di Kupang)": kompas.com set its links so until 2017, within and behind paragraphs
_LINK_IN_BRACKETS = re.compile(rf"\s{{0,3}}[(\[]\s{{0,3}}{_LINKS}\s?:[^()\[\]\n]{{3,250}}[)\]]\.?", re.IGNORECASE)
_FORMS_OF_BOILERPLATE = re.compile("|".join(WORDS["boilerplate_forms"]))
_FEW = 3
"""Words in lower case: a sentence has more."""


def is_boilerplate(paragraph: str) -> bool:
    """Whether a paragraph is the site's own: a link to another story, a notice, a mark between a story's parts."""
    line = " ".join(paragraph.split())
    folded = line.casefold()
    if not line or len(line) > 300:
        return False
    return (
        folded in WORDS["boilerplate_whole"]
        or folded.strip("()") in WORDS["boilerplate_whole"]
        or folded.lstrip("*•-– ").startswith(WORDS["notices"])
        or _FORMS_OF_BOILERPLATE.fullmatch(folded) is not None
        or _is_link(line)
    )


def is_credit_line(paragraph: str) -> bool:
    """Whether a paragraph is a by-line, credit, copyright, sign-off, link or notice, and holds no text of the story.

    Where both stand in one paragraph the answer is no: a credit left in a body is a blemish, lost text is a loss.
    """
    if len(paragraph) > 1_000:
        return False
    if is_boilerplate(paragraph):
        return True
    line = " ".join(paragraph.split())
    if not line or len(line) > 250:
        return False
    elsewhere = read_elsewhere(line, CreditsBuilder(""))
    if _SENTENCE_END.search(line) and lower_words(line) > _FEW:
        return elsewhere
    if read_opening(line).dateline is not None:
        house = HOUSE.fullmatch(line)  # "Rina Dewi - detikNews" looks like one
        if house is None or not is_outlet(house["outlet"]):
            return False
    if (label := LABEL.match(line.lstrip("("))) is not None:
        return len(line) <= 160 and lower_words(line[label.end() :]) <= _FEW + 1
    if PHOTO.fullmatch(line) is not None and len(line) <= 120:
        return lower_words(line) <= _FEW and read_photo_line(line, CreditsBuilder(""))
    return (lower_words(line) <= 2 * _FEW and any(form(line, CreditsBuilder("")) for form in WHOLE_LINE)) or elsewhere


def without_links(paragraph: str) -> str:
    """A paragraph without the links to other stories that stand in it in brackets."""
    return _LINK_IN_BRACKETS.sub("", paragraph).strip() if ":" in paragraph else paragraph


def _is_link(line: str) -> bool:
    """ "Baca juga: Hujan turun di Kupang"; not a sentence, nor a link with the story going on behind it."""
    link = _LINK.match(line)
    if link is None or _GOES_ON.search(line, link.end()):
        return False
    if link.group().strip(" :").casefold() in _NEED_A_COLON:
        return link["colon"] is not None and not line.endswith(".")
    return link["colon"] is not None or not line.endswith(".")
