"""The item that the spider yields to the pipelines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from archive.addresses import Address, FetchResult
from archive.records import Article
from archive.warc.pages import FetchedPage
from reading.extract.raw import RawArticle


@dataclass(slots=True)
class FetchedItem:
    """One address with its pages, the fields that they print, and (after NormalisePipeline) the article."""

    address: Address
    answer: FetchResult
    pages: tuple[FetchedPage, ...] = field(repr=False)  # the log would print whole pages
    raw: RawArticle = field(repr=False)
    fetched_at: datetime
    article: Article | None = field(default=None, repr=False)
