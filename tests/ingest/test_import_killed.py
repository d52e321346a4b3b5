"""Imports that are killed, frozen, or run twice at once: nothing is lost, and nothing is stored twice."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from archive import imports, runs
from archive.database import Archive
from archive.leases import LeaseLostError
from archive.tables import articles, outcomes, pages, versions
from archive.tables import runs as runs_table
from archive.verify import verify
from archive.warc.pages import FetchedPage
from archive.warc.reading import load_pages
from archive.warc.writing import gzip_member
from ingest.run import begin_import
from tests.support.children import freeze_between_transactions, is_gone, kliping, opened, settings, until
from tests.support.warc_bytes import http, numbered, record

RECORDS = 300
START = 240.0
"""Most seconds until the first records are saved: the command and its readers start new processes."""

pytestmark = pytest.mark.timeout(1200)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WARC file of many pages in several spans, with a record of an unknown publisher after each of them."""
    path = tmp_path_factory.mktemp("large") / "news.warc"
    with path.open("wb") as file:
        for number in range(RECORDS):
            file.write(numbered(number))
            file.write(record(f"http://other.test/{number}", http(b"<p>lain</p>")))
    return path


def environment(home: Path, lease: float = 1.5) -> dict[str, str]:
    return settings(home, {}, KLIPING_LEASE_SECONDS=str(lease))


def start(home: Path, *arguments: str | Path, lease: float = 1.5) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "kliping", "import", *map(str, arguments), "--json"]
    return subprocess.Popen(
        command, env=environment(home, lease), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )


def count(archive: Archive) -> int:
    with archive.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(articles)).scalar_one())


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def check_whole(archive: Archive) -> None:
    """Each record's article is stored once, with one version, one WARC record and one outcome."""
    with archive.reading() as connection:
        for table in (articles, versions, pages):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == RECORDS, table.name
        keys = list(connection.execute(select(outcomes.c.address_key)).scalars())
        unended = select(func.count()).select_from(runs_table).where(runs_table.c.ended_at.is_(None))
        assert connection.execute(unended).scalar_one() == 0
        places = {(row.warc_file, row.warc_offset) for row in connection.execute(select(pages))}
    assert (len(keys), len(set(keys)), len(places)) == (RECORDS, RECORDS, RECORDS)
    assert verify(archive).wrong == ()
    on_disk = sum(1 for path in archive.warc_folder.glob("*.warc.gz") for _ in load_pages(path))
    assert on_disk == RECORDS


def is_importing(connection: sqlite3.Connection) -> bool:
    """Whether an import has claimed a file and not read it to its end."""
    return connection.execute("SELECT count(*) FROM imports WHERE ended_at IS NULL").fetchone()[0] > 0


def kill_once(home: Path, archive: Archive, path: Path, more_than: int) -> None:
    """Start an import, and kill it when the archive has more articles; its readers end by themselves."""
    child = start(home, path, "--workers", "2")
    try:
        until(lambda: count(archive) > more_than or child.poll() is not None, patience=START)
        readers = children_of(child.pid) if child.poll() is None else []
    finally:
        child.kill()
        child.communicate()
    until(lambda: all(map(is_gone, readers)))


@pytest.mark.processes
def test_an_import_killed_several_times_resumes_where_it_was(tmp_path: Path, large: Path) -> None:
    home = tmp_path / "home"
    with opened(home) as archive:
        for _ in range(3):
            before = count(archive)
            kill_once(home, archive, large, more_than=before)
            assert count(archive) >= before
        done = kliping(environment(home), "import", large, "--workers", "2", "--json", patience=2 * START)
        assert done.returncode == 0, done.stderr
        (report,) = json.loads(done.stdout)["large"]
        assert report["outcomes"] == {"stored": RECORDS, "skipped:unknown-publisher": RECORDS}
        assert report["read_now"] < report["records"] == 2 * RECORDS
        check_whole(archive)
    again = json.loads(kliping(environment(home), "import", large, "--json", patience=2 * START).stdout)
    assert (again["large"][0]["state"], again["large"][0]["read_now"]) == ("done-before", 0)


@pytest.mark.processes
def test_two_imports_of_one_file_at_once_store_nothing_twice(tmp_path: Path, large: Path) -> None:
    home = tmp_path / "home"
    with opened(home) as archive:
        both = [start(home, large, "--workers", "1", lease=30) for _ in range(2)]  # neither dies
        states = [json.loads(child.communicate()[0])["large"][0]["state"] for child in both]
        assert "done" in states
        assert set(states) <= {"done", "held", "done-before"}
        check_whole(archive)


@pytest.mark.processes
def test_an_import_frozen_past_its_lease_writes_nothing_beside_its_successor(tmp_path: Path, large: Path) -> None:
    home = tmp_path / "home"
    with opened(home) as archive:
        frozen = start(home, large, "--workers", "1")
        freeze_between_transactions(frozen, home, when=is_importing, patience=START)
        try:
            done = kliping(environment(home), "import", large, "--workers", "1", patience=2 * START)
        finally:
            os.kill(frozen.pid, signal.SIGCONT)
        assert done.returncode == 0, done.stderr
        frozen.communicate()
        assert frozen.returncode == 1
        check_whole(archive)


def test_the_run_of_a_killed_import_of_single_pages_is_closed(archive: Archive) -> None:
    now = datetime.now(UTC)
    page = FetchedPage("http://www.newsstand.test/berita/1/a", 200, (), b"<html>", now)
    with begin_import(archive, software="test", lease_seconds=0.2, now=now) as dead:
        with dead.writing() as connection:
            runs.take_up(connection, dead.id, [("a.html", "a.html")])
        with dead.kept([gzip_member(page)]):
            pass  # on disk, and no row points to it: its process dies here
    (left,) = archive.warc_folder.glob("*.warc.gz")
    with begin_import(archive, software="test", lease_seconds=60, now=now) as living:

        def closed() -> runs.RunReport | None:
            imports.close_dead_runs(archive, 0.2, now)
            found = runs.find(archive, dead.id)
            return found if found and found.ended_at else None

        until(closed)
        report = closed()
        assert report is not None
        assert (report.verdict, report.outcomes) == ("failed", {"error:interrupted": 1})
        assert not left.exists()
        other = runs.find(archive, living.id)
        assert other is not None
        assert other.ended_at is None
        with pytest.raises(LeaseLostError), dead.writing():
            pass


def test_a_batch_that_cannot_be_committed_leaves_no_record(archive: Archive) -> None:
    now = datetime.now(UTC)
    page = FetchedPage("http://www.newsstand.test/berita/1/a", 200, (), b"<html>", now)
    with begin_import(archive, software="test", lease_seconds=60, now=now) as run:
        with pytest.raises(ZeroDivisionError), run.saving(), run.kept([gzip_member(page)] * 3):
            raise ZeroDivisionError
        (left,) = archive.warc_folder.glob("*.warc.gz")
        assert list(load_pages(left)) == []
        with run.saving(), run.kept([gzip_member(page)]):
            pass
        assert [each.url for each in load_pages(left)] == [page.url]
