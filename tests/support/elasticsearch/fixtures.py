"""Fixtures: the one server that all tests of a run share, and the engines that the contract is tested on.

A test module asks for them by `pytest_plugins = ["tests.support.elasticsearch.fixtures"]`. All tests of the shared
server run in one process (`tests/support/marks.py` groups them), so a run starts it once. A test that stops or kills
its server starts one of its own (`tests.support.elasticsearch.starting`).
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
"""Indexes that the tests create in a server, and delete."""


@pytest.fixture(scope="session")
def elasticsearch_server() -> Iterator[str]:
    """The address of the shared server: our own, or the empty one that the environment names."""
    named = os.environ.get(NAMED)
    if named:
        with Elasticsearch(named, request_timeout=60) as client:
            if client.indices.get(index=",".join(OURS), ignore_unavailable=True).body:
                pytest.fail(f"{NAMED} names a server that holds `news` indexes, which the tests would delete.")
        yield named
        return
    server = started()
    try:
        yield server.url
    finally:
        server.remove()


@pytest.fixture
def elasticsearch(elasticsearch_server: str) -> Iterator[str]:
    """The address of the shared server, without any index of ours."""
    yield elasticsearch_server
    with Elasticsearch(elasticsearch_server, request_timeout=60) as client:
        left = client.indices.get(index=",".join(OURS), ignore_unavailable=True, filter_path="*.settings.index.uuid")
        if left.body:
            client.indices.delete(index=",".join(left.body))


@pytest.fixture(params=["embedded", "elasticsearch"])
def engine_url(request: pytest.FixtureRequest) -> str:
    """The address of an engine, in the form of `KLIPING_INDEX_URL`; each test that uses it runs on every engine."""
    if request.param == "embedded":
        return "embedded:"
    url: str = request.getfixturevalue("elasticsearch")
    return url


@pytest.fixture
def another(engine_url: str, tmp_path: Path) -> Opener:
    """Opens the same engine again, as another process would."""
    return lambda: open_index(engine_url, tmp_path / "home", "news")


@pytest.fixture
def lose(engine_url: str, tmp_path: Path) -> Callable[[str], None]:
    """Deletes an index behind the back of the archive."""

    def take(name: str) -> None:
        if engine_url == "embedded:":
            (tmp_path / "home" / "index" / name).rename(tmp_path / "moved away")
        else:
            with Elasticsearch(engine_url, request_timeout=60) as client:
                client.indices.delete(index=name)

    return take
