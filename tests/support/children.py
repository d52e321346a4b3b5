"""Real child processes for tests: crawls and commands against a newsstand, and how to wait for them or freeze them."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from archive.database import Archive

PATIENCE = 60.0
"""Seconds after which a condition that is still false fails the test."""


def settings(home: Path, sites: dict[str, str], **more: str) -> dict[str, str]:
    """An environment for crawls: the archive is in `home`; `sites` maps each domain to the address to fetch it from."""
    return {
        **os.environ,
        "KLIPING_HOME": str(home),
        "KLIPING_FETCH_FROM": json.dumps(sites),
        "KLIPING_AUTOTHROTTLE": "false",
        "KLIPING_CONCURRENCY": "8",
        "KLIPING_SOURCES__ANTARA__ENABLED": "true",
        "KLIPING_SOURCES__ANTARA__DELAY": "0",
        **more,
    }


def start_crawl(environment: dict[str, str], source: str = "newsstand") -> subprocess.Popen[bytes]:
    """Start a crawl as a child process; its output is discarded."""
    return subprocess.Popen(
        [sys.executable, "-m", "crawler", source],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def kliping(
    environment: dict[str, str], *arguments: str | Path, patience: float = 240.0
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end. Raises TimeoutExpired after `patience` seconds."""
    return subprocess.run(
        [sys.executable, "-m", "kliping", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=patience,
    )


def state_of(pid: int) -> str:
    """The state letter of a process on Linux: T is stopped, Z is a zombie. Raises OSError without such a process."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def is_gone(pid: int) -> bool:
    """Whether a process has ended, even if it is not reaped yet (an orphan that init has not collected)."""
    try:
        return state_of(pid) == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def freeze_between_transactions(
    child: subprocess.Popen[Any],
    home: Path,
    when: Callable[[sqlite3.Connection], object] = lambda _: True,
    patience: float = PATIENCE,
) -> None:
    """Stop a process (SIGSTOP) while it does not hold SQLite's write lock: with the lock it would block all writers.

    This function holds the lock while it asks `when`, and until the process has stopped, so what `when` saw stays true.
    The process must still be running then.
    """
    with closing(sqlite3.connect(home / "archive.sqlite3", timeout=PATIENCE, isolation_level=None)) as connection:

        def frozen() -> bool:
            connection.execute("BEGIN IMMEDIATE")
            try:
                if not when(connection):
                    return False
                child.send_signal(signal.SIGSTOP)
                until(lambda: state_of(child.pid) in "TZ")
                return True
            finally:
                connection.execute("ROLLBACK")

        until(frozen, patience=patience)
    assert child.poll() is None


def opened(home: Path) -> Archive:
    """The archive in a home folder."""
    return Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home)


def until(
    condition: Callable[[], object],
    pause: float = 0.02,
    patience: float = PATIENCE,
    seen: Callable[[], object] = lambda: "",
) -> None:
    """Wait until a condition is true; fails after `patience` seconds, and says what is `seen` then."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, f"the condition never became true {seen()}"
        time.sleep(pause)  # between two checks of the condition
