"""Datelines: place and outlet are told apart in every house's form, and ordinary openings are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.normalise.datelines import read_dateline

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
]

NO_DATELINES = [
    "Jakarta-Cikampek macet total",
    "SURABAYA-MALANG ditempuh dua jam",
    "VIDEO - Banjir di Demak",
    "KPK - bukan yang lain - menahan dia",
    "Presiden Joko Widodo (Jokowi) - yang baru tiba - berkata",
    "Anak-anak bermain di tepi sungai",
    "Hujan turun - lagi - di Kupang",
    "Laporan Wartawan Tribunnews.com, Budi TRIBUNNEWS.COM, JAKARTA - Hujan",
    "",
]


@pytest.mark.parametrize(("paragraph", "place", "outlet", "rest"), DATELINES)
def test_a_dateline_gives_place_outlet_and_the_paragraph_without_it(
    paragraph: str, place: str | None, outlet: str | None, rest: str
) -> None:
    """The place in title case, the outlet as printed; `text` and the rest are the paragraph's own words."""
    dateline, left = read_dateline(paragraph)
    assert dateline is not None
    assert (dateline.place, dateline.outlet, left) == (place, outlet, rest)
    assert paragraph.startswith(dateline.text)
    assert paragraph.endswith(left)


@pytest.mark.parametrize("paragraph", NO_DATELINES)
def test_other_openings_are_left_alone(paragraph: str) -> None:
    """A road, a kicker, an acronym in brackets and a dash inside a sentence are no datelines."""
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
    ],
)
def test_the_gazetteer_places_it(
    paragraph: str, canonical: str | None, province: str | None, country: str | None
) -> None:
    """What stands after the comma decides between namesakes; an unknown place stays unplaced."""
    dateline, _ = read_dateline(paragraph)
    assert dateline is not None
    assert (dateline.canonical, dateline.province, dateline.country) == (canonical, province, country)


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from("-–(),. ABCabc"))))
def test_no_word_of_a_paragraph_is_lost(paragraph: str) -> None:
    """Dateline and rest together are the paragraph."""
    dateline, rest = read_dateline(paragraph)
    whole = paragraph if dateline is None else dateline.text + rest
    assert "".join(whole.split()) == "".join(paragraph.split())
