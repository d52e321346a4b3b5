"""The service's listener: /health judges as `kliping status` does, /metrics is for Prometheus, on loopback only."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from typer.testing import CliRunner

from archive import leases, runs, schedules, windows
from archive.database import Archive
from archive.runs import AddressOutcome, Verdict
from kliping import config
from kliping.cli import health
from kliping.cli.health import listening
from kliping.cli.main import app
from scheduler.listener import Listener, ListenerPage

pytestmark = pytest.mark.processes

NOW = datetime.now(UTC).replace(microsecond=0)
ROOT = Path(__file__).parents[2]


def get(port: int, path: str, method: str = "GET") -> tuple[int, str, bytes]:
    """Status, content type and body of a request to the listener."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"], error.read()


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    monkeypatch.setenv("KLIPING_HOME", str(tmp_path))
    monkeypatch.setenv("KLIPING_FETCH_FROM", '{"newsstand.test": "http://127.0.0.1:9"}')
    with Archive.open(f"sqlite:///{tmp_path / 'archive.sqlite3'}", tmp_path) as archive:
        yield archive


@pytest.fixture
def port(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port of a listener that judges anew for each request."""
    monkeypatch.setattr(health, "KEPT_SECONDS", 0.0)
    settings = config.load(listen_port=1).model_copy(update={"listen_port": 0})
    with listening(settings, archive) as listener:
        assert listener is not None
        yield listener.port


def a_good_night(archive: Archive) -> None:
    schedules.record_enabled(archive, ["newsstand"], now=NOW - timedelta(days=5))
    assert leases.acquire(archive, "scheduler", seconds=600)
    assert windows.claim(archive, "newsstand", [NOW - timedelta(hours=1)], "run-1", now=NOW)
    with archive.writing() as connection:
        runs.begin(connection, "run-1", source="newsstand", kind="crawl", holder="h", lease=None, now=NOW)
        runs.take_up(connection, "run-1", [("a", "http://newsstand.test/a")])
        runs.end_addresses(connection, "run-1", [AddressOutcome("a", "stored")])
        runs.finish(connection, "run-1", listed=1, traffic={}, verdict=Verdict("good", None), now=NOW)
    windows.finish(archive, "run-1", now=NOW)


def metrics(port: int) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels, in their alphabetical order."""
    status, kind, body = get(port, "/metrics")
    assert status == 200
    assert kind.startswith("text/plain")
    families = text_string_to_metric_families(body.decode())
    return {(each.name, *sorted(each.labels.values())): each.value for family in families for each in family.samples}


def test_health_says_the_same_as_status(archive: Archive, port: int) -> None:
    """200 while all is well, 503 with the problems otherwise; `kliping status` agrees on each."""
    a_good_night(archive)
    status, kind, body = get(port, "/health")
    assert (status, kind, json.loads(body)["ok"]) == (200, "application/json", True)
    schedules.record_enabled(archive, [], now=NOW)
    schedules.record_enabled(archive, ["newsstand"], now=NOW - timedelta(days=5))
    with archive.writing() as connection:
        connection.execute(runs.runs.update().values(verdict="failed", reason="An empty harvest."))
    status, _, body = get(port, "/health")
    found = json.loads(body)
    told = json.loads(CliRunner().invoke(app, ["status", "--json"]).stdout)["problems"]
    assert status == 503
    assert [each["about"] for each in found["problems"]] == [each["about"] for each in told]
    assert any("An empty harvest." in each["seen"] for each in found["problems"])


def test_a_broken_database_is_503_and_metrics_go_on(archive: Archive, port: int) -> None:
    a_good_night(archive)
    file = archive.file
    assert file is not None
    archive.engine.dispose()
    with file.open("r+b") as damaged:
        damaged.seek(4096)
        damaged.write(b"\xa5" * (file.stat().st_size - 4096))
    status, _, body = get(port, "/health")
    assert status == 503
    assert "is damaged" in json.loads(body)["problems"][0]["seen"]
    found = metrics(port)
    assert found["kliping_ok",] == 0.0
    assert found["kliping_problems", "archive"] >= 1.0
    assert found["kliping_disk_free_bytes",] > 0


def test_metrics_tell_runs_windows_outcomes_and_the_index(archive: Archive, port: int) -> None:
    a_good_night(archive)
    found = metrics(port)
    assert found["kliping_ok",] == 1.0
    assert found["kliping_last_run_timestamp_seconds", "crawl", "newsstand"] == NOW.timestamp()
    assert found["kliping_last_run_verdict", "crawl", "good", "newsstand"] == 1.0
    assert found["kliping_last_run_verdict", "crawl", "failed", "newsstand"] == 0.0
    assert found["kliping_next_window_timestamp_seconds", "crawl", "newsstand"] > NOW.timestamp()
    assert found["kliping_addresses_last_day", "newsstand", "stored"] == 1.0
    assert found["kliping_index_lag",] == 0.0
    assert found["process_resident_memory_bytes",] > 0
    assert not any("antara" in key for key in found), "it is off"


def test_it_answers_nothing_else() -> None:
    """Unknown paths are 404, HEAD has no body, other methods 501, an error of our own 500."""

    def broken() -> ListenerPage:
        raise RuntimeError("a bug")

    pages: dict[str, Callable[[], ListenerPage]] = {
        "/good": lambda: ListenerPage(200, "text/plain", b"good"),
        "/broken": broken,
    }
    with Listener("127.0.0.1", 0, pages) as listener:
        assert get(listener.port, "/good?x=1") == (200, "text/plain", b"good")
        assert get(listener.port, "/good", "HEAD") == (200, "text/plain", b"")
        assert get(listener.port, "/")[0] == 404
        assert get(listener.port, "/good", "POST")[0] == 501
        assert get(listener.port, "/broken")[0] == 500
        with pytest.raises(OSError, match="in use"):
            Listener("127.0.0.1", listener.port, pages)


def test_the_service_listens_where_it_is_told_and_logs_json(tmp_path: Path) -> None:
    """Its stderr is no terminal: each line is an event in JSON. Without a port it listens nowhere; a port that is taken
    is one sentence and status 2."""
    with Listener("127.0.0.1", 0, {}) as taken:
        environment = {**os.environ, "KLIPING_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
        environment |= {"KLIPING_LISTEN_PORT": str(taken.port), "KLIPING_INDEX_URL": "http://127.0.0.1:9"}
        command = [sys.executable, "-m", "kliping", "schedule", "run"]
        refused = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert refused.returncode == 2
        assert "Choose another KLIPING_LISTEN_PORT" in refused.stderr.splitlines()[-1]
        free = taken.port
    environment["KLIPING_LISTEN_PORT"] = str(free)
    log = tmp_path / "service.log"
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        end = time.monotonic() + 90
        while not {"leading", "index"} <= set(re.findall(r'"event": "(\w+)"', log.read_text())):
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.05)
        status, _, body = get(free, "/health")
        assert (status, json.loads(body)["problems"][0]["about"]) == (503, "index")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
    events: list[dict[str, Any]] = [json.loads(line) for line in log.read_text().splitlines()]
    assert {"listening", "leading", "ended"} <= {event["event"] for event in events}
    assert all(datetime.fromisoformat(event["timestamp"]).tzinfo for event in events)
    told = {event["event"] for event in events if event["level"] != "info"}
    assert told == {"index"}, "what commands print in a sentence is an event too"
