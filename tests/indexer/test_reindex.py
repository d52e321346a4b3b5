"""Reindexing and rolling back. Every test runs with every engine."""

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
from archive.database import Archive
from archive.leases import acquire
from archive.tables import leases
from indexer.contract import Deletion, IndexBusyError, NoIndexError, PhysicalIndex, SearchIndex
from indexer.follow import follow, reservation
from indexer.reindex import STEPS, ReindexInterruptedError, ReindexStoppedError, reindex
from indexer.rollback import (
    NoPreviousIndexError,
    drop,
    prune,
    rollback,
)
from indexer.status import listing, status
from tests.conftest import an_article
from tests.support import indexing_children
from tests.support.indexes import Save, a_document, current_index, total

pytest_plugins = ["tests.support.elasticsearch.fixtures"]

Opener = Callable[[], SearchIndex]


@pytest.fixture
def index(another: Opener) -> SearchIndex:
    """An engine without any index."""
    return another()


@pytest.fixture
def ten(archive: Archive, index: SearchIndex, save: Save) -> PhysicalIndex:
    """An index of ten articles."""
    for number in range(10):
        save(an_article(number))
    follow(archive, index)
    return current_index(index)


def test_a_reindex_builds_from_zero_and_keeps_the_previous_index(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex
) -> None:
    steps: list[str] = []
    done = reindex(archive, index, on_step=lambda step, _: steps.append(step))
    assert (done.previous, done.resumed, done.documents, done.dropped) == (ten.name, False, 10, ())
    assert tuple(dict.fromkeys(steps)) == STEPS
    assert (current_index(index).name, total(index)) == (done.index, 10)
    assert [each.name for each in index.list()] == [ten.name, done.index]
    again = reindex(archive, index)
    assert again.dropped == (ten.name,)
    assert [each.name for each in index.list()] == [done.index, again.index]


def test_a_reindex_and_a_follow_that_are_asked_to_end_keep_what_they_sent_and_go_on_there(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex, save: Save
) -> None:
    """They end after the batch under way; searches use the present index meanwhile."""
    with pytest.raises(ReindexInterruptedError, match="up to 3; `kliping reindex` goes on there"):
        reindex(archive, index, batch_changes=3, stop=lambda: True)
    assert (current_index(index).name, total(index)) == (ten.name, 10)
    done = reindex(archive, index)
    assert (done.resumed, done.documents) == (True, 10)
    for number in range(10, 20):
        save(an_article(number))
    ended = follow(archive, index, batch_changes=4, stop=lambda: True)
    assert (ended.stopped, ended.done, ended.cursor) == (True, 4, 14)
    rest = follow(archive, index, stop=lambda: True)  # one batch is all that is left
    assert (rest.stopped, rest.done) == (False, 6)
    assert total(index) == 20


def test_a_reindex_without_any_index_creates_the_first(archive: Archive, index: SearchIndex, save: Save) -> None:
    save(an_article(1))
    with pytest.raises(NoIndexError):
        total(index)
    done = reindex(archive, index)
    assert (done.previous, total(index)) == (None, 1)


def test_articles_saved_while_a_reindex_runs_are_in_the_new_index(
    archive: Archive, index: SearchIndex, save: Save, ten: PhysicalIndex
) -> None:
    """At every step: after the swap the new index has everything that the old one had."""

    def at(step: str, fraction: float) -> None:
        if (step, fraction) == ("swap", 0.5):
            return  # the reindex holds the lease of the old index, so nobody can follow it
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
def changed_before_the_check(index: SearchIndex, *items: Any) -> Iterator[Callable[[str, float], None]]:
    """A step callback that changes the new index just before it is checked."""

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
def test_an_index_that_differs_from_the_archive_is_rejected(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex, item: Any, why: str
) -> None:
    with (
        changed_before_the_check(index, item) as at,
        pytest.raises(ReindexStoppedError, match=why) as stopped,
    ):
        reindex(archive, index, on_step=at)
    assert "was not moved" in str(stopped.value)
    assert (current_index(index), total(index)) == (ten, 10)
    done = reindex(archive, index)  # the next one starts again, and drops the rejected index
    assert (done.resumed, total(index)) == (False, 10)
    assert [each.name for each in index.list()] == [ten.name, done.index]


def test_refused_documents_do_not_stop_a_reindex(
    archive: Archive, index: SearchIndex, save: Save, ten: PhysicalIndex
) -> None:
    save(an_article(50, section="x" * 40_000))
    done = reindex(archive, index)
    assert (done.documents, done.dead_letters, total(index)) == (10, 1, 10)


def test_a_second_reindex_at_the_same_time_is_refused(
    archive: Archive, index: SearchIndex, another: Opener, ten: PhysicalIndex
) -> None:
    refusals: list[str] = []

    def at(step: str, fraction: float) -> None:
        if (step, fraction) == ("fill", 0.0):
            with pytest.raises(IndexBusyError, match=r"holds reindex:news\. Nothing was done") as busy:
                reindex(archive, another())
            refusals.append(str(busy.value))

    reindex(archive, index, on_step=at)
    assert len(refusals) == 1
    assert len(index.list()) == 2


def test_the_swap_waits_for_the_follower_of_the_old_index_and_keeps_the_new_one_up_to_date(
    archive: Archive, index: SearchIndex, save: Save, ten: PhysicalIndex
) -> None:
    lease = acquire(archive, f"index:{ten.uuid}", seconds=60)
    assert lease is not None
    with pytest.raises(IndexBusyError, match=f"holds index:{ten.uuid}"):
        reindex(archive, index, lease_seconds=1.0, patience=0.1)
    assert current_index(index) == ten

    def finish() -> None:
        save(an_article(99))
        lease.release()

    follower = threading.Thread(target=finish)
    done = reindex(archive, index, patience=30, on_step=lambda *at: follower.start() if at == ("swap", 0.0) else None)
    follower.join()
    assert (done.resumed, total(index)) == (True, 11)


def test_an_unfinished_index_of_another_schema_is_dropped_and_built_again(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    unfinished = _unfinished_index(archive, index)
    monkeypatch.setattr("indexer.registry.SCHEMA_VERSION", 99)
    done = reindex(archive, index)
    assert (done.resumed, done.index.startswith("news-v99-")) == (False, True)
    assert unfinished not in [each.name for each in index.list()]


def test_an_unfinished_index_that_was_lost_is_built_again(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex, lose: Callable[[str], None]
) -> None:
    lose(_unfinished_index(archive, index))
    done = reindex(archive, index)
    assert (done.resumed, total(index)) == (False, 10)


def _unfinished_index(archive: Archive, index: SearchIndex) -> str:
    """Stop a reindex in the middle, and return the name of its unfinished index."""

    class Stop(Exception):
        pass

    def at(step: str, fraction: float) -> None:
        if step == "fill" and fraction > 0.3:
            raise Stop

    with pytest.raises(Stop):
        reindex(archive, index, on_step=at, batch_changes=2)
    unfinished = index.list()[-1]
    assert unfinished != current_index(index)
    assert 0 < index.count(unfinished.name) < 10
    return unfinished.name


def test_an_unfinished_index_is_resumed(archive: Archive, index: SearchIndex, ten: PhysicalIndex) -> None:
    unfinished = _unfinished_index(archive, index)
    done = reindex(archive, index)
    assert (done.index, done.resumed, total(index)) == (unfinished, True, 10)


# -- rollback ---------------------------------------------------------------------------------------------------------


def test_a_rollback_updates_the_previous_index_before_the_alias_moves_and_a_second_one_undoes_it(
    archive: Archive, index: SearchIndex, save: Save, ten: PhysicalIndex
) -> None:
    new = reindex(archive, index).index
    save(an_article(20))
    follow(archive, index)
    done = rollback(archive, index)
    assert (done.index, done.previous) == (ten.name, new)
    assert (current_index(index), total(index)) == (ten, 11)
    save(an_article(21))
    follow(archive, index)
    assert rollback(archive, index).index == new
    assert total(index) == 12


def test_after_a_rollback_a_reindex_keeps_the_index_that_was_searched_last(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex
) -> None:
    second = reindex(archive, index).index
    rollback(archive, index)
    third = reindex(archive, index)
    assert third.dropped == (second,)
    assert rollback(archive, index).index == ten.name


def test_a_rollback_needs_a_previous_index(archive: Archive, index: SearchIndex, ten: PhysicalIndex) -> None:
    with pytest.raises(NoPreviousIndexError, match="no previous index"):
        rollback(archive, index)
    assert current_index(index) == ten


def test_prune_drops_old_indexes_and_those_that_the_archive_does_not_know(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex
) -> None:
    lost = PhysicalIndex.new("news", ten.made_for, datetime(2020, 1, 1, tzinfo=UTC))
    index.create(lost)
    names = [reindex(archive, index, keep=9).index for _ in range(3)]
    assert [each.state for each in listing(archive, index)] == ["ready"] * 4  # the first reindex dropped the lost one
    assert set(prune(archive, index, keep=1)) == {ten.name, names[0]}
    assert prune(archive, index, keep=0) == (names[1],)
    assert ([each.name for each in listing(archive, index)], total(index)) == ([names[2]], 10)


def test_an_index_is_dropped_by_name_but_never_the_searched_one(
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


# -- a follower that never pauses -------------------------------------------------------------------------------------


@pytest.fixture
def follows_of_ten(
    archive: Archive, another: Opener, ten: PhysicalIndex, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[int]]:
    """How often the first index was followed, by a thread that follows in a loop without a pause.

    POLL is so long that a process waiting for the lease would hardly ever find it free.
    """
    monkeypatch.setattr("indexer.follow.POLL", 1.0)
    count = [0]
    stop = threading.Event()
    started = threading.Event()

    def run() -> None:
        engine = another()
        while not stop.is_set():
            done = follow(archive, engine, lease_seconds=5)
            count[0] += done.held_by is None and done.index == ten.name
            started.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert started.wait(30)
    yield count
    stop.set()
    thread.join()


@pytest.mark.large
@pytest.mark.parametrize("swap", [reindex, rollback])
def test_a_follower_that_never_pauses_delays_a_swap_by_a_few_follows_at_most(
    archive: Archive, index: SearchIndex, ten: PhysicalIndex, follows_of_ten: list[int], swap: Callable[..., Any]
) -> None:
    if swap is rollback:
        reindex(archive, index, patience=60)
        rollback(archive, index, patience=60)
    at_reservation: list[int] = []

    def observed(*arguments: Any, **named: Any) -> Any:
        lease = acquire(*arguments, **named)
        if lease is not None and lease.name == reservation(f"index:{ten.uuid}"):
            at_reservation.append(follows_of_ten[0])
        return lease

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("indexer.follow.acquire", observed)
        swap(archive, index, patience=60)
    assert current_index(index) != ten
    assert len(at_reservation) == 1
    assert follows_of_ten[0] - at_reservation[0] <= 3


def test_the_reservation_of_a_dead_process_expires(
    archive: Archive, index: SearchIndex, save: Save, ten: PhysicalIndex
) -> None:
    save(an_article(50))
    name = reservation(f"index:{ten.uuid}")
    assert acquire(archive, name, holder="mati", seconds=60)
    assert follow(archive, index).held_by == "mati"
    with archive.writing() as connection:
        connection.execute(update(leases).where(leases.c.name == name).values(expires_at=time.time() + 0.5))
    assert follow(archive, index, wait=30).done == 1


# -- with other processes ---------------------------------------------------------------------------------------------


@pytest.mark.processes
def test_reindexes_while_one_process_follows_and_another_searches(
    archive: Archive, index: SearchIndex, engine_url: str, save: Save, ten: PhysicalIndex
) -> None:
    """No search fails or misses a document, although each reindex drops the previous index at once."""
    searcher = indexing_children.start("search_until_stdin_closes", archive.home, engine_url)
    follower = indexing_children.start("follow_until_stdin_closes", archive.home, engine_url)
    for child in (searcher, follower):
        assert child.stdout is not None
        assert child.stdout.readline() == "started\n"
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
