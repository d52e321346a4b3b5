"""A text cut once into tokens, with one letter a token that says what part it may play in a date.

The grammar (`date_forms`, `relative_dates`) is then a handful of short regular expressions over these letters, where a
weekday is one character and "Jum'at", "Jumat" and "JUMAT" look alike. White space is left out of the letters; where it
matters (numbers glued by a dot) the tokens' positions tell.
"""

from __future__ import annotations

import re
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
    "pasaran": "J", "named_after": "@",
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
    r"[0-9]+(?:(?:st|nd|rd|th)\b)?|[sS][./][dD]\b\.?|[^\W\d_]+(?:['’‘`´][^\W\d_]+)?|\d+|[^\w\s\u00ad\u200b-\u200f\u2060\ufeff]",
)
# What spreadsheets make of a control character on export: "21:48 WIB_x0000_" (posmetromedan.com).
_ESCAPED_CONTROL = re.compile(r"_x[0-9A-Fa-f]{4}_")


class Tokens:
    """`letters` has one character a token; `values` its number, name or zone; `starts`, `stops` its place in `text`."""

    __slots__ = ("_spans", "letters", "text", "values", "words")

    def __init__(self, text: str, letters: str, values: list[Value], words: list[str]) -> None:
        self.text = text
        self.letters = letters
        self.values = values
        self.words = words
        self._spans: tuple[list[int], list[int]] | None = None  # most stamps are read without them

    @property
    def starts(self) -> list[int]:
        return self._places()[0]

    @property
    def stops(self) -> list[int]:
        return self._places()[1]

    def _places(self) -> tuple[list[int], list[int]]:
        if self._spans is None:
            spans = [match.span() for match in _TOKEN.finditer(self.text)]
            self._spans = [span[0] for span in spans], [span[1] for span in spans]
        return self._spans

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
        return len(self.words[index])


class _Kinds(dict[str, tuple[str, Value]]):
    """What each word may be in a date. Words return in every line, so they are remembered, some thousands of them; a
    dictionary's look-up costs half of what `lru_cache` takes."""

    def __missing__(self, word: str) -> tuple[str, Value]:
        if len(word) >= _LONG:  # no word of a date, and not worth remembering
            return ("n" if word[0].isdigit() else "_"), None
        if len(self) >= _REMEMBERED:
            self.clear()
        kind = self[word] = _classify(word)
        return kind


_LONG = 40
_REMEMBERED = 1 << 14
_KINDS = _Kinds()


def _classify(word: str) -> tuple[str, Value]:
    if (kind := _PUNCTUATION.get(word)) is not None:
        return kind, None
    if word[0] in "0123456789":
        word = word.rstrip("stndrh")  # "18th"
        # Longer digit runs are never a date; int() also refuses thousands of digits.
        return _NUMBERS.get(len(word), "n"), int(word) if len(word) <= 8 else None
    if word[0].isdigit():
        return "n", None  # digits of another script
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
    words = _TOKEN.findall(text)
    kinds = list(map(_KINDS.__getitem__, words))
    return Tokens(text, "".join([kind[0] for kind in kinds]), [kind[1] for kind in kinds], words)
