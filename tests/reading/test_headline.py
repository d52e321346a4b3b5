"""The headline of a story among the titles of its page."""

from __future__ import annotations

import pytest

from reading.extract.raw import FoundText, RawArticle
from reading.headline import choose_headline

URL = "https://www.pelitakota.example/read/1"
JUDUL = "Kapal Beras Tiba di Pelabuhan Lama"


def headline(*titles: tuple[str, str], site: str | None = None, section: str | None = None) -> str:
    raw = RawArticle(
        url=URL,
        titles=tuple(FoundText(*each) for each in titles),
        site=site,
        sections=(FoundText(section, "text"),) if section else (),
    )
    return choose_headline(raw).text


@pytest.mark.parametrize(
    "title",
    [
        JUDUL,
        f"{JUDUL} | Pelita Kota",
        f"{JUDUL} - Pelita Kota",
        f"{JUDUL} – Pelita Kota",
        f"{JUDUL} » Pelita Kota",
        f"{JUDUL} ~ Pelita Kota",
        f"Pelita Kota: {JUDUL}",
        f"Pelita Kota | {JUDUL}",
        f"{JUDUL} - Ekonomi - Pelita Kota",
        f"Beranda > Ekonomi > {JUDUL}",
        f"Home / Ekonomi / {JUDUL}",
        f"{JUDUL} - Halaman 2",
        f"{JUDUL} - Halaman 2 - Pelita Kota",
        f"{JUDUL} (Hal 2 dari 4)",
        f"{JUDUL} | Page 3",
        f"{JUDUL} - pelitakota.example",
    ],
)
def test_names_of_site_and_section_and_the_mark_of_a_part_are_no_part_of_the_headline(title: str) -> None:
    assert headline((title, "meta"), site="Pelita Kota", section="Ekonomi") == JUDUL


@pytest.mark.parametrize(
    "title",
    ["Persib - Arema imbang - laga terakhir", "Kurs: Rupiah Turun Lagi", "Bagian 2 Jalan Tol Dibuka", "Halaman 2"],
)
def test_words_of_a_headline_stay(title: str) -> None:
    assert headline((title, "meta")) == title


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        ((("Pelita Kota Terdepan dan Terpercaya", "selector"), (JUDUL, "meta"), (JUDUL, "text")), JUDUL),
        ((("Pelita Kota Terdepan", "text"), (f"{JUDUL} - Pelita Kota Terdepan", "meta")), JUDUL),
        ((("Ekonomi", "selector"), (JUDUL, "meta"), (f"{JUDUL}?", "text")), f"{JUDUL}?"),
        (((f"{JUDUL}, Warga Lega", "selector"), (JUDUL, "json-ld")), f"{JUDUL}, Warga Lega"),
        (((JUDUL, "selector"), ("Harga Cabai Turun Lagi Hari Ini", "json-ld")), JUDUL),
        (((JUDUL, "json-ld"), ("PELITA", "text")), JUDUL),
    ],
)
def test_a_logo_or_section_in_the_headlines_place_is_no_headline(
    titles: tuple[tuple[str, str], ...], expected: str
) -> None:
    """Only where metadata and another printed heading agree against it: metadata alone may be another story's."""
    assert headline(*titles, site="Pelita Kota Terdepan") == expected
