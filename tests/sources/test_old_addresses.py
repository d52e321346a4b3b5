"""Addresses that publishers used years ago still match their sources' patterns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sources


def _unknown(addresses: list[str]) -> list[str]:
    return [url for url in addresses if not ((source := sources.for_url(url)) and source.is_article(url))]


@pytest.mark.shared
def test_the_first_addresses_of_real_listings_are_articles(shared: Path) -> None:
    """Front pages and feeds of 2015 and 2016."""
    found = json.loads((shared / "listings" / "first_urls.json").read_text(encoding="utf-8"))
    addresses = [url for urls in found.values() for url in urls]
    assert addresses
    assert _unknown(addresses) == []


@pytest.mark.shared
def test_the_address_of_every_labelled_page_is_an_article(shared: Path) -> None:
    labels = [json.loads(label.read_text(encoding="utf-8")) for label in sorted((shared / "labels").glob("*.json"))]
    assert labels
    assert _unknown([each["url"] for each in labels]) == []


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("kompas", "https://regional.kompas.com/read/2024/08/14/101530778/petani-garam"),
        ("kompas", "https://www.kompas.com/tren/read/2024/10/28/170000365/dua-siklon"),
        ("detik", "https://www.detik.com/jogja/bisnis/d-8102226/membaca-sinyal"),
        ("liputan6", "https://www.liputan6.com/tekno/read/6047705/laporan"),
        ("okezone", "https://bola.okezone.com/read/2025/06/18/49/3148245/penyebab"),
        ("republika", "https://ekonomi.republika.co.id/berita/t5jwfm423/emas"),
        ("republika", "https://www.republika.co.id/berita//t5jwfm423/"),
        ("tribunnews", "https://www.tribunnews.com/internasional/7858656/trump-bebankan"),
        ("tribunnews", "https://jabar.tribunnews.com/2025/06/09/iphi-jabar"),
        ("viva", "https://www.viva.co.id/gaya-hidup/kesehatan-intim/1448136-bukan-makanan"),
        ("mediaindonesia", "https://mediaindonesia.com/jelita/913303/gerakan"),
        ("kapanlagi", "https://www.kapanlagi.com/showbiz/selebriti/penyanyi-ini-a1b2c3.html"),
        ("tempo", "https://www.tempo.co/internasional/10-mata-uang-2025--1563553"),
        ("tempo", "https://bisnis.tempo.co/read/2019063/gubernur"),
    ],
)
def test_current_addresses_are_articles(name: str, url: str) -> None:
    assert sources.load(name).is_article(url)


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("kompas", "https://video.kompas.com/read/2024/08/14/1234567/x"),
        ("kompas", "https://www.kompas.com/tag/garam"),
        ("detik", "https://20.detik.com/detikflash/20240101-1234567/x"),
        ("detik", "https://news.detik.com/foto-news/d-8102226/x"),
        ("liputan6", "https://www.liputan6.com/tag/tenun"),
        ("liputan6", "http://video.liputan6.com/news/video-jembatan-ambruk-2437222"),
        ("okezone", "https://mpi.okezone.com/read/2025/06/18/49/3148245/x"),
        ("republika", "https://republika.co.id/kanal/news"),
        ("tribunnews", "https://www.tribunnews.com/tag/bitung"),
        ("viva", "https://www.viva.co.id/foto/berita/12345-x"),
        ("mediaindonesia", "https://mediaindonesia.com/galleries/detail_galleries/12345/x"),
        ("kapanlagi", "http://lirik.kapanlagi.com/artis/laras_kinanti"),
        ("tempo", "https://www.tempo.co/video/1234567"),
    ],
)
def test_videos_galleries_and_tags_are_not_articles(name: str, url: str) -> None:
    assert not sources.load(name).is_article(url)
