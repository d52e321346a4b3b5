"""The commands as their users meet them: what they print, how they end, and how they take bad input."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archive.verify import verify
from newsstand import Newsstand
from tests.children import kliping, opened, settings

CLIPPING = """Senin, 3 Juni 2024

Nelayan Kendari Panen Cakalang

Perahu nelayan bersandar di Pelabuhan Kendari, Senin (3/6). (ANTARA FOTO/Rima Salaka)

Kendari (ANTARA) - Nelayan di Kendari, Sulawesi Tenggara, memanen cakalang dalam jumlah besar sejak akhir pekan.

"Hasilnya dua kali lipat," kata ketua kelompok nelayan, Basri Tangke, Senin.

Pewarta: Salma Wuna
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def run(home: Path, *arguments: str | Path, **more: str) -> Any:
    return kliping(settings(home, {}, **more), *arguments)


def test_a_clipping_is_imported_found_and_shown(tmp_path: Path, home: Path) -> None:
    file = tmp_path / "kendari.txt"
    file.write_text(CLIPPING, encoding="utf-8")
    assert run(home, "import", file).returncode == 0
    found = json.loads(run(home, "search", "nelayan cakalang", "--json").stdout)
    assert [hit["title"] for hit in found["hits"]] == ["Nelayan Kendari Panen Cakalang"]
    shown = json.loads(run(home, "show", found["hits"][0]["id"], "--json").stdout)
    assert shown["published_at"] == "2024-06-03"
    assert shown["agency"] == "ANTARA"
    assert shown["authors"] == ["Salma Wuna"]
    assert shown["images"][0]["credit"]["photographer"] == "Rima Salaka"
    assert shown["dateline"]["province"] == "Sulawesi Tenggara"
    assert (shown["status"], shown["version"], len(shown["versions"])) == ("live", 1, 1)
    again = run(home, "import", file)
    assert again.stdout.startswith("unchanged")
    with opened(home) as archive:
        assert verify(archive).wrong == ()


def test_bad_files_are_named_outcomes_and_the_good_one_goes_on(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "a-empty.txt").touch()
    (folder / "b-binary.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20)
    (folder / "c-no-article.html").write_text("<html><title>Tentang</title><p>Kami sebuah koran.</p></html>")
    (folder / "d-impossible.txt").write_text(CLIPPING.replace("Senin, 3 Juni 2024", "Senin, 31 Juni 2024"))
    (folder / "e-contradicts.txt").write_text(CLIPPING.replace("Senin, 3 Juni 2024", "Selasa, 3 Juni 2024"))
    (folder / "f-dateless.txt").write_text(CLIPPING.replace("Senin, 3 Juni 2024\n\n", ""))
    with (folder / "g-huge.html").open("wb") as huge:
        huge.truncate(50_000_000)
    (folder / "h-good.txt").write_text(CLIPPING)
    done = run(home, "import", folder, "--json")
    assert done.returncode == 1
    outcomes = {Path(each["path"]).name: each["outcome"] for each in json.loads(done.stdout)["files"]}
    assert outcomes == {
        "a-empty.txt": "rejected:empty",
        "b-binary.html": "rejected:not-html",
        "c-no-article.html": "rejected:no-address",
        "d-impossible.txt": "rejected:bad-date",
        "e-contradicts.txt": "rejected:date-contradicts",
        "f-dateless.txt": "rejected:no-date",
        "g-huge.html": "rejected:too-large",
        "h-good.txt": "stored",
    }
    assert "7 of 8 files gave no article" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["import", "no-such-file.txt"], "There is no file no-such-file.txt."),
        (["crawl", "nowhere"], "there is no source 'nowhere'"),
        (["crawl", "antara"], "The source antara is off"),
        (["sources", "enable", "nowhere"], "there is no source"),
        (["search", "after:soon"], "after:"),
        (["search", '"tak tertutup'], "never closed"),
        (["show", "12345678"], "holds no article"),
        (["index", "drop", "nothing"], "nothing"),
        (["read", "page", "no-such-page.html"], "no-such-page.html"),
    ],
)
def test_a_mistake_gets_one_plain_sentence(home: Path, arguments: list[str], says: str) -> None:
    done = run(home, *arguments, KLIPING_SOURCES__ANTARA__ENABLED="false")
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("KLIPING_TIMEZONE", "Asia/Nowhere", "timezone"),
        ("KLIPING_INDEX_URL", "ftp://x", "KLIPING_INDEX_URL"),
        ("KLIPING_HOEM", "x", "KLIPING_HOEM is no setting"),
        ("KLIPING_CONFIG", "/nowhere/kliping.toml", "KLIPING_CONFIG names"),
        ("KLIPING_FETCH_FROM", '{"x.test": "127.0.0.1"}', "fetch_from"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(home: Path, name: str, value: str, says: str) -> None:
    done = run(home, "search", "apa saja", **{name: value})
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_settings_file_that_is_no_toml_is_named(tmp_path: Path, home: Path) -> None:
    file = tmp_path / "kliping.toml"
    file.write_text("home = \n")
    done = run(home, "archive", "stats", KLIPING_CONFIG=str(file))
    assert done.returncode == 2
    assert "no valid TOML" in done.stderr


def test_a_source_is_off_until_it_is_enabled_and_its_terms_are_shown(home: Path) -> None:
    with Newsstand(crawl_delay=0) as site:
        environment = settings(home, {"antaranews.com": site.base_url, "newsstand.test": site.base_url})
        del environment["KLIPING_SOURCES__ANTARA__ENABLED"]
        assert kliping(environment, "crawl", "antara").returncode == 2
        shown = kliping(environment, "sources", "enable", "antara").stdout
        assert "written permission" in " ".join(shown.split())
        assert "robots.txt says:" in shown
        listed = json.loads(kliping(environment, "sources", "list", "--json").stdout)
        assert {source["name"]: source["on"] for source in listed} == {"antara": True, "newsstand": True}
        kliping(environment, "sources", "disable", "antara")
        assert kliping(environment, "crawl", "antara").returncode == 2


def test_crawl_reports_and_indexes_and_doctor_finds_nothing_wrong(home: Path) -> None:
    with Newsstand(crawl_delay=0) as site:
        named = {"KLIPING_USER_AGENT": "KlipingBot/0.1 (arsip@redaksi.test)"}
        environment = settings(home, {"newsstand.test": site.base_url}, **named)
        done = kliping(environment, "crawl", "newsstand", "--json")
        assert done.returncode == 0, done.stderr
        (result,) = json.loads(done.stdout)
        assert result["report"]["outcomes"] == {"stored": len(site.stories())}
        status = json.loads(kliping(environment, "index", "status", "--json").stdout)
        assert (status["documents"], status["lag"]) == (len(site.stories()), 0)
        assert kliping(environment, "doctor").returncode == 0
        story = site.stories("www")[0]
        site.correct(story.path, "Ralat: satu kalimat ditambahkan.")
        kliping(environment, "crawl", "newsstand")
        difference = kliping(environment, "show", story.url, "--diff").stdout
        assert "+Ralat: satu kalimat ditambahkan." in difference
        assert json.loads(kliping(environment, "search", "satu kalimat ditambahkan", "--json").stdout)["total"] == 1


def test_the_demo_runs_twice_in_a_row_and_without_a_terminal(home: Path) -> None:
    for _ in range(2):
        done = run(home, "demo", "--home", home)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout
        first = done.stdout.split("Searching it for ISIS Moskow:")[1].split("\n\n")[2].splitlines()[0]
        assert "ISIS" in first
        assert done.stdout.count("KLIPING_HOME=") == 3


@pytest.mark.shared
def test_the_seed_is_read_as_the_project_was_promised(home: Path, shared: Path) -> None:
    """The document that the project began with: ANTARA's story, clipped from another site."""
    assert run(home, "import", *(shared / "seed").glob("*.txt")).returncode == 0
    found = json.loads(run(home, "search", "ISIS Moskow", "--json").stdout)
    assert found["total"] == 1
    article = json.loads(run(home, "show", found["hits"][0]["id"], "--json").stdout)
    assert (article["published_at"], article["published_precision"]) == ("2015-12-18", "day")
    assert (article["dateline"]["place"], article["dateline"]["outlet"]) == ("Paris", "CB")
    assert (article["agency"], article["source"], article["url"]) == ("ANTARA", "clipping", None)
    (image,) = article["images"]
    assert image["credit"]["agency"] == "Reuters"
    assert image["credit"]["handout_of"] == "Ministry of Defence of the Russian Federation"
    mentioned = {(each["date"], each["end"]) for each in article["mentioned_dates"]}
    assert {("2015-10-01", None), ("2015-12-20", "2015-12-21"), ("2015-12-17", None)} <= mentioned
    body = "\n".join(article["body"])
    for absent in (article["title"], image["caption"], "Paris (CB)", "Credit ANTARA News"):
        assert absent not in body
