"""Datelines: place and outlet in every publisher's form, and openings that are no datelines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading.credits.datelines import StoryOpening, read_dateline, read_opening

DATELINES = [
    ("Kupang (ANTARA News) - Hujan", "Kupang", "ANTARA News", "Hujan"),
    ("Mataram, NTB (ANTARA News) - Hujan", "Mataram, NTB", "ANTARA News", "Hujan"),
    ("ANKARA, 23 Februari 2016 (Antara/PRNewswire) --", "Ankara", "Antara/PRNewswire", ""),
    ("Jakarta, Dec 31, 2016 (Antara) - Rain", "Jakarta", "Antara", "Rain"),
    ("Tikrit, Irak, 29/4 – Hujan", "Tikrit, Irak", None, "Hujan"),
    ("Tokyo (Antara/Kyodo-OANA) - Hujan", "Tokyo", "Antara/Kyodo-OANA", "Hujan"),
    ("Roma (CB) - Hujan", "Roma", "CB", "Hujan"),
    ("KUPANG, KOMPAS.com – Hujan", "Kupang", "KOMPAS.com", "Hujan"),
    ("HO CHI MINH CITY, KOMPAS com- Hujan", "Ho Chi Minh City", "KOMPAS com", "Hujan"),
    ("KOMPAS.com - Hujan", None, "KOMPAS.com", "Hujan"),
    ("REPUBLIKA.CO.ID, WINA -- Hujan", "Wina", "REPUBLIKA.CO.ID", "Hujan"),
    ("TEMPO.CO,Kendari-Hujan", "Kendari", "TEMPO.CO", "Hujan"),
    ("Liputan6.com, Ambon -Hujan", "Ambon", "Liputan6.com", "Hujan"),
    ("POS-KUPANG.COM, RUTENG - Hujan", "Ruteng", "POS-KUPANG.COM", "Hujan"),
    ("TRIBUNNEWS.COM ANKARA,- Hujan", "Ankara", "TRIBUNNEWS.COM", "Hujan"),
    ("KONTAN.CO.ID - SEOUL. Hujan", "Seoul", "KONTAN.CO.ID", "Hujan"),
    ("jpnn.com - PALU -- Hujan", "Palu", "jpnn.com", "Hujan"),
    ("Jakarta, CNN Indonesia -- Hujan", "Jakarta", "CNN Indonesia", "Hujan"),
    ("Jakarta - Hujan", "Jakarta", None, "Hujan"),
    ("TELUKNAGA - Hujan", "Teluknaga", None, "Hujan"),
    ("Ankara (ANTARA) -", "Ankara", "ANTARA", ""),
    ("WASHINGTON DC, KOMPAS.com - Hujan", "Washington DC", "KOMPAS.com", "Hujan"),
    ("TRIBUN-MEDAN.com, MEDAN - Hujan", "Medan", "TRIBUN-MEDAN.com", "Hujan"),
    ("KONTAN.CO.ID - JAKARTA/SEOUL. Hujan", "Jakarta/Seoul", "KONTAN.CO.ID", "Hujan"),
    ("TRIBUNNEWS,COM - Hujan", None, "TRIBUNNEWS,COM", "Hujan"),
    ("Liputan6.com, BandungHujan turun", "Bandung", "Liputan6.com", "Hujan turun"),
    ("Surabaya, NU Online Jatim - Hujan", "Surabaya", "NU Online Jatim", "Hujan"),
    ("Jakarta (Antara Bali) - Hujan", "Jakarta", "Antara Bali", "Hujan"),
    ("KUPANG (3/6/2024) - Hujan", "Kupang", None, "Hujan"),
    ("Kupang (Senin, 3/6) -- Hujan", "Kupang", None, "Hujan"),
    ("KUPANG, KORAN FLOBAMORA (3/6) - Hujan", "Kupang", "KORAN FLOBAMORA", "Hujan"),
]

NO_DATELINES = [
    "Jakarta-Cikampek macet total",
    "SURABAYA-MALANG ditempuh dua jam",
    "VIDEO - Banjir di Demak",
    "INFO NASIONAL - Bank itu tumbuh",
    "PERSIB BANDUNG - Pelatih itu tersenyum",
    "KPK - bukan yang lain - menahan dia",
    "Presiden Joko Widodo (Jokowi) - yang baru tiba - berkata",
    "Anak-anak bermain di tepi sungai",
    "Hujan turun - lagi - di Kupang",
    "Laporan Wartawan Tribunnews.com, Budi TRIBUNNEWS.COM, JAKARTA - Hujan",
    "PSSI-nya Kupang marah",
    "TNI AL - bukan yang lain - menahan dia",
    "Indonesia - Malaysia berunding",
    "Kata Menteri di Jakarta (ANTARA) - itu",
    "",
]

OPENINGS = [
    (
        "Laporan Wartawan Tribunnews.com, Rina Dewi TRIBUNNEWS.COM, KUPANG - Hujan",
        "Laporan Wartawan Tribunnews.com, Rina Dewi", "Kupang", "TRIBUNNEWS.COM", "Hujan",
    ),
    ("Kita siap, Penajam Paser Utara (ANTARA) - Hujan", "Kita siap,", "Penajam Paser Utara", "ANTARA", "Hujan"),
    ("Hujan Lebat KOMPAS.com - Warga", "Hujan Lebat", None, "KOMPAS.com", "Warga"),
    ("Ambon (ANTARA) - Hujan", "", "Ambon", "ANTARA", "Hujan"),
]  # fmt: skip
NO_OPENINGS = [
    "Dia membacanya di KOMPAS.com - laman itu",
    "Menteri berkata di Jakarta (ANTARA) - itu saja",
    "Hujan turun sejak pagi.",
]


@pytest.mark.parametrize(("paragraph", "place", "outlet", "rest"), DATELINES)
def test_a_dateline_has_place_and_outlet_and_is_split_off(
    paragraph: str, place: str | None, outlet: str | None, rest: str
) -> None:
    """The place is in title case, the outlet as printed; `text` and the rest are the words of the paragraph."""
    dateline, left = read_dateline(paragraph)
    assert dateline is not None
    assert (dateline.place, dateline.outlet, left) == (place, outlet, rest)
    assert paragraph.startswith(dateline.text)
    assert paragraph.endswith(left)


@pytest.mark.parametrize(("paragraph", "before", "place", "outlet", "rest"), OPENINGS)
def test_text_before_a_dateline_is_split_off(
    paragraph: str, before: str, place: str | None, outlet: str, rest: str
) -> None:
    """Pages join a byline, headline or pull quote to it in one block."""
    opening = read_opening(paragraph)
    assert opening.dateline is not None
    assert (opening.before, opening.dateline.place, opening.dateline.outlet, opening.rest) == (
        before,
        place,
        outlet,
        rest,
    )


@pytest.mark.parametrize("paragraph", NO_OPENINGS)
def test_a_quoted_medium_is_no_dateline(paragraph: str) -> None:
    """The paragraph stays whole."""
    assert read_opening(paragraph) == StoryOpening("", None, paragraph)


@pytest.mark.parametrize("paragraph", NO_DATELINES)
def test_other_openings_are_no_datelines(paragraph: str) -> None:
    """Roads, kickers, acronyms in brackets and dashes in a sentence."""
    assert read_dateline(paragraph) == (None, paragraph)


@pytest.mark.parametrize(
    ("paragraph", "canonical", "province", "country"),
    [
        ("Mataram, NTB (ANTARA) -", "Mataram", "Nusa Tenggara Barat", "Indonesia"),
        ("KABUPATEN CIREBON, KOMPAS.com -", "Cirebon", "Jawa Barat", "Indonesia"),
        ("Moscow (ANTARA) -", "Moskow", None, "Rusia"),
        ("Idleb, Suriah (ANTARA) -", "Idlib", None, "Suriah"),
        ("Tripoli, Lebanon (ANTARA) -", "Tripoli", None, "Lebanon"),
        ("JAMBI -", "Jambi", "Jambi", "Indonesia"),
        ("Entahdimana (ANTARA) -", None, None, None),
        ("Jakarta/Tokyo (ANTARA) -", "Jakarta", "DKI Jakarta", "Indonesia"),
        ("SOLO, KOMPAS.com -", "Surakarta", "Jawa Tengah", "Indonesia"),
        ("Martapura (ANTARA) -", "Martapura", None, "Indonesia"),  # in Kalimantan and in Sumatera
        ("Martapura, Kalsel (ANTARA) -", "Martapura", "Kalimantan Selatan", "Indonesia"),
    ],
)
def test_the_gazetteer_locates_the_dateline(
    paragraph: str, canonical: str | None, province: str | None, country: str | None
) -> None:
    """The area after the comma decides between namesakes; an unknown place has no location."""
    dateline, _ = read_dateline(paragraph)
    assert dateline is not None
    assert (dateline.canonical, dateline.province, dateline.country) == (canonical, province, country)


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("-–(),. ABCabc"))))
def test_no_word_of_a_paragraph_is_lost(paragraph: str) -> None:
    """Dateline and rest make up the paragraph."""
    dateline, rest = read_dateline(paragraph)
    whole = paragraph if dateline is None else dateline.text + rest
    assert "".join(whole.split()) == "".join(paragraph.split())
    opening = read_opening(paragraph)
    whole = opening.before + (opening.dateline.text if opening.dateline else "") + opening.rest
    assert "".join(whole.split()) == "".join(paragraph.split())
