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
from crawler.probe.draft import (
    NoDraftError,
    SamplePage,
    article_pattern,
    draft,
    is_front_page,
    name_of,
    registered_domain,
    stated_elsewhere,
)
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


def ruff_finds(text: str) -> str:
    """What `ruff check` and `ruff format` would change in a source file; empty if nothing."""
    found = ""
    for command in (["check", "--quiet"], ["format", "--diff", "--quiet"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--stdin-filename", "sources/publishers/koran.py", "-"]
        done = subprocess.run(ruff, input=text, cwd=ROOT, capture_output=True, text=True)
        found += done.stdout + done.stderr
    return found


@pytest.mark.processes
def test_a_draft_of_a_page_with_long_addresses_and_names_passes_ruff() -> None:
    long = "sangat-panjang-" * 10
    robots = f"Sitemap: https://koran.id/{long}.xml\nDisallow: /{long}{long}\n"
    content = page_with(
        f"<link rel=alternate type=application/rss+xml href='/{long}'>"
        f"<meta property='og:site_name' content='Koran \"Pagi\" dan \\ {long}'>",
        f"<div class='{long}'>{STORY}</div>",
    )
    text = draft(SamplePage(f"https://www.koran.id/{long}/berita/1/judul", content, None, robots), "koran").source
    assert long in text
    assert ruff_finds(text) == ""


STORY = "".join(
    f"<p>Pasar pagi di {town} buka lagi pada hari Senin setelah libur panjang, dan pedagang menata kembali ikan, sayur "
    f"dan kain tenun di lapak mereka sejak subuh. Pembeli dari desa di sekitar {town} datang dengan truk.</p>"
    for town in ("Ende", "Maumere", "Bajawa", "Ruteng")
)


def page_with(head: str, body: str) -> bytes:
    stamp = "<time class=jam>Senin, 9 Maret 2026 08:15 WIB</time>"
    return f"<html><head>{head}</head><body><h1 class=judul>Pasar pagi</h1>{stamp}{body}</body></html>".encode()


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("<meta property='og:site_name' content=' Koran  Pagi '><title>Pasar - Koran</title>", "Koran Pagi"),
        ("<title>Pasar pagi - buka lagi - Koran Flores</title>", "Koran Flores"),
        ("<title>Pasar pagi | Koran Flores</title>", "Koran Flores"),
        ("<title>Pasar pagi-sore</title>", "koran.id"),
        ("", "koran.id"),
    ],
)
def test_title_and_outlet_are_the_name_of_the_site(head: str, name: str) -> None:
    text = draft(SamplePage("https://www.koran.id/berita/1/judul", page_with(head, STORY), None), "koran").source
    assert f'    title="{name}",\n' in text
    assert f'    outlets=("{name}",),\n' in text


@pytest.mark.parametrize(
    ("offset", "zone"),
    [("+07:00", "Asia/Jakarta"), ("+08:00", "Asia/Makassar"), ("+09:00", "Asia/Jayapura"), ("Z", "Asia/Jakarta")],
)
def test_the_zone_is_that_of_the_stamp_s_offset(offset: str, zone: str) -> None:
    head = f"<meta property='article:published_time' content='2026-03-09T08:15:00{offset}'>"
    content = page_with(head, STORY).replace(b"Senin, 9 Maret 2026 08:15 WIB", b"")
    text = draft(SamplePage("https://www.koran.id/berita/1/judul", content, None), "koran").source
    assert f'    zone="{zone}",  # TODO' in text


def test_a_picture_and_tags_are_selected_by_their_containers() -> None:
    """A container of the story itself is not theirs."""
    tags = "<ul class=tag-list><li><a href=/tag/a>Ende</a><li><a href=/tag/b>Pasar</a></ul>"
    head = "<meta property='og:image' content='http://www.koran.id/a.jpg'>"
    picture = "<img src=/a.jpg width=600><figcaption>Pasar Ende, Senin (9/3/2026). (Foto: Rina Dewi)</figcaption>"
    body = f"<figure class=foto>{picture}</figure><div class=isi>{STORY}</div>{tags}"
    url = "https://www.koran.id/berita/1/judul"
    drafted = draft(SamplePage(url, page_with(head, body), None), "koran")
    assert '            image=("figure.foto img@src",),\n' in drafted.source
    assert '            tags=("ul.tag-list a",),\n' in drafted.source
    assert '<figure class="foto"><img src="/contoh.jpg" alt=""></figure>' in drafted.page
    inside = draft(SamplePage(url, page_with("", f"<div class=isi>{picture}{STORY}</div>"), None), "koran")
    assert "image=" not in inside.source
    assert "tags=" not in inside.source


def test_a_front_page_and_a_page_of_another_domain_are_noticed() -> None:
    assert is_front_page("https://www.koran.id")
    assert is_front_page("https://www.koran.id/#atas")
    assert not is_front_page("https://www.koran.id/?p=12")
    content = page_with("<link rel=canonical href='https://www.lain.id/berita/1'>", STORY)
    assert stated_elsewhere(SamplePage("https://koran.id/a/1", content, None)) == "https://www.lain.id/berita/1"
    assert stated_elsewhere(SamplePage("https://m.lain.id/a/1", content, None)) is None


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
    assert ruff_finds(drafted.source) == ""
    monkeypatch.setattr(publishers, "__path__", [*publishers.__path__, str(path.parent)])
    for module in ("sources.publishers.koran_rusak",):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(sources.BadSourceError, match=r"koran_rusak\.py: `terms` is empty"):
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
