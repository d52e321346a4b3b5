"""A text cut once into tokens, with one letter a token that says what part it may play in a date.

The grammar (`date_forms`, `relative_dates`) is then a handful of short regular expressions over these letters, where a
weekday is one character and "Jum'at", "Jumat" and "JUMAT" look alike. White space is left out of the letters; where it
matters (numbers glued by a dot) the tokens' positions tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timezone

from lexicon.calendar import DATE_WORDS, MONTHS, NUMBERS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS, ZONES, folded

# Letter of each part of lexicon/date_words.toml.
_LETTERS = {
    "number": "N", "teen": "N", "ten": "N", "half": "F", "vague": "q", "second": "u", "minute": "u", "hour": "u",
    "clock_hour": "j", "day_word": "h", "week": "k", "month_unit": "b", "year_unit": "t", "ago": "l", "ahead": "f",
    "later": "g", "soon": "o", "which": "G", "this": "I", "just": "D", "last_night": "S", "today": "a",
    "tomorrow": "B", "yesterday": "K", "day_after": "L", "earlier": "O", "part_of_time": "E", "day_part": "P",
    "before_dawn": "i", "clock": "H", "about": "~", "local": "x", "on_the_spot": "X", "indonesia": "Q", "west": "1",
    "middle": "2", "east": "3", "date_word": "T", "until": "R", "and": "r", "with": "e", "on": "p", "will": "v",
    "meridiem": "A", "every": "V", "ordinal": "#", "said": "!", "update": "U", "publish": "C", "one_of": "s",
}  # fmt: skip


class Refused(Exception):
    """The text has the form of a date and cannot be one. `reason` is the short name that `read_date` gives back."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Value = int | str | timezone | None

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
    r"[0-9]+|[sS][./][dD]\b\.?|[^\W\d_]+(?:['’‘`´][^\W\d_]+)?|[^\w\s]",
)
# What spreadsheets make of a control character on export: "21:48 WIB_x0000_" (posmetromedan.com).
_ESCAPED_CONTROL = re.compile(r"_x[0-9A-Fa-f]{4}_")


@dataclass(slots=True)
class Tokens:
    """`letters` has one character a token; `values` its number, name or zone; `starts`, `stops` its place in `text`."""

    text: str
    letters: str
    values: list[Value]
    starts: list[int]
    stops: list[int]

    def number(self, index: int) -> int:
        """The value of a number, month or weekday token."""
        value = self.values[index]
        assert isinstance(value, int)
        return value

    def glued(self, index: int) -> bool:
        """Whether nothing stands between this token and the one before it."""
        return index > 0 and self.starts[index] == self.stops[index - 1]

    def digits(self, index: int) -> int:
        """How many characters the token has."""
        return self.stops[index] - self.starts[index]


def _classify(word: str) -> tuple[str, Value]:
    if (kind := _PUNCTUATION.get(word)) is not None:
        return kind, None
    if word[0] in "0123456789":
        # Longer digit runs are never a date; int() also refuses thousands of digits.
        return _NUMBERS.get(len(word), "n"), int(word) if len(word) <= 8 else None
    known = _WORDS.get(word.casefold())
    if known is None and ("'" in word or "’" in word or "‘" in word or "`" in word or "´" in word):
        known = _WORDS.get(folded(word))
    if known is not None:
        # "minggu" in lower case is mostly "week"; at the head of a date, in capitals, it is Sunday.
        return ("w", 7) if word == "minggu" else known
    if word[0] in "sS" and len(word) > 1 and word[1] in "./":
        return "R", None
    return ("_", None) if word[0].isalpha() else ("?", None)


def tokenise(text: str) -> Tokens:
    """Cut a text into tokens, in time linear in its length."""
    if "_x" in text:
        text = _ESCAPED_CONTROL.sub(lambda match: " " * len(match.group()), text)
    letters: list[str] = []
    values: list[Value] = []
    starts: list[int] = []
    stops: list[int] = []
    for match in _TOKEN.finditer(text):
        letter, value = _classify(match.group())
        letters.append(letter)
        values.append(value)
        starts.append(match.start())
        stops.append(match.end())
    return Tokens(text, "".join(letters), values, starts, stops)
