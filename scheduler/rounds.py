"""How often the newest stories of a source are looked for: as often as it publishes, by what the archive has of it.

The archive knows when the stories of the last days were published. From these follows how many a source publishes in
each hour of the day, and so after how long its next story is to be expected (docs/decisions/0032).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from archive import rounds
from archive.database import Archive
from archive.leases import Lease
from archive.rounds import RoundPlan
from archive.window import Window, WindowState
from scheduler.timetable import Timetable, TimetableEntry

SHORTEST = timedelta(minutes=10)
LONGEST = rounds.LONGEST
UNKNOWN = timedelta(hours=1)
"""The interval of a source of which the archive has nothing of the last days."""

LOOKS_BACK = timedelta(days=7)
"""A week: weekends differ from working days, and a new week from the last."""

JITTER = 0.1
"""The interval is shortened by up to this share, so that the rounds of many sources do not fall together."""

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """After how long the next round comes, and why: what the source published."""

    interval: timedelta
    why: str


def pace(published: Sequence[datetime], now: datetime, zone: ZoneInfo) -> Pace:
    """The interval to the next round of a source, from the publication times of its stories of LOOKS_BACK. Pure.

    It ends when one more story is to be expected, by how many the source published in the same hours of the last days.
    Stories of which only the day is known, at 00:00 in `zone`, are spread over the day.
    """
    if not published:
        return Pace(UNKNOWN, f"every {_words(UNKNOWN)}: the archive has no story of its last {LOOKS_BACK.days} days")
    days = max(1.0, min(LOOKS_BACK, now - min(published)) / timedelta(days=1))
    hourly = _by_hour(published, zone)
    expected, moment = 0.0, now
    while expected < 1.0 and moment < now + LONGEST:
        local = moment.astimezone(zone)
        left = _HOUR - timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
        rate = hourly[local.hour] / days  # stories in that hour of a day
        if rate and expected + rate * (left / _HOUR) >= 1.0:
            moment += (1.0 - expected) / rate * _HOUR
            break
        expected += rate * (left / _HOUR)
        moment += left
    interval = min(max(moment - now, SHORTEST / (1 - JITTER)), LONGEST)
    hour = now.astimezone(zone).hour
    seen = f"{len(published)} stories in {days:.0f} {'day' if round(days) == 1 else 'days'}"
    return Pace(interval, f"every {_words(interval)}: {seen}, {hourly[hour] / days:.1f} an hour at this time of day")


def _by_hour(published: Iterable[datetime], zone: ZoneInfo) -> list[float]:
    hourly = [0.0] * 24
    for moment in published:
        local = moment.astimezone(zone)
        if local.time() == time():
            hourly = [each + 1 / 24 for each in hourly]
        else:
            hourly[local.hour] += 1
    return hourly


def jittered(interval: timedelta, name: str, now: datetime) -> timedelta:
    """The interval, shortened by up to JITTER: always alike for one source at one moment."""
    drawn = hashlib.blake2b(f"{name} {now.isoformat()}".encode(), digest_size=4).digest()
    return interval * (1 - JITTER * int.from_bytes(drawn, "big") / 2**32)


def with_plans(timetable: Timetable, plans: Mapping[str, RoundPlan], now: datetime) -> Timetable:
    """The timetable with the planned round of each adaptive entry; without those planned while the clock was ahead."""
    if not any(entry.adaptive for entry in timetable.values()):
        return timetable
    planned = dict(timetable)
    for name, entry in timetable.items():
        plan = plans.get(name)
        if entry.adaptive and plan is not None and not plan.is_void(now):
            planned[name] = replace(entry, planned=plan.next_at, why=plan.why)
    return planned


def plan_rounds(
    archive: Archive,
    timetable: Timetable,
    recorded: Iterable[Window],
    on: Iterable[str],
    *,
    now: datetime,
    lease: Lease | None,
) -> Timetable:
    """Plan the next round of each source whose last one has ended, and return the timetable with all plans.

    `recorded` are the open and latest windows, `on` the names of the entries that are on. The first round of a source
    comes at once. Raises LeaseLostError.
    """
    planned = with_plans(timetable, rounds.plans(archive), now)
    latest: dict[str, Window] = {}
    for window in recorded:
        if window.source not in latest or window.due_at > latest[window.source].due_at:
            latest[window.source] = window
    fresh: dict[str, RoundPlan] = {}
    for name in on:
        entry = planned.get(name)
        if entry is None or not entry.adaptive or not _needs_plan(entry, latest.get(name)):
            continue
        fresh[name] = _plan(archive, entry, now, first=name not in latest and entry.planned is None)
        rounds.save_plan(archive, fresh[name], now=now, lease=lease)
    return with_plans(planned, fresh, now) if fresh else planned


def _needs_plan(entry: TimetableEntry, latest: Window | None) -> bool:
    if entry.planned is None:
        return True
    return latest is not None and latest.due_at >= entry.planned and latest.state is not WindowState.CLAIMED


def _plan(archive: Archive, entry: TimetableEntry, now: datetime, *, first: bool) -> RoundPlan:
    published = rounds.published_since(archive, entry.publisher, now - LOOKS_BACK, now)
    found = pace(published, now, ZoneInfo(entry.zone))
    wait = timedelta() if first else jittered(found.interval, entry.source, now)
    return RoundPlan(entry.source, now + wait, found.interval.total_seconds(), found.why)


def _words(interval: timedelta) -> str:
    minutes = round(interval / timedelta(minutes=1))
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"
