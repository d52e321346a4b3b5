"""What travels from the spider through the pipelines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from archive.addresses import Address, FetchResult
from archive.records import Article
from archive.warc.pages import FetchedPage
from reading.extract.raw import RawArticle


@dataclass(slots=True)
class FetchedItem:
    """One address with the page or pages that answered it, what they print, and, once normalised, the article."""

    address: Address
    answer: FetchResult
    pages: tuple[FetchedPage, ...] = field(repr=False)  # a log that names an item would print whole pages
    raw: RawArticle = field(repr=False)
    fetched_at: datetime
    article: Article | None = field(default=None, repr=False)
