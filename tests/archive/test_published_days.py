"""A day's counts use the article's own zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from archive.database import Archive
from archive.published_days import CountPeriod, count_by, first_and_last_days
from tests.conftest import an_article
from tests.support.indexes import Save

WIT, WIB, HAWAII = (timezone(timedelta(hours=hours)) for hours in (9, 7, -10))


def test_articles_are_counted_on_the_day_that_they_print(archive: Archive, save: Save) -> None:
    """00:30 in Jayapura is the day before in UTC, and 23:30 in Hawaii the day after; a bare day has no zone."""
    for number, published in enumerate(
        (
            datetime(2025, 1, 1, 0, 30, tzinfo=WIT),
            datetime(2024, 12, 31, 23, 30, tzinfo=WIB),  # later than the one above, on the day before
            datetime(2025, 2, 28, 23, 30, tzinfo=HAWAII),
            date(2025, 1, 1),
        )
    ):
        save(an_article(number, published_at=published, body=('Ia menulis "published_at": "1999-01-01".',)))
    with archive.reading() as connection:
        (source,) = first_and_last_days(connection)
        assert first_and_last_days(connection) == {source: ("2024-12-31", "2025-02-28")}
        by_day = count_by(connection, CountPeriod.DAY)
        assert by_day == {("2024-12-31", source): 1, ("2025-01-01", source): 2, ("2025-02-28", source): 1}
        assert count_by(connection, CountPeriod.MONTH) == {
            ("2024-12", source): 1,
            ("2025-01", source): 2,
            ("2025-02", source): 1,
        }
        assert count_by(connection, CountPeriod.YEAR, "other") == {}
