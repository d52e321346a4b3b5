"""The days that backfills have been through: a row a source and day, so that a killed one goes on where it was."""

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
    """What has become of a day. One without a row has not been dealt with."""

    DONE = "done"
    """Its index was read to the end, and each story in it was asked for."""
    EMPTY = "empty"
    """Its index was read and lists no story: a quiet day, or a layout that nobody told us of. It is asked again."""
    OPEN = "open"
    """Its index could not be read, or not all of its stories were asked for; `note` says why."""


@dataclass(frozen=True, slots=True)
class BackfillDay:
    """A day of a source, in the source's zone. `waiting` of its `listed` stories are to be tried again."""

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
    """The days of a source that have a row, between two days, both included."""
    query = select(backfill_days).where(backfill_days.c.source == source, backfill_days.c.day.between(first, last))
    with archive.reading() as connection:
        rows = connection.execute(query.order_by(backfill_days.c.day)).all()
    return {row.day: _day(row) for row in rows}


def _day(row: Row[tuple[object, ...]]) -> BackfillDay:
    state = DayState(row.state)
    return BackfillDay(row.source, row.day, state, row.listed, row.waiting, row.note, row.run_id, row.at)


def save_day(connection: Connection, day: BackfillDay) -> None:
    """Write what has become of a day, over what stood there."""
    of_day = (backfill_days.c.source == day.source, backfill_days.c.day == day.day)
    values = asdict(day)
    if not connection.execute(update(backfill_days).where(*of_day).values(**values)).rowcount:
        connection.execute(insert(backfill_days).values(**values))


def archived_keys(connection: Connection, keys: Collection[str]) -> set[str]:
    """The canonical keys at which the archive has an article, however it came there: by a crawl or an import."""
    by_id = {article_id_of_key(key): key for key in keys}
    found: set[str] = set()
    for chunk in _chunks(by_id):
        rows = connection.execute(select(articles.c.id).where(articles.c.id.in_(chunk))).scalars()
        found.update(by_id[row] for row in rows)
    return found


def count_queued(connection: Connection, keys: Collection[str]) -> int:
    """How many of these addresses are in the queue still."""
    count = select(func.count()).where(addresses.c.state == "queued")
    return sum(connection.execute(count.where(addresses.c.key.in_(chunk))).scalar_one() for chunk in _chunks(keys))


def _chunks(keys: Iterable[str]) -> Iterable[Sequence[str]]:
    left = iter(keys)
    while chunk := list(islice(left, _CHUNK)):
        yield chunk
