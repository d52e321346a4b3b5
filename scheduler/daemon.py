"""The scheduler as a service: APScheduler triggers its ticks, signals end it, crawls are child processes.

Every tick works out from the archive what is due. A firing of APScheduler that is late, repeated, or lost while the
machine slept therefore changes nothing (decision 13).
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
"""The longest time between two ticks, which check the children."""

log = structlog.get_logger()


class WindowTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """An APScheduler trigger that fires at each window of a timetable entry."""

    def __init__(self, entry: TimetableEntry) -> None:
        self.entry = entry

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first window after both moments (aware). APScheduler calls this."""
        return next_window(self.entry, max(now, previous_fire_time or now))


class FollowThread:
    """Calls `follow` in a thread of its own: a request made while it runs makes it run once more.

    It is a daemon thread: the end of the process may cut `follow` off, and the next one continues from the cursor.
    """

    def __init__(self, follow: Callable[[], object]) -> None:
        self._follow = follow
        self._requested = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._run, name="follow", daemon=True)
        self._thread.start()

    def request(self) -> None:
        """Call `follow` soon; returns at once."""
        self._requested.set()

    def end(self, seconds: float) -> None:
        """Start no more follows, and wait for a running one for at most so many seconds."""
        self._ending = True
        self._requested.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            self._requested.wait()
            self._requested.clear()
            if self._ending:
                return
            try:
                self._follow()
            except Exception:  # crawls go on without an index (decision 11); any error is logged with its traceback
                log.exception("follow failed; the next one continues from the cursor")


def run_service(
    archive: Archive,
    settings: Settings,
    timetable: Timetable,
    *,
    follow: Callable[[], object],
    program: Sequence[str] = CRAWLER,
) -> None:
    """Run the scheduler until SIGTERM or SIGINT; then ask its children to end, wait for them, and return.

    Must be called from the main thread. `follow` is called once at the start, and after crawls have ended. `program` is
    the crawl's command line, to which source and run id are added.
    """
    follow_thread = FollowThread(follow)

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
        follow_thread.request,
        catch_up=timedelta(days=settings.catch_up_days),
        lease_seconds=settings.lease_seconds,
    )
    with _signals() as wait_for_signal:
        ticks = _ticks(scheduler, timetable, settings.lease_seconds)
        ticks.start()
        follow_thread.request()
        number = wait_for_signal()
        log.info("ending", signal=signal.Signals(number).name, children=scheduler.children)
        ticks.shutdown(wait=True)
        scheduler.close()
        follow_thread.end(settings.grace)
    log.info("ended")


def _ticks(scheduler: Scheduler, timetable: Timetable, lease_seconds: float) -> BackgroundScheduler:
    """APScheduler with a heartbeat, and a job for each source at its windows. One thread, so ticks never overlap."""
    ticks = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        timezone=UTC,
    )
    seconds = min(TICK_SECONDS, lease_seconds / 4)
    ticks.add_job(
        scheduler.tick,
        IntervalTrigger(seconds=seconds, timezone=UTC),
        id="heartbeat",
        next_run_time=datetime.now(UTC),
    )
    for source, entry in timetable.items():
        ticks.add_job(scheduler.tick, WindowTrigger(entry), id=f"windows of {source}")
    return ticks


@contextmanager
def _signals() -> Iterator[Callable[[], int]]:
    """Yields a function that waits for SIGTERM or SIGINT and returns its number.

    The handler only writes to a pipe. Setting a `threading.Event` in it could deadlock: the interrupted thread may hold
    the event's lock.
    """
    reading, writing = os.pipe()

    def write(number: int, _frame: FrameType | None) -> None:
        os.write(writing, bytes([number]))

    before = {number: signal.signal(number, write) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield lambda: os.read(reading, 1)[0]
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reading)
        os.close(writing)
