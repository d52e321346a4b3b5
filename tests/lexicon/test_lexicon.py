"""The tables of facts are complete and do not contradict each other."""

from __future__ import annotations

import re
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

import lexicon
from lexicon.calendar import DATE_WORDS, MONTHS, SHORT_MONTHS, SHORT_WEEKDAYS, WEEKDAYS, ZONES
from lexicon.credits import AGENCIES, AGENCY, OUTLETS, WORDS, alternation
from lexicon.places import PLACES, find_place
from lexicon.words import NAMES, STOP_WORDS
from sources import registry


def test_the_calendar_is_complete() -> None:
    """Every month and weekday has a name, and Indonesia's three zones their offsets."""
    assert set(MONTHS.values()) == set(range(1, 13))
    assert set(WEEKDAYS.values()) == set(range(1, 8))
    assert WEEKDAYS["jumat"] == WEEKDAYS["jumaat"] == 5
    assert WEEKDAYS["ahad"] == 7
    assert [zone.utcoffset(None) for name in ("wib", "wita", "wit") if (zone := ZONES[name]) is not None] == [
        timedelta(hours=hours) for hours in (7, 8, 9)
    ]


def test_no_word_of_the_calendar_has_two_roles() -> None:
    """One token has one letter: a word in two tables would lose one of its roles."""
    tables = [MONTHS, SHORT_MONTHS, WEEKDAYS, SHORT_WEEKDAYS, ZONES, DATE_WORDS]
    seen: dict[str, int] = {}
    for number, table in enumerate(tables):
        for word in table:
            # "minggu" is a weekday only with a capital; "mgg" abbreviates both
            assert seen.setdefault(word, number) == number or word in {"minggu", "mgg"}, word


def test_the_gazetteer_knows_every_province_and_its_short_name() -> None:
    """38 provinces (since 2022), each a place."""
    provinces = {place.province for place in PLACES.values() if place.country == "Indonesia" and place.province}
    assert len(provinces) == 38
    for short, name in {
        "NTB": "Nusa Tenggara Barat",
        "Jatim": "Jawa Timur",
        "DIY": "DI Yogyakarta",
        "Kepri": "Kepulauan Riau",
    }.items():
        place = find_place(short)
        assert place is not None
        assert place.province == name


@pytest.mark.parametrize(
    ("name", "country"),
    [("Moscow", "Rusia"), ("Kairo", "Mesir"), ("Washington D.C.", "Amerika Serikat"), ("Ende", "Indonesia")],
)
def test_places_are_found_by_any_spelling(name: str, country: str) -> None:
    """Dots and case do not count."""
    place = find_place(name.upper())
    assert place is not None
    assert place.country == country


def test_agencies_and_outlets_are_apart() -> None:
    """A name in both tables would be a wire for one reader and a medium for another."""
    assert not set(AGENCIES) & set(OUTLETS)
    assert set(AGENCIES.values()) >= {"ANTARA", "Reuters", "AFP", "AP", "Xinhua", "Anadolu", "BBC", "dpa", "Kyodo"}


def test_the_agency_antara_is_no_stop_word() -> None:
    """ "antara" is also a preposition; dropping it would lose the agency."""
    assert "antara" not in STOP_WORDS
    assert {"yang", "dan", "di"} <= STOP_WORDS
    assert {"antara", "prancis", "moskow", "jokowi"} <= NAMES
    assert not STOP_WORDS & NAMES


@pytest.mark.parametrize("table", ["stopwords.txt", "synonyms.tsv", "spellings.tsv", "stems.tsv", "capitals.tsv"])
def test_the_version_changes_with_any_table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, table: str) -> None:
    """An index records the version of the lexicon that it was made with."""
    copy = tmp_path / "lexicon"
    shutil.copytree(Path(lexicon.__file__).parent, copy)
    monkeypatch.setattr(lexicon, "_TABLES", copy)
    assert lexicon._version() == lexicon.VERSION
    with (copy / table).open("a") as words:
        words.write("baru\tbaru\n")
    assert lexicon._version() != lexicon.VERSION


def test_labels_without_a_colon_have_a_role() -> None:
    """The readers of lines look up the role of each."""
    roles = {word for role in ("author", "editor", "translator") for word in WORDS[role]}
    assert set(WORDS["without_colon"]) <= roles
    assert set(WORDS["within_a_line"]) <= set(WORDS["without_colon"])
    assert set(WORDS["copied"]) <= set(WORDS["not_names"])


@pytest.mark.parametrize(
    ("text", "whole"),
    [("foto oleh Rina", "foto oleh"), ("Pewarta  Foto: Rina", "Pewarta  Foto"), ("wartawan Rina", None)],
)
def test_an_alternation_prefers_the_longest_words(text: str, whole: str | None) -> None:
    """ "foto" does not hide "foto oleh", and any white space may be between words."""
    found = re.match(alternation("photo", "photographer"), text, re.IGNORECASE)
    assert (found and found.group()) == whole


@pytest.mark.parametrize(
    ("text", "agency"), [("AP/Rina", "AP"), ("ap/rina", None), ("getty images", "getty images"), ("Antara", "Antara")]
)
def test_short_agencies_count_in_capitals_only(text: str, agency: str | None) -> None:
    """ "ap" are initials."""
    found = re.match(AGENCY, text)
    assert (found and found.group()) == agency


def test_publishers_that_the_table_of_corrections_names_are_known() -> None:
    """Each stands there by its domain, and has a source file."""
    text = (Path(lexicon.__file__).parent / "corrections.toml").read_text(encoding="utf-8")
    comments = " ".join(line for line in text.splitlines() if line.startswith("#"))
    named = set(re.findall(r"\b[a-z0-9-]+(?:\.[a-z]{2,})+\b", comments))
    assert len(named) >= 4
    assert {each for each in named if registry.for_url(f"https://{each}/") is None} == set()
