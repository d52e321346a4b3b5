"""What a reindex builds is lost before it is put behind the alias, as when the node dies that alone holds it.

The real loss of a real node stands in `test_elasticsearch_cluster`; here it is played, at every step.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from archive import indexes
from archive.articles import SaveResult
from archive.database import Archive
from indexer.contract import NoCopyError, PhysicalIndex, Query
from indexer.embedded.index import EmbeddedIndex
from indexer.follow import follow
from indexer.query import read
from indexer.reindex import BUILDS, reindex
from indexer.status import status
from tests.conftest import WIB, an_article

ARTICLES = 10
STEPS = (("create", 1.0), ("fill", 0.3), ("fill", 1.0), ("check", 0.0), ("check", 0.5), ("swap", 0.0), ("swap", 0.5))


class Losing(EmbeddedIndex):
    """An engine that loses indexes, and has them again when somebody waits for them and they are to come back."""

    def __init__(self, *arguments: Any, comes_back: bool = False) -> None:
        super().__init__(*arguments)
        self.lost: list[str] = []
        self._comes_back = comes_back
        self._away: set[str] = set()

    def lose_what_is_built(self) -> None:
        """Lose the newest index."""
        name = self.list()[-1].name
        assert name != self.alias_target()
        if name not in self._away:
            self.lost.append(name)
            self._away.add(name)

    def create(self, physical: PhysicalIndex) -> None:
        if self._comes_back:
            self._away.clear()
        self._look(physical.name)
        super().create(physical)

    def swap(self, name: str, *, expected: str | None) -> None:
        self._look(name)
        super().swap(name, expected=expected)

    def _open(self, name: str) -> Any:
        self._look(name)
        return super()._open(name)

    def _look(self, name: str) -> None:
        if name in self._away:
            raise NoCopyError(f"No node holds {name}.")


@pytest.fixture
def engine(archive: Archive, save: Callable[..., SaveResult]) -> Callable[[bool], Losing]:
    """The engine with an index of ten articles."""

    def make(comes_back: bool) -> Losing:
        for number in range(ARTICLES):
            save(an_article(number))
        index = Losing(archive.home / "index", "news", comes_back=comes_back)
        follow(archive, index)
        return index

    return make


def losing_at(index: Losing, step: str, fraction: float, times: int = 1) -> Callable[[str, float], None]:
    """A hook that loses what is built when a step has come so far."""

    def at(reached: str, done: float) -> None:
        if reached == step and done >= fraction and len(index.lost) < times:
            index.lose_what_is_built()

    return at


@pytest.mark.parametrize(("step", "fraction"), STEPS)
def test_it_is_built_again_and_never_put_behind_the_alias(
    archive: Archive, engine: Callable[[bool], Losing], step: str, fraction: float
) -> None:
    index = engine(False)
    first = index.alias_target()
    done = reindex(archive, index, on_step=losing_at(index, step, fraction), batch_changes=2)
    assert (done.previous, [done.index] == index.lost, done.resumed) == (first, False, False)
    assert index.search(Query(read("judul", WIB))).total == ARTICLES
    assert status(archive, index).fine
    assert [each.name for each in index.list()] == [first, done.index]


@pytest.mark.parametrize(("step", "fraction"), STEPS)
def test_where_it_comes_back_it_is_gone_on_with(
    archive: Archive, engine: Callable[[bool], Losing], step: str, fraction: float
) -> None:
    index = engine(True)
    done = reindex(archive, index, on_step=losing_at(index, step, fraction), batch_changes=2)
    assert ([done.index], done.resumed) == (index.lost, True)
    assert index.search(Query(read("judul", WIB))).total == ARTICLES


def test_lost_again_and_again_it_says_so_and_the_next_reindex_begins_anew(
    archive: Archive, engine: Callable[[bool], Losing]
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
