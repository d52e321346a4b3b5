"""Ten mistakes that users make: each is answered by one plain sentence with the next step, never by a traceback."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from archive import leases, sqlite
from archive.database import Archive
from kliping.cli import main
from tests.support.children import kliping, settings

Run = Callable[..., tuple[int, str, str]]

UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture
def run(archive: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `kliping` in this process, on the test's archive. Returns exit status, standard output and error."""
    monkeypatch.setenv("KLIPING_HOME", str(archive.home))

    def run_command(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["kliping", *arguments])
        with pytest.raises(SystemExit) as ended:
            main.main()
        printed = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return ended.value.code, printed.out, printed.err

    return run_command


@pytest.mark.parametrize(
    ("mistake", "arguments", "status", "says"),
    [
        ("unknown option", "crawl --fast", 2, "No such option: --fast. See `kliping crawl --help`."),
        ("unknown option", "search nelayan --fast", 2, "There is no option --fast. `kliping search --help` lists"),
        ("unknown command", "crawll", 2, "No such command 'crawll'. Did you mean 'crawl'? See `kliping --help`."),
        ("missing argument", "show", 2, "Missing argument 'ID'. See `kliping show --help`."),
        ("unknown source", "crawl antra", 2, "There is no source 'antra'. Did you mean antara? `kliping sources list`"),
        (
            "unknown source",
            "sources show xyz",
            2,
            "There is no source 'xyz'. `kliping sources list` shows all s",
        ),
        ("wrong date", "search a --from 2015-13-01", 2, "'2015-13-01' is not in the calendar. Write it like 2015-"),
        ("wrong date", "coverage --from kemarin", 2, "there is no day 'kemarin'. Write it like 2015-12-01. See `klip"),
        ("broken query", 'search "nelayan', 2, "This quotation mark is never closed."),
        ("missing file", "import hilang.txt", 2, "There is no file or folder hilang.txt. Check the path."),
        ("missing file", "read page hilang.html", 2, "hilang.html cannot be read: No such file or directory. Give the"),
        ("no index yet", "index rollback", 1, "There is no previous index of news to go back to. `kliping reindex` bu"),
        ("no index yet", "index drop news-v1", 2, "There is no index news-v1. `kliping index list` shows all."),
        ("unknown article", "show 12345678", 1, "The archive has no article 12345678. Give its id or its URL."),
        ("two formats", "index list --json --csv", 2, "--json and --csv exclude each other. Give one of them. See `kl"),
    ],
)
def test_a_mistake_is_one_sentence_with_the_next_step(
    run: Run, mistake: str, arguments: str, status: int, says: str
) -> None:
    ended, printed, error = run(*arguments.split())
    assert (ended, printed) == (status, ""), mistake
    assert says in error
    assert len(error.splitlines()) == (4 if mistake == "broken query" else 1)  # a query is printed, with the place


@pytest.mark.parametrize(
    ("name", "value", "status", "says"),
    [
        ("KLIPING_HOEM", "arsip", 2, "KLIPING_HOEM is not a setting. Did you mean KLIPING_HOME? docs/settings.md"),
        ("KLIPING_TIMEZONE", "Asia/Medan", 2, "The setting timezone cannot be used: 'Asia/Medan' is not a time zone"),
        ("KLIPING_INDEX_URL", "127.0.0.1:9200", 2, "KLIPING_INDEX_URL is '127.0.0.1:9200'. Set it to `embedded:` or"),
        (
            "KLIPING_INDEX_URL",
            UNREACHABLE,
            1,
            f"Elasticsearch at {UNREACHABLE} cannot be reached: connection refused. Check KLIPING_INDEX_URL and th",
        ),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, status: int, says: str
) -> None:
    """An unknown setting, a wrong value, a wrong URL of the index, and a URL where nothing answers."""
    monkeypatch.setenv(name, value)
    ended, printed, error = run("search", "nelayan")
    assert (ended, printed) == (status, "")
    assert error.startswith(says)
    assert len(error.splitlines()) == 1


@pytest.mark.parametrize("lines", ["[sources.antara]\nfeed = ['http://a.test/rss']\n", "hoem = 'arsip'\n"])
def test_an_unknown_setting_in_the_file_is_one_sentence(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lines: str
) -> None:
    file = tmp_path / "kliping.toml"
    file.write_text(lines)
    monkeypatch.setenv("KLIPING_CONFIG", str(file))
    ended, _, error = run("search", "nelayan")
    assert ended == 2
    assert " is not a setting. Did you mean " in error


@pytest.mark.parametrize("arguments", ["index follow", "schedule pause newsstand", "archive reextract"])
def test_a_locked_database_is_one_sentence(
    run: Run, archive: Archive, monkeypatch: pytest.MonkeyPatch, arguments: str
) -> None:
    """Another process holds SQLite's write lock for longer than a command waits."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.1)
    with closing(sqlite3.connect(archive.home / "archive.sqlite3", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ended, _, error = run(*arguments.split())
    assert ended == 1
    assert error == (
        "The archive's database cannot be used: another process holds its write lock. Wait until that command has "
        "ended, then run this one again.\n"
    )


def test_a_lease_that_another_process_holds_is_one_sentence(run: Run, archive: Archive) -> None:
    assert leases.acquire(archive, "reextract", holder="mesin-lain", seconds=600)
    ended, _, error = run("archive", "reextract")
    assert ended == 1
    assert "mesin-lain" in error
    assert len(error.splitlines()) == 1


def test_search_makes_the_index_if_there_is_none_yet(run: Run) -> None:
    ended, printed, error = run("search", "nelayan")
    assert (ended, printed, error) == (0, "Nothing was found for nelayan\n", "")


@pytest.mark.processes
def test_a_crawl_without_a_network_says_what_to_check(tmp_path: Path) -> None:
    done = kliping(settings(tmp_path / "home", {"newsstand.test": UNREACHABLE}), "crawl", "newsstand")
    assert done.returncode == 1
    last = done.stdout.splitlines()[-1]
    assert last.startswith(
        "failed. No host of newsstand answered. Check the network connection, then run `kliping crawl"
    )
    assert "Traceback" not in done.stderr
