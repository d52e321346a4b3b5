"""Homes of archives for tests: articles with kept pages, and what accidents do to their files."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from archive.database import Archive
from tests.support.commands import run_main
from tests.support.importing import InProcessReaders

FIXTURES = Path(__file__).parents[1] / "fixtures" / "sources" / "newsstand"
PAGES = ("www", "lama", "arsip")
"""Saved pages of the newsstand; each is an article with the expected fields beside it."""

Command = Callable[..., tuple[int, str, str]]
"""Runs `kliping` in this process; returns exit status, standard output and standard error."""


class ReadersHere(InProcessReaders):
    """`ReaderPool` without processes."""

    def __init__(self, _processes: int = 1) -> None: ...

    def __enter__(self) -> ReadersHere:
        return self

    def __exit__(self, *_: object) -> None: ...


def expected(name: str) -> dict[str, Any]:
    """The article of a saved page."""
    found: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    return found


def import_pages(run: Command, clipping: str, folder: Path) -> list[str]:
    """Import every saved page in a run of its own, and a clipping; returns the articles' ids."""
    for number, name in enumerate(PAGES, 1):
        page = str(FIXTURES / f"{name}.html")
        status, printed, error = run(
            "import", page, "--url", expected(name)["url"], "--fetched-at", f"2026-01-0{number}T10:00:00+07:00"
        )
        assert status == 0, (printed, error)
    file = folder / "kliping.txt"
    file.write_text(clipping)
    status, printed, error = run("import", str(file), "--fetched-at", "2026-01-09T10:00:00+07:00")
    assert status == 0, (printed, error)
    return [*(expected(name)["id"] for name in PAGES), printed.split()[2]]


def database(home: Path) -> Path:
    """The database's file."""
    return home / "archive.sqlite3"


def opened_home(home: Path) -> Archive:
    """The archive in a home that has one."""
    return Archive.open(f"sqlite:///{database(home)}", home, create=False)


def copy_of(home: Path, to: Path) -> Path:
    """A copy of a home."""
    return Path(shutil.copytree(home, to))


def overwrite_page(home: Path, number: int, size: int = 4096) -> None:
    """Overwrite one page of the database, as a failing disk does."""
    with database(home).open("r+b") as file:
        file.seek((number - 1) * size)
        file.write(b"\xa5" * size)


WORD = "Wakatobinesia"
"""A word for the text of one article, that stands nowhere else."""


def command_on(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `kliping` in this process, on a home."""
    monkeypatch.setenv("KLIPING_HOME", str(home))

    def run_command(*arguments: str) -> tuple[int, str, str]:
        done = run_main(monkeypatch, capsys, *arguments)
        return done.returncode, done.stdout, done.stderr

    return run_command


def files_with(home: Path, word: str) -> list[str]:
    """The files below a folder that have a word in them: also inside gzip members, and in any coding of ours."""
    needles = [word.encode(), word.lower().encode()]
    found = []
    for path in sorted(each for each in home.rglob("*") if each.is_file()):
        content = path.read_bytes()
        if path.name.endswith(".gz"):
            content += gzip.decompress(content)
        if any(needle in content for needle in needles):
            found.append(str(path.relative_to(home)))
    return found


def forgotten(run: Command, *arguments: str) -> str:
    status, printed, error = run("archive", "forget", *arguments, "--reason", "Putusan 12/Pdt.G/2026", "--yes")
    assert status == 0, (printed, error)
    return printed
