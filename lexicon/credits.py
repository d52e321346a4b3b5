"""Agencies, outlets, and the words of bylines and credits."""

from __future__ import annotations

import re
import tomllib

import lexicon


def key(name: str) -> str:
    """Returns a name as a look-up key: lower case, single blanks, no final dot."""
    return " ".join(name.split()).strip(" .").casefold()


AGENCIES: dict[str, str] = {}
"""Canonical name by folded printed form."""
CAPITALS_ONLY: frozenset[str]
"""Folded forms of four letters or fewer: "AP" is the agency, "ap" are initials."""
for _canonical, _others, _ in lexicon.rows("agencies.tsv"):
    for _name in (_canonical, *filter(None, _others.split(";"))):
        AGENCIES[key(_name)] = _canonical
CAPITALS_ONLY = frozenset(name for name in AGENCIES if len(name) <= 4 and " " not in name)
AGENCY = "(?:{}|(?i:{}))".format(
    "|".join(sorted(map(str.upper, CAPITALS_ONLY), key=len, reverse=True)),
    "|".join(map(re.escape, sorted(AGENCIES.keys() - CAPITALS_ONLY, key=len, reverse=True))),
)
"""Regular expression of an agency by any of its names; those of CAPITALS_ONLY in capitals."""

OUTLETS: dict[str, str] = {}
"""Canonical outlet by folded printed form."""
for _canonical, _others, _ in lexicon.rows("outlets.tsv"):
    for _name in (_canonical, *filter(None, _others.split(";"))):
        OUTLETS[key(_name)] = _canonical

WORDS: dict[str, tuple[str, ...]] = {
    part: tuple(words) for part, words in tomllib.loads(lexicon.table("credit_words.toml")).items()
}
"""Labels, markers and non-names of credits, by role (see credit_words.toml)."""


def alternation(*parts: str) -> str:
    """Regular expression of all words of those parts of WORDS, for IGNORECASE; any white space may stand in them."""
    # the longest first: "foto" would hide "foto oleh"
    words = sorted((word for part in parts for word in WORDS[part]), key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in words) + ")"
