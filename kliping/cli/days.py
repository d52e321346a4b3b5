"""Days in the options `--from` and `--to`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import typer

from indexer.query import end_of, moment
from kliping.cli import context
from sources import Source


def first_day(text: str) -> date:
    """The first day of the day, month or year that an option names. Raises BadParameter."""
    with _date_mistakes():
        return moment(text.strip(), UTC).date()


def last_day(text: str) -> date:
    """The last day of the day, month or year that an option names. Raises BadParameter."""
    with _date_mistakes():
        return (end_of(text.strip(), UTC) - timedelta(microseconds=1)).date()


@contextmanager
def _date_mistakes() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise typer.BadParameter(f"needs a date, and {error}. Write it like 2015-12-01, 2015-12 or 2015") from None


def yesterday_of(source: Source) -> date:
    """The last day that is over in the source's zone."""
    return datetime.now(UTC).astimezone(ZoneInfo(source.zone)).date() - timedelta(days=1)


def check_range(first: date, last: date, source: Source) -> None:
    """Exit with status 2 unless `first` is not after `last`, and `last` is over in the source's zone."""
    if first > last:
        context.fail(f"--from {first} is after --to {last}. Exchange the two.")
    if last > yesterday_of(source):
        context.fail(
            f"--to {last} is not over yet in {source.zone}. Take an earlier day; `kliping crawl {source.name}` reads "
            "what is new."
        )
