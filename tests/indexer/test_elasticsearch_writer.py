"""What the writer makes of every answer that a cluster, or what stands before it, can give.

A real server gives most of them in the other modules; the rest, and their order, is played here by a stand-in.
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

from indexer.contract import (
    Deletion,
    NoCopyError,
    Outcome,
    UnavailableError,
)
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
from tests.indexer.test_contract import a_document

CUT = "cut"
"""In place of an answer: the connection is closed once the request was read."""
BATCH = [a_document(1), Deletion("b", 2), a_document(3)]


@dataclass
class FakeCluster:
    """Gives the answers of a script, one a request, and keeps the ids that each bulk held."""

    script: list[Any]
    url: str = ""
    asked: list[list[str]] = field(default_factory=list)


def item(status: int, kind: str | None = None, reason: str = "") -> dict[str, Any]:
    """One item of a bulk's answer."""
    error = {"error": {"type": kind, "reason": reason, "caused_by": {"type": "x", "reason": "inner"}}} if kind else {}
    return {"index": {"status": status, **error}}


OK = [item(200)] * 3


@contextmanager
def played(*script: Any) -> Iterator[FakeCluster]:
    """A stand-in on loopback. An answer is a list of items, or a status and a body, or CUT."""
    cluster = FakeCluster(list(script))

    class ClusterHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            heads = [json.loads(line) for line in body.splitlines() if line.startswith((b'{"index"', b'{"delete"'))]
            cluster.asked.append([next(iter(head.values()))["_id"] for head in heads])
            answer = cluster.script.pop(0)
            if answer == CUT:
                self.close_connection = True
                return
            if isinstance(answer, list):
                taken = answer[: len(heads)]
                answer = (
                    200,
                    {"errors": any(next(iter(each.values()))["status"] > 299 for each in taken), "items": taken},
                )
            status, told = answer
            sent = told.encode() if isinstance(told, str) else json.dumps(told).encode()
            self.send_response(status)
            self.send_header("X-Elastic-Product", "Elasticsearch")
            self.send_header("Content-Type", "text/html" if isinstance(told, str) else "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

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
    """The writer, whose pauses take no time."""
    client = connect(cluster.url, api_key=None, ca_certs=None)
    return Writer(Target(client, cluster.url, "news.gate", frozenset(BY_NAME)), patience=patience, sleep=sleep)


BUSY = {"error": {"type": "es_rejected_execution_exception", "reason": "queue is full"}, "status": 429}


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
        ([(413, "too large"), OK, OK], [[0, 1, 2], [0], [1, 2]]),
        ([(503, {"error": {"type": "cluster_block_exception", "reason": "state not recovered"}}), OK], [[0, 1, 2]] * 2),
    ],
)  # fmt: skip
def test_what_may_be_taken_a_moment_later_is_sent_again_and_nothing_else(
    script: list[Any], bulks: list[list[int]]
) -> None:
    ids = [each.id for each in BATCH]
    with played(*script) as cluster:
        results = writer(cluster).apply(BATCH)
    assert [(result.id, result.outcome) for result in results] == [(each, Outcome.DONE) for each in ids]
    assert cluster.asked == [[ids[place] for place in bulk] for bulk in bulks]


@pytest.mark.parametrize(
    ("answer", "outcome", "reason"),
    [
        (item(409, "version_conflict_engine_exception"), Outcome.STALE, None),
        (item(400, "document_parsing_exception", "failed at url"), Outcome.REFUSED, "failed at url: inner"),
        (item(400, "strict_dynamic_mapping_exception", "no [x]"), Outcome.REFUSED, "strict_dynamic_mapping_exception"),
        (item(413, "too_large", "of 1 GB"), Outcome.REFUSED, "of 1 GB"),
    ],
)
def test_an_item_that_will_not_be_taken_leaves_the_others_alone(
    answer: dict[str, Any], outcome: Outcome, reason: str | None
) -> None:
    with played([item(200), item(200), answer]) as cluster:
        results = writer(cluster).apply(BATCH)
    assert [result.outcome for result in results] == [Outcome.DONE, Outcome.DONE, outcome]
    assert (results[2].reason is None) == (reason is None)
    assert (reason or "") in (results[2].reason or "")


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
def test_what_every_document_would_meet_stops_the_writer_with_a_sentence_and_is_no_dead_letter(
    answer: Any, sentence: str
) -> None:
    with played(answer) as cluster, pytest.raises(UnavailableError, match=sentence) as stopped:
        writer(cluster).apply(BATCH[:2])
    assert "\n" not in str(stopped.value)
    assert len(cluster.asked) == 1


@pytest.mark.parametrize("answer", [(429, BUSY), [item(429, "es_rejected_execution_exception")] * 3, CUT])
def test_when_patience_ends_the_batch_is_unavailable_and_the_pauses_had_grown(answer: Any) -> None:
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)

    with played(*[answer] * 40) as cluster, pytest.raises(UnavailableError):
        writer(cluster, patience=14.0, sleep=sleep).apply(BATCH)
    assert 5 <= len(pauses) < 40
    assert pauses[-1] > 5 * pauses[0]
    assert max(pauses) <= 15.0


def refused_key(said: str) -> tuple[int, Any]:
    """The answer to a key, in the form of 9.5.3: what it says of the key stands beside a reason that never changes."""
    error = {"type": "security_exception", "reason": "unable to authenticate with provided credentials"}
    return 401, {"error": error | {"additional_unsuccessful_credentials": f"API key: {said}"}, "status": 401}


def test_a_key_that_cannot_be_looked_up_yet_is_tried_again() -> None:
    starting = refused_key("apikey authentication for id 3GsaFqIB encountered a failure")
    with played(starting, OK, starting, starting, OK) as cluster:
        target = writer(cluster)
        outcomes = [result.outcome for _ in range(2) for result in target.apply(BATCH)]
    assert outcomes == [Outcome.DONE] * 6
    with (
        played(*[starting] * 40) as cluster,
        pytest.raises(UnavailableError, match="cannot look up the API key") as why,
    ):
        writer(cluster, patience=1.0).apply(BATCH)
    assert "KLIPING_ELASTICSEARCH_API_KEY" not in str(why.value)


@pytest.mark.parametrize("said", ["api key is expired", "unable to find apikey with id 3GsaFqIB"])
def test_a_key_that_is_not_accepted_stops_at_once_even_where_it_was_taken_before(said: str) -> None:
    with played(OK, refused_key(said)) as cluster:
        target = writer(cluster)
        target.apply(BATCH)
        with pytest.raises(UnavailableError, match=f"does not accept the API key: {said}"):
            target.apply(BATCH)
    assert len(cluster.asked) == 2


def test_an_index_whose_node_died_a_moment_before_the_cluster_noticed_is_told_as_lost() -> None:
    """What is built anew then would else end the whole reindex with "cannot accept the request now"."""
    gone = (503, {"error": {"type": "no_shard_available_action_exception", "reason": "no shard"}, "status": 503})
    looks = [(200, {"status": each, "indices": {"news-v1": {"status": each}}}) for each in ("green", "yellow", "red")]
    with played(gone, *looks) as cluster, pytest.raises(NoCopyError, match="No running node"):
        ElasticIndex(cluster.url, "news").hashes("news-v1", ["a"])
    assert len(cluster.asked) == 4


def test_a_cluster_that_is_only_busy_or_starting_is_not_looked_at_for_a_lost_index() -> None:
    starting = refused_key("apikey authentication for id 3GsaFqIB encountered a failure")
    for answer, said in (((429, BUSY), "cannot accept the request now"), (starting, "cannot look up the API key now")):
        with played(answer) as cluster, pytest.raises(UnavailableError, match=said):
            ElasticIndex(cluster.url, "news").hashes("news-v1", ["a"])
        assert len(cluster.asked) == 1


def test_a_batch_goes_in_pieces_by_bytes_in_its_order() -> None:
    lines = [BulkLine(f"{place}", 1, False, b"x" * size) for place, size in enumerate([4, 4, 4, 30, 1, 9, 1])]
    assert ["".join(line.id for line in piece) for piece in chunks(lines, 10)] == ["01", "2", "3", "45", "6"]
    assert list(chunks([], 10)) == []


@pytest.mark.parametrize(
    "url",
    [
        *("http://localhost", "http://:9200", "https://x:port", "http://"),
        *("http://a:9200,", "http://a:9200,b:9200", "http://a:9200, https://b:9200", "https://a:9200;https://b:9200"),
    ],
)
def test_an_address_without_host_or_port_or_half_in_the_clear_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(WrongAddressError, match=r"KLIPING_INDEX_URL|do not work"):
        connect(url, api_key=None, ca_certs=None)


def test_a_node_that_breaks_off_is_passed_over_for_the_next() -> None:
    with played(CUT, CUT) as broken, played(OK, OK) as whole:
        both = writer(FakeCluster([], url=f"{broken.url}, {whole.url}"), patience=0.0)
        outcomes = [result.outcome for _ in range(2) for result in both.apply(BATCH)]
    assert outcomes == [Outcome.DONE] * 6
    assert (len(broken.asked) > 0, len(whole.asked)) == (True, 2)  # in turn: it was tried first or second


def test_what_one_node_answers_is_not_asked_of_the_next() -> None:
    with played((503, BUSY)) as one, played((503, BUSY)) as other:
        both = writer(FakeCluster([], url=f"{one.url},{other.url}"), patience=0.0)
        with pytest.raises(UnavailableError):
            both.apply(BATCH)
    assert len(one.asked) + len(other.asked) == 1


def test_a_connection_that_cannot_be_made_secure_is_a_sentence_that_names_the_setting(tmp_path: Path) -> None:
    with played() as cluster:
        url = cluster.url.replace("http://", "https://")
        index = ElasticIndex(url, "news")
        with pytest.raises(UnavailableError, match="KLIPING_ELASTICSEARCH_CA_CERTS"):
            index.current()
    with pytest.raises(WrongAddressError, match="no such file"):
        ElasticIndex(url, "news", ca_certs=str(tmp_path / "missing.pem"))


def test_a_password_in_an_address_is_never_shown() -> None:
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
def test_a_moment_is_sent_in_utc_whatever_its_zone_had_for_an_offset(moment: datetime, sent: str) -> None:
    assert instant(moment) == sent
