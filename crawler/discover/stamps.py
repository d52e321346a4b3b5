"""Times in listings: RSS's pubDate, Atom's and the news sitemap's publication, a sitemap's lastmod."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from email.utils import parsedate_to_datetime

from dateutil import parser as dates

from reading.dates.reader import read_date


def read_published(text: str | None, zone: tzinfo) -> datetime | date | None:
    """The publication time of an entry; None without one, or if it is invalid.

    A time without a zone gets the source's. Two-digit years (RFC 822) are read by RFC 2822's rule, because KapanLagi
    writes "Thu, 05 Nov 15"; a weekday that contradicts the date makes it invalid.
    """
    if not text:
        return None
    reading = read_date(text, zone=zone)
    if reading.reason != "needs-reference":
        return reading.moment
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def read_lastmod(text: str | None) -> datetime | None:
    """A `lastmod` (W3C datetime); None without one, or if it is invalid.

    An imprecise value is read as the latest possible moment: a day as its end, a time without a zone as UTC, which is
    later than Indonesia's. One visit too many is better than a change missed.
    """
    try:
        moment = dates.isoparse(text) if text else None
    except ValueError:
        return None
    if moment is None or text is None:
        return None
    if len(text) <= 10:
        return datetime.combine(moment.date(), time.max, tzinfo=UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
