"""What only a cluster can put in the way of a follower, a reindex or a search.

What both engines promise stands in `test_follow`, `test_reindex` and `test_reindex_killed`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from archive.articles import SaveResult
from archive.database import Archive
from indexer.contract import (
    NoCopyError,
    NoIndexError,
    Or,
    PhysicalIndex,
    Query,
    SearchIndex,
    Sort,
    UnavailableError,
    Word,
)
from indexer.elastic.index import ElasticIndex
from indexer.follow import current_provenance, follow, register
from indexer.query import read
from indexer.reindex import reindex
from indexer.status import listing, status
from tests.conftest import WIB, an_article
from tests.indexer.test_contract import a_document
from tests.support.elasticsearch.obstacles import stand_out_of_reach
from tests.support.indexing_children import killed

pytest_plugins = ["tests.support.elasticsearch.fixtures"]

Save = Callable[..., SaveResult]


@pytest.fixture
def index(elasticsearch: str) -> ElasticIndex:
    """The engine, without any index."""
    return ElasticIndex(elasticsearch, "news", patience=10.0)


@pytest.fixture
def client(elasticsearch: str) -> Iterator[Elasticsearch]:
    """Somebody else's client of the same server."""
    with Elasticsearch(elasticsearch, request_timeout=60) as other:
        yield other


@pytest.fixture
def ten(archive: Archive, index: ElasticIndex, save: Save) -> PhysicalIndex:
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


def test_a_page_beyond_the_ten_thousandth_hit_is_the_right_one(
    archive: Archive, index: ElasticIndex, ten: PhysicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in pages from one view, as a plain search reads its first ones."""
    for sort in Sort:
        plain = index.search(Query(read("judul", WIB), sort=sort, limit=10))
        with monkeypatch.context() as small:
            small.setattr("indexer.elastic.search.WINDOW", 3)
            small.setattr("indexer.elastic.search.PAGE", 2)
            far = index.search(Query(read("judul", WIB), sort=sort, limit=4, offset=3))
            past = index.search(Query(read("judul", WIB), sort=sort, limit=50, offset=9))
        assert [hit.id for hit in far.hits] == [hit.id for hit in plain.hits[3:7]]
        assert [hit.id for hit in past.hits] == [plain.hits[9].id]
        assert (far.total, far.facets) == (plain.total, plain.facets)


# -- what stands in the way -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "remedy"),
    [("write", "index.blocks.write"), ("read_only", "index.blocks"), ("read_only_allow_delete", "free space")],
)
def test_a_blocked_index_stops_the_follower_with_the_remedy_and_nothing_is_lost_or_buried(
    archive: Archive,
    index: ElasticIndex,
    client: Elasticsearch,
    save: Save,
    ten: PhysicalIndex,
    block: str,
    remedy: str,
) -> None:
    """`read_only_allow_delete` is what Elasticsearch itself sets when its disk is almost full."""
    client.indices.put_settings(index=ten.name, settings={f"index.blocks.{block}": True})
    save(an_article(50))
    with pytest.raises(UnavailableError, match=remedy):
        follow(archive, index)
    seen = status(archive, index)
    assert (seen.lag, seen.dead_letters, total(index)) == (1, 0, 10)
    client.indices.put_settings(index=ten.name, settings={f"index.blocks.{block}": None})
    assert (follow(archive, index).done, total(index)) == (1, 11)


def test_an_index_that_has_the_aliass_name_is_left_alone_and_the_sentence_says_what_to_do(
    archive: Archive, index: ElasticIndex, client: Elasticsearch, save: Save
) -> None:
    client.index(index="news", document={"theirs": 1}, refresh=True)
    save(an_article(1))
    for attempt in (follow, reindex):
        with pytest.raises(UnavailableError, match=r"news is an index in .* KLIPING_INDEX_ALIAS"):
            attempt(archive, index)
    with pytest.raises(UnavailableError, match="KLIPING_INDEX_ALIAS"):
        total(index)
    assert client.count(index="news")["count"] == 1
    client.indices.delete(index="news")
    assert follow(archive, index).done == 1


def test_an_alias_on_two_indexes_or_on_somebody_elses_is_said_so(
    archive: Archive, index: ElasticIndex, client: Elasticsearch, ten: PhysicalIndex
) -> None:
    client.indices.create(index="news-v9", aliases={"news": {}})
    with pytest.raises(UnavailableError, match=f"2 indexes .*{ten.name}"):
        follow(archive, index)
    client.indices.delete_alias(index=ten.name, name="news")
    with pytest.raises(UnavailableError, match="news-v9, which is not Kliping's"):
        follow(archive, index)


def test_an_index_that_disappears_under_its_writer_is_not_made_again_without_our_mapping(
    archive: Archive, index: ElasticIndex, client: Elasticsearch, save: Save, ten: PhysicalIndex
) -> None:
    with index.writer(ten.name) as writer:
        client.indices.delete(index=ten.name)
        with pytest.raises(UnavailableError, match="gone"):
            writer.apply([a_document(11)])
    assert not client.indices.exists(index=ten.name)
    with pytest.raises(NoIndexError):
        total(index)
    assert (follow(archive, index).done, total(index)) == (10, 10)


# -- reindex ----------------------------------------------------------------------------------------------------------


def test_an_index_is_filled_without_refreshes_and_refreshed_again_before_the_alias_moves(
    archive: Archive, index: ElasticIndex, client: Elasticsearch, ten: PhysicalIndex
) -> None:
    loading: list[str] = []

    def at(step: str, fraction: float) -> None:
        if (step, fraction) == ("check", 0.0):
            loading.append(refresh_interval(client, index.list()[-1].name))

    done = reindex(archive, index, on_step=at)
    assert (loading, refresh_interval(client, done.index)) == (["-1"], "default")
    assert list(client.indices.get_alias(name="news").body) == [done.index]


def test_an_index_in_service_that_no_node_holds_stops_whoever_asks_it_with_the_remedy(
    archive: Archive, index: ElasticIndex, client: Elasticsearch, save: Save
) -> None:
    physical = PhysicalIndex.new("news", current_provenance(archive), datetime.now(UTC))
    register(archive, index, physical)
    stand_out_of_reach(client, physical)
    save(an_article(50))
    for attempt in (lambda: follow(archive, index), lambda: total(index), lambda: status(archive, index)):
        with pytest.raises(NoCopyError, match="kliping reindex"):
            attempt()
    assert [each.state for each in listing(archive, index)] == ["building, unreadable"]
    with ElasticIndex(index.url, "news", patience=1.0).writer(physical.name) as writer, pytest.raises(UnavailableError):
        writer.apply([a_document(1)])
    done = reindex(archive, ElasticIndex(index.url, "news", patience=1.0))
    assert (done.index != physical.name, total(index), status(archive, index).lag) == (True, 1, 0)


def test_a_request_to_move_the_alias_that_reaches_the_cluster_twice_has_moved_it(
    archive: Archive, index: ElasticIndex, ten: PhysicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a node dies with the first one taken and not answered, and the next node is asked."""

    def twice(**arguments: Any) -> Any:
        sent(**arguments)
        return sent(**arguments)

    sent = index.client.indices.update_aliases
    monkeypatch.setattr(index.client.indices, "update_aliases", twice)
    done = reindex(archive, index)
    assert (index.alias_target(), total(index)) == (done.index, 10)


def test_a_question_that_is_too_large_is_refused_in_a_sentence_or_answered(
    index: ElasticIndex, ten: PhysicalIndex
) -> None:
    """Elasticsearch bounds the clauses of a query by its memory; what is beyond is never an empty answer."""
    for words in (1_000, 60_000):
        question = Query(Or((*(Word(f"kata{number}") for number in range(words)), Word("judul"))))
        try:
            assert index.search(question).total == 10
        except UnavailableError as refused:
            assert words > 1_000
            assert "clauses" in str(refused)


def refresh_interval(client: Elasticsearch, name: str) -> str:
    """The setting of an index, or "default"."""
    settings = client.indices.get_settings(index=name, flat_settings=True)[name]["settings"]
    return str(settings.get("index.refresh_interval", "default"))


# -- killed -----------------------------------------------------------------------------------------------------------


def test_a_follower_killed_mid_bulk_loses_nothing_and_nothing_is_twice(
    archive: Archive, index: ElasticIndex, save: Save
) -> None:
    for number in range(20):
        save(an_article(number))
    killed("follow_killed_mid_bulk", archive.home, index.url, 3)
    seen = status(archive, index)
    assert (seen.cursor, seen.documents) == (10, 15)
    done = follow(archive, index, wait=10)
    assert (done.done, done.cursor, total(index)) == (10, 20, 20)
    assert status(archive, index).fine
