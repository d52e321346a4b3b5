"""Errors of our own, and a database that breaks during a crawl: little is logged, and nobody is asked in vain."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from archive import runs
from archive.runs import RunReport
from crawler.bugs import TOO_MANY
from newsstand import Newsstand
from tests.support.children import kliping, opened, settings
from tests.support.homes import database

pytestmark = pytest.mark.processes

READS = """
import sys
from crawler.__main__ import main
from crawler.pipelines import {pipeline}

normal = {pipeline}.process_item
seen = 0

def process_item(self, item):
    global seen
    seen += 1
    if seen {when}:
        page = item.pages[0].content * 20  # a large local variable
        return {broken}
    return normal(self, item)

{pipeline}.process_item = process_item
sys.argv = ["crawler", "newsstand"]
sys.exit(main())
"""


def crawl(home: Path, site: Newsstand, code: str) -> subprocess.CompletedProcess[str]:
    """A crawl by a program that changes the crawler first; its log is its output."""
    environment = settings(home, {"newsstand.test": site.base_url}, PYTHONPATH=os.getcwd())
    return subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)


def latest(home: Path) -> RunReport:
    with opened(home) as archive:
        report = runs.latest(archive, "newsstand")
    assert report
    return report


def test_an_error_of_our_own_is_logged_whole_once_and_then_counted(tmp_path: Path) -> None:
    """At every second article, in a pipeline: a plain traceback, one sentence in the report, and the others stored."""
    code = READS.format(pipeline="NormalisePipeline", when="% 2", broken="page['x']")
    with Newsstand(crawl_delay=0) as site:
        done = crawl(tmp_path / "home", site, code)
        count = len(site.stories())
    report = latest(tmp_path / "home")
    failed = report.outcomes["error:unexpected"]
    assert report.outcomes == {"error:unexpected": failed, "stored": count - failed}
    assert failed > 10
    log = done.stdout + done.stderr
    assert log.count("Traceback (most recent call last)") == 1
    assert f"as above, {failed} times now: TypeError: byte indices must be integers or slices, not str" in log
    assert len(log) < 20_000 + 1_000 * failed
    assert report.reason
    assert report.reason.count("An error of our own at http://") == 1
    assert f"not str, and at {failed - 1} more addresses." in report.reason


def test_an_error_of_our_own_at_every_article_stops_the_crawl(tmp_path: Path) -> None:
    """The publisher is not asked for the rest, whose addresses stay queued."""
    code = READS.format(pipeline="ValidatePipeline", when="> 0", broken="1 / 0")
    with Newsstand(crawl_delay=0.02) as site:
        crawl(tmp_path / "home", site, code)
        count = len(site.stories())
    report = latest(tmp_path / "home")
    assert TOO_MANY <= report.outcomes["error:unexpected"] < count
    assert report.verdict == "failed"
    assert "The same error of our own at every address: nothing more was asked for." in str(report.reason)


BREAKS = """
import sqlite3
import sys
from crawler.__main__ import main
from crawler.run import CrawlRun

normal = CrawlRun.flush
done = 0

def flush(self):
    global done
    if not done and self._batch._pending:
        done = 1
        file = self._run.archive.file
        with sqlite3.connect(file) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = file.stat().st_size // 4096
        with file.open("r+b") as stream:
            for number in range(1, size):
                stream.seek(number * 4096)
                stream.write(b"\\xa5" * 4096)
        self._run.archive.engine.dispose()  # its connections have pages in memory
    return normal(self)

CrawlRun.flush = flush
sys.argv = ["crawler", "newsstand"]
sys.exit(main())
"""


def test_a_database_that_breaks_stops_the_crawl_and_the_publisher_is_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Newsstand(crawl_delay=0.05) as site:
        kliping(settings(home, {"newsstand.test": site.base_url}), "archive", "stats")
        done = crawl(home, site, BREAKS)
        asked = sum("/berita/" in entry.path for entry in site.log)
        count = len(site.stories())
    assert done.returncode == 1
    log = done.stdout + done.stderr
    assert f"The archive's database {database(home)} is damaged: database disk image is malformed." in log
    assert log.count("Traceback (most recent call last)") <= 2  # of the first address, with the cause of the error
    assert asked < count / 2


def test_nothing_is_asked_if_the_database_is_damaged_when_a_crawl_starts(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    database(home).write_bytes(b"\xa5" * 40_960)
    with Newsstand(crawl_delay=0) as site:
        environment = settings(home, {"newsstand.test": site.base_url})
        done = subprocess.run(
            [sys.executable, "-m", "crawler", "newsstand"], env=environment, capture_output=True, text=True, timeout=60
        )
        assert not site.log
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.splitlines()[-1].startswith(f"The archive's database {database(home)} is damaged: ")
