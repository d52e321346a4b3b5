"""What the commands about the timetable share: the timetable of all sources and jobs, and whether one is on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import sources
from archive import rounds
from kliping.cli import context
from kliping.cli.skipped_sources import usable_sources
from kliping.cli.source_facts import default_on
from scheduler.rounds import with_plans
from scheduler.timetable import BadTimetableError, from_settings, with_jobs
from sources import Feed, FrontPage, NewsSitemap

if TYPE_CHECKING:
    from datetime import datetime

    from archive.database import Archive
    from archive.schedules import Schedule
    from kliping.config import Settings
    from scheduler.timetable import Timetable, TimetableEntry
    from sources import Source


def timetable_of(settings: Settings) -> Timetable:
    """The crawls of all sources. Exits with status 2 if a cron, or a source in the settings, cannot be used."""
    _require_named(settings)
    return _timetable(settings, usable_sources())


def _require_named(settings: Settings) -> None:
    """Exit with status 2 if the file of a source that the settings name cannot be used: it is not skipped."""
    for name in sorted(set(settings.sources) & set(sources.names())):
        context.source(name)


def _timetable(settings: Settings, found: Sequence[Source]) -> Timetable:
    try:
        leases = {source.name: source.lease for source in found}
        return from_settings(settings, leases, by_default=default_on(settings))
    except BadTimetableError as error:
        context.fail(str(error))


def jobs_of(settings: Settings) -> Timetable:
    """`timetable_of`, with the rounds of the sources and the verification of the archive."""
    _require_named(settings)
    found = usable_sources()
    try:
        return with_jobs(settings, _timetable(settings, found), having_news(settings, found))
    except BadTimetableError as error:
        context.fail(str(error))


def having_news(settings: Settings, found: Iterable[Source]) -> list[str]:
    """The names of those sources that have a listing of their newest stories, so that rounds can be made."""
    kinds = Feed | NewsSitemap | FrontPage
    return [
        source.name
        for source in found
        if any(isinstance(find, kinds) for find in source.configured_finds(settings.of_source(source.name)))
    ]


def planned_jobs_of(settings: Settings, archive: Archive, now: datetime) -> Timetable:
    """`jobs_of`, with the next round of each source as it is planned."""
    return with_plans(jobs_of(settings), rounds.plans(archive), now)


def check_name(name: str, timetable: Timetable) -> None:
    """Exit with status 2 if the timetable has no such source: it is unknown, or its file is broken."""
    if name not in timetable:
        context.source(name)


def state_of(entry: TimetableEntry, schedule: Schedule | None) -> str:
    """Whether a source is "on", "off" or "paused"."""
    if not entry.is_on(schedule.enabled if schedule else None):
        return "off"
    return "paused" if schedule and schedule.paused_at else "on"
