"""The commands as users call them: output, exit status, and bad input."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import sources
from archive import leases, runs, windows
from archive.verify import verify
from archive.window import WindowState
from kliping.cli.main import app
from newsstand import Newsstand
from tests.support.children import kliping, opened, settings
from tests.support.commands import run_here

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


@pytest.mark.processes
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


@pytest.mark.processes
def test_search_takes_a_minus_word_as_a_word_and_refuses_an_unknown_option(tmp_path: Path, home: Path) -> None:
    (tmp_path / "kendari.txt").write_text(CLIPPING, encoding="utf-8")
    run(home, "import", tmp_path / "kendari.txt")
    assert json.loads(run(home, "search", "nelayan", "-hujan", "-Moskow", "--json").stdout)["total"] == 1
    assert json.loads(run(home, "search", "-nelayan", "--json").stdout)["total"] == 0
    wrong = run(home, "search", "nelayan", "--jsno")
    assert wrong.returncode == 2
    assert "There is no option --jsno." in wrong.stderr


@pytest.mark.processes
def test_bad_files_get_a_named_outcome_and_the_good_one_is_imported(tmp_path: Path, home: Path) -> None:
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
        (["import", "no-such-file.txt"], "There is no file or folder no-such-file.txt."),
        (["crawl", "nowhere"], "There is no source 'nowhere'."),
        (["crawl", "antara"], "The source antara is off"),
        (["sources", "enable", "nowhere"], "There is no source"),
        (["search", "after:soon"], "after:"),
        (["search", '"tak tertutup'], "never closed"),
        (["show", "12345678"], "has no article"),
        (["index", "drop", "nothing"], "nothing"),
        (["read", "page", "no-such-page.html"], "no-such-page.html"),
    ],
)
def test_a_mistake_gets_one_plain_sentence(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    says: str,
) -> None:
    environment = settings(home, {}, KLIPING_SOURCES__ANTARA__ENABLED="false")
    opened(home).close()
    done = run_here(monkeypatch, capsys, environment, *arguments)
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.processes
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("KLIPING_TIMEZONE", "Asia/Nowhere", "KLIPING_TIMEZONE cannot be used"),
        ("KLIPING_INDEX_URL", "ftp://x", "KLIPING_INDEX_URL"),
        ("KLIPING_HOEM", "x", "KLIPING_HOEM is not a setting. Did you mean KLIPING_HOME?"),
        ("KLIPING_CONFIG", "/nowhere/kliping.toml", "KLIPING_CONFIG names"),
        ("KLIPING_FETCH_FROM", '{"x.test": "127.0.0.1"}', "KLIPING_FETCH_FROM cannot be used"),
    ],
)
def test_a_wrong_setting_is_named(home: Path, name: str, value: str, says: str) -> None:
    done = run(home, "search", "apa saja", **{name: value})
    assert done.returncode in (1, 2)
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.processes
def test_a_settings_file_that_is_not_toml_is_named(tmp_path: Path, home: Path) -> None:
    file = tmp_path / "kliping.toml"
    file.write_text("home = \n")
    done = run(home, "archive", "stats", KLIPING_CONFIG=str(file))
    assert done.returncode == 2
    assert "not valid TOML" in done.stderr


@pytest.mark.processes
def test_a_source_is_off_until_it_is_enabled_and_its_terms_are_shown(home: Path) -> None:
    with Newsstand(crawl_delay=0) as site:
        environment = settings(home, {"antaranews.com": site.base_url, "newsstand.test": site.base_url})
        del environment["KLIPING_SOURCES__ANTARA__ENABLED"]
        assert kliping(environment, "crawl", "antara").returncode == 2
        shown = kliping(environment, "sources", "enable", "antara", "--yes").stdout
        assert "written permission" in " ".join(shown.split())
        assert "robots.txt says:" in shown
        listed = json.loads(kliping(environment, "sources", "list", "--json").stdout)
        assert {source["name"] for source in listed if source["on"]} == {"antara", "newsstand"}
        kliping(environment, "sources", "disable", "antara")
        assert kliping(environment, "crawl", "antara").returncode == 2


@pytest.mark.processes
def test_a_source_without_a_real_page_is_listed_as_unproved(home: Path) -> None:
    """In the table and in JSON; docs/sources.md explains it."""
    listed = {each["name"]: each for each in json.loads(run(home, "sources", "list", "--json").stdout)}
    assert (listed["rmol"]["proved"], listed["antara"]["proved"]) == ("unproved", "2016-02-23")
    rows = {line.split()[0]: line for line in run(home, "sources", "list").stdout.splitlines() if line.strip()}
    assert "unproved" in rows["rmol"]
    assert "unproved" not in rows["antara"]


@pytest.mark.processes
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
        assert "No scheduler runs" in kliping(environment, "doctor").stdout
        with opened(home) as archive:
            assert leases.acquire(archive, "scheduler", seconds=600)
        assert kliping(environment, "doctor").returncode == 0
        story = site.stories("www")[0]
        site.correct(story.path, "Ralat: satu kalimat ditambahkan.")
        kliping(environment, "crawl", "newsstand")
        difference = kliping(environment, "show", story.url, "--diff").stdout
        assert "\n{+Ralat: satu kalimat ditambahkan.+}" in difference
        assert json.loads(kliping(environment, "search", "satu kalimat ditambahkan", "--json").stdout)["total"] == 1


@pytest.mark.processes
def test_the_demo_runs_twice_in_a_row_and_without_a_terminal(home: Path) -> None:
    for _ in range(2):
        done = run(home, "demo", "--home", home)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout
        first = done.stdout.split("Searching it for ISIS Moskow:")[1].split("\n\n")[2].splitlines()[0]
        assert "ISIS" in first
        assert done.stdout.count("KLIPING_HOME=") == 4


@pytest.mark.processes
@pytest.mark.shared
def test_the_seed_clipping_is_read_completely(home: Path, shared: Path) -> None:
    """The project's first document: a story of ANTARA, clipped from another site."""
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


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("KLIPING_DATABASE_URL", "garbage", "KLIPING_DATABASE_URL cannot be read as an address of a database."),
        ("KLIPING_FETCH_FROM", "{{", "is not JSON"),
        (
            "KLIPING_SOURCES__ANTARA__FEEDS",
            "rss",
            "KLIPING_SOURCES__ANTARA__FEEDS cannot be used: it must be a list",
        ),
        ("KLIPING_SOURCES__ANTARA__FEEDS", '["rss"]', "FEEDS cannot be used: 'rss' is not an address"),
        ("KLIPING_SOURCES__ANTARA__SITEMAPS", '["http://[a"]', "'http://[a' is not an address that starts with http"),
        ("KLIPING_HOME", "{file}", "KLIPING_HOME cannot be used"),
        ("KLIPING_CONFIG", "{binary}", "is not valid TOML"),
    ],
)
def test_a_setting_that_cannot_be_used_is_one_line_and_status_2(
    tmp_path: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    setting: str,
    value: str,
    says: str,
) -> None:
    file, binary = tmp_path / "file", tmp_path / "binary"
    file.touch()
    binary.write_bytes(b"\xff\xfe")
    environment = settings(home, {}, **{setting: value.format(file=file, binary=binary)})
    done = run_here(monkeypatch, capsys, environment, "archive", "stats")
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.processes
def test_a_file_that_is_not_a_database_or_is_too_new_is_one_line(home: Path) -> None:
    home.mkdir()
    (home / "archive.sqlite3").write_bytes(b"bukan basis data" * 100)
    done = run(home, "archive", "stats")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "file is not a database" in done.stderr
    (home / "archive.sqlite3").unlink()
    with opened(home) as archive, archive.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    done = run(home, "archive", "stats")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "a newer version of Kliping" in done.stderr


@pytest.mark.processes
def test_a_clipping_dated_in_the_future_is_rejected_even_without_a_fetch_time(tmp_path: Path, home: Path) -> None:
    file = tmp_path / "kendari.txt"
    file.write_text(CLIPPING.replace("3 Juni 2024", "3 Juni 2097"), encoding="utf-8")
    (only,) = json.loads(run(home, "import", file, "--json").stdout)["files"]
    assert only["outcome"] == "rejected:future-date"


@pytest.mark.processes
def test_a_bad_export_does_not_stop_the_import_of_other_files(tmp_path: Path, home: Path) -> None:
    folder = tmp_path / "kiriman"
    folder.mkdir()
    (folder / "a.csv").touch()
    (folder / "b.jsonl").write_text('{"apa": "ini"}\n', encoding="utf-8")
    (folder / "c.txt").write_text(CLIPPING, encoding="utf-8")
    done = run(home, "import", folder)
    assert done.returncode == 1
    assert done.stdout.startswith("stored ")
    assert f"{folder / 'a.csv'}: it has no header with the names of its columns." in done.stderr
    assert f"{folder / 'b.jsonl'}: No column looks like the title. Name it with --column title=NAME" in done.stderr


@pytest.mark.processes
@pytest.mark.parametrize(
    ("name", "option", "says"),
    [
        ("x.jsonl", ("--url", "http://koran.test/1"), "--url is the address of a saved page"),
        ("x.jsonl", ("--fetched-at", "2024-06-03T14:05:00+07:00"), "--column fetched_at=NAME"),
        ("x.txt", ("--column", "title=judul"), "none of these files is one"),
    ],
)
def test_an_option_that_applies_to_no_file_is_refused(
    tmp_path: Path, home: Path, name: str, option: tuple[str, str], says: str
) -> None:
    file = tmp_path / name
    file.write_text('{"title": "Judul", "body": "Isi."}\n', encoding="utf-8")
    done = run(home, "import", file, *option)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr


@pytest.mark.processes
def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path, home: Path) -> None:
    os.mkfifo(tmp_path / "x.jsonl")
    done = run(home, "import", tmp_path / "x.jsonl")
    assert done.returncode == 2
    assert "is neither a file nor a folder" in done.stderr


@pytest.mark.processes
def test_a_file_given_twice_is_imported_once_also_if_its_name_is_not_utf_8(tmp_path: Path, home: Path) -> None:
    file = tmp_path / "kendari-\udcff.txt"
    file.write_text(CLIPPING, encoding="utf-8")
    done = run(home, "import", file, tmp_path, file, "--json")
    assert done.returncode == 0, done.stderr
    (only,) = json.loads(done.stdout)["files"]
    assert only["outcome"] == "stored"
    assert only["path"].endswith("kendari-\\xff.txt")


@pytest.mark.processes
def test_brackets_in_what_is_printed_are_text(home: Path) -> None:
    """Rich would drop "[a-z0-9-]" as markup, and raise an error at "[/a]"."""
    shown = run(home, "sources", "show", "antara").stdout
    assert "(?:/[a-z0-9-]*)?" in "".join(line[19:].strip() for line in shown.splitlines())


@pytest.mark.processes
def test_a_crawl_of_leased_hosts_names_the_holder_and_when_the_lease_expires(home: Path) -> None:
    with Newsstand(crawl_delay=0) as site, opened(home) as archive:
        assert leases.acquire(archive, "site:newsstand.test", holder="somebody else", seconds=600)
        done = kliping(settings(home, {"newsstand.test": site.base_url}), "crawl", "newsstand")
        assert not site.log
    assert done.returncode == 1
    expected = r"being crawled by somebody else \(if that process is dead, the lease is free in \d+ s\)"
    assert re.search(expected, done.stderr)


@pytest.mark.processes
def test_reextract_of_a_source_without_articles_is_a_mistake(home: Path) -> None:
    opened(home).close()
    done = run(home, "archive", "reextract", "--source", "antra")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "The archive has no article of a source 'antra'; it has articles of: none.\n"


@pytest.mark.processes
def test_every_command_refuses_settings_of_an_unknown_source(home: Path) -> None:
    for command in ("doctor", "crawl newsstand"):
        done = run(home, *command.split(), KLIPING_SOURCES__ANTRA__ENABLED="true")
        assert (done.returncode, done.stdout) == (2, "")
        assert "ANTRA__ENABLED is not a setting. Did you mean KLIPING_SOURCES__ANTARA?" in done.stderr


@pytest.mark.processes
def test_doctor_forgets_a_lost_window_after_the_next_harvest(home: Path) -> None:
    now = datetime.now(UTC)
    site = {"KLIPING_FETCH_FROM": '{"newsstand.test": "http://127.0.0.1:9"}'}
    with opened(home) as archive:
        lapse = windows.Lapse("newsstand", now, WindowState.MISSED, "not run within 7 days")
        windows.record_lapses(archive, [lapse], now=now)
        assert "missed" in run(home, "doctor", **site).stdout
        with archive.writing() as connection:
            start = now + timedelta(seconds=1)
            runs.begin(connection, "r", source="newsstand", kind="crawl", holder="h", lease=None, now=start)
            runs.finish(connection, "r", listed=1, traffic={}, verdict=runs.Verdict("good", None), now=start)
    assert "missed" not in run(home, "doctor", **site).stdout


def test_a_half_written_source_is_reported_and_the_others_are_listed(home: Path, monkeypatch: Any) -> None:
    def load(name: str) -> sources.Source:
        if name == "antara":
            raise sources.BadSourceError("The source file sources/publishers/antara.py cannot be used: it has no terms")
        return whole(name)

    whole = sources.load
    monkeypatch.setattr(sources, "load", load)
    monkeypatch.setenv("KLIPING_HOME", str(home))
    done = CliRunner().invoke(app, ["sources", "list"])
    assert done.exit_code == 1
    assert "cannot be used: it has no terms" in done.output
    assert re.search(r"^newsstand +Newsstand", done.output, re.MULTILINE)
