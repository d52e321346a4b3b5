"""No traceback reaches a user: streams that are closed, full or of another encoding, full disks, bugs of our own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kliping import streams
from newsstand import Newsstand
from tests.kliping.test_commands import CLIPPING
from tests.support.children import kliping, opened, settings
from tests.support.commands import run_main
from tests.support.homes import database

FOREIGN = {
    "ASCII": {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "PYTHONIOENCODING": "ascii"},
    "Latin-1": {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "LC_ALL": "C", "PYTHONIOENCODING": "iso-8859-1"},
}
"""Encodings of standard streams that lack signs that we print, as LC_ALL=id_ID sets them."""


def in_shell(environment: dict[str, str], command: str) -> subprocess.CompletedProcess[bytes]:
    """Run a shell command; `kliping` in it is ours."""
    line = re.sub(r"(?<!\S)kliping ", f"{sys.executable} -m kliping ", command)
    return subprocess.run(["bash", "-c", line], env=environment, capture_output=True, timeout=120)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Settings of a home with one article."""
    found = settings(tmp_path / "home", {})
    (tmp_path / "kliping.txt").write_text(CLIPPING + "\nIa berkata “cukup” … katanya – tegas.\n")
    done = kliping(found, "import", tmp_path / "kliping.txt", "--fetched-at", "2026-01-09T10:00:00+07:00")
    assert done.returncode == 0, done.stderr
    return found


@pytest.mark.processes
@pytest.mark.parametrize("encoding", ["ASCII", pytest.param("Latin-1", marks=pytest.mark.soak)])
def test_a_crawl_and_a_search_work_in_a_locale_that_lacks_our_signs(tmp_path: Path, encoding: str) -> None:
    names = {"ASCII": "utf-8", "Latin-1": "iso-8859-1"}  # Click takes ASCII for a mistake, and prints UTF-8
    said = {"ASCII": "Crawling newsstand …\n", "Latin-1": "Crawling newsstand ...\n"}
    with Newsstand(crawl_delay=0) as site:
        environment = settings(tmp_path / "home", {"newsstand.test": site.base_url}) | FOREIGN[encoding]
        done = in_shell(environment, "kliping crawl newsstand")
        assert (done.returncode, done.stderr) == (0, b"")
        assert done.stdout.decode(names[encoding]).startswith(said[encoding])
    done = in_shell(environment, "kliping search gempa")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode(names[encoding])
    found = in_shell(environment, "kliping search 'source:newsstand' --limit 50 --json")
    assert json.loads(found.stdout.decode("utf-8"))["total"] == 45
    for switch in ("--jsonl", "--csv"):
        assert in_shell(environment, f"kliping sources list {switch}").stdout.decode("utf-8")


@pytest.mark.processes
@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("kliping show {id} | true", 0),
        ("kliping sources list | head -1", 0),
        ("kliping show {id} >&-", 0),
        ("kliping show {id} >&- 2>&-", 0),
        ("kliping import {clipping} >&- 2>&- <&-", 0),
        ("kliping search nelayan --csv >&-", 0),
        ("kliping sources disable newsstand <&-", 0),
        ("kliping shw >&- 2>&-", 2),
    ],
)
def test_a_closed_stream_ends_no_command(
    environment: dict[str, str], tmp_path: Path, command: str, status: int
) -> None:
    """Nor does a file that is opened later take its number: what is printed is never written into the archive."""
    hits = json.loads(kliping(environment, "search", "nelayan", "--json").stdout)["hits"]
    done = in_shell(environment, command.format(id=hits[0]["id"], clipping=tmp_path / "kliping.txt"))
    assert (done.returncode, done.stderr) == (status, b"")
    assert kliping(environment, "archive", "verify").returncode == 0


@pytest.mark.processes
@pytest.mark.parametrize("words", ["show {id}", "sources list --json", "search nelayan", "--version"])
def test_output_that_does_not_fit_on_the_disk_is_one_sentence(environment: dict[str, str], words: str) -> None:
    hits = json.loads(kliping(environment, "search", "nelayan", "--json").stdout)["hits"]
    done = in_shell(environment, f"kliping {words.format(id=hits[0]['id'])} > /dev/full")
    assert done.returncode == 1
    assert done.stderr == b"The disk is full. Make room, then run this command again.\n"


@pytest.mark.processes
@pytest.mark.large
@pytest.mark.parametrize("kilobytes", [8, 100, 400])
def test_a_disk_that_fills_up_during_a_command_is_one_sentence(tmp_path: Path, kilobytes: int) -> None:
    """No file may grow beyond so many kilobytes: the database, its WAL, a WARC file or the index hits the limit."""
    home = tmp_path / "home"
    environment = settings(home, {})
    opened(home).close()
    folder = tmp_path / "clippings"
    folder.mkdir()
    for number in range(40):
        text = CLIPPING.replace("cakalang", f"cakalang nomor {number}")
        (folder / f"{number}.txt").write_text(text + os.urandom(2_000).hex())
    done = in_shell(environment, f"ulimit -f {kilobytes}; kliping import {folder}")
    assert done.returncode == 1
    error = done.stderr.decode()
    assert "Traceback" not in error
    assert len(error.splitlines()) == 1
    assert kliping(environment, "import", folder).returncode == 0
    assert kliping(environment, "archive", "verify").returncode == 0
    assert database(home).stat().st_size > 40_000


def test_an_error_of_our_own_is_one_sentence_and_its_traceback_is_in_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise KeyError("sesuatu")

    monkeypatch.setattr("kliping.cli.sources_list._listed_sources", broken)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("KLIPING_HOME", str(tmp_path / "home"))
    done = run_main(monkeypatch, capsys, "sources", "list")
    (file,) = tmp_path.glob("kliping-error-*.txt")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"An error of our own: KeyError: 'sesuatu'. Please report it with {file}, which says where it happened.\n"
    )
    assert "Traceback (most recent call last)" in file.read_text()


def test_every_sign_has_a_plain_one_or_a_question_mark() -> None:
    streams.prepare()
    text = "".join(streams.PLAIN) + "π"
    assert text.encode("ascii", "kliping.plain").decode() == "".join(streams.PLAIN.values()) + "?"
