"""The service with real crawls, as `kliping schedule run` runs it, but with a window every few seconds.

`python -m tests.support.scheduling_child`: for each line of standard input it forks a service, prints its process id,
and waits for its end. So a service begins within milliseconds, with everything imported. Settings come from the
environment. What a service waits for in minutes it waits for in seconds here.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from archive import windows
from archive.database import Archive
from archive.window import RunFailure
from kliping import config, logs
from kliping.cli.following import follow_quietly
from kliping.cli.notifying import NotifyThread
from notify import sending, targets
from scheduler import daemon, service
from scheduler.timetable import TimetableEntry

ROOT = Path(__file__).parents[2]
EVERY = 4
"""Seconds between two windows."""
BEGINS_WITHIN = 20
"""Seconds in which a child writes its run; after that it counts as dead."""
RETRY_SECONDS = 2.0
"""How long a target is left alone after a failure."""
NEWSSTAND = TimetableEntry(
    "newsstand", "site:newsstand.test", "Asia/Jakarta", every=EVERY, configured=True, time_limit=60
)


@contextmanager
def forking(environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """The process that forks, ready. What the services write goes to `service.log` in their home."""
    command = [sys.executable, "-m", "tests.support.scheduling_child"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with (
        (Path(environment["KLIPING_HOME"]) / "service.log").open("w") as log,
        subprocess.Popen(command, cwd=ROOT, env={**environment}, text=True, stderr=log, **pipes) as parent,
    ):
        try:
            yield parent
        finally:
            parent.kill()


def fork(parent: subprocess.Popen[str]) -> int:
    """Let it fork a service, when the one before has ended; returns the service's process id."""
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write("go\n")
    parent.stdin.flush()
    return int(parent.stdout.readline())


def serve() -> None:
    """Run the service until it is asked to end, or killed."""
    settings = config.load()
    with Archive.open(f"sqlite:///{settings.home / 'archive.sqlite3'}", settings.home) as archive:
        notifying = NotifyThread(settings, archive, beat=0.3, look=2.0)
        notifying.start()

        def follow() -> None:
            follow_quietly(settings, archive, tell=lambda _: None)
            notifying.request()

        daemon.run_service(archive, settings, {"newsstand": NEWSSTAND}, follow=follow)
        notifying.end()


def main() -> None:
    """Fork a service for each line of standard input."""
    logs.configure()  # to standard error
    targets.check("json://127.0.0.1:1/")  # loads Apprise
    vars(windows).update(RETRY_MINUTES=dict.fromkeys(RunFailure, (0.0,) * 100), START_SECONDS=BEGINS_WITHIN)
    vars(service).update(START_SECONDS=BEGINS_WITHIN)
    vars(sending).update(RETRY_MINUTES=(RETRY_SECONDS / 60,))
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            serve()
            os._exit(0)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
