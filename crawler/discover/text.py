"""A listing's bytes as clean text, piece by piece: unpacked, decoded, and mended where careless feeds are no XML."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Iterator
from gzip import GzipFile
from html.entities import html5
from io import BytesIO
from xml.sax.saxutils import escape

from reading.extract.charset import AS_WINDOWS_1252

LARGEST = 50 * 1024 * 1024
"""Bytes of a listing, unpacked: sitemaps.org's own limit for a sitemap."""

_CHUNK = 64 * 1024
_PROLOG = 1024 * 1024
_GZIP = b"\x1f\x8b"
_ELEMENT = re.compile(r"<[A-Za-z_]")
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_AMPERSAND = re.compile(r"&(?:(amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});|(\w{2,31};))?")
# What XML 1.0 forbids. Careless feeds have NULs and form feeds in the midst of good text.
_CLEAN = AS_WINDOWS_1252 | dict.fromkeys(set(range(32)) - {9, 10, 13})


class BadListingError(Exception):
    """A listing that cannot be read, or not to its end; the message says why, as the end of a sentence."""


def clean_text(content: bytes) -> Iterator[str]:
    """The listing's text, piece by piece, without what stands before the first mark. Raises BadListingError.

    It is UTF-8 wherever the bytes are, whatever is declared, and bytes that are not are windows-1252's (as in pages).
    """
    prolog: str | None = ""
    passed = 0
    for text in _mended(_decoded(content)):
        if prolog is None:
            yield text
            continue
        passed += len(text)
        prolog = (prolog + text).lstrip("\ufeff \t\r\n")
        first = _ELEMENT.search(prolog)
        if "<!ENTITY" in prolog[: first.start() if first else None]:
            raise BadListingError("it declares entities of its own, which no listing needs and bombs are made of")
        if first:
            yield prolog
            prolog = None
        elif passed > _PROLOG:
            raise BadListingError("a megabyte of it has passed without an element")
    if prolog:
        yield prolog


def _mended(pieces: Iterator[str]) -> Iterator[str]:
    """The text with every ampersand escaped that begins no entity of XML's, as in a bare "?a=1&b=2"; HTML's own
    entities ("&nbsp;") become their characters. The parser would drop both, and make another address of one.
    """
    held, in_cdata = "", False
    for piece in pieces:
        text = held + piece
        cut = text.rfind(">") + 1 or len(text)  # no mark and no entity stands across it
        held, text = text[cut:], text[:cut]
        mended, in_cdata = _mend(text, in_cdata)
        yield mended
    yield _mend(held, in_cdata)[0]


def _mend(text: str, in_cdata: bool) -> tuple[str, bool]:
    """The text mended outside CDATA sections, and whether it ends inside one."""
    parts, place = [], 0
    while place < len(text):
        mark = _CDATA_END if in_cdata else _CDATA
        found = text.find(mark, place)
        end = len(text) if found < 0 else found + len(mark)
        piece = text[place:end]
        parts.append(piece if in_cdata else _AMPERSAND.sub(_escaped, piece))
        in_cdata ^= found >= 0
        place = end
    return "".join(parts), in_cdata


def _escaped(found: re.Match[str]) -> str:
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
    """The bytes, gunzipped where they are gzip's (sitemap.xml.gz comes without a Content-Encoding)."""
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
