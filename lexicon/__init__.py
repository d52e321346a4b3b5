"""Facts as data, each in one table: calendar, zones, agencies, outlets, places, words of credits, domain endings.

The tables are TSV, TOML and plain lists beside this file; a new row is a change of data. `calendar`, `credits`,
`domains`, `places` and `words` read them into typed values when they are first imported.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files

_TABLES = files(__name__)


def table(name: str) -> str:
    """Returns the text of a table, by file name."""
    return (_TABLES / name).read_text(encoding="utf-8")


def rows(name: str) -> list[list[str]]:
    """Returns the rows of a TSV table without comments; fields are stripped, short rows padded to three."""
    found = []
    for line in table(name).splitlines():
        if line and not line.startswith("#"):
            fields = [field.strip() for field in line.split("\t")]
            found.append(fields + [""] * (3 - len(fields)))
    return found


def words_of(name: str) -> tuple[str, ...]:
    """Returns the entries of a list, one per line, without comments and empty lines."""
    return tuple(line for line in table(name).split("\n") if line and not line.startswith("#"))


def _version() -> str:
    """Returns twelve hexadecimal digits that change with any table."""
    digest = hashlib.sha256()
    for each in sorted(_TABLES.iterdir(), key=lambda path: path.name):
        if each.name.endswith((".tsv", ".toml", ".txt")):
            digest.update(each.name.encode() + b"\0" + each.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


VERSION = _version()
