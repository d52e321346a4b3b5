"""Health in real crawls: the harvest of each run, and a deviating field with its pages."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from archive import runs
from archive.database import Archive
from archive.finding import find
from archive.flags import FLAGS
from archive.health import harvest
from archive.health.harvest import FieldCount, Harvest
from archive.health.report import source_health
from archive.health.tally import Tally
from archive.pages import add_page
from archive.records import Dateline, Image, Precision
from archive.runs import RunReport, Verdict
from archive.tables import runs as runs_table
from archive.warc.pages import FetchedPage, StoredRecord
from newsstand import Fault, Newsstand
from tests.conftest import an_article
from tests.support.children import kliping, opened, settings, start_crawl

WWW_ALONE = {
    "KLIPING_SOURCES__NEWSSTAND__FEEDS": '["http://www.newsstand.test/rss/terkini.xml"]',
    "KLIPING_SOURCES__NEWSSTAND__SITEMAPS": "[]",
}


def a_night(site: Newsstand, home: Path, environment: dict[str, str]) -> RunReport:
    """Crawl the newsstand after correcting every story. Returns the report, and moves all runs a day into the past."""
    for story in site.stories("www"):
        site.correct(story.path, f"Ralat nomor {len(site.log)}: satu kalimat ditambahkan.")
    start_crawl(environment).wait(timeout=300)
    with opened(home) as archive:
        report = runs.latest(archive, "newsstand")
        with archive.writing() as connection:
            for row in connection.execute(select(runs_table.c.id, runs_table.c.started_at)).all():
                day_before = row.started_at - timedelta(days=1)
                connection.execute(update(runs_table).where(runs_table.c.id == row.id).values(started_at=day_before))
    assert report
    return report


def repeat_last_night(home: Path, times: int) -> None:
    """Copy the newest harvest to the nights before it: a baseline needs seven, and a crawl takes seconds."""
    with opened(home) as archive, archive.writing() as connection:
        (crawled,) = harvest.recent_harvests(connection, "newsstand", datetime.now(UTC))
        for night in range(1, times + 1):
            run_id = f"{crawled.run_id}-copy-{night}"
            a_run(connection, run_id, crawled.started_at - timedelta(days=night))
            harvest.save_harvest(connection, replace(crawled, run_id=run_id), ())


@pytest.mark.processes
@pytest.mark.timeout(900)
def test_bylines_that_vanish_from_a_template_are_reported_with_the_pages_before_and_after(tmp_path: Path) -> None:
    """Seven good nights (one crawled, six copied), then two with a new template: sentence, both pages, their files."""
    home = tmp_path / "home"
    with Newsstand(crawl_delay=0) as site:
        environment = settings(home, {"newsstand.test": site.base_url}, **WWW_ALONE)
        stories = site.stories("www")
        assert a_night(site, home, environment).verdict == "good"
        repeat_last_night(home, 6)
        site.faults["/berita/*"] = Fault("no-byline")
        reports = [a_night(site, home, environment) for _ in range(2)]
        for report in reports:
            assert report.verdict == "attention"
            assert report.reason == f"author: 0 % of {len(stories)} articles, usually 100 %."

        (listed,) = [
            each
            for each in json.loads(kliping(environment, "sources", "list", "--json").stdout)
            if each["name"] == "newsstand"
        ]
        (broken,) = listed["health"]["broken"]
        good, bad = broken["last_good_page"], broken["first_bad_page"]
        assert reports[0].id in bad["warc_file"], "the first bad page is the first night's, on the second night too"
        with opened(home) as archive, archive.reading() as connection:
            for page in (good, bad):
                assert find(connection, page["article"]).article.url == page["url"]

        pages = tmp_path / "pages"
        shown = kliping(environment, "sources", "show", "newsstand", "--broken-pages", pages)
        assert "author: 0 % of" in shown.stdout
        findings = json.loads(kliping(environment, "doctor", "--json").stdout)
        remedies = [finding["remedy"] for finding in findings if finding["about"] == "source" and not finding["fine"]]
        assert remedies == ["kliping sources show newsstand"], "another crawl would not bring the bylines back"
    assert 'class="byline"' in (pages / "newsstand-author-1-last-good.html").read_text()
    assert 'class="byline"' not in (pages / "newsstand-author-2-first-bad.html").read_text()


def test_a_tally_counts_the_fields_of_each_article_and_keeps_a_good_and_a_bad_page(archive: Archive) -> None:
    """Writers and editors count as authors; a picture without a caption does not count as a lead image."""
    tally = Tally()
    full = an_article(
        1,
        editors=("Sari",),
        dateline=Dateline("Kendari", "ANTARA", "Kendari (ANTARA) -"),
        images=(Image("http://www.newsstand.test/1.jpg", "Perahu di Kendari."),),
        agency="ANTARA",
        section="Ekonomi",
        tags=("nelayan",),
    )
    bare = an_article(
        2,
        images=(Image("http://www.newsstand.test/2.jpg"),),
        published_precision=Precision.DAY,
        flags=("layout-unknown", "only-modified"),
        body=("Pendek.",),
    )
    with archive.writing() as connection:
        a_run(connection, "run-1", datetime.now(UTC))
        page_ids = [a_page(connection, "run-1", number) for number in (1, 2)]
        for article, page_id in ((full, page_ids[0]), (bare, page_ids[1])):
            tally.add(article, page_id)
        assert tally.conclude(connection, "run-1", stored=2, updated=0, shortened=False) == []
        (saved,) = harvest.recent_harvests(connection, "newsstand", datetime.now(UTC))
    assert (saved.articles, saved.stored, saved.pages) == (2, 2, 2)
    assert saved.length == sum(map(len, full.body))
    names = {"author", "dateline", "image", "agency", "section", "tags", "clock", "layout", "flag:only-modified"}
    counted = dict.fromkeys(names, FieldCount(2, 1, page_ids[0], page_ids[1]))
    unflagged = {f"flag:{flag}": FieldCount(2, 2, page_ids[1]) for flag in FLAGS if flag != "layout-unknown"}
    assert saved.fields == unflagged | counted


def test_harvests_are_loaded_as_they_were_saved(archive: Archive) -> None:
    """Newest or oldest first; only crawls; nothing from before an accepted change."""
    start = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
    with archive.writing() as connection:
        for night in range(5):
            a_run(connection, f"run-{night}", start + timedelta(days=night))
            harvest.save_harvest(connection, Harvest(f"run-{night}", start, 10 + night), ())
        a_run(connection, "past", start + timedelta(days=5), kind="backfill")
        harvest.save_harvest(connection, Harvest("past", start, 99), ())
        now = start + timedelta(days=6)
        assert [each.articles for each in harvest.recent_harvests(connection, "newsstand", now)] == [14, 13, 12, 11, 10]
        assert [each.articles for each in harvest.first_harvests(connection, "newsstand", now)] == [10, 11, 12, 13, 14]
        assert harvest.recent_harvests(connection, "antara", now) == []
        harvest.accept(connection, "newsstand", start + timedelta(days=2, hours=1))
        harvest.accept(connection, "newsstand", start + timedelta(days=1, hours=1))
        assert [each.articles for each in harvest.first_harvests(connection, "newsstand", now)] == [12, 13, 14]


def test_a_source_learns_for_a_week_then_is_good_and_learns_again_after_an_accepted_change(
    archive: Archive,
) -> None:
    start = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
    states = []
    assert source_health(archive, "newsstand", start).state == "unknown"
    for night in range(8):
        with archive.writing() as connection:
            at = start + timedelta(days=night)
            a_run(connection, f"run-{night}", at)
            harvest.save_harvest(connection, Harvest(f"run-{night}", at, 20, fields={"author": FieldCount(20, 19)}), ())
        states.append(source_health(archive, "newsstand", at).in_words)
    assert states[:2] == ["learning, day 1 of 7", "learning, day 2 of 7"]
    assert states[6:] == ["good", "good"]
    with archive.writing() as connection:
        harvest.accept(connection, "newsstand", at - timedelta(hours=1))
    assert source_health(archive, "newsstand", at).in_words == "learning, day 1 of 7"


def test_a_run_that_rejected_every_page_reports_the_reason_with_a_page(archive: Archive) -> None:
    """A stamp that moved: no article is read, so no field can deviate, but the reason for the rejections is new."""
    start = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
    with archive.writing() as connection:
        for night in range(8):
            at = start + timedelta(days=night)
            a_run(connection, f"run-{night}", at)
            good_page = a_page(connection, f"run-{night}", night)
            harvest.save_harvest(connection, Harvest(f"run-{night}", at, 20, 20, 0, 2000, good_page), ())
        a_run(connection, "run-8", start + timedelta(days=8))
        bad_pages = [a_page(connection, "run-8", 100 + number) for number in range(12)]
        runs.take_up(connection, "run-8", [(f"x.test/{page}", f"http://x.test/{page}") for page in bad_pages])
        for page in bad_pages:
            runs.end_address(connection, "run-8", f"x.test/{page}", "rejected:no-date", page_id=page)
        (deviation,) = Tally().conclude(connection, "run-8", stored=0, updated=0, shortened=True)
        assert deviation.sentence == "rejected:no-date: 100 % of 12 pages, usually 0 %."
        assert (deviation.good_page, deviation.bad_page) == (good_page, bad_pages[0])


def test_a_layout_that_begins_to_lose_text_is_reported_the_next_morning(archive: Archive) -> None:
    """A flag that no article had: the sentence names its share, and both pages are kept."""
    start = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
    for night in range(8):
        with archive.writing() as connection:
            run_id = f"run-{night}"
            a_run(connection, run_id, start + timedelta(days=night))
            tally, page_ids = Tally(), [a_page(connection, run_id, number) for number in range(20)]
            for number, page_id in enumerate(page_ids):
                flags = ("body-incomplete",) if night == 7 and number >= 12 else ()
                tally.add(an_article(number, flags=flags), page_id)
            deviations = tally.conclude(connection, run_id, stored=20, updated=0, shortened=False)
        assert bool(deviations) is (night == 7)
    (deviation,) = deviations
    assert deviation.sentence == "flag:body-incomplete: 40 % of 20 articles, usually 0 %."
    assert deviation.bad_page == page_ids[12]
    health = source_health(archive, "newsstand", start + timedelta(days=8))
    assert health.in_words == "deviates: flag:body-incomplete"


def test_a_flag_that_earlier_runs_did_not_count_has_no_baseline_yet(archive: Archive) -> None:
    """After an update of Kliping, a flag that half of the articles always deserved alarms nobody."""
    start = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)
    with archive.writing() as connection:
        for night in range(8):
            a_run(connection, f"run-{night}", start + timedelta(days=night))
            before = Harvest(f"run-{night}", start, 20, length=73, fields={"tags": FieldCount(20, 0)})
            harvest.save_harvest(connection, before, ())
        a_run(connection, "run-8", start + timedelta(days=8))
        tally = Tally()
        for number in range(20):
            flags = ("metadata-contradicts",) if number % 2 else ()
            tally.add(an_article(number, flags=flags), a_page(connection, "run-8", number))
        assert tally.conclude(connection, "run-8", stored=20, updated=0, shortened=False) == []


def a_run(connection: Any, run_id: str, at: datetime, kind: str = "crawl") -> None:
    runs.begin(connection, run_id, source="newsstand", kind=kind, holder="h", lease=None, now=at)
    runs.finish(connection, run_id, listed=1, traffic={}, verdict=Verdict("good", None), now=at)


def a_page(connection: Any, run_id: str, number: int) -> int:
    page = FetchedPage(f"http://www.newsstand.test/berita/{number}/a", 200, (), b"", datetime.now(UTC))
    stored = StoredRecord(f"{run_id}-00000.warc.gz", number, 1)
    return add_page(connection, page, stored, source="newsstand", run_id=run_id)
