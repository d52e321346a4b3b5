"""The days that backfills have handled: one row per source and day, so that a killed backfill resumes there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from archive.database import Archive
from archive.identity import article_id_of_key
from archive.tables import addresses, articles, backfill_days

_CHUNK = 500  # keys in one IN list, as in archive/addresses.py


class DayState(StrEnum):
    """The state of a day. A day without a row is unhandled."""

    DONE = "done"
    """Its index was read to the end, and every story in it was requested."""
    EMPTY = "empty"
    """Its index was read and lists no story: a quiet day, or a changed layout. The next backfill reads it again."""
    OPEN = "open"
    """Its index could not be read, or some of its stories were not requested; `note` says why."""


@dataclass(frozen=True, slots=True)
class BackfillDay:
    """A day of a source, in the source's zone. `waiting` of its `listed` stories are still queued for a retry."""

    source: str
    day: date
    state: DayState
    listed: int
    waiting: int
    note: str | None
    run_id: str
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """For `kliping backfill --json`."""
        return asdict(self) | {"day": self.day.isoformat(), "state": str(self.state), "at": self.at.isoformat()}


def days_of(archive: Archive, source: str, first: date, last: date) -> Mapping[date, BackfillDay]:
    """The rows of a source from day `first` to day `last`, inclusive."""
    query = select(backfill_days).where(backfill_days.c.source == source, backfill_days.c.day.between(first, last))
    with archive.reading() as connection:
        rows = connection.execute(query.order_by(backfill_days.c.day)).all()
    return {row.day: _day(row) for row in rows}


def _day(row: Row[tuple[object, ...]]) -> BackfillDay:
    state = DayState(row.state)
    return BackfillDay(row.source, row.day, state, row.listed, row.waiting, row.note, row.run_id, row.at)


def save_day(connection: Connection, day: BackfillDay) -> None:
    """Insert or replace the row of a day."""
    of_day = (backfill_days.c.source == day.source, backfill_days.c.day == day.day)
    values = asdict(day)
    if not connection.execute(update(backfill_days).where(*of_day).values(**values)).rowcount:
        connection.execute(insert(backfill_days).values(**values))


def archived_keys(connection: Connection, keys: Collection[str]) -> set[str]:
    """Those of the canonical keys whose article is in the archive, from a crawl or an import."""
    by_id = {article_id_of_key(key): key for key in keys}
    found: set[str] = set()
    for chunk in _chunks(by_id):
        rows = connection.execute(select(articles.c.id).where(articles.c.id.in_(chunk))).scalars()
        found.update(by_id[row] for row in rows)
    return found


def count_queued(connection: Connection, keys: Collection[str]) -> int:
    """How many of these addresses are still in the queue."""
    count = select(func.count()).where(addresses.c.state == "queued")
    return sum(connection.execute(count.where(addresses.c.key.in_(chunk))).scalar_one() for chunk in _chunks(keys))


def _chunks(keys: Iterable[str]) -> Iterable[Sequence[str]]:
    remaining = iter(keys)
    while chunk := list(islice(remaining, _CHUNK)):
        yield chunk
