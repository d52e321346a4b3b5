"""The contract of a search engine: indexes, alias and versions. Every test runs with every engine."""

from __future__ import annotations

import contextlib
from datetime import timedelta

import pytest

from indexer.contract import (
    Deletion,
    IndexBusyError,
    NoIndexError,
    Outcome,
    PhysicalIndex,
    SearchIndex,
    UnavailableError,
)
from indexer.documents import Document
from indexer.elastic.index import ElasticIndex
from tests.conftest import an_article
from tests.support.contract import Opener, ask, put, titles
from tests.support.indexes import MADE_FOR, NOW, a_document

pytest_plugins = ["tests.support.contract_fixtures"]

# -- indexes and alias ------------------------------------------------------------------------------------------------


def test_a_search_without_an_index_raises_an_error(index: SearchIndex) -> None:
    assert (index.current(), index.alias_target(), index.list()) == (None, None, ())
    with pytest.raises(NoIndexError):
        ask(index, "ISIS")


def test_an_index_stores_its_own_description(another: Opener, physical: PhysicalIndex) -> None:
    assert another().current() == physical
    assert physical.made_for == MADE_FOR
    assert physical.name.startswith("news-v1-20260102030405-")


def test_a_search_of_an_empty_index_finds_nothing(index: SearchIndex, physical: PhysicalIndex) -> None:
    assert ask(index, "ISIS").as_json()["total"] == 0
    assert titles(index, "") == []
    assert index.newest(physical.name) is None


def test_creating_an_index_twice_keeps_its_documents(index: SearchIndex, physical: PhysicalIndex) -> None:
    put(index, physical, a_document())
    index.create(physical)
    assert index.count(physical.name) == 1


def test_the_alias_moves_only_from_the_expected_index(index: SearchIndex, physical: PhysicalIndex) -> None:
    other = PhysicalIndex.new("news", MADE_FOR, NOW + timedelta(seconds=1))
    index.create(other)
    with pytest.raises(IndexBusyError):
        index.swap(other.name, expected=None)
    with pytest.raises(IndexBusyError):
        index.swap(other.name, expected=other.name)
    assert index.alias_target() == physical.name
    index.swap(other.name, expected=physical.name)
    assert index.current() == other


def test_the_alias_never_moves_to_a_missing_index(index: SearchIndex, physical: PhysicalIndex) -> None:
    with pytest.raises(UnavailableError):
        index.swap("news-v1-20260102030405-00000000", expected=physical.name)
    assert index.current() == physical


def test_the_searched_index_cannot_be_dropped_and_others_can(index: SearchIndex, physical: PhysicalIndex) -> None:
    other = PhysicalIndex.new("news", MADE_FOR, NOW + timedelta(seconds=1))
    index.create(other)
    with pytest.raises(IndexBusyError):
        index.drop(physical.name)
    index.drop(other.name)
    index.drop(other.name)
    assert index.list() == (physical,)


def test_a_searcher_follows_the_alias_when_the_old_index_is_dropped(
    index: SearchIndex, another: Opener, physical: PhysicalIndex
) -> None:
    put(index, physical, a_document(title="Lama"))
    reader = another()
    assert titles(reader, "") == ["Lama"]
    new = PhysicalIndex.new("news", MADE_FOR, NOW + timedelta(seconds=1))
    index.create(new)
    put(index, new, a_document(title="Baru"))
    index.swap(new.name, expected=physical.name)
    index.drop(physical.name)
    assert titles(reader, "") == ["Baru"]


def test_a_second_writer_is_refused_or_harmless(index: SearchIndex, another: Opener, physical: PhysicalIndex) -> None:
    """Either way, the latest accepted version stays, and the index can be written after both have closed."""
    with index.writer(physical.name) as first:
        accepted = [3]
        with contextlib.suppress(IndexBusyError), another().writer(physical.name) as second:
            accepted += [9 for result in second.apply([a_document(1, seq=9)]) if result.outcome is Outcome.DONE]
        first.apply([a_document(1, seq=3)])
    assert index.newest(physical.name) == (max(accepted), an_article(1).id)
    assert put(another(), physical, a_document(1, seq=10)) == [Outcome.DONE]


# -- versions ---------------------------------------------------------------------------------------------------------


def test_the_same_or_a_later_version_replaces_and_an_earlier_one_is_stale(
    index: SearchIndex, physical: PhysicalIndex
) -> None:
    assert put(index, physical, a_document(1, seq=5, title="Lima")) == [Outcome.DONE]
    assert put(index, physical, a_document(1, seq=4, title="Empat")) == [Outcome.STALE]
    assert titles(index, "") == ["Lima"]
    assert put(index, physical, a_document(1, seq=5, title="Lima lagi")) == [Outcome.DONE]
    assert put(index, physical, a_document(1, seq=9, title="Sembilan")) == [Outcome.DONE]
    assert (titles(index, ""), index.count(physical.name)) == (["Sembilan"], 1)
    assert index.newest(physical.name) == (9, an_article(1).id)


def test_a_batch_with_one_article_twice_leaves_its_latest_version(index: SearchIndex, physical: PhysicalIndex) -> None:
    batch = [a_document(1, seq=2, title="Dua"), a_document(1, seq=3, title="Tiga"), a_document(1, seq=1, title="Satu")]
    assert put(index, physical, *batch) == [Outcome.DONE, Outcome.DONE, Outcome.STALE]
    assert titles(index, "") == ["Tiga"]


def test_several_sends_before_one_commit_follow_the_same_rules(index: SearchIndex, physical: PhysicalIndex) -> None:
    """The latest version of each article stays, however much is sent before a commit."""
    one, two, three = (an_article(number).id for number in (1, 2, 3))
    sent: list[Document | Deletion] = [
        *(a_document(1, seq=2, title="Dua"), a_document(2, seq=3, title="Tiga"), a_document(3, seq=4, title="Empat")),
        *(a_document(1, seq=7, title="Tujuh"), Deletion(two, 8), a_document(3, seq=1, title="Satu")),
        *(
            Deletion(one, 5),
            a_document(2, seq=6, title="Enam"),
            Deletion(three, 9),
            a_document(3, seq=10, title="Sepuluh"),
        ),
    ]
    with index.writer(physical.name) as writer:
        outcomes = [writer.send([writer.prepare(item)])[0].outcome for item in sent]
        writer.commit()
        writer.commit()
    index.refresh(physical.name)
    done, stale = Outcome.DONE, Outcome.STALE
    assert outcomes == [done, done, done, done, done, stale, stale, stale, done, done]
    assert sorted(titles(index, "")) == ["Sepuluh", "Tujuh"]


def test_a_deleted_article_does_not_come_back_with_an_earlier_version(
    index: SearchIndex, physical: PhysicalIndex
) -> None:
    put(index, physical, a_document(1, seq=3))
    with index.writer(physical.name) as writer:
        assert writer.apply([Deletion(an_article(1).id, 7)])[0].outcome is Outcome.DONE
        assert writer.apply([a_document(1, seq=6)])[0].outcome is Outcome.STALE
    assert index.count(physical.name) == 0
    assert put(index, physical, a_document(1, seq=8)) == [Outcome.DONE]


def test_an_earlier_deletion_leaves_a_later_version(index: SearchIndex, physical: PhysicalIndex) -> None:
    put(index, physical, a_document(1, seq=9))
    assert put(index, physical, Deletion(an_article(1).id, 5), Deletion("unknown", 6)) == [Outcome.STALE, Outcome.DONE]
    assert index.count(physical.name) == 1


def test_a_refused_document_has_a_reason_and_others_are_indexed(index: SearchIndex, physical: PhysicalIndex) -> None:
    long = "http://www.newsstand.test/" + "x" * 40_000
    batch = [a_document(1), a_document(2, url=long), a_document(3)]
    with index.writer(physical.name) as writer:
        results = writer.apply(batch)
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.REFUSED, Outcome.DONE]
    assert results[1].id == batch[1].id
    assert "url" in (results[1].reason or "")
    assert index.count(physical.name) == 2


def test_applied_documents_are_visible_to_the_next_process_that_opens_the_index(
    index: SearchIndex, another: Opener, physical: PhysicalIndex
) -> None:
    put(index, physical, a_document(1, content_hash="a"), a_document(2, content_hash="b"))
    ids = [an_article(number).id for number in (1, 2, 3)]
    assert another().hashes(physical.name, ids) == {ids[0]: "a", ids[1]: "b"}


def test_an_empty_batch_does_nothing(index: SearchIndex, physical: PhysicalIndex) -> None:
    assert put(index, physical) == []


@pytest.mark.soak  # Elasticsearch takes half a minute; the embedded index is searched for words by the forget tests
def test_a_purge_leaves_nothing_of_a_deleted_document(index: SearchIndex, physical: PhysicalIndex) -> None:
    """Documents that stand in a file with a deleted one are sent again; then no file has a deleted one any more."""
    documents = {each.id: each for each in (a_document(number) for number in range(1, 12))}
    put(index, physical, *documents.values())
    first, *others = documents
    with index.writer(physical.name) as writer:
        writer.apply([Deletion(first, 99)])
    beside = index.purge(physical.name)
    assert set(beside) <= set(others)
    put(index, physical, *(documents[each] for each in beside))
    assert index.purge(physical.name) == ()
    index.refresh(physical.name)
    assert index.count(physical.name) == len(others)
    if isinstance(index, ElasticIndex):
        counted = index.client.indices.stats(index=physical.name, metric="docs")["indices"][physical.name]
        assert counted["total"]["docs"]["deleted"] == 0
