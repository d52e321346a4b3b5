"""A crawl from end to end: a real child process against a real site on loopback."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

import sources
from archive import leases, runs
from archive.database import Archive
from archive.finding import find
from archive.runs import RunReport
from archive.tables import addresses, articles, changes, outcomes, pages
from archive.verify import verify
from archive.versions import versions_of
from newsstand import Fault, FaultKind, Newsstand, SavedPages
from newsstand.faults import misbehaving_stories
from tests.support.machine import watching

pytestmark = pytest.mark.processes

Crawl = Callable[..., tuple[int, RunReport]]


@pytest.fixture
def crawl(tmp_path: Path) -> Crawl:
    """Crawls a source in a child process, its domain served by a local site; returns exit status and report."""

    def run(site: Newsstand, source: str = "newsstand", domain: str = "newsstand.test", **settings: str) -> Any:
        home = tmp_path / "home"
        environment = {
            **os.environ,
            "KLIPING_HOME": str(home),
            "KLIPING_FETCH_FROM": json.dumps({domain: site.base_url}),
            "KLIPING_AUTOTHROTTLE": "false",
            f"KLIPING_SOURCES__{source.upper()}__DELAY": "0",
            "KLIPING_CONCURRENCY": "8",
            **settings,
        }
        done = subprocess.run(
            [sys.executable, "-m", "crawler", source, "--run-id", f"{source}-test-{len(list(home.glob('*.log')))}"],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        home.mkdir(exist_ok=True)
        (home / f"{len(list(home.glob('*.log')))}.log").write_text(done.stderr)
        with opened(tmp_path) as archive:
            report = runs.latest(archive, source)
        assert report, done.stderr
        return done.returncode, report

    return run


def opened(tmp_path: Path) -> Archive:
    """The archive of the test's crawls."""
    home = tmp_path / "home"
    return Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home)


def count(archive: Archive, table: Any) -> int:
    with archive.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_a_crawl_archives_every_story_and_a_second_run_writes_no_article(tmp_path: Path, crawl: Crawl) -> None:
    """Each article once; outcomes sum to the addresses taken up; in the second run the site answers 304."""
    with Newsstand(crawl_delay=0) as site:
        status, report = crawl(site)
        stories = site.stories()
        assert (status, report.verdict) == (0, "good"), report
        assert report.outcomes == {"stored": len(stories)}
        assert report.taken_up == report.listed == len(stories)
        with opened(tmp_path) as archive:
            assert count(archive, articles) == len(stories)
            assert verify(archive).wrong == ()
            before = [count(archive, table) for table in (articles, changes, pages)]
            with archive.reading() as connection:
                for story in stories:
                    stored = find(connection, story.url)
                    assert stored.article.title == story.title
        status, report = crawl(site)
        assert (status, report.verdict) == (0, "good"), report
        assert set(report.outcomes) == {"unchanged"}
        # The first page's ETag does not cover the others, so a story of several pages is fetched whole.
        (long,) = [story for story in stories if len(story.pages) > 1]
        assert report.outcomes == {"unchanged": report.taken_up}
        assert report.traffic["not_modified"] >= report.taken_up - 1  # and those of listings
        with opened(tmp_path) as archive:
            assert [count(archive, table) for table in (articles, changes)] == before[:2]
            assert count(archive, pages) == before[2] + len(long.pages)


def test_a_corrected_article_becomes_a_second_version_with_the_same_id(tmp_path: Path, crawl: Crawl) -> None:
    with Newsstand(crawl_delay=0) as site:
        crawl(site)
        story = site.stories("www")[0]
        sentence = "Ralat: kalimat ini ditambahkan kemudian oleh redaksi."
        site.correct(story.path, sentence)
        _, report = crawl(site)
        assert report.outcomes["updated"] == 1
    with opened(tmp_path) as archive, archive.reading() as connection:
        stored = find(connection, story.url)
        first, second = versions_of(connection, stored.article.id)
        assert sentence in second.article.body
        assert sentence not in first.article.body
        assert first.page != second.page


def test_the_pages_of_a_long_article_are_one_article_without_repetition(tmp_path: Path, crawl: Crawl) -> None:
    with Newsstand(crawl_delay=0) as site:
        crawl(site)
        (story,) = [story for story in site.stories() if len(story.pages) > 1]
    with opened(tmp_path) as archive, archive.reading() as connection:
        article = find(connection, story.url).article
        kept = connection.execute(select(func.count()).where(pages.c.url.contains(story.path))).scalar_one()
    assert kept == len(story.pages)
    assert len(set(article.body)) == len(article.body)
    last = story.pages[-1][-1]
    assert any(last[:60] in paragraph for paragraph in article.body)


EXPECTED = {
    FaultKind.SLOW: "stored",
    FaultKind.NOT_FOUND: "error:http-404",
    FaultKind.GONE: "error:http-410",
    FaultKind.TOO_MANY: "error:http-429",
    FaultKind.CUT: "error:cut-off",
    FaultKind.WRONG_CHARSET: "stored",
    FaultKind.REDIRECT_LOOP: "error:redirects",
    FaultKind.REDIRECT_PRIVATE: "rejected:private-address",
    FaultKind.BLOCKED: "blocked",
    FaultKind.CAPTCHA: "blocked",
    FaultKind.GIANT: "rejected:too-large",
    FaultKind.EMPTY: "rejected:empty",
    FaultKind.BINARY: "rejected:not-html",
    FaultKind.NO_ARTICLE: "rejected:no-article",
    FaultKind.IMPOSSIBLE_DATE: "rejected:bad-date",
    FaultKind.WEEKDAY_CONTRADICTS: "rejected:date-contradicts",
    FaultKind.NO_DATE: "rejected:no-date",
    FaultKind.NO_BYLINE: "stored",
}


def test_every_fault_is_a_named_outcome_and_the_crawl_continues(tmp_path: Path, crawl: Crawl) -> None:
    """One crawl of every fault that the newsstand has, and two good articles."""
    feeds = json.dumps(["http://www.newsstand.test/rss/misbehave.xml"])
    with Newsstand(crawl_delay=0, misbehave=True) as site:
        status, report = crawl(site, KLIPING_SOURCES__NEWSSTAND__FEEDS=feeds, KLIPING_SOURCES__NEWSSTAND__SITEMAPS="[]")
    assert (status, report.verdict) == (1, "attention")
    assert sum(report.outcomes.values()) == report.taken_up
    assert report.unfinished == 0
    assert {each.host for each in report.hosts} == {"www.newsstand.test"}, "nothing was sent to the private address"
    with opened(tmp_path) as archive, archive.reading() as connection:
        ended = {
            address: (outcome, detail)
            for address, outcome, detail in connection.execute(
                select(outcomes.c.address, outcomes.c.outcome, outcomes.c.detail)
            )
        }
    faults = misbehaving_stories()
    assert len(ended) == len(faults) + 2
    for story, fault in faults:
        outcome, detail = ended.pop(story.url)
        if fault.kind == FaultKind.BROKEN:
            assert outcome == ("stored" if fault.times else "error:http-500")
        elif fault.kind == FaultKind.MOVED:
            assert outcome in ("stored", "unchanged", "rejected:foreign-address")
        else:
            assert outcome == EXPECTED[FaultKind(fault.kind)], (fault, detail)
    assert [outcome for outcome, _ in ended.values()] == ["stored", "stored"]


def test_a_page_missing_twice_some_hours_apart_is_gone_and_its_article_is_kept(tmp_path: Path, crawl: Crawl) -> None:
    with Newsstand(crawl_delay=0) as site:
        crawl(site)
        story = site.stories("www")[0]
        site.faults[story.path] = Fault(FaultKind.GONE)
        _, report = crawl(site)
        assert report.outcomes["error:http-410"] == 1
        _, report = crawl(site)  # at once: too early for the second attempt
        assert "gone" not in report.outcomes
        with opened(tmp_path) as archive, archive.writing() as connection:
            connection.execute(addresses.update().where(addresses.c.misses > 0).values(next_try=None))
        _, report = crawl(site)
        assert report.outcomes["gone"] == 1
    with opened(tmp_path) as archive, archive.reading() as connection:
        assert find(connection, story.url).status == "gone"


def test_an_empty_harvest_is_a_failed_run(crawl: Crawl) -> None:
    """A run that fetched nothing must not look like a success."""
    with Newsstand(crawl_delay=0, faults={"/rss/*": Fault("500"), "/sitemap*": Fault("empty")}) as site:
        status, report = crawl(site)
    assert (status, report.verdict) == (1, "failed")
    assert report.reason
    assert "empty harvest" in report.reason
    assert "answered 500" in report.reason


def test_requests_keep_the_crawl_delay_of_robots_txt(crawl: Crawl) -> None:
    """Measured in the site's own log, for feeds, pages and retries."""
    with Newsstand(crawl_delay=0.2) as site, watching() as watch:
        _, report = crawl(site, KLIPING_SOURCES__NEWSSTAND__SITEMAPS="[]")
        visits = [visit for visit in site.log if visit.host.startswith("lama.")]
    assert len(visits) > 5
    assert visits[0].path == "/robots.txt"
    late = 0.15  # seconds by which the site may log a request late, if the machine does not stall
    for (sooner, first), (later, second) in combinations(enumerate(visits[1:]), 2):
        if not watch.stalled(first.monotonic - 0.2, first.monotonic):
            assert second.monotonic - first.monotonic >= (later - sooner) * 0.2 - late
    (traffic,) = [each for each in report.hosts if each.host.startswith("lama.")]
    assert traffic.shortest_interval
    assert traffic.shortest_interval >= 0.2


def test_what_robots_txt_forbids_is_not_requested(tmp_path: Path, crawl: Crawl) -> None:
    with Newsstand(crawl_delay=0) as site:
        crawl(site, KLIPING_SOURCES__NEWSSTAND__FEEDS='["http://www.newsstand.test/ajax/rss.xml"]')
        assert not [visit for visit in site.log if visit.path.startswith("/ajax/")]
        assert {visit.user_agent and visit.user_agent.split("/")[0] for visit in site.log} == {"KlipingBot"}


def test_a_robots_txt_that_answers_5xx_forbids_everything_in_this_run(tmp_path: Path, crawl: Crawl) -> None:
    """RFC 9309: nothing is requested, and known addresses stay queued."""
    with Newsstand(crawl_delay=0) as site:
        crawl(site)
        site.faults["/robots.txt"] = Fault("500")
        before = len(site.log)
        _, report = crawl(site)
        assert {visit.path for visit in site.log[before:]} == {"/robots.txt"}
    assert report.verdict == "failed"
    assert report.reason
    assert "robots.txt" in report.reason


@pytest.mark.parametrize("kind", [FaultKind.CUT, FaultKind.GIANT, FaultKind.REDIRECT_PRIVATE])
def test_an_unreachable_robots_txt_forbids_everything_in_this_run(kind: FaultKind, crawl: Crawl) -> None:
    """RFC 9309, 2.3.1.4: its rules are unknown, so nothing is requested from the host."""
    faults = {"lama.newsstand.test/robots.txt": Fault(kind)}
    with Newsstand(crawl_delay=0, faults=faults) as site:
        _, report = crawl(site, KLIPING_RETRY_TIMES="0")
        requested = {visit.path for visit in site.log if visit.host.startswith("lama.")}
        assert report.outcomes["stored"] == len(site.stories()) - len(site.stories("lama"))
    assert requested == {"/robots.txt"}
    assert report.verdict == "attention"
    assert "the robots.txt of lama.newsstand.test could not be fetched (" in (report.reason or "")


def test_a_correction_on_a_later_page_is_found_although_the_first_page_is_unchanged(
    tmp_path: Path, crawl: Crawl
) -> None:
    with Newsstand(crawl_delay=0) as site:
        crawl(site)
        (story,) = [story for story in site.stories() if len(story.pages) > 1]
        site.log.clear()
        crawl(site)
        parts = [visit for visit in site.log if visit.path.startswith(story.path)]
        assert len(parts) == len(story.pages)
        assert [visit.status for visit in parts] == [200] * len(parts)


def test_two_crawls_of_one_politeness_group_never_run_at_the_same_time(tmp_path: Path, crawl: Crawl) -> None:
    with Newsstand(crawl_delay=0) as site, opened(tmp_path) as archive:
        assert leases.acquire(archive, "site:newsstand.test", holder="somebody else", seconds=600)
        done = subprocess.run(
            [sys.executable, "-m", "crawler", "newsstand"],
            env={
                **os.environ,
                "KLIPING_HOME": str(tmp_path / "home"),
                "KLIPING_FETCH_FROM": json.dumps({"newsstand.test": site.base_url}),
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 3
        assert "somebody else" in done.stderr
        assert not site.log


@pytest.mark.shared
def test_antara_s_real_pages_are_each_stored_once(tmp_path: Path, crawl: Crawl, shared: Path) -> None:
    saved = SavedPages.from_folder(shared / "pages", shared / "labels", only="antara-*")
    with Newsstand(saved=saved) as site:
        _, report = crawl(site, "antara", "antaranews.com")
        assert report.outcomes == {"stored": 3}, report.problems
        _, report = crawl(site, "antara", "antaranews.com")
        assert report.outcomes == {"unchanged": 3}
    with opened(tmp_path) as archive, archive.reading() as connection:
        assert Counter(connection.execute(select(articles.c.source)).scalars()) == {"antara": 3}
        for label in sorted((shared / "labels").glob("antara-*.json")):
            expected = json.loads(label.read_text())
            stored = find(connection, expected["url"])
            assert stored.article.title == expected["title"]
            assert stored.version == 1


def test_scrapy_s_own_commands_know_the_sources(tmp_path: Path) -> None:
    scrapy = Path(sys.executable).with_name("scrapy")
    root = Path(__file__).parents[2]
    listed = subprocess.run([scrapy, "list"], cwd=root, capture_output=True, text=True, timeout=60)
    assert listed.stdout.split() == [*sources.names()]
    with Newsstand(crawl_delay=0) as site:
        done = subprocess.run(
            [scrapy, "crawl", "newsstand"],
            cwd=root,
            env={
                **os.environ,
                "KLIPING_HOME": str(tmp_path / "home"),
                "KLIPING_FETCH_FROM": json.dumps({"newsstand.test": site.base_url}),
                "KLIPING_AUTOTHROTTLE": "false",
            },
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        with opened(tmp_path) as archive:
            assert count(archive, articles) == len(site.stories())
    assert not re.search(r"Traceback|\] ERROR:", done.stderr)
