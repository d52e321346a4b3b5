"""Synonyms: one name finds the others, abbreviations are told by their capitals, and what was typed ranks first."""

from __future__ import annotations

import pytest

from indexer.analysis.analyzer import exact_terms, stemmed_term
from indexer.contract import SearchIndex
from indexer.documents import Document
from indexer.nodes import And, Not, Or, Phrase, Synonyms, Word
from indexer.query import read
from indexer.synonyms import joined, notes, rules
from lexicon.synonyms import GROUPS, SPELLINGS
from tests.conftest import WIB
from tests.support.contract import ask
from tests.support.indexes import Filler, a_document

pytest_plugins = ["tests.support.elasticsearch.fixtures"]

TITLES = {
    "isis": "ISIS merebut kota di Moskow",
    "niis": "NIIS mengaku menyerang Moskwa",
    "daesh": "Daesh kalah di gurun",
    "is": "Kelompok IS menyerang Kabul",
    "is-band": "Lagu Love Is Blind direkam di Kabul",
    "islam": "Sebuah negara Islam di Asia",
    "as": "Presiden AS tiba di Manila",
    "usa": "Amerika Serikat kirim kapal ke Manila",
    "as-roda": "Montir ganti as roda truk di Manila",
    "ri": "Presiden RI melantik duta besar",
    "ri-person": "Pengusaha bernama Ri bertemu duta besar",
    "kpk": "KPK tahan bupati",
    "komisi": "Komisi Pemberantasan Korupsi geledah rumah bupati",
    "decoy": "Komisi bahas korupsi, pemberantasan nyamuk dan bupati",
    "ijin": "Pemkot mencabut ijin restoran",
    "izin": "Pemkot mengizinkan restoran buka",
    "rp10": "Anggaran jalan Rp10 triliun",
    "rp-10": "Anggaran jalan Rp 10 triliun cair",
    "rp2": "Anggaran jalan Rp2 triliun, baru 10 persen",
    "percent": "Tarif naik 20% mulai Maret",
    "persen": "Tarif turun 20 persen",
    "u23": "Timnas U23 putri gagal",
    "u-23": "Timnas U-23 lolos",
    "23": "Timnas cetak 23 gol, skuad U berubah",
    "august17": "Upacara bendera 17 Agustus di gunung",
    "august7": "Rapat 7 Agustus bahas upacara bendera dengan 17 camat",
    "clock": "Gempa terjadi pukul 18.30 di Bantul",
    "blow": "Warga Bantul dipukul orang tak dikenal",
    "agency": "Kantor berita Antara latih jurnalis",
    "between": "Perbedaan antara jurnalis dan pesohor",
    "innocent": "Hakim nyatakan terdakwa tidak bersalah",
    "guilty": "Hakim nyatakan terdakwa bersalah",
    "ministry": "Kementerian bagikan benih",
    "fish": "Ikan teri kering dan benih",
    "shy": "Remaja malu gagal ujian",
    "maluku": "Gempa guncang Maluku",
}
BY_TITLE = {title: name for name, title in TITLES.items()}


@pytest.fixture(scope="module")
def documents() -> list[Document]:
    return [a_document(at, title=title, body=("Berita.",)) for at, title in enumerate(TITLES.values(), start=1)]


@pytest.fixture(scope="module")
def news(fill: Filler, documents: list[Document]) -> SearchIndex:
    return fill(documents)


def found(index: SearchIndex, text: str) -> list[str]:
    """The names of the articles that have all words of a query, in order."""
    results = ask(index, text, limit=50)
    hits = results.hits if results.notes.with_all is None else results.hits[: results.notes.with_all]
    return [BY_TITLE[hit.title] for hit in hits]


@pytest.mark.parametrize(
    ("text", "expected", "first"),
    [
        ("ISIS Moskow", "isis niis", "isis"),
        ("NIIS Moskwa", "isis niis", "niis"),
        ("daesh", "isis niis daesh is", "daesh"),
        ("IS Kabul", "is", "is"),
        ("negara Islam", "islam", "islam"),
        ("kelompok IS", "is", "is"),
        ("AS Manila", "as usa", "as"),
        ("A.S. Manila", "as usa", "as"),
        ("amerika serikat manila", "as usa", "usa"),
        ("as roda", "as-roda", "as-roda"),
        ("Republik Indonesia duta besar", "ri", "ri"),
        ("RI duta besar", "ri", "ri"),
        ("ri duta besar", "ri ri-person", None),
        ("KPK bupati", "kpk komisi", "kpk"),
        ("komisi pemberantasan korupsi bupati", "komisi kpk decoy", None),
        ("izin restoran", "izin ijin", "izin"),
        ("ijin restoran", "izin ijin", "ijin"),
        ("Rp10 triliun", "rp10 rp-10", None),
        ("Rp 10 triliun", "rp10 rp-10", None),
        ("10 triliun jalan", "rp10 rp-10", None),
        ("tarif 20%", "percent persen", None),
        ("tarif 20 persen", "percent persen", None),
        ("17 Agustus upacara", "august17", None),
        ("upacara 7 agustus", "august7", None),
        ("timnas U-23", "u23 u-23", None),
        ("timnas u23", "u23 u-23", None),
        ("pukul 18.30 gempa", "clock", "clock"),
        ("memukul", "blow", "blow"),
        ("Antara jurnalis", "agency between", "agency"),
        ("tidak bersalah", "innocent", "innocent"),
        ('"tidak bersalah"', "innocent", "innocent"),
        ("menteri benih", "ministry", "ministry"),
        ("teri", "fish", "fish"),
        ("Maluku", "maluku", "maluku"),
        ("malu", "shy", "shy"),
        ("+NIIS", "niis", "niis"),
        ('"Amerika Serikat"', "usa", "usa"),
        ('"presiden ri"', "ri", "ri"),
        ('"presiden as"', "as", "as"),
        ('"as roda"', "as-roda", "as-roda"),
    ],
)
def test_other_names_are_found_below_what_was_typed(
    news: SearchIndex, text: str, expected: str, first: str | None
) -> None:
    names = found(news, text)
    assert sorted(names) == sorted(expected.split())
    assert first is None or names[0] == first


def test_the_answer_says_what_was_joined_and_how_to_have_the_word_alone(news: SearchIndex) -> None:
    notes_ = ask(news, "KPK bupati").notes
    assert [(each.word, each.others) for each in notes_.joined] == [("KPK", ("Komisi Pemberantasan Korupsi",))]
    assert "“KPK” is also searched as “Komisi Pemberantasan Korupsi”. +KPK searches for it alone." in notes_.sentences()
    assert ask(news, "+KPK bupati").notes.joined == ()


def test_other_names_are_highlighted(news: SearchIndex) -> None:
    hits = {BY_TITLE[hit.title]: hit.highlights for hit in ask(news, "KPK").hits}
    assert hits["komisi"]["title"] == ("<em>Komisi Pemberantasan Korupsi</em> geledah rumah bupati",)
    for text, title in {
        "AS manila": "Presiden <em>AS</em> tiba di <em>Manila</em>",
        "Amerika Serikat tiba": "Presiden <em>AS</em> <em>tiba</em> di Manila",
        "tarif 20 persen maret": "<em>Tarif</em> naik <em>20%</em> mulai <em>Maret</em>",
        "pukul 18.30 bantul": "Gempa terjadi <em>pukul 18.30</em> di <em>Bantul</em>",
    }.items():
        assert title in {hit.highlights["title"][0] for hit in ask(news, text).hits}


def test_a_query_as_typed_is_not_joined(news: SearchIndex) -> None:
    assert [BY_TITLE[hit.title] for hit in ask(news, "NIIS", as_typed=True).hits] == ["niis"]


# -- the tree ---------------------------------------------------------------------------------------------------------


def test_only_words_outside_quotes_and_negations_are_joined() -> None:
    assert joined(read('"ISIS" -KPK +AS', WIB)) == read('"ISIS" -KPK +AS', WIB)
    assert joined(read("ISIS OR Moskow", WIB)) == Or((joined(Word("ISIS")), joined(Word("Moskow"))))
    assert joined(Not(Word("ISIS"))) == Not(Word("ISIS"))
    assert joined(And((Phrase("a b"), Word("x")))) == And((Phrase("a b"), Word("x")))


def test_the_longest_name_is_one_unit() -> None:
    node = joined(read("Dewan Keamanan PBB bersidang", WIB))
    assert isinstance(node, And)
    assert [type(part) for part in node.parts] == [Synonyms, Word]


def test_a_joined_query_is_not_joined_again() -> None:
    for text in ("ISIS Moskow", "Rp 10 triliun", "timnas U-23", "covid-19", "presiden ri"):
        once = joined(read(text, WIB))
        assert joined(once) == once


def test_what_has_no_other_name_leaves_no_note() -> None:
    assert notes(joined(read("harga beras Rp10 ribu presiden ri Prabowo", WIB))) == ()


# -- the tables -------------------------------------------------------------------------------------------------------


def test_every_name_has_words_and_stands_in_one_group_only() -> None:
    seen: dict[tuple[str, ...], str] = {}
    for group in GROUPS:
        for name in group.names:
            terms = tuple(exact_terms(name))
            assert terms, name
            assert terms not in seen, name
            seen[terms] = name
        assert len(group.names) > 1 or group.besides


def test_a_spelling_belongs_to_one_word() -> None:
    stems = [stemmed_term(spelling.lower()) for spellings in SPELLINGS for spelling in set(spellings)]
    doubled = {stem for stem in stems if stems.count(stem) > 1}
    assert doubled <= {stemmed_term(spellings[0].lower()) for spellings in SPELLINGS}


def test_the_rules_for_kibana_have_no_stop_word_and_no_empty_side() -> None:
    listed = list(rules())
    assert len(listed) == len(set(listed)) > 300
    assert not [rule for rule in listed if not all(side.strip() for side in rule.replace("=>", ",").split(","))]
    assert not [rule for rule in listed if " dan " in rule]
