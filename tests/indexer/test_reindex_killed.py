"""A reindex killed with SIGKILL at any moment: searches still work, and the next reindex completes it."""

from __future__ import annotations

import random
import signal
from collections.abc import Callable
from contextlib import suppress

import pytest

from archive import indexes
from archive.articles import SaveResult
from archive.database import Archive
from indexer.contract import SearchError, SearchIndex
from indexer.follow import follow
from indexer.queries import Query
from indexer.query import read
from indexer.reindex import STEPS, reindex
from indexer.rollback import rollback
from indexer.status import status
from tests.conftest import DRAWN, WIB, an_article
from tests.support import indexing_children

pytest_plugins = ["tests.support.elasticsearch.fixtures"]

Opener = Callable[[], SearchIndex]
Killed = Callable[[str, float, float], None]
"""Where to kill a reindex: the step, the fraction of it that is done, and the seconds after that."""

ARTICLES = 60


@pytest.fixture
def index(archive: Archive, another: Opener, save: Callable[..., SaveResult]) -> SearchIndex:
    """An index of ARTICLES articles."""
    for number in range(ARTICLES):
        save(an_article(number))
    engine = another()
    follow(archive, engine)
    return engine


@pytest.fixture
def killed(archive: Archive, engine_url: str) -> Killed:
    """Starts a reindex in a child process and kills it at the given point."""
    return lambda *where: indexing_children.killed("killed_reindex", archive.home, engine_url, *where)


def assert_nothing_lost(archive: Archive, index: SearchIndex, save: Callable[..., SaveResult]) -> None:
    """Searches and follows work, and the next reindex completes and leaves nothing unfinished."""

    def total() -> int:
        return index.search(Query(read("judul", WIB))).total

    assert total() == ARTICLES
    save(an_article(ARTICLES))
    follow(archive, index, wait=10)
    assert total() == ARTICLES + 1
    reindex(archive, index, wait=10, patience=10)
    assert total() == ARTICLES + 1
    assert status(archive, index).fine
    with archive.reading() as connection:
        states = [row.state for row in indexes.find_all(connection, index.engine, index.alias)]
    assert states == [indexes.IndexState.READY] * 2
    assert len(index.list()) == 2


@pytest.mark.processes
@pytest.mark.parametrize("seed", [DRAWN])
@pytest.mark.parametrize("step", STEPS)
def test_after_a_kill_in_any_step_searches_work_and_the_next_run_completes(
    archive: Archive, index: SearchIndex, killed: Killed, save: Callable[..., SaveResult], step: str, seed: int
) -> None:
    """The point in the step and the delay after it are random."""
    draw = random.Random(f"{seed} {step}")
    killed(step, draw.choice((0.0, 0.25, 0.5, 0.75, 1.0)), draw.choice((0.0, 0.0, draw.uniform(0, 0.02))))
    assert_nothing_lost(archive, index, save)


@pytest.mark.processes
@pytest.mark.parametrize("seed", [DRAWN])
def test_after_several_kills_the_last_run_completes(
    archive: Archive, index: SearchIndex, killed: Killed, save: Callable[..., SaveResult], seed: int
) -> None:
    draw = random.Random(seed)
    for _ in range(3):
        killed("create", 0.0, draw.uniform(0, 0.15))
    assert_nothing_lost(archive, index, save)


@pytest.mark.processes
@pytest.mark.parametrize("fraction", [0.5, 1.0])
def test_a_kill_just_before_or_after_the_alias_moves_loses_nothing(
    archive: Archive, index: SearchIndex, killed: Killed, save: Callable[..., SaveResult], fraction: float
) -> None:
    killed("swap", fraction, 0.0)
    assert_nothing_lost(archive, index, save)


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", [DRAWN])
def test_whatever_is_killed_at_the_same_time_no_article_is_lost_or_indexed_twice(
    archive: Archive, index: SearchIndex, engine_url: str, save: Callable[..., SaveResult], seed: int
) -> None:
    """Up to three processes follow, reindex, roll back or prune, and are killed at random moments during searches."""
    draw = random.Random(seed)
    ids = {an_article(number).id for number in range(ARTICLES)}

    def total() -> int:
        return index.search(Query(read("", WIB), limit=1)).total

    for _ in range(60):
        seen = total()
        for _ in range(draw.randrange(40)):
            article = an_article(draw.randrange(400), title=f"Judul {draw.random()}")
            save(article)
            ids.add(article.id)
        tasks = draw.sample(("follow", "reindex", "rollback", "prune"), draw.choice((1, 1, 2, 3)))
        children = [
            indexing_children.start("killed_in_a_loop", archive.home, engine_url, task, draw.uniform(0, 0.9))
            for task in tasks
        ]
        while any(child.poll() is None for child in children):
            assert total() >= seen, tasks
            seen = total()
        for child in children:
            child.communicate()
            assert child.returncode == -signal.SIGKILL, tasks
        after = draw.choice(("nothing", "reindex", "rollback"))
        with suppress(SearchError):  # there may be no previous index
            if after == "reindex":
                reindex(archive, index, wait=20, patience=20)
            elif after == "rollback":
                rollback(archive, index, patience=20)
        assert follow(archive, index, wait=20).held_by is None
        found = [hit.id for hit in index.search(Query(read("", WIB), limit=1000)).hits]
        assert (len(found), set(found)) == (len(ids), ids), (tasks, after)
        assert status(archive, index).fine
