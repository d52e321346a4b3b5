"""A query in the words of the query syntax, so that a message can name a part of it as it may be typed."""

from __future__ import annotations

import re

from indexer.nodes import (
    Alike,
    All,
    And,
    Beginning,
    Constant,
    DateRange,
    Node,
    Not,
    Or,
    Phrase,
    Preferring,
    Some,
    Synonyms,
    Term,
    Weighted,
    Word,
)
from indexer.schema import QUERY_FIELDS

_QUOTED = re.compile(r'[\s()"“”„]')
"""What a value must be quoted for."""
_NAMES = {field: name for name, field in QUERY_FIELDS.items()}


def typed(node: Node) -> str:
    """A query that `query.read` reads as this one, as far as the syntax has words for it."""
    match node:
        case All():
            return ""
        case Word(text, within):
            return f"{within[0]}:{text}" if within else text
        case Phrase(text, within):
            name = f"{within[0]}:" if within else ""
            return f'{name}"{text}"' if name or _QUOTED.search(text) else f"+{text}"
        case Beginning(text):
            return f"{text}*"
        case Term(field, value):
            return f"{_NAMES.get(field, field)}:{_quoted(value)}"
        case DateRange(since, until):
            bounds = (("after", since), ("before", until))
            return " ".join(f"{name}:{at:%Y-%m-%d}" for name, at in bounds if at)
        case And(parts) | Some(parts):
            return " ".join(f"({typed(part)})" if isinstance(part, Or) else typed(part) for part in parts)
        case Or(parts):
            return " OR ".join(map(typed, parts))
        case Not(Phrase(text, ())) if not _QUOTED.search(text):
            return f"-{text}"
        case Not(part):
            return f"-({typed(part)})" if isinstance(part, And | Or) else f"-{typed(part)}"
        case Alike(words):
            return " ".join(word for word, _ in words)
        case Synonyms(part):
            return typed(part)
        case Preferring(part) | Weighted(part) | Constant(part):
            return typed(part)


def _quoted(value: str) -> str:
    return value if value and not _QUOTED.search(value) else f'"{value}"'
