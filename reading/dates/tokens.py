"""Splits a text into tokens, with one letter for each that says what role it may have in a date.

The grammar (`forms`, `relative`, `clocks`) is then a handful of short regular expressions over these letters: a weekday
is one character, and "Jum'at", "Jumat" and "JUMAT" are the same. The letters leave out white space; where it matters
(numbers glued by a dot), compare the positions of the tokens.
"""

from __future__ import annotations

import re
from datetime import tzinfo
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lexicon.calendar import DATE_WORDS, MONTHS, NUMBERS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS, ZONES, folded

# Letter of each part of lexicon/date_words.toml.
_LETTERS = {
    "number": "N", "teen": "N", "ten": "N", "half": "F", "vague": "q", "second": "u", "minute": "u", "hour": "u",
    "clock_hour": "j", "day_word": "h", "week": "k", "month_unit": "b", "year_unit": "t", "ago": "l", "ahead": "f",
    "later": "g", "soon": "o", "which": "G", "this": "I", "just": "D", "last_night": "S", "today": "a",
    "tomorrow": "B", "yesterday": "K", "day_after": "L", "earlier": "O", "part_of_time": "E", "day_part": "P",
    "before_dawn": "i", "clock": "H", "about": "~", "local": "x", "on_the_spot": "X", "indonesia": "Q", "west": "1",
    "middle": "2", "east": "3", "date_word": "T", "until": "R", "and": "r", "with": "e", "on": "p", "will": "v",
    "meridiem": "A", "every": "V", "ordinal": "#", "speech_verb": "!", "update": "U", "publish": "C", "one_of": "s",
    "pasaran": "J", "named_after": "@",
}  # fmt: skip


class UnreadableDateError(Exception):
    """The text has the form of a date but cannot be one. `reason` is a key of `reading.dates.reader.REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Value = int | str | tzinfo | None

_WORDS: dict[str, tuple[str, Value]] = {
    **{word: (_LETTERS[part], NUMBERS.get(word, word)) for word, part in DATE_WORDS.items()},
    **{word: ("Z", zone) for word, zone in ZONES.items()},
    **{word: ("m", number) for word, number in SHORT_MONTHS.items()},
    **{word: ("M", number) for word, number in MONTHS.items()},
    **{word: ("Y", number) for word, number in SHORT_WEEKDAYS.items()},
    **{word: ("W", number) for word, number in WEEKDAYS.items()},
}
_PUNCTUATION = {
    **dict(zip("/.-:,()|+", "/.-:,()|+", strict=True)),
    **dict.fromkeys("–—‑−‐", "-"),
    **dict.fromkeys("·•", "|"),
    **dict.fromkeys("'’", "'"),
    "[": "(", "]": ")",
}  # fmt: skip
_NUMBERS = {1: "d", 2: "d", 4: "y", 8: "c"}

_TOKEN = re.compile(
    r"[AEIP](?:sia|ustralia|urope|merica|frica|acific|tlantic|ndian|tc)/[A-Za-z_]{2,20}(?:/[A-Za-z_]{2,20})?(?![\w/])"
    r"|[wW]\.[iI]\.(?:[bB]|[tT](?:\.[aA])?)\b\.?"
    r"|[0-9]+(?:(?:st|nd|rd|th)\b)?|[sS][./][dD]\b\.?|[^\W\d_]+(?:['’‘`´][^\W\d_]+)?|\d+|[^\w\s\u00ad\u200b-\u200f\u2060\ufeff]",
)
# Spreadsheets export a control character so: "21:48 WIB_x0000_" (posmetromedan.com).
_ESCAPED_CONTROL = re.compile(r"_x[0-9A-Fa-f]{4}_")


class Tokens:
    """Per token: a character in `letters`; number, name or zone in `values`; position in `starts` and `stops`."""

    __slots__ = ("_spans", "letters", "text", "values", "words")

    def __init__(self, text: str, letters: str, values: list[Value], words: list[str]) -> None:
        self.text = text
        self.letters = letters
        self.values = values
        self.words = words
        self._spans: tuple[list[int], list[int]] | None = None  # computed on first use: most stamps do not need them

    @property
    def starts(self) -> list[int]:
        return self._places()[0]

    @property
    def stops(self) -> list[int]:
        return self._places()[1]

    def _places(self) -> tuple[list[int], list[int]]:
        if self._spans is None:
            starts, at = [], 0
            for word in self.words:  # what lies between two tokens never begins one, so the next is the next found
                at = self.text.find(word, at)
                starts.append(at)
                at += len(word)
            self._spans = starts, [start + len(word) for start, word in zip(starts, self.words, strict=True)]
        return self._spans

    def number(self, index: int) -> int:
        """Returns the value of a number, month or weekday token."""
        value = self.values[index]
        assert isinstance(value, int)
        return value

    def glued(self, index: int) -> bool:
        """Whether no white space separates this token from the previous one."""
        return index > 0 and self.starts[index] == self.stops[index - 1]

    def digits(self, index: int) -> int:
        """How many characters the token has."""
        return len(self.words[index])


class _TokenCache(dict[str, tuple[str, Value]]):
    """Cache: word → letter and value. The same words come in every line, and a dictionary costs half of `lru_cache`."""

    def __missing__(self, word: str) -> tuple[str, Value]:
        if len(word) >= _LONGEST_CACHED:  # not a word of a date, and not worth caching
            return ("n" if word[0].isdigit() else "_"), None
        if len(self) >= _CACHE_SIZE:
            self.clear()
        kind = self[word] = _classify(word)
        return kind


_LONGEST_CACHED = 40
_CACHE_SIZE = 1 << 14
_CACHE = _TokenCache()


def _classify(word: str) -> tuple[str, Value]:
    if (kind := _PUNCTUATION.get(word)) is not None:
        return kind, None
    if word[0] in "0123456789":
        word = word.rstrip("stndrh")  # "18th"
        # More digits are never a date; int() also refuses thousands of digits.
        return _NUMBERS.get(len(word), "n"), int(word) if len(word) <= 8 else None
    if word[0].isdigit():
        return "n", None  # digits of another script
    known = _WORDS.get(word.casefold())
    if known is None and ("'" in word or "’" in word or "‘" in word or "`" in word or "´" in word):
        known = _WORDS.get(folded(word))
    if known is not None:
        # "minggu" in lower case mostly means "week"; with a capital, at the start of a date, Sunday.
        return ("w", 7) if word == "minggu" else known
    if word[0] in "sS" and len(word) > 1 and word[1] in "./":
        return "R", None
    if "/" in word:
        return "Z", _zone_of_region(word)
    if word[0] in "wW" and "." in word:
        return "Z", ZONES[word.replace(".", "").casefold()]  # "W.I.B.", as papers of the 1950s print it
    return ("_", None) if word[0].isalpha() else ("?", None)


@cache
def _zone_of_region(name: str) -> ZoneInfo | None:
    """Returns the zone that the tz database calls so, "Asia/Jayapura"; None for a name that it does not have."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a directory, "America/Indiana"
        return None


def tokenise(text: str) -> Tokens:
    """Splits a text into tokens, in time linear in its length."""
    if "_x" in text:
        text = _ESCAPED_CONTROL.sub(lambda match: " " * len(match.group()), text)
    words = _TOKEN.findall(text)
    kinds = list(map(_CACHE.__getitem__, words))
    return Tokens(text, "".join([kind[0] for kind in kinds]), [kind[1] for kind in kinds], words)
