"""The rows of `rounds`: when the newest stories of each source are looked for next, and why then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from archive.clock import is_ahead
from archive.clock_jumps import Clocks
from archive.database import Archive
from archive.leases import Lease
from archive.tables import articles, rounds
from archive.windows import check_lease

LONGEST = timedelta(days=1)
"""The longest interval between two rounds. A later one was planned while the clock stood ahead."""


@dataclass(frozen=True, slots=True)
class RoundPlan:
    """The next round of a source. `seconds` is the interval, before it was jittered; `why` a sentence without a stop.

    `next_at` is told by today's clock, if the clock was changed since.
    """

    source: str
    next_at: datetime
    seconds: float
    why: str

    def is_void(self, now: datetime) -> bool:
        """Whether it was planned while the clock stood ahead."""
        return is_ahead(self.next_at, now, LONGEST)


def plans(archive: Archive) -> dict[str, RoundPlan]:
    """The plans by source. A source that had no round yet has none."""
    with archive.reading() as connection:
        clocks = Clocks.of(connection)
        return {
            row.source: RoundPlan(row.source, clocks.today(row.next_at, row.clock), row.seconds, row.why)
            for row in connection.execute(select(rounds))
        }


def save_plan(archive: Archive, plan: RoundPlan, *, now: datetime, lease: Lease | None = None) -> None:
    """Replace the source's plan. Raises LeaseLostError."""
    with archive.writing() as connection:
        check_lease(connection, lease)
        values = {"next_at": plan.next_at, "seconds": plan.seconds, "why": plan.why, "at": now}
        values["clock"] = Clocks.of(connection).number
        changed = update(rounds).where(rounds.c.source == plan.source).values(**values)
        if not connection.execute(changed).rowcount:
            connection.execute(insert(rounds).values(source=plan.source, **values))


MOST_STORIES = 20_000
"""Stories of one source that are looked at for its pace: the busiest publishers have a thousand a day."""


def published_since(archive: Archive, source: str, since: datetime, until: datetime) -> Sequence[datetime]:
    """The publication times of a source's articles between two moments, in order. A bare day counts from 00:00."""
    times = select(articles.c.published_on).where(
        articles.c.source == source, articles.c.published_on > since, articles.c.published_on <= until
    )
    with archive.reading() as connection:
        return list(connection.execute(times.order_by(articles.c.published_on).limit(MOST_STORIES)).scalars())
