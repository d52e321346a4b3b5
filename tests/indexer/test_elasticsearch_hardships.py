"""A real Elasticsearch with security and small limits, or down: keys, a tiny queue, small requests, restarts."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from archive import windows
from archive.database import Archive
from archive.window import WindowState
from indexer.contract import Outcome, PhysicalIndex, UnavailableError
from indexer.elastic.index import ElasticIndex
from indexer.follow import follow
from indexer.registry import first_index
from indexer.reindex import reindex
from indexer.status import status
from newsstand import Newsstand
from tests.conftest import an_article
from tests.support.children import kliping, opened, settings, until
from tests.support.elasticsearch.server import Server
from tests.support.elasticsearch.starting import started
from tests.support.indexes import MADE_FOR, NOW, Save, a_document, total

pytestmark = pytest.mark.processes

ADMIN, PASSWORD = "admin", "only-for-tests"
LARGEST = 1_000_000
"""The largest request, in bytes, that the strict server accepts."""
STRICT: dict[str, Any] = {
    "xpack.security.enabled": True,
    "xpack.security.enrollment.enabled": False,
    "thread_pool.write.size": 1,
    "thread_pool.write.queue_size": 1,
    "http.max_content_length": f"{LARGEST}b",
}
ROLES = Path(__file__).parents[2] / "docker" / "roles"


@pytest.fixture(scope="module")
def strict() -> Iterator[Server]:
    """A server for this module, with security, one write thread and small requests."""
    server = started(STRICT, prepare=lambda server: server.add_superuser(ADMIN, PASSWORD))
    try:
        yield server
    finally:
        server.remove()


@pytest.fixture
def admin(strict: Server) -> Iterator[Elasticsearch]:
    """A client that may do everything. Deletes the indexes that a test leaves."""
    with Elasticsearch(strict.url, basic_auth=(ADMIN, PASSWORD), request_timeout=60) as client:
        yield client
        left = client.indices.get(index="news,news-v*", ignore_unavailable=True, filter_path="*.settings.index.uuid")
        if left.body:
            client.indices.delete(index=",".join(left.body))


def key_of(admin: Elasticsearch, role: str, **more: Any) -> str:
    """A key with one of the roles of the setup."""
    request = json.loads((ROLES / f"{role}.json").read_text())
    key = admin.security.create_api_key(name=role, role_descriptors=request["role_descriptors"], **more)
    return str(key["encoded"])


def engine_of(strict: Server, admin: Elasticsearch, role: str, *, patience: float = 10.0) -> ElasticIndex:
    """The engine with a key of this role."""
    return ElasticIndex(strict.url, "news", api_key=key_of(admin, role), patience=patience)


def restart(strict: Server, admin: Elasticsearch) -> None:
    """Start the server again, and wait until it can read its indexes, also the one with the keys."""
    strict.start()
    admin.cluster.health(wait_for_status="yellow", timeout="55s")


# -- keys -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["wrong", "expired", "none"])
def test_a_wrong_expired_or_missing_key_gets_one_plain_sentence(
    strict: Server, admin: Elasticsearch, archive: Archive, kind: str
) -> None:
    keys = {"wrong": "bm9ib2R5OndpdGhvdXQ=", "expired": key_of(admin, "reindexer", expiration="1ms"), "none": None}
    key = keys[kind]
    index = ElasticIndex(strict.url, "news", api_key=key)
    reasons = {"wrong": "unable to find", "expired": "is expired", "none": "missing authentication"}
    for attempt in (lambda: follow(archive, index), lambda: total(index), lambda: reindex(archive, index)):
        with pytest.raises(UnavailableError) as refused:
            attempt()
        sentence = str(refused.value)
        assert "KLIPING_ELASTICSEARCH_API_KEY" in sentence
        assert reasons[kind] in sentence
        assert "\n" not in sentence
        assert not key or key not in sentence


@pytest.mark.timeout(900)
def test_a_key_that_a_starting_server_cannot_look_up_yet_is_not_reported_as_wrong(
    strict: Server, admin: Elasticsearch, archive: Archive
) -> None:
    """No shard is allowed on the node, so its index of keys is unavailable, as for a moment after each start."""
    index = engine_of(strict, admin, "reindexer")
    follow(archive, index)
    excluded = "cluster.routing.allocation.exclude._name"
    admin.cluster.put_settings(persistent={excluded: "one"})
    strict.stop()
    strict.start()
    try:
        with pytest.raises(UnavailableError, match="cannot look up the API key now"):
            follow(archive, index)
    finally:
        admin.cluster.put_settings(persistent={excluded: None})
        admin.cluster.health(wait_for_status="yellow", timeout="55s")
    follow(archive, index)
    assert status(archive, index).fine


def test_every_key_may_do_its_work_and_nothing_else(
    strict: Server, admin: Elasticsearch, archive: Archive, save: Save
) -> None:
    indexer, reindexer, reader = (engine_of(strict, admin, role) for role in ("indexer", "reindexer", "reader"))
    save(an_article(1))
    with pytest.raises(UnavailableError, match="may not do this"):
        follow(archive, indexer)  # there is no index yet, and this key may not create one
    old = reindex(archive, reindexer).index
    save(an_article(2))
    assert follow(archive, indexer).done == 1
    new = reindex(archive, reindexer).index
    assert (total(reader), reader.count(new), status(archive, reader).fine) == (2, 2, True)
    for index, name in ((indexer, old), (reader, old)):
        with pytest.raises(UnavailableError, match="may not do this"):
            index.drop(name)
    with pytest.raises(UnavailableError, match="may not do this"), reader.writer(new) as writer:
        writer.apply([a_document(9)])
    with pytest.raises(UnavailableError, match="may not do this"):
        indexer.swap(old, expected=new)
    assert reindexer.alias_target() == new
    for index in (indexer, reindexer, reader):
        assert all(condition.fine for condition in index.conditions())
    assert reindexer.terms("membicarakan") == ("bicara",)
    with pytest.raises(UnavailableError, match="may not do this"):
        reader.terms("membicarakan")


# -- a small server ---------------------------------------------------------------------------------------------------


def test_a_queue_that_is_often_full_loses_nothing(strict: Server, admin: Elasticsearch) -> None:
    """Six writers of one index, one thread and a queue of one: the server rejects bulks with 429."""
    index = engine_of(strict, admin, "reindexer")
    physical = in_service(index)
    before = rejected(admin)
    outcomes: list[Outcome] = []

    def write(numbers: range) -> None:
        with engine_of(strict, admin, "reindexer", patience=120.0).writer(physical.name) as writer:
            for number in numbers:
                batch = [a_document(number * 100 + each, body=("kata " * 300,)) for each in range(100)]
                outcomes.extend(result.outcome for result in writer.apply(batch))

    threads = [threading.Thread(target=write, args=(range(first, 36, 6),)) for first in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [Outcome.DONE] * 3_600
    assert index.count(physical.name) == 3_600
    assert rejected(admin) > before


def rejected(admin: Elasticsearch) -> int:
    """How many writes the server has rejected."""
    (node,) = admin.nodes.stats(metric="thread_pool")["nodes"].values()
    return int(node["thread_pool"]["write"]["rejected"])


def in_service(index: ElasticIndex) -> PhysicalIndex:
    """An empty index behind the alias."""
    physical = PhysicalIndex.new("news", MADE_FOR, NOW)
    index.create(physical)
    index.swap(physical.name, expected=None)
    return physical


def test_a_large_batch_is_sent_in_several_requests_and_a_document_that_is_too_large_is_refused(
    strict: Server, admin: Elasticsearch
) -> None:
    index = engine_of(strict, admin, "reindexer")
    physical = in_service(index)
    large = "kata " * (LARGEST // 5)
    batch = [a_document(number, body=("kata " * 20_000,)) for number in range(1, 31)]
    batch[17] = a_document(18, body=(large,))
    with index.writer(physical.name) as writer:
        results = writer.apply(batch)
    assert [result.outcome for result in results].count(Outcome.DONE) == 29
    assert results[17].outcome is Outcome.REFUSED
    assert "bytes are more than Elasticsearch accepts at once" in (results[17].reason or "")
    assert index.count(physical.name) == 29


# -- down -------------------------------------------------------------------------------------------------------------


@pytest.mark.timeout(900)
def test_a_server_that_is_killed_during_a_follow_gets_everything_when_it_is_back(
    strict: Server, admin: Elasticsearch, archive: Archive, save: Save
) -> None:
    """While it is down, articles are saved, the running follower waits, and a new follower fails at once."""
    for number in range(300):
        save(an_article(number))
    index = engine_of(strict, admin, "reindexer", patience=300.0)
    first_index(archive, index)
    reached, killed = threading.Event(), threading.Event()
    done: list[Any] = []

    def progress(cursor: int, _target: int) -> None:
        if cursor >= 20:
            reached.set()
            killed.wait(60)

    def run() -> None:
        done.append(follow(archive, index, progress=progress, batch_changes=10))

    follower = threading.Thread(target=run)
    follower.start()
    assert reached.wait(60)
    strict.kill()
    killed.set()
    began = time.monotonic()
    with pytest.raises(UnavailableError, match="cannot be reached"):
        follow(archive, ElasticIndex(strict.url, "news"))
    assert time.monotonic() - began < 60  # not the 120 s for which a bulk is retried
    save(an_article(1000))
    strict.start()
    follower.join(300)
    assert [(each.done, each.refused) for each in done] == [(300, 0)] or [each.done for each in done] == [301]
    follow(archive, index)
    assert (total(index), status(archive, index).fine, status(archive, index).lag) == (301, True, 0)


SERVICE = """
from archive.database import Archive
from kliping.cli.following import follow_quietly
from kliping.config import load
from scheduler.daemon import run_service
from scheduler.timetable import TimetableEntry
settings = load()
entry = TimetableEntry("newsstand", "site:newsstand.test", "Asia/Jakarta", every=5, configured=True)
with Archive.open(settings.archive_url, settings.home) as archive:
    run_service(archive, settings, {"newsstand": entry}, follow=lambda: follow_quietly(settings, archive))
"""


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_server_that_is_down_during_all_crawls_of_a_night_gets_everything_when_it_is_back(
    strict: Server, admin: Elasticsearch, tmp_path: Path
) -> None:
    """Two schedulers and a manual crawl. Each says how far the index is behind, and so does the doctor."""
    home = tmp_path / "home"
    with Newsstand(crawl_delay=0) as site, opened(home) as archive:
        cluster = {"KLIPING_INDEX_URL": strict.url, "KLIPING_ELASTICSEARCH_API_KEY": key_of(admin, "reindexer")}
        environment = settings(home, {"newsstand.test": site.base_url}, KLIPING_LEASE_SECONDS="5", **cluster)
        assert kliping(environment, "index", "follow").returncode == 0
        strict.stop()
        try:
            output = run_two_schedulers(environment, tmp_path, archive)
            stored = len(site.stories())
            behind = archive.last_seq()  # besides the articles, two rows: two tell one story
            assert f"the index is {behind} changes behind" in output
            site.correct(site.stories("www")[0].path, "Ralat: satu kalimat ditambahkan.")
            manual = kliping(environment, "crawl", "newsstand")
            assert manual.returncode == 1
            assert archive.last_seq() == behind + 1
            assert f"the index is {behind + 1} changes behind: Elasticsearch at" in manual.stderr
            assert f"{behind + 1} changes behind the archive" in kliping(environment, "doctor").stdout
        finally:
            restart(strict, admin)
        assert kliping(environment, "index", "follow").returncode == 0
        seen = json.loads(kliping(environment, "index", "status", "--json").stdout)
        assert (seen["documents"], seen["lag"], seen["dead_letters"]) == (stored, 0, 0)
        found = json.loads(kliping(environment, "search", "", "--limit", "500", "--copies", "--json").stdout)
        assert len({hit["id"] for hit in found["hits"]}) == len(found["hits"]) == stored


def run_two_schedulers(environment: dict[str, str], folder: Path, archive: Archive) -> str:
    """Run two on one archive until a crawl has succeeded and a follow was attempted. Returns their output."""
    logs = [folder / f"scheduler-{number}.log" for number in (1, 2)]
    services = []
    for log in logs:
        with log.open("w") as output:
            command = [sys.executable, "-c", SERVICE]
            services.append(subprocess.Popen(command, env=environment, stdout=output, stderr=output))

    def printed() -> str:
        return "".join(log.read_text() for log in logs)

    try:
        until(lambda: WindowState.DONE in {window.state for window in windows.history(archive)}, patience=240)
        until(lambda: f"the index is {archive.last_seq()} changes behind" in printed(), patience=240)
        for service in services:
            service.terminate()
        assert [service.wait(60) for service in services] == [0, 0]
    finally:
        for service in services:
            service.kill()
            service.wait()
    return printed()
