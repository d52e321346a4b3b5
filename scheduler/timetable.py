"""When each source is crawled: windows as instants, and which of them are due. Pure: no clock, no database.

A *window* is one firing time of one source, an instant in UTC. APScheduler's triggers are the calendar, and nothing
else of it is used here. Its own readings differ from crontab's in four points, which this module sets right:

- it numbers weekdays from Monday = 0, crontab from Sunday = 0 (and 7);
- where both the day of the month and the weekday are restricted it wants both, crontab (crontab(5)) either;
- on the night when clocks go back a trigger with a zone fires twice, or gives one moment for ever (3.11.3: tried).
  So the trigger counts on a wall clock that never changes, and we turn wall times into instants;
- a wall time that a change of clocks skips ("0 2 * * *" in Berlin on the last Sunday of March) falls on the moment as
  much later as the clocks moved, so that a nightly crawl runs once in every night.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from archive.windows import Window, WindowState
from kliping.config import Settings

WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
"""In crontab's order: Sunday is 0."""

ANCHOR = datetime(2000, 1, 1)  # noqa: DTZ001  each user's zone makes an instant of it
"""Intervals are counted from midnight of this day in the user's zone: they do not drift, and a restart moves none."""

LONGEST_CHANGE = timedelta(hours=3)
"""No zone in use has ever moved its clocks further within a day, the date line apart."""

HORIZONS = (timedelta(hours=2), timedelta(days=2), timedelta(days=32), timedelta(days=370), timedelta(days=366 * 9))
"""How far ahead the next window is looked for, step by step; 29 February is at most eight years away."""

ONE_STEP = timedelta(microseconds=1)


class BadTimetableError(Exception):
    """A cron or zone that cannot be used. The message is one sentence that names the setting."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One source's line of the timetable: a cron (five crontab fields in `zone`) or an interval `every` in seconds.

    `lease` is the name of its politeness group's lease. `configured` is the word of the settings on whether it is on,
    null leaving it to the archive's flag, and that again to `by_default`. `time_limit` is in seconds.
    """

    source: str
    lease: str
    zone: str
    cron: str | None = None
    every: int | None = None
    configured: bool | None = None
    by_default: bool = False
    time_limit: float = 7200.0

    def __post_init__(self) -> None:
        if (self.cron is None) == (self.every is None):
            raise BadTimetableError(f"The source {self.source} needs either a cron or an interval, and not both.")
        try:
            ZoneInfo(self.zone)
        except (KeyError, OSError, ValueError) as error:  # unknown, a folder, or a path out of the zone database
            raise BadTimetableError(f"{self.zone!r} is no time zone of the IANA database.") from error
        if self.cron is not None:
            try:
                calendars = read_cron(self.cron)
            except ValueError as error:
                raise BadTimetableError(f"The cron {self.cron!r} of {self.source} cannot be used: {error}.") from error
            if all(each.get_next_fire_time(None, ANCHOR.replace(tzinfo=UTC)) is None for each in calendars):
                raise BadTimetableError(f"The cron {self.cron!r} of {self.source} names a day that no calendar has.")
        elif self.every is not None and self.every <= 0:
            raise BadTimetableError(f"The interval of {self.source} must be positive.")

    def is_on(self, flag: bool | None) -> bool:
        """Whether the source is crawled on the timetable, with the archive's flag (`sources enable|disable`)."""
        if self.configured is not None:
            return self.configured
        return self.by_default if flag is None else flag

    def in_words(self) -> str:
        """The line for people: "daily at 02:00", "every 15 minutes", else the cron itself."""
        if self.every is not None:
            for seconds, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
                if self.every % seconds == 0:
                    count = self.every // seconds
                    return f"every {unit}" if count == 1 else f"every {count} {unit}s"
        assert self.cron is not None  # __post_init__ has seen it
        daily = re.fullmatch(r"(\d+) (\d+) \* \* \*", " ".join(self.cron.split()))
        return f"daily at {int(daily[2]):02}:{int(daily[1]):02}" if daily else f"cron {self.cron}"


Timetable = Mapping[str, Entry]


def from_settings(settings: Settings, leases: Mapping[str, str], *, by_default: Iterable[str] = ()) -> Timetable:
    """The timetable of the sources in `leases` (source → name of its group's lease). Raises BadTimetableError.

    A source's own `every` or `cron` in the settings wins over the `cron` of all; having both is refused, and so are
    settings of a source that there is not.
    """
    unknown = sorted(set(settings.sources) - set(leases))
    if unknown:
        raise BadTimetableError(f"The settings speak of a source {unknown[0]!r}, and there is none of that name.")
    entries = {}
    for source, lease in sorted(leases.items()):
        own = settings.of_source(source)
        cron = own.cron if own.cron is not None or own.every is not None else settings.cron
        entries[source] = Entry(
            source=source,
            lease=lease,
            zone=settings.timezone,
            cron=cron,
            every=own.every,
            configured=own.enabled,
            by_default=source in by_default,
            time_limit=float(own.time_limit or settings.time_limit),
        )
    return entries


@lru_cache(maxsize=256)
def read_cron(cron: str) -> tuple[CronTrigger, ...]:
    """The calendars whose union a crontab line means, on a wall clock that never changes. Raises ValueError."""
    fields = cron.lower().split()
    if len(fields) != 5:
        raise ValueError(f"crontab has five fields, minute hour day month weekday, not {len(fields)}")
    for field in fields[:4]:  # APScheduler knows more ("last", "2nd fri") than crontab does, and would mean it
        if not re.fullmatch(r"(\*|\d+|\d+-\d+|[a-z]{3}(-[a-z]{3})?)(/\d+)?(,(\d+|\d+-\d+|[a-z]{3})(/\d+)?)*", field):
            raise ValueError(f"{field!r} is no field of a crontab")
    minute, hour, day, month, weekday = fields
    names = weekday_names(weekday)

    def calendar(day: str, weekdays: str) -> CronTrigger:
        return CronTrigger(minute=minute, hour=hour, day=day, month=month, day_of_week=weekdays, timezone=UTC)

    if day.startswith("*") or weekday.startswith("*"):
        return (calendar(day, names),)
    return calendar(day, "*"), calendar("*", names)


def weekday_names(field: str) -> str:
    """A crontab weekday field ("1-5", "0,6", "5-7", "*/2", "mon-fri") as a list of names. Raises ValueError."""
    days: set[int] = set()
    for part in field.split(","):
        found = re.fullmatch(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?", part)
        if found is None or (found[1] == "*" and found[2]) or (found[3] and found[1] != "*" and not found[2]):
            raise ValueError(f"{part!r} is no weekday of a crontab")
        first = 0 if found[1] == "*" else _weekday(found[1])
        last = 6 if found[1] == "*" else _weekday(found[2], after=first) if found[2] else first
        step = int(found[3] or 1)
        if last < first or step < 1:
            raise ValueError(f"{part!r} runs backwards or stands still")
        days |= {number % 7 for number in range(first, last + 1, step)}
    return "*" if len(days) == 7 else ",".join(WEEKDAYS[number] for number in sorted(days))


def _weekday(text: str, after: int = 0) -> int:
    number = WEEKDAYS.index(text) if text in WEEKDAYS else int(text) if text.isdigit() else 8
    if number > 7:
        raise ValueError(f"{text!r} is no weekday of a crontab (0 to 7 or sun to sat; 0 and 7 are Sunday)")
    return 7 if text == "sun" and after else number


def windows_between(entry: Entry, start: datetime, end: datetime) -> list[datetime]:
    """The windows of an entry from `start` to `end`, both included and both aware; in order, in UTC, each once."""
    if end < start:
        return []
    zone = ZoneInfo(entry.zone)
    if entry.every is not None:
        anchor = ANCHOR.replace(tzinfo=zone).astimezone(UTC)
        interval = IntervalTrigger(seconds=entry.every, start_date=anchor, timezone=UTC)
        return list(_firings(interval, start.astimezone(UTC), end.astimezone(UTC)))
    assert entry.cron is not None  # __post_init__ has seen it
    # wall times are told to the calendar as if they were UTC, which has no changes of clocks
    first = start.astimezone(zone).replace(tzinfo=UTC) - LONGEST_CHANGE
    last = end.astimezone(zone).replace(tzinfo=UTC) + LONGEST_CHANGE
    each_hour = entry.cron.split()[1].startswith("*")
    found = {
        instant
        for calendar in read_cron(entry.cron)
        for wall in _firings(calendar, first, last)
        for instant in _instants(wall.replace(tzinfo=None), zone, each_hour)
    }
    return sorted(instant for instant in found if start <= instant <= end)


def _firings(calendar: CronTrigger | IntervalTrigger, start: datetime, end: datetime) -> Iterator[datetime]:
    firing = calendar.get_next_fire_time(None, start)
    while firing is not None and firing <= end:
        yield firing
        firing = calendar.get_next_fire_time(None, firing + ONE_STEP)


def _instants(wall: datetime, zone: ZoneInfo, each_hour: bool) -> Iterator[datetime]:
    """The moments at which clocks in the zone show `wall`: none is given as one, two as one unless it is `each_hour`.

    In a gap PEP 495's fold 0 reads the time with the offset before the change, which gives the moment as much later.
    """
    earlier = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    later = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    yield earlier
    if each_hour and later > earlier:  # "0 * * * *": an hour that comes twice has two windows
        yield later


def next_window(entry: Entry, after: datetime) -> datetime:
    """The first window later than `after`."""
    for horizon in HORIZONS:
        found = windows_between(entry, after + ONE_STEP, after + horizon)
        if found:
            return found[0]
    raise BadTimetableError(f"The timetable of {entry.source} has no window within nine years.")


@dataclass(frozen=True, slots=True)
class DueRun:
    """One run that should start now, and every window that it covers."""

    source: str
    windows: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Lapse:
    """A window that no run will cover any more: it is recorded as missed or failed, with the reason."""

    source: str
    due_at: datetime
    state: WindowState
    note: str


@dataclass(frozen=True, slots=True)
class Due:
    """What should happen now: runs to start, the longest waiting first, and windows to give up."""

    runs: tuple[DueRun, ...]
    lapses: tuple[Lapse, ...]


def due(
    timetable: Timetable,
    known: Iterable[Window],
    *,
    since: Mapping[str, datetime],
    paused: Mapping[str, datetime],
    now: datetime,
    catch_up: timedelta,
) -> Due:
    """Which runs should start now (DESIGN, decision 13; docs/decisions/0002-windows.md).

    `known` holds at least every open window and the latest of each source; every window up to that latest is known, so
    a timetable that was edited makes no window of the past. `since` names the sources that are on, each with the moment
    from which its windows are ours; `paused` those that are paused, and from when. One run covers all that a source
    has open; a source with a run under way has nothing due. Windows older than `catch_up` are missed.
    """
    of_source: dict[str, list[Window]] = {}
    for window in known:
        of_source.setdefault(window.source, []).append(window)
    runs: list[DueRun] = []
    lapses: list[Lapse] = []
    for source, entry in timetable.items():
        standing = of_source.get(source, [])
        if source not in since or any(window.state is WindowState.CLAIMED for window in standing):
            continue
        start = max([since[source], *(window.due_at + ONE_STEP for window in standing)])
        fresh = windows_between(entry, start, min(now, paused.get(source, now)))
        if source in paused:
            lapses += [Lapse(source, each, WindowState.MISSED, "paused before it could run") for each in fresh]
            continue
        oldest = now - catch_up
        waiting = [window for window in standing if window.state is WindowState.WAITING]
        lapses += [Lapse(source, each, WindowState.MISSED, _late(catch_up)) for each in fresh if each < oldest]
        lapses += [_given_up(window, catch_up) for window in waiting if window.due_at < oldest]
        fresh = [each for each in fresh if each >= oldest]
        waiting = [window for window in waiting if window.due_at >= oldest]
        if fresh or any(window.next_try is None or window.next_try <= now for window in waiting):
            runs.append(DueRun(source, tuple(sorted([*fresh, *(window.due_at for window in waiting)]))))
    return Due(tuple(sorted(runs, key=lambda run: (run.windows[0], run.source))), tuple(lapses))


def _given_up(window: Window, catch_up: timedelta) -> Lapse:
    state = WindowState.FAILED if window.attempts else WindowState.MISSED
    note = f"{window.note}; {_late(catch_up)}" if window.note else _late(catch_up)
    return Lapse(window.source, window.due_at, state, note)


def _late(catch_up: timedelta) -> str:
    return f"not run within {catch_up.total_seconds() / 86400:g} days"
