"""From text to terms: word boundaries, folding, stop words, names and stems, as in Lucene's analyzer."""

from __future__ import annotations

import gzip
import json
import time
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indexer.analysis import analyzer, words
from indexer.analysis.analyzer import (
    GAP,
    exact_terms,
    exact_tokens,
    fold,
    pretokenized,
    stemmed_term,
    stemmed_terms,
    stemmed_tokens,
)
from indexer.analysis.characters import replaced
from indexer.analysis.stemming import stem
from lexicon.words import FREQUENT, NAMES, RESIDUES, ROOTS, STOP_WORDS
from tests.support.machine import assert_cheap


@pytest.mark.parametrize(
    ("word", "expected"),
    [  # measured with Lucene's IndonesianAnalyzer, with its mistakes: both engines must make the same ones
        ("berita", "ita"),
        ("pemberitaan", "ita"),
        ("memberitakan", "ita"),
        ("diberitakan", "ita"),
        ("beritanya", "ita"),
        ("menteri", "teri"),
        ("kementerian", "menteri"),
        ("ekonomi", "ekonom"),
        ("perekonomian", "ekonomi"),
        ("masalah", "masa"),
        ("permasalahan", "masalah"),
        ("sekolah", "seko"),
        ("pilihan", "pilih"),
        ("dipilih", "pilih"),
        ("memilih", "ilih"),
        ("pemilihan", "ilih"),
        ("pemilu", "ilu"),
        ("penembakan", "tembak"),
        ("menembak", "embak"),
        ("menumpas", "umpas"),
        ("penumpasan", "tumpas"),
        ("menyapu", "sapu"),
        ("menuduh", "uduh"),
        ("belajar", "ajar"),
        ("pelajar", "ajar"),
        ("bekerja", "kerja"),
        ("terorisme", "orisme"),
        ("jokowi", "jokow"),
        ("pertamina", "tamina"),
        ("isis", "isis"),
        ("moskow", "moskow"),
        ("rusia", "rusia"),
        ("kpk", "kpk"),
        ("", ""),
    ],
)
def test_the_stemmer_returns_the_same_stems_as_lucene(word: str, expected: str) -> None:
    assert stem(word) == expected


@given(st.text(alphabet="abdegiklmnoprstuy", max_size=14))
def test_a_stem_is_never_longer_than_its_word_and_never_empty(word: str) -> None:
    assert len(stem(word)) <= len(word)
    assert bool(stem(word)) == bool(word)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("anti-ISIS, COVID-19 (U-20)", ["anti", "isis", "covid", "19", "u", "20"]),
        ("www.antaranews.com/berita/1.html", ["www.antaranews.com", "berita", "1", "html"]),
        ("Rp1.250,5 pukul 18.30 dan 18:30", ["rp", "1250,5", "pukul_", "18.30", "dan", "18", "30"]),
        ("nama_file x:y a..b S.H., M.H.", ["nama_file", "x:y", "a", "b", "s.h", "m.h"]),
        ("___ - ' .", []),
        ("日本 カタカナ 한국어 ภาษาไทย", ["日", "本", "カタカナ", "한국어", "ภาษาไทย"]),
        ("cafe\u0301 ½ ©Antara 👍🏽 🇮🇩", ["cafe\u0301", "©", "antara", "👍🏽", "🇮🇩"]),
        ("sebelum\x00sesudah\ud800lagi", ["sebelum", "sesudah", "lagi"]),
    ],
)
def test_words_are_split_as_by_lucenes_standard_tokenizer(text: str, expected: list[str]) -> None:
    assert exact_terms(text) == expected


def test_a_word_of_more_than_255_characters_is_split_as_by_lucene() -> None:
    assert [len(word) for word in exact_terms("x" * 600)] == [255, 255, 90]
    assert [token.end - token.start for token in exact_tokens("x" * 600)] == [255, 255, 90]


@pytest.mark.parametrize("sign", ["'", "’", "‘", "`", "´", "ʼ"])
def test_the_word_jumat_is_the_same_with_every_apostrophe(sign: str) -> None:
    assert exact_terms(f"Jum{sign}at (1/10)") == ["jumat", "1", "10"]


def test_quotation_marks_around_a_word_are_not_part_of_it() -> None:
    assert exact_terms("‘damai’ 'perang' “kata”") == ["damai", "perang", "kata"]


def test_stop_words_leave_their_position_empty_and_the_name_of_the_agency_is_not_one() -> None:
    assert [(token.text, token.position) for token in stemmed_tokens("Moskow dan di Paris")] == [
        ("moskow", 0),
        ("paris", 3),
    ]
    assert stemmed_terms("yang") == []
    assert stemmed_terms("Antara") == ["antara"]


def test_protected_names_are_not_stemmed() -> None:
    assert [stemmed_terms(name) for name in ("Jokowi", "Maluku", "Kediri")] == [["jokowi"], ["maluku"], ["kediri"]]
    assert stemmed_terms("diberitakan") == stemmed_terms("memberitakan")


@pytest.mark.parametrize(
    ("root", "words_"),
    [
        ("menteri", "menteri Kementerian kementeriannya menterinya"),
        ("teri", "teri terinya"),
        ("pilih", "memilih pemilihan pilihan terpilih pemilih"),
        ("pemilu", "pemilu pemilunya"),
        ("pukul", "memukul pemukulan dipukul pukulan"),
        ("berita", "berita pemberitaan memberitakan diberitakan beritanya"),
        ("ajar", "mengajar pelajaran belajar pembelajaran"),
        ("tani", "petani pertanian"),
        ("tanya", "pertanyaan bertanya menanyakan"),
        ("teror", "teroris terorisme"),
        ("desak", "desakan mendesak didesak"),
        ("desa", "desa pedesaan"),
        ("sekolah", "sekolah bersekolah"),
        ("masalah", "masalah permasalahan bermasalah"),
        ("ekonomi", "ekonomi perekonomian"),
        ("maluku", "Maluku"),
        ("malu", "malu memalukan"),
    ],
)
def test_the_words_of_a_family_have_one_term(root: str, words_: str) -> None:
    assert {word: stemmed_terms(word) for word in words_.split()} == {word: [root] for word in words_.split()}


def test_every_root_of_the_tables_leads_to_itself_and_no_name_to_another_word() -> None:
    roots = {*ROOTS.values(), *RESIDUES.values()}
    assert [root for root in roots - STOP_WORDS if stemmed_term(root) != root] == []
    assert [name for name in NAMES - STOP_WORDS if stemmed_term(name) != name] == []


def test_a_frequent_word_that_is_protected_in_elasticsearch_is_its_own_stem() -> None:
    assert [word for word in FREQUENT if stemmed_term(word) != word] == []
    assert not FREQUENT & {*NAMES, *ROOTS.values(), *RESIDUES.values()}


def test_a_word_that_negates_has_a_term() -> None:
    assert stemmed_terms("tidak bukan tak belum jangan tanpa") == "tidak bukan tak belum jangan tanpa".split()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("AS dan as roda (A.S.) AS-Rusia", ["as_", "dan", "as", "roda", "as_", "as_", "rusia"]),
        ("IS is Is US us RI Ri WHO who", "is_ is is us_ us ri_ ri who_ who".split()),
        ("ASEAN RISI AS4 A.SS AS's", ["asean", "risi", "as4", "a.ss", "ass"]),
        ("Rp10 triliun, Rp 10 triliun, Rp.10 triliun", 3 * ["rp", "10", "triliun"]),
        ("20% dan 20 persen, 2,5%", ["20", "persen", "dan", "20", "persen", "2,5", "persen"]),
        ("US$10 juta", ["usd", "10", "juta"]),
        ("1.250 ton, 1250 ton, 1.250.000,5 17.45 8.2024", "1250 ton 1250 ton 1250000,5 17.45 8.2024".split()),
        ("Pukul 07.00 hingga pukul 18.30; dipukul 3 kali", "pukul_ 07.00 hingga pukul_ 18.30 dipukul 3 kali".split()),
        ("DIPUKUL 3 kali, PUKUL 7, Terpukul 2", "dipukul 3 kali pukul_ 7 terpukul 2".split()),
        ("1.2.345 12.345.67 1.250.0000 no.123 x1.250", "1.2345 12345.67 1250.0000 no 123 x1250".split()),
        ("kata''lain a'1 Qur`an", ["katalain", "a1", "quran"]),
        ("terpukul 2 gol, memukul 2 orang, pukul dua", "terpukul 2 gol memukul 2 orang pukul dua".split()),
    ],
)
def test_abbreviations_in_capitals_amounts_and_clock_times_have_terms_of_their_own(
    text: str, expected: list[str]
) -> None:
    assert exact_terms(text) == expected
    assert split_at_spaces(pretokenized([text])[1]) == expected


def test_offsets_point_at_the_words_in_the_original_text() -> None:
    text = "İstanbul: ‘Jum’at’ ΣΑΣ"
    assert [text[token.start : token.end] for token in exact_tokens(text)] == ["İstanbul", "Jum’at’", "ΣΑΣ"]
    assert [token.text for token in exact_tokens(text)] == ["istanbul", "jumat", "σασ"]
    text = "Rp10 naik 20% pukul 18.30 di AS"
    assert [text[token.start : token.end].strip() for token in exact_tokens(text)] == (
        ["Rp", "10", "naik", "20", "%", "pukul", "18.30", "di", "AS"]
    )


def split_at_spaces(text: str) -> list[str]:
    """The terms, split as the engine splits them."""
    return [term for term in text.split(" ") if term]


@pytest.mark.parametrize("sign", ["", " –", " é"])
def test_pretokenized_text_has_a_gap_between_paragraphs_only_in_the_exact_terms(sign: str) -> None:
    stemmed, exact = pretokenized(["Menteri di Moskow." + sign, "Jum'at \0"])
    more = ["é"] if sign == " é" else []
    assert split_at_spaces(exact) == ["menteri", "di", "moskow", *more, GAP, "jumat"]
    assert split_at_spaces(stemmed) == ["menteri", "moskow", *more, "jumat"]


def test_the_term_cache_is_bounded_and_changes_no_term(monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps at most two generations of words, and no very long ones, as in an image pasted as text."""
    monkeypatch.setattr(analyzer, "CACHE_WORDS", 3)
    stems, exacts = analyzer._TermCache(analyzer._stems), analyzer._TermCache(analyzer._exact)
    monkeypatch.setattr(analyzer, "_STEMS", stems)
    monkeypatch.setattr(analyzer, "_EXACT", exacts)
    text = (
        "Menteri, di Moskow: anti-ISIS - Jum'at menteri, di Paris, rock'n'roll 10.30 www.kliping.example: " + "x" * 300
    )
    for _ in range(3):
        stemmed, exact = pretokenized([text, text])
        assert split_at_spaces(exact) == [*exact_terms(text), GAP, *exact_terms(text)]
        assert split_at_spaces(stemmed) == 2 * stemmed_terms(text)
    for cache in (stems, exacts):
        assert 0 < len(cache) <= 3
        assert 0 < len(cache._old) <= 3
        assert max(map(len, [*cache, *cache._old])) <= words.LONGEST


@given(st.lists(st.text(alphabet="aB19.,:;!?'-_/()[]#*\" \n\0\x1c\xa0\u202fé\u0301“–", max_size=12), max_size=3))
def test_pretokenized_text_has_the_same_terms_as_each_paragraph_alone(paragraphs: list[str]) -> None:
    stemmed, exact = pretokenized(paragraphs)
    parts = [exact_terms(paragraph) for paragraph in paragraphs]
    assert split_at_spaces(exact) == [term for part in parts for term in (GAP, *part)][1:]
    assert split_at_spaces(stemmed) == [term for paragraph in paragraphs for term in stemmed_terms(paragraph)]


@given(st.text())
def test_all_functions_return_the_same_terms_for_any_text(text: str) -> None:
    tokens = exact_tokens(text)
    assert len(fold(text)) == len(text)
    assert [token.text for token in tokens] == exact_terms(text)
    assert [token.text for token in stemmed_tokens(text)] == stemmed_terms(text)
    stemmed, exact = pretokenized([text])
    assert split_at_spaces(exact) == exact_terms(text)
    assert (
        split_at_spaces(stemmed)
        == stemmed_terms(text)
        == [term for term in map(stemmed_term, exact_terms(text)) if term != GAP]
    )
    assert [token.position for token in tokens] == list(range(len(tokens)))


@given(st.text(alphabet=st.characters(max_codepoint=0x2FF), max_size=60))
@example("®\xad")  # a format character belongs to the symbol before it
def test_the_latin_pattern_splits_words_like_the_full_one(text: str) -> None:
    assert words._pattern(words.LATIN).findall(text) == words._pattern(0x110000).findall(text)


def test_a_very_long_text_without_spaces_is_tokenized_quickly() -> None:
    began = time.process_time()
    for text in ("a." * 500_000, "1," * 500_000, "_" * 1_000_000, "a'" * 500_000, "\u0301" * 500_000):
        exact_terms(text)
    assert_cheap(began, 5)


@pytest.mark.shared
def test_real_texts_keep_every_letter_and_digit(shared: Path) -> None:
    """No letter of a real article is lost between two words."""
    with gzip.open(shared / "corpus" / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in islice(lines, 300):
            body = fold(replaced(json.loads(line)["body"])).replace("'", "")
            terms = "".join(exact_terms(body))
            assert letters_of(terms) == letters_of(body)


def letters_of(text: str) -> list[str]:
    return [sign for sign in text if sign.isalpha() or sign.isdecimal()]
