"""Hosts that refuse us, ask us to wait or want a cookie, and listings that have not changed, by real crawls."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from archive.runs import RunReport
from tests.crawler.test_crawl_nasty import crawl
from tests.support.children import kliping, settings
from tests.support.nasty_site import HOST, Answer, Answering, feed, html, nasty_site, page

pytestmark = pytest.mark.processes

Pages = dict[str, "Answer | Answering"]
STORIES = [f"{HOST}/berita/{number}/judul-{number}" for number in range(1, 119)]


def on_site(path: str) -> str:
    return HOST.removeprefix("http://") + path


def move_clock_of_hosts(home: Path, seconds: int) -> None:
    """Let the stored pauses and waits begin so many seconds earlier, as if time had passed."""
    with closing(sqlite3.connect(home / "archive.sqlite3")) as connection:
        for name in ("wait_until", "blocked_until", "paused_at", "refused_since"):
            shifted = f"strftime('%Y-%m-%d %H:%M:%f', {name}, '-{seconds} seconds')"
            connection.execute(f"UPDATE hosts SET {name} = {shifted} WHERE {name} IS NOT NULL")
        connection.commit()


@pytest.mark.parametrize("status", [pytest.param(403, marks=pytest.mark.soak), 429])
def test_a_storm_of_refusals_is_a_handful_of_requests_and_is_probed_by_one_later(status: int, tmp_path: Path) -> None:
    """118 stories are refused: a handful is asked for, the rest stays due. While the pause lasts nobody is asked."""
    home, visits = tmp_path / "home", list[str]()
    pages: Pages = {"/rss": feed(STORIES)}
    pages |= {url.removeprefix(HOST): html("ditolak", status) for url in STORIES}
    with nasty_site(pages, visits) as base:
        report, ended = crawl(home, base)
        asked = [visit for visit in visits if "/berita/" in visit]
        assert 5 <= len(asked) <= 8  # what was under way when the fifth refusal came
        assert report.outcomes["error:host-blocks"] == 118 - len(asked)
        assert "www.newsstand.test blocks us since" in (report.reason or "")

        visits.clear()
        report, ended = crawl(home, base)
        assert visits == []
        assert "nothing is asked of it until" in (report.reason or "")
        environment = settings(home, {"newsstand.test": base}, KLIPING_SOURCES__NEWSSTAND__ENABLED="true")
        for command in (("doctor",), ("status",), ("sources", "politeness")):
            assert "www.newsstand.test blocks us since" in kliping(environment, *command).stdout, command

        move_clock_of_hosts(home, 20 * 60)
        pages["/rss"] = html("ditolak", status)
        report, ended = crawl(home, base)
        assert visits == [on_site("/robots.txt"), on_site("/rss")]  # one probe, and its robots.txt
        visits.clear()
        crawl(home, base)
        assert visits == []

        move_clock_of_hosts(home, 40 * 60)
        pages |= {"/rss": feed(STORIES), **{url.removeprefix(HOST): page(f"Judul {url}") for url in STORIES}}
        report, ended = crawl(home, base)
        due = sum(outcome == "stored" for outcome, _ in ended.values())
        assert due >= 118 - len(asked)  # those that were refused themselves wait half an hour for their own sake
        assert "blocks us" not in (report.reason or "")
        assert "blocks us" not in kliping(environment, "status").stdout


def test_a_retry_after_of_a_feed_is_remembered_by_the_next_crawl(tmp_path: Path) -> None:
    """An hour is kept in another process; 2099, negative and odd values are nonsense, and asked again."""
    home, visits = tmp_path / "home", list[str]()
    pages: Pages = {"/rss": html("", 429, **{"Retry-After": "3600"}), "/berita/1/judul-1": page("Satu")}
    with nasty_site(pages, visits) as base:
        crawl(home, base)
        visits.clear()
        report, _ = crawl(home, base)
        assert visits == []
        assert "www.newsstand.test asked us to wait until" in (report.reason or "")
        environment = settings(home, {"newsstand.test": base}, KLIPING_SOURCES__NEWSSTAND__ENABLED="true")
        checked = kliping(environment, "sources", "check", "newsstand")
        assert (checked.returncode, visits) == (1, [])
        assert "www.newsstand.test asked us to wait until" in checked.stderr
        move_clock_of_hosts(home, 3700)
        pages["/robots.txt"] = html("", 429, **{"Retry-After": "3600"})
        visits.clear()
        crawl(home, base)
        assert visits == [on_site("/robots.txt")]
        move_clock_of_hosts(home, 3700)
        del pages["/robots.txt"]
        for nonsense in ("Thu, 01 Jan 2099 00:00:00 GMT", "-5", "²", "9" * 400):
            pages["/rss"] = html("", 503, **{"Retry-After": nonsense.encode().decode("latin-1")})
            crawl(home, base)
        pages["/rss"] = feed(STORIES[:1])
        _, ended = crawl(home, base)
        assert ended == {"/berita/1/judul-1": ("stored", None)}


def test_a_redirect_to_itself_with_a_cookie_is_followed_within_one_crawl(tmp_path: Path) -> None:
    """Each crawl gets a cookie of its own; hosts that do not ask for it get none; nothing of it is stored."""
    home, seen = tmp_path / "home", list[tuple[str, str | None]]()

    def behind_wall(path: str, answer: Answer) -> Answering:
        def answering(headers: Mapping[str, str]) -> Answer:
            seen.append((path, headers.get("Cookie")))
            if headers.get("Cookie") != "lewat=rahasia-9":
                return html("", 302, Location=HOST + path, **{"Set-Cookie": "lewat=rahasia-9; Path=/"})
            return answer

        return answering

    def elsewhere(headers: Mapping[str, str]) -> Answer:
        seen.append(("lama", headers.get("Cookie")))
        status, given, body = page("Dua")
        return status, {**given, "Set-Cookie": "lacak=1"}, body

    other = "http://lama.newsstand.test/berita/2/dua"
    pages: Pages = {
        "/rss": behind_wall("/rss", feed([f"{HOST}/berita/1/satu", other, other.replace("/2/", "/3/")])),
        "/berita/1/satu": behind_wall("/berita/1/satu", page("Satu")),
        "lama.newsstand.test/berita/2/dua": elsewhere,
        "lama.newsstand.test/berita/3/dua": elsewhere,
    }
    with nasty_site(pages) as base:
        for first in ("stored", "unchanged"):
            seen.clear()
            _, ended = crawl(home, base)
            assert ended["/berita/1/satu"][0] == first
            assert seen[:2] == [("/rss", None), ("/rss", "lewat=rahasia-9")]
            assert [cookie for path, cookie in seen if path == "/berita/1/satu"] == ["lewat=rahasia-9"]
            assert [cookie for path, cookie in seen if path == "lama"] == [None, None]
        environment = settings(home, {"newsstand.test": base}, KLIPING_SOURCES__NEWSSTAND__ENABLED="true")
        assert "answers only with a cookie" in kliping(environment, "doctor").stdout
    assert not any(b"rahasia-9" in file.read_bytes() for file in home.rglob("*") if file.is_file())


def test_a_listing_that_has_not_changed_is_nothing_new_and_no_empty_feed(tmp_path: Path) -> None:
    """The second crawl asks conditionally, and goes on with what stood in the feed: corrections of stories are seen."""
    home, statuses = tmp_path / "home", list[int]()
    listed = feed(STORIES[:3])

    def conditional(headers: Mapping[str, str]) -> Answer:
        status = 304 if headers.get("If-None-Match") == '"satu"' else 200
        statuses.append(status)
        return status, {**listed[1], "ETag": '"satu"'}, listed[2]

    pages: Pages = {"/rss": conditional}
    pages |= {url.removeprefix(HOST): page(f"Judul {url[-1]}") for url in STORIES[:3]}
    reports: list[RunReport] = []
    with nasty_site(pages) as base:
        for title in ("Judul", "Judul", "Koreksi"):
            pages["/berita/1/judul-1"] = page(title)
            report, ended = crawl(home, base)
            reports.append(report)
    assert statuses == [200, 304, 304]
    assert [(report.verdict, report.listed) for report in reports] == [("good", 3)] * 3
    assert ended["/berita/1/judul-1"] == ("updated", None)


def test_the_ledger_shows_the_interval_that_was_kept_and_the_next_crawl_keeps_it_from_its_first_request(
    tmp_path: Path,
) -> None:
    """Redirects of robots.txt come before its Crawl-delay can be known. A second crawl knows it from the first."""
    home = tmp_path / "home"
    robots: Answer = (200, {"Content-Type": "text/plain"}, b"User-agent: *\nCrawl-delay: 0.5\n")
    pages: Pages = {
        "/robots.txt": html("", 301, Location=f"{HOST}/robots2.txt"),
        "/robots2.txt": robots,
        "/rss": feed(STORIES[:2]),
        **{url.removeprefix(HOST): page(f"Judul {url[-1]}") for url in STORIES[:2]},
    }
    with nasty_site(pages) as base:
        for _ in range(2):
            report, _ = crawl(home, base)
            (ledger,) = report.hosts
            assert ledger.crawl_delay == 0.5
            assert 0.5 <= (ledger.shortest_interval or 0) < 2
            assert ledger.requests == 5
