"""What indexing tests run as processes of their own: `python -m tests.support.indexing_children WHAT HOME URL …`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from archive import indexes
from archive.database import Archive
from indexer.contract import All, Query, SearchError, SearchIndex
from indexer.elastic.index import ElasticIndex
from indexer.embedded import index
from indexer.engines import open_index
from indexer.follow import follow
from indexer.reindex import reindex
from indexer.rollback import prune, rollback

index.COMMIT_BYTES = 1  # every piece, so that there are many moments to be killed at
LEASE = 0.7
"""Seconds that a killed child's lease outlives it. The tests wait for it, so it is short."""
ROOT = Path(__file__).parents[2]


def start(what: str, home: Path, url: str, *arguments: object) -> subprocess.Popen[str]:
    """Start one of the functions below in a process of its own; what it prints can be read from `stdout`."""
    command = [sys.executable, "-m", "tests.support.indexing_children", what, str(home), url, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def killed(what: str, home: Path, url: str, *arguments: object) -> None:
    """Start one of the functions below, and see that it was killed."""
    child = start(what, home, url, *arguments)
    child.communicate(timeout=120)
    assert child.returncode == -signal.SIGKILL


def opened(home: Path, url: str) -> tuple[Archive, SearchIndex]:
    """The archive of a test's folder, and the engine of an address."""
    return Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home), open_index(url, home, "news")


def die() -> None:
    """End as a machine does that loses power: at once, with nothing tidied."""
    os.kill(os.getpid(), signal.SIGKILL)


def killed_reindex(home: Path, url: str, step: str, fraction: str, delay: str) -> None:
    """A reindex that is killed `delay` seconds after `step` has come to `fraction`."""
    archive, index = opened(home, url)
    timers: list[threading.Timer] = []

    def at(reached: str, done: float) -> None:
        if reached == step and done >= float(fraction) and not timers:
            if float(delay) == 0:
                die()
            timers.append(threading.Timer(float(delay), die))
            timers[0].start()

    reindex(archive, index, lease_seconds=LEASE, wait=10, on_step=at, batch_changes=7)
    die()  # a delay longer than all that was left


def follow_killed_before_the_cursor_moves(home: Path, url: str, batches: str) -> None:
    """A follower that is killed once the engine has the batch on disk and the cursor does not say so yet."""
    archive, index = opened(home, url)
    left = [int(batches)]

    def set_cursor(*arguments: object) -> None:
        left[0] -= 1
        if left[0] < 0:
            die()
        moved(*arguments)  # type: ignore[arg-type]  # handed on as it came

    moved = indexes.set_cursor
    indexes.set_cursor = set_cursor  # type: ignore[assignment]  # the point at which it is killed
    follow(archive, index, lease_seconds=LEASE, batch_changes=5)


def follow_killed_mid_bulk(home: Path, url: str, bulks: str) -> None:
    """A follower that is killed when the cluster has taken a bulk and its answer was not read yet."""
    archive, index = opened(home, url)
    assert isinstance(index, ElasticIndex)
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


def killed_at_work(home: Path, url: str, what: str, delay: str) -> None:
    """Follow, reindex, roll back or prune, again and again, until killed after a while."""
    archive, index = opened(home, url)
    threading.Timer(float(delay), die).start()
    works: dict[str, Callable[[], object]] = {
        "follow": lambda: follow(archive, index, lease_seconds=LEASE, batch_changes=9, wait=5),
        "reindex": lambda: reindex(archive, index, lease_seconds=LEASE, wait=5, patience=5, batch_changes=23),
        "rollback": lambda: rollback(archive, index, lease_seconds=LEASE, patience=5),
        "prune": lambda: prune(archive, index, 0, lease_seconds=LEASE),
    }
    while True:
        with suppress(SearchError):  # nothing to go back to, or another one at work
            works[what]()


def search_until_told(home: Path, url: str) -> None:
    """Search in a loop until standard input ends; print how often, and every time that fewer were found than before."""
    index = open_index(url, home, "news")
    searches, missed, most = 0, [], 0
    for total in until_told(lambda: index.search(Query(All(), limit=1)).total):
        searches += 1
        if total < most:
            missed.append([most, total])
        most = max(most, total)
    print(json.dumps({"searches": searches, "missed": missed, "most": most}))  # noqa: T201  what the test reads


def follow_until_told(home: Path, url: str) -> None:
    """Follow in a loop until standard input ends; print how often."""
    archive, index = opened(home, url)
    times = sum(1 for _ in until_told(lambda: follow(archive, index, batch_changes=11)))
    print(json.dumps({"times": times}))  # noqa: T201  what the test reads


def until_told(work: Callable[[], Any]) -> Iterator[Any]:
    """What `work` gives, time after time, until standard input ends. Says on standard output that it has begun."""
    told = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        told.set()

    threading.Thread(target=listen, daemon=True).start()
    yield work()
    print("begun", flush=True)  # noqa: T201  what the test waits for
    while not told.is_set():
        yield work()


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
