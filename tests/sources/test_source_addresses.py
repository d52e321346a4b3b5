"""Which addresses are a publisher's articles, which source owns them, and that robots.txt allows every listing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import sources
from crawler.discover import index_address
from sources import DailyIndex
from sources.roster import DOCS_PAGE, roster, stale_rows, with_roster

# Pages on each site whose addresses look like those of articles
NOT_ARTICLES = [
    ("antara_regional", "https://bali.antaranews.com/berita/527615/x"),
    ("antara_regional", "https://jogja.antaranews.com/foto/767845/wamentan"),
    ("antara_wit", "https://www.antaranews.com/berita/527615/x"),
    ("antara_wita", "https://jatim.antaranews.com/berita/527615/x"),
    ("bbc_indonesia", "https://www.bbc.com/news/articles/c5yvynj08z7o"),
    ("bbc_indonesia", "https://www.bbc.com/indonesia/topics/cqx75jx95v0t"),
    ("bbc_indonesia", "https://www.bbc.com/indonesia/live/c5yvynj08z7o"),
    ("beritasatu", "https://www.beritasatu.com/tag/12345/banjir"),
    ("beritasatu", "https://www.beritasatu.com/video/12345/banjir-di-demak"),
    ("beritasatu", "https://www.beritasatu.com/terkini/indeks/3"),
    ("bisnis", "https://foto.bisnis.com/read/20250305/620/1849427/perang-dagang"),
    ("bisnis", "https://premium.bisnis.com/read/20250305/620/1849427/perang-dagang"),
    ("cnbcindonesia", "https://www.cnbcindonesia.com/news/20240823094111-8-565778/video-isi-revisi"),
    ("cnbcindonesia", "https://www.cnbcindonesia.com/foto-bisnis/20240823094111-35-565778/potret-pasar"),
    ("cnbcindonesia", "https://www.cnbcindonesia.com/news/20240823094111-4-565778/isi-revisi/amp"),
    ("cnnindonesia", "https://www.cnnindonesia.com/tv/20230302153103-405-919929/video-rupiah"),
    ("cnnindonesia", "https://www.cnnindonesia.com/nasional/indeks/3"),
    ("dw_indonesia", "https://www.dw.com/en/kitchen-gardens/a-65612084"),
    ("dw_indonesia", "https://www.dw.com/id/kebun-atap/av-65612084"),
    ("dw_indonesia", "https://amp.dw.com/id/kebun-atap/a-65612084"),
    ("idntimes", "https://bali.idntimes.com/news/bali/pasar-badung-00-vdzm7-nxxvry"),
    ("idntimes", "https://www.idntimes.com/author/rina/rina-dewi-c1c2"),
    ("idntimes", "https://www.idntimes.com/news/indonesia"),
    ("investor", "https://investor.id/market/indeks/2"),
    ("jpnn", "https://www.jpnn.com/tag/avtur"),
    ("jpnn", "https://www.jpnn.com/video/news/avtur"),
    ("katadata", "https://katadata.co.id/infografik/data/6ac0df02847f3/krisis-ram"),
    ("katadata", "https://databoks.katadata.co.id/infografik/2026/6ac0df02847f3/krisis-ram"),
    ("kontan", "https://pusatdata.kontan.co.id/news/harga-emas"),
    ("kontan", "https://amp.kontan.co.id/news/harga-emas"),
    ("kontan", "https://foto.kontan.co.id/news/main"),
    ("kumparan", "https://kumparan.com/channel/news-27oRU1T1EYV"),
    ("kumparan", "https://kumparan.com/kumparannews"),
    ("merdeka", "https://www.merdeka.com/foto/read/8253998/perintah"),
    ("merdeka", "https://www.merdeka.com/peristiwa/read/8253998/perintah?page=2"),
    ("pikiranrakyat", "https://www.pikiran-rakyat.com/foto/pr-016437639/pasar"),
    ("rmol", "https://rmol.id/amp/2023/06/01/576307/"),
    ("rmol", "https://rmol.id/rmoltv/read/2023/06/01/576307/pidato"),
    ("sindonews", "https://photo.sindonews.com/read/1578295/13/kpk-besok-lelang-1749546398"),
    ("sindonews", "https://nasional.sindonews.com/read/1578295/13/kpk-besok-lelang-1749546398/5"),
    ("sindonews", "https://nasional.sindonews.com/topic/1578/13/kpk"),
    ("suara", "https://yoursay.suara.com/read/2022/06/22/120954/beredar"),
    ("suara", "https://www.suara.com/foto/2026/05/10/074129/bocah-perempuan"),
    ("tirto", "https://tirto.id/infografik/bi-pertahankan-suku-bunga-hz5T"),
    ("tirto", "https://tirto.id/pikir-dua-kali"),
    ("voa_indonesia", "https://voaindonesia.com/amp/menlu-rusia-serukan-dialog-di-ukraina/1905350.html"),
    ("voa_indonesia", "https://www.voaindonesia.com/z/585"),
]

# What facts/sources.json quotes from each robots.txt (2026-07 and 2026-10)
DISALLOWED = {
    "beritasatu": r"/widgets?/|/tag/|/search/|/network/",
    "bisnis": r"/wp-admin/|/admin/|/rss/|/feed/|/interaktif/|/spektrum/|/cdn-cgi/",
    "idntimes": r"idntimes\.com/\?|\?utm|/search\?|/tag-manager|/v1|/ajax/",
    "jawapos": r"/fonts/|/search|/api/",
    "merdeka": r"\?|index|comment|/ucnews/|/search/",
    "suara": r"/loadmoredetail",
    "tirto": r"\?next",
}


@pytest.mark.parametrize(("name", "url"), NOT_ARTICLES)
def test_pages_that_only_look_like_articles_are_not_articles(name: str, url: str) -> None:
    """Pictures, videos, tags, lists, AMP pages, later pages of a story, other sections of a shared host."""
    assert not sources.load(name).is_article(url)


@pytest.mark.shared
def test_every_article_address_in_the_facts_belongs_to_its_source(shared: Path) -> None:
    """The source is found by domain. If the facts name an AMP page, its story is meant."""
    missed = []
    for publisher in json.loads((shared / "facts/sources.json").read_text(encoding="utf-8")):
        if (name := publisher["name"].replace("-", "_")) not in sources.names():
            continue
        for url in publisher["article_url_examples"]:
            page = url.replace("rmol.id/amp/", "rmol.id/read/").replace("voaindonesia.com/amp/", "voaindonesia.com/a/")
            source = sources.for_url(page)
            whose = "antara_wita" if "//kupang.antaranews.com" in page else name
            if source is None or source.name != whose or not source.is_article(page):
                missed.append((name, url))
    assert missed == []


@pytest.mark.parametrize("name", DISALLOWED)
def test_no_listing_is_disallowed_by_robots_txt(name: str) -> None:
    assert [find.url for find in sources.load(name).finds if re.search(DISALLOWED[name], find.url)] == []


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("bisnis", "https://www.bisnis.com/index?categoryId=0&type=indeks&date=2026-09-05"),
        ("cnbcindonesia", "https://www.cnbcindonesia.com/indeks?date=2026/09/05&page=1"),
        ("cnnindonesia", "https://www.cnnindonesia.com/indeks/2?date=2026/09/05&page=1"),
        ("jpnn", "https://www.jpnn.com/indeks?id=&d=05&m=09&y=2026&tab=all&page=1"),
        ("katadata", "https://katadata.co.id/indeks/search/-/05-09-2026/05-09-2026"),
        (
            "kontan",
            "https://www.kontan.co.id/search/indeks?kanal=&tanggal=05&bulan=09&tahun=2026&pos=indeks&per_page=0",
        ),
        ("sindonews", "https://www.sindonews.com/indeks/0/0?t=2026-09-05"),
    ],
)
def test_the_address_of_a_daily_index_is_that_in_the_facts(name: str, address: str) -> None:
    """Each publisher formats the day differently."""
    (index,) = (find for find in sources.load(name).finds if isinstance(find, DailyIndex))
    assert index_address(index, date(2026, 9, 5)) == address


def test_an_index_that_counts_stories_steps_by_the_stories_of_a_page() -> None:
    """SINDOnews and Kontan have an offset in stories instead of a page number."""
    (index,) = (find for find in sources.load("sindonews").finds if isinstance(find, DailyIndex))
    assert index_address(index, date(2026, 9, 5), 3) == "https://www.sindonews.com/indeks/0/40?t=2026-09-05"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.antaranews.com/berita/5214897/bapanas", "antara"),
        ("https://jogja.antaranews.com/berita/767845/wamentan", "antara_regional"),
        ("https://kupang.antaranews.com/berita/146930/harga-emas", "antara_wita"),
        ("https://papuatengah.antaranews.com/berita/9001/kopi", "antara_wit"),
    ],
)
def test_a_bureau_is_its_own_source_in_the_portal_s_politeness_group(url: str, expected: str) -> None:
    """The longer matching domain wins; all four sources share one politeness group."""
    source = sources.for_url(url)
    assert source is not None
    assert (source.name, source.group) == (expected, "antaranews.com")


def test_the_table_in_docs_sources_md_is_that_of_the_source_files() -> None:
    """`python -m sources.roster --write` puts the table at the end of docs/sources.md."""
    page = DOCS_PAGE.read_text(encoding="utf-8")
    usable, problems = sources.load_all()
    advice = "run `.venv/bin/python -m sources.roster --write`"
    stale = stale_rows(page, usable)
    assert not stale, f"docs/sources.md lacks {', '.join(stale)}: {advice}"
    assert problems or with_roster(page, roster(usable)) == page, f"docs/sources.md has rows of no source: {advice}"


def test_a_source_without_its_row_is_named() -> None:
    antara, newsstand = sources.load("antara"), sources.load("newsstand")
    page = with_roster("All of them\n\n| source | an old table |\n", roster((antara,)))
    assert page.startswith("All of them\n\n| source | publisher |")
    assert stale_rows(page, (antara, newsstand)) == ["newsstand"]
    assert stale_rows(page, (replace(antara, zone="Asia/Makassar"),)) == ["antara"]


@pytest.mark.shared
def test_every_publisher_in_the_facts_is_a_source(shared: Path) -> None:
    """And KapanLagi, of which we have real pages."""
    facts = json.loads((shared / "facts/sources.json").read_text(encoding="utf-8"))
    assert {publisher["name"].replace("-", "_") for publisher in facts} | {"kapanlagi"} <= set(sources.names())
