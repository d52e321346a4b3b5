"""Real crawls for tests: how a child is pointed at a newsstand, started, waited for, frozen and killed."""

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
"""Seconds after which a condition that never comes fails the test."""


def settings(home: Path, sites: dict[str, str], **more: str) -> dict[str, str]:
    """An environment in which crawls keep their archive in `home` and fetch each domain from its site."""
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
    """A crawl as a child process, running; its output goes nowhere."""
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
    """The command, run to its end, which must come within so many seconds."""
    return subprocess.run(
        [sys.executable, "-m", "kliping", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=patience,
    )


def state_of(pid: int) -> str:
    """The letter that Linux has for a process: T for a stopped one, Z for one that has ended. Raises OSError."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def is_gone(pid: int) -> bool:
    """Whether a process has ended, also where nobody has asked yet how (an orphan that init has not reaped)."""
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
    """Stop a process while it does not hold SQLite's write lock: frozen with it, it would block every other writer.

    We hold the lock when `when` is asked and until the process has stopped, so what it found true stays true.
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
    """The archive in a home."""
    return Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home)


def until(condition: Callable[[], object], pause: float = 0.02, patience: float = PATIENCE) -> None:
    """Wait for a condition, and fail where it never comes."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "the condition never came"
        time.sleep(pause)  # between two looks at a condition, not instead of one
