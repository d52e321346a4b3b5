"""When each source is crawled: its windows as instants in UTC, and which of them are due. Pure: no clock, no database.

A *window* is one firing time of one source. Crontab expressions are evaluated by cronsim, which follows Debian's cron:
weekdays count from Sunday = 0 (7 is Sunday too); when day of month and weekday are both restricted, either is enough;
changes of clocks are handled as docs/decisions/0018-crontab-by-cronsim.md says. Intervals are plain arithmetic.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from archive.window import Window, WindowState
from archive.windows import Lapse
from kliping.config import Settings

ANCHOR = datetime(2000, 1, 1)  # noqa: DTZ001  midnight in each entry's own zone
"""Intervals count from this midnight in the entry's zone, so they do not drift and a restart does not move them."""

RESOLUTION = timedelta(microseconds=1)
"""The smallest difference between two datetimes."""

MOST_WINDOWS = 500
"""Windows of one source that get a row each when they come due at once: hours of three weeks, minutes of a morning."""

CRON_FIELDS = {
    "minute": "0 to 59",
    "hour": "0 to 23",
    "day-of-month": "1 to 31, L (the last day) or LW (the last Monday to Friday)",
    "month": "1 to 12 or jan to dec",
    "day-of-week": "0 to 7 or sun to sat (0 and 7 are Sunday), 5L (the last Friday) or mon#1 (the first Monday)",
}
"""The fields of a crontab line in their order, named as cronsim names them in its errors, and what each accepts."""


class Job(StrEnum):
    """What is run in a window; also the kind of its run."""

    CRAWL = "crawl"
    ROUND = "round"
    """Looks for a source's newest stories, as often as the publisher publishes (`scheduler.rounds`)."""
    VERIFY = "verify"
    """Reads the whole archive: `kliping archive verify`."""
    BACKUP = "backup"
    """Backs the archive up: `kliping archive backup`."""

    @property
    def concerns_archive(self) -> bool:
        """Whether it is work on the whole archive, and no source's."""
        return self in (Job.VERIFY, Job.BACKUP)


ROUND_OF = "{}-round"
VERIFY = "archive-verify"
BACKUP = "archive-backup"
"""The names of the entries that are no source's crawl. No source can be called so."""

ARCHIVE = "archive"
"""What runs on the whole archive have as their source."""
BACKUP_LEASE = "kept-pages"
"""The lease of a backup (`archive.forget.LEASE`): one backup or forget at a time."""


class BadTimetableError(Exception):
    """A cron expression, interval or zone that cannot be used. The message is one sentence that names the setting."""


@dataclass(frozen=True, slots=True)
class TimetableEntry:
    """When one source is crawled: by `cron` (five crontab fields in `zone`), `every` so many seconds, or as `planned`.

    An entry that is `adaptive` has one window at a time: the one planned last, if any (`scheduler.rounds`). `source` is
    the entry's name in windows and runs. `job` is what is run; then `publisher` is the source that it concerns.

    `lease` is the name of its politeness group's lease. `configured` is what the settings say about whether the source
    is on; None leaves it to the archive's flag, and a flag of None to `by_default`. `time_limit` is in seconds.
    """

    source: str
    lease: str
    zone: str
    cron: str | None = None
    every: int | None = None
    configured: bool | None = None
    by_default: bool = False
    time_limit: float = 7200.0
    job: Job = Job.CRAWL
    adaptive: bool = False
    planned: datetime | None = None
    why: str = ""

    @property
    def publisher(self) -> str:
        """The source whose switch and pause count for this entry."""
        return self.source.removesuffix(ROUND_OF.format("")) if self.job is Job.ROUND else self.source

    @property
    def run_source(self) -> str:
        """What its runs have as their source (`runs.source`); their kind is the job."""
        return ARCHIVE if self.job.concerns_archive else self.publisher

    def __post_init__(self) -> None:
        if (self.cron is not None) + (self.every is not None) + self.adaptive != 1:
            raise BadTimetableError(f"The source {self.source} needs either a cron or an interval, and not both.")
        try:
            ZoneInfo(self.zone)
        except (KeyError, OSError, ValueError) as error:  # unknown, a folder, or a path out of the zone database
            raise BadTimetableError(
                f"The timezone {self.zone!r} is not in the IANA database: write one like Asia/Jakarta."
            ) from error
        if self.cron is not None:
            problem = cron_problem(self.cron)
            if problem is not None:
                raise BadTimetableError(f"The cron {self.cron!r} of {self.source} {problem}.")
        elif self.every is not None and self.every <= 0:
            raise BadTimetableError(f"The interval of {self.source} must be positive.")

    def is_on(self, flag: bool | None) -> bool:
        """Whether the source is crawled on the timetable. `flag` is set by `kliping sources enable|disable`."""
        if self.configured is not None:
            return self.configured
        return self.by_default if flag is None else flag

    def describe(self) -> str:
        """The timetable for people: "daily at 02:00", "every 15 minutes", otherwise the cron expression itself."""
        if self.every is not None:
            for seconds, unit in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
                if self.every % seconds == 0:
                    count = self.every // seconds
                    return f"every {unit}" if count == 1 else f"every {count} {unit}s"
        if self.adaptive:
            return self.why or "as often as it publishes"
        assert self.cron is not None  # __post_init__ checks it
        daily = re.fullmatch(r"(\d+) (\d+) \* \* \*", " ".join(self.cron.split()))
        return f"daily at {int(daily[2]):02}:{int(daily[1]):02}" if daily else f"cron {self.cron}"


Timetable = Mapping[str, TimetableEntry]


def from_settings(settings: Settings, leases: Mapping[str, str], *, by_default: Iterable[str] = ()) -> Timetable:
    """The timetable of the sources in `leases` (source → name of its group's lease). Raises BadTimetableError.

    A source's own `every` or `cron` overrides the `cron` for all sources. Setting both is an error, and so are settings
    for a source that does not exist.
    """
    unknown = sorted(set(settings.sources) - set(leases))
    if unknown:
        raise BadTimetableError(
            f"The settings name a source {unknown[0]!r} that does not exist: "
            "correct [sources.NAME], or see the names with `kliping sources list`."
        )
    problem = cron_problem(settings.cron)
    if problem is not None:
        raise BadTimetableError(f"The cron {settings.cron!r} of all sources (KLIPING_CRON) {problem}.")
    entries = {}
    for source, lease in sorted(leases.items()):
        own = settings.of_source(source)
        cron = own.cron if own.cron is not None or own.every is not None else settings.cron
        entries[source] = TimetableEntry(
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


def with_jobs(settings: Settings, crawls: Timetable, with_rounds: Iterable[str]) -> Timetable:
    """The timetable with everything that is not a crawl: rounds of those sources, and work on the whole archive.

    That is its verification and, if there is a folder for it, its backup.

    A source with a cron or interval of its own has rounds only if its settings ask for them. Raises BadTimetableError.
    """
    jobs = dict(crawls)
    for source in sorted(set(with_rounds) & set(crawls)):
        entry, own = crawls[source], settings.of_source(source)
        its_own = own.cron is not None or own.every is not None
        if (settings.rounds and not its_own) if own.rounds is None else own.rounds:
            name = ROUND_OF.format(source)
            jobs[name] = replace(entry, source=name, cron=None, every=None, job=Job.ROUND, adaptive=True)
    if settings.verify_cron != NEVER and crawls:
        jobs[VERIFY] = _of_archive(VERIFY, Job.VERIFY, "verify", settings, settings.verify_cron, "KLIPING_VERIFY_CRON")
    if settings.backup_to is not None and settings.backup_cron != NEVER and crawls:
        name = "KLIPING_BACKUP_CRON"
        jobs[BACKUP] = _of_archive(BACKUP, Job.BACKUP, BACKUP_LEASE, settings, settings.backup_cron, name)
    return jobs


def _of_archive(name: str, job: Job, lease: str, settings: Settings, cron: str, setting: str) -> TimetableEntry:
    problem = cron_problem(cron)
    if problem is not None:
        raise BadTimetableError(f"The cron {cron!r} of {setting} {problem}.")
    return TimetableEntry(
        name,
        lease=lease,
        zone=settings.timezone,
        cron=cron,
        configured=True,
        time_limit=ARCHIVE_SECONDS,
        job=job,
    )


NEVER = "never"
"""The cron of work on the archive that the service does not do."""
ARCHIVE_SECONDS = 8 * 3600.0
"""How long work on the whole archive may take: a verification reads every kept page, a first backup copies it."""


def cron_problem(cron: str) -> str | None:
    """What is wrong with a crontab expression and what to write instead, to follow its name in a sentence, or None."""
    fields = cron.split()
    if len(fields) != len(CRON_FIELDS):  # cronsim also reads six, the first being seconds
        names = ", ".join(CRON_FIELDS)
        return f'needs five fields ({names}), not {len(fields)}: write "0 2 * * *" for 02:00 every day'
    if re.search(r"(?<![*\w-])\w+/", cron):  # cronsim reads 1/2 as 1-7/2; crontab(5) has no such form
        return 'has a step after a single value: write a step after * or after a range, as in "*/2" or "1-5/2"'
    try:
        next(_cronsim(cron, ANCHOR))
    except StopIteration:
        return "names a day that does not come within 50 years: change its day or month"
    except CronSimError as error:
        name = str(error).removeprefix("Bad ")
        if name == "day-of-month" and fields[3] != "*" and cron_problem(f"0 0 {fields[2]} * *") is None:
            return "names a day that its months do not have: change the day or the month"
        return f"has a bad {name}: write {CRON_FIELDS[name]}, and ranges from low to high"
    return None


def _cronsim(cron: str, after: datetime) -> CronSim:
    # Sunday is 0 to cronsim, so that fri-sun would run backwards; we have always accepted it
    return CronSim(re.sub(r"-sun\b", "-7", cron, flags=re.IGNORECASE), after)


def windows_between(entry: TimetableEntry, start: datetime, end: datetime) -> list[datetime]:
    """The windows of an entry from `start` to `end`, both included and both aware; in order, in UTC, each once."""
    return list(takewhile(lambda window: window <= end, _windows_after(entry, start - RESOLUTION)))


def newest_windows(
    entry: TimetableEntry, start: datetime, end: datetime, most: int
) -> tuple[list[datetime], tuple[datetime, datetime] | None]:
    """The newest windows from `start` to `end`, at most `most`, and (first, last) of the older ones; None without any.

    It looks back from the end, so a year of minutes costs no more than a day of them.
    """
    width = timedelta(days=1)
    while True:
        begin = max(start, end - width) if end - start > width else start
        found = windows_between(entry, begin, end)
        if len(found) > most or begin == start:
            break
        width *= 8
    newest, older = found[-most:], found[:-most]
    if not older:
        return newest, None
    first = next_window(entry, start - RESOLUTION)
    assert first is not None  # there are older ones
    return newest, (first, older[-1])


def next_window(entry: TimetableEntry, after: datetime) -> datetime | None:
    """The first window later than `after` (aware), in UTC; None if it is not planned yet.

    Raises BadTimetableError if none comes within 50 years.
    """
    for window in _windows_after(entry, after):
        return window
    if entry.adaptive:
        return None
    raise BadTimetableError(f"The timetable of {entry.source} has no window within 50 years.")


def _windows_after(entry: TimetableEntry, after: datetime) -> Iterator[datetime]:
    """All windows later than `after`, in order, in UTC, without end; of an adaptive entry the planned one."""
    if entry.adaptive:
        if entry.planned is not None and entry.planned > after:
            yield entry.planned
        return
    zone = ZoneInfo(entry.zone)
    if entry.cron is not None:
        for firing in _cronsim(entry.cron, after.astimezone(zone)):
            window = firing.astimezone(UTC)
            if window > after:  # in an hour that comes twice cronsim begins with its first pass
                yield window
        return
    assert entry.every is not None  # __post_init__ checks it
    interval = timedelta(seconds=entry.every)
    anchor = ANCHOR.replace(tzinfo=zone).astimezone(UTC)
    window = anchor + ((after - anchor) // interval + 1) * interval
    while True:
        yield window
        window += interval


@dataclass(frozen=True, slots=True)
class DueRun:
    """One run that should start now, and every window that it covers.

    `since` maps a window that stands for many, because there were more than MOST_WINDOWS, to the first of them.
    """

    source: str
    windows: tuple[datetime, ...]
    since: Mapping[datetime, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DueWork:
    """What should happen now: runs to start, the one with the oldest window first, and windows to abandon."""

    runs: tuple[DueRun, ...]
    abandoned: tuple[Lapse, ...]


def due(
    timetable: Timetable,
    known: Iterable[Window],
    *,
    since: Mapping[str, datetime],
    paused: Mapping[str, datetime],
    now: datetime,
    catch_up: timedelta,
) -> DueWork:
    """Which runs should start now (docs/decisions/0002-windows.md).

    `known` must hold every open window and the latest window of each source that is not void. Windows up to that latest
    one are not looked for again, so that an edited timetable makes no windows in the past. `since` maps each source
    that is on to the moment from which its windows count; `paused` maps each paused source to the moment of the pause.
    One run covers all open windows of a source; a source whose run is under way has nothing due. Windows older than
    `catch_up` are abandoned. Of more than MOST_WINDOWS new windows the oldest are told in one, which stands for them.
    """
    of_source: dict[str, list[Window]] = {}
    for window in known:
        if not window.is_void(now):
            of_source.setdefault(window.source, []).append(window)
    runs: list[DueRun] = []
    abandoned: list[Lapse] = []
    for source, entry in timetable.items():
        recorded = of_source.get(source, [])
        if source not in since or any(window.state is WindowState.CLAIMED for window in recorded):
            continue
        start = max([since[source], *(window.due_at + RESOLUTION for window in recorded)])
        fresh, older = newest_windows(entry, start, min(now, paused.get(source, now)), MOST_WINDOWS)
        first = {older[1]: older[0]} if older else {}
        fresh = [*first, *fresh]
        if source in paused:
            abandoned += [_missed(source, each, "paused before it could run", first) for each in fresh]
            continue
        oldest = now - catch_up
        waiting = [window for window in recorded if window.state is WindowState.WAITING]
        abandoned += [_missed(source, each, _too_late(catch_up), first) for each in fresh if each < oldest]
        abandoned += [_expired(window, catch_up) for window in waiting if window.due_at < oldest]
        fresh = [each for each in fresh if each >= oldest]
        waiting = [window for window in waiting if window.due_at >= oldest]
        if fresh or any(window.may_retry(now) for window in waiting):
            covered = tuple(sorted([*fresh, *(window.due_at for window in waiting)]))
            runs.append(DueRun(source, covered, {each: first[each] for each in covered if each in first}))
    return DueWork(tuple(sorted(runs, key=lambda run: (run.windows[0], run.source))), tuple(abandoned))


def _missed(source: str, due_at: datetime, note: str, first: Mapping[datetime, datetime]) -> Lapse:
    return Lapse(source, due_at, WindowState.MISSED, note, first.get(due_at))


def _expired(window: Window, catch_up: timedelta) -> Lapse:
    """A waiting window older than `catch_up`: failed if it was tried, missed if not."""
    state = WindowState.FAILED if window.attempts else WindowState.MISSED
    note = f"{window.note}; {_too_late(catch_up)}" if window.note else _too_late(catch_up)
    return Lapse(window.source, window.due_at, state, note)


def _too_late(catch_up: timedelta) -> str:
    return f"not run within {catch_up.total_seconds() / 86400:g} days"
