"""HTTP answers of the newsstand: status, body, validators, and how much of the body is really sent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape

HTML = "text/html; charset=utf-8"
XML = "application/xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer.

    `wait` delays it (seconds). `sends` cuts the body off after so many bytes, although the full length is declared.
    `repeat` streams the body repeatedly up to so many bytes; with `declared` False without a Content-Length (chunked).
    `last_modified` is aware; with `validators` False neither ETag nor Last-Modified is sent.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = HTML
    last_modified: datetime | None = None
    headers: tuple[tuple[str, str], ...] = ()
    validators: bool = True
    wait: float = 0.0
    sends: int | None = None
    repeat: int | None = None
    declared: bool = True

    @property
    def etag(self) -> str:
        """A strong validator: a hash of the body."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:24]}"'

    @property
    def length(self) -> int:
        """The declared length of the body, in bytes."""
        return len(self.body) if self.repeat is None else self.repeat

    def header_lines(self) -> tuple[tuple[str, str], ...]:
        """All headers except those of the connection and the length."""
        lines = [("Content-Type", self.content_type)] if self.status not in (304, 301, 302) else []
        if self.validators and self.status in (200, 304):
            lines.append(("ETag", self.etag))
            if self.last_modified is not None:
                lines.append(("Last-Modified", format_datetime(self.last_modified.astimezone(UTC), usegmt=True)))
        return (*lines, *self.headers)

    def conditional(self, none_match: str | None, modified_since: str | None) -> Answer:
        """This answer, or 304 if If-None-Match or If-Modified-Since still matches.

        If both are given only the first counts (RFC 9110, 13.2.2).
        """
        if self.status != 200 or not self.validators:
            return self
        if none_match is not None:
            tags = {tag.strip().removeprefix("W/") for tag in none_match.split(",")}
            return replace(self, status=304) if self.etag in tags or "*" in tags else self
        since = _http_date(modified_since)
        if since is not None and self.last_modified is not None and self.last_modified.replace(microsecond=0) <= since:
            return replace(self, status=304)
        return self


def _http_date(text: str | None) -> datetime | None:
    """The date in a header; None if it cannot be read, as if the header were absent (RFC 9110, 13.1.3)."""
    try:
        moment = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def not_found(path: str) -> Answer:
    """The 404 page of every outlet."""
    body = (
        '<!DOCTYPE html><html lang="id"><head><title>Tidak ditemukan</title></head><body><h1>404</h1>'
        f"<p>Halaman {escape(path)} tidak ditemukan.</p></body></html>"
    )
    return Answer(404, body.encode())
