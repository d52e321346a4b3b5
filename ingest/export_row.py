"""A row of another scraper's export to what it prints. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite

from selectolax.lexbor import LexborHTMLParser

from archive.records import Rejected
from reading.credits.lines import LABEL
from reading.extract.body import paragraphs, tidy
from reading.extract.parsed_page import day_in_address
from reading.extract.raw import FoundText, RawArticle, RawImage
from reading.extract.refuse import too_deep

_MARKUP = re.compile(r"<(?:p|br|div|span|li|h[1-6]|strong|em|a)\b[^>]{0,500}>", re.I)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,5});", re.I)
_FORM_ENCODED = re.compile(r"\d{1,2}\+[^\W\d_]+\+\d{4}\S*")
_SINCE_1970 = re.compile(r"(?:\d{10}|\d{13})(?:\.\d+)?", re.ASCII)
_UTC = re.compile(r"\d(?:Z|[+-]00:?00)$")
_COPYRIGHT = re.compile(r"(?:copyright|hak cipta)\s*(?:©|\(c\))|©", re.I)
_FOOT = 600
"""Characters at the end of a story that lost its line breaks, in which its credits stand."""
_SENTENCE_ENDS = ".!?\"”’')]"


def read_row(row: Mapping[str, object], columns: Mapping[str, str]) -> RawArticle:
    """What a row prints; without an address it is a clipping. `columns` is `columns.guess`'s.

    Numbers of ten or thirteen digits are moments, in seconds or milliseconds since 1970, also where they are written as
    text, as all of a CSV is. NaN is no value: so pandas writes what is missing. Raises Rejected("bad-row")
    for values of a kind that no field has.
    """
    values = {field: tuple(texts(row.get(column), field)) for field, column in columns.items()}

    def found(field: str) -> tuple[FoundText, ...]:
        return tuple(FoundText(text, "row") for each in values.get(field, ()) if (text := tidy(_plain(each))))

    url = next((each.text for each in found("url")), None)
    title = found("title")[:1]
    stamps = [FoundText(_stamp(each.text), "row") for each in found("published")]
    told_in_utc = tuple(each for each in stamps if _UTC.search(each.text))  # a machine's, and none that was printed
    images = zip(found("image")[:1] or (None,), found("caption")[:1] or (None,), strict=True)
    return RawArticle(
        url=url,
        titles=title,
        printed=tuple(each for each in stamps if each not in told_in_utc),
        metadata=(*told_in_utc, *(day_in_address(url) if url else ())),
        bylines=found("author"),
        editor_lines=found("editor"),
        body=tuple(_story(values.get("body", ()), title[0].text if title else "")),
        body_from="row",
        images=tuple(RawImage(image.text if image else None, caption) for image, caption in images if image or caption),
        sections=found("section"),
        tags=found("tags"),
        clipping=url is None,
    )


def texts(value: object, field: str) -> Iterator[str]:
    """The texts of a field's value, moments in numbers as ISO 8601. Raises Rejected("bad-row")."""
    if value is None or isinstance(value, bool):
        return
    moment = field in ("published", "fetched_at")
    if isinstance(value, str):
        yield _moment(float(value)) if moment and _SINCE_1970.fullmatch(value.strip()) else value
    elif isinstance(value, int | float):
        if isinstance(value, int) or isfinite(value):
            yield _moment(value) if moment else str(value)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each, field)
    elif isinstance(value, dict) and isinstance(value.get("name"), str):  # {"name": "Rina Dewi"}, as schema.org has it
        yield value["name"]
    else:
        raise Rejected("bad-row", f"its {field} is a {type(value).__name__}")


def _moment(number: float) -> str:
    whole = int(number)
    if len(str(whole)) not in (10, 13) or whole < 0:
        return str(number)
    return datetime.fromtimestamp(whole / 1000 if len(str(whole)) == 13 else whole, UTC).isoformat(timespec="seconds")


def _stamp(text: str) -> str:
    """A stamp freed of a form's encoding: "13+December+2018"."""
    return text.replace("+", " ") if _FORM_ENCODED.fullmatch(text) else text


def _plain(text: str) -> str:
    return html.unescape(text) if _ENTITY.search(text) else text


def _story(values: tuple[str, ...], title: str) -> Iterator[str]:
    found = [paragraph for value in values for paragraph in _paragraphs(value)]
    if len(found) == 1:  # the scraper took the line breaks out
        yield from _parted(found[0], title)
    else:
        yield from found


def _paragraphs(text: str) -> Iterator[str]:
    """Paragraphs at blank lines, or where there are none at each line; of markup, as on a page."""
    if _MARKUP.search(text):
        too_deep(text)
        body = LexborHTMLParser(text).body
        yield from paragraphs(body) if body else ()
        return
    text = re.sub(r"\r\n?|[\v\f\u2028\u2029]", "\n", _plain(text))
    blocks = [block for block in re.split(r"\n[^\S\n]*\n\s*", text) if block.strip()]
    for block in blocks if len(blocks) > 1 else text.split("\n"):
        lines = [line for each in block.split("\n") if (line := tidy(each))]
        if lines:
            yield "\n".join(lines)


def _parted(story: str, title: str) -> Iterator[str]:
    """A story in one line, parted from the headline before it and the credits behind it."""
    if title and story.startswith(title) and len(story) > len(title) + _FOOT:
        yield title
        story = story[len(title) :].lstrip()
    cuts = _foot(story)
    for begin, end in zip([0, *cuts], [*cuts, len(story)], strict=True):
        if piece := story[begin:end].strip():
            yield piece


def _foot(story: str) -> list[int]:
    """Where the lines of the foot begin: labels of credits, a copyright; the first stands behind a whole sentence."""
    start = max(len(story) - _FOOT, len(story) // 2)
    labels = [match.start() for match in LABEL.finditer(story, start)]
    rights = [match.start() for match in _COPYRIGHT.finditer(story, start)][:1]
    places = sorted({*labels, *rights})
    while places and story[: places[0]].rstrip()[-1:] not in _SENTENCE_ENDS:
        places.pop(0)
    return places
