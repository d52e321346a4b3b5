"""The scheduler as a service: a heartbeat and APScheduler trigger ticks, signals end it, crawls are child processes.

Every tick works out from the archive what is due. A firing of APScheduler that is late, repeated, or lost while the
machine slept therefore changes nothing (decision 13). APScheduler plans by the wall clock: after that was set back, it
fires nothing for as long. So the heartbeat is a wait of the main thread, which no clock holds up (decision 21).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from archive import ending
from archive.clock import steady
from archive.database import Archive, LostDatabaseError, is_damage
from kliping.config import Settings
from scheduler.service import Scheduler
from scheduler.supervise import ARCHIVE, CRAWLER, Child, log_file, start
from scheduler.timetable import Job, Timetable, TimetableEntry, next_window

TICK_SECONDS = 5.0
"""The longest time between two ticks, which check the children and renew the lease."""

FAILING_SECONDS = 600.0
"""How long a service goes on whose every tick fails. A disk that is full may have room again; then it ends, so that
whoever supervises it sees that, and starts it anew."""

LEASES_A_LOOK = 5
"""The service looks at the file of its database each time so many lengths of a lease have passed."""
LOOK_SECONDS = 0.5
"""How long such a look takes at most."""

log = structlog.get_logger()


class WindowTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """An APScheduler trigger that fires at each window of a timetable entry."""

    def __init__(self, entry: TimetableEntry) -> None:
        self.entry = entry

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The first window after both moments (aware). APScheduler calls this."""
        return next_window(self.entry, max(now, previous_fire_time or now))


class TickFailures:
    """The ticks that failed without one that worked between them."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        """Of the last tick; None if it worked."""
        self._since = 0.0

    def add(self, error: Exception) -> None:
        """A tick failed."""
        if self.error is None:
            self._since = steady()
        self.error = error

    def clear(self) -> None:
        """A tick worked."""
        self.error = None

    @property
    def are_final(self) -> bool:
        """Whether no later tick is expected to work: the database is damaged, or none has worked for long."""
        if self.error is None:
            return False
        lost = is_damage(self.error) or isinstance(self.error, LostDatabaseError)
        return lost or steady() - self._since >= FAILING_SECONDS


class _Interval:
    """Tells when so many seconds have passed, again and again."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._began = steady()

    def is_over(self) -> bool:
        """Whether they have passed since this was last true."""
        if steady() < self._began + self._seconds:
            return False
        self._began = steady()
        return True


class FollowThread:
    """Calls `follow` in a thread of its own: a request made while it runs makes it run once more.

    It is called once more at the end, for what the last children have archived. It is a daemon thread: the end of the
    process may cut `follow` off, and the next one continues from the cursor.
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
        """Follow a last time, and wait for that for at most so many seconds."""
        self._ending = True
        self._requested.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            self._requested.wait()
            self._requested.clear()
            last = self._ending
            try:
                self._follow()
            except Exception:  # crawls go on without an index (decision 11); any error is logged with its traceback
                log.exception("follow failed; the next one continues from the cursor")
            if last:
                return


def run_service(
    archive: Archive,
    settings: Settings,
    timetable: Timetable,
    *,
    follow: Callable[[], object],
    program: Sequence[str] = CRAWLER,
) -> None:
    """Run the scheduler until it is asked to end; then ask its children to end, wait for them, and follow once more.

    A second signal kills the children and ends the process (`archive.ending`). It also ends if the archive's database
    is damaged or lost, or no tick has worked for FAILING_SECONDS; then it raises the error of the last tick. Must be
    called from the main thread. `follow` is called once at the start, and after crawls have ended. `program` is the
    crawl's command line, to which source and run id are added.
    """
    follow_thread = FollowThread(follow)
    jumped = threading.Event()

    def start_child(entry: TimetableEntry, run_id: str) -> Child:
        on_archive = entry.job.concerns_archive
        return start(
            str(entry.job) if on_archive else entry.publisher,
            run_id=run_id,
            time_limit=entry.time_limit,
            grace=settings.grace,
            log=log_file(settings.home, run_id),
            program=ARCHIVE if on_archive else program,
            options=("--round",) if entry.job is Job.ROUND else (),
        )

    scheduler = Scheduler(
        archive,
        lambda: timetable,
        start_child,
        follow_thread.request,
        catch_up=timedelta(days=settings.catch_up_days),
        lease_seconds=settings.lease_seconds,
        on_jump=jumped.set,
    )
    one_at_a_time = threading.Lock()
    failures = TickFailures()
    looks = _Interval(LEASES_A_LOOK * settings.lease_seconds)

    def tick() -> None:
        with one_at_a_time:
            try:
                if looks.is_over():
                    archive.require_sound(LOOK_SECONDS)
                scheduler.tick()
                failures.clear()
            except Exception as error:  # a database that is busy or broken: status says that no scheduler lives then
                log.exception("tick failed; the next one tries again")
                failures.add(error)

    with ending.heeded(), ending.at_once(scheduler.kill_children):
        ending.unannounced()
        firing = _firing(tick, timetable)
        firing.start()
        follow_thread.request()
        beat = min(TICK_SECONDS, settings.lease_seconds / 4)
        tick()
        asked = False
        while not failures.are_final and not (asked := ending.wait(beat)):
            tick()
            if jumped.is_set():
                jumped.clear()
                _plan_anew(firing, timetable)
        if asked:
            log.info("ending", signal=ending.signal_name(), children=scheduler.children)
        else:
            log.error("ending: nothing can be scheduled", reason=str(failures.error), children=scheduler.children)
        firing.shutdown(wait=True)
        scheduler.close()
        follow_thread.end(settings.grace)
    ending.settled()
    log.info("ended")
    if not asked and failures.error is not None:
        raise failures.error


def _firing(tick: Callable[[], None], timetable: Timetable) -> BackgroundScheduler:
    """APScheduler with a job for each source, which ticks at its windows."""
    firing = BackgroundScheduler(
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        timezone=UTC,
    )
    for source, entry in timetable.items():
        if not entry.adaptive:  # rounds are planned from one to the next, and the heartbeat is often enough for them
            firing.add_job(tick, WindowTrigger(entry), id=_job(source))
    return firing


def _plan_anew(firing: BackgroundScheduler, timetable: Timetable) -> None:
    """Let APScheduler work out its next firings from the clock as it is now."""
    for source, entry in timetable.items():
        if not entry.adaptive:
            firing.reschedule_job(_job(source), trigger=WindowTrigger(entry))


def _job(source: str) -> str:
    return f"windows of {source}"
