"""Tells whether words of a credit are an agency, an outlet, a body, a person or initials."""

from __future__ import annotations

import re
from functools import lru_cache

from lexicon.credits import AGENCIES, CAPITALS_ONLY, OUTLETS, WORDS, key
from lexicon.domains import DOMAIN
from lexicon.places import find_place
from lexicon.words import GIVEN_NAMES, NOT_IN_NAMES

_OANA = re.compile(r"\s?[-/]?\s?OANA$")
_MARKS = str.maketrans("", "", "©®™")
_DOMAIN = re.compile(DOMAIN, re.IGNORECASE)
# Local editions of the two large networks: TribunJogja, Tribun Jogja, TribunnewsBogor, detikJateng, 20detik
_HOUSE = re.compile(
    r"(?:Tribun(?:news)?[- ]?|(?:20)?detik|Radar |Harian |Koran[- ])\w*(?:(?:\.\w+)+| \w+)?", re.IGNORECASE
)
# "vid", "Eks", and ANTARA's codes: "H-AK", "KR-LWA", "T.H-AK", "A026"
_INITIALS = re.compile(r"[a-z]{1,5}|[A-Z][a-z]{0,2}|(?:[A-Z]\.)?[A-Z]{1,2}-[A-Z0-9]{1,3}|(?:[A-Z]\.)?[A-Z]\d{2,3}")
_WORD = re.compile(r"[^\W\d_](?:[\w'’`.-]*[^\W\d_])?\.?")
_DEGREES = frozenset(WORDS["degrees"])
_SPLIT = re.compile(r"\s*(?:[,;/|&\n•]|\bdan\b|\band\b)\s*")
# "Rina Dewi 3 Juni 2024", "Rina Dewi pada 3 Jun 2024, 07:00 WIB", "Rina Dewi, Senin 3/6/2024": byline and date in one
_DATED = re.compile(
    r"(?<=[\w.)])[\s,|·•–-]+(?:(?:pada|on|di|tanggal)\s+)?(?:(?i:senin|selasa|rabu|kamis|jum.?at|sabtu|minggu|ahad)\b"
    r"|\d{1,2}(?:\s+[A-Z][a-z]{2,8}\.?,?\s+|[/-]\d{1,2}[/-])\d{2}|[A-Z][a-z]{2,8}\.?\s+\d{1,2},\s*(?:19|20)\d\d"
    r"|(?:19|20)\d\d-\d\d-\d\d|(?:(?<=di\s)|(?<=pada\s)|(?<=at\s)|(?<=pukul\s))\d{1,2}[.:]\d\d).*",
    re.DOTALL,
)
_BY = re.compile(r"\s*(?:oleh|by)\s+(?=\w)", re.IGNORECASE)
_ASIDE = re.compile(r"\s[-–—]\s|\s\(")  # "Budi - detikNews", "Budi (Jakarta)"
_COMPANY = frozenset({"ltd", "tbk", "inc", "corp", "llc", "pt", "cv", "pty"})
_SMALL = frozenset(
    "dr. drg. bin binti bint van de den der von da di do dos del della el al la le ibn ben ul ten ter af dan".split()
)
# "Hafid A.", "Bambang W.S.", "Budi Jr.": here the final dot is the name's, elsewhere a sentence's
_DOTTED_END = re.compile(r"(?:^|.*[\s.])(?:[A-Z]|[JS]r)\.", re.DOTALL)
# Nouns and verbs by their affixes, longer than the names that look like them: "Persaingan", "Diperebutkan"
_AFFIXED = re.compile(
    r"(?:pe|ke)\w{4,}an|(?:ke|pe|se|di|me|ter)\w{4,}nya|(?:meng|meny|memb|memp)\w{4,}"
    r"|di(?:[bghj][aeiu]|[kpst]e)\w{4,}|\w{4,}(?<!i)kan"
)

NOBODY = frozenset(WORDS["nobody"])
NOT_NAMES = frozenset(WORDS["not_names"])
_TITLES = frozenset(WORDS["titles"])
_ROLES = frozenset(WORDS["roles_before_names"])
_BODIES = frozenset(WORDS["bodies"])
_BODY_WORDS = frozenset(WORDS["body_words"])
_SOCIAL = frozenset(WORDS["social"])
_SCREEN = WORDS["screen"]


def _without_region(name: str) -> str | None:
    """Returns the name of a regional edition without its region, or None: "Antaranews Sumbar" becomes Antaranews."""
    house, _, region = name.rpartition(" ")
    return house if house and "." not in house and find_place(region) is not None else None


_LONGEST = 120
"""Characters: no agency, outlet or person has a longer name, and longer strings are not cached."""


def canonical_agency(name: str) -> str | None:
    """Returns the canonical name of a wire or photo agency, or None: "LKBN Antara" is ANTARA, "Xinhua-OANA" is Xinhua.

    Short names count only in capitals: "AP" is the agency, "ap" are initials.
    """
    return _agency(name) if len(name) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _agency(name: str) -> str | None:
    plain = name.translate(_MARKS).strip(" .,:")
    if plain.endswith("OANA"):
        plain = _OANA.sub("", plain)
    folded = key(plain)
    found = AGENCIES.get(folded) or AGENCIES.get(folded.removeprefix("kantor berita "))
    if found is None and (house := _without_region(plain)) is not None:
        return _agency(house)  # "Antara Bali"
    if found is not None and folded in CAPITALS_ONLY and not plain.isupper() and plain != found:
        return None
    return found


def is_outlet(name: str) -> bool:
    """Whether a name is a medium: in the lexicon, a domain ("nucare.id"), or a network's edition ("TribunSolo")."""
    return len(name) <= _LONGEST and _is_outlet(name)


@lru_cache(maxsize=4096)
def _is_outlet(name: str) -> bool:
    plain = name.translate(_MARKS).strip(" .,:")
    if len(plain) <= 3 and not plain.isupper():
        return False  # "mi" are initials, "MI" is Media Indonesia
    if (house := _without_region(plain)) is not None and key(house) in OUTLETS:
        return True  # "NU Online Jatim"
    if plain.casefold().endswith("com") and key(plain[:-3]) in OUTLETS:
        return True  # "KOMPAScom"
    return key(plain) in OUTLETS or bool(_DOMAIN.fullmatch(plain)) or bool(_HOUSE.fullmatch(plain) and len(plain) < 40)


def is_known_outlet(name: str) -> bool:
    """Whether the lexicon has that medium, or it is a network's edition; unknown domains do not count."""
    plain = name.strip(" .,:")
    return key(plain) in OUTLETS or _HOUSE.fullmatch(plain) is not None


def is_body(name: str) -> bool:
    """Whether a name is that of an authority, company or group: "Polres Rohul", "Ministry of …", "Norwegian Navy"."""
    words = [word.strip(".,").casefold() for word in name.split()]
    return bool(words) and (
        words[0] in _BODIES
        or (words[0].startswith("kemen") and len(words[0]) > 6)
        or (len(words) > 1 and not _BODY_WORDS.isdisjoint(words))
    )


def is_social(name: str) -> bool:
    """Whether a name is an account of a social network: "Twitter @Persib", "Instagram Al Ghazali"."""
    return name.startswith("@") or name.split(" ")[0].strip(":").casefold() in _SOCIAL


def is_screen(name: str) -> bool:
    """Whether a picture is a screenshot: "Tangkapan layar", "Screenshot YouTube"."""
    return name.casefold().startswith(_SCREEN)


def is_initials(text: str) -> bool:
    """Whether a segment is a sign-off code: "vid", "ox", "H-AK", "Eks"."""
    return bool(_INITIALS.fullmatch(text.strip(". ")))


def looks_like_a_name(text: str) -> bool:
    """Whether a text is one person's name: not a menu's words, a headline, a desk, a medium, a place or a code.

    Only its words decide; whether it stands where names stand is the caller's question. "Suharto", "M. Rizky A.",
    "SITI NUR'AINI" and "rina dewi" are names; "Editor Choice", "Persaingan", "Tim Redaksi", "Medan" and "AZF" are none.
    """
    return person(text) is not None


def person(text: str, *, checked: bool = False) -> str | None:
    """Returns the name of one person, "BUDIMAN" as Budiman, or None where the text names nobody.

    `checked`: the caller knows that it is no agency, outlet, body or account.
    """
    return _person(text, checked) if len(text) <= _LONGEST else None


@lru_cache(maxsize=4096)
def _person(text: str, checked: bool) -> str | None:
    name = " ".join(text.strip(" \t\r\n,:;-–—()[]*•|·").split())
    if name.endswith(".") and _DOTTED_END.fullmatch(name) is None:
        name = name.rstrip(". ")
    if name.count("-") > 1:  # "I-Made-Arta" (kompas.tv)
        name = name.replace("-", " ")
    folded = name.casefold()
    words = name.split()
    if not 1 <= len(words) <= 6 or len(name) > 60 or folded in NOBODY or folded in NOT_NAMES:
        return None
    first = words[0].casefold().strip(".")
    if first in _ROLES:
        return _after_role(words[1:])
    role = next((at for at, word in enumerate(words) if at > 1 and word.casefold() in _ROLES), 0)
    if role:
        return person(" ".join(words[:role]), checked=checked)  # "Rina Dewi Redaktur Ekonomi"
    if first in _TITLES or _COMPANY & {word.strip(".").casefold() for word in words}:
        return None
    if not checked and (canonical_agency(name) or is_outlet(name) or is_body(name) or is_social(name)):
        return None
    if not all(_WORD.fullmatch(word) for word in words) or not _has_words_of_a_name(words):
        return None
    if name.isupper() and len(name) > 3:
        return " ".join(_capitalised(word) for word in words)
    if name.islower() and len(words) > 1 and not GIVEN_NAMES.isdisjoint(words):
        return " ".join(word if word in _SMALL else word[0].upper() + word[1:] for word in words)
    if not (words[0][0].isupper() or words[0] in ("dr.", "drg.")):
        return None
    if not all(word[0].isupper() or word in _SMALL for word in words):
        return None
    return name


def _after_role(words: list[str]) -> str | None:
    """Returns the name after "Wartawan" or "Kontributor", perhaps with a medium or place between."""
    for length in range(min(3, len(words) - 2), 0, -1):
        rest = words[length:]
        if is_outlet(" ".join(words[:length])) and find_place(rest[0]) is None:
            words = rest
            break
    while len(words) > 2 and words[0].casefold() not in GIVEN_NAMES:
        if words[0].casefold() not in NOT_IN_NAMES and find_place(words[0]) is None:
            break
        words = words[1:]  # "Kontributor Kendari Rina Dewi", "Wartawan Ekonomi Rina Dewi"
    if len(words) < 2 and not (words and words[0].casefold() in GIVEN_NAMES):
        return None
    return person(" ".join(words))


def _has_words_of_a_name(words: list[str]) -> bool:
    """Whether no word is one that names do not have, and the whole is no place, acronym or code."""
    plain = [word.strip(".").casefold() for word in words]
    known = not GIVEN_NAMES.isdisjoint(plain)
    if any(word in NOT_IN_NAMES or _is_affixed(word) for word in plain):
        return False
    place = find_place(plain[0])
    if (
        place is not None
        and plain[0] not in GIVEN_NAMES
        and (len(words) == 1 or place.country == "Indonesia" or place.canonical == place.country)
    ):
        return False  # "Kendari", "Palestina Gugur"; but "Mecca" may begin a name
    if len(words) == 1:
        if known:
            return True
        return len(plain[0]) > 3 and not words[0].islower() and not (words[0].isupper() and _is_code(plain[0]))
    if find_place(" ".join(words)) is not None and plain[0] not in GIVEN_NAMES:
        return False
    mixed = not " ".join(words).isupper()
    return not any(mixed and word.isalpha() and word.isupper() and len(word) > 3 for word in words)


def _is_affixed(word: str) -> bool:
    return len(word) > 7 and word not in GIVEN_NAMES and _AFFIXED.fullmatch(word) is not None


def _is_code(letters: str) -> bool:
    """Whether a single word in capitals is an acronym: with hardly a vowel."""
    return sum(letter in "aeiou" for letter in letters) * 4 < len(letters)


def _capitalised(word: str) -> str:
    return word if len(word) <= 2 or "." in word[:-1] else word[0] + word[1:].lower()


def without_date(byline: str) -> str:
    """Removes the date that follows names in one line: "Rina Dewi, Senin 3/6/2024 14:05 WIB"."""
    return _DATED.sub("", byline)


def people(names: str) -> tuple[str, ...]:
    """Returns the people of a byline: "Rina Dewi, Budi Raharja". Nobody for "Pewarta: 22", "Tim Redaksi", an outlet."""
    names = without_date(names)
    _, label, after = names.partition(":")
    found: list[str] = []
    for part in _SPLIT.split(after if label else names):
        alone = _alone(_BY.sub("", part, count=1) if part[:1] in "oObB" else part)
        if found and _letters(alone) in _DEGREES:
            continue  # "Budi Santoso, M.Si"
        if (name := person(alone)) is not None and name not in found:
            found.append(name)
    return tuple(found)


def _alone(part: str) -> str:
    """Returns a name without what is printed beside it: "Budi - detikNews", "Budi (Jakarta)", "Tempo.co - Budi"."""
    if "(" in part or " " in part:
        head, *rest = _ASIDE.split(part, maxsplit=1)
        if not rest:
            name, dash, house = head.rpartition("-")
            return name if dash and " " in name and is_outlet(house) else head
        return rest[0] if is_outlet(head) or canonical_agency(head) else head
    return part


def _letters(text: str) -> str:
    return "".join(letter for letter in text if letter.isalpha()).casefold()
