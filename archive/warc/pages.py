"""A fetched page, and where its WARC record is stored. Pure values, without FastWARC."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

EXPORT_ROW = "application/vnd.kliping.row+json"
"""The Content-Type of a row of another scraper's export: no HTTP answer, so it is kept as a metadata record."""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """Where a record lies: file below the warc folder, offset and length in bytes of its gzip member."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A page as it was fetched. `headers` as received, except that `content` is decoded from gzip or brotli.

    A row of an export (Content-Type ROW) has the status 0: nobody answered.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    content: bytes
    fetched_at: datetime

    @property
    def content_type(self) -> str | None:
        """The Content-Type header, or null."""
        return next((value for name, value in self.headers if name.lower() == "content-type"), None)


def page_of_export_row(url: str, content: bytes, at: datetime) -> FetchedPage:
    """A row of an export, to be kept or read back."""
    return FetchedPage(url, 0, (("Content-Type", EXPORT_ROW),), content, at)
