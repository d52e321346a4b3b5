"""Compares what should have run with what did: a pure function of timetable, windows, runs and the time (decision 22).

It runs outside the scheduler, in `doctor`, `status` and the container's check. A scheduler that is dead, hangs or
believes a wrong clock cannot call itself well there. No alarm means that somebody looked, and found nothing missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum

from archive.clock import EARLIEST, Jump, duration, is_ahead
from archive.leases import LeaseInfo
from archive.window import START_SECONDS, Window, WindowState
from scheduler.timetable import Job, TimetableEntry, newest_windows

START_ALLOWED = timedelta(minutes=15)
"""How long a window may wait for its start where nothing holds it up."""

JUMP_TOLD = timedelta(days=1)
"""How long a jump of the clock is an alarm."""

CLOCK_TOLERANCE = 600.0
"""Seconds: clocks that differ by less agree."""
CLOCKS_NEEDED = 2
"""Publishers that must tell the same other time than ours: the clock of one alone may be wrong."""

NAMES_TOLD = 5
"""Most sources that one sentence names."""


class AlarmKind(StrEnum):
    """What is wrong."""

    NO_SCHEDULER = "no-scheduler"
    """Sources are on, and nobody starts their crawls."""
    MISSED = "missed"
    """Windows were missed or failed, and no later crawl made up for them."""
    NOT_STARTED = "not-started"
    """A window has come, nothing holds it up, and no crawl was started."""
    HANGS = "hangs"
    """A crawl goes on past its time limit."""
    STALE = "stale"
    """The last harvest is older than the timetable allows."""
    CLOCK = "clock"
    """The clock jumped, was never set, or the archive holds moments later than now."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is wrong, in a sentence, and what to do. `source` is None if it concerns all."""

    kind: AlarmKind
    source: str | None
    sentence: str
    remedy: str


@dataclass(frozen=True, slots=True)
class WatchedSource:
    """A source that is on and not paused, and what the archive knows of it.

    `windows` are those that are not done: open, missed or failed; and the latest one. `since` is from when on its
    windows count; None if no scheduler has seen it yet. `last_harvest` is when its latest crawl with a harvest began.
    `held_by` is the holder of its group's lease, if any. `freed_at` is when the last crawl of its group ended, before
    its crawl under way began, or before now.
    """

    entry: TimetableEntry
    since: datetime | None = None
    windows: Sequence[Window] = ()
    last_harvest: datetime | None = None
    held_by: str | None = None
    freed_at: datetime | None = None

    def harvested_since(self, moment: datetime) -> bool:
        """Whether a crawl with a harvest began then or later."""
        return self.last_harvest is not None and self.last_harvest >= moment


@dataclass(frozen=True, slots=True)
class Observation:
    """What the watchman looks at. `crawls_at_once` and `grace` (seconds) are the scheduler's own limits.

    `full_at` is when so many crawls were last under way at once, if that was lately. `clocks` has by how many seconds
    the clocks of publishers were later than ours in the last day, of each group of hosts one.
    """

    sources: Sequence[WatchedSource]
    scheduler: LeaseInfo | None
    jumps: Sequence[Jump]
    newest_ahead: datetime | None
    crawls_at_once: int
    grace: float
    full_at: datetime | None = None
    clocks: Mapping[str, float] = field(default_factory=dict)

    @property
    def scheduler_lives(self) -> bool:
        """Whether a process holds the scheduler's lease, and has renewed it since the clock was set back, if it was."""
        return self.scheduler is not None and self.scheduler.living and not self.scheduler.too_far


def alarms(watch: Observation, now: datetime, zone: tzinfo) -> list[Alarm]:
    """Everything that is wrong at `now`. Times in the sentences are told in `zone`."""
    found = [*_clock(watch, now, zone), *_no_scheduler(watch, zone)]
    running = sum(any(each.state is WindowState.CLAIMED for each in source.windows) for source in watch.sources)
    for source in watch.sources:
        found += _missed(source, now, zone)
        late = list(_late(watch, source, now, zone, full=running >= watch.crawls_at_once))
        found += late[:1]
    return found


def _no_scheduler(watch: Observation, zone: tzinfo) -> Iterator[Alarm]:
    if not watch.sources or watch.scheduler_lives:
        return
    last = watch.scheduler
    if last is None:
        what = "There was never one."
    elif last.too_far:
        what = f"The last one, {last.holder}, has not been heard of since the clock was set back."
    elif last.renewed_at is None:
        what = f"The last one, {last.holder}, has ended."
    else:
        what = f"The last one, {last.holder}, was last heard of {_local(last.renewed_at, zone)}."
    named = [source.entry.source for source in watch.sources]
    only_archive = all(source.entry.job.concerns_archive for source in watch.sources)
    idle = "is crawled by itself, though sources are on" if not only_archive else "of the timetable is done"
    yield Alarm(
        AlarmKind.NO_SCHEDULER,
        None,
        f"No scheduler runs, so nothing {idle} ({_names(named)}). {what}",
        "Start it: kliping schedule run (as a service: docs/operations.md).",
    )


def _missed(source: WatchedSource, now: datetime, zone: tzinfo) -> Iterator[Alarm]:
    """One alarm for all windows that failed or were missed since the last harvest."""
    name = source.entry.source
    lost = [
        window
        for window in source.windows
        if window.state in (WindowState.FAILED, WindowState.MISSED)
        and not window.is_void(now)
        and not source.harvested_since(window.due_at)
    ]
    if not lost:
        return
    latest = max(lost, key=lambda window: window.due_at)
    of_many = f", the latest of {len(lost)} since its last harvest" if len(lost) > 1 else ""
    yield Alarm(
        AlarmKind.MISSED,
        name,
        f"{name}: the window of {_local(latest.due_at, zone)} {_ENDED[latest.state]}{of_many}: "
        f"{latest.note or 'no reason is recorded'}.",
        f"{_by_hand(source.entry)} makes up for it; kliping schedule history {name} shows all.",
    )


_ENDED = {WindowState.FAILED: "has failed", WindowState.MISSED: "was missed"}


def _late(watch: Observation, source: WatchedSource, now: datetime, zone: tzinfo, *, full: bool) -> Iterator[Alarm]:
    """What is late with a source, the worst first: a harvest, a crawl that does not end, one that does not start.

    `full`: as many crawls are under way as the scheduler runs at once.
    """
    name, limit = source.entry.source, timedelta(seconds=source.entry.time_limit + watch.grace)
    claimed = [window for window in source.windows if window.state is WindowState.CLAIMED]
    due = _latest_window(source, now - limit - START_ALLOWED)
    history = f"kliping schedule history {name} tells why; {_by_hand(source.entry)} runs it now."
    noun = _NOUNS[source.entry.job]
    if due is not None and not source.harvested_since(due) and not _makes_up_for(source, due, now, limit):
        last = source.last_harvest
        result = _RESULTS.get(source.entry.job, "harvest")
        so_far = f"its last {result} began {_local(last, zone)}" if last else "it never had one"
        yield Alarm(
            AlarmKind.STALE,
            name,
            f"{name}: no {result} since its window of {_local(due, zone)}; {so_far}.{_under_way(claimed, source)}",
            history if watch.scheduler_lives else "Start the scheduler: it makes up for what was missed.",
        )
    for window in claimed:
        began = window.at or (window.next_try or now) - timedelta(seconds=START_SECONDS)
        if now - began > limit + START_ALLOWED:
            yield Alarm(
                AlarmKind.HANGS,
                name,
                f"{name}: the {noun} {window.run_id} was started {_local(began, zone)} and goes on past its limit of "
                f"{duration(limit)}.",
                history,
            )
    waits = _waiting_since(source, now)
    free_since = max(filter(None, (waits, source.freed_at, watch.full_at)), default=now)  # what held it up has ended
    if waits is not None and not (claimed or full or source.held_by) and now - free_since > START_ALLOWED:
        yield Alarm(
            AlarmKind.NOT_STARTED,
            name,
            f"{name}: its {noun} has been due since {_local(waits, zone)} and was not started.",
            history if watch.scheduler_lives else "Start the scheduler: it makes up for what was missed.",
        )


def _makes_up_for(source: WatchedSource, due: datetime, now: datetime, limit: timedelta) -> bool:
    """Whether the first crawl for a window is under way, as soon as its hosts were free, and within its limit.

    Its hosts may have been held for as long as one other crawl may take, not longer.
    """
    long_due = _latest_window(source, now - 2 * (limit + START_ALLOWED))
    return (long_due is None or source.harvested_since(long_due)) and any(
        window.state is WindowState.CLAIMED
        and window.attempts <= 1
        and window.due_at >= due
        and window.at is not None
        and window.at - max(due, source.freed_at or due) <= START_ALLOWED
        and now - window.at <= limit
        for window in source.windows
    )


_NOUNS = {Job.CRAWL: "crawl", Job.ROUND: "round", Job.VERIFY: "verification", Job.BACKUP: "backup"}
_RESULTS = {Job.VERIFY: "result", Job.BACKUP: "backup"}
"""What a job brings that is no crawl."""


def _by_hand(entry: TimetableEntry) -> str:
    """The command that does now what the timetable has for an entry."""
    return f"kliping archive {entry.job}" if entry.job.concerns_archive else f"kliping crawl {entry.publisher}"


def _under_way(claimed: Sequence[Window], source: WatchedSource) -> str:
    if claimed:
        return " A crawl is under way."
    return f" {source.held_by} crawls its hosts." if source.held_by else ""


def _latest_window(source: WatchedSource, until: datetime) -> datetime | None:
    """The latest window of a source up to `until`; None before its first."""
    if source.since is None or source.since > until:
        return None
    newest, _ = newest_windows(source.entry, source.since, until, 1)
    return newest[0] if newest else None


def _waiting_since(source: WatchedSource, now: datetime) -> datetime | None:
    """From when on a crawl of the source should have been started: for a new window, or another try."""
    real = [window for window in source.windows if not window.is_void(now)]
    moments = [
        min(window.next_try or window.due_at, now)
        for window in real
        if window.state is WindowState.WAITING and window.may_retry(now)
    ]
    known = max((window.due_at for window in real), default=None)
    latest = _latest_window(source, now)
    if latest is not None and (known is None or known < latest) and not source.harvested_since(latest):
        moments.append(latest)
    return min(moments, default=None)


def _clock(watch: Observation, now: datetime, zone: tzinfo) -> Iterator[Alarm]:
    check = "Compare the time with another clock (`timedatectl`, `date`)."
    if now < EARLIEST:
        yield Alarm(
            AlarmKind.CLOCK,
            None,
            f"The clock of this machine shows {_local(now, zone)}: it was never set, so nothing is started.",
            check,
        )
        return
    for jump in watch.jumps:
        if not is_ahead(jump.happened, now) and now - jump.happened < JUMP_TOLD:
            yield Alarm(
                AlarmKind.CLOCK,
                None,
                f"{jump.in_words[0].upper()}{jump.in_words[1:]}, to {_local(jump.after, zone)}. "
                "What was written ahead of the time does not count.",
                f"{check} A day after the jump this is no longer told.",
            )
    if (later := _publishers_say(watch.clocks)) is not None:
        off = f"{duration(timedelta(seconds=abs(later)))} {'behind' if later > 0 else 'ahead'}"
        yield Alarm(
            AlarmKind.CLOCK,
            None,
            f"The clock of this machine is {off}: so say the answers of {_names(sorted(watch.clocks))} in their last "
            "crawls.",
            f"{check} Set it, and crawl again; what was fetched meanwhile bears the wrong time of fetching.",
        )
    ahead = watch.newest_ahead
    if ahead is not None and not any(jump.before >= ahead for jump in watch.jumps):
        yield Alarm(
            AlarmKind.CLOCK,
            None,
            f"The archive holds crawls or windows dated up to {_local(ahead, zone)}, later than now: the clock of this "
            "machine was ahead, or is behind.",
            f"{check} If it is right, start the scheduler: it notes that and goes on.",
        )


def _publishers_say(clocks: Mapping[str, float]) -> float | None:
    """By how many seconds our clock is behind (negative: ahead), if all publishers agree on that; else None."""
    said = sorted(clocks.values())
    if len(said) < CLOCKS_NEEDED or said[-1] - said[0] > CLOCK_TOLERANCE:
        return None
    later = said[len(said) // 2]
    return later if min(map(abs, said)) > CLOCK_TOLERANCE else None


def _names(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMES_TOLD} more" if len(names) > NAMES_TOLD else ""
    return ", ".join(names[:NAMES_TOLD]) + more


def _local(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
