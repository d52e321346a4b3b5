"""What travels between the process that writes and the processes that read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archive.records import Article
from archive.warc.pages import FetchedPage
from ingest.pool import Read


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRecord:
    """One record of a file, read: an article and the WARC record that keeps it, or the outcome if it gave none.

    `place` is its position in the file, `address` its URL, or names its line. `cursor` is the file's cursor after it;
    None if the next record must be saved in the same transaction. `member` is the WARC record, and `page` describes it
    (without content: that is only in `member`). `final` is the address that answered; None for a text without one.
    `zone` is the source's. `first_page_only`: the article goes on at another address.
    """

    place: str
    address: str
    cursor: int | None
    outcome: str | None = None
    detail: str | None = None
    article: Article | None = None
    page: FetchedPage | None = None
    member: bytes = field(default=b"", repr=False)
    final: str | None = None
    fetched_at: datetime | None = None
    zone: str | None = None
    first_page_only: bool = False


@dataclass(frozen=True, slots=True)
class ReadResult:
    """Result of a ReadTask: where its first record begins, where the next task's first record does, and its records."""

    begin: int
    end: int
    records: tuple[ReadRecord, ...]


@dataclass(frozen=True, slots=True)
class ReadTask:
    """A part of a file to read: a plain function and its arguments, safe to run twice and in any process.

    `end` is the file's cursor after it, `position` the number of bytes of the file before that. `apart` reads it record
    by record, with a function that runs a task alone.
    """

    function: Callable[..., ReadResult]
    arguments: tuple[Any, ...]
    end: int
    position: int
    apart: Callable[[ReadTask, Read], ReadResult]

    def in_parts(self, read: Read) -> ReadResult:
        """See `Task.in_parts`."""
        return self.apart(self, read)
