"""The word boundaries of Lucene's standard tokenizer (Unicode's UAX #29, *Word Boundaries*).

Both engines must tokenize alike. The rules are those of `StandardTokenizerImpl.jflex`. Letters, digits and underscores
form a word. So do a full stop, colon or apostrophe between two letters, and a comma or full stop between two digits
("www.antaranews.com", "1.250,5"). Each Chinese or hiragana character, each run of katakana or of a script without
spaces (Thai, Khmer) and each emoji is a word. A word is split after 255 characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

LONGEST = 255
"""The longest word, in characters as Java counts them. Lucene's standard tokenizer splits a longer one."""

LATIN = 0x300
"""All characters of Indonesian, Malay, English and Western European names are below this code point."""

Ranges = tuple[tuple[int, int], ...]

IDEOGRAPHS: Ranges = (
    *((0x2E80, 0x2FD5), (0x3007, 0x3007), (0x3021, 0x3029), (0x3038, 0x303A), (0x3400, 0x4DBF)),
    *((0x4E00, 0x9FFF), (0xF900, 0xFAD9), (0x20000, 0x323AF)),
)
HIRAGANA: Ranges = ((0x3041, 0x3096), (0x309D, 0x309F), (0x1B001, 0x1B11F), (0x1B150, 0x1B152), (0x1F200, 0x1F200))
KATAKANA: Ranges = (
    *((0x3031, 0x3035), (0x309B, 0x309C), (0x30A0, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF), (0x32D0, 0x32FE)),
    *((0x3300, 0x3357), (0xFF66, 0xFF9D), (0x1B000, 0x1B000), (0x1B164, 0x1B167)),
)
SCRIPTS_WITHOUT_SPACES: Ranges = (  # Unicode's line break class "complex context", without its digits
    *((0x0E01, 0x0E3A), (0x0E40, 0x0E4E), (0x0E81, 0x0ECD), (0x0EDC, 0x0EDF), (0x1000, 0x103F), (0x1050, 0x108F)),
    *((0x109A, 0x109F), (0x1780, 0x17D3), (0x17D7, 0x17D7), (0x17DC, 0x17DD), (0x1950, 0x1974), (0x1980, 0x19C9)),
    *((0x19DA, 0x19DA), (0x19DE, 0x19DF), (0x1A20, 0x1A7C), (0x1AA0, 0x1AAD), (0xA9E0, 0xA9EF), (0xA9FA, 0xA9FE)),
    *((0xAA60, 0xAAC2), (0xAADB, 0xAADF), (0x11700, 0x1172B), (0x1173A, 0x1173B)),
)
PICTURES: Ranges = (  # Unicode's Extended_Pictographic
    *((0xA9, 0xA9), (0xAE, 0xAE), (0x203C, 0x203C), (0x2049, 0x2049), (0x2122, 0x2122), (0x2139, 0x2139)),
    *((0x2194, 0x2199), (0x21A9, 0x21AA), (0x231A, 0x231B), (0x2328, 0x2328), (0x2388, 0x2388), (0x23CF, 0x23CF)),
    *((0x23E9, 0x23F3), (0x23F8, 0x23FA), (0x24C2, 0x24C2), (0x25AA, 0x25AB), (0x25B6, 0x25B6), (0x25C0, 0x25C0)),
    *((0x25FB, 0x25FE), (0x2600, 0x2605), (0x2607, 0x2612), (0x2614, 0x2685), (0x2690, 0x2705), (0x2708, 0x2712)),
    *((0x2714, 0x2714), (0x2716, 0x2716), (0x271D, 0x271D), (0x2721, 0x2721), (0x2728, 0x2728), (0x2733, 0x2734)),
    *((0x2744, 0x2744), (0x2747, 0x2747), (0x274C, 0x274C), (0x274E, 0x274E), (0x2753, 0x2755), (0x2757, 0x2757)),
    *((0x2763, 0x2767), (0x2795, 0x2797), (0x27A1, 0x27A1), (0x27B0, 0x27B0), (0x27BF, 0x27BF), (0x2934, 0x2935)),
    *((0x2B05, 0x2B07), (0x2B1B, 0x2B1C), (0x2B50, 0x2B50), (0x2B55, 0x2B55), (0x3030, 0x3030), (0x303D, 0x303D)),
    *((0x3297, 0x3297), (0x3299, 0x3299), (0x1F000, 0x1F0FF), (0x1F10D, 0x1F10F), (0x1F12F, 0x1F12F)),
    *((0x1F16C, 0x1F171), (0x1F17E, 0x1F17F), (0x1F18E, 0x1F18E), (0x1F191, 0x1F19A), (0x1F1AD, 0x1F1E5)),
    *((0x1F201, 0x1F20F), (0x1F21A, 0x1F21A), (0x1F22F, 0x1F22F), (0x1F232, 0x1F23A), (0x1F23C, 0x1F23F)),
    *((0x1F249, 0x1F53D), (0x1F546, 0x1F64F), (0x1F680, 0x1F6FF), (0x1F774, 0x1F77F), (0x1F7D5, 0x1F7FF)),
    *((0x1F80C, 0x1F80F), (0x1F848, 0x1F84F), (0x1F85A, 0x1F85F), (0x1F888, 0x1F88F), (0x1F8AE, 0x1F8FF)),
    *((0x1F90C, 0x1F93A), (0x1F93C, 0x1F945), (0x1F947, 0x1FFFD)),
)
MORE_LETTERS: Ranges = (
    *((0x2C2, 0x2C5), (0x2D2, 0x2D7), (0x2DE, 0x2DF), (0x2ED, 0x2ED), (0x2EF, 0x2FF), (0x55B, 0x55C), (0x55E, 0x55E)),
    *((0x5F3, 0x5F3), (0x24B6, 0x24E9), (0xA720, 0xA721), (0xA789, 0xA78A), (0xAB5B, 0xAB5B)),
    *((0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189)),
)
"""Letters in UAX #29 whose general category is not a letter."""
NO_LETTERS: Ranges = ((0x3006, 0x3006), (0xFF9E, 0xFF9F))
"""The reverse. The last two are marks that belong to the katakana before them."""

BETWEEN_BOTH = ".'\u2018\u2019\u2024\ufe52\uff07\uff0e"
"""Characters that are part of a word between two letters or two digits."""
BETWEEN_LETTERS = ":\u00b7\u0387\u05f4\u2027\ufe13\ufe55\uff1a"
BETWEEN_DIGITS = ",;\u037e\u0589\u060c\u060d\u066c\u07f8\u2044\ufe10\ufe14\ufe50\ufe54\uff0c\uff1b"

_BEYOND_LATIN = re.compile("[^\x00-\u02ff\u2010-\u2016\u2018-\u2026\u2030-\u203b]")


def find(text: str) -> list[str]:
    """The words of a text, in order and unchanged."""
    words: list[str] = _pattern_for(text).findall(text)
    if len(text) > LONGEST // 2 and words and len(max(words, key=len)) > LONGEST // 2:
        return [word[start:end] for word in words for start, end in _split_long(word)]
    return words


def spans(text: str) -> Iterator[tuple[int, int]]:
    """The start and end of each word that `find` returns, in characters of the text."""
    for match in _pattern_for(text).finditer(text):
        start, end = match.span()
        if end - start <= LONGEST // 2:
            yield start, end
        else:
            yield from ((start + first, start + last) for first, last in _split_long(match.group()))


def _split_long(word: str) -> Iterator[tuple[int, int]]:
    """Where a long word is split. A character above U+FFFF counts two in Java, and is not split in half."""
    start = size = 0
    for place, character in enumerate(word):
        width = 1 if character <= "\uffff" else 2
        if size + width > LONGEST:
            yield start, place
            start, size = place, 0
        size += width
    if size:
        yield start, len(word)


def _pattern_for(text: str) -> re.Pattern[str]:
    return _pattern(0x110000) if not text.isascii() and _BEYOND_LATIN.search(text) else _pattern(LATIN)


@cache
def _pattern(limit: int) -> re.Pattern[str]:
    """The rules as one regular expression, for characters below `limit` and the punctuation that joins words.

    Compiling it for all of Unicode takes a moment, and a search in Indonesian does not need that.
    """
    more_marks = ((0x200D, 0x200D), (0xFF9E, 0xFF9F), (0x1F3FB, 0x1F3FF))
    mark = _members(limit, ("Mn", "Me", "Mc", "Cf"), extra=more_marks, without="\u200b")
    apart = _spread(IDEOGRAPHS + HIRAGANA + KATAKANA + SCRIPTS_WITHOUT_SPACES + NO_LETTERS)
    letter = _members(limit, ("Lu", "Ll", "Lt", "Lm", "Lo", "Nl"), extra=MORE_LETTERS, without=apart)
    digit = _members(limit, ("Nd",), extra=((0x66B, 0x66B),))
    low_line = _members(limit, ("Pc",), extra=((0x202F, 0x202F),))
    letters = _runs(letter, _signs(BETWEEN_BOTH + BETWEEN_LETTERS), mark)
    digits = _runs(digit, _signs(BETWEEN_BOTH + BETWEEN_DIGITS), mark)
    lines = f"(?:[{low_line}][{low_line}{mark}]*+)?+"
    first_lines = f"(?:(?<![{low_line}{mark}])[{low_line}][{low_line}{mark}]*+)?+"  # scans a long line of them once
    plain = "[a-z]++(?=[ \n])"  # a shortcut for most words
    word = f"{first_lines}(?:{letters}|{digits})(?:{lines}(?:{letters}|{digits}))*+{lines}"
    kinds = [plain, "[#*]\ufe0f?\u20e3", word]
    picture = f"[{_members(limit, (), extra=PICTURES)}][{mark}]*+"
    if limit > LATIN:
        katakana = _members(limit, (), extra=KATAKANA)
        without_spaces = _members(limit, (), extra=SCRIPTS_WITHOUT_SPACES)
        kinds += [
            f"[{katakana}][{katakana}{mark}]*+",
            f"[{without_spaces}][{without_spaces}{mark}]*+",
            f"[{_members(limit, (), extra=IDEOGRAPHS + HIRAGANA)}][{mark}]*+",
            f"{picture}(?:(?<=\u200d){picture})*+",
            "[\U0001f1e6-\U0001f1ff]{2}",
        ]
    else:
        kinds.append(picture)
    return re.compile("|".join(kinds))


def _runs(member: str, between: str, mark: str) -> str:
    """Runs of one kind of character, joined by single characters of `between`."""
    run = f"[{member}][{member}{mark}]*+"
    return f"{run}(?:[{between}][{mark}]*+{run})*+"


def _members(limit: int, categories: tuple[str, ...], *, extra: Ranges = (), without: str | frozenset[int] = "") -> str:
    """The body of a character class with the code points below `limit` of these categories and ranges."""
    left_out = frozenset(map(ord, without)) if isinstance(without, str) else without
    points = {point for point in _spread(extra) if point < limit}
    if categories:
        points |= {point for category in categories for point in _by_category(limit).get(category, ())}
    return _class_of(sorted(points - left_out))


@cache
def _by_category(limit: int) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for point in range(min(limit, 0x20000)):  # above are only ideographs
        found.setdefault(unicodedata.category(chr(point)), []).append(point)
    return found


def _spread(ranges: Ranges) -> frozenset[int]:
    return frozenset(point for first, last in ranges for point in range(first, last + 1))


def _signs(signs: str) -> str:
    return _class_of(sorted(map(ord, signs)))


def _class_of(points: list[int]) -> str:
    parts: list[str] = []
    start = previous = -1
    for point in [*points, -1]:
        if point == previous + 1 and previous >= 0:
            previous = point
            continue
        if start >= 0:
            parts.append(f"\\U{start:08x}-\\U{previous:08x}" if start != previous else f"\\U{start:08x}")
        start = previous = point
    return "".join(parts)
