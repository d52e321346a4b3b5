"""A crawl of a publisher with malformed answers: each address has an outcome, and nothing false is stored."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fastwarc.warc import ArchiveIterator, WarcRecordType
from sqlalchemy import select

from archive import runs
from archive.finding import find
from archive.runs import RunReport
from archive.tables import addresses, articles, outcomes
from archive.verify import verify
from tests.support.children import opened, settings
from tests.support.nasty_site import HOST, Answer, feed, html, nasty_site, page


def crawl(home: Path, base: str, **more: str) -> tuple[RunReport, dict[str, tuple[str, str | None]]]:
    """Crawl newsstand.test by its feed only; returns the report, and (outcome, detail) by path."""
    environment = settings(
        home,
        {"newsstand.test": base, "other.test": base},
        KLIPING_RETRY_TIMES="0",
        KLIPING_SOURCES__NEWSSTAND__FEEDS=json.dumps([f"{HOST}/rss"]),
        **{"KLIPING_SOURCES__NEWSSTAND__SITEMAPS": "[]", "KLIPING_SOURCES__NEWSSTAND__LEAST_LISTED": "0"} | more,
    )
    done = subprocess.run(
        [sys.executable, "-m", "crawler", "newsstand"], env=environment, capture_output=True, text=True, timeout=120
    )
    with opened(home) as archive:
        report = runs.latest(archive, "newsstand")
        assert report, done.stderr
        with archive.reading() as connection:
            rows = connection.execute(select(outcomes).where(outcomes.c.run_id == report.id)).all()
    assert report.unfinished == 0
    return report, {row.address.removeprefix(HOST): (row.outcome, row.detail) for row in rows}


def titles(home: Path) -> dict[str, str]:
    """The current title of each article, by the path of its address."""
    with opened(home) as archive, archive.reading() as connection:
        ids = connection.execute(select(articles.c.id)).scalars().all()
        stored = [find(connection, each).article for each in ids]
    return {(each.url or "").removeprefix(HOST): each.title for each in stored}


@pytest.mark.processes
def test_malformed_links_of_a_feed_are_reported_and_its_other_links_are_crawled(tmp_path: Path) -> None:
    """An impossible port, an open bracket and an address of 2,100 characters, in a feed with a good link."""
    long = f"{HOST}/berita/2/{'p' * 2100}"
    bad = [f"{HOST}:99999/berita/3/x", "http://[bad/berita/1/x", long, "javascript:alert(1)", ""]
    with nasty_site({"/berita/1/satu": page("Satu"), "/rss": feed([*bad, f"{HOST}/berita/1/satu"])}) as base:
        report, ended = crawl(tmp_path / "home", base)
    assert ended == {"/berita/1/satu": ("stored", None)}
    assert report.verdict == "attention"
    assert report.reason
    assert "Port out of range" in report.reason
    assert "longer than 2,000 characters" in report.reason


@pytest.mark.processes
def test_neither_redirects_nor_canonical_links_replace_an_article_by_another_story(tmp_path: Path) -> None:
    """A false canonical link, a foreign page with our canonical link, and later a redirect to another story."""
    home = tmp_path / "home"
    one = f"{HOST}/berita/1/satu"
    pages: dict[str, Answer] = {
        "/rss": feed([one, f"{HOST}/berita/4/empat"]),
        "/berita/1/satu": page("Satu"),
        "/berita/2/dua": page("Dua", canonical=one),
        "/berita/3/tiga": html("", 302, Location="http://www.other.test/x"),
        "www.other.test/x": page("Asing", canonical=one),
        "/berita/4/empat": page("Empat"),
    }
    with nasty_site(pages) as base:
        crawl(home, base)
        pages["/rss"] = feed([f"{HOST}/berita/{path}" for path in ("1/satu", "2/dua", "3/tiga", "4/empat")])
        pages["/berita/4/empat"] = html("", 301, Location="/berita/1/satu")
        _, ended = crawl(home, base)
    assert titles(home) == {"/berita/1/satu": "Satu", "/berita/2/dua": "Dua", "/berita/4/empat": "Empat"}
    assert {path: outcome for path, (outcome, _) in ended.items()} == {
        "/berita/1/satu": "unchanged",
        "/berita/2/dua": "stored",
        "/berita/3/tiga": "rejected:foreign-address",
        "/berita/4/empat": "unchanged",
    }


@pytest.mark.processes
def test_a_304_for_a_page_that_was_never_stored_is_an_error(tmp_path: Path) -> None:
    with nasty_site({"/rss": feed([f"{HOST}/berita/1/satu"]), "/berita/1/satu": html("", 304)}) as base:
        report, ended = crawl(tmp_path / "home", base)
    assert ended["/berita/1/satu"][0] == "error:http-304"
    assert report.verdict == "failed"


@pytest.mark.processes
def test_a_missing_later_page_does_not_make_the_article_gone(tmp_path: Path) -> None:
    """Page 2 is not found, or redirects to another article: nothing is stored, and no miss is counted."""
    home = tmp_path / "home"
    pages = {
        "/rss": feed([f"{HOST}/berita/1/satu", f"{HOST}/berita/2/dua"]),
        "/berita/1/satu": page("Satu", next_page="/berita/1/satu?page=2"),
        "/berita/2/dua": page("Dua", next_page="/berita/2/dua?page=2"),
        "/berita/2/dua?page=2": html("", 302, Location="/berita/3/tiga"),
        "/berita/3/tiga": page("Tiga"),
    }
    with nasty_site(pages) as base:
        _, ended = crawl(home, base)
    assert {outcome for outcome, _ in ended.values()} == {"error:missing-part"}
    assert "answered 404" in (ended["/berita/1/satu"][1] or "")
    assert titles(home) == {}
    with opened(home) as archive, archive.reading() as connection:
        assert set(connection.execute(select(addresses.c.misses)).scalars()) == {0}


@pytest.mark.processes
def test_lone_surrogates_in_metadata_do_not_reach_the_archive(tmp_path: Path) -> None:
    """PostgreSQL refuses NUL and lone surrogates, and SQLite would store text that cannot be encoded."""
    ld: dict[str, Any] = {"@type": "NewsArticle", "headline": "Enam \x00 \ud800puluh", "author": {"name": "Budi\udfff"}}
    head = f'<script type="application/ld+json">{json.dumps(ld)}</script>'
    home = tmp_path / "home"
    pages = {"/rss": feed([f"{HOST}/berita/6/enam"]), "/berita/6/enam": page("", head=head)}
    with nasty_site(pages) as base:
        _, ended = crawl(home, base)
    assert ended["/berita/6/enam"][0] == "stored"
    assert titles(home) == {"/berita/6/enam": "Enam puluh"}


@pytest.mark.processes
def test_a_proxy_in_the_environment_is_not_used(tmp_path: Path, monkeypatch: Any) -> None:
    """A proxy would bypass the guard. Here it is a closed port, so a crawl through it would fail."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with nasty_site({"/rss": feed([f"{HOST}/berita/1/satu"]), "/berita/1/satu": page("Satu")}) as base:
        _, ended = crawl(tmp_path / "home", base)
    assert ended["/berita/1/satu"][0] == "stored"


@pytest.mark.processes
def test_a_crawl_that_cannot_write_pages_stops_with_a_reason(tmp_path: Path) -> None:
    """The process may write files of at most 6 MB, and the WARC file would be larger. The rest stays queued."""
    home = tmp_path / "home"
    noise = {f"/berita/{n}/x": page(f"Berita {n}", head=f"<!--{os.urandom(400_000).hex()}-->") for n in range(1, 21)}
    pages = {"/rss": feed([HOST + path for path in noise])} | noise
    with nasty_site(pages) as base:
        limited = tmp_path / "sitecustomize.py"
        limited.write_text("import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000, 6_000_000))\n")
        report, ended = crawl(home, base, PYTHONPATH=str(tmp_path))
        assert report.reason
        assert "could not be written: " in report.reason
        stopped = [path for path, (outcome, _) in ended.items() if outcome == "error:stopped"]
        assert stopped
        assert report.outcomes == {"stored": 20 - len(stopped), "error:stopped": len(stopped)}
        limited.unlink()
        crawl(home, base)
    assert len(titles(home)) == 20


@pytest.mark.processes
def test_nobody_is_asked_for_a_host_that_cannot_exist(tmp_path: Path) -> None:
    """In a listing, as a page's redirect, and as a feed of its own: no robots.txt, no name server, no connection."""
    story = "/berita/7/tujuh"
    pages: dict[str, Answer] = {
        "/rss": feed([f"http://x%00.newsstand.test{story}", f"{HOST}/berita/2/dua", f"{HOST}/berita/1/satu"]),
        "/berita/1/satu": page("Satu"),
        "/berita/2/dua": (302, {"Location": f"http://y%00.newsstand.test{story}"}, b""),
        story: page("Tujuh"),
    }
    more = {"KLIPING_SOURCES__NEWSSTAND__SITEMAPS": json.dumps(["http://z%00.newsstand.test/sitemap.xml"])}
    with nasty_site(pages) as base:
        report, ended = crawl(tmp_path / "home", base, **more)
    assert {path: outcome for path, (outcome, _) in ended.items()} == {
        "/berita/1/satu": "stored",
        "/berita/2/dua": "rejected:bad-address",
    }
    assert "its host has '%', which no host name may have" in str(ended["/berita/2/dua"][1])
    assert "http://z%00.newsstand.test/sitemap.xml gave no answer" in str(report.reason)
    assert [each.host for each in report.hosts] == ["www.newsstand.test"]


@pytest.mark.processes
def test_a_page_with_more_headers_than_any_tool_reads_is_kept_and_read_back(tmp_path: Path) -> None:
    """48 kB of headers; and a redirect to an address so long that no record can keep it."""
    headers = {f"X-Policy-{number}": "kebijakan " * 100 for number in range(48)}
    body = page("Satu")
    long = f"/berita/2/{'p' * 9_000}"
    pages: dict[str, Answer] = {
        "/rss": feed([f"{HOST}/berita/1/satu", f"{HOST}/berita/2/dua"]),
        "/berita/1/satu": (body[0], {**body[1], **headers}, body[2]),
        "/berita/2/dua": (302, {"Location": long}, b""),
        long: page("Dua"),
    }
    with nasty_site(pages) as base:
        _, ended = crawl(tmp_path / "home", base)
    assert {path: outcome for path, (outcome, _) in ended.items()} == {
        "/berita/1/satu": "stored",
        "/berita/2/dua": "rejected:bad-address",
    }
    with opened(tmp_path / "home") as archive:
        assert verify(archive).wrong == ()
        (file,) = archive.warc_folder.iterdir()
    with file.open("rb") as stream:
        kept = [record.http_headers for record in ArchiveIterator(stream, record_types=WarcRecordType.response)]
    assert len(kept) == 1
