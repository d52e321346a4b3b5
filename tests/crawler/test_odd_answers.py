"""Answers that break the rules of HTTP: no page is lost for a header, a status 203 or a false Content-Encoding."""

from __future__ import annotations

import gzip
import json
import socketserver
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.tables import outcomes
from archive.verify import verify
from tests.support.children import opened, settings
from tests.support.nasty_site import HOST, feed, page

BODY = page("Satu")[2]
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
HTML = b"Content-Type: text/html; charset=utf-8\r\n"
OK = b"HTTP/1.1 200 OK"


def answer(head: bytes, body: bytes = BODY, status: bytes = OK) -> bytes:
    return status + b"\r\n" + head + b"\r\n" + body


def coded(coding: bytes, body: bytes) -> bytes:
    declared = b"Content-Encoding: %s\r\n" % coding if coding else b""
    return answer(HTML + declared + b"Content-Length: %d\r\n" % len(body), body)


STORED: Mapping[str, bytes] = {
    "status 203": answer(HTML + LENGTH, status=b"HTTP/1.1 203 Non-Authoritative Information"),
    "no reason": answer(HTML + LENGTH, status=b"HTTP/1.1 200"),
    "lines that end in LF": answer(HTML + LENGTH).replace(b"\r\n", b"\n", 4),
    "no colon": answer(b"X-Policy without a colon\r\n" + HTML + LENGTH),
    "a blank in a name": answer(b"X Policy: 1\r\n" + HTML + LENGTH),
    "a blank before the colon": answer(b"Content-Type : text/html\r\n" + LENGTH),
    "no name": answer(b": 1\r\n" + HTML + LENGTH),
    "letters beyond ASCII in a name": answer(b"X-Caf\xe9: 1\r\n" + HTML + LENGTH),
    "letters beyond ASCII in a value": answer(b"X-Policy: caf\xe9\xff\r\n" + HTML + LENGTH),
    "a NUL in a value": answer(b"X-Policy: a\x00b\r\n" + HTML + LENGTH),
    "a continued header": answer(b"X-Policy: a\r\n b\r\n" + HTML + LENGTH),
    "a continuation of none": answer(b" b\r\n" + HTML + LENGTH),
    "a line of 20 kB": answer(b"X-Policy: " + b"a" * 20_000 + b"\r\n" + HTML + LENGTH),
    "a line of 70 kB": answer(b"X-Policy: " + b"a" * 70_000 + b"\r\n" + HTML + LENGTH),
    "two equal lengths": answer(LENGTH + HTML + LENGTH),
    "two lengths": answer(b"Content-Length: 5\r\n" + HTML + LENGTH),
    "a length of letters": answer(HTML + b"Content-Length: abc\r\n"),
    "a length below zero": answer(HTML + b"Content-Length: -1\r\n"),
    "an empty length": answer(HTML + b"Content-Length: \r\n"),
    "no length": answer(HTML),
    "a bad type": answer(b"Content-Type: ;;;=\xff\r\n" + LENGTH),
    "a bad charset": answer(b"Content-Type: text/html; charset=\xff\xfe\r\n" + LENGTH),
    "bad validators": answer(b"ETag: \xff\r\nLast-Modified: never\r\nRetry-After: soon\r\n" + HTML + LENGTH),
    "a bad cookie": answer(b"Set-Cookie: \xff=;;;==\r\n" + HTML + LENGTH),
    "coding none": coded(b"none", BODY),
    "coding UTF-8": coded(b"UTF-8", BODY),
    "plain, called gzip": coded(b"gzip", BODY),
    "plain, called br": coded(b"br", BODY),
    "plain, called zstd": coded(b"zstd", BODY),
    "plain behind blanks, called br": coded(b"br", b" " * 100 + BODY),
    "plain behind text, called deflate": coded(b"deflate", b"x    " + BODY),
    "gzip, not called so": coded(b"", gzip.compress(BODY)),
    "gzip, called twice so": coded(b"gzip, gzip", gzip.compress(BODY)),
    "gzip, called deflate": coded(b"deflate", gzip.compress(BODY)),
    "gzip, called br": coded(b"br", gzip.compress(BODY)),
    "gzip with rubbish behind it": coded(b"gzip", gzip.compress(BODY) + b"rubbish\n"),
    "deflate, called gzip": coded(b"gzip", zlib.compress(BODY)),
}


@contextmanager
def raw_site(answers: Mapping[str, bytes]) -> Iterator[str]:
    """Serve these bytes, word for word, by path; each connection is closed behind its answer."""

    class RawHandler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            path = self.rfile.readline().split()[1].decode()
            while self.rfile.readline().strip():
                pass
            self.wfile.write(answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"))

    class RawServer(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with RawServer(("127.0.0.1", 0), RawHandler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.processes
def test_no_page_is_lost_for_a_bad_head(tmp_path: Path) -> None:
    paths = {f"/berita/{number}/x": name for number, name in enumerate(STORED, 1)}
    undecodable = "/berita/1000/x"
    answers = {path: STORED[name] for path, name in paths.items()}
    answers[undecodable] = coded(b"br", b"\xff\x00\x81" * 500)
    listing = feed([HOST + path for path in (*paths, undecodable)])[2]
    answers["/rss"] = answer(b"Content-Type: text/xml\r\nContent-Length: %d\r\n" % len(listing), listing)
    home = tmp_path / "home"
    with raw_site(answers) as base:
        environment = settings(
            home,
            {"newsstand.test": base},
            KLIPING_RETRY_TIMES="0",
            KLIPING_SOURCES__NEWSSTAND__FEEDS=json.dumps([f"{HOST}/rss"]),
            KLIPING_SOURCES__NEWSSTAND__SITEMAPS="[]",
            KLIPING_SOURCES__NEWSSTAND__LEAST_LISTED="0",
        )
        command = [sys.executable, "-m", "crawler", "newsstand"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    with opened(home) as archive:
        with archive.reading() as connection:
            rows = connection.execute(select(outcomes.c.address, outcomes.c.outcome)).all()
        assert verify(archive).wrong == ()
    ended = {row.address.removeprefix(HOST): row.outcome for row in rows}
    assert ended.pop(undecodable) == "error:undecodable", done.stderr
    assert {paths[path]: outcome for path, outcome in ended.items() if outcome != "stored"} == {}
    assert len(ended) == len(STORED)
