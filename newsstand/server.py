"""The HTTP server: dispatch by Host header, a log of every visit, and a close that leaves no thread or port open."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from newsstand.answers import XML, Answer
from newsstand.desk import Desk, outlet_of
from newsstand.faults import Fault, find_fault, misbehave, misbehaving_stories, spoil_story
from newsstand.listings import FeedItem, feed, feed_item
from newsstand.saved import SavedPages
from newsstand.stories import Outlet, Story, load_stories

MISBEHAVE_FEED = "/rss/misbehave.xml"


@dataclass(slots=True)
class Visit:
    """One request and its answer. `sent` counts body bytes and grows while a body is streamed."""

    at: datetime
    monotonic: float
    host: str
    path: str
    status: int
    sent: int
    if_none_match: str | None
    if_modified_since: str | None
    user_agent: str | None


class Newsstand:
    """The site on 127.0.0.1, running in the background inside a `with` block.

    `port` 0 means any free port. `saved` pages are served on their own hosts. `faults` maps a path, or host and path,
    to a `Fault` (see `find_fault`) and may be changed while the site runs. With `misbehave`, /rss/misbehave.xml on www
    lists one address for each fault and two good ones. `crawl_delay` (seconds) is printed in every outlet's robots.txt.
    """

    def __init__(
        self,
        port: int = 0,
        saved: SavedPages | None = None,
        faults: Mapping[str, Fault] | None = None,
        *,
        misbehave: bool = False,
        crawl_delay: float = 0.1,
    ) -> None:
        faulty = misbehaving_stories()
        self.desk = Desk(load_stories(), [story for story, _ in faulty], crawl_delay)
        self.saved = saved
        self.log: list[Visit] = []
        self.faults: dict[str, Fault] = {}
        self.misbehaving = misbehave
        if misbehave:
            self.faults |= {story.outlet.host + story.path: fault for story, fault in faulty}
        self.faults |= faults or {}
        self._requested_port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._count_lock = threading.Lock()
        self._counts: dict[str, tuple[Fault, int]] = {}

    def start(self) -> Self:
        """Start serving. Raises OSError if the port cannot be bound."""
        if self._server is not None:
            raise RuntimeError("the newsstand is already open")
        self._server = _Server(self, self._requested_port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="newsstand")
        self._thread.start()
        return self

    def close(self) -> None:
        """Close every connection and release the port. Raises an ExceptionGroup of errors from serving, if any."""
        if self._server is None or self._thread is None:
            return
        server, self._server = self._server, None
        server.closing.set()
        server.shutdown()
        server.close_connections()
        server.server_close()
        self._thread.join()
        if server.failures:
            raise ExceptionGroup("the newsstand failed while it answered", server.failures)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def port(self) -> int:
        """The port it serves on. Raises RuntimeError while it is closed."""
        if self._server is None:
            raise RuntimeError("the newsstand is closed")
        return int(self._server.server_address[1])

    @property
    def base_url(self) -> str:
        """Its address, "http://127.0.0.1:PORT"."""
        return f"http://127.0.0.1:{self.port}"

    def stories(self, outlet: str | None = None) -> list[Story]:
        """The stories it lists, newest first."""
        return self.desk.stories(outlet)

    def correct(self, path: str, sentence: str, *, modified: datetime | None = None, outlet: str = Outlet.WWW) -> Story:
        """From now on serve a corrected version of a story (see `Desk.correct`)."""
        return self.desk.correct(path, sentence, modified=modified, outlet=outlet)

    def answer(self, host: str, target: str) -> Answer:
        """The answer to a request for `target` ("/path?query") at `host`, with the current faults."""
        host = host.lower().partition(":")[0]
        fault = self._fault(host, target)
        if fault is None:
            return self._normal(host, target)
        outlet, path = outlet_of(host), target.partition("?")[0]
        story = self.desk.story(outlet, path) or misbehaving_stories()[0][0]
        spoiled = spoil_story(fault.kind, story)
        return self.desk.article(spoiled) if spoiled else misbehave(fault, self._normal(host, target), target)

    def _normal(self, host: str, target: str) -> Answer:
        if self.saved is not None and self.saved.has_host(host):
            return self.saved.answer(host, target)
        if self.misbehaving and target == MISBEHAVE_FEED and outlet_of(host) is Outlet.WWW:
            return Answer(body=self._misbehave_feed().encode(), content_type=XML)
        return self.desk.answer(host, target)

    def _misbehave_feed(self) -> str:
        """One address for each fault, and two good ones; without dates, so that only the page has one."""
        good = [feed_item(story) for story in self.stories(Outlet.WWW)[:2]]
        bad = [FeedItem(story.url, story.title) for story, _ in misbehaving_stories()]
        return feed("Newsstand yang bandel", f"http://{Outlet.WWW.host}", [good[0], *bad, good[1]])

    def _fault(self, host: str, target: str) -> Fault | None:
        """The fault for this request, or None. One with `times` is counted; a replaced fault starts a new count."""
        with self._count_lock:
            key = find_fault(self.faults, host, target)
            if key is None:
                return None
            fault = self.faults[key]
            known, count = self._counts.get(key, (fault, 0))
            count = count if known is fault else 0
            self._counts[key] = (fault, count + 1)
        return fault if fault.times is None or count < fault.times else None


class _Server(ThreadingMixIn, TCPServer):
    """One thread for each connection. Open connections are tracked, so that `close` need not wait for visitors."""

    allow_reuse_address = True
    request_queue_size = 128

    def __init__(self, site: Newsstand, port: int) -> None:
        self.site = site
        self.closing = threading.Event()
        self.failures: list[Exception] = []
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def close_connections(self) -> None:
        """Shut down every connection, which ends its thread."""
        with self._lock:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the visitor closed it first
                    connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002  the base class's signature
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, ConnectionError):  # a visitor left early
            self.failures.append(error)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Newsstand"
    sys_version = ""
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: Any) -> None:
        """Visits go to `Newsstand.log`, not to stderr."""

    def _answer(self) -> None:
        target, host = self.path, self.headers.get("Host", "localhost")
        if target.startswith(("http://", "https://")):  # the absolute form, sent to a proxy (RFC 9112, 3.2.2)
            try:
                parts = urlsplit(target)
            except ValueError:
                self.send_error(400)
                return
            target, host = (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), parts.netloc
        none_match, since = self.headers.get("If-None-Match"), self.headers.get("If-Modified-Since")
        answer = self.server.site.answer(host, target).conditional(none_match, since)
        visit = Visit(
            at=datetime.now(UTC),
            monotonic=time.monotonic(),
            host=host,
            path=target,
            status=answer.status,
            sent=0,
            if_none_match=none_match,
            if_modified_since=since,
            user_agent=self.headers.get("User-Agent"),
        )
        self.server.site.log.append(visit)
        if answer.wait and self.server.closing.wait(answer.wait):
            self.close_connection = True
            return
        self._send(answer, visit)

    def _send(self, answer: Answer, visit: Visit) -> None:
        self.send_response(answer.status)
        for name, value in answer.header_lines():
            self.send_header(name, value)
        if answer.status == 304:
            self.end_headers()
            return
        chunked = not answer.declared
        self.send_header(*(("Transfer-Encoding", "chunked") if chunked else ("Content-Length", str(answer.length))))
        self.end_headers()
        if self.command == "HEAD":
            return
        for piece in _pieces(answer):
            visit.sent += len(piece)  # counted before sending: when a visitor has the whole body, the count is complete
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece)
        if chunked:
            self.wfile.write(b"0\r\n\r\n")
        if answer.sends is not None:
            self.close_connection = True


def _pieces(answer: Answer) -> Iterator[bytes]:
    if answer.repeat is None:
        if body := answer.body[: answer.sends]:
            yield body
        return
    remaining = answer.repeat
    while remaining > 0:
        yield answer.body[:remaining]
        remaining -= len(answer.body)
