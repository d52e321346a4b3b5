"""How much of one field is looked at. Nothing is cut silently: an article of which anything was cut is flagged CAPPED.

The bounds are far above anything that a real page prints, and far below what takes a second to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from reading.extract.raw import Claims, FoundText, RawArticle, RawImage

CAPPED = "capped"
"""The flag of an article of which a field had more than these bounds allow."""

MOST_VALUES = 1_000
"""Values of one field: authors, tags, pictures, stamps, meta elements of one name. Real pages have up to a hundred."""
LONGEST_VALUE = 20_000
"""Characters of one value, except of a story's text. The longest real caption has two thousand."""
LONGEST_NAME = 2_000
"""Characters of a class, an id and the like. Utility classes ("mt-4 flex …") fill up to a thousand."""
MOST_BLOCKS = 500
"""Blocks of JSON-LD. Real pages have up to twenty."""
MOST_ARTICLES = 500
"""Articles that a page's JSON-LD describes: a list of other stories has some dozen."""
_TEXTS = frozenset(("articleBody", "description", "text"))
"""Properties of JSON-LD that hold a story, or a long part of one: they are read in linear time."""
_DEEPEST = 4
"""Levels below an article at which its properties are bounded: author, its image, that image's address."""


_NAMES = {
    kind: tuple(each.name for each in fields(kind) if each.name not in ("body", "flags"))
    for kind in (RawArticle, Claims)
}


def bounded(raw: RawArticle) -> RawArticle:
    """The article with at most MOST_VALUES of each field and LONGEST_VALUE of each value, flagged if that is less."""
    cut: dict[str, Any] = {
        name: fewer for name, value in _fields_of(raw) if (fewer := _bounded_values(value)) is not value
    }
    claims: dict[str, Any] = {
        name: fewer for name, value in _fields_of(raw.claims) if (fewer := _bounded_values(value)) is not value
    }
    claims.pop("texts", None)
    if claims:
        cut["claims"] = replace(raw.claims, **claims)
    if not cut:
        return raw
    return replace(raw, **cut | {"flags": tuple(dict.fromkeys((*raw.flags, CAPPED)))})


def _fields_of(record: RawArticle | Claims) -> list[tuple[str, Any]]:
    """The fields that hold several values, except the story's text, which has bounds of its own."""
    named = ((name, getattr(record, name)) for name in _NAMES[type(record)])
    return [(name, value) for name, value in named if isinstance(value, tuple) and value]


def _bounded_values(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """The values themselves if they are within the bounds."""
    if len(values) <= MOST_VALUES and all(_longest(each) <= LONGEST_VALUE for each in values):
        return values
    kept = values[:MOST_VALUES]
    return tuple(_shortened_image(each) if isinstance(each, RawImage) else _shortened(each) for each in kept)


def _longest(value: FoundText | RawImage) -> int:
    if isinstance(value, FoundText):
        return len(value.text)
    return max((len(each.text) for each in (value.caption, value.credit) if each), default=0)


def _shortened(value: FoundText) -> FoundText:
    return value if len(value.text) <= LONGEST_VALUE else replace(value, text=value.text[:LONGEST_VALUE])


def _shortened_image(image: RawImage) -> RawImage:
    caption, credit = image.caption and _shortened(image.caption), image.credit and _shortened(image.credit)
    return replace(image, caption=caption, credit=credit)


def bounded_object(thing: Mapping[str, Any]) -> tuple[dict[str, Any], bool]:
    """An object of JSON-LD within the bounds, and whether anything was cut."""
    found = _Bounding()
    kept = found.object(thing, 0)
    return kept, found.cut


class _Bounding:
    """Cuts an object's values; `cut` tells whether there was anything to cut."""

    def __init__(self) -> None:
        self.cut = False

    def object(self, thing: Mapping[str, Any], depth: int) -> dict[str, Any]:
        kept = {}
        for name, value in thing.items():
            is_text = name in _TEXTS and isinstance(value, str)
            kept[name] = value if is_text else self._value(value, depth + 1)
        return kept

    def _value(self, value: Any, depth: int) -> Any:
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            self.cut = True
            return value[:LONGEST_VALUE]
        if isinstance(value, list):
            if len(value) > MOST_VALUES:
                self.cut = True
            return [self._value(each, depth + 1) for each in value[:MOST_VALUES]] if depth < _DEEPEST else value
        if isinstance(value, dict) and depth < _DEEPEST:
            return self.object(value, depth)
        return value
