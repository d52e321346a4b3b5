"""Dates in running text: certain ones are found with their words and position, others are skipped."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reading.dates.found import find_dates

FRIDAY = date(2015, 12, 18)

FOUND = [
    ("Gempa itu terjadi Senin (7/12) pagi.", [("Senin (7/12) pagi", "2015-12-07", None)]),
    ("Rapat pada 7 dan 8 Desember batal.", [("7 dan 8 Desember", "2015-12-07", "2015-12-08")]),
    ("Lomba 7-9 Desember 2015 di Solo", [("7-9 Desember 2015", "2015-12-07", "2015-12-09")]),
    ("kata juru bicara pada Kamis.", [("pada Kamis", "2015-12-17", None)]),
    ("Ia akan tiba di Ambon pada Minggu dan Senin.", [("pada Minggu dan Senin", "2015-12-20", "2015-12-21")]),
    ("Harga akan naik, kata dia pada Kamis.", [("pada Kamis", "2015-12-17", None)]),
    ("Banjir surut di Demak, Kamis.", [("Kamis", "2015-12-17", None)]),
    ("ditangkap 7 Maret lalu di Kuta", [("7 Maret lalu", "2015-03-07", None)]),
    ("sejak Oktober 2014 ia", [("Oktober 2014", "2014-10", None)]),
    ("ditutup pada Oktober karena", [("pada Oktober", "2015-10", None)]),
    ("dibuka Oktober nanti.", [("Oktober nanti", "2016-10", None)]),
    ("dari Oktober 2014 hingga Januari 2015", [("Oktober 2014 hingga Januari 2015", "2014-10", "2015-01")]),
    ("libur 25 Desember.", [("25 Desember", "2015-12-25", None)]),
    ("Kirab Jumat Kliwon (18/12) malam", [("Jumat Kliwon (18/12) malam", "2015-12-18", None)]),
    (
        "Kamis (17/12) pukul 10.00 Wita dan Jumat (18/12)",
        [("Kamis (17/12) pukul 10.00 Wita", "2015-12-17T10:00:00+08:00", None), ("Jumat (18/12)", "2015-12-18", None)],
    ),
]

SKIPPED = [
    "Senin (8/12)",  # a misprint
    "Senin (8/12/2015) lalu",
    "Kamis (!7/12/2015)",
    "Misa pada Jumat Agung",
    "latihan setiap Senin",
    "buka tiap hari kecuali hari Minggu dan hari libur",
    "Senin, Selasa, dan Rabu",
    "Covid-19 Desember 2015",
    "skor 7/12 dan 3.1.4.15",
    "kemarin dan dua pekan lalu",
    "pada 23 April",  # of which year?
    "pada Mei",  # likewise
    "di Universitas 17 Agustus 1945 Surabaya",
    "tanggal 20 dan 25 Desember 2015",
    "pasal 7 ayat 12",
]


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_certain_dates_are_found_with_their_words_and_position(
    text: str, expected: list[tuple[str, str, str | None]]
) -> None:
    """The words are those at the position."""
    found = find_dates(text, reference=FRIDAY)
    assert [(each.mention.text, each.mention.date, each.mention.end) for each in found] == expected
    assert all(text[each.start : each.stop] == each.mention.text for each in found)


@pytest.mark.parametrize("text", SKIPPED)
def test_an_uncertain_date_is_skipped(text: str) -> None:
    """Contradictions, habits, names and numbers are no mentioned dates."""
    assert find_dates(text, reference=FRIDAY) == ()


@pytest.mark.parametrize("piece", ["Senin (7/12), ", "1/", "1.", "(", "hari ", "a'", "10 Juni - ", "1,2,3 ", "12.30 "])
def test_positions_are_right_throughout_a_long_text(piece: str) -> None:
    """Repeated pieces, and their neighbours; test_linear.py measures the time."""
    text = piece * (30_000 // len(piece))
    assert all(text[each.start : each.stop] == each.mention.text for each in find_dates(text, reference=FRIDAY))


@given(text=st.text(), reference=st.one_of(st.dates(), st.datetimes(timezones=st.just(timezone(timedelta(hours=9))))))
def test_any_text_is_searched_without_an_error(text: str, reference: date | datetime) -> None:
    """Every mention has its position, and nothing raises."""
    assert all(text[each.start : each.stop] == each.mention.text for each in find_dates(text, reference=reference))


@pytest.mark.shared
def test_the_first_clipping_of_the_project_mentions_three_dates(shared: Path) -> None:
    """Day and month in a caption, an interval, and a weekday alone, as of 18 December 2015."""
    text = next((shared / "seed").glob("*.txt")).read_text(encoding="utf-8")
    found = {(each.mention.date, each.mention.end) for each in find_dates(text, reference=FRIDAY)}
    assert {("2015-10-01", None), ("2015-12-20", "2015-12-21"), ("2015-12-17", None)} <= found
