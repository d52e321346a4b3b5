"""How long a publisher's Retry-After is obeyed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from scrapy.http import Response

from crawler.fetching.retry_after import retry_after

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
AHEAD = NOW + timedelta(days=400)


@pytest.mark.parametrize(
    ("header", "date", "expected"),
    [
        ("120", None, timedelta(minutes=2)),
        ("0000000000120", None, timedelta(minutes=2)),
        ("604800", None, timedelta(days=7)),
        ("99999999999", None, None),
        ("9" * 5000, None, None),
        ("-5", None, None),
        ("²", None, None),
        ("soon", None, None),
        ("", None, None),
        (format_datetime(NOW + timedelta(hours=1), usegmt=True), None, timedelta(hours=1)),
        (format_datetime(NOW - timedelta(hours=1), usegmt=True), None, timedelta()),
        ("Thu, 01 Jan 2099 00:00:00 GMT", None, None),
        ("Mon, 03 Mar 2025 13:00:00 -0000", None, timedelta(hours=1)),
        (format_datetime(AHEAD + timedelta(minutes=3), usegmt=True), AHEAD, timedelta(minutes=3)),
    ],
)
def test_retry_after_is_bounded_and_counts_from_the_publisher_s_own_clock(
    header: str, date: datetime | None, expected: timedelta | None
) -> None:
    headers = {"Retry-After": header.encode("latin-1")}
    if date:
        headers["Date"] = format_datetime(date, usegmt=True).encode()
    response = Response("http://www.newsstand.test/", status=429, headers=headers)
    assert retry_after(response, NOW) == expected
