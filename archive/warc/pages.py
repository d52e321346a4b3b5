"""A fetched page, and where its WARC record is stored. Pure values, without FastWARC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

EXPORT_ROW = "application/vnd.kliping.row+json"
"""Content-Type of a row of another scraper's export: no HTTP response, so it is stored as a metadata record."""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """The location of a record: file below the warc folder, offset and length in bytes of its gzip member."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A page as it was fetched. `headers` are as received, but `content` is decoded from gzip or brotli.

    A row of an export (Content-Type EXPORT_ROW) has the status 0, because there was no HTTP response.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes
    fetched_at: datetime

    @property
    def content_type(self) -> str | None:
        """The Content-Type header, or None."""
        return next((value for name, value in self.headers if name.lower() == "content-type"), None)


def page_of_export_row(url: str, content: bytes, at: datetime) -> FetchedPage:
    """An export row in the form of a fetched page."""
    return FetchedPage(url, 0, (("Content-Type", EXPORT_ROW),), content, at)
