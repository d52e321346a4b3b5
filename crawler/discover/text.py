"""A listing's bytes as clean text, in chunks: unpacked, decoded, and corrected where feeds are not valid XML."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator
from gzip import GzipFile
from html import escape
from html.entities import html5
from io import BytesIO

from reading.extract.charset import AS_WINDOWS_1252

LARGEST = 50 * 1024 * 1024
"""Bytes of an unpacked listing: sitemaps.org's own limit for a sitemap."""

_CHUNK = 64 * 1024
_PROLOG = 1024 * 1024
_GZIP = b"\x1f\x8b"
_BLANK = "\ufeff \t\r\n"
_ELEMENT = re.compile(r"<[A-Za-z_]")
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_AMPERSAND = re.compile(r"&(?:(amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});|(\w{2,31};))?")
# XML 1.0 forbids these control characters. Some feeds have NULs and form feeds inside good text.
_CLEAN = AS_WINDOWS_1252 | dict.fromkeys(set(range(32)) - {9, 10, 13})


class BadListingError(Exception):
    """A listing cannot be read, or not to its end. The message says why and completes a sentence ("it is not XML")."""


def clean_text(content: bytes) -> Iterator[str]:
    """The listing's text in chunks, without blanks before the XML. Raises BadListingError.

    Bytes that are valid UTF-8 are read as UTF-8, whatever the XML declares; other bytes as windows-1252 (as in pages).
    """
    prolog: str | None = ""
    passed = 0
    for text in _escape_ampersands(_decoded(content)):
        if prolog is None:
            yield text
            continue
        passed += len(text)
        prolog = (prolog + text).lstrip(_BLANK)
        first = _ELEMENT.search(prolog)
        if "<!ENTITY" in prolog[: first.start() if first else None]:
            raise BadListingError("it declares entities of its own, which listings do not need and XML bombs use")
        if first:
            yield prolog
            prolog = None
        elif passed > _PROLOG:
            raise BadListingError("its first megabyte has no element")
    if prolog:
        yield prolog


def text_lines(content: bytes) -> Iterator[str] | None:
    """The lines of a listing that is plain text; None for one that begins with markup. Raises BadListingError."""
    for text in _decoded(content):
        if beginning := text.lstrip(_BLANK):
            return None if beginning.startswith("<") else _lines(_decoded(content))
    return None


def _lines(chunks: Iterator[str]) -> Iterator[str]:
    rest = ""
    for chunk in chunks:
        *whole, rest = re.split(r"[\r\n]", rest + chunk)
        yield from whole
        if len(rest) > _PROLOG:
            raise BadListingError("one of its lines has more than a million characters")
    yield rest


def _escape_ampersands(chunks: Iterator[str]) -> Iterator[str]:
    """Escapes each ampersand that does not begin an XML entity, as in "?a=1&b=2", and replaces HTML's own entities
    ("&nbsp;") by their characters. The parser would drop both, which would change an address.
    """
    rest, in_cdata = "", False
    for chunk in chunks:
        text = rest + chunk
        cut = text.rfind(">") + 1 or len(text)  # no CDATA mark and no entity spans a ">"
        rest, text = text[cut:], text[:cut]
        escaped, in_cdata = _escape_outside_cdata(text, in_cdata)
        yield escaped
    yield _escape_outside_cdata(rest, in_cdata)[0]


def _escape_outside_cdata(text: str, in_cdata: bool) -> tuple[str, bool]:
    """The text escaped outside CDATA sections, and whether it ends inside one."""
    parts, place = [], 0
    while place < len(text):
        mark = _CDATA_END if in_cdata else _CDATA
        found = text.find(mark, place)
        end = len(text) if found < 0 else found + len(mark)
        piece = text[place:end]
        parts.append(piece if in_cdata else _AMPERSAND.sub(_escape_one, piece))
        in_cdata ^= found >= 0
        place = end
    return "".join(parts), in_cdata


def _escape_one(found: re.Match[str]) -> str:
    if found[1]:
        return found[0]
    return escape(html5.get(found[2] or "", found[0]))


def _decoded(content: bytes) -> Iterator[str]:
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    decoder = codecs.getincrementaldecoder("utf-16" if wide else "utf-8")("replace" if wide else "surrogateescape")
    for piece in _unpacked(content):
        yield decoder.decode(piece).translate(_CLEAN)
    yield decoder.decode(b"", final=True).translate(_CLEAN)


def _unpacked(content: bytes) -> Iterator[bytes]:
    """The bytes, unpacked if they are gzip (a sitemap.xml.gz has no Content-Encoding)."""
    packed = content.startswith(_GZIP)
    stream = GzipFile(fileobj=BytesIO(content)) if packed else BytesIO(content)
    size = 0
    while True:
        try:
            piece = stream.read(_CHUNK)
        except (EOFError, OSError, zlib.error) as error:
            raise BadListingError(f"its gzip is damaged ({error})") from error
        if not piece:
            return
        size += len(piece)
        if size > LARGEST:
            raise BadListingError(f"it is larger than {LARGEST // 1024**2} MB{' when unpacked' if packed else ''}")
        yield piece
