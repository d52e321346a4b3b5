"""What the commands about the timetable share: the timetable of all sources, and whether one is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sources
from kliping.cli import context
from kliping.cli.skipped_sources import usable_sources
from kliping.cli.source_facts import default_on
from scheduler.timetable import BadTimetableError, from_settings

if TYPE_CHECKING:
    from archive.schedules import Schedule
    from kliping.config import Settings
    from scheduler.timetable import Timetable, TimetableEntry


def timetable_of(settings: Settings) -> Timetable:
    """The timetable of all sources. Exits with status 2 if a cron, or a source in the settings, cannot be used."""
    try:
        for name in sorted(set(settings.sources) & set(sources.names())):
            context.source(name)  # a source that the settings name is not skipped
        leases = {source.name: source.lease for source in usable_sources()}
        return from_settings(settings, leases, by_default=default_on(settings))
    except BadTimetableError as error:
        context.fail(str(error))


def check_name(name: str, timetable: Timetable) -> None:
    """Exit with status 2 if the timetable has no such source: it is unknown, or its file is broken."""
    if name not in timetable:
        context.source(name)


def state_of(entry: TimetableEntry, schedule: Schedule | None) -> str:
    """Whether a source is "on", "off" or "paused"."""
    if not entry.is_on(schedule.enabled if schedule else None):
        return "off"
    return "paused" if schedule and schedule.paused_at else "on"
