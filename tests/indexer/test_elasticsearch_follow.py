"""Following, reindexing and searching with problems that only a cluster can have.

`test_follow`, `test_reindex` and `test_reindex_killed` test what both engines promise.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from archive.database import Archive
from indexer.contract import IndexRefusesError, NoCopyError, NoIndexError, PhysicalIndex, UnavailableError
from indexer.elastic.index import ElasticIndex
from indexer.follow import follow
from indexer.nodes import Or, Word
from indexer.queries import Query, Sort
from indexer.query import read
from indexer.registry import current_provenance, register
from indexer.reindex import ReindexStoppedError, reindex
from indexer.status import listing, status
from tests.conftest import WIB, an_article
from tests.support.elasticsearch.obstacles import stand_out_of_reach
from tests.support.indexes import Save, a_document, current_index, total
from tests.support.indexing_children import killed

pytest_plugins = ["tests.support.elasticsearch.fixtures"]


@pytest.fixture
def index(elasticsearch: str) -> ElasticIndex:
    """The engine, without any index."""
    return ElasticIndex(elasticsearch, "news", patience=10.0)


@pytest.fixture
def client(elasticsearch: str) -> Iterator[Elasticsearch]:
    """Another client of the same server."""
    with Elasticsearch(elasticsearch, request_timeout=60) as other:
        yield other


@pytest.fixture
def ten(archive: Archive, index: ElasticIndex, save: Save) -> PhysicalIndex:
    """An index of ten articles."""
    for number in range(10):
        save(an_article(number))
    follow(archive, index)
    return current_index(index)


def test_a_page_beyond_the_ten_thousandth_hit_has_the_right_hits(
    archive: Archive, index: ElasticIndex, ten: PhysicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search reads it page by page from one point in time."""
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


# -- problems ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("block", "remedy"),
    [("write", "index.blocks.write"), ("read_only", "index.blocks"), ("read_only_allow_delete", "free space")],
)
def test_a_blocked_index_stops_the_follower_with_the_remedy_and_makes_no_dead_letters(
    archive: Archive,
    index: ElasticIndex,
    client: Elasticsearch,
    save: Save,
    ten: PhysicalIndex,
    block: str,
    remedy: str,
) -> None:
    """Elasticsearch itself sets `read_only_allow_delete` when its disk is almost full."""
    client.indices.put_settings(index=ten.name, settings={f"index.blocks.{block}": True})
    save(an_article(50))
    with pytest.raises(UnavailableError, match=remedy):
        follow(archive, index)
    seen = status(archive, index)
    assert (seen.lag, seen.dead_letters, total(index)) == (1, 0, 10)
    client.indices.put_settings(index=ten.name, settings={f"index.blocks.{block}": None})
    assert (follow(archive, index).done, total(index)) == (1, 11)


def test_an_index_with_the_name_of_the_alias_is_not_touched_and_the_message_says_what_to_do(
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


def test_an_alias_on_two_indexes_or_on_a_foreign_index_is_an_error(
    archive: Archive, index: ElasticIndex, client: Elasticsearch, ten: PhysicalIndex
) -> None:
    client.indices.create(index="news-v9", aliases={"news": {}})
    with pytest.raises(UnavailableError, match=f"2 indexes .*{ten.name}"):
        follow(archive, index)
    client.indices.delete_alias(index=ten.name, name="news")
    with pytest.raises(UnavailableError, match="news-v9, which is not Kliping's"):
        follow(archive, index)


def test_an_index_deleted_while_it_is_written_is_not_created_again_without_our_mapping(
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


def test_an_index_is_filled_without_refreshes_which_are_on_again_before_the_alias_moves(
    archive: Archive, index: ElasticIndex, client: Elasticsearch, ten: PhysicalIndex
) -> None:
    loading: list[str] = []

    def at(step: str, fraction: float) -> None:
        if (step, fraction) == ("check", 0.0):
            loading.append(refresh_interval(client, index.list()[-1].name))

    done = reindex(archive, index, on_step=at)
    assert (loading, refresh_interval(client, done.index)) == (["-1"], "default")
    assert list(client.indices.get_alias(name="news").body) == [done.index]


def test_every_request_to_a_lost_index_fails_with_the_remedy(
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


def test_a_request_to_move_the_alias_may_reach_the_cluster_twice(
    archive: Archive, index: ElasticIndex, ten: PhysicalIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a node executes it and dies before it answers, and the client sends it to the next node."""

    def twice(**arguments: Any) -> Any:
        original(**arguments)
        return original(**arguments)

    original = index.client.indices.update_aliases
    monkeypatch.setattr(index.client.indices, "update_aliases", twice)
    done = reindex(archive, index)
    assert (index.alias_target(), total(index)) == (done.index, 10)


def test_a_very_large_query_is_answered_or_refused_with_a_sentence(index: ElasticIndex, ten: PhysicalIndex) -> None:
    """Elasticsearch limits the clauses of a query by its memory. A larger query never returns an empty result."""
    for words in (400, 20_000):
        query = Query(Or((*(Word(f"kata{number}") for number in range(words)), Word("judul"))))
        try:
            assert index.search(query).total == 10
        except UnavailableError as refused:
            assert words > 400
            assert "clauses" in str(refused)


def refresh_interval(client: Elasticsearch, name: str) -> str:
    """The refresh interval of an index, or "default"."""
    settings = client.indices.get_settings(index=name, flat_settings=True)[name]["settings"]
    return str(settings.get("index.refresh_interval", "default"))


# -- killed -----------------------------------------------------------------------------------------------------------


def test_after_a_follower_is_killed_during_a_bulk_no_article_is_lost_or_indexed_twice(
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


def test_a_foreign_template_with_a_missing_pipeline_stops_a_reindex_and_a_follow(
    archive: Archive, index: ElasticIndex, client: Elasticsearch, save: Save, ten: PhysicalIndex
) -> None:
    """Somebody's template for `news*` names an ingest pipeline that is not there. Nothing is lost or swapped in."""
    names_a_pipeline = {"index": {"default_pipeline": "perkaya"}}
    client.indices.put_index_template(
        name="foreign", index_patterns=["news*"], template={"settings": names_a_pipeline}, priority=500
    )
    try:
        with pytest.raises(ReindexStoppedError, match="through the ingest pipeline perkaya, which does not exist"):
            reindex(archive, index, keep=0)
        assert (current_index(index), total(index)) == (ten, 10)
        client.indices.put_settings(index=ten.name, settings=names_a_pipeline)
        save(an_article(20))
        with pytest.raises(IndexRefusesError, match=r"index\.default_pipeline"):
            follow(archive, index)
        assert status(archive, index).dead_letters == 0
    finally:
        client.indices.delete_index_template(name="foreign")
    done = reindex(archive, index, keep=0)
    assert (done.documents, done.dead_letters, total(index)) == (11, 0, 11)
