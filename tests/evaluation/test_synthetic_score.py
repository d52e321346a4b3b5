"""The scorer gives a right article everything, takes something for each wrong field, and can fail a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from archive.records import Article, Dateline, Image, PhotoCredit, Precision
from evaluation.synthetic import report
from evaluation.synthetic.__main__ import main
from evaluation.synthetic.run import Result, result_of, results
from evaluation.synthetic.score import PageScore, score

MOMENT = datetime.fromisoformat("2024-06-03T14:05:00+07:00")
LABEL: dict[str, Any] = {
    "title": "Tangkapan Nelayan Naik",
    "url": "https://www.suluhwetan.example/berita/1/tangkapan",
    "published_at": MOMENT.isoformat(),
    "authors": ["Salma Wuna"],
    "editors": [],
    "agency": None,
    "dateline": {"place": ["Kendari"], "outlet": "SuluhWetan.com"},
    "caption": "Nelayan menurunkan ikan di pelabuhan, Senin (3/6).",
    "photo_credit": {"text": "(Foto: Bayu Lubis)", "photographer": "Bayu Lubis", "agency": None, "handout_of": None},
    "body": ["Alinea pertama yang panjang.", "Alinea kedua yang panjang."],
    "body_optional": ["Kontak: 0401-221"],
    "paragraphs_scored": True,
}
RIGHT = Article(
    id="1",
    source="generic",
    url=LABEL["url"],
    title=LABEL["title"],
    body=tuple(LABEL["body"]),
    published_at=MOMENT,
    published_precision=Precision.MINUTE,
    dateline=Dateline("Kendari", "SuluhWetan.com", "KENDARI, SuluhWetan.com -"),
    authors=("Salma Wuna",),
    images=(Image(None, f"{LABEL['caption']} (Foto: Bayu Lubis)", PhotoCredit("(Foto: Bayu Lubis)", "Bayu Lubis")),),
)


def test_the_right_article_earns_everything() -> None:
    found = score(LABEL, RIGHT, None)
    assert (found.mean, found.differences, found.silent) == (1.0, {}, False)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("title", {"title": "Suluh Wetan"}),
        ("url", {"url": "https://www.suluhwetan.example/"}),
        ("published_at", {"published_at": MOMENT + timedelta(minutes=1)}),
        (
            "published_at",
            {"published_at": MOMENT.astimezone(datetime.fromisoformat("2024-01-01T00:00:00+08:00").tzinfo)},
        ),
        ("published_at", {"published_at": MOMENT.date()}),
        ("authors", {"authors": ("Salma Wuna", "Persaingan")}),
        ("authors", {"authors": ()}),
        ("editors", {"editors": ("Choice",)}),
        ("agency", {"agency": "ANTARA"}),
        ("dateline", {"dateline": None}),
        ("caption", {"images": ()}),
        ("photo_credit", {"images": (Image(None, LABEL["caption"]),)}),
        ("body", {"body": RIGHT.body[:1]}),
        ("body", {"body": (*RIGHT.body, "Baca juga: Lainnya")}),
        ("paragraphs", {"body": (" ".join(RIGHT.body),)}),
        ("flag", {"flags": ("body-incomplete",)}),
    ],
)
def test_each_wrong_field_is_seen(field: str, change: dict[str, Any]) -> None:
    found = score(LABEL, replace(RIGHT, **change), None)
    assert found.fields[field] < 1
    assert field in found.differences


def test_an_optional_line_may_stand_in_the_body_or_not() -> None:
    with_line = replace(RIGHT, body=(RIGHT.body[0], "Kontak: 0401-221", RIGHT.body[1]))
    assert score(LABEL, with_line, None).mean == 1.0


def test_a_short_body_is_silent_unless_a_flag_says_so() -> None:
    short = replace(RIGHT, body=RIGHT.body[:1])
    assert score(LABEL, short, None).silent
    assert not score(LABEL, replace(short, flags=("body-incomplete",)), None).silent


def test_a_part_of_a_story_needs_a_flag_or_the_whole() -> None:
    whole = [*LABEL["body"], "Alinea ketiga, yang hanya ada dalam data halaman dan tidak dicetak untuk pembaca."]
    label = {**LABEL, "must_flag": True, "body_also": [whole]}
    assert score(label, RIGHT, None).fields["flag"] == 0
    assert score(label, replace(RIGHT, flags=("body-incomplete",)), None).fields["flag"] == 1
    assert score(label, replace(RIGHT, body=tuple(whole)), None).mean == 1.0


def test_a_debatable_field_is_not_scored() -> None:
    label = {name: value for name, value in LABEL.items() if name != "agency"}
    assert "agency" not in score(label, replace(RIGHT, agency="ANTARA"), None).fields


def test_one_of_several_right_times_is_enough() -> None:
    label = {**LABEL, "published_at": ["2024-06-03", MOMENT.isoformat()]}
    assert score(label, RIGHT, None).fields["published_at"] == 1
    assert score(label, replace(RIGHT, published_at=MOMENT.date()), None).fields["published_at"] == 1


def test_a_rejected_article_earns_nothing() -> None:
    assert score(LABEL, None, "no-article").mean == 0


def test_a_page_that_is_no_article_must_be_rejected_for_a_right_reason() -> None:
    label = {"rejected": ["paywall"]}
    assert score(label, None, "paywall").mean == 1
    assert score(label, None, "no-date").mean == 0
    taken = score(label, RIGHT, None)
    assert (taken.mean, taken.given) == (0, {"rejected"})


def result(mean: float, *, held_out: bool, silent: bool = False) -> Result:
    found = PageScore({"title": mean}, frozenset({"title"}), {}, silent)
    return Result(1, "page", "family", held_out, (), found)


def test_floors_break_where_held_out_families_fall_behind() -> None:
    sides = report.summed([result(1.0, held_out=False), result(0.97, held_out=True)])
    assert report.Floors(gap_at_most=0.04).broken(sides) == []
    assert len(report.Floors(gap_at_most=0.02).broken(sides)) == 1


def test_floors_break_for_low_scores_wrong_values_and_silent_bodies() -> None:
    sides = report.summed([result(0.5, held_out=False, silent=True)])
    broken = report.Floors(score=0.9, wrong_at_most=0.1, silent_at_most=0).broken(sides)
    assert len(broken) == 3


def test_the_tables_show_both_sides() -> None:
    text = report.tables(report.summed([result(1.0, held_out=False), result(0.5, held_out=True)]))
    assert in_one_line(text, "title", "1.000", "0.500")


def in_one_line(text: str, *words: str) -> bool:
    return any(all(word in line for word in words) for line in text.splitlines())


def test_the_results_are_the_same_whoever_computes_them() -> None:
    assert list(results([3, 1], seed=1, workers=1)) == [result_of(3, seed=1), result_of(1, seed=1)]


def test_the_command_fails_below_a_floor(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--pages", "30", "--workers", "1", "--gap-at-most", "1"]
    assert main(arguments) == 0
    assert main([*arguments, "--floor", "1.01"]) == 1
    assert "NOT MET" in capsys.readouterr().out


def test_the_command_lists_families_and_faults(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    shown = capsys.readouterr().out
    assert "family koran-baca" in shown
    assert "fault  story-in-sections" in shown


def test_the_command_shows_and_writes_the_pages_of_a_fault(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    arguments = ["--pages", "4", "--workers", "1", "--show", "epoch-zero-alone", "--alone", "--write", str(tmp_path)]
    assert main(arguments) == 0
    shown = capsys.readouterr().out
    written = sorted(path.stem for path in (tmp_path / "pages").iterdir())
    assert all(name in shown for name in written)
    assert written == sorted(path.stem for path in (tmp_path / "labels").iterdir())


def test_an_unknown_fault_is_a_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--show", "nonsense"]) == 2
    assert "--list" in capsys.readouterr().err
