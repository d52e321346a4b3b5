"""Fixtures: the one server of a session, and the engines that the contract is held to.

A test module that wants them says `pytest_plugins = ["tests.elasticsearch.fixtures"]`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pytest
from elasticsearch import Elasticsearch

from indexer.contract import SearchIndex
from indexer.elastic import ElasticIndex
from indexer.embedded import EmbeddedIndex
from tests.elasticsearch.distribution import NotHere
from tests.elasticsearch.server import Server

Made = TypeVar("Made")
Opener = Callable[[], SearchIndex]
NAMED = "KLIPING_TEST_ELASTICSEARCH_URL"
OURS = ("news", "news-v*")
"""What the tests make in a server, and remove."""


def available(make: Callable[[], Made]) -> Made:
    """What is made of a server's files. Where they cannot be had the test is skipped visibly; in CI it fails."""
    try:
        return make()
    except NotHere as why:
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must have a real Elasticsearch: {why}")
        pytest.skip(f"needs a real Elasticsearch: {why}")


def started(settings: Mapping[str, Any] | None = None, *, prepare: Callable[[Server], None] | None = None) -> Server:
    """A server that answers. Where none can be had the test is skipped visibly; in CI it fails."""
    made = available(lambda: Server(settings))
    try:
        if prepare:
            prepare(made)
        made.start()
    except BaseException:
        made.remove()
        raise
    return made


@pytest.fixture(scope="session")
def elasticsearch_server() -> Iterator[str]:
    """The address of the session's server: one of our own, or the empty one that the environment names."""
    named = os.environ.get(NAMED)
    if named:
        with Elasticsearch(named) as client:
            if client.indices.get(index=",".join(OURS), ignore_unavailable=True).body:
                pytest.fail(f"{NAMED} names a server that holds `news` indexes; the tests would remove them.")
        yield named
        return
    server = started()
    try:
        yield server.url
    finally:
        server.remove()


@pytest.fixture
def elasticsearch(elasticsearch_server: str) -> Iterator[str]:
    """The address of a server without any index of ours."""
    yield elasticsearch_server
    with Elasticsearch(elasticsearch_server) as client:
        left = client.indices.get(index=",".join(OURS), ignore_unavailable=True, filter_path="*.settings.index.uuid")
        if left.body:
            client.indices.delete(index=",".join(left.body))


@pytest.fixture(params=["embedded", "elasticsearch"])
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Opener:
    """Opens the same engine once more, as another process would; each test that asks runs with every engine."""
    if request.param == "embedded":
        return lambda: EmbeddedIndex(tmp_path / "index", "news")
    url: str = request.getfixturevalue("elasticsearch")
    return lambda: ElasticIndex(url, "news", patience=20.0)
