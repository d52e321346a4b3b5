"""The writer with every response that a cluster, or a gateway in front of it, can send.

The other modules get most of them from a real server. Here a fake cluster sends the rest, in a scripted order.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from dateutil import tz

from indexer.contract import Deletion, NoCopyError, Outcome, UnavailableError
from indexer.elastic.index import ElasticIndex
from indexer.elastic.mapping import instant
from indexer.elastic.requests import WrongAddressError, connect, without_password
from indexer.elastic.writer import (
    BulkLine,
    Target,
    Writer,
    chunks,
)
from indexer.schema import BY_NAME
from tests.conftest import WIB
from tests.support.indexes import a_document

CUT = "cut"
"""Instead of a response: the connection is closed after the request was read."""
BATCH = [a_document(1), Deletion("b", 2), a_document(3)]


@dataclass
class FakeCluster:
    """Sends scripted responses, one per request, and records the ids in each bulk."""

    script: list[Any]
    url: str = ""
    requests: list[list[str]] = field(default_factory=list)


def item(status: int, kind: str | None = None, reason: str = "") -> dict[str, Any]:
    """One item of a bulk response."""
    error = {"error": {"type": kind, "reason": reason, "caused_by": {"type": "x", "reason": "inner"}}} if kind else {}
    return {"index": {"status": status, **error}}


OK = [item(200)] * 3


@contextmanager
def fake_cluster(*script: Any) -> Iterator[FakeCluster]:
    """A fake cluster on loopback. A response is a list of items, a status and a body, or CUT."""
    cluster = FakeCluster(list(script))

    class ClusterHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            heads = [json.loads(line) for line in body.splitlines() if line.startswith((b'{"index"', b'{"delete"'))]
            cluster.requests.append([next(iter(head.values()))["_id"] for head in heads])
            response = cluster.script.pop(0)
            if response == CUT:
                self.close_connection = True
                return
            if isinstance(response, list):
                items = response[: len(heads)]
                errors = any(next(iter(each.values()))["status"] > 299 for each in items)
                response = (200, {"errors": errors, "items": items})
            status, body = response
            encoded = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
            self.send_header("Content-Length", str(len(encoded)))
            self.end_headers()
            self.wfile.write(encoded)

        do_POST = do_GET = do_PUT

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), ClusterHandler) as server:
        cluster.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield cluster
        finally:
            server.shutdown()
            thread.join()


def writer(cluster: FakeCluster, *, patience: float = 60.0, sleep: Callable[[float], None] = lambda _: None) -> Writer:
    """A writer that does not really sleep."""
    client = connect(cluster.url, api_key=None, ca_certs=None)
    return Writer(Target(client, cluster.url, "news.gate", frozenset(BY_NAME)), patience=patience, sleep=sleep)


BUSY = {"error": {"type": "es_rejected_execution_exception", "reason": "queue is full"}, "status": 429}


@pytest.mark.processes
@pytest.mark.parametrize(
    ("script", "bulks"),
    [
        ([OK], [[0, 1, 2]]),
        ([[item(201), item(404), item(200)]], [[0, 1, 2]]),
        ([(429, BUSY), OK], [[0, 1, 2], [0, 1, 2]]),
        ([(503, "<html>no upstream</html>"), (502, ""), OK], [[0, 1, 2]] * 3),
        ([CUT, OK], [[0, 1, 2], [0, 1, 2]]),
        ([[item(200), item(429, "es_rejected_execution_exception"), item(503, "unavailable_shards_exception")], OK],
         [[0, 1, 2], [1, 2]]),
        ([(413, "too large"), OK, OK], [[0, 1, 2], [0, 1], [2]]),
        ([(503, {"error": {"type": "cluster_block_exception", "reason": "state not recovered"}}), OK], [[0, 1, 2]] * 2),
    ],
)  # fmt: skip
def test_only_items_that_may_succeed_later_are_retried(script: list[Any], bulks: list[list[int]]) -> None:
    ids = [each.id for each in BATCH]
    with fake_cluster(*script) as cluster:
        results = writer(cluster).apply(BATCH)
    assert [(result.id, result.outcome) for result in results] == [(each, Outcome.DONE) for each in ids]
    assert cluster.requests == [[ids[place] for place in bulk] for bulk in bulks]


@pytest.mark.processes
def test_a_size_that_was_refused_is_remembered_and_what_was_accepted_is_not_sent_again() -> None:
    """A proxy in front of the cluster has a limit of its own. The first half is accepted, the second has to wait."""
    many = [a_document(number) for number in range(8)]
    ids = [each.id for each in many]
    accepted = [item(200)] * 8
    with fake_cluster((413, "too large"), accepted, (429, BUSY), accepted, accepted, accepted) as cluster:
        target = writer(cluster)
        for _ in range(2):
            assert [result.outcome for result in target.apply(many)] == [Outcome.DONE] * 8
    assert cluster.requests == [ids, ids[:4], ids[4:], ids[4:], ids[:4], ids[4:]]


@pytest.mark.processes
def test_one_document_that_is_too_large_for_a_proxy_is_refused_alone() -> None:
    many = [a_document(number) for number in range(3)]
    too_large = (413, "too large")
    with fake_cluster(too_large, too_large, OK, too_large, OK) as cluster:
        results = writer(cluster).apply(many)
    assert [result.outcome for result in results] == [Outcome.REFUSED, Outcome.DONE, Outcome.DONE]


@pytest.mark.processes
@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        (item(409, "version_conflict_engine_exception"), Outcome.STALE, None),
        (item(400, "document_parsing_exception", "failed at url"), Outcome.REFUSED, "failed at url: inner"),
        (item(400, "strict_dynamic_mapping_exception", "no [x]"), Outcome.REFUSED, "strict_dynamic_mapping_exception"),
        (item(413, "too_large", "of 1 GB"), Outcome.REFUSED, "of 1 GB"),
    ],
)
def test_a_stale_or_refused_item_does_not_affect_the_others(
    answer: dict[str, Any], outcome: Outcome, reason: str | None
) -> None:
    with fake_cluster([item(200), item(200), answer]) as cluster:
        results = writer(cluster).apply(BATCH)
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.DONE, outcome]
    assert (results[2].reason is None) == (reason is None)
    assert (reason or "") in (results[2].reason or "")


@pytest.mark.processes
@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ((401, {"error": {"type": "security_exception", "reason": "unable to authenticate"}}), "_API_KEY"),
        ((403, {"error": {"type": "security_exception", "reason": "action is unauthorized"}}), "may not do this"),
        ([item(200), item(403, "security_exception", "unauthorized")], "may not do this"),
        ([item(200), item(403, "cluster_block_exception", "index read-only / allow delete: disk")], "free space"),
        ([item(200), item(403, "cluster_block_exception", "index write (api)")], r"index\.blocks\.write"),
        ([item(200), item(400, "index_closed_exception", "closed")], "is closed"),
        ([item(200), item(404, "index_not_found_exception", "no such index")], "is gone"),
        ((400, {"error": {"type": "media_type_header_exception", "reason": "8 or 7"}}), "not version 9"),
        ((418, {"error": {"type": "teapot", "reason": "short and stout"}}), "short and stout"),
    ],
)
def test_a_problem_of_every_document_stops_the_writer_with_a_sentence_and_is_not_a_dead_letter(
    answer: Any, sentence: str
) -> None:
    with fake_cluster(answer) as cluster, pytest.raises(UnavailableError, match=sentence) as stopped:
        writer(cluster).apply(BATCH[:2])
    assert "\n" not in str(stopped.value)
    assert len(cluster.requests) == 1


@pytest.mark.processes
@pytest.mark.parametrize("answer", [(429, BUSY), [item(429, "es_rejected_execution_exception")] * 3, CUT])
def test_retries_stop_when_patience_ends_and_their_pauses_grow(answer: Any) -> None:
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)

    with fake_cluster(*[answer] * 40) as cluster, pytest.raises(UnavailableError):
        writer(cluster, patience=14.0, sleep=sleep).apply(BATCH)
    assert 5 <= len(pauses) < 40
    assert pauses[-1] > 5 * pauses[0]
    assert max(pauses) <= 15.0


def refused_key(problem: str) -> tuple[int, Any]:
    """The response to a refused key in the format of 9.5.3, with the problem beside a `reason` that never changes."""
    error = {"type": "security_exception", "reason": "unable to authenticate with provided credentials"}
    return 401, {"error": error | {"additional_unsuccessful_credentials": f"API key: {problem}"}, "status": 401}


@pytest.mark.processes
def test_a_request_is_retried_if_the_server_cannot_look_up_the_key_yet() -> None:
    starting = refused_key("apikey authentication for id 3GsaFqIB encountered a failure")
    with fake_cluster(starting, OK, starting, starting, OK) as cluster:
        target = writer(cluster)
        outcomes = [result.outcome for _ in range(2) for result in target.apply(BATCH)]
    assert outcomes == [Outcome.DONE] * 6
    with (
        fake_cluster(*[starting] * 40) as cluster,
        pytest.raises(UnavailableError, match="cannot look up the API key") as error,
    ):
        writer(cluster, patience=1.0).apply(BATCH)
    assert "KLIPING_ELASTICSEARCH_API_KEY" not in str(error.value)


@pytest.mark.processes
@pytest.mark.parametrize("problem", ["api key is expired", "unable to find apikey with id 3GsaFqIB"])
def test_a_refused_key_stops_the_writer_at_once_even_if_it_was_accepted_before(problem: str) -> None:
    with fake_cluster(OK, refused_key(problem)) as cluster:
        target = writer(cluster)
        target.apply(BATCH)
        with pytest.raises(UnavailableError, match=f"does not accept the API key: {problem}"):
            target.apply(BATCH)
    assert len(cluster.requests) == 2


@pytest.mark.processes
def test_an_index_is_reported_as_lost_even_if_the_cluster_has_not_noticed_its_dead_node_yet() -> None:
    """Otherwise a reindex would fail with "cannot accept the request now", instead of building the index again."""
    gone = (503, {"error": {"type": "no_shard_available_action_exception", "reason": "no shard"}, "status": 503})
    checks = [(200, {"status": each, "indices": {"news-v1": {"status": each}}}) for each in ("green", "yellow", "red")]
    with fake_cluster(gone, *checks) as cluster, pytest.raises(NoCopyError, match="No running node"):
        ElasticIndex(cluster.url, "news").hashes("news-v1", ["a"])
    assert len(cluster.requests) == 4


@pytest.mark.processes
def test_a_busy_or_starting_cluster_is_not_checked_for_a_lost_index() -> None:
    starting = refused_key("apikey authentication for id 3GsaFqIB encountered a failure")
    for answer, text in (((429, BUSY), "cannot accept the request now"), (starting, "cannot look up the API key now")):
        with fake_cluster(answer) as cluster, pytest.raises(UnavailableError, match=text):
            ElasticIndex(cluster.url, "news").hashes("news-v1", ["a"])
        assert len(cluster.requests) == 1


def test_a_batch_is_split_into_chunks_by_bytes_in_order() -> None:
    lines = [BulkLine(f"{number}", 1, False, b"x" * size) for number, size in enumerate([4, 4, 4, 30, 1, 9, 1])]
    assert ["".join(line.id for line in chunk) for chunk in chunks(lines, 10)] == ["01", "2", "3", "45", "6"]
    assert list(chunks([], 10)) == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://localhost", "http://:9200", "https://x:port", "http://"),
        *("http://a:9200,", "http://a:9200,b:9200", "http://a:9200, https://b:9200", "https://a:9200;https://b:9200"),
    ],
)
def test_an_address_without_host_or_port_or_with_mixed_schemes_is_refused(url: str) -> None:
    with pytest.raises(WrongAddressError, match=r"KLIPING_INDEX_URL|do not work"):
        connect(url, api_key=None, ca_certs=None)


@pytest.mark.processes
def test_if_a_node_drops_the_connection_the_request_goes_to_the_next() -> None:
    with fake_cluster(CUT, CUT) as broken, fake_cluster(OK, OK) as working:
        both = writer(FakeCluster([], url=f"{broken.url}, {working.url}"), patience=0.0)
        outcomes = [result.outcome for _ in range(2) for result in both.apply(BATCH)]
    assert outcomes == [Outcome.DONE] * 6
    assert (len(broken.requests) > 0, len(working.requests)) == (True, 2)  # the nodes take turns


@pytest.mark.processes
def test_a_request_that_one_node_answered_does_not_go_to_the_next() -> None:
    with fake_cluster((503, BUSY)) as one, fake_cluster((503, BUSY)) as other:
        both = writer(FakeCluster([], url=f"{one.url},{other.url}"), patience=0.0)
        with pytest.raises(UnavailableError):
            both.apply(BATCH)
    assert len(one.requests) + len(other.requests) == 1


@pytest.mark.processes
def test_a_failed_tls_connection_gets_a_sentence_that_names_the_setting(tmp_path: Path) -> None:
    with fake_cluster() as cluster:
        url = cluster.url.replace("http://", "https://")
        index = ElasticIndex(url, "news")
        with pytest.raises(UnavailableError, match="KLIPING_ELASTICSEARCH_CA_CERTS"):
            index.current()
    with pytest.raises(WrongAddressError, match="no such file"):
        ElasticIndex(url, "news", ca_certs=str(tmp_path / "missing.pem"))


def test_a_password_in_an_address_is_never_printed() -> None:
    assert without_password("https://elastic:secret@search.test:9200/") == "https://search.test:9200/"
    assert without_password("http://a:b@one.test:1, http://c:d@two.test:2") == "http://one.test:1,http://two.test:2"


@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        (datetime(2015, 12, 18, tzinfo=WIB), "2015-12-17T17:00:00+00:00"),
        (datetime(1, 1, 1, tzinfo=WIB), "0001-01-01T00:00:00+00:00"),
        (datetime(1800, 1, 1, tzinfo=tz.gettz("Asia/Jakarta")), "1799-12-31T16:52:48+00:00"),
        (datetime.max.replace(tzinfo=tz.tzoffset(None, -3600)), "9999-12-31T23:59:59.999999+00:00"),
        (datetime(2016, 1, 1, tzinfo=UTC), "2016-01-01T00:00:00+00:00"),
    ],
)
def test_a_moment_is_sent_in_utc_whatever_its_offset(moment: datetime, sent: str) -> None:
    assert instant(moment) == sent
