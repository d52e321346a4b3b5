"""What stands below the last sentence of a story and is not its text: addresses, stamps, sign-offs, a writer's card.

Each rule holds at the very end only: a story may quote an address, a date or a name and go on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from lexicon.credits import WORDS
from reading.credits.reader import is_credit_line
from reading.extract.body import tidy
from reading.extract.story_block import STAMP

# A press release ends with its sender's addresses
_RELEASE_FOOTER = re.compile(r"^(?:kontak(?: media)?|(?:media )?contacts?|narahubung|informasi kontak)\s{0,3}:", re.I)
_LONGEST_ADDRESS = 12
"""Words of a name, an office or an address."""
_CONTACT = re.compile(
    r"@|https?:|www\.|\b(?:telp?|telepon|phone|hp|fax|faks|email|e-mail|surel|wa)\b|\d[\d ()+-]{6,20}\d", re.I
)
# "(abc/def)": writer and editor by their initials; "(AZF)" and "(rs616)" only after a sentence, as they may be words
# of it
_INITIALS = re.compile(
    r"\s{0,3}\((?:[a-z]{2,5}/){1,3}[a-z]{2,5}\)\.?$|(?<=[.!?\"”])\s{0,3}\((?:[A-Z]{2,4}|[a-z]{1,5}-?\d{1,4})\)\.?$"
)
_SIGN_OFF = re.compile(r"\s{0,3}[(\[][^()\[\]\n]{2,40}[)\]]\.?$")
# "(rs616)", "[mel]", "(Goal/Sat/R-1)", "AZF": a code of the desk in a paragraph of its own
_CODE = re.compile(r"[(\[](?:[\w.&*-]{1,10}(?:\s?[/|,]\s?|$|(?=[)\]]))){1,4}[)\]]\.?|[A-Z]{2,4}")
_ASTERISKS = re.compile(r"\s{0,3}(?:\(\*{1,3}/?\)|\*{2,5})$")
_SENTENCE_ENDS = tuple(".!?\"”’'…)]*")
_LONGEST_STAMP = 70
_LETTERS = re.compile(r"[^\W\d_]+")
_STAMP_WORDS = frozenset(
    "senin selasa rabu kamis jumat jum at sabtu minggu ahad monday tuesday wednesday thursday friday saturday sunday "
    "wib wita wit am pm gmt utc dimuat diterbitkan dipublikasikan diposting terbit tayang published posted updated "
    "update diperbarui diupdate last on pada tanggal pukul jam at kalender".split()
)
_LAST_PARAGRAPHS = 4
_HEADINGS_OF_LISTS = frozenset(WORDS["headings_of_lists"])
_SHORTEST_PROSE = 12
_LONGEST_CARD = 80
"""Words on the writer; a longer text is none."""
_QUOTES = str.maketrans("“”‘’–—\u00a0", "\"\"''-- ")


@lru_cache(maxsize=256)  # the lines of a page, each compared with all that stands around the story
def folded(text: str) -> str:
    """Returns a text for comparison: one line, without case and typographic variants."""
    line = tidy(text)
    return line.lower() if line.isascii() else line.translate(_QUOTES).casefold()


def without_footer(paragraphs: list[str]) -> list[str]:
    """The paragraphs without the sender's addresses that end a press release."""
    for at in range(max(1, len(paragraphs) * 2 // 3), len(paragraphs)):
        if _RELEASE_FOOTER.match(paragraphs[at]) and all(map(_is_address, paragraphs[at + 1 :])):
            return paragraphs[:at]
    return paragraphs


def _is_address(paragraph: str) -> bool:
    """Whether a paragraph is a name, an office, an address or a number, and no sentence."""
    words = len(paragraph.split())
    return words <= _LONGEST_ADDRESS or (_CONTACT.search(paragraph) is not None and words <= 40)


def split_off_sign_offs(paragraphs: Sequence[str]) -> tuple[list[str], list[str]]:
    """The paragraphs without stamps and sign-offs at their end, and these sign-offs."""
    kept, sign_offs = list(paragraphs), []
    while len(kept) > 1 and (_is_stamp(kept[-1]) or _CODE.fullmatch(kept[-1])):
        sign_offs += [] if _is_stamp(kept[-1]) else [kept[-1].strip(" .")]
        kept.pop()
    if kept:
        kept[-1], sign_off = closing_sign_off(kept[-1])
        sign_offs += [sign_off] if sign_off is not None else []
    return kept, sign_offs


def _is_stamp(paragraph: str) -> bool:
    """Whether a paragraph is a date and hardly anything else: "Dimuat: Minggu, 23 Juli 2023 05:16 WIB"."""
    if len(paragraph) > _LONGEST_STAMP or not (stamp := STAMP.search(paragraph)):
        return False
    around = f"{paragraph[: stamp.start()]} {paragraph[stamp.end() :]}".casefold()
    return all(word in _STAMP_WORDS for word in _LETTERS.findall(around))


def closing_sign_off(paragraph: str) -> tuple[str, str | None]:
    """Splits off the sign-off that ends a paragraph, "(abc/def)" or "***"; returns the paragraph and None without one.

    A sign-off follows a whole sentence: the bracket of "meraih emas (Dewa United)" is text.
    """
    if (asterisks := _ASTERISKS.search(paragraph)) and asterisks.start() > 0:
        return paragraph[: asterisks.start()].rstrip(), asterisks[0].strip()
    if (initials := _INITIALS.search(paragraph)) and initials.start() > 0:
        return paragraph[: initials.start()].rstrip(), initials[0].strip(" .")
    found = _SIGN_OFF.search(paragraph)
    if not found or paragraph[: found.start()][-1:] not in _SENTENCE_ENDS or not is_credit_line(found[0].strip(" .")):
        return paragraph, None
    return paragraph[: found.start()].rstrip(), found[0].strip(" .")


def without_lists(paragraphs: Sequence[str]) -> Sequence[str]:
    """The paragraphs before a heading of other stories ("Terkini"), if nothing that follows it is prose."""
    for at, paragraph in enumerate(paragraphs):
        heading = folded(paragraph).strip(" :.")
        if at and heading in _HEADINGS_OF_LISTS and not any(map(_is_prose, paragraphs[at + 1 :])):
            return paragraphs[:at]
    return paragraphs


def _is_prose(paragraph: str) -> bool:
    return len(paragraph.split()) >= _SHORTEST_PROSE and paragraph.endswith(_SENTENCE_ENDS)


def without_card(paragraphs: Sequence[str], people: Collection[str]) -> list[str]:
    """The paragraphs without the names at their end of people credited elsewhere, and without what follows on them.

    A theme prints a card of the writer below the story: the name, then a sentence on the person.
    """
    names = {folded(name) for name in people}
    for at in range(max(1, len(paragraphs) - _LAST_PARAGRAPHS), len(paragraphs)):
        if folded(paragraphs[at]) not in names:
            continue
        rest = [each for each in paragraphs[at + 1 :] if folded(each) not in names]
        if sum(len(each.split()) for each in rest) <= _LONGEST_CARD and all(_is_on(each, names) for each in rest):
            return list(paragraphs[:at])
    return list(paragraphs)


def _is_on(paragraph: str, names: set[str]) -> bool:
    """Whether a paragraph begins with one of these names."""
    return any(folded(paragraph).startswith(name) for name in names)
