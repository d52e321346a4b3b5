"""A list of any length: few of its addresses are taken up at a time, and each ends in an outcome or is counted."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import sources
from archive import addresses as queue
from archive import runs
from archive.addresses import Address
from archive.database import Archive
from archive.records import Listing
from crawler import run as crawl_run
from crawler.run import CrawlRun
from kliping.config import Settings
from tests.support.children import opened, settings
from tests.support.nasty_site import HOST, Answer, nasty_site, page


def listed(count: int, *, start: int = 1, changed_at: datetime | None = None) -> list[Listing]:
    return [
        Listing(f"{HOST}/berita/{number}/judul-{number}", f"{HOST}/sitemap.xml", changed_at)
        for number in range(start, start + count)
    ]


@pytest.fixture
def crawl(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> CrawlRun:
    monkeypatch.setattr(crawl_run, "MOST_OPEN", 10)
    return CrawlRun.begin(archive, sources.load("newsstand"), Settings(home=archive.home), None)


def end(crawl: CrawlRun, taken: list[Address], outcome: str = "rejected:no-date") -> None:
    for address in taken:
        crawl.end(address, outcome)


def test_what_a_run_has_no_room_for_waits_in_the_queue_until_it_has(archive: Archive, crawl: CrawlRun) -> None:
    taken = list(crawl.take_up_listed(listed(35), always=False))
    assert len(taken) == 10
    assert crawl.take_up_queued() == ()
    sizes = []
    while taken:
        sizes.append(len(taken))
        end(crawl, taken)
        taken = list(crawl.take_up_queued())
    assert sizes == [10, 10, 10, 5]
    verdict = crawl.finish({}, stopped=None)
    assert "wait in the queue" not in str(verdict.reason)
    report = runs.find(archive, crawl.id)
    assert report is not None
    assert (report.listed, report.taken_up, report.unfinished) == (35, 35, 0)


def test_a_run_that_is_stopped_counts_what_it_did_not_come_to(archive: Archive, crawl: CrawlRun) -> None:
    end(crawl, list(crawl.take_up_listed(listed(1_234), always=False))[:4])
    verdict = crawl.finish({}, stopped="its time is over")
    assert "1,224 more addresses wait in the queue. The source's next crawl goes on there." in str(verdict.reason)
    report = runs.find(archive, crawl.id)
    assert report is not None
    assert dict(report.outcomes) == {"error:stopped": 6, "rejected:no-date": 4}
    with archive.reading() as connection:
        assert queue.count_due(connection, "newsstand", datetime.now(UTC)) == 1_230


def test_changed_stories_for_which_there_is_no_room_are_fetched_again_later(crawl: CrawlRun) -> None:
    end(crawl, list(crawl.take_up_listed(listed(10), always=False)))
    crawl.flush()
    crawl.lease.release()
    again = CrawlRun.begin(crawl._run.archive, crawl.source, Settings(home=crawl._run.archive.home), None)
    taken = list(again.take_up_listed(listed(10, start=11), always=False))
    assert len(taken) == 10
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert not again.take_up_listed(listed(10, changed_at=tomorrow), always=False)
    end(again, taken)
    assert {each.url for each in again.take_up_queued()} == {each.url for each in listed(10)}


def test_more_addresses_than_a_run_remembers_are_counted(crawl: CrawlRun, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crawl_run, "MOST_REMEMBERED", 20)
    for start in (1, 21, 41):
        crawl.take_up_listed(listed(20, start=start), always=False)
    verdict = crawl.finish({}, stopped=None)
    assert "The listings have 40 more addresses than the 20 that one run remembers." in str(verdict.reason)
    assert "`kliping backfill newsstand --from DAY --to DAY`" in str(verdict.reason)


@pytest.mark.processes
def test_a_crawl_visits_every_address_of_a_list_that_is_longer_than_it_has_room_for(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("from crawler import run\nrun.MOST_OPEN = 3\n", encoding="utf-8")
    stories = {f"/berita/{number}/x": page(f"Berita {number}") for number in range(1, 12)}
    entries = "".join(f"<url><loc>{HOST}{path}</loc></url>" for path in stories)
    sitemap: Answer = (200, {"Content-Type": "application/xml"}, f"<urlset>{entries}</urlset>".encode())
    with nasty_site({"/sitemap.xml": sitemap} | stories) as base:
        environment = settings(
            tmp_path / "home",
            {"newsstand.test": base},
            KLIPING_SOURCES__NEWSSTAND__FEEDS="[]",
            KLIPING_SOURCES__NEWSSTAND__SITEMAPS=json.dumps([f"{HOST}/sitemap.xml"]),
            KLIPING_SOURCES__NEWSSTAND__LEAST_LISTED="0",
            PYTHONPATH=str(tmp_path),
        )
        command = [sys.executable, "-m", "crawler", "newsstand"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    with opened(tmp_path / "home") as archive:
        report = runs.latest(archive, "newsstand")
    assert report is not None
    assert (report.verdict, dict(report.outcomes)) == ("good", {"stored": 11})
