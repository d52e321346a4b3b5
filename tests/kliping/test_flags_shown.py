"""What people see of flags and witnesses: `show`, `read page`, `import`, `doctor`, `sources check`."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

import sources
from archive import flag_counts, runs
from archive.articles import SaveResult
from archive.database import Archive
from archive.flags import FLAGS
from kliping.cli.found import how_found
from kliping.cli.sources_check import flags_of_samples
from tests.conftest import an_article
from tests.support.commands import run_main

Run = Callable[..., CompletedProcess[str]]
PAGE = """<html lang="id"><head><link rel="canonical" href="https://www.harianrawa.example/2019/06/03/pasar-ikan">
<meta property="og:title" content="Jembatan Gantung Desa Sukamaju Selesai"></head><body>
<h1>Pasar Ikan Muara Rawa Terbakar Dini Hari</h1><div class="date">Senin, 3 Juni 2019 14:05 WIB</div>
<article><p>Kebakaran menghanguskan puluhan kios di pasar ikan itu pada Senin dini hari, dan tidak ada korban jiwa.</p>
<p>Petugas pemadam dari tiga kecamatan memerlukan waktu empat jam untuk memadamkan api yang merambat cepat.</p>
</article></body></html>"""

FLAGS_OF_PAGE = {"title-contradicts": 1}


@pytest.fixture
def run(archive: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command on the test's archive, inside the test's process."""
    monkeypatch.setenv("KLIPING_HOME", str(archive.home))
    return lambda *arguments: run_main(monkeypatch, capsys, *arguments)


def line_of(printed: str, label: str) -> str:
    return next(" ".join(line.split()) for line in printed.splitlines() if line.startswith(label))


@pytest.fixture
def saved_page(tmp_path: Path) -> Path:
    page = tmp_path / "pasar.html"
    page.write_text(PAGE, encoding="utf-8")
    return page


@pytest.mark.parametrize(
    ("where", "words"),
    [("selector", "selector"), ("selector+json-ld", "selector; json-ld agrees"), (None, None), ("url", "url")],
)
def test_how_a_value_was_found_is_said_in_words(where: str | None, words: str | None) -> None:
    assert how_found(where) == words


def test_show_says_how_each_value_was_found_and_what_each_flag_means(run: Run, save: Callable[..., SaveResult]) -> None:
    found = {"title": "selector+json-ld", "authors": "selector", "body": "text+meta"}
    save(an_article(1, authors=("Rina Dewi",), provenance=found, flags=("body-incomplete",)))
    printed = run("show", an_article(1).id).stdout
    assert line_of(printed, "title").startswith("title selector; json-ld agrees ")
    assert line_of(printed, "authors") == "authors selector Rina Dewi"
    assert line_of(printed, "text").startswith("text text; meta agrees ")
    assert line_of(printed, "flag") == f"flag body-incomplete {FLAGS['body-incomplete']}"


def test_read_page_says_how_each_value_was_found_and_what_each_flag_means(run: Run, saved_page: Path) -> None:
    printed = run("read", "page", str(saved_page)).stdout
    assert line_of(printed, "title") == "title text Pasar Ikan Muara Rawa Terbakar Dini Hari"
    assert line_of(printed, "flag") == f"flag title-contradicts {FLAGS['title-contradicts']}"


def test_an_import_reports_the_flags_of_what_it_read(run: Run, saved_page: Path) -> None:
    counted = {"source": "generic", "articles": 1, "doubtful": 1, "flags": FLAGS_OF_PAGE, "runs": 1}
    assert json.loads(run("import", str(saved_page), "--json").stdout)["flags"] == [counted]
    printed = run("import", str(saved_page)).stdout
    assert "Flags of generic, 1 article read:\n" in printed
    assert [line_of(printed, f"  {flag}").split()[:2] for flag in FLAGS_OF_PAGE] == [
        [flag, "1"] for flag in FLAGS_OF_PAGE
    ]


def test_doctor_names_the_sources_whose_last_runs_are_in_doubt(
    run: Run, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Status does so too, of a source that is on, where it is more than half of all."""

    def read(source: str, doubtful: int, night: int) -> None:
        run_id = f"{source}-{night}"
        at = datetime.now(UTC) - timedelta(days=9 - night)
        with archive.writing() as connection:
            runs.begin(connection, run_id, source=source, kind="crawl", holder="h", lease=None, now=at)
            runs.finish(connection, run_id, listed=9, traffic={}, verdict=runs.Verdict("good", None), now=at)
            flags = [("body-incomplete",) if number < doubtful else ("only-modified",) for number in range(10)]
            articles = [an_article(number, source=source, flags=each) for number, each in enumerate(flags)]
            flag_counts.count(connection, run_id, articles)

    def doubts() -> list[dict[str, Any]]:
        found = json.loads(run("doctor", "--json").stdout)
        return [each for each in found if each["about"] == "doubt"]

    assert doubts() == []
    read("antara", 0, 1)
    assert [(each["fine"], each["seen"]) for each in doubts()] == [(True, "none of 10 articles of the last runs")]
    read("antara", 1, 2)
    assert [(each["fine"], each["seen"]) for each in doubts()] == [
        (True, "antara: of 20 articles in the last 2 runs, 1 body-incomplete"),
    ]
    read("antara", 7, 3)
    (finding,) = doubts()
    assert (finding["fine"], finding["seen"]) == (False, "antara: of 30 articles in the last 3 runs, 8 body-incomplete")
    assert finding["remedy"].startswith(FLAGS["body-incomplete"])
    assert finding["remedy"].endswith("kliping search 'flag:body-incomplete source:antara'")
    monkeypatch.setenv("KLIPING_SOURCES__ANTARA__ENABLED", "true")

    def told() -> list[str]:
        problems = json.loads(run("status", "--json").stdout)["problems"]
        return [each["seen"] for each in problems if "in doubt" in each["seen"]]

    assert told() == [], "fewer than half"
    for night in (4, 5, 6):
        read("antara", 10, night)
    assert told() == ["antara: 38 of its last 60 articles are in doubt, most by body-incomplete"]


def test_the_pages_of_a_source_s_fixture_are_read_for_their_flags() -> None:
    root = Path(__file__).parents[2]
    found = flags_of_samples(sources.load("newsstand"), root)
    assert (found["pages"], found["flags"]) == (3, {"correction": 1})
    assert flags_of_samples(sources.load("newsstand"), root / "elsewhere") == {"pages": 0, "flags": {}}
