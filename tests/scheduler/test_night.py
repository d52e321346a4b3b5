"""Real crawls as child processes: killed, frozen and woken, stopped, and a night run by the scheduler."""

from __future__ import annotations

import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from archive import leases, runs, windows
from archive.database import Archive
from archive.tables import articles, changes, outcomes, versions
from archive.tables import runs as runs_table
from archive.verify import verify
from archive.window import Window
from newsstand import Fault, Newsstand, SavedPages
from scheduler.service import Scheduler
from scheduler.supervise import Child, log_file, start
from scheduler.timetable import TimetableEntry, from_settings
from tests.support.children import freeze_between_transactions, kliping, opened, settings, start_crawl, until

LEASE = 2.0
"""Seconds."""


def all_rows(archive: Archive, table: Any) -> list[tuple[Any, ...]]:
    with archive.reading() as connection:
        return [tuple(row) for row in connection.execute(select(table))]


def stored_articles(archive: Archive) -> int:
    with archive.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(articles)).scalar_one())


@pytest.mark.processes
def test_a_killed_crawl_is_taken_over_within_its_lease_and_nothing_is_lost_or_twice(tmp_path: Path) -> None:
    """After SIGKILL in mid-crawl, the next crawl is refused until the lease has expired, and then finishes the work."""
    home = tmp_path / "home"
    with Newsstand(crawl_delay=0.05) as site, opened(home) as archive:
        environment = settings(home, {"newsstand.test": site.base_url}, KLIPING_LEASE_SECONDS=str(LEASE))
        first = start_crawl(environment)
        until(lambda: stored_articles(archive) >= 5)
        first.kill()
        first.wait()
        killed_at = started_at = datetime.now(UTC)
        while (second := start_crawl(environment)).wait(60) == 3:
            # the dead crawl still holds the lease; a crawl that starts after its expiry must not be refused
            assert started_at - killed_at < timedelta(seconds=LEASE + 1)
            started_at = datetime.now(UTC)
        assert second.returncode == 0
        takeover = runs.latest(archive, "newsstand")
        assert takeover
        assert stored_articles(archive) == len(site.stories())
        assert len(all_rows(archive, versions)) == len(site.stories())
        assert verify(archive).wrong == ()
        with archive.reading() as connection:
            dead = connection.execute(select(runs_table.c.id).where(runs_table.c.id != takeover.id)).scalar_one()
        report = runs.find(archive, dead)
        assert report
        assert (report.verdict, report.unfinished) == ("failed", 0)
        assert sum(report.outcomes.values()) == report.taken_up
        assert report.outcomes["error:interrupted"] > 0


@pytest.mark.processes
def test_a_crawl_frozen_past_its_lease_writes_nothing_when_woken(tmp_path: Path) -> None:
    """SIGSTOP in mid-crawl; a second crawl takes over and ends; after SIGCONT the first adds no byte and no row."""
    home = tmp_path / "home"
    slow = {"www.newsstand.test/berita/*": Fault("slow", seconds=0.3)}
    with Newsstand(crawl_delay=0, faults=slow) as site, opened(home) as archive:
        environment = settings(home, {"newsstand.test": site.base_url}, KLIPING_LEASE_SECONDS=str(LEASE))
        frozen = start_crawl(environment)
        until(lambda: stored_articles(archive) >= 5)
        freeze_between_transactions(frozen, home)
        site.faults.clear()
        until(lambda: not _lease_is_held(archive))
        successor = start_crawl(environment)
        assert successor.wait(60) == 0
        tables = (articles, versions, changes, outcomes, runs_table)
        before = [all_rows(archive, table) for table in tables]
        files = {path: path.stat().st_size for path in (home / "warc").iterdir()}
        frozen.send_signal(signal.SIGCONT)
        assert frozen.wait(60) == 4
        assert [all_rows(archive, table) for table in tables] == before
        after = {path: path.stat().st_size for path in (home / "warc").iterdir()}
        assert set(after) == set(files)
        # No file grows. It may remove a record that it was writing when it froze: no row points to that record.
        assert all(after[path] <= files[path] for path in files)
        assert verify(archive).wrong == ()
        assert stored_articles(archive) == len(site.stories())


def _lease_is_held(archive: Archive) -> bool:
    lease = leases.holder_of(archive, "site:newsstand.test")
    return bool(lease and lease.living)


@pytest.mark.processes
def test_a_crawl_ends_in_order_on_sigterm_and_its_other_addresses_stay_queued(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Newsstand(crawl_delay=0.1) as site, opened(home) as archive:
        environment = settings(home, {"newsstand.test": site.base_url})
        child = start_crawl(environment)
        until(lambda: stored_articles(archive) >= 3)
        child.terminate()
        assert child.wait(60) == 1
        report = runs.latest(archive, "newsstand")
        assert report
        assert report.ended_at
        assert report.outcomes["error:stopped"] > 0
        assert sum(report.outcomes.values()) == report.taken_up
        assert start_crawl(environment).wait(60) == 0
        assert stored_articles(archive) == len(site.stories())


@pytest.mark.processes
@pytest.mark.shared
def test_one_night_over_newsstand_and_real_pages(tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 02:00 each source that is on is crawled once by its own child, its windows are done, and a search finds its
    articles; the next night finds everything unchanged."""
    home = tmp_path / "home"
    saved = SavedPages.from_folder(shared / "pages", shared / "labels", only="antara-*")
    with Newsstand(saved=saved, crawl_delay=0) as site, opened(home) as archive:
        sites = {"newsstand.test": site.base_url, "antaranews.com": site.base_url}
        environment = settings(home, sites)
        for name, value in environment.items():
            if name.startswith("KLIPING_"):
                monkeypatch.setenv(name, value)
        night = _Night(archive, home)
        night.tick_at(datetime(2026, 11, 23, 18, 0, tzinfo=UTC))  # 01:00 in Jakarta: nothing is due
        assert night.children == []
        night.tick_at(datetime(2026, 11, 23, 19, 0, 1, tzinfo=UTC))  # 02:00
        night.run_until_idle()
        assert Counter(night.children) == {"antara": 1, "newsstand": 1}
        with archive.reading() as connection:
            by_source = Counter(connection.execute(select(articles.c.source)).scalars())
        assert by_source == {"newsstand": len(site.stories()), "antara": 3}
        states = {(row.source, row.state) for row in _windows(archive)}
        assert states == {("antara", "done"), ("newsstand", "done")}
        seq = archive.last_seq()

        night.tick_at(datetime(2026, 11, 24, 19, 0, 1, tzinfo=UTC))
        night.run_until_idle()
        assert Counter(night.children) == {"antara": 2, "newsstand": 2}
        assert archive.last_seq() == seq
        assert night.followed >= 2

        found = kliping(environment, "search", "penerbangan Lombok abu vulkanik", "--source", "antara", "--json")
        assert '"total": 1' in found.stdout, found.stderr


class _Night:
    """A scheduler whose clock the test sets, with real children."""

    def __init__(self, archive: Archive, home: Path) -> None:
        import sources
        from kliping import config
        from kliping.cli.following import follow_quietly

        configured = config.load()
        groups = {name: sources.load(name).lease for name in sources.names()}
        timetable = from_settings(configured, groups, by_default=("newsstand",))
        self.children: list[str] = []
        self.followed = 0
        self._now = 0.0

        def start_child(entry: TimetableEntry, run_id: str) -> Child:
            self.children.append(entry.source)
            log = log_file(home, run_id)
            return start(entry.source, run_id=run_id, time_limit=entry.time_limit, grace=5, log=log)

        def follow() -> None:
            self.followed += 1
            assert not follow_quietly(configured, archive)

        self.scheduler = Scheduler(
            archive,
            lambda: timetable,
            start_child,
            follow,
            catch_up=timedelta(days=7),
            lease_seconds=86400 * 7,
            clock=lambda: self._now,
        )

    def tick_at(self, moment: datetime) -> None:
        self._now = moment.timestamp()
        self.scheduler.tick()

    def run_until_idle(self) -> None:
        def idle() -> bool:
            self.scheduler.tick()
            return self.scheduler.children == 0

        until(idle, pause=0.1)


def _windows(archive: Archive) -> list[Window]:
    return windows.history(archive, limit=100)


@pytest.mark.processes
def test_a_crawl_command_with_an_empty_harvest_exits_1_and_says_so(tmp_path: Path) -> None:
    with Newsstand(crawl_delay=0, faults={"/rss/*": Fault("empty"), "/sitemap*": Fault("empty")}) as site:
        environment = settings(tmp_path / "home", {"newsstand.test": site.base_url})
        done = kliping(environment, "crawl", "newsstand")
    assert done.returncode == 1
    assert "empty harvest" in done.stdout


@pytest.mark.processes
def test_a_crawl_past_its_time_limit_is_stopped_and_still_writes_its_report(tmp_path: Path) -> None:
    """A slow site must not block the night: SIGTERM at the limit. The limit is doubled until the crawl got to work, for
    a busy machine may need many seconds to start it; the site would take one over half a minute."""
    report = None
    with Newsstand(crawl_delay=2.0) as site:
        for limit in (4, 8, 16, 32):
            home = tmp_path / f"home-{limit}"
            environment = settings(
                home,
                {"newsstand.test": site.base_url},
                KLIPING_TIME_LIMIT=str(limit),
                KLIPING_GRACE="60",
                KLIPING_CONCURRENCY="1",
            )
            done = kliping(environment, "crawl", "newsstand", "--json")
            assert done.returncode == 1
            assert "after its time limit" in done.stdout
            with opened(home) as archive:
                report = runs.latest(archive, "newsstand")
            if report and report.taken_up:
                break
    assert report
    assert report.ended_at
    assert report.outcomes.get("error:stopped", 0) > 0
