"""A source whose newest story is older than it ever was between two stories: its listings may stand still.

Such a crawl is good by itself: it lists addresses, all are known, and nothing fails. That a busy source has too few new
articles in a day is seen by its baseline (`archive.health.baseline`); a quiet one has none on many days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import func, select

from archive import clock
from archive.clock import duration
from archive.database import Archive
from archive.tables import articles, runs
from archive.window import HARVEST_VERDICTS

LOOKS_BACK = timedelta(days=56)
"""Before the newest story. Eight weeks have holidays of several days in most seasons."""
MOST_STORIES = 500
LEAST_STORIES = 10
LEAST_SPAN = timedelta(days=14)
"""Fewer stories, or of fewer days, show no rhythm yet."""
LONGER = 2.0
"""So many times the longest pause between two stories is more than chance."""
LEAST_SILENCE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Silence:
    """Since when a source has published nothing that we have, and its longest pause in the weeks before."""

    since: datetime
    usual: timedelta

    def in_words(self, now: datetime) -> str:
        """A sentence without the source's name."""
        return (
            f"nothing new for {duration(now - self.since)}, though its crawls are good; in the weeks before it was "
            f"never longer than {duration(self.usual)}. Its feeds may stand still."
        )


def silence(published: Sequence[datetime], now: datetime) -> Silence | None:
    """Whether a source is silent for longer than it was, by the publication times of its stories, in order. Pure."""
    if not published:
        return None
    newest = published[-1]
    recent = [each for each in published if each >= newest - LOOKS_BACK]
    busy = len(recent) >= MOST_STORIES
    if len(recent) < LEAST_STORIES or (recent[-1] - recent[0] < LEAST_SPAN and not busy):
        return None
    usual = max(after - before for before, after in pairwise(recent))
    return Silence(newest, usual) if now - newest > max(LONGER * usual, LEAST_SILENCE) else None


def silence_of(archive: Archive, source: str, now: datetime) -> Silence | None:
    """The silence of a source, by the archive; None if it is not silent. Stories dated later than now do not count.

    A source whose newest story is older than our first crawl of it is an old collection, or was off: nobody listened.
    """
    times = select(articles.c.published_on).where(
        articles.c.source == source, articles.c.published_on <= clock.latest(now)
    )
    with archive.reading() as connection:
        newest_first = times.order_by(articles.c.published_on.desc()).limit(MOST_STORIES)
        published = list(connection.execute(newest_first).scalars())
        if (found := silence(published[::-1], now)) is None:
            return None
        first = select(func.min(runs.c.started_at)).where(
            runs.c.source == source, runs.c.kind.in_(("crawl", "round")), runs.c.verdict.in_(HARVEST_VERDICTS)
        )
        began = connection.execute(first).scalar()
    return found if began is not None and began <= found.since else None
