"""Retry-After and other times in HTTP headers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from scrapy.http import Response

from archive.addresses import LATEST_TRY

_DIGITS = 9
"""Digits of a Retry-After that are read: decades."""


def retry_after(response: Response, now: datetime) -> timedelta | None:
    """How long a Retry-After header asks to wait (RFC 9110, 10.2.3: seconds or a date); None without a readable one.

    A date counts from the publisher's own clock where it is told. More than LATEST_TRY is nonsense, as a negative
    number is: nobody means 2099, and a page that is asked for after weeks has left the feed.
    """
    value = wish_of(response)
    if re.fullmatch("[0-9]+", value):
        wait = timedelta(seconds=int(value.lstrip("0")[:_DIGITS] or 0))
    else:
        until = http_date(value)
        if until is None:
            return None
        asked_at = http_date((response.headers.get("Date") or b"").decode("latin-1")) or now
        wait = max(timedelta(), until - asked_at)
    return None if wait > LATEST_TRY else wait


def wish_of(response: Response) -> str:
    """The Retry-After header as it was sent; empty without one."""
    return (response.headers.get("Retry-After") or b"").decode("latin-1").strip()


def http_date(value: str) -> datetime | None:
    """An HTTP date (RFC 9110, 5.6.7), aware; None for anything else."""
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
