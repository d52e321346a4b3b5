"""Building an index anew beside the one that is searched, and going back; nothing here asks which engine it is."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update

from archive import indexes
from archive.articles import SaveResult
from archive.database import Archive
from archive.leases import acquire
from archive.tables import leases
from indexer.contract import (
    Deletion,
    IndexBusyError,
    NoIndexError,
    PhysicalIndex,
    Query,
    SearchIndex,
)
from indexer.follow import follow
from indexer.query import read
from indexer.reindex import STEPS, ReindexStoppedError, reindex
from indexer.rollback import (
    NoPreviousIndexError,
    drop,
    prune,
    rollback,
)
from indexer.status import listing, status
from tests.conftest import WIB, an_article
from tests.indexer.test_contract import a_document
from tests.support import indexing_children

pytest_plugins = ["tests.support.elasticsearch.fixtures"]

Save = Callable[..., SaveResult]
Opener = Callable[[], SearchIndex]


@pytest.fixture
def index(another: Opener) -> SearchIndex:
    """An engine without any index."""
    return another()


@pytest.fixture
def ten(archive: Archive, index: SearchIndex, save: Save) -> PhysicalIndex:
    """Ten articles, followed into an index."""
    for number in range(10):
        save(an_article(number))
    follow(archive, index)
    return standing(index)


def standing(index: SearchIndex) -> PhysicalIndex:
    """The index behind the alias."""
    physical = index.current()
    assert physical is not None
    return physical


def total(index: SearchIndex, words: str = "") -> int:
    """How many articles a query finds."""
    return index.search(Query(read(words, WIB))).total


def test_a_reindex_builds_from_zero_and_keeps_the_previous_index(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex
) -> None:
    steps: list[str] = []
    done = reindex(archive, index, on_step=lambda step, _: steps.append(step))
    assert (done.previous, done.resumed, done.documents, done.dropped) == (ten.name, False, 10, ())
    assert tuple(dict.fromkeys(steps)) == STEPS
    assert (standing(index).name, total(index)) == (done.index, 10)
    assert [each.name for each in index.list()] == [ten.name, done.index]
    again = reindex(archive, index)
    assert again.dropped == (ten.name,)
    assert [each.name for each in index.list()] == [done.index, again.index]


def test_a_reindex_without_any_index_makes_the_first(archive: Archive, index: SearchIndex, save: Save) -> None:
    save(an_article(1))
    with pytest.raises(NoIndexError):
        total(index)
    done = reindex(archive, index)
    assert (done.previous, total(index)) == (None, 1)


def test_what_is_saved_while_a_reindex_runs_is_in_the_index_that_it_puts_behind_the_alias(
    archive: Archive, index: SearchIndex, save: Save, ten: PhysicalIndex
) -> None:
    """At every step: the new index has all that the old one shows at the moment of the swap."""

    def at(step: str, fraction: float) -> None:
        if (step, fraction) == ("swap", 0.5):
            return  # the lease of the old index is held now, and nobody follows it
        if step == "after":
            assert total(index) >= seen[0]
        if step == "after" or len(seen) > 12:
            return
        save(an_article(100 + len(seen)))
        save(an_article(0, title=f"Judul {len(seen)}"))
        if step != "swap":
            follow(archive, index)
        seen.insert(0, total(index))

    seen: list[int] = [10]
    reindex(archive, index, on_step=at, batch_changes=4)
    follow(archive, index)
    assert total(index) == 10 + len(seen) - 1
    assert status(archive, index).fine


@contextmanager
def written_behind_its_back(index: SearchIndex, *items: Any) -> Iterator[Callable[[str, float], None]]:
    """A hook that changes the new index just before it is checked."""

    def at(step: str, fraction: float) -> None:
        if (step, fraction) == ("check", 0.0):
            new = index.list()[-1]
            with index.writer(new.name) as writer:
                writer.apply(items)

    yield at


@pytest.mark.parametrize(
    ("item", "why"),
    [
        (Deletion(an_article(3).id, 1000), "it has 9 documents, but the archive has 10 articles"),
        (a_document(77, seq=1000), "it has 11 documents, but the archive has 10 articles"),
        (a_document(3, seq=1000, content_hash="false"), "1 of 10 compared articles differ"),
    ],
)
def test_an_index_that_is_not_what_the_archive_says_is_not_taken(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex, item: Any, why: str
) -> None:
    with (
        written_behind_its_back(index, item) as at,
        pytest.raises(ReindexStoppedError, match=why) as stopped,
    ):
        reindex(archive, index, on_step=at)
    assert "was not moved" in str(stopped.value)
    assert (standing(index), total(index)) == (ten, 10)
    done = reindex(archive, index)  # the next one begins anew, and removes what was left
    assert (done.resumed, total(index)) == (False, 10)
    assert [each.name for each in index.list()] == [ten.name, done.index]


def test_refused_documents_do_not_keep_a_reindex_from_ending(
    archive: Archive, index: SearchIndex, save: Save, ten: PhysicalIndex
) -> None:
    save(an_article(50, section="x" * 40_000))
    done = reindex(archive, index)
    assert (done.documents, done.dead_letters, total(index)) == (10, 1, 10)


def test_two_reindexes_at_once_are_one(
    archive: Archive, index: SearchIndex, another: Opener, ten: PhysicalIndex
) -> None:
    tried: list[str] = []

    def at(step: str, fraction: float) -> None:
        if (step, fraction) == ("fill", 0.0):
            with pytest.raises(IndexBusyError, match=r"holds reindex:news\. Nothing was done") as busy:
                reindex(archive, another())
            tried.append(str(busy.value))

    reindex(archive, index, on_step=at)
    assert len(tried) == 1
    assert len(index.list()) == 2


def test_the_swap_waits_for_the_follower_of_the_old_index_and_brings_the_new_one_along(
    archive: Archive, index: SearchIndex, save: Save, ten: PhysicalIndex
) -> None:
    lease = acquire(archive, f"index:{ten.uuid}", seconds=60)
    assert lease is not None
    with pytest.raises(IndexBusyError, match=f"holds index:{ten.uuid}"):
        reindex(archive, index, lease_seconds=1.0, patience=0.1)
    assert standing(index) == ten

    def end() -> None:
        save(an_article(99))
        lease.release()

    ended = threading.Thread(target=end)
    done = reindex(
        archive, index, patience=30, on_step=lambda step, done: ended.start() if (step, done) == ("swap", 0.0) else None
    )
    ended.join()
    assert (done.resumed, total(index)) == (True, 11)


def test_a_half_built_index_of_another_schema_is_dropped_and_begun_anew(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    half = _half_built(archive, index)
    monkeypatch.setattr("indexer.follow.SCHEMA_VERSION", 2)
    done = reindex(archive, index)
    assert (done.resumed, done.index.startswith("news-v2-")) == (False, True)
    assert half not in [each.name for each in index.list()]


def test_a_half_built_index_that_was_lost_is_begun_anew(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex, lose: Callable[[str], None]
) -> None:
    lose(_half_built(archive, index))
    done = reindex(archive, index)
    assert (done.resumed, total(index)) == (False, 10)


def _half_built(archive: Archive, index: SearchIndex) -> str:
    """Stop a reindex in the middle; the name of what it leaves."""

    class Stop(Exception):
        pass

    def at(step: str, fraction: float) -> None:
        if step == "fill" and fraction > 0.3:
            raise Stop

    with pytest.raises(Stop):
        reindex(archive, index, on_step=at, batch_changes=2)
    half = index.list()[-1]
    assert half != standing(index)
    assert 0 < index.count(half.name) < 10
    return half.name


def test_a_half_built_index_is_gone_on_with(archive: Archive, index: SearchIndex, ten: PhysicalIndex) -> None:
    half = _half_built(archive, index)
    done = reindex(archive, index)
    assert (done.index, done.resumed, total(index)) == (half, True, 10)


# -- going back -------------------------------------------------------------------------------------------------------


def test_a_rollback_catches_the_previous_index_up_before_the_alias_moves_and_a_second_one_goes_forth(
    archive: Archive, index: SearchIndex, save: Save, ten: PhysicalIndex
) -> None:
    new = reindex(archive, index).index
    save(an_article(20))
    follow(archive, index)
    done = rollback(archive, index)
    assert (done.index, done.previous) == (ten.name, new)
    assert (standing(index), total(index)) == (ten, 11)
    save(an_article(21))
    follow(archive, index)
    assert rollback(archive, index).index == new
    assert total(index) == 12


def test_after_a_rollback_a_reindex_keeps_the_index_that_was_in_service(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex
) -> None:
    second = reindex(archive, index).index
    rollback(archive, index)
    third = reindex(archive, index)
    assert third.dropped == (second,)
    assert rollback(archive, index).index == ten.name


def test_without_a_previous_index_a_rollback_says_so(archive: Archive, index: SearchIndex, ten: PhysicalIndex) -> None:
    with pytest.raises(NoPreviousIndexError, match="no previous index"):
        rollback(archive, index)
    assert standing(index) == ten


def test_prune_drops_all_but_the_latest_and_what_nobody_knows(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex
) -> None:
    lost = PhysicalIndex.new("news", ten.made_for, datetime(2020, 1, 1, tzinfo=UTC))
    index.create(lost)
    names = [reindex(archive, index, keep=9).index for _ in range(3)]
    assert [each.state for each in listing(archive, index)] == ["ready"] * 4  # the first reindex dropped the lost one
    assert set(prune(archive, index, keep=1)) == {ten.name, names[0]}
    assert prune(archive, index, keep=0) == (names[1],)
    assert ([each.name for each in listing(archive, index)], total(index)) == ([names[2]], 10)


def test_an_index_is_dropped_by_name_but_never_the_one_that_is_searched(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex
) -> None:
    new = reindex(archive, index).index
    with pytest.raises(IndexBusyError):
        drop(archive, index, new)
    with pytest.raises(NoPreviousIndexError):
        drop(archive, index, "news-v1-20200101000000-00000000")
    drop(archive, index, ten.name)
    assert [each.name for each in index.list()] == [new]
    with archive.reading() as connection:
        row = indexes.find(connection, ten.uuid)
    assert row is not None
    assert row.state is indexes.IndexState.DROPPED


# -- a follower that comes again and again ----------------------------------------------------------------------------


@pytest.fixture
def hot(
    archive: Archive, another: Opener, ten: PhysicalIndex, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, int]]:
    """A follower that follows without a breath between two times, and counts its rounds on the first index.

    Whoever waits for a lease looks so seldom that he would hardly ever find it free.
    """
    monkeypatch.setattr("indexer.follow.POLL", 1.0)
    rounds = {"first": 0}
    ended = threading.Event()
    begun = threading.Event()

    def run() -> None:
        engine = another()
        while not ended.is_set():
            done = follow(archive, engine, lease_seconds=5)
            rounds["first"] += done.held_by is None and done.index == ten.name
            begun.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert begun.wait(30)
    yield rounds
    ended.set()
    thread.join()


@pytest.mark.parametrize("swap", [reindex, rollback])
def test_a_hot_follower_holds_a_swap_up_for_a_few_rounds_at_most(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex, hot: dict[str, int], swap: Callable[..., Any]
) -> None:
    if swap is rollback:
        reindex(archive, index, patience=60)
        rollback(archive, index, patience=60)
    seen: list[int] = []

    def stand_in_line(*arguments: Any, **named: Any) -> Any:
        lease = acquire(*arguments, **named)
        if lease is not None and lease.name == f"index:{ten.uuid}:next":
            seen.append(hot["first"])
        return lease

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("indexer.follow.acquire", stand_in_line)
        swap(archive, index, patience=60)
    assert standing(index) != ten
    assert len(seen) == 1
    assert hot["first"] - seen[0] <= 3


def test_who_died_in_line_keeps_followers_back_no_longer_than_his_lease(
    archive: Archive, index: SearchIndex, save: Save, ten: PhysicalIndex
) -> None:
    save(an_article(50))
    line = f"index:{ten.uuid}:next"
    assert acquire(archive, line, holder="mati", seconds=60)
    assert follow(archive, index).held_by == "mati"
    with archive.writing() as connection:
        connection.execute(update(leases).where(leases.c.name == line).values(expires_at=time.time() + 0.5))
    assert follow(archive, index, wait=30).done == 1


# -- while others work ------------------------------------------------------------------------------------------------


def test_reindexes_while_another_process_follows_and_yet_another_searches(
    archive: Archive, index: SearchIndex, engine_url: str, save: Save, ten: PhysicalIndex
) -> None:
    """No search fails or misses a document, with the previous index dropped each time as early as can be."""
    searcher = indexing_children.start("search_until_told", archive.home, engine_url)
    follower = indexing_children.start("follow_until_told", archive.home, engine_url)
    for child in (searcher, follower):
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
    saved = 10
    for round_ in range(4):

        def at(step: str, fraction: float, round_: int = round_) -> None:
            nonlocal saved
            if step != "after" and saved < 12 * (round_ + 1):
                save(an_article(1000 * (round_ + 1) + saved))
                saved += 1

        reindex(archive, index, keep=0, patience=60, on_step=at, batch_changes=9)
    answers = [json.loads(child.communicate(timeout=60)[0]) for child in (searcher, follower)]
    assert [child.returncode for child in (searcher, follower)] == [0, 0]
    assert answers[0]["missed"] == []
    assert answers[0]["searches"] > 20
    assert answers[0]["most"] > 10
    assert answers[1]["times"] > 1
    follow(archive, index, wait=10)
    assert (total(index), len(index.list())) == (saved, 1)
