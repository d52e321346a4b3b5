"""When an article that is archived is looked at again: corrections and withdrawals come in the first hours and days.

An age that passed before the source was crawled is made up for by one visit. Pages of gone articles are visited too:
a page may return (docs/decisions/0032-rounds-and-revisits.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from archive.addresses import Address, as_address
from archive.clock import TOLERANCE
from archive.tables import addresses

AGES = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=30),
)
"""How long after its publication an article is visited again."""

MOST_VISITS = 200
"""Revisits in one run. At the usual delay of 5 s they take a quarter of an hour; the others wait for the next run."""


def next_visit(published: datetime, now: datetime) -> datetime | None:
    """When an article that was just visited is visited again; None after the last age."""
    return next((published + age for age in AGES if published + age > now), None)


def due(connection: Connection, source: str, now: datetime, limit: int = MOST_VISITS) -> Sequence[Address]:
    """The addresses of a source whose articles are to be looked at again, the longest overdue first.

    Those that failed and are queued for another try are left out: they come by that. A visit further ahead than the
    last age was planned while the clock stood ahead.
    """
    waiting = (addresses.c.next_visit <= now) | (addresses.c.next_visit > now + AGES[-1] + TOLERANCE)
    chosen = select(addresses).where(
        addresses.c.source == source, addresses.c.state != "queued", addresses.c.article_id.is_not(None), waiting
    )
    rows = connection.execute(chosen.order_by(addresses.c.next_visit, addresses.c.id).limit(limit))
    return [as_address(row) for row in rows]
