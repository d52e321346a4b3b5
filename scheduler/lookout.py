"""What the watchman looks at, read from the archive."""

from __future__ import annotations

from datetime import datetime

from archive import clock_jumps, runs, schedules, windows
from archive.database import Archive
from archive.leases import holder_of
from scheduler.service import CRAWLS_AT_ONCE, LEASE
from scheduler.timetable import Timetable
from scheduler.watchman import Observation, WatchedSource


def look(archive: Archive, timetable: Timetable, now: datetime, *, grace: float) -> Observation:
    """What is known of every source that is on and not paused, of the scheduler and the clock. Writes nothing.

    `grace` is how many seconds a crawl has to end after its time limit.
    """
    flags = schedules.all_schedules(archive)
    watched = {
        source: entry
        for source, entry in timetable.items()
        if entry.is_on(flags[source].enabled if source in flags else None)
        and not (source in flags and flags[source].paused_at)
    }
    with archive.reading() as connection:
        harvests = {source: runs.last_harvest(connection, source, now) for source in watched}
        jumps = clock_jumps.last(connection)
        newest_ahead = clock_jumps.newest_ahead(connection, now)
    not_done = windows.not_done(archive, now, after=harvests)
    sources = []
    for source, entry in watched.items():
        lease = holder_of(archive, entry.lease, clock=now.timestamp)
        sources.append(
            WatchedSource(
                entry,
                flags[source].since if source in flags else None,
                tuple(window for window in not_done if window.source == source),
                harvests[source],
                lease.holder if lease and lease.living and not lease.too_far else None,
            )
        )
    scheduler = holder_of(archive, LEASE, clock=now.timestamp)
    return Observation(tuple(sources), scheduler, tuple(jumps), newest_ahead, CRAWLS_AT_ONCE, grace)
