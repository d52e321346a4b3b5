"""The measure of searches: what it makes of the material, how it counts, and that it can fail a run."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import pytest

from archive.records import Article, Precision
from evaluation.search import material, table
from evaluation.search.__main__ import main
from evaluation.search.contestants import Ours
from evaluation.search.material import Half, TypedQuery
from evaluation.search.slips import with_slip
from evaluation.search.summaries import LENGTH, OTHER_WORDS, summary
from evaluation.search.tasks import CONFLATED, MEET_ROOT, Judgement, run_words, typed
from indexer.engines import open_index

HEADLINE = "Nelayan Kendari panen tongkol, harga ikan di pasar turun"


def article(key: str, *body: str) -> Article:
    return Article(
        id=key,
        source="redaksi",
        url=None,
        title="",
        body=body,
        published_at=date(2020, 1, 1),
        published_precision=Precision.DAY,
    )


@pytest.fixture
def embedded(tmp_path: Path) -> Ours:
    return Ours("embedded", partial(open_index, "embedded:", tmp_path))


@pytest.mark.parametrize("seed", range(200))
def test_a_slip_changes_one_long_word_by_one_letter_or_two_neighbours(seed: int) -> None:
    slipped = with_slip(HEADLINE, seed=str(seed))
    assert slipped == with_slip(HEADLINE, seed=str(seed))
    assert slipped is not None
    pairs = [pair for pair in zip(HEADLINE.split(" "), slipped.split(" "), strict=True) if pair[0] != pair[1]]
    [(before, after)] = pairs
    assert len(before.strip(",")) >= 5
    assert before.lower() != after.lower()
    assert abs(len(before) - len(after)) <= 1
    if len(before) == len(after):
        differing = [at for at, letter in enumerate(before) if letter != after[at]]
        swapped = len(differing) == 2 and sorted(before) == sorted(after) and differing[1] == differing[0] + 1
        assert len(differing) == 1 or swapped
    else:
        short, long = sorted((before, after), key=len)
        assert any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


def test_a_text_without_a_long_word_gets_no_slip() -> None:
    assert with_slip("Apa itu PSBB? U-23, 2020 dan Jum’at", seed="1") is None


def test_a_summary_says_a_sentence_after_the_lede_in_other_words() -> None:
    lede = "Nelayan Kendari panen tongkol dan harga ikan di pasar turun sejak Senin."
    body = (
        lede,
        "Bupati datang. Menurut dinas, nelayan Kendari akan menjual tongkol itu ke luar pulau karena harga turun.",
        "Hujan diperkirakan turun lagi pada akhir pekan dan nelayan diminta waspada terhadap ombak.",
    )
    assert summary(HEADLINE, body) == "berdasarkan dinas nelayan Kendari bakal menjual tongkol itu"
    assert summary(HEADLINE, (lede,)) is None
    assert summary(HEADLINE, (lede, "Baca juga: Nelayan Kendari akan panen tongkol lagi karena cuaca baik.")) is None
    assert all(word != other for word, other in OTHER_WORDS.items())
    assert LENGTH == 8


def test_half_of_the_keys_are_held_back() -> None:
    halves = [Half.of(f"c{number}") for number in range(2_000)]
    assert 900 < halves.count(Half.HELD_BACK) < 1_100


def test_a_sample_is_the_same_each_time_and_from_all_over() -> None:
    queries = [TypedQuery(f"c{number}", "", "") for number in range(2_000)]
    sample = material.sampled(queries, 100)
    assert sample == material.sampled(queries[::-1], 100)
    assert sum(int(each.key[1:]) > 1_000 for each in sample) > 30
    assert material.sampled(queries, None) == queries


def test_our_engine_is_asked_as_the_command_asks_it(embedded: Ours) -> None:
    embedded.fill("sea", [article("a", "Harga tongkol turun."), article("b", "Harga garam turun, kata nelayan.")])
    embedded.fill("sea", [])
    found = embedded.search("sea", ['"harga garam"', "harga -garam", 'tongkol "turun', "cabai"], 10)
    assert found == [["b"], ["a"], ["a"], []]
    assert embedded.retyped == 1
    assert len(embedded.milliseconds) == 4


def test_a_typed_query_scores_by_the_rank_of_its_article(embedded: Ours) -> None:
    articles = [article("a", "Tongkol, tongkol, tongkol."), article("b", "Tongkol dan garam di pasar yang sama.")]
    queries = [TypedQuery("1", "tongkol", "a"), TypedQuery("2", "tongkol", "b"), TypedQuery("3", "cabai", "b")]
    marks = typed("sea", "sea", lambda: articles, lambda: queries, mrr=0.6).run(embedded, None)
    assert {measure.name: [mark.value for mark in given] for measure, given in marks.items()} == {
        "sea: MRR@10": [1.0, 0.5, 0.0],
        "sea: recall@10": [True, True, False],
    }
    assert table.broken({"embedded": marks}, ["embedded"]) == [
        "embedded: sea: MRR@10 0.500, at least 0.600 is demanded"
    ]


def test_words_meet_their_root_by_a_common_term(embedded: Ours, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [("memukul", "pukul"), ("dipukul", "pukul"), ("di", "di"), ("menerangi", "terang"), ("memerangi", "perang")]
    monkeypatch.setattr(material, "stemmed_words", lambda: [material.StemmedWord(*row) for row in rows])
    monkeypatch.setattr(material, "names", lambda: ["kendari"])
    terms = {"menerangi": {"erang"}, "memerangi": {"erang"}, "di": set(), "memukul": {"pukul"}, "dipukul": {"pukul"}}
    monkeypatch.setattr(embedded, "terms", lambda text: frozenset(terms.get(text, {text})))
    marks = run_words(embedded, None)
    assert {measure.name: sum(mark.value for mark in given) for measure, given in marks.items()} == {
        "words that meet their root": 3,
        "pairs of one root joined": 1,
        "false conflations": 1,
        "names altered": 0,
    }


def test_the_table_shows_both_halves_and_tells_only_of_the_tuned_one() -> None:
    marks = {
        MEET_ROOT: [
            Judgement(Half.TUNED, 1.0, "kind"),
            Judgement(Half.TUNED, 0.0, "seen"),
            Judgement(Half.HELD_BACK, 0.0, "secret"),
        ],
        CONFLATED: [Judgement(Half.TUNED, 1.0, "mixed"), Judgement(Half.HELD_BACK, 0.0, "apart")],
    }
    lines = [line.split() for line in table.table({"embedded": marks}).splitlines()]
    assert lines[1][-3:] == ["3", "0.333", "0.950"]
    assert lines[2] == ["tuned", "2", "0.500"]
    assert lines[3] == ["held", "back", "1", "0.000"]
    assert lines[4][-3:] == ["2", "1", "0"]
    told = table.worst(marks, 5)
    assert "seen" in told
    assert "mixed" in told
    assert "secret" not in told
    assert "kind" not in told
    assert len(table.broken({"embedded": marks, "standard and": marks}, ["embedded"])) == 2


@pytest.mark.parametrize(("in_ci", "status"), [("false", 0), ("true", 1)])
def test_without_the_material_the_command_says_so_and_fails_only_in_ci(
    in_ci: str,
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CI", in_ci)
    monkeypatch.setattr(material, "STEMS", tmp_path / "stems.jsonl")
    assert main(["--engine", "embedded"]) == status
    assert "stems.jsonl" in capsys.readouterr().out


def test_an_unknown_task_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "words,colours"])
    assert "there is no task 'colours'" in capsys.readouterr().err


@pytest.mark.shared
def test_the_command_prints_the_chosen_tasks(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--engine", "embedded", "--only", "words,judged"]) == 0
    out = capsys.readouterr().out
    assert "words that meet their root" in out
    assert "judged queries passed" in out
    assert "headlines" not in out
