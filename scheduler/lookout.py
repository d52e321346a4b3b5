"""What the watchman looks at, read from the archive."""

from __future__ import annotations

from datetime import datetime, timedelta

from archive import clock_jumps, clock_witnesses, rounds, runs, schedules, windows
from archive.database import Archive
from archive.leases import holder_of
from archive.window import WindowState
from scheduler.rounds import with_plans
from scheduler.service import CRAWLS_AT_ONCE, LEASE
from scheduler.timetable import Job, Timetable
from scheduler.watchman import START_ALLOWED, Observation, WatchedSource

_COUNTS = {Job.CRAWL: ("crawl",), Job.ROUND: ("round", "crawl"), Job.VERIFY: ("verify",), Job.BACKUP: ("backup",)}
"""The kinds of runs that make up for each job: a crawl reads the feeds, too."""


CLOCK_HEARD = timedelta(days=1)
"""How old a publisher's word on the time may be."""


def look(archive: Archive, timetable: Timetable, now: datetime, *, grace: float) -> Observation:
    """What is known of every source that is on and not paused, of the scheduler and the clock. Writes nothing.

    `grace` is how many seconds a crawl has to end after its time limit.
    """
    timetable = with_plans(timetable, rounds.plans(archive), now)
    flags = schedules.all_schedules(archive)
    watched = {
        source: entry
        for source, entry in timetable.items()
        if entry.is_on(flags[entry.publisher].enabled if entry.publisher in flags else None)
        and not (entry.publisher in flags and flags[entry.publisher].paused_at)
    }
    if all(entry.job is Job.VERIFY for entry in watched.values()):
        watched = {}  # an archive to which nothing is added needs no service
    with archive.reading() as connection:
        harvests = {
            source: runs.last_harvest(connection, entry.run_source, now, _COUNTS[entry.job])
            for source, entry in watched.items()
        }
        publishers = {entry.run_source for entry in timetable.values()}
        full_at = runs.last_full(connection, publishers, CRAWLS_AT_ONCE, now - START_ALLOWED, now)
        jumps = clock_jumps.last(connection)
        newest_ahead = clock_jumps.newest_ahead(connection, now)
        said = clock_witnesses.since(connection, now - CLOCK_HEARD, now)
    not_done = windows.not_done(archive, now, after=harvests)
    groups: dict[str, set[str]] = {}
    for entry in timetable.values():
        groups.setdefault(entry.lease, set()).add(entry.run_source)
    sources = []
    for source, entry in watched.items():
        own = tuple(window for window in not_done if window.source == source)
        began = max((each.at for each in own if each.state is WindowState.CLAIMED and each.at), default=None)
        others = groups[entry.lease] - {entry.run_source}
        with archive.reading() as connection:
            if began is None:
                freed_at = runs.last_ended(connection, groups[entry.lease], now)
            else:  # a crawl of its own that took long excuses no late one
                freed_at = runs.last_ended(connection, others, min(began, now))
        lease = holder_of(archive, entry.lease, clock=now.timestamp)
        sources.append(
            WatchedSource(
                entry,
                flags[source].since if source in flags else None,
                own,
                harvests[source],
                lease.holder if lease and lease.living and not lease.too_far else None,
                freed_at,
            )
        )
    scheduler = holder_of(archive, LEASE, clock=now.timestamp)
    clocks = {
        entry.lease: (entry.publisher, said[entry.publisher]) for entry in timetable.values() if entry.publisher in said
    }
    return Observation(
        tuple(sources),
        scheduler,
        tuple(jumps),
        newest_ahead,
        CRAWLS_AT_ONCE,
        grace,
        full_at,
        dict(clocks.values()),
    )
