"""A reindex replaces and drops an index that something else is about to use. Every test runs with every engine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from archive import runs, watches
from archive.database import Archive
from archive.watches import Rhythm
from indexer.contract import IndexBusyError, PhysicalIndex, SearchIndex, UnavailableError
from indexer.current import ask_current
from indexer.expunge import expunge
from indexer.follow import follow, retry
from indexer.reindex import reindex
from indexer.rollback import prune
from indexer.status import status
from notify import watching
from notify.preferences import Preferences
from tests.conftest import an_article
from tests.support.indexes import Save, current_index, total

pytest_plugins = ["tests.support.elasticsearch.fixtures"]


@pytest.fixture
def index(another: Callable[[], SearchIndex], archive: Archive, save: Save) -> SearchIndex:
    """An index of one article, and a change that is not in it."""
    opened = another()
    save(an_article(1))
    follow(archive, opened)
    save(an_article(2))
    return opened


def replaced_after(monkeypatch: pytest.MonkeyPatch, archive: Archive, index: SearchIndex, name: str) -> None:
    """Let a reindex replace and drop the index, right after the next answer of one of its methods."""
    real = getattr(index, name)

    def answer() -> object:
        monkeypatch.undo()
        before = real()
        reindex(archive, index, keep=0)
        return before

    monkeypatch.setattr(index, name, answer)


def test_a_follow_goes_on_with_the_new_index(
    archive: Archive, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = current_index(index)
    replaced_after(monkeypatch, archive, index, "current")
    done = follow(archive, index)
    assert done.index == current_index(index).name != old.name
    assert total(index) == 2


def test_a_status_is_that_of_the_new_index(
    archive: Archive, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced_after(monkeypatch, archive, index, "current")
    seen = status(archive, index)
    assert (seen.index, seen.documents, seen.lag) == (current_index(index).name, 2, 0)


def test_a_watch_looks_at_the_new_index(
    archive: Archive, index: SearchIndex, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    watches.add(archive, "source:newsstand", now=now, target="desk", address=None, rhythm=Rhythm.EACH, imports=True)
    with archive.writing() as connection:
        runs.begin(connection, "night", source="newsstand", kind="crawl", holder="test", lease=None, now=now)
    save(an_article(3), run_id="night")
    follow(archive, index)
    replaced_after(monkeypatch, archive, index, "current")
    report = watching.look(archive, index, Preferences({}, ZoneInfo("Asia/Jakarta")), now)
    assert (report.hits, report.problems) == (1, ())


def test_a_retry_says_that_the_index_was_replaced(
    archive: Archive, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced_after(monkeypatch, archive, index, "current")
    with pytest.raises(IndexBusyError, match=r"A reindex has replaced .* Run this command again"):
        retry(archive, index)


def test_what_is_purged_may_be_dropped_meanwhile(
    archive: Archive, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    replaced_after(monkeypatch, archive, index, "list")
    assert expunge(archive, index) == []
    assert total(index) == 2


def test_an_index_that_is_missing_and_not_replaced_is_an_error(archive: Archive, index: SearchIndex) -> None:
    def question(physical: PhysicalIndex | None) -> int:
        assert physical is not None
        raise UnavailableError(f"{physical.name} is missing")

    with pytest.raises(UnavailableError, match="is missing"):
        ask_current(index, question)
    assert prune(archive, index, 0) == ()
