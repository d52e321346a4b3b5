"""Drafts of sources from one article's page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sources
from archive.records import Rejected
from crawler.probe.draft import NoDraftError, SamplePage, article_pattern, draft, name_of, registered_domain
from reading.article import normalise
from reading.extract.page import extract
from sources import publishers

FIXTURES = Path(__file__).parents[1] / "fixtures" / "sources"
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("url", "pattern", "another"),
    [
        (
            "https://www.koran.co.id/read/2026/11/25/103000101/judul-berita",
            r"https?://(?:[a-z0-9-]+\.)*koran\.co\.id/read/\d{4}/\d{2}/\d{2}/\d+/[^/?#]+",
            "http://bola.koran.co.id/read/2019/01/02/7/lain-judul",
        ),
        (
            "http://lama.koran.com/berita/d-512/judul",
            r"https?://(?:[a-z0-9-]+\.)*koran\.com/berita/[^/?#]+/[^/?#]+",
            "http://koran.com/berita/d-513/apa",
        ),
        (
            "http://koran.com/a/b/123.html",
            r"https?://(?:[a-z0-9-]+\.)*koran\.com/a/b/[^/?#]+\.html",
            "http://koran.com/a/b/9.html",
        ),
    ],
)
def test_the_pattern_of_an_address_matches_similar_addresses(url: str, pattern: str, another: str) -> None:
    assert article_pattern(url) == pattern
    assert re.match(pattern, url)
    assert re.match(pattern, another)
    assert not re.match(pattern, "https://tetangga.com/read/2026/11/25/1/judul")


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.koran.co.id/read/1/a", "koran.co.id"),
        ("http://lama.koran.com/a", "koran.com"),
        ("http://pemda.bandung.go.id/a", "bandung.go.id"),
        ("http://www.koran.desa.id/a", "koran.desa.id"),
        ("http://www.kompas.id/a", "kompas.id"),
        ("http://www.koran-baru.test/a", "koran-baru.test"),
    ],
)
def test_the_registered_domain_is_found_by_the_public_suffix_list(url: str, domain: str) -> None:
    assert registered_domain(url) == domain


@pytest.mark.parametrize("url", ["", "koran.com/a", "ftp://koran.com/a", "http://koran/a", "http://[::1"])
def test_text_that_is_no_address_raises(url: str) -> None:
    with pytest.raises(NoDraftError):
        name_of(url)


@pytest.mark.processes
@pytest.mark.parametrize("page", ["newsstand/www", "newsstand/arsip"])
def test_a_draft_reads_its_own_page_once_its_terms_are_written(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reads title, stamp and body like the hand-written source. Without terms it raises a sentence that says so."""
    file = (FIXTURES / page).with_suffix(".html")
    expected = json.loads(file.with_suffix(".json").read_text())
    url = expected["url"].replace("newsstand.test", "koran-rusak.test")
    content = file.read_bytes().replace(b"newsstand.test", b"koran-rusak.test")
    drafted = draft(SamplePage(url, content, None), "koran_rusak")
    path = tmp_path / "koran_rusak.py"
    path.write_text(drafted.source, encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff", "check", "--quiet", "--line-length", "120", path]
    assert subprocess.run(ruff, cwd=ROOT, capture_output=True, text=True).stdout == ""
    monkeypatch.setattr(publishers, "__path__", [*publishers.__path__, str(path.parent)])
    for module in ("sources.publishers.koran_rusak",):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(sources.BadSourceError, match=r"koran_rusak.*needs a sentence about its robots.txt"):
        sources.load("koran_rusak")
    path.write_text(drafted.source.replace('terms=""', 'terms="robots.txt allows all."'), encoding="utf-8")
    source = sources.load("koran_rusak")
    assert source.is_article(url)
    article = normalise(extract(content, url=url, source=source), source=source, url=url, fetched_at=None)
    assert article.title == expected["title"]
    assert article.published_at.isoformat() == expected["published_at"]
    assert list(article.authors) == expected["authors"]
    assert article.provenance["body"] == "selector"
    assert [paragraph for paragraph in article.body if paragraph in expected["body"]] == expected["body"]


def test_feeds_of_the_page_and_sitemaps_of_robots_txt_are_found() -> None:
    page = (FIXTURES / "newsstand" / "www.html").read_text()
    links = (
        '<link rel="alternate" type="application/rss+xml" href="/feed">'
        '<link rel="alternate" type="application/rss+xml" href="/comments/feed">'
        '<link rel="alternate" type="application/rss+xml" href="https://lain.example.org/feed">'
    )
    content = page.replace("</head>", f"{links}</head>").encode()
    robots = "User-agent: *\nDisallow: /cari\nSitemap: https://koran.id/sitemap.xml\nsitemap: https://koran.id/sitemap-news.xml\n"
    text = draft(SamplePage("https://www.koran.id/berita/1/judul", content, None, robots), "koran").source
    assert 'Feed("https://www.koran.id/feed"),' in text
    assert 'Sitemap("https://koran.id/sitemap.xml"),' in text
    assert 'NewsSitemap("https://koran.id/sitemap-news.xml"),' in text
    assert "    # robots.txt: Disallow: /cari" in text
    assert "comments" not in text
    assert "lain.example.org" not in text
    assert "FrontPage" not in text


def test_a_draft_s_fixture_has_no_text_of_the_real_page() -> None:
    content = (FIXTURES / "newsstand" / "www.html").read_bytes()
    story = json.loads((FIXTURES / "newsstand" / "www.json").read_text())
    drafted = draft(SamplePage("https://www.koran.id/berita/1/judul", content, None), "koran")
    for text in (story["title"], *story["body"], *story["authors"]):
        assert text not in drafted.page + drafted.expected + drafted.source
    assert "TODO: an invented headline" in drafted.page


def test_a_page_without_an_article_is_rejected() -> None:
    with pytest.raises(Rejected):
        draft(SamplePage("https://www.koran.id/a/1", b"<html><p>Kami sebuah koran.</p></html>", None), "koran")
