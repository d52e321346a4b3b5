"""A source's fixture: a page (`STEM.html`) and beside it the article expected of that page (`STEM.json`).

The expected article names the fields that the page proves; a field that it does not name is not compared. So a new
field of `Article` changes no fixture.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from reading.article import normalise
from reading.extract.page import claimed_addresses, extract_tree
from reading.extract.parsed_page import parse_html
from sources.definition import Source

REQUIRED = ("source", "url", "title", "published_at", "body")
"""Fields that every expected article names."""

FETCHED_AT = "fetched_at"
"""Key that is not a field of `Article`: when the page was fetched (ISO 8601), for pages whose dates depend on it."""
_ABSENT = "no such field"
"""What a message says in place of a value that one of the articles lacks."""


class BadFixtureError(Exception):
    """The files of a fixture cannot be used. The message is a sentence without its full stop."""


def expected_file(page: Path) -> Path:
    """The file of the article expected of a page."""
    return page.with_suffix(".json")


def load_expected(page: Path) -> dict[str, Any]:
    """The article expected of a page, empty if nobody has written it. Raises BadFixtureError."""
    file = expected_file(page)
    try:
        expected = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise BadFixtureError(f"{file} is not JSON: {error}") from error
    if not isinstance(expected, dict):
        raise BadFixtureError(f"{file} is not a JSON object")
    return expected


def read_page(source: Source, page: Path, expected: Mapping[str, Any]) -> dict[str, Any]:
    """The article that the source reads from a page now, as JSON fields.

    The address is the expected article's, else the one that the page names. Raises BadFixtureError if there is neither,
    or if the page is an unfinished draft; and archive.records.Rejected if it holds no article.
    """
    content = page.read_bytes()
    if b"TODO:" in content:
        raise BadFixtureError(f"{page} has placeholders (TODO:); replace them by text of your own")
    tree = parse_html(content)
    url = expected.get("url") or next(iter(claimed_addresses(tree)), None)
    if url is None:
        raise BadFixtureError(f'{page} names no address of its own; write {{"url": "…"}} into {expected_file(page)}')
    if not source.is_article(url):
        raise BadFixtureError(f"{url} does not match the pattern for articles of {source.name}")
    fetched_at = datetime.fromisoformat(expected[FETCHED_AT]) if FETCHED_AT in expected else None
    raw = extract_tree(tree, url=url, source=source)
    return normalise(raw, source=source, url=url, fetched_at=fetched_at).as_json()


def differences(expected: Mapping[str, Any], article: Mapping[str, Any]) -> list[str]:
    """One sentence for each value that is different in the article read: "provenance.title: expected …, read …".

    Compares only the fields that the expected article names.
    """
    missing = [f"{field}: every expected article must name it" for field in REQUIRED if field not in expected]
    return missing + [
        difference
        for field, value in expected.items()
        if field != FETCHED_AT
        for difference in _value_differences(field, value, article.get(field, _ABSENT))
    ]


def changed_fields(expected: Mapping[str, Any], article: Mapping[str, Any]) -> list[str]:
    """The expected article's fields whose values are different in the article read: "provenance.title"."""
    return [difference.partition(": ")[0] for difference in differences(expected, article)]


def _value_differences(name: str, expected: Any, read: Any) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(read, dict):
        for key in dict.fromkeys((*expected, *read)):
            yield from _value_differences(f"{name}.{key}", expected.get(key, _ABSENT), read.get(key, _ABSENT))
    elif isinstance(expected, list) and isinstance(read, list) and len(expected) == len(read):
        for at, (one, other) in enumerate(zip(expected, read, strict=True)):
            yield from _value_differences(f"{name}[{at}]", one, other)
    elif expected != read:
        yield f"{name}: expected {expected!r}, read {read!r}"


def rewritten(expected: Mapping[str, Any], article: Mapping[str, Any]) -> dict[str, Any]:
    """The expected article with the values of the article read.

    It names the same fields in the same order. If it lacks a required field, as in a new fixture, it names all fields.
    """
    known = dict(article)
    if FETCHED_AT in expected:
        known[FETCHED_AT] = expected[FETCHED_AT]
    fields = expected if all(field in expected for field in REQUIRED) else known
    return {field: known[field] for field in fields if field in known}


def as_text(expected: Mapping[str, Any]) -> str:
    """The text of an expected article's file."""
    return json.dumps(expected, ensure_ascii=False, indent=2) + "\n"
