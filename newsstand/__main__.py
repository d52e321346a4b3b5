"""`python -m newsstand`: run the site in the foreground until Ctrl-C or SIGTERM."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from newsstand import Fault, FaultKind, Newsstand, SavedPages


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the address, serve, and return the exit status: 0 after a signal, 2 for wrong arguments."""
    parser = argparse.ArgumentParser(
        prog="python -m newsstand",
        description="A small Indonesian news site on 127.0.0.1 (www., arsip. and lama.newsstand.test, by Host header).",
        epilog="example: python -m newsstand --port 8000 --fault /rss/terkini.xml=500:2\n"
        f"faults: {' '.join(FaultKind)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: a free one)")
    parser.add_argument("--pages", type=Path, metavar="DIR", help="saved *.html pages to serve at their own addresses")
    parser.add_argument("--addresses", type=Path, metavar="DIR", help="JSON files with each page's url (default: DIR)")
    parser.add_argument("--only", default="*", metavar="GLOB", help="which saved pages, such as 'antara-*'")
    parser.add_argument("--fault", action="append", default=[], metavar="PATH=KIND[:TIMES]", help="misbehave at a path")
    parser.add_argument("--misbehave", action="store_true", help="list an address for each fault in /rss/misbehave.xml")
    options = parser.parse_args(arguments)
    try:
        faults = dict(Fault.parse(text) for text in options.fault)
        saved = SavedPages.from_folder(options.pages, options.addresses, only=options.only) if options.pages else None
        site = Newsstand(options.port, saved, faults, misbehave=options.misbehave).start()
    except (ValueError, OSError, OverflowError) as error:
        print(f"newsstand: {error}", file=sys.stderr)  # noqa: T201  the command's output
        return 2
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    print(site.base_url, flush=True)  # noqa: T201  callers wait for this line
    stop.wait()
    site.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
