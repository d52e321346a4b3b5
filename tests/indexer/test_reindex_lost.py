"""The index that a reindex builds is lost before the alias moves, as if the only node with it died.

`test_elasticsearch_cluster` loses a real node. Here the loss is simulated, at every step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from archive import indexes
from archive.articles import SaveResult
from archive.database import Archive
from indexer.contract import NoCopyError, PhysicalIndex
from indexer.embedded.index import EmbeddedIndex
from indexer.follow import follow
from indexer.queries import Query
from indexer.query import read
from indexer.reindex import BUILDS, reindex
from indexer.status import status
from tests.conftest import WIB, an_article

ARTICLES = 10
STEPS = (("create", 1.0), ("fill", 0.3), ("fill", 1.0), ("check", 0.0), ("check", 0.5), ("swap", 0.0), ("swap", 0.5))


class LosingIndex(EmbeddedIndex):
    """An engine that loses indexes. With `comes_back` they exist again at the next `create`."""

    def __init__(self, *arguments: Any, comes_back: bool = False) -> None:
        super().__init__(*arguments)
        self.lost: list[str] = []
        self._comes_back = comes_back
        self._lost_now: set[str] = set()

    def lose_newest(self) -> None:
        """Lose the newest index."""
        name = self.list()[-1].name
        assert name != self.alias_target()
        if name not in self._lost_now:
            self.lost.append(name)
            self._lost_now.add(name)

    def create(self, physical: PhysicalIndex) -> None:
        if self._comes_back:
            self._lost_now.clear()
        self._check_lost(physical.name)
        super().create(physical)

    def swap(self, name: str, *, expected: str | None) -> None:
        self._check_lost(name)
        super().swap(name, expected=expected)

    def _open(self, name: str) -> Any:
        self._check_lost(name)
        return super()._open(name)

    def _check_lost(self, name: str) -> None:
        if name in self._lost_now:
            raise NoCopyError(f"No running node has {name}.")


@pytest.fixture
def engine(archive: Archive, save: Callable[..., SaveResult]) -> Callable[[bool], LosingIndex]:
    """Makes an engine with an index of ten articles."""

    def make(comes_back: bool) -> LosingIndex:
        for number in range(ARTICLES):
            save(an_article(number))
        index = LosingIndex(archive.home / "index", "news", comes_back=comes_back)
        follow(archive, index)
        return index

    return make


def losing_at(index: LosingIndex, step: str, fraction: float, times: int = 1) -> Callable[[str, float], None]:
    """A step callback that loses the new index when a step has reached a fraction."""

    def at(reached: str, done: float) -> None:
        if reached == step and done >= fraction and len(index.lost) < times:
            index.lose_newest()

    return at


@pytest.mark.large
@pytest.mark.parametrize(("step", "fraction"), STEPS)
def test_a_lost_index_is_built_again_and_the_alias_never_points_at_it(
    archive: Archive, engine: Callable[[bool], LosingIndex], step: str, fraction: float
) -> None:
    index = engine(False)
    first = index.alias_target()
    done = reindex(archive, index, on_step=losing_at(index, step, fraction), batch_changes=2)
    assert (done.previous, [done.index] == index.lost, done.resumed) == (first, False, False)
    assert index.search(Query(read("judul", WIB))).total == ARTICLES
    assert status(archive, index).fine
    assert [each.name for each in index.list()] == [first, done.index]


@pytest.mark.large
@pytest.mark.parametrize(("step", "fraction"), STEPS)
def test_an_index_that_comes_back_is_resumed(
    archive: Archive, engine: Callable[[bool], LosingIndex], step: str, fraction: float
) -> None:
    index = engine(True)
    done = reindex(archive, index, on_step=losing_at(index, step, fraction), batch_changes=2)
    assert ([done.index], done.resumed) == (index.lost, True)
    assert index.search(Query(read("judul", WIB))).total == ARTICLES


@pytest.mark.large
def test_after_repeated_losses_the_reindex_fails_and_the_next_one_starts_again(
    archive: Archive, engine: Callable[[bool], LosingIndex]
) -> None:
    index = engine(False)
    first = index.alias_target()
    with pytest.raises(NoCopyError):
        reindex(archive, index, on_step=losing_at(index, "fill", 0.3, times=99), batch_changes=2)
    assert (len(index.lost), index.alias_target()) == (BUILDS, first)
    done = reindex(archive, index)
    assert index.search(Query(read("judul", WIB))).total == ARTICLES
    with archive.reading() as connection:
        known = indexes.find_all(connection, index.engine, index.alias)
    assert [row.name for row in known] == [first, done.index]
