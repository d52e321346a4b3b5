"""What stands beside a stamp and is no part of it: numbers of readers, a video's length, the Islamic date.

`without_neighbours` blanks it, so that "Dibaca 120 kali 3 Juni 2024" and "3 Juni 2024/26 Zulkaidah 1445 H" are read
like the date alone. Only whole stamps are cleared in this way; in a running text such numbers do no harm.
"""

from __future__ import annotations

import re

from lexicon.calendar import COUNTS, HIJRI_MONTHS, MONTHS, SHORT_MONTHS


def _any(words: list[str]) -> str:
    """Returns an alternation of words, the longest first, with any white space between the parts of one."""
    ordered = sorted(words, key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", r"\s{1,2}") for word in ordered) + ")"


_COUNT = rf"\d{{1,9}}(?:[.,]\d{{1,3}}){{0,3}}(?:\s?{_any(COUNTS['unit'])}(?!\w))?\+?"
_IN_A_DATE = rf"(?!\d|[/.:-]\d|\s?-?{_any([*MONTHS, *SHORT_MONTHS])}(?!\w))"
# Of "3 Juni 2024 komentar" and "3 Juni 2024 Dibaca 12 kali" the year is no count
_NO_YEAR = r"(?<![\d.,:/-])(?!(?<=[\w/,.]\s)(?:19|20)\d\d\s)(?!(?:19|20)\d\d\s{0,2}\w{3,12}\s{0,2}[:(]?\s{0,2}\d)"
_NEIGHBOURS = re.compile(
    rf"""
    (?<!\w){_any(COUNTS["length"])}\s{{0,2}}[:(]?\s{{0,2}}\d{{1,2}}:\d\d(?::\d\d)?(?!\w)
  | (?<!\d)(?<!\d[-.])\d{{1,2}}\s?-?{_any(HIJRI_MONTHS)}[\s-]{{1,2}}1[34]\d\d(?:\s?(?:H|Hijriyah|Hijriah))?(?!\w)
  | (?<!\w){_any(COUNTS["before"])}\s{{0,2}}[:(]?\s{{0,2}}{_COUNT}(?:\s?{_any(COUNTS["behind"])})?(?!\w){_IN_A_DATE}
  | {_NO_YEAR}{_COUNT}\s{{0,2}}{_any(COUNTS["behind"])}(?!\w)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FIRST_LETTERS = re.compile(
    rf"(?<!\w){_any([*COUNTS['length'], *COUNTS['behind'], *COUNTS['before']])}(?!\w)|1[34]\d\d", re.IGNORECASE
)


def without_neighbours(text: str) -> str:
    """Returns the stamp with its neighbours blanked; a blank is as long as what it replaces."""
    if _FIRST_LETTERS.search(text) is None:  # most stamps have no neighbours
        return text
    return _NEIGHBOURS.sub(lambda match: " " * len(match[0]), text)
