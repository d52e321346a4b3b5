"""A row of another scraper's export to a RawArticle. Pure."""

from __future__ import annotations

import ast
import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from math import isfinite

from selectolax.lexbor import LexborHTMLParser

from archive.records import Rejected
from reading.credits.lines import LABEL
from reading.extract.addresses import day_in_address
from reading.extract.body import paragraphs, tidy
from reading.extract.raw import FoundText, RawArticle, RawImage
from reading.extract.refuse import parseable

_MARKUP = re.compile(r"<(?:p|br|div|span|li|h[1-6]|strong|em|a)\b[^>]{0,500}>", re.I)
_ENTITY = re.compile(r"&(?:[a-z]{2,8}|#\d{2,6}|#x[0-9a-f]{2,5});", re.I)
_FORM_ENCODED = re.compile(r"\d{1,2}\+[^\W\d_]+\+\d{4}\S*")
_SINCE_1970 = re.compile(r"(?:\d{10}|\d{13})(?:\.\d+)?", re.ASCII)
_UTC = re.compile(r"\d(?:Z|[+-]00:?00)$")
_COPYRIGHT = re.compile(r"(?:copyright|hak cipta)\s*(?:©|\(c\))|©", re.I)
_CREDITS_AREA = 600
"""Characters at the end of a story without line breaks in which credits are looked for."""
_NO_VALUE = frozenset(("null", "None", "NaN", "nan", "NaT", "<NA>", "N/A", "NULL", "[]"))
"""What Python, pandas and trafilatura write for a missing value."""
_LISTS = ("author", "editor", "section", "tags", "image")
_LONGEST_LIST = 10_000
_ADDRESS_OF = {"image": ("url", "src"), "url": ("url",)}
_SENTENCE_ENDS = ".!?\"”’')]"


def read_row(row: Mapping[str, object], columns: Mapping[str, str]) -> RawArticle:
    """The fields of a row, as printed; a row without an address is a clipping. `columns` comes from `columns.guess`.

    Numbers of ten or thirteen digits in a time field are seconds or milliseconds since 1970, also if they are text, as
    every value of a CSV is. NaN is no value: pandas writes it for a missing one. Raises Rejected("bad-row") for a value
    of a type that no field has.
    """
    values = {field: tuple(texts(row.get(column), field)) for field, column in columns.items()}

    def found(field: str) -> tuple[FoundText, ...]:
        return tuple(FoundText(text, "row") for each in values.get(field, ()) if (text := tidy(_plain(each))))

    url = next((each.text for each in found("url")), None)
    title = found("title")[:1]
    stamps = [FoundText(_stamp(each.text), "row") for each in found("published")]
    in_utc = tuple(each for each in stamps if _UTC.search(each.text))  # written by a machine, not printed on the page
    images = zip(found("image")[:1] or (None,), found("caption")[:1] or (None,), strict=True)
    return RawArticle(
        url=url,
        titles=title,
        printed=tuple(each for each in stamps if each not in in_utc),
        metadata=(*in_utc, *(day_in_address(url) if url else ())),
        bylines=_parted(found("author")),
        editor_lines=_parted(found("editor")),
        body=tuple(_story(values.get("body", ()), title[0].text if title else "")),
        body_from="row",
        images=tuple(RawImage(image.text if image else None, caption) for image, caption in images if image or caption),
        sections=_parted(found("section")),
        tags=_parted(found("tags")),
        clipping=url is None,
    )


def _parted(found: tuple[FoundText, ...]) -> tuple[FoundText, ...]:
    """The values that trafilatura joins by semicolons."""
    parts = (part.strip() for each in found for part in each.text.split(";"))
    return tuple(FoundText(part, "row") for part in parts if part)


def texts(value: object, field: str) -> Iterator[str]:
    """The texts of a field's value, a time as a number in ISO 8601. Raises Rejected("bad-row")."""
    if value is None or isinstance(value, bool):
        return
    moment = field in ("published", "fetched_at")
    if isinstance(value, str):
        if value.strip() in _NO_VALUE:
            return
        if field in _LISTS and (inner := _list_in(value)) is not None:
            yield from texts(inner, field)
            return
        yield _moment(float(value)) if moment and _SINCE_1970.fullmatch(value.strip()) else value
    elif isinstance(value, int | float):
        if isinstance(value, int) or isfinite(value):
            yield _moment(value) if moment else str(value)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each, field)
    elif isinstance(value, dict):
        yield from _texts_in(value, field)
    else:
        raise Rejected("bad-row", f"its {field} is a {type(value).__name__}")


def _texts_in(value: dict[str, object], field: str) -> Iterator[str]:
    """The texts of an object: schema.org's {"name": …}, WordPress's {"rendered": …}, MongoDB's {"$date": …}, and
    fundus's body of a summary and sections. Raises Rejected("bad-row")."""
    if field == "body" and isinstance(value.get("sections"), list):
        for part in (value.get("summary"), value["sections"]):
            yield from texts(part, "body")
    elif field == "body" and isinstance(value.get("paragraphs"), list):  # a section
        for part in (value.get("headline"), value["paragraphs"]):
            yield from texts(part, "body")
    else:
        names = (
            "name",
            "rendered",
            "$date",
            "$numberLong",
            "@id",
            *(("url", "src") if field in ("image", "url") else ()),
        )
        inner = next((value[name] for name in names if isinstance(value.get(name), str | int)), None)
        if inner is None:
            raise Rejected("bad-row", f"its {field} is an object without a name")
        yield from texts(inner, field)


def _list_in(text: str) -> object:
    """The list that pandas or a scraper wrote into a cell as text ("['Rina Dewi', 'M. Yusuf']"); None if it is none."""
    if len(text) > _LONGEST_LIST or not (text[:1] == "[" and text[-1:] == "]"):
        return None
    for read in (json.loads, ast.literal_eval):
        try:
            value = read(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
            return value
    return None


def _moment(number: float) -> str:
    whole = int(number)
    if len(str(whole)) not in (10, 13) or whole < 0:
        return str(number)
    return datetime.fromtimestamp(whole / 1000 if len(str(whole)) == 13 else whole, UTC).isoformat(timespec="seconds")


def _stamp(text: str) -> str:
    """A stamp without the encoding of an HTML form: "13+December+2018"."""
    return text.replace("+", " ") if _FORM_ENCODED.fullmatch(text) else text


def _plain(text: str) -> str:
    return html.unescape(text) if _ENTITY.search(text) else text


def _story(values: tuple[str, ...], title: str) -> Iterator[str]:
    found = [paragraph for value in values for paragraph in _paragraphs(value)]
    if len(found) == 1:  # the scraper removed the line breaks
        yield from _split(found[0], title)
    else:
        yield from found


def _paragraphs(text: str) -> Iterator[str]:
    """Paragraphs: split at blank lines, or at every line if there are none; HTML is read as on a page."""
    if _MARKUP.search(text):
        body = LexborHTMLParser(parseable(text)).body
        yield from paragraphs(body) if body else ()
        return
    text = re.sub(r"\r\n?|[\v\f\u2028\u2029]", "\n", _plain(text))
    blocks = [block for block in re.split(r"\n[^\S\n]*\n\s*", text) if block.strip()]
    for block in blocks if len(blocks) > 1 else text.split("\n"):
        lines = [line for each in block.split("\n") if (line := tidy(each))]
        if lines:
            yield "\n".join(lines)


def _split(story: str, title: str) -> Iterator[str]:
    """A story in one line, without the headline before it; its credits become paragraphs of their own."""
    if title and story.startswith(title) and len(story) > len(title) + _CREDITS_AREA:
        yield title
        story = story[len(title) :].lstrip()
    cuts = _credit_offsets(story)
    for begin, end in zip([0, *cuts], [*cuts, len(story)], strict=True):
        if piece := story[begin:end].strip():
            yield piece


def _credit_offsets(story: str) -> list[int]:
    """Offsets of credit labels and a copyright notice at the end of a story; the first follows a whole sentence."""
    start = max(len(story) - _CREDITS_AREA, len(story) // 2)
    labels = [match.start() for match in LABEL.finditer(story, start)]
    copyrights = [match.start() for match in _COPYRIGHT.finditer(story, start)][:1]
    places = sorted({*labels, *copyrights})
    while places and story[: places[0]].rstrip()[-1:] not in _SENTENCE_ENDS:
        places.pop(0)
    return places
