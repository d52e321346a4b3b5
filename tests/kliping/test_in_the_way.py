"""A file where a folder belongs, or a folder where a file belongs: one sentence that names it and what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.kliping.test_commands import CLIPPING
from tests.support.commands import run_main
from tests.support.homes import Command, import_pages

pytestmark = pytest.mark.large

COMMANDS = (
    "search nelayan", "show {id}", "index status", "index list", "index follow", "index rollback", "index prune",
    "index failures", "reindex", "archive stats", "archive verify", "import {clipping}", "sources list", "doctor",
    "schedule list", "archive migrate",
)  # fmt: skip


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `kliping` in this process, on the home `home`."""
    monkeypatch.setenv("KLIPING_HOME", str(tmp_path / "home"))

    def run_command(*arguments: str) -> tuple[int, str, str]:
        done = run_main(monkeypatch, capsys, *arguments)
        return done.returncode, done.stdout, done.stderr

    return run_command


@pytest.mark.parametrize(
    ("name", "folder", "says"),
    [
        (
            "index/news.alias",
            True,
            "{path} is a folder, but the index needs that name. Move it away, then run `kliping r",
        ),
        ("index", False, "{path} is a file, but the index needs that name. Move it away, then run `kliping reindex`."),
        (
            "archive.sqlite3",
            True,
            "{path} is a folder, but the database needs that name. Move it away, then put the dat",
        ),
        (
            "warc",
            False,
            "{path} is a file, but the WARC files need that name. Move it away, then put the folder back fro",
        ),
        ("archive.mark", True, "{path} is a folder, but the archive's mark needs that name. Move it away."),
    ],
)
def test_what_is_in_the_way_is_named_with_the_remedy(
    run: Command, tmp_path: Path, name: str, folder: bool, says: str
) -> None:
    ids = import_pages(run, CLIPPING, tmp_path)
    assert run("reindex")[0] == 0
    path = tmp_path / "home" / name
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()
    if folder:
        path.mkdir()
    else:
        path.write_text("")
    new = tmp_path / "baru.txt"
    new.write_text(CLIPPING.replace("Kendari", "Ambon"))
    sentence = says.format(path=path)
    said = 0
    for command in COMMANDS:
        status, printed, error = run(*command.format(id=ids[3], clipping=new).split())
        assert status in (0, 1), (command, error)
        assert len(error.splitlines()) <= 1, (command, error)
        if sentence in printed + error:
            said += 1
            assert status == 1, command
        else:
            assert status == 0 or command == "doctor" or str(path) in error, (command, printed, error)
    assert said > 1
    assert sentence in run("doctor")[1]
