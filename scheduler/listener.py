"""A small HTTP listener of the service: `/health` for monitors, `/metrics` for Prometheus. It only reads."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import structlog

REQUEST_SECONDS = 10.0
"""How long a client may take for its request and for reading the answer."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ListenerPage:
    """An answer: status, content type, body."""

    status: int
    content_type: str
    body: bytes


class Listener(AbstractContextManager["Listener"]):
    """Answers GET and HEAD for the paths of `pages`, in threads of their own, while the block lasts.

    Each function of `pages` is called for each request. An error that it raises is logged, and answered with 500. Port
    0 is a free one. Raises OSError if the address cannot be listened on.
    """

    def __init__(self, host: str, port: int, pages: Mapping[str, Callable[[], ListenerPage]]) -> None:
        class Handler(BaseHTTPRequestHandler):
            timeout = REQUEST_SECONDS

            def do_GET(self) -> None:
                page = _answer(pages, self.path.partition("?")[0])
                self.send_response(page.status)
                self.send_header("Content-Type", page.content_type)
                self.send_header("Content-Length", str(len(page.body)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(page.body)

            do_HEAD = do_GET

            def log_message(self, *_: object) -> None:
                """A scrape every few seconds is no event."""

        self._server = ThreadingHTTPServer((host, port), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, name="listener", daemon=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        log.info("listening", address=f"http://{self._server.server_address[0]!s}:{self.port}")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _answer(pages: Mapping[str, Callable[[], ListenerPage]], path: str) -> ListenerPage:
    if path not in pages:
        known = " ".join(sorted(pages))
        return ListenerPage(404, "text/plain; charset=utf-8", f"There is nothing here. Try {known}\n".encode())
    try:
        return pages[path]()
    except Exception:  # the service goes on; a monitor sees 500
        log.exception("the page could not be made", path=path)
        return ListenerPage(500, "text/plain; charset=utf-8", b"An error of our own; the service's log has it.\n")
