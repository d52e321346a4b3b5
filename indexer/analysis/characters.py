"""What is changed in a text before it is split into words, and in its words before they are folded.

Signs that stand for words become words ("20%" is "20 persen"), amounts are split from their currency ("Rp10" is
"Rp 10"), "pukul" before a clock time gets a mark, because without one it is a blow, and apostrophes go. In Lucene's
terms this is a `mapping` char filter, and the offsets of tokens are corrected as Lucene's `BaseCharFilter` does.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

import lexicon

APOSTROPHES = "'’‘‛ʼʻ`´′＇"
"""Characters printed as an apostrophe."""
MARK = "_"
"""Ends the term of an abbreviation in capitals, and of "pukul" before a clock time. No other word in print has it."""


def _replacements() -> dict[str, str]:
    found = {"%": "-persen", "％": "-persen", "US$": "USD-"} | dict.fromkeys(APOSTROPHES, "")
    for digit in "0123456789":
        found |= {f"{sign}{digit}": f"{sign} {digit}" for sign in ("Rp", "RP", "rp")}
        found |= {f"{word} {digit}": f"{word}{MARK} {digit}" for word in ("pukul", "Pukul", "PUKUL")}
    return found


REPLACEMENTS = _replacements()
"""What stands in a text, and what replaces it. The longest that matches is taken. A hyphen separates words, and is not
trimmed from a rule as a space would be. Lucene pays for every letter of a text with which a rule begins: so a rule has
no longer beginning to tell "dipukul 3" from "pukul 3" (see `UNIFORM`)."""
_HINTS = ("%", "％", "$", "Rp", "rp", "RP", "ukul ", "UKUL ", *APOSTROPHES)
"""A text without any of these needs no replacement."""
_CLOCK = re.compile(r"(?<=[pP])ukul (?=[0-9])")
_CLOCK_IN_CAPITALS = re.compile(r"PUKUL (?=[0-9])")
_AMOUNTS = {sign: re.compile(rf"{sign}(?=[0-9])") for sign in ("Rp", "RP", "rp")}
_PATTERN = re.compile("|".join(map(re.escape, sorted(REPLACEMENTS, key=len, reverse=True))))


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """An abbreviation in capitals. `term` is its exact term, and `is_word` says that the same letters in lower case are
    a word of their own."""

    text: str
    term: str
    is_word: bool


def _abbreviations() -> dict[str, Abbreviation]:
    found: dict[str, Abbreviation] = {}
    for text, spellings, kind in lexicon.rows("capitals.tsv"):
        each = Abbreviation(text, text.lower() + MARK, kind == "word")
        found |= {spelling: each for spelling in (text, *spellings.split(";")) if spelling != "-"}
    return found


ABBREVIATIONS = _abbreviations()
"""Each abbreviation by each of its spellings, as the tokenizer returns them ("A.S" of "A.S.")."""
_ABBREVIATION = re.compile("|".join([r"[A-Z]\.[A-Z]", *sorted({each.text for each in ABBREVIATIONS.values()})]))
UNIFORM = rf"[.{MARK}](?<=[0-9]\.(?=[0-9]{{3}}(?![0-9]))|(?:di|ter)pukul{MARK}$)"
"""Java's pattern of what is removed from a word in lower case: the points in "1.250.000", and the mark of "dipukul 3",
which is no clock time. It begins with rare characters and has no groups, because every word is compared with it."""
_THOUSANDS = re.compile(r"(?<=[0-9])\.(?=[0-9]{3}(?![0-9]))")


@dataclass(frozen=True, slots=True)
class Corrections:
    """Where the characters of a changed text stood in the original."""

    at: tuple[int, ...] = ()
    shifts: tuple[int, ...] = ()

    def original(self, offset: int) -> int:
        """The offset in the original text."""
        place = bisect_right(self.at, offset)
        return offset + self.shifts[place - 1] if place else offset


UNCHANGED = Corrections()


def replaced(text: str) -> str:
    """The text with its replacements."""
    # the same as _PATTERN, at a tenth of its time: each of these has a literal to look for
    if "%" in text:
        text = text.replace("%", REPLACEMENTS["%"])
    if "ukul " in text:
        text = _CLOCK.sub(f"ukul{MARK} ", text)
    for sign, pattern in _AMOUNTS.items():
        if sign in text:
            text = pattern.sub(f"{sign} ", text)
    if "$" in text:
        text = text.replace("US$", REPLACEMENTS["US$"])
    if "PUKUL" in text:
        text = _CLOCK_IN_CAPITALS.sub(f"PUKUL{MARK} ", text)
    if text.isascii():
        return text.replace("'", "").replace("`", "")
    for apostrophe in APOSTROPHES:
        text = text.replace(apostrophe, "")
    return text.replace("％", REPLACEMENTS["％"])


def replaced_with_corrections(text: str) -> tuple[str, Corrections]:
    """The text with its replacements, and how offsets in it are corrected."""
    if not any(hint in text for hint in _HINTS):
        return text, UNCHANGED
    parts: list[str] = []
    shifts: dict[int, int] = {}
    end = shift = 0
    for match in _PATTERN.finditer(text):
        new = REPLACEMENTS[match[0]]
        parts += [text[end : match.start()], new]
        end = match.end()
        longer = len(new) - len(match[0])
        first = end - shift  # where the characters that were added begin
        for number in range(longer):
            shifts[first + number] = shift - number - 1
        if longer < 0:
            shifts[first + longer] = shift - longer
        shift -= longer
    return "".join([*parts, text[end:]]), Corrections(tuple(shifts), tuple(shifts.values()))


def may_have_abbreviations(text: str) -> bool:
    """Whether a text may have an abbreviation in capitals. Fast, and true too often."""
    return _ABBREVIATION.search(text) is not None


def uniform(word: str) -> str:
    """A word in lower case without the points between thousands, and "dipukul" without its mark."""
    if word.endswith((f"dipukul{MARK}", f"terpukul{MARK}")):
        word = word.removesuffix(MARK)
    return _THOUSANDS.sub("", word) if "." in word else word
