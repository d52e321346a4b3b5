"""The service as a real process with real children, on a real archive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from archive import leases, windows
from archive.database import Archive
from archive.window import WindowState
from tests.support.children import is_gone
from tests.support.moved_clock import MovedClock

pytestmark = pytest.mark.processes

CRAWL = """
import os, signal, sys, time
from datetime import UTC, datetime
from pathlib import Path
from archive import leases, runs
from archive.database import Archive
from archive.runs import Verdict
home, source, flag, run_id = Path(sys.argv[1]), *sys.argv[2:]
now = lambda: datetime.now(UTC)
with Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home) as archive:
    lease = leases.acquire(archive, "site:fake.test", seconds=30)
    if lease is None:
        sys.exit(3)
    with archive.writing() as connection:
        runs.begin(connection, run_id, source=source, kind="crawl", holder=lease.holder, lease=lease, now=now())
    if (home / "deaf").exists():
        signal.signal(signal.SIGTERM, lambda *_: (home / "signalled").touch())
    if (home / "slow").exists():
        (home / "writing").write_text(str(os.getpid()))
        (home / "writing").rename(home / "crawling")
        time.sleep(600)
    with archive.writing() as connection:
        runs.finish(connection, run_id, listed=1, traffic={}, verdict=Verdict("good", None), now=now())
    lease.release()
"""

SERVICE = """
import sys
from archive.database import Archive
from kliping.config import load
from scheduler.daemon import run_service
from scheduler.timetable import TimetableEntry
settings = load()
entry = TimetableEntry("fake_source", "site:fake.test", "Asia/Jakarta", every=2, configured=True,
                       time_limit=settings.time_limit)
with Archive.open(settings.archive_url, settings.home) as archive:
    run_service(archive, settings, {"fake_source": entry}, follow=lambda: print("followed", flush=True),
                program=[sys.executable, str(settings.home / "crawl.py"), str(settings.home)])
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "crawl.py").write_text(CRAWL)
    return tmp_path


@pytest.fixture
def opened(home: Path) -> Iterator[Archive]:
    with Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home) as archive:
        yield archive


@pytest.fixture
def service(home: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started: list[subprocess.Popen[str]] = []

    def begin(**more: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "KLIPING_HOME": str(home),
            "KLIPING_LEASE_SECONDS": "2",
            "KLIPING_GRACE": "5",
            "PYTHONPATH": str(Path(__file__).parents[2]),
            **more,
        }
        output = (home / f"service-{len(started)}.log").open("w")
        with output:
            process = subprocess.Popen(
                [sys.executable, "-c", SERVICE], env=environment, stdout=output, stderr=subprocess.STDOUT, text=True
            )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()


def wait_for(condition: Callable[[], object], home: Path, seconds: float = 90.0) -> None:
    """Wait for a condition; fail with the services' logs after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("\n".join(file.read_text() for file in sorted(home.glob("service-*.log"))))
        time.sleep(0.05)


def states(archive: Archive) -> list[WindowState]:
    return [window.state for window in windows.history(archive, "fake_source")]


def test_it_runs_windows_and_stops_in_order_on_sigterm(
    home: Path, opened: Archive, service: Callable[[], subprocess.Popen[str]]
) -> None:
    """Children run the windows and a follow comes after; SIGTERM stops the child, releases claim and lease, exits 0."""
    process = service()
    wait_for(lambda: WindowState.DONE in states(opened), home)
    (home / "slow").touch()
    wait_for((home / "crawling").exists, home)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    latest = windows.history(opened, "fake_source")[0]
    assert (latest.state, latest.attempts, latest.note) == (WindowState.WAITING, 0, "released: the service was stopped")
    assert WindowState.CLAIMED not in states(opened)
    lease = leases.holder_of(opened, "scheduler")
    assert lease is not None
    assert not lease.living
    log = (home / "service-0.log").read_text()
    assert log.count("followed") >= 2
    assert "followed" in log[log.index("ending") :]  # for what the last children have archived
    assert "Traceback" not in log


def test_a_second_signal_kills_the_children_and_ends_the_service_at_once(
    home: Path, opened: Archive, service: Callable[..., subprocess.Popen[str]]
) -> None:
    """A child that does not end would be waited for for ten minutes."""
    (home / "slow").touch()
    (home / "deaf").touch()
    process = service(KLIPING_GRACE="600")
    wait_for((home / "crawling").exists, home)
    process.send_signal(signal.SIGTERM)
    wait_for((home / "signalled").exists, home)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 143
    wait_for(lambda: is_gone(int((home / "crawling").read_text())), home)


def test_a_standby_service_takes_over_from_a_killed_one(
    home: Path, opened: Archive, service: Callable[[], subprocess.Popen[str]]
) -> None:
    """After SIGKILL to the leader the other one leads once the lease has expired, and runs the next windows."""
    leader = service()
    wait_for(lambda: WindowState.DONE in states(opened), home)
    service()
    wait_for(lambda: "standing by" in (home / "service-1.log").read_text(), home)
    leader.kill()
    leader.wait()
    count = states(opened).count(WindowState.DONE)
    wait_for(lambda: "leading" in (home / "service-1.log").read_text(), home)
    wait_for(lambda: states(opened).count(WindowState.DONE) > count, home)


@pytest.fixture
def clock(tmp_path: Path) -> MovedClock:
    return MovedClock(tmp_path)


def done_lately(archive: Archive, clock: MovedClock, begun_at: float) -> bool:
    """Whether a window was done that came after `begun_at` by the service's clock."""
    now = datetime.fromtimestamp(clock(), UTC)
    found = windows.history(archive, "fake_source", 1000, now)
    return any(each.state is WindowState.DONE and each.due_at.timestamp() >= begun_at for each in found)


def lease_end(archive: Archive, clock: MovedClock) -> float:
    """When the scheduler's lease ends by the service's clock; 0 if it does not hold it."""
    lease = leases.holder_of(archive, "scheduler", clock=clock)
    return clock() + lease.seconds_left if lease and lease.living and not lease.too_far else 0.0


@pytest.mark.parametrize("off", [-7200.0, 400 * 86400.0], ids=["two hours back", "400 days ahead"])
def test_a_running_service_goes_on_when_its_clock_is_set(
    home: Path, opened: Archive, service: Callable[..., subprocess.Popen[str]], clock: MovedClock, off: float
) -> None:
    """Within seconds it renews its lease and runs windows by the new time, and again when the clock is right."""
    process = service(**clock.environment)
    wait_for(lambda: WindowState.DONE in states(opened), home)
    for moved in (off, 0.0):
        clock.move(moved)
        begun_at = clock()
        wait_for(lambda begun_at=begun_at: done_lately(opened, clock, begun_at), home)  # type: ignore[misc]  # a default
        end = lease_end(opened, clock)
        wait_for(lambda end=end: lease_end(opened, clock) > max(end, clock()), home)  # type: ignore[misc]
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    log = (home / "service-0.log").read_text()
    assert log.count("the clock jumped") == 2
    assert "Traceback" not in log


def test_a_child_is_stopped_at_its_time_limit_though_the_clock_was_set_back(
    home: Path, opened: Archive, service: Callable[..., subprocess.Popen[str]], clock: MovedClock
) -> None:
    (home / "slow").touch()
    service(**clock.environment, KLIPING_TIME_LIMIT="3")
    wait_for((home / "crawling").exists, home)
    clock.move(-7200.0)
    wait_for(lambda: "after its time limit" in (home / "service-0.log").read_text(), home, 30)
