"""A server to play with until Ctrl-C: `python -m tests.support.elasticsearch`."""

from __future__ import annotations

import contextlib
import signal
import sys

from tests.support.elasticsearch.distribution import NotAvailableError
from tests.support.elasticsearch.server import Server


def main() -> None:
    try:
        server = Server()
    except NotAvailableError as why:
        sys.exit(str(why))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        server.start()
        print(f"Elasticsearch answers at {server.url}; its data goes when it ends (Ctrl-C).", flush=True)  # noqa: T201
        print(f"    export KLIPING_INDEX_URL={server.url}", flush=True)  # noqa: T201  what the user is to read
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
    finally:
        server.remove()


if __name__ == "__main__":
    main()
