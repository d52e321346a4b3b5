"""The dates that a running text speaks of, and only those that are certain.

Certain are dates with a weekday, a year or a direction ("Kamis (1/10)", "18 Juni 2025", "23 Maret lalu"), ranges, a
month with its year, and a weekday that stands as a date ("pada Kamis", "hari Rabu lalu", ", Kamis."). Left out is what
is refused ("Kamis (10/6)" on a Tuesday), what only looks like one, and what counts from the day of speaking ("kemarin",
"dua pekan lalu": of 158 "hari ini" with a date beside them, 12 meant another day).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from archive.records import MentionedDate
from reading.dates.scan import Sighting, scan
from reading.dates.tokens import Tokens, tokenise
from reading.dates.zones import JAKARTA


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A mentioned date and where it stands: `text[start:stop]`."""

    mention: MentionedDate
    start: int
    stop: int


_FAR = 120
"""Days: a bare "23 Maret" farther than this from the publication may belong to either year."""


def find_dates(text: str, *, reference: datetime | date, zone: tzinfo = JAKARTA) -> tuple[FoundDate, ...]:
    """The certain dates of a text, in order. `reference` is its publication time; its offset goes before `zone`."""
    if isinstance(reference, datetime) and reference.tzinfo is not None:
        zone = reference.tzinfo
    day = reference.date() if isinstance(reference, datetime) else reference
    if not date.min.year + 1 < day.year < date.max.year - 1:
        return ()
    tokens = tokenise(text)
    found = []
    for sighting in scan(tokens, reference, zone, in_text=True):
        if sighting.value is None or not _certain(tokens, sighting, day) or _is_name(tokens, sighting.start):
            continue
        first = sighting.start
        if tokens.letters[first] in "hW" and sighting.form == "relative" and tokens.letters[first - 1 : first] == "p":
            first -= 1  # "pada Kamis": the word that makes the weekday a date
        elif _BARE_MONTH.fullmatch(tokens.letters, first, sighting.stop):
            first -= 1  # "pada Oktober"
        start, stop = tokens.starts[first], tokens.stops[sighting.stop - 1]
        value, _, end = sighting.value.partition("/")
        found.append(FoundDate(MentionedDate(text[start:stop], value, end or None), start, stop))
    return tuple(found)


def _certain(tokens: Tokens, sighting: Sighting, reference: date) -> bool:
    if sighting.form == "relative":
        return _certain_told(tokens, sighting, reference)
    at = sighting.start
    if _glued_to_word(tokens, at):
        return False
    if sighting.form == "compact":
        return False
    if sighting.form == "short":
        return sighting.sure
    if sighting.form in ("numeric", "iso"):
        return tokens.letters[at] != "d" or not tokens.glued(at) or tokens.letters[at - 1] in "(~,"
    if sighting.sure or sighting.moment is None:
        return True
    day = sighting.moment.date() if isinstance(sighting.moment, datetime) else sighting.moment
    return abs((day - reference).days) <= _FAR


def _glued_to_word(tokens: Tokens, at: int) -> bool:
    """The 19 of "Covid-19 Juni 2021", the 10 of "Rp10"."""
    if tokens.letters[at] not in "dy" or not tokens.glued(at):
        return False
    before = tokens.letters[at - 1]
    return before in "_m" or (before == "-" and at > 1 and tokens.glued(at - 1) and tokens.letters[at - 2] in "_m")


_MONTH_OF_YEAR = re.compile(r"E?b?[Mm]\.?(?:y?(?:-|Re?)[Mm]\.?)?y")
_MONTH_AND_WAY = re.compile(r"E?b?M(?:t[lIf]|G?[lfo])")  # "Oktober lalu"
_BARE_MONTH = re.compile(r"E?b?M")
_WEEKDAY = re.compile(r"(?P<named>h?)W")


def _is_name(tokens: Tokens, at: int) -> bool:
    """ "Universitas 17 Agustus 1945", "Jalan 17 Agustus"."""
    return at > 0 and tokens.letters[at - 1] == "@" and tokens.text[tokens.starts[at - 1]].isupper()


def _near_month(value: str, reference: date) -> bool:
    """Whether a month is so near that a writer needs no year for it."""
    months = (int(value[:4]) - reference.year) * 12 + int(value[5:7]) - reference.month
    return abs(months) <= _FAR // 30


def _certain_told(tokens: Tokens, sighting: Sighting, reference: date) -> bool:
    letters = tokens.letters
    if _MONTH_AND_WAY.fullmatch(letters, sighting.start, sighting.stop):
        return True
    if _BARE_MONTH.fullmatch(letters, sighting.start, sighting.stop):
        return letters[: sighting.start].endswith("p") and _near_month(sighting.value or "", reference)
    if _MONTH_OF_YEAR.fullmatch(letters, sighting.start, sighting.stop):
        return True
    weekday = _WEEKDAY.match(letters, sighting.start)
    if weekday is None:
        return False
    before = letters[max(0, sighting.start - 2) : sighting.start]
    after = letters[sighting.stop : sighting.stop + 2]
    if "V" in before or after[:1] in ("d", "y", "n", "#", "W") or (after[:1] == "(" and after[1:] != "_"):
        return False  # "setiap Senin", "Kamis (!2/6)", "Minggu pertama", a list of days
    if after[:1] == "_" and tokens.text[tokens.starts[sighting.stop]].isupper():
        return False  # "Jumat Agung", "Rabu Abu"
    if before.endswith("p") or (weekday["named"] and sighting.sure):
        return True
    # "kecuali hari Minggu" is a habit; "hari Senin ini" is a day
    # "… kata Menteri di Jakarta, Kamis." but not "Senin, Selasa, dan Rabu"
    return before.endswith(",") and before[:1] != "W" and (after[:1] in (".", ",", ")", "") and after[1:] != "W")
