"""Bylines, agency and photo credits: writer, editor, whose story, whose picture, and lines that name nobody."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.records import PhotoCredit
from reading.credits.reader import canonical_agency, is_credit_line, people, read_credits, read_photo_credit

# text, publisher, the fields that are found; all others are empty
CREDITS: list[tuple[str, str | None, dict[str, Any]]] = [
    ("Pewarta: Rina Dewi\nEditor: Budi Raharja\nCopyright © ANTARA 2019", None,
     {"authors": ("Rina Dewi",), "editors": ("Budi Raharja",), "copyright_year": 2019}),
    ("Penulis:\nRina Dewi\nEditor:\nBudi Raharja", None, {"authors": ("Rina Dewi",), "editors": ("Budi Raharja",)}),
    ("Reporter: RinaEditor: Budi Raharja", None, {"authors": ("Rina",), "editors": ("Budi Raharja",)}),
    ("Rep: Rina Dewi/ Red: Budi Raharja", None, {"authors": ("Rina Dewi",), "editors": ("Budi Raharja",)}),
    ("(Reporter: Rina Dewi | Editor: Budi Raharja)", None, {"authors": ("Rina Dewi",), "editors": ("Budi Raharja",)}),
    ("Penulis Rina Dewi | Editor Budi Raharja", None, {"authors": ("Rina Dewi",), "editors": ("Budi Raharja",)}),
    ("Redaktur & Reporter : Rina Dewi", None, {"authors": ("Rina Dewi",), "editors": ("Rina Dewi",)}),
    ("EditorBudi Raharja", None, {"editors": ("Budi Raharja",)}),
    ("oleh Rina Dewi", None, {"authors": ("Rina Dewi",)}),
    ("Jurnalis Rina Dewi", None, {"authors": ("Rina Dewi",)}),
    ("Redaktur\nRina Dewi", None, {"editors": ("Rina Dewi",)}),
    ("Rina Dewi,\nBudi Raharja\nTim Redaksi", None, {"authors": ("Rina Dewi",), "editors": ("Budi Raharja",)}),
    ("Penerjemah: Rina Dewi\nEditor: Budi Raharja", None, {"editors": ("Budi Raharja",)}),
    ("Rina Dewi , Jurnalis-Senin, 5 Agustus 2019 |07:04 WIB", None, {"authors": ("Rina Dewi",)}),
    ("Rina Dewi - detikSport", None, {"authors": ("Rina Dewi",), "source_credit": "detikSport"}),
    ("Laporan Wartawan TribunJabar.id, Rina Dewi", None,
     {"authors": ("Rina Dewi",), "source_credit": "TribunJabar.id"}),
    ("(TribunJabar.id/Rina Dewi)", None, {"authors": ("Rina Dewi",), "source_credit": "TribunJabar.id"}),
    ("RINA DEWI | REUTERS", None, {"authors": ("Rina Dewi",), "agency": ("Reuters",)}),
    ("(Rina Dewi)", "okezone.com", {"editors": ("Rina Dewi",)}),
    ("(rin/bud)", None, {"initials": ("rin", "bud")}),
    ("Rina Dewi, Budi Raharja", None, {"authors": ("Rina Dewi", "Budi Raharja")}),
    ("Kupang (ANTARA News/AFP) -", None, {"dateline_place": "Kupang", "dateline_agency": "ANTARA", "agency": ("AFP",)}),
    ("KUPANG, KOMPAS com -", None, {"dateline_place": "Kupang", "dateline_agency": "KOMPAS.com"}),
    ("Credit ANTARA News", None, {"agency": ("ANTARA",)}),
    ("Sumber: Yonhap-OANA", None, {"agency": ("Yonhap",), "source_credit": "Yonhap-OANA"}),
    ("ujar dia. (AP)", None, {"agency": ("AP",), "source_credit": "AP"}),
    ("dilansir Kyodo, Senin", None, {"agency": ("Kyodo",)}),
    ("dilansir dariKyodo", None, {"agency": ("Kyodo",)}),
    ("Artikel ini telah tayang di Tribunjabar.id dengan judul Hujan", None, {"source_credit": "Tribunjabar.id"}),
    ("Foto: Rina Dewi/detikcom", None,
     {"photographer": "Rina Dewi", "agency": ("detikcom",), "source_credit": "detikcom"}),
    ("(Foto: dok. Polres Kupang)", None, {"handout_of": "Polres Kupang"}),
    ("(FOTO ANTARA/REUTERS/Rina Dewi/ox/11.)", None,
     {"photographer": "Rina Dewi", "agency": ("ANTARA", "Reuters"), "initials": ("ox",)}),
    ("Editor: Budi Raharja Copyright © ANTARA 2019", None, {"editors": ("Budi Raharja",), "copyright_year": 2019}),
    ("Oleh Rina Dewi dan Budi Raharja", None, {"authors": ("Rina Dewi", "Budi Raharja")}),
    ("Pewarta: Rina Dewi/Budi Raharja", None, {"authors": ("Rina Dewi", "Budi Raharja")}),
    ("Kontributor Kompas TV Bali, Rina Dewi", None, {"authors": ("Rina Dewi",), "source_credit": "Kompas TV Bali"}),
    ("Laporan wartawan Serambi Indonesia Rina Dewi | Banda Aceh", None,
     {"authors": ("Rina Dewi",), "source_credit": "Serambi Indonesia"}),
    ("Laporan wartawan Tribun Timur Muslimin Raharja", None,
     {"authors": ("Muslimin Raharja",), "source_credit": "Tribun Timur"}),
    ("Laporan wartawan Tribun Rina Dewi", None, {"authors": ("Rina Dewi",), "source_credit": "Tribun"}),
    ("Kontributor Kendari, Rina Dewi", None, {"authors": ("Rina Dewi",)}),
    ("KONTRIBUTOR KENDARI, RINA DEWI", None, {"authors": ("Rina Dewi",)}),
    ("Berita ini sudah tayang di Tribun Timur", None, {"source_credit": "Tribun Timur"}),
    ("Rep: Antara/ Red: Budi Raharja", None, {"editors": ("Budi Raharja",), "agency": ("ANTARA",)}),
    ("Foto oleh Rina Dewi", None, {"photographer": "Rina Dewi"}),
    ("(T.R017/Z002)", None, {"initials": ("T.R017", "Z002")}),
    # nobody, and nothing
    ("Oleh: Redaksi Kompas", None, {}),
    ("Wartawan Tewas Ditembak", None, {}),
    ("Editor Senior Mundur", None, {}),
    ("AC MILAN | INTER MILAN", None, {}),
    ("Buku Hak Cipta terbitan 1999 laku", None, {}),
    ("Pewarta: 22\nEditor: PR Wire", None, {}),
    ("Redaktur & Reporter: Tim Liputan", None, {}),
    ("Availability Payment (AP)", None, {}),
    ("(kpl/rtr)", None, {"initials": ("kpl", "rtr")}),
    (
        "ap/hp (Reuters, AFP)",
        "dw.com",
        {"agency": ("Reuters", "AFP"), "source_credit": "Reuters, AFP", "initials": ("ap", "hp")},
    ),
    ("km/jam (rata-rata)", None, {}),
    ("Jalan itu ada antara Kupang dan Soe.", None, {}),
    ("", None, {}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "publisher", "expected"), CREDITS)
def test_a_credit_fills_its_fields_and_no_others(text: str, publisher: str | None, expected: dict[str, Any]) -> None:
    """A field that the line does not name stays empty."""
    found = {name: value for name, value in asdict(read_credits(text, publisher)).items() if value not in (None, ())}
    assert found == expected


PHOTOS = [
    ("Banjir di Demak. (REUTERS/Rina Dewi)", ("(REUTERS/Rina Dewi)", "Rina Dewi", "Reuters", None)),
    ("Banjir. (ANTARA FOTO/Rina Dewi/foc/18.)", ("(ANTARA FOTO/Rina Dewi/foc/18.)", "Rina Dewi", "ANTARA", None)),
    ("Banjir. (Antaranews/Rina)", ("(Antaranews/Rina)", "Rina", "ANTARA", None)),
    (
        "Banjir. (REUTERS/Ministry of Water/Handout)",
        ("(REUTERS/Ministry of Water/Handout)", None, "Reuters", "Ministry of Water"),
    ),
    ("Banjir. AP/Rina Dewi, Pool", ("AP/Rina Dewi, Pool", "Rina Dewi", "AP", None)),
    ("Foto: EPA via Getty Images/STR", ("Foto: EPA via Getty Images/STR", None, "EPA", None)),
    ("Banjir Foto: Rina Dewi/detikcom", ("Foto: Rina Dewi/detikcom", "Rina Dewi", "detikcom", None)),
    ("Banjir. tirto.id/Rina Dewi", ("tirto.id/Rina Dewi", "Rina Dewi", "tirto.id", None)),
    ("KOMPAS.com/RINA DEWI", ("KOMPAS.com/RINA DEWI", "Rina Dewi", "KOMPAS.com", None)),
    ("Banjir. (Dok. Polres Demak)", ("(Dok. Polres Demak)", None, None, "Polres Demak")),
    ("Banjir di Demak(Biro Pers Setda)", ("(Biro Pers Setda)", None, None, "Biro Pers Setda")),
    ("Banjir. (Rina Dewi)", ("(Rina Dewi)", None, None, None)),
    ("Banjir. (Foto Rina Dewi)", ("(Foto Rina Dewi)", "Rina Dewi", None, None)),
    ("Banjir. (Foto Rina Dewi/Antara)", ("(Foto Rina Dewi/Antara)", "Rina Dewi", "ANTARA", None)),
    ("Banjir. Foto oleh Rina Dewi", ("Foto oleh Rina Dewi", "Rina Dewi", None, None)),
    ("Banjir (BPMI Setpres/Rina Dewi)", ("(BPMI Setpres/Rina Dewi)", "Rina Dewi", None, "BPMI Setpres")),
    ("Banjir. (Yayasan Rina)", ("(Yayasan Rina)", None, None, "Yayasan Rina")),
    ("Banjir. (Newsstand/Rina Dewi)", ("(Newsstand/Rina Dewi)", "Rina Dewi", "Newsstand", None)),
    ("Banjir. (MI/RINA DEWI)", ("(MI/RINA DEWI)", "Rina Dewi", "MI", None)),
    ("Banjir. (Kremlin via Reuters)", ("(Kremlin via Reuters)", None, "Reuters", "Kremlin")),
    ("Banjir (ist)", ("(ist)", None, None, None)),
    ("Antre (3/6/2024). ANTARA FOTO/Rina Dewi/foc.", ("ANTARA FOTO/Rina Dewi/foc.", "Rina Dewi", "ANTARA", None)),
    ("Antre, Senin 3/6/2024. ANTARA FOTO/Rina Dewi", ("ANTARA FOTO/Rina Dewi", "Rina Dewi", "ANTARA", None)),
    ("Bupati (kiri) - ANTARA FOTO/Rina Dewi", ("ANTARA FOTO/Rina Dewi", "Rina Dewi", "ANTARA", None)),
    ("Banjir. ©2015 Merdeka.com/Rina Dewi", ("©2015 Merdeka.com/Rina Dewi", "Rina Dewi", "Merdeka.com", None)),
    ("Banjir. KOMPAS/RINA DEWI (RAD)", ("KOMPAS/RINA DEWI", "Rina Dewi", "KOMPAS", None)),
    ("Bupati Demak. Kyodo via REUTERS", ("Kyodo via REUTERS", None, "Kyodo", None)),
    ("Menteri Budi Raharja/RMOL", ("Menteri Budi Raharja/RMOL", None, "RMOL", None)),
    ("Budi Raharja/Net", ("Budi Raharja/Net", None, None, None)),
    ("Rina Dewi/AFP", ("Rina Dewi/AFP", "Rina Dewi", "AFP", None)),
    ("Banjir (Tangkapan layar TVRI)", ("(Tangkapan layar TVRI)", None, None, None)),
]


@pytest.mark.parametrize(("caption", "credit"), PHOTOS)
def test_the_end_of_a_caption_says_whose_picture_it_is(
    caption: str, credit: tuple[str, str | None, str | None, str | None]
) -> None:
    """Desk codes, Pool, STR and the body before "Handout" are no photographers."""
    assert read_photo_credit(caption) == PhotoCredit(*credit)


@pytest.mark.parametrize(
    "caption",
    [
        "Warga antre, Kamis (5/11)",
        "Warga antre, Kamis 5/11/2015",
        "Laga Persib/Persija",
        "Bupati (kiri) dan wakilnya (kanan)",
        "Kantor Badan Meteorologi (BMKG)",
        "Desa itu terendam. (Foto Udara)",
        "Pengunjung melihat foto oleh Rina Dewi.",
        "Banjir",
        "",
    ],
)
def test_a_caption_without_a_credit_has_none(caption: str) -> None:
    """Dates, sides and acronyms also come in brackets."""
    assert read_photo_credit(caption) is None


@pytest.mark.parametrize(
    ("name", "agency"),
    [
        ("ANTARA FOTO", "ANTARA"), ("LKBN Antara", "ANTARA"), ("Kyodo-OANA", "Kyodo"), ("dpa", "dpa"), ("AP", "AP"),
        ("ap", None), ("rtr", None), ("APTRI", None), ("Kompas", None), ("", None),
    ],
)  # fmt: skip
def test_wires_are_canonical_and_short_ones_count_in_capitals_only(name: str, agency: str | None) -> None:
    """ "ap" are initials."""
    assert canonical_agency(name) == agency


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("Rina Dewi, Budi Raharja dan I Made Arta", ("Rina Dewi", "Budi Raharja", "I Made Arta")),
        ("Pewarta: RINA DEWI", ("Rina Dewi",)),
        ("I-Made-Arta", ("I Made Arta",)),
        ("Budi Raharja, M.Si", ("Budi Raharja",)),
        ("Kontributor Kupang, Rina Dewi", ("Rina Dewi",)),
        ("Pewarta: 22", ()), ("prwir", ()), ("PR Wire", ()), ("Tim Redaksi", ()), ("Antara", ()), ("kompas.com", ()),
    ],
)  # fmt: skip
def test_people_are_named_in_full_or_not_at_all(names: str, expected: tuple[str, ...]) -> None:
    """Outlets, desks and numbers are no people."""
    assert people(names) == expected


CREDIT_LINES = [
    "Editor: Budi Raharja", "COPYRIGHT © ANTARA 2015", "(rin/bud)", "(H-4)", "Credit ANTARA News",
    "Sumber : kemenag.go.id", "Baca juga: Hujan turun di Kupang", "Laporan Wartawan Tribunnews.com, Rina Dewi",
    "Advertisement", "(*)", "Foto: AFP", "Baca juga: Apa itu hujan?", "Baca selengkapnya di sini.",
    "Video: Banjir di Kupang", "Sumber: diolah dari berbagai sumber",
    "ap/hp (Reuters, AFP)", "Yuk, Simak Juga Video ini!", "Follow Channel Telegram / WhatsApp",
    "(Rina Dewi) Artikel ini telah tayang di Kompas.com dengan judul Hujan",
]  # fmt: skip
TEXT_LINES = [
    "Hujan turun di Kupang.", "Kupang (ANTARA) - Hujan turun.", "Oleh karena itu, kami menolak", "Jawaban", "a.",
    "Penulis buku itu kecewa", "Menurut Reuters, hujan turun.", 'Kata dia: "Hujan turun." (AFP)', "Harga BBM",
    "km/jam (rata-rata)",
    "Sumber: dari BMKG, hujan turun di laut, kata dia.", "Copyright Act disahkan DPR pada 2015",
    "Hak cipta lagu itu dijual pada 2015", "Rina Dewi, jurnalis, mengatakan hujan turun.",
    "Laporan wartawan Kompas, Budi, menyebut hujan turun.", "Wartawan Tewas Ditembak", "Oleh Karena Itu",
    "Baca juga: Hujan turun. Warga Kupang mengungsi ke masjid.", "Baca juga buku itu di perpustakaan.",
    "Gabung partai baru, ia didemo", "Kunjungi rumah sakit itu, Presiden menangis", "ECHO | 3-0 | 6-1",
    "Jakarta Selatan terdapat dua kecamatan yang terdiri dari:", "Foto: hujan turun di Kupang sejak pagi, kata warga.",
    "Laporan Wartawan Tribunnews.com, Rina TRIBUNNEWS.COM, KUPANG - Hujan turun",
]  # fmt: skip


@pytest.mark.parametrize("paragraph", CREDIT_LINES)
def test_a_credit_line_is_recognised(paragraph: str) -> None:
    """It does not belong to the body."""
    assert is_credit_line(paragraph)


@pytest.mark.parametrize("paragraph", TEXT_LINES)
def test_a_line_of_text_is_never_a_credit(paragraph: str) -> None:
    """Subheads and sentences that name a source stay in the story."""
    assert not is_credit_line(paragraph)


PIECES = st.sampled_from(
    [*"()[]/|:-,.©", "Foto", "dok", "via", "Editor:", "Rina", "AP", "di", "Sumber", "oleh", "\n", "ANTARA"]
)


@given(
    text=st.one_of(st.text(), st.lists(PIECES, max_size=20).map(" ".join), st.lists(PIECES, max_size=20).map("".join))
)
def test_any_text_is_read_without_an_error(text: str) -> None:
    """Readers of credits never raise."""
    read_credits(text)
    read_photo_credit(text)
    is_credit_line(text)
    people(text)


@pytest.mark.parametrize(
    "piece", ["(", "Editor: ", "a/", "Foto: ", "dilansir ", "A B, ", "©", "laporan wartawan ", "- "]
)
def test_a_very_long_text_is_read_without_an_error(piece: str) -> None:
    """A text without line breaks is no credit line; test_linear.py measures the time."""
    text = piece * (100_000 // len(piece))
    read_credits(text)
    read_photo_credit(text)
    assert not is_credit_line(text)


@pytest.mark.shared
def test_photo_credits_of_antara_s_real_pages(shared: Path) -> None:
    """The labelled caption has the labelled credit."""
    labels = [
        json.loads(path.read_text(encoding="utf-8")) for path in sorted((shared / "labels").glob("antara-*.json"))
    ]
    captions = [label for label in labels if label["caption"]]
    assert captions
    for label in captions:
        assert read_photo_credit(label["caption"]) == PhotoCredit(**label["photo_credit"])
