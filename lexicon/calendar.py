"""Months, weekdays, zones and the words around a date."""

from __future__ import annotations

import tomllib
from datetime import timedelta, timezone

import lexicon


def folded(word: str) -> str:
    """Returns a word in lower case, without the apostrophe of "Jum'at" and the dot of "Jan."."""
    return word.casefold().translate(_DROPPED)


_DROPPED = dict.fromkeys(map(ord, "'’‘`´."))

MONTHS: dict[str, int] = {}
"""Month number by folded full name: Indonesian, old spelling, Malay, English."""
SHORT_MONTHS: dict[str, int] = {}
"""Month number by folded abbreviation; alone, an abbreviation is no month ("mar", "jan", "des")."""
for _number, _full, _short in lexicon.rows("months.tsv"):
    MONTHS |= {folded(name): int(_number) for name in _full.split()}
    SHORT_MONTHS |= {folded(name): int(_number) for name in _short.split()}

WEEKDAYS: dict[str, int] = {}
"""ISO weekday (Monday is 1) by folded name, for names that also count without a date: "pada Kamis"."""
SHORT_WEEKDAYS: dict[str, int] = {}
"""ISO weekday by folded abbreviation or English name; these count only beside a date."""
for _number, _full, _short in lexicon.rows("weekdays.tsv"):
    WEEKDAYS |= {folded(name): int(_number) for name in _full.split()}
    SHORT_WEEKDAYS |= {folded(name): int(_number) for name in _short.split()}


def _zone(offset: str) -> timezone | None:
    if offset == "?":
        return None
    hours, minutes = offset[1:].split(":")
    span = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(-span if offset[0] == "-" else span)


ZONES: dict[str, timezone | None] = {name.casefold(): _zone(offset) for name, offset, _ in lexicon.rows("zones.tsv")}
"""Offset by folded abbreviation; None for letters that name several zones (BST, CST)."""

_WORDS = tomllib.loads(lexicon.table("date_words.toml"))
DATE_WORDS: dict[str, str] = {
    word: part for part, words in _WORDS.items() if isinstance(words, list) for word in words
} | dict.fromkeys(_WORDS["one_of"], "one_of")
"""The role of a word around a date, by folded word (see date_words.toml)."""
ONE_OF: dict[str, str] = _WORDS["one_of"]
"""The unit in "sehari", "sepekan", "setahun"."""
PART_HOURS: dict[str, tuple[list[int], list[int]]] = {
    part: (list(range(kept[0], kept[1] + 1)), list(range(late[0], late[1] + 1) if late else ()))
    for part, (kept, late) in _WORDS["part_hours"].items()
}
"""Hours of "pagi", "malam", …: those kept as printed, and those that get 12 added ("pukul 7 malam" is 19.00)."""
NUMBERS: dict[str, int] = {word: value for value, word in enumerate(_WORDS["number"])}
"""Value of the number words up to eleven; the grammar handles "belas" and "puluh"."""
COUNTS: dict[str, list[str]] = _WORDS["counts"]
"""Words behind and before a number that counts readers or comments, units of such numbers, names of a length."""
HIJRI_MONTHS: list[str] = _WORDS["hijri"]["months"]
"""Months of the Islamic and the Javanese year, by all their spellings."""
PROVINCE_ZONES: dict[str, timezone] = {
    province: zone
    for offset, provinces, _ in lexicon.rows("province_zones.tsv")
    for province in provinces.split(";")
    if (zone := _zone(offset)) is not None
}
"""Zone by province, for those outside Western Indonesian Time."""
