"""Reads HTTP heads that break the rules, as browsers do: a page is not lost for a header that nobody needs.

Scrapy's parser skips lines without a colon. At a header whose name is none ("X Policy: …"), at a Content-Length that is
no number, and at a line of more than 16 kB it gives the page up.
"""

from __future__ import annotations

from typing import Any

import structlog
from scrapy.core.downloader.handlers import http11
from twisted.web._newclient import HEADER
from twisted.web.http_headers import InvalidHeaderName

LONGEST_LINE = 262_144
"""Bytes of a line of the head; Chrome accepts as many in all."""

log = structlog.get_logger()


class ForgivingParser(http11._LenientHTTPClientParser):
    """Scrapy's parser of a response, which leaves out the headers that it cannot use, and says so in the log.

    It has no state of its own: Scrapy replaces the class of a parser that exists already.
    """

    MAX_LENGTH = LONGEST_LINE

    def lineReceived(self, line: bytes) -> None:
        """A line of the head. One that continues a header, where there is none to continue, is left out."""
        if self.state == HEADER and line[:1] in (b" ", b"\t") and self._partialHeader is None:
            self._leave_out(line)
        else:
            super().lineReceived(line)

    def headerReceived(self, name: bytes, value: bytes) -> None:
        """A header. One with an impossible name, and a length that is no number, is left out."""
        name = name.rstrip()  # "Content-Type : text/html"
        if name.lower() == b"content-length" and not all(each.strip().isdigit() for each in value.split(b",")):
            self._leave_out(name)
            return
        try:
            super().headerReceived(name, value)  # type: ignore[no-untyped-call]  # Twisted's has no types
        except InvalidHeaderName:
            self._leave_out(name)

    def allHeadersReceived(self) -> None:
        """The head is complete. Of lengths that contradict each other none is believed: the body ends with the stream.

        Raises what Twisted raises.
        """
        lengths = self.connHeaders.getRawHeaders(b"content-length") or []
        if len({int(each) for value in lengths for each in value.split(b",")}) > 1:
            self.connHeaders.removeHeader(b"content-length")
            self._leave_out(b"content-length")
        super().allHeadersReceived()  # type: ignore[no-untyped-call]  # Twisted's has no types

    @staticmethod
    def _leave_out(what: bytes) -> None:
        log.info("a malformed HTTP header was left out", header=what[:100].decode("latin-1"))


def forgive_heads() -> None:
    """Let this process read responses with `ForgivingParser`. Scrapy has no public hook for it."""
    module: Any = http11
    module._LenientHTTPClientParser = ForgivingParser
