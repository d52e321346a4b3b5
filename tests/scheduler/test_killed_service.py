"""The service and its crawls, killed at drawn moments: no window is lost or run twice, and each notice is sent once."""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import signal
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from archive import leases, outbox, runs, schedules, watches, windows
from archive.database import Archive
from archive.tables import articles
from archive.tables import runs as runs_table
from archive.verify import verify
from archive.watches import Rhythm
from archive.window import WindowState
from newsstand import Fault, Newsstand
from notify.preferences import Preferences
from notify.sending import deliver
from scheduler.lookout import look
from scheduler.timetable import windows_between
from scheduler.watchman import AlarmKind, alarms
from tests.conftest import DRAWN
from tests.support.children import is_gone, opened, settings, until
from tests.support.scheduling_child import NEWSSTAND, fork, forking
from tests.support.webhook import Webhook, webhook

pytestmark = pytest.mark.processes

LEASE = 3.0
"""Seconds."""
PATIENT = "?cto=120&rto=120"
"""Apprise's seconds to connect and to read: a busy machine may take more than its four, and then sends twice."""
VICTIMS = ("service", "crawl", "both")
PATIENCE = 240.0
"""Most seconds until everything is made up for: a busy machine takes long to start a crawl."""


def crawls(home: Path) -> list[int]:
    """The process ids of the crawls of this archive."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            of_home = f"KLIPING_HOME={home}".encode() in (folder / "environ").read_bytes().split(b"\0")
            if of_home and b"crawler" in (folder / "cmdline").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue  # it has ended meanwhile
    return found


def command_of(pid: int) -> bytes:
    """The command line of a process; empty if it has ended."""
    try:
        command: bytes = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
    return command


def told_alarms(archive: Archive) -> set[AlarmKind]:
    """What doctor says of the timetable now."""
    now = datetime.now(UTC)
    watch = look(archive, {"newsstand": NEWSSTAND}, now, grace=5.0)
    return {alarm.kind for alarm in alarms(watch, now, ZoneInfo("Asia/Jakarta"))}


def is_held(archive: Archive, name: str) -> bool:
    """Whether a living process holds a lease."""
    lease = leases.holder_of(archive, name)
    return lease is not None and lease.living


class KilledNights:
    """A newsstand that goes on publishing, a hook, and a service that is killed again and again."""

    def __init__(self, site: Newsstand, home: Path, hook: Webhook, archive: Archive, seed: int) -> None:
        self.site, self.home, self.hook, self.archive = site, home, hook, archive
        self.draw = random.Random(seed)
        self.killed: Counter[str] = Counter()
        self.stories = itertools.cycle([story for story in site.stories() if story.outlet == "www"])

    def kill(self, parent: subprocess.Popen[str], service: int) -> int:
        """Let something happen, and kill something. Returns the process id of the service that runs then."""
        story = next(self.stories)
        self.site.correct(story.path, f"Ralat ke-{self.killed.total()}: jumlahnya {self.killed.total() + 3} orang.")
        if self.draw.random() < 0.5:
            until(self.is_mid_crawl, pause=0.05, patience=PATIENCE)
            time.sleep(self.draw.uniform(0.0, 1.0))  # the moment that was drawn
        else:
            time.sleep(self.draw.uniform(0.0, 6.0))  # the same: a crawl may be starting
        victim = self.draw.choice(VICTIMS)
        if victim != "service":
            running = crawls(self.home)
            if running:
                os.kill(self.draw.choice(running), signal.SIGKILL)
            elif victim == "crawl":
                victim = "nothing"
        self.killed[victim] += 1
        if victim in ("crawl", "nothing"):
            return service
        os.kill(service, signal.SIGKILL)
        return fork(parent)

    def is_mid_crawl(self) -> bool:
        """Whether a living crawl has taken up addresses, and not ended."""
        latest = runs.latest(self.archive, "newsstand")
        if latest is None or latest.ended_at is not None or not latest.taken_up:
            return False
        return any(latest.id.encode() in command_of(pid) for pid in crawls(self.home))

    def is_settled(self, since: datetime) -> bool:
        """Whether every window up to a moment has ended, nothing waits to be told, and the index has everything."""
        with self.archive.reading() as connection:
            if outbox.has_open(connection):
                return False
        rows = windows.history(self.archive, "newsstand", 100_000)
        done = [row for row in rows if row.due_at <= since]
        return bool(done) and max(row.due_at for row in rows) > since and all(row.state == "done" for row in done)

    def seen(self) -> str:
        """What a failure is told with: the last windows, runs and notices, and what the service wrote."""
        with self.archive.reading() as connection:
            told = outbox.latest(connection, 5)
            ran = connection.execute(select(runs_table).order_by(runs_table.c.started_at.desc()).limit(5)).all()
        rows = windows.history(self.archive, "newsstand", 12)
        log = (self.home / "service.log").read_text()[-6000:]
        return "\n".join(map(str, (datetime.now(UTC), *rows, *ran, *told, crawls(self.home), log)))

    def all_is_told(self) -> bool:
        """Send what waits, as the next service would. Whether nothing waits any more."""
        wishes = Preferences({"desk": self.hook.url + PATIENT}, ZoneInfo("Asia/Jakarta"))
        deliver(self.archive, wishes, lease_seconds=LEASE)
        with self.archive.reading() as connection:
            return not outbox.has_open(connection)

    def check(self, settled: datetime) -> Counter[str]:
        """Nothing is lost or twice, up to a moment after which the service made up for everything."""
        known = schedules.all_schedules(self.archive)["newsstand"]
        assert known.since is not None
        rows = [row for row in windows.history(self.archive, "newsstand", 100_000) if row.due_at <= settled]
        assert sorted(row.due_at for row in rows) == windows_between(NEWSSTAND, known.since, settled)
        assert {row.state for row in rows} == {WindowState.DONE}
        with self.archive.reading() as connection:
            ran = connection.execute(select(runs_table).order_by(runs_table.c.started_at)).all()
            stored = connection.execute(select(func.count()).select_from(articles)).scalar_one()
        harvests = [run for run in ran if run.verdict in ("good", "attention")]
        covering = {row.run_id for row in windows.history(self.archive, "newsstand", 100_000)}
        assert {run.id for run in harvests} <= covering, "a crawl whose windows another one has run"
        assert all(one.ended_at <= other.started_at for one, other in itertools.pairwise(harvests))
        for row in rows:
            run = runs.find(self.archive, row.run_id or "")
            assert run is not None
            assert run.started_at >= row.due_at
        assert stored == len(self.site.stories())
        assert verify(self.archive).wrong == ()
        return Counter(str(run.verdict) for run in ran)

    def check_notices(self) -> tuple[int, int, int]:
        """Each notice came, and twice only where the outbox says so. Returns notices, doubles and doubts."""
        came: Counter[int] = Counter()
        for message in self.hook.received:
            numbers = re.search(r"\(No\. ([0-9, -]+)\)$", message["message"])
            assert numbers, message
            for span in numbers[1].split(", "):
                first, _, last = span.partition("-")
                came.update(range(int(first), int(last or first) + 1))
        with self.archive.reading() as connection:
            records = outbox.latest(connection, 100_000)
        assert {state for record in records for state in record.deliveries.values()} <= {"sent"}
        doubts = {record.id: record.doubts for record in records}
        assert set(came) == {record.id for record in records if record.deliveries}
        assert all(times - 1 <= doubts[number] for number, times in came.items())
        return len(came), sum(times > 1 for times in came.values()), sum(doubts.values())


def live_through(home: Path, kills: int, seed: int) -> str:
    """Kill so many times, let the last service make up for it, and check. Returns the figures in words."""
    slow = {"www.newsstand.test/berita/*": Fault("slow", seconds=0.05)}
    with Newsstand(crawl_delay=0, faults=slow) as site, webhook() as hook, opened(home) as archive:
        environment = settings(
            home,
            {"newsstand.test": site.base_url},
            KLIPING_LEASE_SECONDS=str(LEASE),
            KLIPING_NOTIFY=json.dumps({"desk": hook.url + PATIENT}),
            KLIPING_SOURCES__ANTARA__ENABLED="false",
            KLIPING_ROUNDS="false",
        )
        options = {"target": "desk", "address": None, "rhythm": Rhythm.EACH, "imports": False}
        watches.add(archive, "source:newsstand", now=datetime.now(UTC), **options)  # type: ignore[arg-type]
        nights = KilledNights(site, home, hook, archive, seed)
        with forking(environment) as parent:
            service = fork(parent)
            for _ in range(kills):
                service = nights.kill(parent, service)
            os.kill(service, signal.SIGKILL)
            until(lambda: AlarmKind.NO_SCHEDULER in told_alarms(archive))  # when the lease of the dead has expired
            service = fork(parent)
            restarted = datetime.now(UTC)
            until(lambda: nights.is_settled(restarted), pause=0.2, patience=PATIENCE, seen=nights.seen)
            assert told_alarms(archive) == set()
            os.kill(service, signal.SIGTERM)
            until(lambda: is_gone(service))
        counted = nights.check(restarted)
        until(lambda: not (is_held(archive, "scheduler") or is_held(archive, NEWSSTAND.lease)))
        assert not any(row.state is WindowState.CLAIMED for row in windows.open_and_latest(archive, datetime.now(UTC)))
        assert told_alarms(archive) == {AlarmKind.NO_SCHEDULER}
        assert crawls(home) == []
        until(nights.all_is_told)
        notices, doubles, doubts = nights.check_notices()
        sent = f"{notices} notices, {doubles} came twice, {doubts} doubts"
        return f"seed {seed}: killed {dict(nights.killed)}; runs {dict(counted)}; {sent}"


def test_kills_of_service_and_crawls_lose_no_window_and_no_notice(tmp_path: Path) -> None:
    live_through(tmp_path / "home", 2, DRAWN)


@pytest.mark.soak
def test_fifty_kills_of_service_and_crawls(tmp_path: Path) -> None:
    print(live_through(tmp_path / "home", 50, DRAWN))  # noqa: T201
