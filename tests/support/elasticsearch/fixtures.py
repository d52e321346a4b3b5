"""Fixtures: the one server of a session, and the engines that the contract is held to.

A test module that wants them says `pytest_plugins = ["tests.support.elasticsearch.fixtures"]`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from indexer.contract import SearchIndex
from indexer.engines import open_index
from tests.support.elasticsearch.starting import started

Opener = Callable[[], SearchIndex]
NAMED = "KLIPING_TEST_ELASTICSEARCH_URL"
OURS = ("news", "news-v*")
"""What the tests make in a server, and remove."""


@pytest.fixture(scope="session")
def elasticsearch_server() -> Iterator[str]:
    """The address of the session's server: one of our own, or the empty one that the environment names."""
    named = os.environ.get(NAMED)
    if named:
        with Elasticsearch(named, request_timeout=60) as client:
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
    with Elasticsearch(elasticsearch_server, request_timeout=60) as client:
        left = client.indices.get(index=",".join(OURS), ignore_unavailable=True, filter_path="*.settings.index.uuid")
        if left.body:
            client.indices.delete(index=",".join(left.body))


@pytest.fixture(params=["embedded", "elasticsearch"])
def engine_url(request: pytest.FixtureRequest) -> str:
    """The address of an engine, as `KLIPING_INDEX_URL` names it; each test that asks runs with every engine."""
    if request.param == "embedded":
        return "embedded:"
    url: str = request.getfixturevalue("elasticsearch")
    return url


@pytest.fixture
def another(engine_url: str, tmp_path: Path) -> Opener:
    """Opens the same engine once more, as another process would."""
    return lambda: open_index(engine_url, tmp_path / "home", "news")


@pytest.fixture
def lose(engine_url: str, tmp_path: Path) -> Callable[[str], None]:
    """Takes an index away behind the back of everybody."""

    def take(name: str) -> None:
        if engine_url == "embedded:":
            (tmp_path / "home" / "index" / name).rename(tmp_path / "moved away")
        else:
            with Elasticsearch(engine_url, request_timeout=60) as client:
                client.indices.delete(index=name)

    return take
