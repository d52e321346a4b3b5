"""A service whose database is broken is seen: its lease runs out, it says why, and it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from archive import leases
from archive.articles import SaveResult
from archive.database import Archive, DamagedDatabaseError
from archive.sqlite import sqlite_engine
from archive.tables import articles
from scheduler import daemon
from scheduler.lookout import look
from scheduler.timetable import TimetableEntry
from scheduler.watchman import AlarmKind, alarms
from tests.conftest import an_article
from tests.support.simulated import LEASE_SECONDS, SimulatedMachine

HOURLY = TimetableEntry("hourly", "site:hourly.test", "Asia/Jakarta", every=3600, configured=True, time_limit=1800)
ROOT = Path(__file__).parents[2]


def told(machine: SimulatedMachine) -> set[AlarmKind]:
    watch = look(machine.archive, machine.timetable, machine.moment, grace=60)
    return {alarm.kind for alarm in alarms(watch, machine.moment, ZoneInfo("Asia/Jakarta"))}


def rename(archive: Archive, old: str, new: str) -> None:
    with archive.engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")


def test_a_scheduler_that_can_do_nothing_lets_its_lease_run_out(archive: Archive) -> None:
    """Its ticks raise, status is red while that lasts, and it goes on where it was when the table is back."""
    machine = SimulatedMachine(archive, {"hourly": HOURLY})
    machine.run_for(timedelta(minutes=15))
    assert told(machine) == set()
    rename(archive, "schedules", "lost")
    for _ in range(30):
        with pytest.raises(OperationalError):
            machine.step(LEASE_SECONDS / 20)
    rename(archive, "lost", "schedules")
    assert AlarmKind.NO_SCHEDULER in told(machine)
    machine.run_for(timedelta(minutes=20))
    assert told(machine) == set()
    lease = leases.holder_of(archive, "scheduler", clock=machine.clock)
    assert lease
    assert lease.generation == 1


def test_a_service_of_which_every_tick_fails_ends_after_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk may have room again, so it tries on for a while; one tick that works begins that anew."""
    now = 0.0
    monkeypatch.setattr(daemon, "steady", lambda: now)
    failures = daemon.TickFailures()
    for at, worked, final in ((0.0, False, False), (599.0, False, False), (600.0, False, True), (601.0, True, False)):
        now = at
        if worked:
            failures.clear()
        else:
            failures.add(OSError("no space left on device"))
        assert failures.are_final is final
    failures.add(OSError("no space left on device"))
    assert not failures.are_final


def test_a_service_ends_at_once_when_the_changes_of_its_database_are_cut_off(
    archive: Archive, save: Callable[..., SaveResult]
) -> None:
    """SQLite calls that an I/O error, like a disk that may work again: it read less than must be there."""
    save(an_article())
    with archive.reading() as connection:  # keeps SQLite's index of the WAL file
        connection.execute(select(articles)).all()
        (archive.home / "archive.sqlite3-wal").write_bytes(b"")
        other = sqlite_engine(archive.url)
        with pytest.raises(OperationalError, match="disk I/O error") as cut_short, other.connect() as late:
            late.execute(select(articles)).all()
        other.dispose()
        with pytest.raises(DamagedDatabaseError, match=r"is damaged.*verify --mend"):
            archive.require_sound(10)
    failures = daemon.TickFailures()
    failures.add(cut_short.value)
    assert failures.are_final


@pytest.mark.processes
def test_a_service_on_a_damaged_database_ends_with_a_sentence(tmp_path: Path) -> None:
    """It ends with 1 within seconds, and names the remedy; a supervisor sees that."""
    environment = {**os.environ, "KLIPING_HOME": str(tmp_path), "KLIPING_LEASE_SECONDS": "2", "PYTHONPATH": str(ROOT)}
    log = tmp_path / "service.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "kliping", "schedule", "run"], env=environment, stdout=output, stderr=output
        )
    try:
        end = time.monotonic() + 90
        while "leading" not in log.read_text():
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        process.send_signal(signal.SIGSTOP)
        file = tmp_path / "archive.sqlite3"
        with file.open("r+b") as damaged:  # all but the first page
            damaged.seek(4096)
            damaged.write(b"\xa5" * (file.stat().st_size - 4096))
        (tmp_path / "archive.sqlite3-wal").write_bytes(b"")
        process.send_signal(signal.SIGCONT)
        assert process.wait(150) == 1  # another thread may wait a minute for the lock of a file that is none now
    finally:
        process.kill()
        process.wait()
    printed = log.read_text()
    assert "ending: nothing can be scheduled" in printed
    last = next(line for line in reversed(printed.splitlines()) if not line.startswith("{"))  # a log line may follow
    assert "is damaged" in last
    assert "kliping archive verify --mend" in last
