"""Content codings that servers declare and do not apply."""

from __future__ import annotations

import re

from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware

_GZIP = b"\x1f\x8b"
_MARKUP = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,64}<[!?a-zA-Z]")


class CarefulDecompression(HttpCompressionMiddleware):
    """Scrapy's middleware, except that a plain body under a header that says gzip or another coding stays.

    Servers that unpack a sitemap.xml.gz, and proxies that unpack pages, forget the header.

    Scrapy has no public hook for this, so `_decode` is overridden.
    """

    @staticmethod
    def _decode(body: bytes, encoding: bytes, max_size: int) -> bytes:
        if is_plain(body, encoding):
            return body
        return HttpCompressionMiddleware._decode(body, encoding, max_size)


def is_plain(body: bytes, encoding: bytes) -> bool:
    """Whether a body does not have the coding that its header declares."""
    if encoding in (b"gzip", b"x-gzip"):
        return not body.startswith(_GZIP)
    return _MARKUP.match(body) is not None
