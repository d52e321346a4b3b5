"""Reads which medium a sentence cites: "dilansir Reuters, Jumat", "kantor berita Kyodo melaporkan"."""

from __future__ import annotations

import re

from lexicon.credits import alternation
from reading.credits.builder import CreditsBuilder
from reading.credits.names import canonical_agency, is_outlet

_CITED = re.compile(
    rf"\b(?i:{alternation('citing')})\s*(?i:dari|oleh|laman|kantor\s+berita|media|situs)?"
    rf"\s*(?i:kantor\s+berita)?\s*(?P<name>[A-Z][\w-]*(?: [A-Z][\w-]*){{0,3}})"
)
_REPORTS = re.compile(
    r"\b(?P<name>[A-Z]\w+)\s+(?:melaporkan|mewartakan|memberitakan)\b"
)  # "demikian Xinhua melaporkan"
_SEARCHED = 1_600
"""Characters of a sentence that are searched."""


def read_attribution(line: str, builder: CreditsBuilder) -> bool:
    """Adds the wire or outlet that a sentence cites; returns whether it cites one. Reads "dikutip dariAntara" too."""
    found = False
    for match in _REPORTS.finditer(line[:_SEARCHED]):
        if (agency := canonical_agency(match["name"])) is not None:
            builder.add(builder.agency, [agency])
            found = True
    for match in _CITED.finditer(line[:_SEARCHED]):
        words = match["name"].split()
        for length in range(len(words), 0, -1):
            name = " ".join(words[:length])
            if (agency := canonical_agency(name)) is not None:
                builder.add(builder.agency, [agency])
                found = True
                break
            if is_outlet(name):
                builder.set_source(name)
                found = True
                break
    return found
