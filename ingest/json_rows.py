"""The rows of a JSON file of any shape: lines, an array, several arrays, objects one after the other, pretty or not.

A row is an object that is inside no other object; brackets, commas and white space around rows do not matter. So
`scrapy -O out.json`, a file that two runs appended to, and `jq .` output are read alike, in little memory.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

_CHUNK = 1 << 20
_STRUCTURE = re.compile(rb'["\\{}\[\]]')
_BETWEEN = b" \t\r\n,[]\x1e\x00\xef\xbb\xbf"
"""What may stand between two rows; RFC 7464 puts a record separator before each."""
_ADDRESS = re.compile(r"https?://\S+$")
_WRAPPERS = ("articles", "items", "data", "results", "rows", "news", "documents", "docs", "hits", "berita", "artikel")


@dataclass(frozen=True, slots=True)
class JsonPiece:
    """A row's bytes; or what stands between rows and is none (`is_row` False). `content` None: it is too long."""

    content: bytes | None
    is_row: bool = True
    whole: bool = True


def pieces(file: IO[bytes], longest: int) -> Iterator[JsonPiece]:
    """The rows of a JSON file, and the pieces between them that are no JSON object. Linear in the file's size."""
    kept: list[bytes] = []
    size = depth = 0
    quoted = escaped = False
    for chunk in _utf_8(file):
        start = 0  # of the piece in this chunk
        skip = 0 if escaped else -1
        escaped = False
        for found in _STRUCTURE.finditer(chunk):
            at, mark = found.start(), found[0]
            if at == skip:
                continue
            if mark == b"\\":
                if quoted:
                    skip = at + 1
            elif mark == b'"':
                quoted = depth > 0 and not quoted
            elif quoted:
                continue
            elif mark == b"{":
                if not depth:
                    yield from _between(kept, chunk[start:at])
                    kept, size, start = [], 0, at
                depth += 1
            elif mark == b"}" and depth:
                depth -= 1
                if not depth:
                    size += at + 1 - start
                    kept.append(chunk[start : at + 1])
                    yield JsonPiece(b"".join(kept) if size <= longest else None)
                    kept, size, start = [], 0, at + 1
        escaped = skip == len(chunk)
        size += len(chunk) - start
        kept = [*kept, chunk[start:]] if size <= longest else []
    if depth:
        yield JsonPiece(b"".join(kept), whole=False)
    else:
        yield from _between(kept, b"")


def _between(kept: list[bytes], last: bytes) -> Iterator[JsonPiece]:
    text = b"".join([*kept, last]).strip(_BETWEEN)
    if text:
        yield JsonPiece(text, is_row=False)


def _utf_8(file: IO[bytes]) -> Iterator[bytes]:
    first = file.read(_CHUNK)
    if not first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        while first:
            yield first
            first = file.read(_CHUNK)
        return
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    while first:
        yield decoder.decode(first).encode()
        first = file.read(_CHUNK)


def is_one_row(line: bytes) -> bool:
    """Whether a line is one JSON object that wraps no rows, or no JSON, so that the file has one row a line."""
    if b"\x1e" in line[:4]:
        return False
    beginning = line.lstrip(b"\xef\xbb\xbf \t")
    if not beginning.startswith((b"{", b"[")):
        return True
    if beginning.startswith(b"["):
        return False
    found = list(pieces(io.BytesIO(line), len(line)))
    if len(found) != 1 or not found[0].is_row or not found[0].whole:
        return False
    try:
        value = parsed(line.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return True
    return not isinstance(value, dict) or rows_in(value) == [value]


def rows_in(value: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The rows of an object that wraps them ({"articles": […]}; Elasticsearch's {"hits": {"hits": […]}}), or itself.

    An object of objects whose names are addresses is rows by address.
    """
    for name in _WRAPPERS:
        inner = value.get(name)
        if isinstance(inner, dict) and name == "hits":
            inner = inner.get("hits")
        if isinstance(inner, list) and inner and all(isinstance(each, dict) for each in inner):
            return inner
    if len(value) > 1 and all(isinstance(row, dict) and _ADDRESS.match(key) for key, row in value.items()):
        return [{"url": key, **row} for key, row in value.items()]
    return [value]


def flat(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row with the members of its inner objects as "outer.inner" too; an Elasticsearch hit is its `_source`."""
    source = row.get("_source")
    row = source if isinstance(source, dict) else row
    inner = {
        f"{name}.{key}": each for name, value in row.items() if isinstance(value, dict) for key, each in value.items()
    }
    return {**row, **inner} if inner else row


def parsed(content: str) -> object:
    """The value of JSON text. Raises ValueError and RecursionError."""
    return json.loads(content, strict=False)  # raw line breaks in strings: some scrapers write them
