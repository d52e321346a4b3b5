"""Whom a sentence cites: "dilansir Reuters, Jumat", "kantor berita Kyodo melaporkan"."""

from __future__ import annotations

import re

from lexicon.credits import alternation
from reading.credits.builder import CreditsBuilder
from reading.credits.names import canonical_agency, is_outlet

_CITED = re.compile(
    rf"\b(?i:{alternation('citing')})\s*(?i:dari|oleh|laman|kantor\s+berita|media|situs)?"
    rf"\s*(?i:kantor\s+berita)?\s*(?P<name>[A-Z][\w-]*(?: [A-Z][\w-]*){{0,3}})"
)
_TOLD = re.compile(r"\b(?P<name>[A-Z]\w+)\s+(?:melaporkan|mewartakan|memberitakan)\b")  # "demikian Xinhua melaporkan"
_LOOK = 400


def read_attribution(line: str, got: CreditsBuilder) -> bool:
    """Whether a sentence cites a wire or an outlet, taken into `got`: "dikutip dariAntara" too."""
    took = False
    for match in _TOLD.finditer(line[: _LOOK * 4]):
        if (agency := canonical_agency(match["name"])) is not None:
            got.add(got.agency, [agency])
            took = True
    for match in _CITED.finditer(line[: _LOOK * 4]):
        words = match["name"].split()
        for length in range(len(words), 0, -1):
            name = " ".join(words[:length])
            if (agency := canonical_agency(name)) is not None:
                got.add(got.agency, [agency])
                took = True
                break
            if is_outlet(name):
                got.source(name)
                took = True
                break
    return took
