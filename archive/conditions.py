"""The rows of `conditions`: the state of everything that is judged, as it was told last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from archive.notice_tables import conditions


@dataclass(frozen=True, slots=True)
class ToldCondition:
    """The state of a subject as it was told last, since when, and the sentence that told it.

    `next_state` is another one, seen since `next_since`, that is not believed yet because it may pass.
    """

    subject: str
    state: str
    since: datetime
    sentence: str | None = None
    next_state: str | None = None
    next_since: datetime | None = None


def all_conditions(connection: Connection) -> Mapping[str, ToldCondition]:
    """Every row, by subject."""
    rows = connection.execute(select(conditions).order_by(conditions.c.subject))
    return {row.subject: ToldCondition(*row) for row in rows}


def replace_conditions(connection: Connection, new: Iterable[ToldCondition], gone: Iterable[str]) -> None:
    """Write these rows instead of those of their subjects, and delete those of `gone`."""
    rows = list(new)
    old = {*(row.subject for row in rows), *gone}
    if old:
        connection.execute(delete(conditions).where(conditions.c.subject.in_(old)))
    if rows:
        names = [column.name for column in conditions.c]
        connection.execute(insert(conditions), [{name: getattr(row, name) for name in names} for row in rows])
