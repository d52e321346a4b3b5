"""Fixtures: the one server that all tests of a run share, and the engines that the contract is tested on.

A test module asks for them by `pytest_plugins = ["tests.support.elasticsearch.fixtures"]`. All tests of the shared
server run in one process (`tests/support/marks.py` groups them), so a run starts it once. A test that stops or kills
its server starts one of its own (`tests.support.elasticsearch.starting`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from indexer.contract import SearchIndex
from indexer.engines import open_index
from tests.support.elasticsearch.starting import started
from tests.support.indexes import Filler, filled

Opener = Callable[[], SearchIndex]
ENGINES = ("embedded", "elasticsearch")
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
    _delete(elasticsearch_server, *OURS)


def _delete(server: str, *names: str) -> None:
    with Elasticsearch(server, request_timeout=60) as client:
        left = client.indices.get(index=",".join(names), ignore_unavailable=True, filter_path="*.settings.index.uuid")
        if left.body:
            client.indices.delete(index=",".join(left.body))


@pytest.fixture(params=ENGINES)
def engine_url(request: pytest.FixtureRequest) -> str:
    """The address of an engine, in the form of `KLIPING_INDEX_URL`; each test that uses it runs on every engine."""
    if request.param == "embedded":
        return "embedded:"
    url: str = request.getfixturevalue("elasticsearch")
    return url


@pytest.fixture(scope="module", params=ENGINES)
def fill(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filler]:
    """Makes an index that all tests of a file read and none changes: a new index for each test takes longer than the
    test. Each test that uses it runs on every engine."""
    url = "embedded:" if request.param == "embedded" else request.getfixturevalue("elasticsearch_server")
    home = tmp_path_factory.mktemp("read")
    aliases = (f"only-read-{number}" for number in count(1))
    yield lambda documents: filled(open_index(url, home, next(aliases)), documents)
    if request.param == "elasticsearch":
        _delete(url, "only-read-*")


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
