"""A home that this user may read and not write: reading works, and whatever writes says so in one sentence."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.kliping.test_commands import CLIPPING
from tests.support.children import settings
from tests.support.commands import run_main
from tests.support.homes import Command, database, import_pages, opened_home
from tests.support.no_rights import kliping_obeying, read_only

pytestmark = pytest.mark.processes


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    monkeypatch.setenv("KLIPING_HOME", str(tmp_path / "home"))

    def run_command(*arguments: str) -> tuple[int, str, str]:
        done = run_main(monkeypatch, capsys, *arguments)
        return done.returncode, done.stdout, done.stderr

    return run_command


@pytest.fixture
def ids(run: Command, tmp_path: Path) -> list[str]:
    return import_pages(run, CLIPPING, tmp_path)


@pytest.fixture
def home(tmp_path: Path, ids: list[str]) -> Iterator[Path]:
    """A home with four articles and their index, which nobody may write."""
    with read_only(tmp_path / "home"):
        yield tmp_path / "home"


READING = (
    "search nelayan", "search nelayan --json", "show {id}", "archive stats", "archive verify", "index status",
    "index list", "index failures", "sources list", "sources show newsstand", "sources politeness", "schedule list",
    "schedule next", "runs list",
    "schedule history", "coverage newsstand --from 2024-01-01 --to 2024-01-02",
)  # fmt: skip
WRITING = (
    "crawl newsstand", "import {clipping}", "backfill newsstand --from 2024-01-01 --to 2024-01-02", "reindex",
    "index follow", "index retry", "index rollback", "index prune", "index drop news-v2-20260101000000-00000000",
    "archive reextract", "archive migrate", "schedule run", "schedule pause newsstand", "schedule resume newsstand",
    "schedule run-now newsstand", "sources disable newsstand", "sources accept newsstand", "sources check newsstand",
)  # fmt: skip


def environment_of(home: Path) -> dict[str, str]:
    return settings(home, {"newsstand.test": "http://127.0.0.1:9"})


@pytest.mark.parametrize("words", READING)
def test_what_only_reads_works(home: Path, ids: list[str], words: str) -> None:
    done = kliping_obeying(environment_of(home), *words.format(id=ids[3]).split())
    assert (done.returncode, done.stderr) == (1 if words.startswith("coverage") else 0, "")
    if words in ("search nelayan", "show {id}"):
        assert "Nelayan" in done.stdout
    elif words.endswith("--json"):
        assert json.loads(done.stdout)["total"] == 1


@pytest.mark.parametrize("words", WRITING)
def test_what_writes_ends_in_one_sentence(home: Path, tmp_path: Path, words: str) -> None:
    done = kliping_obeying(environment_of(home), *words.format(clipping=tmp_path / "kliping.txt").split())
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"The archive in {home} is read-only for this user, and this command writes to it. Give this user the right to "
        "write to the folder and the files in it.\n"
    )


def test_doctor_works_and_says_that_the_archive_is_read_only(home: Path) -> None:
    done = kliping_obeying(environment_of(home), "doctor", "--json")
    assert done.stderr == ""
    seen = {each["about"]: each for each in json.loads(done.stdout)}
    assert seen["archive"]["fine"]
    assert seen["index"]["fine"]
    assert any("read-only for this user" in each["seen"] for each in json.loads(done.stdout))


def test_changes_that_only_the_owner_can_apply_are_named(run: Command, tmp_path: Path, ids: list[str]) -> None:
    """The last changes are in the WAL, and its index is gone: only somebody who may write can read them."""
    home = tmp_path / "home"
    with closing(sqlite3.connect(database(home))) as connection:
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("CREATE TABLE later (x)")
        connection.commit()
        wal = Path(f"{database(home)}-wal").read_bytes()
    Path(f"{database(home)}-wal").write_bytes(wal)
    with read_only(home):
        done = kliping_obeying(environment_of(home), "archive", "stats")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"The archive in {home} is read-only for this user, and its last changes are still in {database(home)}-wal. "
        "Let a user who may write to it run any command once, for example `kliping archive stats`.\n"
    )
    with opened_home(home) as archive:
        assert archive.last_seq() == 4


def test_a_reader_sees_what_its_owner_writes_meanwhile(run: Command, tmp_path: Path, ids: list[str]) -> None:
    home = tmp_path / "home"
    with opened_home(home) as archive, archive.writing(), read_only(home):
        done = kliping_obeying(environment_of(home), "archive", "stats", "--json")
    assert (done.returncode, json.loads(done.stdout)["articles"]) == (0, 4)
