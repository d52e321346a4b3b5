"""Mistakes that users make: each is answered by one plain sentence with the next step, never by a traceback."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from importlib.metadata import version
from io import StringIO
from pathlib import Path

import pytest

from archive import leases, runs, sqlite
from archive.articles import SaveResult
from archive.database import Archive
from tests.conftest import an_article
from tests.support.children import kliping, settings
from tests.support.commands import run_main

Run = Callable[..., tuple[int, str, str]]

UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture
def run(archive: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `kliping` in this process, on the test's archive. Returns exit status, standard output and error."""
    monkeypatch.setenv("KLIPING_HOME", str(archive.home))

    def run_command(*arguments: str) -> tuple[int, str, str]:
        done = run_main(monkeypatch, capsys, *arguments)
        return done.returncode, done.stdout, done.stderr

    return run_command


@pytest.mark.parametrize(
    ("mistake", "arguments", "status", "says"),
    [
        ("unknown option", "crawl --quick", 2, "There is no option --quick. `kliping crawl --help` lists all options."),
        ("unknown option", "search nelayan --quick", 2, "There is no option --quick. `kliping search --help` lists"),
        (
            "unknown option",
            "search nelayan --jsno",
            2,
            "There is no option --jsno. Did you mean --json? `kliping search",
        ),
        (
            "unknown command",
            "crawll",
            2,
            "There is no command crawll. Did you mean `kliping crawl`? `kliping --help` l",
        ),
        ("unknown command", "index bogus", 2, "There is no command bogus. `kliping index --help` lists all commands."),
        (
            "unknown command",
            "version",
            2,
            "There is no command version. Did you mean `kliping --version`? `kliping --h",
        ),
        ("missing argument", "show", 2, "show needs an article's id or URL, like 1f3a9c20. See `kliping show --help`."),
        ("missing argument", "import", 2, "import needs a file or a folder. See `kliping import --help`."),
        (
            "missing options",
            "backfill antara",
            2,
            "backfill needs --from DAY and --to DAY. See `kliping backfill --help`",
        ),
        ("missing value", "search nelayan --limit", 2, "--limit needs a value after it."),
        ("extra argument", "demo gempa", 2, "demo takes no argument; 'gempa' is too much. See `kliping demo --help`."),
        ("extra argument", "show 1f3a9c20 x", 2, "show takes only ID; 'x' is too much. See `kliping show --help`."),
        ("wrong number", "search a --limit x", 2, "--limit cannot be 'x'. It is a whole number, 1 or more. See"),
        ("wrong number", "index prune --keep=-1", 2, "--keep cannot be '-1'. It is a whole number, 0 or more. See `kl"),
        ("not a folder", "demo --home /etc/hosts", 2, "--home cannot be used: /etc/hosts is a file. Name a folder you"),
        ("bundled site", "crawl newsstand", 2, "newsstand is the bundled site and runs only during `kliping demo`."),
        (
            "bundled site",
            "sources enable newsstand",
            2,
            "newsstand is the bundled site and runs only during `kliping de",
        ),
        ("unknown source", "crawl antra", 2, "There is no source 'antra'. Did you mean antara? `kliping sources list`"),
        (
            "unknown source",
            "sources show xyz",
            2,
            "There is no source 'xyz'. `kliping sources list` shows all s",
        ),
        ("wrong date", "search a --from 2015-13-01", 2, "'2015-13-01' is not in the calendar. Write it like 2015-"),
        (
            "wrong date",
            "coverage --from kemarin",
            2,
            "--from needs a date, and 'kemarin' is not a year, month or day. Wr",
        ),
        ("wrong date", "read dates kemarin --reference 2015-02-30", 2, "cannot be used: 2015-02-30 is not in the cal"),
        (
            "broken query",
            "search judul:gempa",
            2,
            "There is no field judul. The fields are source, agency, photo, place",
        ),
        ("broken query", 'search "nelayan', 2, "This quotation mark is never closed."),
        ("missing file", "import hilang.txt", 2, "There is no file or folder hilang.txt. Check the path."),
        ("missing file", "read page hilang.html", 2, "hilang.html cannot be read: No such file or directory. Give the"),
        ("no index yet", "index rollback", 1, "There is no previous index of news to go back to. `kliping reindex` bu"),
        ("no index yet", "index drop news-v1", 2, "There is no index news-v1. `kliping index list` shows all."),
        ("unknown article", "show 12345678", 1, "The archive has no article 12345678. Give its id or its URL."),
        ("short id", "show 4338", 1, "4338 is too short. Give the first 8 characters of an id. `kliping search` shows"),
        ("no Kibana", "kibana import --url http://127.0.0.1:9", 1, "Start Kibana (docs/kibana.md shows how), or give"),
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
        (
            "KLIPING_HOME",
            "/etc/hosts",
            2,
            "KLIPING_HOME cannot be used: /etc/hosts is a file. Name a folder you can wr",
        ),
        ("KLIPING_TIMEZONE", "Asia/Medan", 2, "The setting KLIPING_TIMEZONE cannot be used: 'Asia/Medan' is"),
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


def test_search_makes_the_index_if_there_is_none_yet(run: Run, archive: Archive) -> None:
    ended, printed, error = run("search", "nelayan")
    assert (ended, error) == (0, "")
    assert printed == f"Nothing was found for nelayan. The archive in {archive.home} is empty.\n"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("merapi or merbabu", "OR must be in capitals to join words: merapi OR merbabu"),
        ("source:newstand", "No article in the index has source:newstand. Did you mean source:newsstand?"),
        ("after:2020 before:2015", "after:2020-01-01 is later than before:2015-01-01."),
        ("merapi", "Try another word for the same thing, or the beginning of a word: mer*"),
    ],
)
def test_a_search_without_hits_says_what_to_try_next(
    run: Run, save: Callable[..., SaveResult], query: str, says: str
) -> None:
    save(an_article(1))
    ended, printed, error = run("search", query)
    assert (ended, error) == (0, "")
    assert printed.startswith(f"Nothing was found for {query}.\n")
    assert says in printed


@pytest.mark.parametrize("arguments", ["search -h", "search nelayan -h", "search --help", "crawl -h", "index list -h"])
def test_h_alone_is_help(run: Run, arguments: str) -> None:
    ended, printed, error = run(*arguments.split())
    assert (ended, error) == (0, "")
    assert printed.startswith("Usage: kliping ")
    assert "<" not in printed.replace("<=", "")


def test_version_prints_the_version(run: Run) -> None:
    assert run("--version") == (0, f"kliping {version('kliping')}\n", "")


def test_colons_in_what_is_printed_are_text(run: Run) -> None:
    """Rich would print ":b:" as an emoji."""
    _, printed, _ = run("search", '"a:b:c"')
    assert printed.startswith('Nothing was found for "a:b:c".')


def test_a_month_names_its_first_and_its_last_day(run: Run) -> None:
    _, printed, _ = run("coverage", "antara", "--from", "2015-11", "--to", "2015-11", "--jsonl")
    days = [json.loads(line)["day"] for line in printed.splitlines()]
    assert (days[0], days[-1], len(days)) == ("2015-11-01", "2015-11-30", 30)


def test_nothing_to_read_is_a_mistake(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", StringIO("\n"))
    for arguments in (("read", "dates", " "), ("read", "credits")):
        ended, printed, error = run(*arguments)
        assert ended == 2
        assert "There is nothing to read." in error
        assert "value" not in printed


def test_doctor_wants_a_user_agent_with_a_contact(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KLIPING_USER_AGENT", raising=False)
    ended, printed, _ = run("doctor", "--json")
    (finding,) = [each for each in json.loads(printed) if each["about"] == "user agent"]
    assert (ended, finding["fine"]) == (1, False)
    assert "for example: KlipingBot/0.1 (you@your.org)" in finding["remedy"]
    monkeypatch.setenv("KLIPING_USER_AGENT", " ")  # an empty value is no choice
    ended, _, error = run("doctor")
    assert ended == 2
    assert "KLIPING_USER_AGENT cannot be used: it is empty" in error


def test_doctor_groups_equal_failures_of_listings(run: Run, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KLIPING_SOURCES__ANTARA__ENABLED", "true")
    hosts = ("www.antaranews.com", "jatim.antaranews.com")
    trouble = [f"https://{host}/rss.xml gave no answer: DNS lookup failed: no address for {host}." for host in hosts]
    reason = " ".join(["An empty harvest.", *trouble, "https://antaranews.com/x.xml answered 404."])
    now = datetime.now(UTC)
    with archive.writing() as connection:
        runs.begin(connection, "r", source="antara", kind="crawl", holder="h", lease=None, now=now)
        runs.finish(connection, "r", listed=0, traffic={}, verdict=runs.Verdict("failed", reason), now=now)
    _, printed, _ = run("doctor", "--json")
    (seen,) = [each["seen"] for each in json.loads(printed) if each["about"] == "source"]
    assert seen.endswith(
        ". An empty harvest. 2 listings gave no answer: DNS lookup failed: no address for the host. "
        "https://antaranews.com/x.xml answered 404."
    )


@pytest.mark.processes
def test_a_crawl_without_a_network_says_what_to_check(tmp_path: Path) -> None:
    done = kliping(settings(tmp_path / "home", {"newsstand.test": UNREACHABLE}), "crawl", "newsstand")
    assert done.returncode == 1
    last = done.stdout.splitlines()[-1]
    assert last.startswith(
        "verdict: failed. No host of newsstand answered. Check the network connection, then run `kliping crawl"
    )
    assert "Traceback" not in done.stderr
