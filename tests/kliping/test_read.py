"""`kliping read` as its users call it: one child process per call."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.processes

FIXTURES = Path(__file__).parents[1] / "fixtures" / "sources"
ROOT = Path(__file__).parents[2]
READ = [sys.executable, "-c", "from kliping.cli.read import app; app()"]


def run(*arguments: str, lines: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run([*READ, *arguments], input=lines, capture_output=True, encoding="utf-8", cwd=ROOT, timeout=60)


def answers(what: str, *questions: dict[str, Any]) -> list[dict[str, Any]]:
    done = run(what, "--jsonl", lines="".join(json.dumps(each) + "\n" for each in questions))
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


PAGE = str(FIXTURES / "newsstand" / "www.html")
URL = "http://www.newsstand.test/berita/700001/kopi-gayo-kembali-mengisi-gudang-pelabuhan"


def test_a_page_is_printed_as_the_article_of_the_contract() -> None:
    """The source is chosen by the address; the fields are those of the contract."""
    done = run("page", PAGE, "--url", URL, "--json")
    assert done.returncode == 0, done.stderr
    article = json.loads(done.stdout)
    assert (article["source"], article["url"], article["lede"]) == ("newsstand", URL, article["body"][0])
    assert {"id", "title", "published_at", "published_precision", "dateline", "images", "flags"} <= article.keys()


def test_a_page_that_does_not_state_its_address_needs_one(tmp_path: Path) -> None:
    """Without --url the page's `rel=canonical` or the like counts; a page that has none is rejected."""
    assert json.loads(run("page", PAGE, "--json").stdout)["url"] == URL
    page = tmp_path / "halaman.html"
    page.write_text("<h1>Judul</h1><p>Isi.</p>", encoding="utf-8")
    assert json.loads(run("page", str(page), "--json").stdout)["rejected"] == "no-address"


def test_generic_reads_a_page_alike_under_any_domain() -> None:
    """`--source generic` opens no source file and does not look at the domain."""
    found = []
    for url in (URL, URL.replace("www.newsstand.test", "kabar.example.org")):
        article = json.loads(run("page", PAGE, "--url", url, "--source", "generic", "--json").stdout)
        assert article["source"] == "generic"
        found.append({name: value for name, value in article.items() if name not in ("id", "url")})
    assert found[0] == found[1]
    assert found[0]["title"] == "Kopi Gayo kembali mengisi gudang pelabuhan"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ("page", "no-such-file.html", "--url", URL),
            "no-such-file.html cannot be read: No such file or directory.",
        ),
        (("page", str(FIXTURES), "--url", URL), "cannot be read: Is a directory."),
        (("page", PAGE, "--url", URL, "--source", "koran"), "There is no source 'koran'."),
        (("page", PAGE, "--url", URL, "--fetched-at", "kemarin"), "--fetched-at cannot be 'kemarin'. Write it like"),
        (("page", PAGE, "--url", URL, "--fetched-at", "2025-06-10T08:00:00"), "--fetched-at needs a zone"),
        (("page", PAGE, "--url", URL, "--fetched-at", "2025-06-10"), "--fetched-at needs a time and a zone"),
        (("dates", "kemarin", "--reference", "besok"), "--reference cannot be 'besok'. Write it like"),
        (("words", "kata", "--engine", "lucene"), "--engine cannot be 'lucene'."),
    ],
)
def test_a_mistake_is_one_line_and_status_2(arguments: tuple[str, ...], sentence: str) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(500), "not-html"),
        (b"<h1>Depan</h1>", "no-article"),
        (b"<title>Access denied</title>", "blocked"),
        (b"<div>" * 60_000, "too-deep"),
    ],
)
def test_a_page_without_an_article_is_refused_with_the_reason(content: bytes, reason: str, tmp_path: Path) -> None:
    """As JSON with status 0, as a sentence with status 1; never a traceback."""
    page = tmp_path / "halaman.html"
    page.write_bytes(content)
    done = run("page", str(page), "--url", URL, "--json")
    assert (done.returncode, json.loads(done.stdout)["rejected"]) == (0, reason)
    done = run("page", str(page), "--url", URL)
    assert done.returncode == 1
    assert f"has no article: {reason}" in done.stdout
    assert done.stderr == ""


def test_dates_are_answered_line_by_line_in_order() -> None:
    """Values, refusals with their reason, and lines that are not questions: one answer each, status 0."""
    found = answers(
        "dates",
        {"input": "Jumat, 18 Desember 2015 10.05 WIB", "reference": None},
        {"input": "Kamis (1/10)", "reference": "2015-12-18T10:05:00+07:00"},
        {"input": "Kamis (1/10)", "reference": "2015-12-18"},
        {"input": "Kamis, 18 Desember 2015", "reference": None},
        {"input": "Rabu, 16 Maret 2016 pukul 09.00"},
        {"input": "Sabtu, 5 Februari 2011 \ud800"},
        {"masukan": "x"},
        {"input": 5},
        {"input": "Kamis (1/10)", "reference": "bukan tanggal"},
    )
    assert [each.get("value") for each in found[:5]] == [
        "2015-12-18T10:05:00+07:00", "2015-10-01", "2015-10-01", None, "2016-03-16T09:00:00+07:00",
    ]  # fmt: skip
    assert found[3]["reason"]
    assert found[5]["input"].endswith("\ud800")
    assert all("error" in each for each in found[6:])
    assert run("dates", "--jsonl", lines="[1]\n\nbukan JSON\n").stdout.count("error") == 2


def test_a_time_without_a_zone_takes_the_configured_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference's offset counts first, then KLIPING_TIMEZONE; an unknown zone is a mistake."""
    monkeypatch.setenv("KLIPING_TIMEZONE", "Asia/Jayapura")
    question = {"input": "Jumat, 18 Desember 2015 10.05"}
    given = {"reference": "2015-12-18T11:00:00+08:00"}
    found = answers("dates", question, question | given)
    assert [each["value"][-6:] for each in found] == ["+09:00", "+08:00"]
    monkeypatch.setenv("KLIPING_TIMEZONE", "Asia/Djakarta")
    done = run("dates", "kemarin")
    assert (done.returncode, done.stdout) == (2, "")


def test_words_are_answered_with_their_terms() -> None:
    """What the stemmed field keeps: two forms of one root have the same terms."""
    first, second = answers("words", {"word": "membicarakan"}, {"word": "pembicaraan"})
    assert first["terms"] == second["terms"] != []


def test_credits_are_answered_with_every_field() -> None:
    (found,) = answers("credits", {"text": "Pewarta: Andi Palewa\nEditor: Siti Mappa", "publisher": "antaranews.com"})
    assert (found["authors"], found["editors"]) == (["Andi Palewa"], ["Siti Mappa"])
    expected = {"dateline_place", "dateline_agency", "photographer", "agency", "handout_of", "source_credit"}
    assert expected <= found.keys()


def test_a_wrong_weekday_is_answered_with_the_right_one() -> None:
    done = run("dates", "Senin, 5 November 2024", "Jum'at (5/11/2024) 10.05 WIB")
    assert done.stdout.count("5 November 2024 was a Tuesday (weekday-contradicts)") == 2


def test_people_get_a_table() -> None:
    """Plain arguments print the same answers in columns."""
    done = run("dates", "Jumat, 18 Desember 2015", "31 Februari 2015")
    assert done.returncode == 0
    header, first, second = done.stdout.strip().splitlines()
    assert header.split() == ["input", "value", "precision", "zone", "why", "not"]
    assert "2015-12-18" in first
    assert "2015" not in second.replace("31 Februari 2015", "")
    assert "the calendar has no such day (impossible-date)" in second
    done = run("page", PAGE, "--url", URL)
    assert done.returncode == 0
    assert "Kopi Gayo kembali mengisi gudang pelabuhan" in done.stdout
    assert "(ANTARA FOTO/Ilham Sinaga)" in done.stdout, "brackets are text, not markup"
