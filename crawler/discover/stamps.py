"""The moments that listings tell: RSS's pubDate, Atom's and the news sitemap's publication, a sitemap's lastmod."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from email.utils import parsedate_to_datetime

from dateutil import parser as dates

from reading.dates.reader import read_date


def published(text: str | None, zone: tzinfo) -> datetime | date | None:
    """When a listing says that an entry was published; None where it says nothing, or nothing that can be believed.

    A clock without a zone takes the source's. RFC 822's years of two digits are read as RFC 2822 reads them (KapanLagi
    writes "Thu, 05 Nov 15"), except beside a weekday that contradicts them.
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


def changed(text: str | None) -> datetime | None:
    """A `lastmod` (W3C datetime), or None.

    What leaves the moment open counts as late as it can be: a bare day as its end, a clock without a zone as UTC, which
    is later than Indonesia's. Rather one visit too many.
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
