"""Content codings that servers declare and do not apply, or apply and do not declare. The bytes decide."""

from __future__ import annotations

import re
import zlib

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,1024}<[!?a-zA-Z]")
_BEGINNING = 1_000
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
_PACKED_KINDS = re.compile(rb"gzip|octet-stream|zip|binary", re.I)
"""Content-Types of files that are packed themselves, like a sitemap.xml.gz."""


class UndecodableError(IgnoreRequest):
    """A body has none of the codings that its header or its bytes speak of."""


class CarefulDecompression(HttpCompressionMiddleware):
    """Scrapy's middleware, except that the bytes of a body decide how it is packed, and the header only in doubt.

    Servers that unpack a sitemap.xml.gz, and proxies that unpack pages, forget the header; others pack a page without
    it, or name another coding. Scrapy has no public hook for this, so `_decode` is overridden.
    """

    def process_response(self, request: Request, response: Response, spider: object = None) -> Request | Response:  # noqa: ARG002  Scrapy's protocol
        """Unpack the body. Raises IgnoreRequest for a bomb, and UndecodableError."""
        kind = response.headers.get("Content-Type") or b""
        declared = response.headers.get("Content-Encoding")
        if not declared and response.body.startswith(_GZIP) and not _PACKED_KINDS.search(kind):
            response.headers["Content-Encoding"] = b"gzip"
        return super().process_response(request, response)

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        found = coding_of(body, encoding)
        if found is None:
            return body
        try:
            return HttpCompressionMiddleware._decode(body, found, max_size)
        except (zlib.error, OSError, EOFError, ValueError) as error:
            problem: Exception = error
        except Exception as error:
            if not type(error).__module__.startswith(("brotli", "zstandard", "compression")):
                raise
            problem = error
        if is_text(body):
            return body
        raise UndecodableError(f"it cannot be unpacked as {encoding.decode('latin-1')}: {problem}") from problem


def coding_of(body: bytes, declared: bytes) -> bytes | None:
    """The coding of a body by its first bytes, else the declared one; None for a plain body."""
    if body.startswith(_GZIP):
        return b"gzip"
    if body.startswith(_ZSTD):
        return b"zstd"
    if _MARKUP.match(body):
        return None
    if declared in (b"gzip", b"x-gzip"):
        zlib_head = len(body) > 1 and body[0] & 15 == 8 and int.from_bytes(body[:2], "big") % 31 == 0  # RFC 1950
        return b"deflate" if zlib_head else None
    return declared


def is_text(body: bytes) -> bool:
    """Whether a body looks like text that was never packed."""
    beginning = body[:_BEGINNING]
    return len(beginning.translate(None, _CONTROLS)) == len(beginning)
