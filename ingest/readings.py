"""What travels from the processes that read to the one that writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from archive.records import Article
from archive.warc.pages import FetchedPage


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One record as it was read: an article with the WARC record that keeps it, or the outcome by which it ended.

    `place` is where in its file it is, `address` its own or its line; `after` is the file's cursor behind it, null
    where nothing may be cut off from the next. `page` says whose record `member` is (its content stands only there).
    `final` is the address that answered, null for a text without one; `zone` the source's.
    `first_page_only`: the article goes on at another address.
    """

    place: str
    address: str
    after: int | None
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
class Read:
    """What a unit of work gives: where its first record begins, where the next unit's does, and all in between."""

    begin: int
    end: int
    readings: tuple[Reading, ...]


@dataclass(frozen=True, slots=True)
class ReadTask:
    """A unit of work: a plain function with plain arguments, safe to run twice and in any process.

    `upto` is the file's cursor behind it, and `position` how many bytes of the file lie before that.
    """

    read: Callable[..., Read]
    arguments: tuple[Any, ...]
    upto: int
    position: int
