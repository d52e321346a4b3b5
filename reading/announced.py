"""A page that a feed or news sitemap announced: its stamp counts where the page itself tells nothing as good."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from archive.records import Article, Rejected
from reading.article import normalise
from reading.extract.raw import FoundText, RawArticle
from sources.definition import Source


def normalise_announced(
    raw: RawArticle, announced: str | None, *, source: Source, url: str | None, fetched_at: datetime
) -> Article:
    """`normalise`, but a page without any date of its own, or with no more than the day in its address, takes the
    feed's (`announced`, ISO 8601), and says so: `published_from` is "feed".

    It never overrules what a page prints, and completes none of it: feeds round, and are edited apart from pages. A
    feed that tells another day than the address does not count. Raises Rejected.
    """
    told = replace(raw, metadata=(*raw.metadata, FoundText(announced, "feed"))) if announced else None
    try:
        article = normalise(raw, source=source, url=url, fetched_at=fetched_at)
    except Rejected as rejected:
        if told is None or rejected.reason != "no-date":
            raise
        return normalise(told, source=source, url=url, fetched_at=fetched_at)
    if told is None or article.published_from != "url":
        return article
    exact = normalise(told, source=source, url=url, fetched_at=fetched_at)
    moment = exact.published_at
    day = moment.date() if isinstance(moment, datetime) else moment
    return exact if day == article.published_at else article
