"""A cluster of three nodes loses one: searches, follow and reindex still work, and no article is lost or doubled."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from archive.database import Archive
from indexer.contract import SearchError
from indexer.elastic.index import ElasticIndex
from indexer.follow import follow
from indexer.queries import Query
from indexer.query import read
from indexer.reindex import reindex
from indexer.status import status
from tests.conftest import DRAWN, WIB, an_article
from tests.support.elasticsearch.cluster import Cluster
from tests.support.elasticsearch.server import Server
from tests.support.elasticsearch.starting import available
from tests.support.indexes import Save

ARTICLES = 200
PATIENCE = 5.0
"""Seconds that these tests retry a bulk and wait for a lost node."""
STEPS = (("fill", 1.0), ("check", 0.0), ("check", 0.5), ("swap", 0.0), ("swap", 0.5))
"""Moments of a reindex at which a node is killed."""


@pytest.fixture(scope="module")
def started() -> Iterator[Cluster]:
    """The cluster of this module."""
    cluster = available(Cluster)
    try:
        cluster.start_missing()
        yield cluster
    finally:
        cluster.remove()


@pytest.fixture
def cluster(started: Cluster) -> Cluster:
    """The cluster with all nodes running and without any index of ours."""
    started.start_missing()
    client = ElasticIndex(started.url, "news").client
    left = client.indices.get(index="news-v*", filter_path="*.settings.index.uuid").body
    if left:
        client.indices.delete(index=",".join(left))
    return started


@pytest.fixture
def index(cluster: Cluster) -> ElasticIndex:
    """The engine, which knows all three nodes."""
    return ElasticIndex(cluster.url, "news", patience=PATIENCE)


@dataclass
class SearchLog:
    """The results of a thread that searches all the time: the totals, and the errors."""

    totals: list[int] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@contextmanager
def searching(cluster: Cluster) -> Iterator[SearchLog]:
    """Search in a loop, in another thread, until the block ends."""
    log, stop = SearchLog(), threading.Event()

    def run() -> None:
        searcher = ElasticIndex(cluster.url, "news")
        while not stop.is_set():
            try:
                log.totals.append(searcher.search(Query(read("judul", WIB))).total)
            except SearchError as error:
                log.failed.append(str(error))

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield log
    finally:
        stop.set()
        thread.join()


def node_of(cluster: Cluster, index: ElasticIndex, name: str, copy: str = "p") -> Server:
    """The node with the primary ("p") or the replica ("r") of an index."""
    rows = index.client.cat.shards(index=name, h="prirep,node", format="json").body
    (node,) = [row["node"] for row in rows if row["prirep"] == copy]
    return cluster.named(node)


def assert_complete(archive: Archive, cluster: Cluster, index: ElasticIndex, articles: int) -> None:
    """Every article is found once, and is in both copies when the lost node is back."""
    found = [hit.id for hit in index.search(Query(read("", WIB), limit=5_000)).hits]
    assert sorted(found) == sorted(an_article(number).id for number in range(articles))
    seen = status(archive, index)
    assert (seen.documents, seen.lag, seen.fine) == (articles, 0, True)
    cluster.start_missing()
    name = index.alias_target()
    assert name
    ready = {"wait_for_status": "green", "wait_for_no_relocating_shards": True, "wait_for_events": "languid"}
    health = index.client.cluster.health(index=name, timeout="55s", **ready)
    assert (health["status"], health["active_shards"]) == ("green", 2)
    index.refresh(name)
    holders = [copy["id"] for copy in index.client.cat.shards(index=name, h="id", format="json").body]
    counts = [index.client.count(index=name, preference=f"_only_nodes:{node}")["count"] for node in holders]
    assert counts == [articles] * 2


def lose_a_node_while_following(archive: Archive, cluster: Cluster, save: Save, draw: random.Random, copy: str) -> None:
    """Follow and search, and kill the node with a copy of the index at a random moment."""
    index = ElasticIndex(cluster.url, "news", patience=60.0)
    for number in range(20):
        save(an_article(number))
    follow(archive, index)
    name = index.alias_target()
    assert name
    for number in range(20, ARTICLES):
        save(an_article(number))
    moment = draw.randrange(20, ARTICLES)
    searches_before: list[int] = []

    def progress(cursor: int, _target: int) -> None:
        if cursor >= moment and not searches_before:
            searches_before.append(len(log.totals))
            node_of(cluster, index, name, copy).kill()

    with searching(cluster) as log:
        done = follow(archive, index, progress=progress, batch_changes=10)
    assert (done.done, done.refused) == (ARTICLES - 20, 0)
    assert log.failed == []
    assert len(log.totals) > searches_before[0]
    assert min(log.totals) >= 20
    assert_complete(archive, cluster, index, ARTICLES)


def lose_a_node_while_reindexing(archive: Archive, cluster: Cluster, save: Save, step: str, fraction: float) -> None:
    """Reindex and search, and kill the only node with the new index when a step has reached a fraction."""
    index = ElasticIndex(cluster.url, "news", patience=PATIENCE)
    for number in range(ARTICLES):
        save(an_article(number))
    follow(archive, index)
    killed: list[str] = []

    def at(reached: str, done: float) -> None:
        if not killed and reached == step and done >= fraction:
            building = index.list()[-1]
            assert building.name != index.alias_target()
            node_of(cluster, index, building.name).kill()
            killed.append(building.name)

    with searching(cluster) as log:
        done = reindex(archive, index, lease_seconds=5, on_step=at, batch_changes=20)
    assert log.failed == []
    assert set(log.totals) == {ARTICLES}
    assert [done.index] != killed  # it was built again on the remaining nodes
    assert index.alias_target() == done.index
    assert_complete(archive, cluster, index, ARTICLES)


@pytest.mark.processes
@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", [DRAWN])
def test_a_follow_or_a_reindex_completes_although_a_node_that_it_writes_to_dies(
    archive: Archive, cluster: Cluster, save: Save, seed: int
) -> None:
    """One of the two, drawn; `make soak` has them all."""
    draw = random.Random(seed)
    if draw.random() < 0.5:
        lose_a_node_while_following(archive, cluster, save, draw, "p")
    else:
        lose_a_node_while_reindexing(archive, cluster, save, *draw.choice([("fill", draw.uniform(0.05, 0.95)), *STEPS]))


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("step", "fraction"), STEPS)
def test_the_alias_never_moves_to_an_index_whose_node_is_gone(
    archive: Archive, cluster: Cluster, save: Save, step: str, fraction: float
) -> None:
    lose_a_node_while_reindexing(archive, cluster, save, step, fraction)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("copy", ["p", "r"])
@pytest.mark.parametrize("seed", range(DRAWN, DRAWN + 5))
def test_a_follow_completes_whichever_copy_it_loses(
    archive: Archive, cluster: Cluster, save: Save, copy: str, seed: int
) -> None:
    lose_a_node_while_following(archive, cluster, save, random.Random(seed), copy)
