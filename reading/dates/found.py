"""Finds the dates that a running text mentions, and keeps only the certain ones.

Certain: dates with a weekday, a year or a direction ("Kamis (1/10)", "18 Juni 2025", "23 Maret lalu"), ranges, a month
with its year, and a weekday used as a date ("pada Kamis", "hari Rabu lalu", ", Kamis."). Skipped: refused dates ("Kamis
(10/6)" on a Tuesday), text that only looks like a date, and words that count from the day of speaking ("kemarin", "dua
pekan lalu": of 158 "hari ini" with a date beside them, 12 meant another day).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from archive.records import MentionedDate
from reading.dates.scan import DateMatch, scan
from reading.dates.tokens import Tokens, tokenise
from reading.dates.zones import JAKARTA


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A mentioned date and its position: `text[start:stop]`."""

    mention: MentionedDate
    start: int
    stop: int


_CERTAIN = frozenset("dycMmWwY")
"""Letters of tokens: every certain date has a number, a month or a weekday."""
_FAR = 120
"""Days: a "23 Maret" without a year, farther than this from the publication, may belong to either year."""


def find_dates(text: str, *, reference: datetime | date, zone: tzinfo = JAKARTA) -> tuple[FoundDate, ...]:
    """Returns the certain dates, in order. `reference` is the publication time; its offset overrides `zone`."""
    if isinstance(reference, datetime) and reference.tzinfo is not None:
        zone = reference.tzinfo
    day = reference.date() if isinstance(reference, datetime) else reference
    if not date.min.year + 1 < day.year < date.max.year - 1:
        return ()
    tokens = tokenise(text)
    stop = max(map(tokens.letters.rfind, _CERTAIN)) + 1
    mentions = []
    for found in scan(tokens, reference, zone, in_text=True, stop=stop):  # behind `stop` nothing is certain
        if found.value is None or not _is_certain(tokens, found, day) or _is_name(tokens, found.start):
            continue
        first = found.start
        if tokens.letters[first] in "hW" and found.form == "relative" and tokens.letters[first - 1 : first] == "p":
            first -= 1  # "pada Kamis": include the word that makes the weekday a date
        elif _BARE_MONTH.fullmatch(tokens.letters, first, found.stop):
            first -= 1  # "pada Oktober"
        start, stop = tokens.starts[first], tokens.stops[found.stop - 1]
        value, _, end = found.value.partition("/")
        mentions.append(FoundDate(MentionedDate(text[start:stop], value, end or None), start, stop))
    return tuple(mentions)


def _is_certain(tokens: Tokens, found: DateMatch, reference: date) -> bool:
    """Whether a date in running text can only be meant as that date."""
    if found.form == "relative":
        return _is_certain_relative(tokens, found, reference)
    at = found.start
    if _glued_to_word(tokens, at):
        return False
    if found.form == "compact":
        return False
    if found.form == "short":
        return found.sure
    if found.form in ("numeric", "iso"):
        return tokens.letters[at] != "d" or not tokens.glued(at) or tokens.letters[at - 1] in "(~,"
    if found.sure or found.moment is None:
        return True
    day = found.moment.date() if isinstance(found.moment, datetime) else found.moment
    return abs((day - reference).days) <= _FAR


def _glued_to_word(tokens: Tokens, at: int) -> bool:
    """Whether a number belongs to the word before it: the 19 of "Covid-19 Juni 2021", the 10 of "Rp10"."""
    if tokens.letters[at] not in "dy" or not tokens.glued(at):
        return False
    before = tokens.letters[at - 1]
    return before in "_m" or (before == "-" and at > 1 and tokens.glued(at - 1) and tokens.letters[at - 2] in "_m")


_MONTH_OF_YEAR = re.compile(r"E?b?[Mm]\.?(?:y?(?:-|Re?)[Mm]\.?)?y")
_MONTH_WITH_DIRECTION = re.compile(r"E?b?M(?:t[lIf]|G?[lfo])")  # "Oktober lalu"
_BARE_MONTH = re.compile(r"E?b?M")
_WEEKDAY = re.compile(r"(?P<named>h?)W")


def _is_name(tokens: Tokens, at: int) -> bool:
    """Whether a date is part of a name: "Universitas 17 Agustus 1945", "Jalan 17 Agustus"."""
    return at > 0 and tokens.letters[at - 1] == "@" and tokens.text[tokens.starts[at - 1]].isupper()


def _near_month(value: str, reference: date) -> bool:
    """Whether a month without a year is close enough to the reference to be clear."""
    months = (int(value[:4]) - reference.year) * 12 + int(value[5:7]) - reference.month
    return abs(months) <= _FAR // 30


def _is_certain_relative(tokens: Tokens, found: DateMatch, reference: date) -> bool:
    """`_is_certain` for months and weekdays."""
    letters = tokens.letters
    if _MONTH_WITH_DIRECTION.fullmatch(letters, found.start, found.stop):
        return True
    if _BARE_MONTH.fullmatch(letters, found.start, found.stop):
        return letters[: found.start].endswith("p") and _near_month(found.value or "", reference)
    if _MONTH_OF_YEAR.fullmatch(letters, found.start, found.stop):
        return True
    weekday = _WEEKDAY.match(letters, found.start)
    if weekday is None:
        return False
    before = letters[max(0, found.start - 2) : found.start]
    after = letters[found.stop : found.stop + 2]
    if "V" in before or after[:1] in ("d", "y", "n", "#", "W") or (after[:1] == "(" and after[1:] != "_"):
        return False  # "setiap Senin", "Kamis (!2/6)", "Minggu pertama", a list of days
    if after[:1] == "_" and tokens.text[tokens.starts[found.stop]].isupper():
        return False  # "Jumat Agung", "Rabu Abu"
    if before.endswith("p") or (weekday["named"] and found.sure):
        return True
    # "hari Senin ini" is a day, and was taken above; "kecuali hari Minggu" is a habit.
    # "… kata Menteri di Jakarta, Kamis." is a day; "Senin, Selasa, dan Rabu" is a list.
    return before.endswith(",") and before[:1] != "W" and (after[:1] in (".", ",", ")", "") and after[1:] != "W")
