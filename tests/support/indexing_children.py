"""Child processes of the indexing tests: `python -m tests.support.indexing_children FUNCTION HOME URL …`."""

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
from indexer.contract import SearchError, SearchIndex
from indexer.elastic.index import ElasticIndex
from indexer.embedded import writer
from indexer.engines import open_index
from indexer.follow import follow
from indexer.nodes import All
from indexer.queries import Query
from indexer.reindex import reindex
from indexer.rollback import prune, rollback

writer.COMMIT_BYTES = 1  # commit every batch, so that there are many moments to be killed at
LEASE = 0.7
"""Seconds that the lease of a killed child lasts. The tests wait for it, so it is short."""
ROOT = Path(__file__).parents[2]


def start(function: str, home: Path, url: str, *arguments: object) -> subprocess.Popen[str]:
    """Start one of the functions below in a child process, with its output in `stdout`."""
    command = [sys.executable, "-m", "tests.support.indexing_children", function, str(home), url, *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def killed(function: str, home: Path, url: str, *arguments: object) -> None:
    """Run one of the functions below in a child process, and check that it was killed."""
    child = start(function, home, url, *arguments)
    child.communicate(timeout=120)
    assert child.returncode == -signal.SIGKILL


def opened(home: Path, url: str) -> tuple[Archive, SearchIndex]:
    """The archive in a folder, and the engine at an address."""
    return Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home), open_index(url, home, "news")


def die() -> None:
    """End this process at once without cleaning up, as in a power failure."""
    os.kill(os.getpid(), signal.SIGKILL)


def killed_reindex(home: Path, url: str, step: str, fraction: str, delay: str) -> None:
    """A reindex that is killed `delay` seconds after `step` has reached `fraction`."""
    archive, index = opened(home, url)
    timers: list[threading.Timer] = []

    def at(reached: str, done: float) -> None:
        if reached == step and done >= float(fraction) and not timers:
            if float(delay) == 0:
                die()
            timers.append(threading.Timer(float(delay), die))
            timers[0].start()

    reindex(archive, index, lease_seconds=LEASE, wait=10, on_step=at, batch_changes=7)
    die()  # the reindex ended before the delay


def follow_killed_before_the_cursor_moves(home: Path, url: str, batches: str) -> None:
    """A follower that is killed when the engine has a batch on disk but the cursor has not moved yet."""
    archive, index = opened(home, url)
    remaining = [int(batches)]

    def set_cursor(*arguments: object) -> None:
        remaining[0] -= 1
        if remaining[0] < 0:
            die()
        original(*arguments)  # type: ignore[arg-type]  # passes its arguments on

    original = indexes.set_cursor
    indexes.set_cursor = set_cursor  # type: ignore[assignment]  # the moment at which it is killed
    follow(archive, index, lease_seconds=LEASE, batch_changes=5)


def follow_killed_mid_bulk(home: Path, url: str, bulks: str) -> None:
    """A follower that is killed when the cluster has executed a bulk but its response was not read yet."""
    archive, index = opened(home, url)
    assert isinstance(index, ElasticIndex)
    remaining = [int(bulks)]

    def bulk(**arguments: Any) -> Any:
        response = original(**arguments)
        remaining[0] -= 1
        if remaining[0] == 0:
            die()
        return response

    original = index.client.bulk
    index.client.bulk = bulk  # type: ignore[method-assign]  # the moment at which it is killed
    follow(archive, index, lease_seconds=LEASE, batch_changes=5)


def killed_follow(home: Path, url: str, delay: str) -> None:
    """A follower that is killed after `delay` seconds, wherever it is."""
    archive, index = opened(home, url)
    threading.Timer(float(delay), die).start()
    follow(archive, index, lease_seconds=LEASE, batch_changes=3)
    die()


def killed_in_a_loop(home: Path, url: str, task: str, delay: str) -> None:
    """Follow, reindex, roll back or prune in a loop, until killed after `delay` seconds."""
    archive, index = opened(home, url)
    threading.Timer(float(delay), die).start()
    tasks: dict[str, Callable[[], object]] = {
        "follow": lambda: follow(archive, index, lease_seconds=LEASE, batch_changes=9, wait=5),
        "reindex": lambda: reindex(archive, index, lease_seconds=LEASE, wait=5, patience=5, batch_changes=23),
        "rollback": lambda: rollback(archive, index, lease_seconds=LEASE, patience=5),
        "prune": lambda: prune(archive, index, 0, lease_seconds=LEASE),
    }
    while True:
        with suppress(SearchError):  # no previous index, or another process is busy
            tasks[task]()


def search_until_stdin_closes(home: Path, url: str) -> None:
    """Search in a loop until standard input closes. Print how often, and every search that found fewer than before."""
    index = open_index(url, home, "news")
    searches, missed, most = 0, [], 0
    for total in repeated(lambda: index.search(Query(All(), limit=1)).total):
        searches += 1
        if total < most:
            missed.append([most, total])
        most = max(most, total)
    print(json.dumps({"searches": searches, "missed": missed, "most": most}))  # noqa: T201  what the test reads


def follow_until_stdin_closes(home: Path, url: str) -> None:
    """Follow in a loop until standard input closes. Print how often."""
    archive, index = opened(home, url)
    times = sum(1 for _ in repeated(lambda: follow(archive, index, batch_changes=11)))
    print(json.dumps({"times": times}))  # noqa: T201  what the test reads


def repeated(task: Callable[[], Any]) -> Iterator[Any]:
    """The results of `task`, again and again until standard input closes. Prints "started" after the first."""
    closed = threading.Event()

    def listen() -> None:
        sys.stdin.read()
        closed.set()

    threading.Thread(target=listen, daemon=True).start()
    yield task()
    print("started", flush=True)  # noqa: T201  what the test waits for
    while not closed.is_set():
        yield task()


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])
