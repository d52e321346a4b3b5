"""What a page says of its own story: corrected, a correction of another one, withdrawn."""

from __future__ import annotations

import pytest

from lexicon.corrections import is_correction, is_notice
from reading.article import normalise
from reading.extract.page import extract
from reading.notices import notice_flags

STORY = (
    "Kendari (ANTARA) - Nelayan memanen cakalang dalam jumlah besar sejak akhir pekan.",
    "Hasilnya dua kali lipat.",
)


@pytest.mark.parametrize(
    "title",
    ["Ralat: Jumlah Korban Banjir", "RALAT | Nama Tersangka", "[Koreksi] Harga Beras", "Koreksi - Harga Beras",
     "Hak Jawab atas Berita Beras", "Klarifikasi: Foto Banjir Bukan di Kendari",
     "(Ralat) Harga Beras"],
)  # fmt: skip
def test_a_headline_of_a_correction_is_recognised(title: str) -> None:
    assert is_correction(title)
    assert notice_flags(title, STORY) == ("correction",)


@pytest.mark.parametrize(
    "title",
    ["Klarifikasi Menteri soal Beras", "Menteri Ralat Ucapannya", "IHSG Koreksi 2 Persen", "Polri Minta Hak Jawab",
     "Berita Ini Bikin Heboh", "Koreksi Harga Beras Berlanjut"],
)  # fmt: skip
def test_a_story_about_a_correction_is_none(title: str) -> None:
    assert notice_flags(title, STORY) == ()


@pytest.mark.parametrize(
    "line",
    ["Ralat: sebelumnya tertulis 12 orang.", "*Berita ini telah diperbarui pada pukul 14.00 WIB.",
     "Artikel ini telah dikoreksi pada bagian judul.", "Catatan redaksi: judul berita ini telah diubah.",
     "Redaksi memohon maaf atas kekeliruan tersebut.", "Koreksi: nama narasumber adalah Rina Dewi."],
)  # fmt: skip
def test_a_notice_in_the_text_is_recognised(line: str) -> None:
    assert is_notice(line)
    assert notice_flags("Panen Cakalang", (*STORY, line)) == ("correction",)
    assert notice_flags("Panen Cakalang", (*STORY * 3, f"Ia berkata: {line}", *STORY * 3)) == ()


@pytest.mark.parametrize(
    ("line", "flags"),
    [
        ("Berita ini telah dicabut.", ("withdrawn",)),
        ("Artikel ini ditarik oleh redaksi karena tidak memenuhi kaidah jurnalistik.", ("withdrawn",)),
        ("Redaksi mencabut berita ini dan memohon maaf kepada pembaca.", ("withdrawn",)),
        ("Berita dengan judul Panen Cakalang telah kami cabut.", ("withdrawn",)),
        ("Izin usaha tambang itu telah dicabut.", ()),
        ("Menurut dia, berita ini telah dicabut oleh media lain.", ()),
    ],
)
def test_a_withdrawn_story_is_recognised(line: str, flags: tuple[str, ...]) -> None:
    assert notice_flags("Panen Cakalang", (line,)) == flags


PAGE = """<html><head><title>{title}</title><meta property="og:type" content="article">
<meta property="article:published_time" content="2026-11-20T10:00:00+07:00"></head><body>
<nav><a href="/berita/9/menu">Menu yang panjang sekali</a></nav><article><h1>{title}</h1>
<p>Nelayan di Kendari memanen cakalang dalam jumlah besar sejak akhir pekan, kata ketua kelompok nelayan.</p>
<p>Hasilnya dua kali lipat dari tahun lalu, dan harga di pasar turun sampai separuhnya kata para pedagang.</p>
{end}<p>Baca juga: <a href="/berita/8/lain">Harga Beras Naik di Kendari</a></p></article></body></html>"""


@pytest.mark.parametrize(
    ("title", "end", "corrects"),
    [
        ("Panen Cakalang di Kendari", '<p>Ralat: <a href="/berita/7/lama?utm_source=x">berita ini</a> menulis 12.</p>',
         "http://koran.test/berita/7/lama?utm_source=x"),
        ("Ralat: Panen Cakalang di Kendari", '<p>Dalam <a href="http://m.koran.test/berita/7/lama">berita</a> itu.</p>',
         "http://m.koran.test/berita/7/lama"),
        ("Panen Cakalang di Kendari", '<p>Dalam <a href="/berita/7/lama">berita</a> itu, kata dia.</p>', None),
        ("Ralat: Panen Cakalang di Kendari", '<p>Lihat <a href="http://lain.test/berita/7">situs</a> itu.</p>', None),
        ("Ralat: Panen Cakalang di Kendari", '<p>Dalam <a href="/berita/1/ini">berita ini</a> juga.</p>', None),
    ],
)  # fmt: skip
def test_a_correction_names_the_story_that_its_page_links_to(title: str, end: str, corrects: str | None) -> None:
    url = "http://koran.test/berita/1/ini"
    raw = extract(PAGE.format(title=title, end=end).encode(), url=url, source=None)
    article = normalise(raw, source=None, url=url, fetched_at=None)
    assert article.corrects == corrects
    assert article.as_json().get("corrects") == corrects
    assert type(article).from_json(article.as_json()) == article
