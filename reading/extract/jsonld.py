"""The articles that a page's JSON-LD describes; repairs the common syntax errors."""

from __future__ import annotations

import html
import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from reading.extract.body import tidy
from reading.extract.raw import FoundText

ARTICLE_TYPES = frozenset(
    "Article NewsArticle ReportageNewsArticle AnalysisNewsArticle BackgroundNewsArticle OpinionNewsArticle "
    "ReviewNewsArticle BlogPosting LiveBlogPosting Report".split()
)
# What older templates and plugins wrap scripts in, for parsers of 1998: comments of HTML and JavaScript, CDATA marks
_OPENING = re.compile(r"(?:\s|\ufeff|<!--|-->|<!\[CDATA\[|//[^\n{\[]{0,200}\n|//>?|/\*|\*/)+")
_CLOSING = re.compile(r"(?:-->|<!|\]\]>|/\*|\*/|//|;|\s){1,40}$")
_LONGEST_CLOSING = 120
"""Characters at the end of a script that are searched for marks and comments."""
_TRAILING_COMMA = re.compile(r",(?=\s{0,200}[}\]])")
_KIND = re.compile(rf'"@type"\s{{0,9}}:\s{{0,9}}"({"|".join(sorted(ARTICLE_TYPES))})"')
_STAMP = re.compile(r'"(datePublished|dateModified)"\s{0,9}:\s{0,9}"([^"\\<>]{8,40})"')
# A template's line with one property, whose text has quotation marks of its own: "headline": "Kapal "Beras" tiba",
_PROPERTY_LINE = re.compile(r'^(\s{0,40}"[@\w]{1,40}"\s{0,9}:\s{0,9}")([^\n]*)("\s{0,9},?\s{0,9})$', re.M)
_BARE_QUOTE = re.compile(r'(?<!\\)"')
_COMMENT_LINE = re.compile(r"^\s{0,40}//[^\n]*$", re.M)
_NO_ESCAPE = re.compile(r"\\(?![\"\\/bfnrtu])")  # "\\'" is an escape of PHP and JavaScript, not of JSON
_MOST_REFERENCES = 2_000
"""Objects of a page that others may refer to; Yoast's graphs have about ten."""
_REFERRING = ("author", "editor", "publisher", "image", "creator")
"""The properties whose object may stand elsewhere in the graph, under the `@id` that they name."""
_ORGANISATIONS = frozenset("Organization NewsMediaOrganization Corporation WebSite Brand".split())
_decoder = json.JSONDecoder(strict=False)  # raw line breaks inside strings are the commonest error


def _without_trailing_commas(text: str) -> str:
    return _TRAILING_COMMA.sub("", text)


def _as_json(text: str) -> str:
    """The text without what JavaScript allows and JSON does not, and with the quotation marks inside a line escaped."""
    return _PROPERTY_LINE.sub(
        lambda line: line[1] + _BARE_QUOTE.sub(r'\\"', line[2]) + line[3],
        _without_trailing_commas(_NO_ESCAPE.sub("", _COMMENT_LINE.sub("", text))),
    )


_REPAIRS: tuple[Callable[[str], str], ...] = (
    str,
    _without_trailing_commas,
    _as_json,
    html.unescape,
    lambda text: _as_json(html.unescape(text)),
)


def blocks(tree: LexborHTMLParser) -> list[str]:
    """The text of each of the page's JSON-LD blocks, in order."""
    scripts = tree.css("script[type]")
    return [each.text() or "" for each in scripts if "ld+json" in (each.attributes.get("type") or "").lower()]


def articles(texts: Iterable[str]) -> list[dict[str, Any]]:
    """All articles in JSON-LD blocks, in order. Skips a block that cannot be read.

    An author, publisher or picture that an article only refers to (`{"@id": …}`, as Yoast's graphs do) is put in its
    place, from whichever block of the page has it.
    """
    objects: list[dict[str, Any]] = []
    for text in texts:
        for document in _documents(text):
            objects += _objects(document)
    found = [each for each in objects if ARTICLE_TYPES & _types(each)]
    if not any(_refers(each) for each in found):
        return found
    known = {each["@id"]: each for each in objects[:_MOST_REFERENCES] if _can_be_referred_to(each)}
    return [_with_references(each, known) for each in found]


def _can_be_referred_to(thing: dict[str, Any]) -> bool:
    return isinstance(thing.get("@id"), str) and len(thing) > len({"@id", "@type"}.intersection(thing))


def _references(thing: dict[str, Any], name: str) -> list[Any]:
    value = thing.get(name)
    return value if isinstance(value, list) else [value]


def _refers(thing: dict[str, Any]) -> bool:
    """Whether a property names an object only by its `@id`."""
    return any(
        isinstance(each, dict) and isinstance(each.get("@id"), str)
        for name in _REFERRING
        for each in _references(thing, name)
    )


def _with_references(thing: dict[str, Any], known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    replaced = {}
    for name in _REFERRING:
        if name in thing:
            replaced[name] = [_referred(each, known) for each in _references(thing, name)]
    return thing | replaced


def _referred(value: Any, known: dict[str, dict[str, Any]]) -> Any:
    if isinstance(value, dict) and isinstance(value.get("@id"), str):
        return known.get(value["@id"], {}) | value
    return value


def people(thing: dict[str, Any], *names: str) -> tuple[FoundText, ...]:
    """The names in the first of these properties that has any, without those of organisations.

    `{"@type": "Organization", "name": "Koran Kita"}` is a publisher that signs its own stories: nobody.
    """
    for name in names:
        listed = [
            each
            for each in _references(thing, name)
            if not (isinstance(each, dict) and (kinds := _types(each)) and kinds <= _ORGANISATIONS)
        ]
        if found := values({name: listed}, name):
            return found
    return ()


def values(thing: dict[str, Any], name: str, inner: str = "name") -> tuple[FoundText, ...]:
    """The texts of one property: a string, an object's `inner` property, or a list of either."""
    first = thing.get(name)
    if first is None:  # of most properties
        return ()
    texts = []
    pending = deque([first])
    while pending:
        value = pending.popleft()
        if isinstance(value, list):
            pending.extendleft(reversed(value))
        elif isinstance(value, dict):
            pending.appendleft(value.get(inner))
        elif isinstance(value, int) and not isinstance(value, bool) and name.startswith("date"):
            texts.append(FoundText(str(value), "json-ld"))  # seconds or milliseconds since 1970
        elif isinstance(value, str) and (text := tidy(html.unescape(value))):
            texts.append(FoundText(text, "json-ld"))
    return tuple(texts)


def names_of_type(thing: dict[str, Any], name: str, kind: str) -> frozenset[str]:
    """The names of the objects of one property whose type ends so: "Organization", "NewsMediaOrganization"."""
    value = thing.get(name)
    objects = [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]
    found = [each for each in objects if any(known.endswith(kind) for known in _types(each))]
    return frozenset(text.text for each in found for text in values(each, "name"))


def text(thing: dict[str, Any], name: str) -> str:
    """A long text with its line breaks and markup, entities decoded; "" if the property is not a string."""
    value = thing.get(name)
    return html.unescape(value) if isinstance(value, str) else ""


def _documents(text: str) -> Iterator[Any]:
    """The JSON values of one script element: usually one, sometimes several in a row.

    From a block that no repair makes readable the stamps are still taken, if it names an article. The usual reason is
    an unescaped quotation mark in the headline.
    """
    text = _without_wrapping(text)
    whole: list[Any] = []
    for repair in _REPAIRS:
        found: list[Any] = []
        try:
            for value in _values_in_a_row(repair(text)):
                found.append(value)  # what stands before an error is kept
        except (json.JSONDecodeError, RecursionError):
            whole = max(whole, found, key=len)
            continue
        yield from found
        return
    yield from whole
    kind = _KIND.search(text)
    if kind and (stamps := dict(_STAMP.findall(text))):
        yield {"@type": kind[1], **stamps}


def _without_wrapping(text: str) -> str:
    if opening := _OPENING.match(text):
        text = text[opening.end() :]
    end = text[-_LONGEST_CLOSING:]
    return text[: len(text) - len(end)] + _CLOSING.sub("", end)


def _values_in_a_row(text: str) -> Iterator[Any]:
    at = 0
    while at < len(text):
        value, at = _decoder.raw_decode(text, at)
        yield value
        while at < len(text) and text[at] in " \t\r\n,;":
            at += 1


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    """The objects of a document that describe the page itself: in lists, in @graph, as mainEntity."""
    pending = deque([document])
    while pending:
        value = pending.popleft()
        if isinstance(value, list):
            pending.extendleft(reversed(value))
        elif isinstance(value, dict):
            yield value
            pending.extendleft((value.get("mainEntity"), value.get("@graph")))


_PREFIX = re.compile(r".*[/:#]")  # "https://schema.org/NewsArticle", "schema:NewsArticle"


def _types(thing: dict[str, Any]) -> set[str]:
    kinds = thing.get("@type")
    names = kinds if isinstance(kinds, list) else [kinds]
    return {_PREFIX.sub("", name) for name in names if isinstance(name, str)}
