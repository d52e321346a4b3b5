"""Fixtures for all tests: an archive on real SQLite or PostgreSQL, made-up articles, the shared material."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import settings

from archive.articles import SaveResult, save_article
from archive.database import Archive
from archive.identity import article_id
from archive.records import Article, Precision
from tests.support.marks import GroupScheduling, allow_processes, mark_and_sort, needs_process
from tests.support.postgresql.archives import DATABASES, archive_on

pytest_plugins = ["tests.support.postgresql.fixtures"]

SHARED = Path(__file__).parents[1].parent / "shared"
WIB = timezone(timedelta(hours=7))

DRAWN = int(os.environ.setdefault("KLIPING_TEST_SEED", str(random.SystemRandom().randrange(10_000))))
"""The seed of everything that a run of the tests draws; the names of tests that use it contain it.

`KLIPING_TEST_SEED=N` repeats it. It is set in the environment, so that all processes of a parallel run draw alike."""

settings.register_profile("kliping", parent=settings(), deadline=None)  # a slow machine is no failure
settings.load_profile("kliping")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling:
    """Share out the tests by our groups."""
    return GroupScheduling(config, log)


@pytest.hookimpl(tryfirst=True)  # before pytest selects by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark and sort the tests. Tests marked `shared` are skipped visibly without the shared folder, and fail in CI."""
    mark_and_sort(items)
    if SHARED.is_dir() or os.environ.get("CI") == "true":
        return
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(pytest.mark.skip(reason="needs ../shared (real pages and gold tables), which is not here"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Forbid processes and servers while a test runs that is not marked for them."""
    allow_processes(needs_process(item))
    try:
        return (yield)
    finally:
        allow_processes(True)


@pytest.fixture
def shared() -> Path:
    """The folder of real pages, gold tables and scorers."""
    assert SHARED.is_dir(), "CI must have ../shared"
    return SHARED


@pytest.fixture(autouse=True)
def no_settings_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the settings of the person who runs the tests."""
    for name in list(os.environ):
        if name.startswith("KLIPING_") and not name.startswith("KLIPING_TEST_"):
            monkeypatch.delenv(name)
    structlog.reset_defaults()  # a command run inside a test logs to that test's standard error
    empty = tmp_path / "empty.toml"
    empty.touch()
    monkeypatch.setenv("KLIPING_CONFIG", str(empty))


@pytest.fixture(autouse=True)
def single_files_are_read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Imports inside a test's process start no reader: pytest has threads, so each would be a new Python.

    `tests/ingest/test_reader_killed.py` has the tests of readers.
    """
    monkeypatch.setattr("ingest.alone.BY_PROCESS", False)


@pytest.fixture
def database() -> str:
    """The database of the archive. Where SQL is the subject, a fixture of this name has both (`DATABASES`).

    `KLIPING_TEST_DATABASE=postgresql` runs every test that makes its archive by the fixture `archive` on PostgreSQL."""
    return os.environ.get("KLIPING_TEST_DATABASE", DATABASES[0])


@pytest.fixture
def archive(request: pytest.FixtureRequest, tmp_path: Path, database: str) -> Iterator[Archive]:
    """A new archive."""
    with archive_on(request, database, tmp_path / "home") as opened:
        yield opened


def an_article(number: int = 1, **changes: Any) -> Article:
    """A made-up article; each number gives another one."""
    url = f"http://www.newsstand.test/berita/{number}/judul-{number}"
    fields: dict[str, Any] = {
        "id": article_id(url),
        "source": "newsstand",
        "url": url,
        "title": f"Judul berita nomor {number}",
        "body": (f"Paragraf pertama berita {number}.", "Paragraf kedua tentang pasar beras di Kendari."),
        "published_at": datetime(2024, 5, 1, 9, 30, tzinfo=WIB) + timedelta(minutes=number),
        "published_precision": Precision.MINUTE,
    }
    return Article(**fields | changes)


@pytest.fixture
def save(archive: Archive) -> Callable[..., SaveResult]:
    """Save an article into the archive, in a transaction of its own."""

    def save_one(article: Article, **fields: Any) -> SaveResult:
        now = datetime.now(UTC)
        defaults: dict[str, Any] = {"run_id": "test", "fetched_at": now, "page_id": None, "reader": "test", "now": now}
        with archive.saving() as saving:
            return save_article(saving, article, **defaults | fields)

    return save_one
