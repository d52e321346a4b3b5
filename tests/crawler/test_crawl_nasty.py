"""A crawl of a publisher that does what it should not: each address still ends by name, and nothing false is kept."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import select

from archive import runs
from archive.articles import find
from archive.runs import RunReport
from archive.tables import addresses, articles, outcomes
from tests.support.children import opened, settings
from tests.support.nasty_site import HOST, Answer, feed, html, nasty_site, page


def crawl(home: Path, base: str, **more: str) -> tuple[RunReport, dict[str, tuple[str, str | None]]]:
    """One crawl of newsstand.test by its feed alone: the report, and (outcome, detail) by path."""
    environment = settings(
        home,
        {"newsstand.test": base, "other.test": base},
        KLIPING_RETRY_TIMES="0",
        KLIPING_SOURCES__NEWSSTAND__FEEDS=json.dumps([f"{HOST}/rss"]),
        KLIPING_SOURCES__NEWSSTAND__SITEMAPS="[]",
        KLIPING_SOURCES__NEWSSTAND__LEAST_LISTED="0",
        **more,
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
    """The present title of each article, by the path of its address."""
    with opened(home) as archive, archive.reading() as connection:
        ids = connection.execute(select(articles.c.id)).scalars().all()
        held = [find(connection, each).article for each in ids]
    return {(each.url or "").removeprefix(HOST): each.title for each in held}


def test_links_that_are_no_addresses_are_told_of_and_the_feed_s_others_are_crawled(tmp_path: Path) -> None:
    """A port that cannot be, half a bracket, and an address of 2,100 characters stand in one feed with a good one."""
    long = f"{HOST}/berita/2/{'p' * 2100}"
    bad = [f"{HOST}:99999/berita/3/x", "http://[bad/berita/1/x", long, "javascript:alert(1)", ""]
    with nasty_site({"/berita/1/satu": page("Satu"), "/rss": feed([*bad, f"{HOST}/berita/1/satu"])}) as base:
        report, ended = crawl(tmp_path / "home", base)
    assert ended == {"/berita/1/satu": ("stored", None)}
    assert report.verdict == "attention"
    assert report.reason
    assert "Port out of range" in report.reason
    assert "longer than 2,000 characters" in report.reason


def test_neither_redirect_nor_canonical_link_puts_another_story_into_an_article_s_place(tmp_path: Path) -> None:
    """A false canonical link, a foreign page that claims to be ours, and, next night, a redirect to another story."""
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


def test_a_304_for_what_was_never_kept_is_no_harvest(tmp_path: Path) -> None:
    with nasty_site({"/rss": feed([f"{HOST}/berita/1/satu"]), "/berita/1/satu": html("", 304)}) as base:
        report, ended = crawl(tmp_path / "home", base)
    assert ended["/berita/1/satu"][0] == "error:http-304"
    assert report.verdict == "failed"


def test_a_missing_part_is_no_word_on_the_address_itself(tmp_path: Path) -> None:
    """Part 2 is not found, or leads to another article: nothing is stored, and nothing is on its way to be gone."""
    home = tmp_path / "home"
    pages = {
        "/rss": feed([f"{HOST}/berita/1/satu", f"{HOST}/berita/2/dua"]),
        "/berita/1/satu": page("Satu", further="/berita/1/satu?page=2"),
        "/berita/2/dua": page("Dua", further="/berita/2/dua?page=2"),
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


def test_half_a_character_in_metadata_is_dropped_before_it_reaches_the_archive(tmp_path: Path) -> None:
    """PostgreSQL takes neither NUL nor a lone surrogate, and SQLite would keep what nobody can encode."""
    ld: dict[str, Any] = {"@type": "NewsArticle", "headline": "Enam \x00 \ud800puluh", "author": {"name": "Budi\udfff"}}
    head = f'<script type="application/ld+json">{json.dumps(ld)}</script>'
    home = tmp_path / "home"
    pages = {"/rss": feed([f"{HOST}/berita/6/enam"]), "/berita/6/enam": page("", head=head)}
    with nasty_site(pages) as base:
        _, ended = crawl(home, base)
    assert ended["/berita/6/enam"][0] == "stored"
    assert titles(home) == {"/berita/6/enam": "Enam puluh"}


def test_a_proxy_of_the_environment_is_not_used(tmp_path: Path, monkeypatch: Any) -> None:
    """It would fetch behind the guard's back; here it is a port where nobody listens."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with nasty_site({"/rss": feed([f"{HOST}/berita/1/satu"]), "/berita/1/satu": page("Satu")}) as base:
        _, ended = crawl(tmp_path / "home", base)
    assert ended["/berita/1/satu"][0] == "stored"


def test_a_crawl_that_can_keep_no_more_pages_stops_and_says_why(tmp_path: Path) -> None:
    """The process may write no file larger than 6 MB, and the WARC file would be; the rest stays queued."""
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
