"""A small archive for the reading room's tests: the newsstand's own stories, imported in this process.

One story has two versions and one has a copy at another outlet.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from archive.database import Archive
from indexer.engines import index_of
from kliping import config
from kliping.cli.main import app as command
from kliping.cli.operations import holdings
from newsstand.desk import Desk
from newsstand.stories import load_stories
from web.app import create_app
from web.security import REQUEST_SECONDS

MOSCOW = "Menhan Prancis ke Moskow, jajaki kerja sama dengan Rusia lawan ISIS"
CORRECTED = "Rapat dijadwalkan berlangsung dua hari, bukan sehari."
FETCHED = ("2024-06-01T03:00:00+07:00", "2024-06-02T03:00:00+07:00")


def run(home: Path, *arguments: str) -> str:
    """Run the command in this process on a home. Returns what it printed; raises AssertionError if it fails."""
    theirs = {name: None for name in os.environ if name.startswith("KLIPING_") and "TEST" not in name}
    environment: dict[str, str | None] = theirs | {
        "KLIPING_HOME": str(home),
        "KLIPING_LOG_FORMAT": "json",
        "KLIPING_CONFIG": str(home.parent / "kliping.toml"),
    }
    (home.parent / "kliping.toml").touch()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ingest.alone.BY_PROCESS", False)  # fixtures of a session are made before a test's own patches
        done = CliRunner().invoke(command, list(arguments), env=environment, catch_exceptions=False)
    assert done.exit_code in (0, 1), done.output
    return done.output


def make_home(folder: Path) -> Path:
    """An archive of the newsstand's stories, with its index, in a folder."""
    home, saved = folder / "home", folder / "saved"
    saved.mkdir(parents=True)
    desk = Desk(load_stories(), [], 0.0)
    for story in desk.stories():
        (saved / f"{story.outlet}-{story.number}.html").write_bytes(desk.answer(story.outlet.host, story.path).body)
    run(home, "import", str(saved), "--fetched-at", FETCHED[0])
    before = next(story for story in desk.stories() if story.title == MOSCOW)
    story = desk.correct(before.path, CORRECTED, outlet=before.outlet)
    page = folder / "corrected.html"
    page.write_bytes(desk.answer(story.outlet.host, story.path).body)
    run(home, "import", str(page), "--fetched-at", FETCHED[1])
    return home


def settings_of(home: Path, **changes: object) -> config.Settings:
    """Settings of a home, whatever the environment says."""
    return config.Settings(home=home, **changes)  # type: ignore[arg-type]  # fields of the model


Serve = Callable[..., TestClient]
"""Serves a home: `serve(home, **settings)` returns a client, which follows no redirect."""


def serve(home: Path, *, seconds: float = REQUEST_SECONDS, **changes: object) -> TestClient:
    """A client of the reading room on a home, in this process."""
    chosen = settings_of(home, **changes)
    archive = Archive.open(chosen.archive_url, home, create=False)
    room = create_app(
        holdings(chosen, archive, index_of(chosen)),
        bound_to=chosen.web_host,
        hosts=chosen.web_hosts,
        seconds=seconds,
    )
    return TestClient(room, base_url="http://127.0.0.1:8420", follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the newsstand's stories; tests must not change it."""
    return make_home(tmp_path_factory.mktemp("room"))


@pytest.fixture(scope="session")
def browser(demo_home: Path) -> TestClient:
    """A client of the reading room on the newsstand's stories."""
    return serve(demo_home)
