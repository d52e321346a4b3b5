"""The scheduler as a service: APScheduler fires its ticks, signals end it, crawls are real children.

APScheduler only fires. What is due is worked out from the archive at every tick, so a firing that is late, lost while
the machine slept, or doubled changes nothing (DESIGN, decision 13).
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import FrameType

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from archive.database import Archive
from kliping.config import Settings
from scheduler.service import Scheduler
from scheduler.supervise import CRAWLER, Child, log_file, start
from scheduler.timetable import Timetable, TimetableEntry, next_window

TICK_SECONDS = 5.0
"""The longest time between two looks at the children."""

log = structlog.get_logger()


class WindowTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """Fires at each window of an entry."""

    def __init__(self, entry: TimetableEntry) -> None:
        self.entry = entry

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """APScheduler's question; both moments are aware."""
        return next_window(self.entry, max(now, previous_fire_time or now))


class FollowThread:
    """Runs `follow` beside the ticks: asked again while it runs, it runs once more. It is safe to be cut off."""

    def __init__(self, follow: Callable[[], object]) -> None:
        self._follow = follow
        self._asked = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="follow", daemon=True)
        self._thread.start()

    def ask(self) -> None:
        """Follow soon."""
        self._asked.set()

    def end(self, seconds: float) -> None:
        """Let a follow under way end, for at most so long; none begins any more."""
        self._ending = True
        self._asked.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            self._asked.wait()
            self._asked.clear()
            if self._ending:
                return
            try:
                self._follow()
            except Exception:  # crawls go on without an index (DESIGN, decision 11); any error of it is shown whole
                log.exception("follow failed; the cursor waits")


def run_service(
    archive: Archive,
    settings: Settings,
    timetable: Timetable,
    *,
    follow: Callable[[], object],
    program: Sequence[str] = CRAWLER,
) -> None:
    """Run the scheduler until SIGTERM or SIGINT; then end its children gently, and come back.

    `follow` is called once at the start, and after crawls have ended. Call it from the main thread. `program` is the
    crawl's command line, to which source and run id are added.
    """
    following = FollowThread(follow)

    def start_child(entry: TimetableEntry, run_id: str) -> Child:
        return start(
            entry.source,
            run_id=run_id,
            time_limit=entry.time_limit,
            grace=settings.grace,
            log=log_file(settings.home, run_id),
            program=program,
        )

    scheduler = Scheduler(
        archive,
        lambda: timetable,
        start_child,
        following.ask,
        catch_up=timedelta(days=settings.catch_up_days),
        lease_seconds=settings.lease_seconds,
    )
    with _signals() as wait_for_one:
        firing = _firing(scheduler, timetable, settings.lease_seconds)
        firing.start()
        following.ask()
        number = wait_for_one()
        log.info("ending", signal=signal.Signals(number).name, children=scheduler.children)
        firing.shutdown(wait=True)
        scheduler.close()
        following.end(settings.grace)
    log.info("ended")


def _firing(scheduler: Scheduler, timetable: Timetable, lease_seconds: float) -> BackgroundScheduler:
    """APScheduler with one job a source at its windows and one heartbeat. One thread: ticks never overlap."""
    firing = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        timezone=UTC,
    )
    seconds = min(TICK_SECONDS, lease_seconds / 4)
    firing.add_job(
        scheduler.tick,
        IntervalTrigger(seconds=seconds, timezone=UTC),
        id="heartbeat",
        next_run_time=datetime.now(UTC),
    )
    for source, entry in timetable.items():
        firing.add_job(scheduler.tick, WindowTrigger(entry), id=f"windows of {source}")
    return firing


@contextmanager
def _signals() -> Iterator[Callable[[], int]]:
    """Give a function that waits for SIGTERM or SIGINT and gives its number.

    The handler only writes to a pipe. Setting a `threading.Event` from it could meet the waiting thread with the
    event's own lock in hand.
    """
    reading, writing = os.pipe()

    def note(number: int, _frame: FrameType | None) -> None:
        os.write(writing, bytes([number]))

    before = {number: signal.signal(number, note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: os.read(reading, 1)[0]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)
