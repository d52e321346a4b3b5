"""The words of every page, one table a language: `id.toml` (the first) and `en.toml`. A test holds their keys equal.

A key is "section.name". A text may have fields ("{total}"), which take text or numbers; `many` chooses between the two
halves of "{n} article|{n} articles" (Indonesian has one).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("id", "en")
"""The first one is the default."""
ZONES = {"+0700": "WIB", "+0800": "WITA", "+0900": "WIT", "+0000": "UTC"}
"""What papers call these offsets; others are shown as they are."""


class PageWords:
    """The words of one language."""

    def __init__(self, language: str, words: Mapping[str, str]) -> None:
        self.language = language
        self.words = words
        self._months = words["calendar.months"].split()
        self._short_months = words["calendar.short_months"].split()
        self._days = words["calendar.days"].split()

    def __call__(self, key: str, **values: Any) -> str:
        """The text of a key. Numbers among the values are written as the language writes them. Raises KeyError."""
        text = self.words[key]
        return text.format_map({name: self.value(each) for name, each in values.items()}) if values else text

    def many(self, key: str, n: int, **values: Any) -> str:
        """The text of a key for a number of things, which the text has as {n}."""
        one, _, several = self.words[key].partition("|")
        return (one if n == 1 or not several else several).format_map(
            {name: self.value(each) for name, each in (values | {"n": n}).items()}
        )

    def known(self, key: str, otherwise: str) -> str:
        """The text of a key, or another text if there is none: for names that come from elsewhere."""
        return self.words.get(key, otherwise)

    def value(self, value: Any) -> str:
        """A number with the language's separators; anything else as text."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return str(value)
        text = f"{int(value) if value == int(value) else value:,}"
        return text.translate(_INDONESIAN) if self.language == "id" else text

    def day(self, day: date, *, weekday: bool = False, short: bool = False) -> str:
        """A day: "18 Desember 2015", with `weekday` "Jumat, 18 Desember 2015", `short` "18 Des 2015"."""
        months = self._short_months if short else self._months
        before = f"{self._days[day.weekday()]}, " if weekday else ""
        return f"{before}{day.day} {months[day.month - 1]} {day.year}"

    def month(self, year: int, month: int, *, short: bool = False) -> str:
        """A month: "Desember 2015", `short` "Des 2015"."""
        return f"{(self._short_months if short else self._months)[month - 1]} {year}"

    @property
    def short_months(self) -> tuple[str, ...]:
        """The twelve months: "Jan" …"""
        return tuple(self._short_months)

    def short_month(self, month: int) -> str:
        """A month by its abbreviation: "Des"."""
        return self._short_months[month - 1]

    def time(self, at: datetime | date, *, weekday: bool = False, short: bool = False) -> str:
        """A moment on its own clock with its zone ("18 Desember 2015 10:05 WIB"), or a day where no clock is known."""
        if not isinstance(at, datetime):
            return self.day(at, weekday=weekday, short=short)
        zone = f"{at:%z}"
        named = f" {ZONES.get(zone, 'UTC' + zone)}" if zone else ""
        return f"{self.day(at, weekday=weekday, short=short)} {at:%H:%M}{named}"

    def stamp(self, text: str, *, short: bool = True) -> str:
        """`time` of an ISO 8601 day or moment given as text, as a hit has it."""
        at = datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
        return self.time(at, short=short)


_INDONESIAN = str.maketrans(",.", ".,")


@cache
def wording(language: str) -> PageWords:
    """The words of a language of LANGUAGES."""
    with (Path(__file__).parent / f"{language}.toml").open("rb") as file:
        sections = tomllib.load(file)
    words = {f"{section}.{name}": text for section, texts in sections.items() for name, text in texts.items()}
    return PageWords(language, words)
