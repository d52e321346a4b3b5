"""`KLIPING_INDEX_URL` leads to something that is no Elasticsearch: one sentence, and searches find nothing false."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.kliping.test_commands import CLIPPING
from tests.support.commands import run_main

pytestmark = pytest.mark.processes

ELASTIC = {"X-Elastic-Product": "Elasticsearch"}
HTML = {"Content-Type": "text/html"}
JSON = {"Content-Type": "application/json"}
ANSWERS = {
    "a login page with status 200": (200, HTML, b"<html>Login</html>"),
    "a login page behind a proxy that adds Elasticsearch's header": (200, HTML | ELASTIC, b"<html>Login</html>"),
    "a redirect to a login": (302, {"Location": "/login"}, b""),
    "another service's JSON": (200, JSON, b"{}"),
    "a JSON list": (200, JSON | ELASTIC, b"[]"),
    "JSON that is cut off": (200, JSON | ELASTIC, b'{"status":'),
    "nothing": (200, {}, b""),
    "status 204": (204, {}, b""),
    "a web server without such a page": (404, HTML, b"<h1>Not found</h1>"),
    "another service's conflict": (409, HTML, b"conflict"),
    "a page that asks for a password": (401, HTML, b"<h1>Login</h1>"),
    "a gateway whose server is down": (502, HTML, b"<h1>Bad gateway</h1>"),
}
COMMANDS = (
    "search nelayan", "index status", "index list", "index follow", "reindex", "index failures", "index rollback",
    "index drop news-v2-20260101000000-00000000", "read words --engine elasticsearch nelayan",
)  # fmt: skip


@contextmanager
def server(status: int, headers: dict[str, str], body: bytes) -> Iterator[str]:
    """A server that gives one answer to everything."""

    class OneAnswerHandler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = answer

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    found = ThreadingHTTPServer(("127.0.0.1", 0), OneAnswerHandler)
    thread = threading.Thread(target=found.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{found.server_address[1]}"
    finally:
        found.shutdown()
        found.server_close()
        thread.join()


@contextmanager
def other_protocol() -> Iterator[str]:
    """A server that speaks no HTTP, as SSH does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def greet() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize("what", [*ANSWERS, "another protocol"])
def test_another_server_is_named_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], what: str
) -> None:
    monkeypatch.setenv("KLIPING_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("indexer.elastic.index.LOSS_DETECTION_TIMEOUT", 0.1)
    file = tmp_path / "kliping.txt"
    file.write_text(CLIPPING)
    with other_protocol() if what == "another protocol" else server(*ANSWERS[what]) as url:
        monkeypatch.setenv("KLIPING_INDEX_URL", url)
        done = run_main(monkeypatch, capsys, "import", str(file))
        assert done.returncode == 1
        assert done.stderr.startswith("The articles are saved in the archive, but the index is 1 changes behind: ")
        for command in COMMANDS:
            done = run_main(monkeypatch, capsys, *command.split())
            assert (done.returncode, done.stdout) == (1, ""), command
            assert url in done.stderr, command
            assert len(done.stderr.splitlines()) == 1, command
            if what not in ("JSON that is cut off", "another protocol", *list(ANSWERS)[-2:]):
                assert done.stderr.startswith(f"The server at {url} is not Elasticsearch: it answers "), command
                assert "Check KLIPING_INDEX_URL: another program, or a proxy's login, may answer there." in done.stderr
        done = run_main(monkeypatch, capsys, "doctor")
        assert (done.returncode, done.stderr) == (1, "")
        assert url in done.stdout
