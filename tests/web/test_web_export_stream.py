"""Exports while they are made: they begin early, show one view of the archive, and are cut where they fail."""

from __future__ import annotations

import asyncio
import http.client
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.types import Send

from archive.articles import save_article
from archive.database import Archive
from indexer.engines import index_of
from indexer.follow import follow
from kliping.cli.operations import holdings
from tests.conftest import an_article
from tests.support.chromium import listening
from tests.support.reading_room import settings_of
from web import exporting, security
from web.app import create_app
from web.exporting import ExportInTheMaking
from web.problems import problem
from web.security import Guard, HostNames

pytestmark = pytest.mark.processes

COUNT = 450
NOW = datetime(2026, 1, 2, tzinfo=UTC)
HALF = 400


class Room:
    """A served archive of COUNT articles about rice, whose exports wait at HALF of them until `go` is set."""

    def __init__(self, archive: Archive, address: str) -> None:
        self.archive = archive
        self.port = int(address.rpartition(":")[2])
        self.go = threading.Event()
        self.reached = threading.Event()
        self.connections: list[http.client.HTTPConnection] = []

    def ask(self, path: str = "/export?q=beras&format=jsonl", status: int = 200) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.connections.append(connection)
        connection.request("GET", path)
        answer = connection.getresponse()
        assert answer.status == status
        return answer

    def leave(self) -> None:
        for connection in self.connections:
            connection.close()


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Room]:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    settings = settings_of(tmp_path / "home")
    with Archive.open(settings.archive_url, settings.home) as archive:
        with archive.saving() as saving:
            for number in range(COUNT):
                text = (f"Harga beras di pasar nomor {number} naik. " + "Pedagang menunggu. " * 60,)
                made = an_article(number, body=text)
                save_article(saving, made, run_id="t", fetched_at=NOW, page_id=None, reader="t", now=NOW)
        index = index_of(settings)
        follow(archive, index)
        with listening(create_app(holdings(settings, archive, index))) as address:
            found = Room(archive, address)
            plain = ExportInTheMaking._progress

            def waiting(making: ExportInTheMaking, written: int, articles: int) -> None:
                plain(making, written, articles)
                if written == HALF:
                    found.reached.set()
                    assert found.go.wait(60)
                    plain(making, written, articles)

            monkeypatch.setattr(ExportInTheMaking, "_progress", waiting)
            yield found
            found.go.set()
            found.leave()
            until_idle()
    assert list(temporary.iterdir()) == []  # whatever happened to the export


def until_idle() -> None:
    """Wait until no export is written."""
    deadline = time.monotonic() + 30
    while exporting._running._value < exporting.MOST_AT_ONCE:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def tear(archive: Archive, article_id: str) -> None:
    """Lose a version's record, as a damaged database would."""
    with archive.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE versions SET record = '{{' WHERE article_id = '{article_id}'")


def test_the_first_bytes_leave_before_the_last_article_is_written(room: Room) -> None:
    """Of every format but WARC and Parquet, whose rows are written in groups."""
    for form in ("jsonl", "csv", "bibtex", "ris", "csl-json"):
        room.go.clear()
        answer = room.ask(f"/export?q=beras&format={form}")
        assert answer.headers["X-Kliping-Articles"] == str(COUNT)
        assert answer.headers["Content-Length"] is None
        first = answer.read(20_000)
        assert len(first) == 20_000
        room.go.set()
        whole = first + answer.read()
        assert whole == room.ask(f"/export?q=beras&format={form}").read()


def test_an_export_shows_one_view_of_the_archive(room: Room) -> None:
    """What is saved while it is written is not in it, and its stamp names the state that is."""
    answer = room.ask()
    assert room.reached.wait(60)
    with room.archive.saving() as saving:
        for number in range(COUNT + 5):
            changed = an_article(number, body=("Harga beras turun.",))
            save_article(saving, changed, run_id="u", fetched_at=NOW, page_id=None, reader="t", now=NOW)
    room.go.set()
    rows = [json.loads(line) for line in answer.read().splitlines()]
    assert len(rows) == COUNT
    assert {row["version"] for row in rows} == {1}
    later = room.ask()
    assert later.headers["X-Kliping-Stamp"] != answer.headers["X-Kliping-Stamp"]
    assert later.headers["X-Kliping-Behind"] == str(COUNT + 5)  # the index has not followed, and the export says so


def test_an_export_that_fails_in_the_middle_is_cut(room: Room) -> None:
    """The transfer does not end in order, so a client knows that the file is not whole."""
    last = max(an_article(number).id for number in range(COUNT))
    tear(room.archive, last)
    answer = room.ask()
    room.go.set()
    with pytest.raises(http.client.IncompleteRead) as cut:
        answer.read()
    assert cut.value.partial.count(b"\n") < COUNT
    until_idle()


def test_a_reader_who_leaves_ends_the_export(room: Room) -> None:
    answer = room.ask()
    assert room.reached.wait(60)
    answer.read(1_000)
    answer.close()
    room.leave()
    room.go.set()
    until_idle()
    assert len(room.ask().read().splitlines()) == COUNT


def test_an_error_before_the_first_byte_is_a_page(room: Room) -> None:
    """The first article in the order of ids is lost: no file begins."""
    room.go.set()
    first = min(an_article(number).id for number in range(COUNT))
    tear(room.archive, first)
    answer = room.ask("/export?q=beras&format=csv", status=503)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "archive verify" in answer.read().decode()


def test_a_reader_who_takes_nothing_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that never reads on would hold an answer's files for ever."""
    monkeypatch.setattr(security, "STALLED_SECONDS", 0.05)

    async def app(_scope: object, _receive: object, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def full(_: object) -> None:
        await asyncio.Event().wait()

    async def nothing() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    guard = Guard(app, hosts=HostNames("127.0.0.1"), problem=problem)
    scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [(b"host", b"127.0.0.1")]}
    with pytest.raises(TimeoutError):
        asyncio.run(guard(scope, nothing, full))
