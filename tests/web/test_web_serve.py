"""`kliping serve` as a process: it says where it is, answers, and ends at a signal."""

from __future__ import annotations

import http.client
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.children import settings
from tests.support.commands import run_main

pytestmark = pytest.mark.processes


def test_it_says_where_it_is_answers_and_ends_at_a_signal(demo_home: Path) -> None:
    command = [sys.executable, "-m", "kliping", "serve", "--port", "0"]
    with subprocess.Popen(
        command, env=settings(demo_home, {}), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", said)
        assert found, (said, process.stderr.read())
        connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=60)
        connection.request("GET", "/?q=gempa")
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
        assert process.stderr.read() == ""


def test_a_port_that_is_taken_gets_a_sentence(
    demo_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KLIPING_HOME", str(demo_home))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run_main(monkeypatch, capsys, "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert "Address already in use. Choose others with --host and --port." in done.stderr
