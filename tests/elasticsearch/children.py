"""What the tests run as processes of their own, to be killed.

`python -m tests.elasticsearch.children WHAT HOME URL …`
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from archive.database import Archive
from indexer.elastic import ElasticIndex
from indexer.follow import follow
from indexer.reindex import reindex

LEASE = 0.7
"""Seconds that a killed child's lease outlives it. The tests wait for it, so it is short."""
ROOT = Path(__file__).parents[2]


def killed(what: str, home: Path, url: str, *arguments: object) -> None:
    """Run one of the functions below in a process of its own, and see that it was killed."""
    command = [sys.executable, "-m", "tests.elasticsearch.children", what, str(home), url, *map(str, arguments)]
    child = subprocess.run(command, cwd=ROOT, timeout=120, capture_output=True, text=True)
    assert child.returncode == -signal.SIGKILL, child.stderr


def opened(home: Path, url: str) -> tuple[Archive, ElasticIndex]:
    """The archive and the index of a test."""
    return Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home), ElasticIndex(url, "news")


def die() -> None:
    """End as a machine does that loses power: at once, with nothing tidied."""
    os.kill(os.getpid(), signal.SIGKILL)


def follow_killed_mid_bulk(home: Path, url: str, bulks: str) -> None:
    """A follower that is killed when the cluster has taken a bulk and its answer was not read yet."""
    archive, index = opened(home, url)
    left = [int(bulks)]

    def bulk(**arguments: Any) -> Any:
        answer = sent(**arguments)
        left[0] -= 1
        if left[0] == 0:
            die()
        return answer

    sent = index.client.bulk
    index.client.bulk = bulk  # type: ignore[method-assign]  # the moment at which it is killed
    follow(archive, index, lease_seconds=LEASE, batch_changes=5)


def killed_follow(home: Path, url: str, delay: str) -> None:
    """A follower that is killed after a while, wherever it is."""
    archive, index = opened(home, url)
    threading.Timer(float(delay), die).start()
    follow(archive, index, lease_seconds=LEASE, batch_changes=3)
    die()


def killed_reindex(home: Path, url: str, step: str, fraction: str, delay: str) -> None:
    """A reindex that is killed `delay` seconds after `step` has come to `fraction`."""
    archive, index = opened(home, url)
    timers: list[threading.Timer] = []

    def at(reached: str, done: float) -> None:
        if reached == step and done >= float(fraction) and not timers:
            timers.append(threading.Timer(float(delay), die))
            timers[0].start()

    reindex(archive, index, lease_seconds=LEASE, wait=10, at=at, batch_changes=7)
    die()  # a delay longer than all that was left


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
