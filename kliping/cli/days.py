"""Days in the options `--from` and `--to`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import typer

from kliping.cli import context
from sources import Source


def parse_day(text: str) -> date:
    """The day that an option names. Raises BadParameter."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"there is no day {text!r}. Write it like 2015-12-01") from None


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
