"""Facts of the field as data, each in one place: the calendar, zones, agencies, outlets, places, words of credits.

The tables stand beside this file as TSV, TOML and plain lists; a new row is a change of data. `calendar`, `credits`,
`places` and `words` read them into typed values, once, when they are first imported.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files

_TABLES = files(__name__)


def table(name: str) -> str:
    """The text of one table of this folder, by file name."""
    return (_TABLES / name).read_text(encoding="utf-8")


def rows(name: str) -> list[list[str]]:
    """The rows of a TSV table: fields without surrounding blanks, short rows filled up to three, no comments."""
    found = []
    for line in table(name).splitlines():
        if line and not line.startswith("#"):
            fields = [field.strip() for field in line.split("\t")]
            found.append(fields + [""] * (3 - len(fields)))
    return found


def words_of(name: str) -> tuple[str, ...]:
    """The entries of a list with one a line, comments and empty lines left out."""
    return tuple(line for line in table(name).split("\n") if line and not line.startswith("#"))


def _version() -> str:
    """Twelve hexadecimal digits that change with any table."""
    digest = hashlib.sha256()
    for each in sorted(_TABLES.iterdir(), key=lambda path: path.name):
        if each.name.endswith((".tsv", ".toml", ".txt")):
            digest.update(each.name.encode() + b"\0" + each.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


VERSION = _version()
