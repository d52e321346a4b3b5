"""A web hook on loopback that records what Apprise posts to it, and refuses or hangs when told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Webhook:
    """What came, in order. `status` is what it answers; `path` is a secret part of its address."""

    url: str = ""
    status: int = 200
    received: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0
    on_post: Any = None

    @property
    def titles(self) -> list[str]:
        """The titles that came."""
        return [each["title"] for each in self.received]


@contextmanager
def webhook(path: str = "s3cr3t-path") -> Iterator[Webhook]:
    """A hook that listens until the block ends."""
    hook = Webhook()

    class WebhookHandler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if hook.status == 200:
                hook.received.append(body)
            else:
                hook.refused += 1
            if hook.on_post:
                hook.on_post(body)
            self.send_response(hook.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), WebhookHandler)
    hook.url = f"json://127.0.0.1:{server.server_port}/{path}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
