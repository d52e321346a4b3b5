"""What looks like a person's name, and what is only capitalised text where a name could stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading.credits.names import looks_like_a_name, people

NAMES = [
    "Suharto", "Herudin", "Heppy", "Ita", "Putri", "Bima", "Bima Sasongko", "M. Rizky A.", "Bambang S.", "Budi W.S.",
    "Ahmad bin Said", "Siti binti Umar", "Rina van den Berg", "Tono de Lima", "I Gusti Ngurah Arta",
    "Anak Agung Gde Raka",
    "Syakir Ni'am", "SITI NUR'AINI", "RINA DEWI", "rina dewi", "Dr. Rina Dewi", "dr. Rina Dewi", "H. Budi Raharja",
    "AA Sasmita", "Suci BangunDS", "Kris FW", "Yang Guang", "Dan Whitmore", "Will Harper", "Luka Maric", "T. Hasan",
    "Novel Sadewo", "Lukman Hakim", "Timur Raharjo", "Kim Hong-Ji", "Keenan Prasetya", "Mas Agung Wilis",
    "O'Brien Smith",
    "Mecca Raharja", "Reporter Rina Dewi", "Kontributor Kendari Rina Dewi", "Wartawan Tribun Jogja Rina Dewi",
    "Wartawan Ekonomi Rina Dewi", "Rina Dewi Redaktur Ekonomi", "Andi Setia Putra", "Erna Untung", "Sastra Wijaya",
]  # fmt: skip
NO_NAMES = [
    # menus and buttons
    "Toggle", "Choice", "Menu", "Editor Choice", "Editor's Choice", "Pilihan Editor", "Read More", "Post Navigation",
    "Bagikan Artikel", "Baca Juga", "Berita Terkini", "Gaya Hidup", "Hak Cipta", "Home", "Next", "Berita Lainnya",
    # headlines
    "Persaingan", "Persaingan Ketat", "Diperebutkan", "Harga Emas Naik", "Palestina Gugur", "Rayakan Lebaran",
    "Menyaksikan Pertandingan", "Karena Itu", "Kesehatan", "Buku Laris", "Timur Tengah", "Wali Kota Malang",
    # desks, roles and media
    "Tim Redaksi", "Admin", "Super User", "Wartawan Ekonomi", "Kontributor Kendari", "Penulis Lepas", "Jurnalis Warga",
    "Laporan Wartawan Tribunnews.com", "Kompas.com", "CNN Indonesia", "Redaksi Jakarta", "Metro Bali", "Suara Jatim",
    "Pos Kupang", "Rina TV", "Humas Polri", "BPMI Setpres", "Norwegian Navy", "PT Maju Jaya", "Newsroom",
    # places and codes
    "Medan", "Jakarta Selatan", "Jawa Timur", "AZF", "Eks", "KNTR", "rin", "rs616", "suharto99", "22", "budi",
    # sentences
    "hujan turun di kupang", "Hujan turun di Kupang sejak pagi", "Dilakukan saat waktu zuhur", "", " ", "-", ".",
]  # fmt: skip


@pytest.mark.parametrize("text", NAMES)
def test_a_name_looks_like_one(text: str) -> None:
    """Single words, initials, particles, degrees, apostrophes, capitals or none, and a role around it."""
    assert looks_like_a_name(text)


@pytest.mark.parametrize("text", NO_NAMES)
def test_other_capitalised_text_is_no_name(text: str) -> None:
    """A wrong author is worse than a missing one."""
    assert not looks_like_a_name(text)


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("Rina Dewi, Wartawan Ekonomi", ("Rina Dewi",)),
        ("Laporan Wartawan Tribunnews.com, Rina Dewi", ("Rina Dewi",)),
        ("Rina Dewi (Kontributor Kendari)", ("Rina Dewi",)),
        ("Rina Dewi / Budi S.", ("Rina Dewi", "Budi S.")),
        ("RINA DEWI, BUDI S.", ("Rina Dewi", "Budi S.")),
        ("Rina Dewi pada 3 Jun 2024, 07:00 WIB", ("Rina Dewi",)),
        ("Rina Dewi - Senin, 3 Juni 2024 14:05 WIB", ("Rina Dewi",)),
        ("Rina Dewi on June 3, 2024", ("Rina Dewi",)),
        ("Rina Dewi, Redaksi", ("Rina Dewi",)),
        ("Tim Redaksi, Admin", ()),
        ("Editor's Choice", ()),
        ("Liputan6.com pada 3 Jun 2024, 07:00 WIB", ()),
    ],
)
def test_a_byline_keeps_its_people_without_roles_desks_and_dates(byline: str, expected: tuple[str, ...]) -> None:
    """JSON-LD and elements for bylines hold roles, desks and dates too; a name's final dot stays."""
    assert people(byline) == expected


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("Rina Dewi.,-'"))))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    """It never raises."""
    looks_like_a_name(text)
    people(text)
