"""Data in a page's scripts: names for the tag manager, and stories that only the browser renders."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from lexicon.credits import WORDS
from reading.extract.body import paragraphs, tidy
from reading.extract.raw import FoundText

_PAIR = re.compile(r"[\"'](\w{5,20})[\"']\s?:\s?(?:\"([^\"\n]{2,80})\"|'([^'\n]{2,80})')")
_ASSIGNED = re.compile(r"\.(authors?|editors?)\s?=\s?(?:\"([^\"\n]{2,80})\"|'([^'\n]{2,80})')")
_LONGEST_LAYER = 20_000
"""Characters: the assignment is short; a longer script is the code of the tag manager itself."""


def people(tree: LexborHTMLParser) -> tuple[tuple[FoundText, ...], tuple[FoundText, ...]]:
    """The writers and the editors that a page passes to its tag manager (`dataLayer`), word for word.

    Tribunnews, Suara, BeritaSatu and Media Indonesia name both there; their JSON-LD names only one.
    """
    values: dict[str, str] = {}
    for script in tree.css("script:not([src])"):
        text = script.text() or ""
        if len(text) > _LONGEST_LAYER:
            continue
        layers = [at for name in WORDS["data_layers"] if (at := text.find(name)) >= 0]
        if layers:
            start = min(layers)
            for name, double, single in (*_PAIR.findall(text, start), *_ASSIGNED.findall(text, start)):
                values.setdefault(name.lower(), tidy(_unescaped(double or single)))
    return _first(values, WORDS["author_fields"]), _first(values, WORDS["editor_fields"])


def _unescaped(text: str) -> str:
    """The text of a string in a script; its escapes ("Rina \\u0026 Budi") are JSON's."""
    if "\\" not in text:
        return text
    try:
        return str(json.loads(f'"{text}"'))
    except json.JSONDecodeError:
        return text


def _first(values: dict[str, str], names: tuple[str, ...]) -> tuple[FoundText, ...]:
    return next(((FoundText(values[name], "script"),) for name in names if values.get(name)), ())


def story(tree: LexborHTMLParser) -> tuple[str, ...]:
    """The paragraphs of the longest piece of HTML in the page's JSON (Next.js and the like); () if there is none.

    For pages whose markup has no story, such as Jawa Pos's.
    """
    texts: list[str] = []
    for script in tree.css("script[type='application/json'], script#__NEXT_DATA__"):
        try:
            texts += _strings(json.loads(script.text() or ""))
        except (json.JSONDecodeError, RecursionError):
            continue
    markup = max((text for text in texts if "<p" in text or "<br" in text), key=len, default="")
    return paragraphs_of_markup(markup)


def paragraphs_of_markup(markup: str) -> tuple[str, ...]:
    """The paragraphs of a piece of HTML, or the lines of plain text."""
    if "<" not in markup:
        return tuple(line for each in markup.split("\n") if (line := tidy(each)))
    body = LexborHTMLParser(markup).body
    return paragraphs(body) if body else ()


def _strings(document: Any) -> Iterator[str]:
    pending = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
