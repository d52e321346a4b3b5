"""Decode a page's bytes; its declared charset is often wrong."""

from __future__ import annotations

import codecs
import re

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_META = re.compile(
    rb"<(?:meta|\?xml)[^>]{0,500}?(?:charset|encoding)\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_:.-]{2,40})", re.I
)
_HEADER = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{2,40})", re.I)
_META_WITHIN = 4096
"""Bytes that are searched for a declaration. Browsers search 1,024, but old Indonesian pages have scripts before it."""

# UTF-8 and the single-byte charsets of Indonesian pages: here the bytes decide, not the declaration
_DECIDED_BY_BYTES = {"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1252", "utf-16", "utf-16-le", "utf-16-be"}

# "surrogateescape" decodes bytes that are not UTF-8 as U+DC80…U+DCFF; this maps each to its windows-1252 character.
# The five bytes that windows-1252 leaves undefined become C1 controls, as in the WHATWG's table.
AS_WINDOWS_1252 = {0xDC00 + byte: bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0x100)}
_NOT_UTF8 = re.compile("[\udc80-\udcff]")

# Browsers decode a declared charset as its superset (the WHATWG's table of labels)
_SUPERSETS = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949"}


def declared_charset(content: bytes, content_type: str | None) -> str | None:
    """The charset that the HTTP header or else the page declares, by Python's name; None if there is no known one."""
    header = _HEADER.search(content_type or "")
    meta = _META.search(content[:_META_WITHIN])
    for name in (header[1] if header else None, meta[1].decode("ascii") if meta else None):
        if name is None:
            continue
        try:
            return codecs.lookup(name).name
        except LookupError:
            continue
    return None


def decode(content: bytes, content_type: str | None = None) -> str:
    """The text of a page, without a byte-order mark; never raises, and loses no character.

    Bytes that are valid UTF-8 are decoded as UTF-8, whatever is declared: pages in UTF-8 that declare ISO-8859-1, and
    the reverse, are both common. A byte that is not UTF-8 is read as windows-1252, even amid UTF-8 (a page with a
    pasted comment). A declared charset is used only if it is of another family (GBK, Big5, KOI8). UTF-16 without a
    mark is recognised by its zero bytes. No other charset is trusted where bytes beyond ASCII are valid UTF-8, because
    text in another charset hardly ever is.
    """
    for mark, name in _BOMS:
        if content.startswith(mark):
            text = content[len(mark) :]
            return _utf8(text) if name == "utf-8" else text.decode(name, "replace")
    if wide := _utf16_without_mark(content):
        return content.decode(wide, "replace")
    if not content.isascii():  # ISO-2022-JP and the like consist of ASCII
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError:
            pass
    declared = declared_charset(content, content_type)
    if declared is not None and declared not in _DECIDED_BY_BYTES:
        try:
            return content.decode(_SUPERSETS.get(declared, declared))
        except (
            UnicodeDecodeError,
            LookupError,
        ):  # LookupError: "hex", "rot13" and the like are codecs, but not of text
            pass
    return _utf8(content)


def _utf16_without_mark(content: bytes) -> str | None:
    """The byte order of UTF-16, where every second byte of markup is zero; None for other charsets (few zeros)."""
    beginning = content[:_META_WITHIN]
    even, odd = beginning[::2].count(0), beginning[1::2].count(0)
    if max(even, odd) * 3 < len(beginning) or min(even, odd) * 20 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _utf8(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        pieces = content.decode("utf-8", "surrogateescape")
        return _NOT_UTF8.sub(lambda byte: AS_WINDOWS_1252[ord(byte[0])], pieces)
