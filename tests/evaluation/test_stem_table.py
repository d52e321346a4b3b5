"""The tables of roots: what is taken up out of an archive's words, and what is left to the stemmer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation.stem_table.__main__ import all_roots, main
from evaluation.stem_table.choose import Roots, Table, names_to_keep, roots_of, table
from evaluation.stem_table.morphology import analyses, derived
from evaluation.stem_table.vocabulary import PrintedWords, of_articles, read_lines
from indexer.analysis.stemming import stem

ROOTS = frozenset("pukul tulis ajar kunjung unjung desa desak kerja rasa sapu tani daya masuk ikan beri".split())


@pytest.mark.parametrize(
    ("word", "root"),
    [
        ("memukul", "pukul"),
        ("pemukulannya", "pukul"),
        ("menulisi", "tulis"),
        ("belajar", "ajar"),
        ("bekerja", "kerja"),
        ("terasa", "rasa"),
        ("menyapukan", "sapu"),
        ("kupukul", "pukul"),
        ("mukul", "pukul"),
        ("pemberdayaan", "daya"),
        ("berpengunjung", "kunjung"),
        ("pukulanmukah", "pukul"),
    ],
)
def test_affixes_and_clitics_are_taken_away(word: str, root: str) -> None:
    assert root in {each.root for each in analyses(word, ROOTS)}


def test_affixes_that_exclude_each_other_are_not_taken_together() -> None:
    assert "ikan" not in {each.root for each in analyses("diikanan", ROOTS)}
    assert [each.root for each in analyses("tahu", ROOTS)] == []


def test_the_forms_of_a_root_lose_its_first_letter_to_a_prefix() -> None:
    forms = {form for form, _ in derived("pukul")}
    assert {"memukul", "memukuli", "pemukulan", "dipukul", "terpukul", "pukulan", "mukul", "berpemukul"} <= forms
    assert "mengecek" in {form for form, _ in derived("cek")}
    assert "menstabilkan" in {form for form, _ in derived("stabil")}


def test_a_word_that_is_mostly_capitalised_within_sentences_is_a_name() -> None:
    vocabulary = of_articles([("Judul Dengan Maluku", "Gempa di Maluku. Ia ke Maluku dan malu. Hal itu. Hal lain.")])
    assert vocabulary.is_name("maluku")
    assert not vocabulary.is_name("malu")
    assert not vocabulary.is_name("hal")  # only at beginnings of sentences
    assert vocabulary.articles["dengan"] == 1


def test_words_that_a_source_cut_short_are_known() -> None:
    vocabulary = of_articles([("", "keuangan daerah")] * 8 + [("", "keuanga daerah")])
    assert vocabulary.cut_short() == {"keuanga"}


@pytest.fixture
def roots() -> Roots:
    """A small dictionary, and a stemmer that takes the first analysis."""
    return Roots(ROOTS, lambda word: next((each.root for each in analyses(word, ROOTS)), word), {"kawasan": "kawasan"})


def vocabulary_of(sentences: str, times: int = 3) -> PrintedWords:
    return of_articles([("", "Di sini " + sentences)] * times)


def test_a_root_with_other_forms_is_believed_before_one_that_nothing_supports(roots: Roots) -> None:
    words = vocabulary_of("kunjungan berkunjung dikunjungi mengunjungi pengunjung")
    known = roots_of(words, roots, frozenset())
    assert {known[word] for word in words.articles if "unjung" in word} == {"kunjung"}


def test_a_bare_word_in_kan_is_of_the_root_in_k_if_that_occurs(roots: Roots) -> None:
    words = vocabulary_of("mendesak didesak terdesak pendesak desakan desa", times=9)
    assert roots_of(words, roots, frozenset())["desakan"] == "desak"


def test_the_table_has_only_what_the_stemmer_does_not_find(roots: Roots) -> None:
    words = vocabulary_of("memukul pemukulan dipukul pukulan tulisan ditulis bekerja", times=40)
    known = roots_of(words, roots, frozenset())
    made = table(words, roots, known, frozenset(), least=2, most=100, forms=10)
    assert found(made, "memukul") == found(made, "pemukulan") == found(made, "pemukul") == "pukul"
    assert made.residues["ukul"] == "pukul"
    assert "tulisan" not in made.words


def test_names_and_stop_words_are_left_alone(roots: Roots) -> None:
    words = vocabulary_of("memukul dipukul Ukul Ukul", times=40)
    known = roots_of(words, roots, frozenset(["memukul"]))
    made = table(words, roots, known, frozenset(["memukul"]), least=2, most=100, forms=10)
    assert "memukul" not in made.words
    assert "ukul" not in made.residues
    kept = names_to_keep(of_articles([("", "Di sini Pertamina.")] * 2), roots, {}, frozenset(), ["pertaminas"])
    assert kept == ["pertamina", "pertaminas"]


def found(made: Table, word: str) -> str:
    root = made.words.get(word)
    if root is None:
        root = stem(word)
        root = made.residues.get(root, root)
    return root


def test_the_families_kept_by_hand_do_not_contradict_each_other() -> None:
    by_hand = all_roots().by_hand
    assert [root for root in set(by_hand.values()) if by_hand[root] != root] == []


def test_the_command_writes_its_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    articles = tmp_path / "articles.jsonl"
    row = {"title": "Polisi memukul mundur massa", "body": ["Di sana polisi memukul.", "Pemukulan di Pertamina."]}
    articles.write_text(f"{json.dumps(row)}\n" * 3, encoding="utf-8")
    assert next(read_lines(articles))[1] == "Di sana polisi memukul.\nPemukulan di Pertamina."
    assert main([str(articles), "--to", str(tmp_path)]) == 0
    rows = [line.split("\t") for line in (tmp_path / "residues.tsv").read_text().splitlines()]
    assert "ukul" in dict(row for row in rows if len(row) == 2)["pukul"].split()
    assert (tmp_path / "stems.tsv").read_text().startswith("#")
    assert (tmp_path / "names_in_print.txt").read_text().startswith("#")
    own = (tmp_path / "own_stems.txt").read_text().splitlines()
    assert "massa" in own
    assert "mundur" in own
    assert not {"memukul", "pukul", "pertamina", "di"} & set(own)
    assert "words in print" in capsys.readouterr().out
