"""Credits by form, as Indonesian media and the agencies print them: pictures, bylines, sign-offs, datelines, nobody."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from archive.records import PhotoCredit
from reading.credits.reader import read_credits, read_photo_credit

RINA = "Rina Dewi"


def photo(
    photographer: str | None = None, *agency: str, handout: str | None = None, source: str | None = None
) -> dict[str, Any]:
    """The fields of a photo credit that are not empty."""
    fields = {"photographer": photographer, "agency": agency, "handout_of": handout, "source_credit": source}
    return {name: value for name, value in fields.items() if value}


def wrote(*authors: str, editors: tuple[str, ...] = (), source: str | None = None) -> dict[str, Any]:
    """The fields of a byline that are not empty."""
    fields = {"authors": authors, "editors": editors, "source_credit": source}
    return {name: value for name, value in fields.items() if value}


def opens(place: str | None, outlet: str | None = None) -> dict[str, Any]:
    """The fields of a dateline that are not empty."""
    return {name: value for name, value in (("dateline_place", place), ("dateline_agency", outlet)) if value}


PHOTOS = [
    # a label, with or without brackets and full stop
    ("Warga antre beras. (Foto: AFP/Rina Dewi)", photo(RINA, "AFP")),
    ("Warga antre beras (Foto: AFP/Rina Dewi).", photo(RINA, "AFP")),
    ("Warga antre beras (Foto: Reuters)", photo(None, "Reuters")),
    ("Ilustrasi (foto: Okezone)", photo(None, "Okezone", source="Okezone")),
    ("Ilustrasi/Foto: Okezone", photo(None, "Okezone", source="Okezone")),
    ("(Photo by Rina Dewi/Getty Images)", photo(RINA, "Getty Images")),
    ("(Photo by Rina Dewi / AFP)", photo(RINA, "AFP")),
    ("(Foto oleh Rina Dewi/AFP)", photo(RINA, "AFP")),
    ("Foto : Rina Dewi / Radar Bogor", photo(RINA, "Radar Bogor", source="Radar Bogor")),
    ("Foto: (Rina Dewi/detikcom)", photo(RINA, "detikcom", source="detikcom")),
    ("Foto/SINDOnews/Rina Dewi", photo(RINA, "SINDOnews", source="SINDOnews")),
    ("Kredit foto: Rina Dewi", photo(RINA)),
    # the wires
    ("AP Photo/Rina Dewi", photo(RINA, "AP")),
    (", saat timnya menang, Sabtu (28/1/2017). (AP Photo/Rina Dewi)", photo(RINA, "AP")),
    ("(AP Photo/Rina Dewi, File)", photo(RINA, "AP")),
    ("Banjir di Demak REUTERS/Rina Dewi", photo(RINA, "Reuters")),
    ("REUTERS/Rina Dewi/File Photo", photo(RINA, "Reuters")),
    ("AFP PHOTO / RINA DEWI", photo(RINA, "AFP")),
    ("AFP/RINA DEWI", photo(RINA, "AFP")),
    ("EPA-EFE/RINA DEWI", photo(RINA, "EPA")),
    ("(EPA-EFE/RINA DEWI/POOL)", photo(RINA, "EPA")),
    ("(Xinhua/Li Xin)", photo("Li Xin", "Xinhua")),
    ("Menara itu roboh /Xinhua", photo(None, "Xinhua")),
    ("Petani memanen padi (Xinhua)", photo(None, "Xinhua")),
    ("ANTARA FOTO/Rina Dewi/aww.", photo(RINA, "ANTARA") | {"initials": ("aww",)}),
    ("(ANTARA /Rina Dewi A.)", photo("Rina Dewi A.", "ANTARA")),
    ("(ANTARA FOTO/M Risal Dewi/wpa/rwa.)", photo("M Risal Dewi", "ANTARA") | {"initials": ("wpa", "rwa")}),
    ("ANTARA FOTO/FB Raharja/nz", photo("FB Raharja", "ANTARA") | {"initials": ("nz",)}),
    ("Warga antre. (ANTARA FOTO/IG Raharja)", photo("IG Raharja", "ANTARA")),
    ("Foto: FB Rina Dewi", photo(source="FB Rina Dewi")),  # an account
    ("(TRIBUN JABAR/RINA DEWI)", photo(RINA, "TRIBUN JABAR", source="TRIBUN JABAR")),
    ("Anadolu Agency/Rina Dewi", photo(RINA, "Anadolu")),
    ("Rina Dewi/PA Wire", photo(RINA, "PA")),
    # relayed and given
    ("Antre panjang. (Rina Dewi/PA via AP)", photo(RINA, "PA", "AP")),
    ("Polisi berjaga. (Rina Dewi/Pool Photo via AP)", photo(RINA, "AP")),
    ("(Photo by Rina Dewi/NurPhoto via Getty Images)", photo(RINA, "NurPhoto", "Getty Images")),
    ("Foto: AFP via Getty Images/RINA DEWI", photo(RINA, "AFP", "Getty Images")),
    ("(Norwegian Navy via AP)", photo(None, "AP", handout="Norwegian Navy")),
    ("Kapal karam. (Philippine Coast Guard via Reuters)", photo(None, "Reuters", handout="Philippine Coast Guard")),
    ("(Maxar via AP)", photo(None, "AP", handout="Maxar")),
    ("(Handout via REUTERS)", photo(None, "Reuters")),
    ("ANTARA/HO-Polda Jatim", photo(None, "ANTARA", handout="Polda Jatim")),
    ("(ANTARA/HO/Pemkot Malang)", photo(None, "ANTARA", handout="Pemkot Malang")),
    ("(Foto:Dok PSSI)", photo(None, handout="PSSI")),
    ("Foto: Dok. Kemenkes", photo(None, handout="Kemenkes")),
    ("Foto: Humas Polri", photo(None, handout="Humas Polri")),
    ("Foto: BPMI Setpres/Rina Dewi", photo(RINA, handout="BPMI Setpres")),
    ("(BPMI Setpres/Rina Dewi)", photo(RINA, handout="BPMI Setpres")),
    # the copyright sign
    ("© AFP", photo(None, "AFP")),
    ("Rina Dewi © AFP", photo(None, "AFP")),
    ("© AFP/Rina Dewi", photo(RINA, "AFP")),
    ("Stadion itu. © REUTERS/Rina Dewi", photo(RINA, "Reuters")),
    (
        "©2021 Merdeka.com/Rina Dewi",
        photo(RINA, "Merdeka.com", source="Merdeka.com") | {"copyright_year": 2021},
    ),
    # media: their name comes first
    ("(Liputan6.com/Rina Dewi)", photo(RINA, "Liputan6.com", source="Liputan6.com")),
    ("Warga antre. (KOMPAS.com/RINA DEWI)", photo(RINA, "KOMPAS.com", source="KOMPAS.com")),
    ("(CNN Indonesia/Rina Dewi)", photo(RINA, "CNN Indonesia", source="CNN Indonesia")),
    ("(MI/Rina Dewi)", photo(RINA, "MI", source="MI")),
    ("(JIBI/Bisnis/Rina Dewi)", photo(RINA, "JIBI", "Bisnis", source="JIBI")),
    ("TEMPO/ Rina Dewi", photo(RINA, "TEMPO", source="TEMPO")),
    ("Bisnis/Rina Dewi", photo(RINA, "Bisnis", source="Bisnis")),
    # illustrations, social networks, stock and unknown givers name nobody
    ("Foto: Ilustrasi oleh Rina Dewi", {}),
    ("Ilustrasi oleh Rina Dewi", {}),
    ("Ilustrasi: Rina Dewi/detikcom", photo(None, "detikcom", source="detikcom")),
    ("Infografis: Rina Dewi", {}),
    ("(Foto: Instagram)", {}),
    ("(YouTube/Rina TV)", {}),
    ("(Instagram/@rinadewi)", {}),
    ("Foto: Istimewa", {}),
    ("(Foto: Ist)", {}),
    ("Foto: dok. pribadi", {}),
    ("(Pixabay)", {}),
    ("Foto: Shutterstock", {}),
    ("Foto: Getty Images/iStock", photo(None, "Getty Images")),
    ("(Pexels/Rina Dewi)", photo(RINA)),
    ("Foto: iStock", {}),
]  # fmt: skip

BYLINES = [
    # on the date's line
    ("Oleh Rina Dewi pada 26 Apr 2021, 07:00 WIB", wrote(RINA)),
    ("Oleh: Rina Dewi, 3 Juni 2024", wrote(RINA)),
    ("Penulis: Rina Dewi Senin, 3 Juni 2024 14:05 WIB", wrote(RINA)),
    ("Rina Dewi | Senin, 3 Juni 2024 14:05 WIB", wrote(RINA)),
    ("Rina Dewi - Senin, 3 Juni 2024 14:05 WIB", wrote(RINA)),
    ("Senin, 3 Juni 2024 | 14:05 WIB | Rina Dewi", wrote(RINA)),
    ("Senin, 3 Juni 2024 14:05 WIB Penulis: Rina Dewi | Editor: Budi Raharja", wrote(RINA, editors=("Budi Raharja",))),
    ("3 Juni 2024 14:05 oleh Rina Dewi", wrote(RINA)),
    ("Posted on 3 Juni 2024 by Rina Dewi", wrote(RINA)),
    ("Posted by Rina Dewi on June 3, 2024", wrote(RINA)),
    ("Diposting oleh Rina Dewi di 06.45", wrote(RINA)),
    ("Author Rina DewiPosted on 3 Juni 2024", wrote(RINA)),
    # labels in any case and with any mark
    ("Editor. Budi Raharja", wrote(editors=("Budi Raharja",))),
    ("Editor – Budi Raharja", wrote(editors=("Budi Raharja",))),
    ("editor: rina dewi", wrote(editors=(RINA,))),
    ("EDITOR : RINA DEWI / BUDI RAHARJA", wrote(editors=(RINA, "Budi Raharja"))),
    ("by rina dewi", wrote(RINA)),
    ("Ditulis oleh: Rina Dewi", wrote(RINA)),
    # two roles, two people
    ("Penulis/Editor: Rina Dewi/Budi Raharja", wrote(RINA, editors=("Budi Raharja",))),
    ("Reporter & Editor: Rina Dewi", wrote(RINA, editors=(RINA,))),
    ("Reporter : Rina Dewi / Editor : Budi Raharja", wrote(RINA, editors=("Budi Raharja",))),
    ("Rep: rina/ Red: budi raharja", wrote(editors=("Budi Raharja",))),
    ("Naskah: Rina Dewi, Foto: Budi Raharja", wrote(RINA) | {"photographer": "Budi Raharja"}),
    # initials, degrees and roles around a name
    ("Penulis: Bambang S.", wrote("Bambang S.")),
    ("Oleh Rina Dewi dan Bambang S.", wrote(RINA, "Bambang S.")),
    ("Oleh: Dr. Rina Dewi, M.Si.", wrote("Dr. Rina Dewi")),
    ("Penulis: Rina Dewi, Mahasiswa Universitas Negeri", wrote(RINA)),
    ("Penulis: Rina Dewi (Guru SMA 1)", wrote(RINA)),
    ("Rina Dewi, Wartawan Ekonomi", wrote(RINA)),
    ("Rina Dewi (Kontributor Kendari)", wrote(RINA)),
    # sign-offs: Tribun puts its edition first, others the name
    ("(TribunSolo.com/Rina Dewi)", wrote(RINA, source="TribunSolo.com")),
    ("(tribunnews.com/rina dewi)", wrote(RINA, source="tribunnews.com")),
    ("(Rina Dewi/BolaSport)", wrote(RINA, source="BolaSport")),
]  # fmt: skip

NOBODY = [
    "Editor Choice", "Editor's Choice", "Pilihan Editor", "Oleh Persaingan Harga", "By Toggle", "Penulis Persaingan",
    "Red: Menu", "Editor: Tim Redaksi", "By Admin", "by Redaksi - 3 Juni 2024", "Author Warta BaliPosted on",
    "Oleh Liputan6.com pada 18 Jan 2019, 22:18 WIB", "Jurnalis Palestina Gugur", "Wartawan Dipukuli Aparat",
    "Reporter Cantik", "Oleh Karena Itu", "AZF", "(AZF)", "(rs616)", "Gubernur soal Warga Sindir Camat:",
    "Ketua Komisi Intan Raya:", "ENAM PLUS:", "(@bupatidemak)", "(Membuka di jendela yang baru)", "(kedua kiri)",
    "(Foto Kiri)", "Senin, 3 Juni 2024 - 14:05 WIB", "Tim Redaksi", "Bali: sepuluh desa", "Bandung: hujan ringan",
]  # fmt: skip

CODES = [
    ("(Goal/Sat/R-1)", {"source_credit": "Goal", "initials": ("R-1",)}),
    ("(Ant/OL-1)", {"initials": ("Ant", "OL-1")}),
    ("(rin/jpnn)", {"initials": ("rin", "jpnn")}),
    ("(rin/*)", {"initials": ("rin",)}),
    ("[rin]", {"initials": ("rin",)}),
]

RAIN = "Hujan deras turun sejak pagi dan warga mengungsi ke balai desa."
DATELINES = [
    (f"Jakarta: {RAIN}", opens("Jakarta")),
    ("Jakarta:", opens("Jakarta")),
    ("Metrotvnews.com, Jakarta:", opens("Jakarta", "Metrotvnews.com")),
    (f"KBRN, Kupang: {RAIN}", opens("Kupang", "KBRN")),
    (f"KBRN, Kupang : {RAIN}", opens("Kupang", "KBRN")),
    (f"JAKARTA (Suara Karya): {RAIN}", opens("Jakarta", "Suara Karya")),
    ("INILAHCOM, Jakarta -", opens("Jakarta", "INILAHCOM")),
    ("Liputan6, Ambon -", opens("Ambon", "Liputan6")),
    ("JAKARTA, KOMPAScom -", opens("Jakarta", "KOMPAScom")),
    ("Jakarta, CNN Indonesia", opens("Jakarta", "CNN Indonesia")),
    ("Merdeka.com -", opens(None, "Merdeka.com")),
    ("KUPANG, TIMEX-", opens("Kupang", "TIMEX")),
    ("PALU, MERCUSUAR -", opens("Palu", "MERCUSUAR")),
    ("MOSKOW, SENIN -", opens("Moskow")),
    ("Arrahmah.com (Kupang) -", opens("Kupang", "Arrahmah.com")),
    ("SURYA.co.id | SURABAYA -", opens("Surabaya", "SURYA.co.id")),
    ("BANDUNG, (PRLM).-", opens("Bandung", "PRLM")),
    (f"Jakarta--{RAIN}", opens("Jakarta")),
]


@pytest.mark.parametrize(("text", "expected"), [*PHOTOS, *BYLINES, *CODES, *DATELINES])
def test_each_form_of_a_credit_fills_its_fields_and_no_others(text: str, expected: dict[str, Any]) -> None:
    """Whoever took a picture is never an author, and whoever gave it never a photographer."""
    found = {name: value for name, value in asdict(read_credits(text)).items() if value not in (None, ())}
    assert found == expected


@pytest.mark.parametrize("text", NOBODY)
def test_text_that_only_stands_like_a_credit_credits_nobody(text: str) -> None:
    """Menu words, headlines, desks and codes after a label or in brackets."""
    found = {name: value for name, value in asdict(read_credits(text)).items() if value not in (None, ())}
    assert found == {}


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        (
            "Kapal berlabuh, 4 Juli 2022. REUTERS/Rina Dewi/File Photo ATTENTION EDITORS - THIS IMAGE WAS PROVIDED BY A"
            " THIRD PARTY.",
            ("REUTERS/Rina Dewi/File Photo", RINA, "Reuters", None),
        ),
        ("Kapal berlabuh. (REUTERS/Rina Dewi - EDITORIAL USE ONLY)", ("(REUTERS/Rina Dewi)", RINA, "Reuters", None)),
        ("Kapal berlabuh. REUTERS/Rina Dewi TPX IMAGES OF THE DAY", ("REUTERS/Rina Dewi", RINA, "Reuters", None)),
        (
            "Kapal berlabuh. AFP/Rina Dewi (Catatan untuk editor: hanya untuk berita)",
            ("AFP/Rina Dewi", RINA, "AFP", None),
        ),
        ("Kapal berlabuh (ANTARA /Rina Dewi A.)", ("(ANTARA /Rina Dewi A.)", "Rina Dewi A.", "ANTARA", None)),
        ("Bambang S./AFP", ("Bambang S./AFP", "Bambang S.", "AFP", None)),
        ("Kapal berlabuh di Paotere REUTERS/Rina Dewi", ("REUTERS/Rina Dewi", RINA, "Reuters", None)),
        ("Kapal berlabuh /Xinhua", ("/Xinhua", None, "Xinhua", None)),
        ("Kapal berlabuh. (Norwegian Navy via AP)", ("(Norwegian Navy via AP)", None, "AP", "Norwegian Navy")),
        ("Kapal berlabuh. (Rina Dewi via AP)", ("(Rina Dewi via AP)", None, "AP", None)),
        ("Ilustrasi: Rina Dewi/detikcom", ("Ilustrasi: Rina Dewi/detikcom", None, "detikcom", None)),
        ("Kapal berlabuh. (YouTube/Rina TV)", ("(YouTube/Rina TV)", None, None, None)),
    ],
)
def test_a_caption_s_credit_ends_before_a_notice_and_keeps_a_name_s_dot(
    caption: str, credit: tuple[str, str | None, str | None, str | None]
) -> None:
    """Notices to editors are no part of it; a person before "via" may have taken or given the picture."""
    assert read_photo_credit(caption) == PhotoCredit(*credit)


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("Suasana pasar. Kredit: Rina Dewi", PhotoCredit("Kredit: Rina Dewi", RINA)),
        ("Suasana pasar. Kredit: AFP.", PhotoCredit("Kredit: AFP", None, "AFP")),
        ("Suasana pasar (Kredit: Rina Dewi/AFP)", PhotoCredit("(Kredit: Rina Dewi/AFP)", RINA, "AFP")),
        ("Suasana pasar. Credit: Rina Dewi/AFP", PhotoCredit("Credit: Rina Dewi/AFP", RINA, "AFP")),
        ("Kredit Foto: BPMI Setpres", PhotoCredit("Kredit Foto: BPMI Setpres", None, None, "BPMI Setpres")),
        ("Suasana pasar. Photo credit: Rina Dewi", PhotoCredit("Photo credit: Rina Dewi", RINA)),
        ("Suasana pasar. Kredit: Istimewa", PhotoCredit("Kredit: Istimewa")),
    ],
)
def test_a_caption_ends_in_a_credit_with_its_label(caption: str, credit: PhotoCredit) -> None:
    """The label is no photographer: "Credit" was one before "Rina Dewi/AFP"."""
    assert read_photo_credit(caption) == credit


@pytest.mark.parametrize(
    "caption",
    [
        "Penyaluran kredit: BRI",
        "Kredit: bank menambah",
        "Nasabah bertanya. Kredit: naik lima persen sejak Juni",
        "Nasabah di loket Kredit: Rina Dewi",
    ],
)
def test_a_loan_is_no_credit(caption: str) -> None:
    """ "Kredit" is a loan too, so a credit's label begins a sentence with a capital and names somebody."""
    assert read_photo_credit(caption) is None


@pytest.mark.parametrize("site", ["Freepik", "Freepik.com", "Shutterstock"])
def test_a_domain_behind_a_stock_site_is_its_user_and_no_medium(site: str) -> None:
    """But a medium of the lexicon stays one."""
    credit = f"({site}/pelitakota.com)"
    assert read_photo_credit(f"Ilustrasi tidur {credit}") == PhotoCredit(credit)
    assert read_photo_credit(f"Ilustrasi tidur ({site}/Kompas.com)") == PhotoCredit(
        f"({site}/Kompas.com)", None, "Kompas.com"
    )
