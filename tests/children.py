"""Real crawls for tests: how a child is pointed at a newsstand, started, waited for, frozen and killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

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


def kliping(environment: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    return subprocess.run(
        [sys.executable, "-m", "kliping", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def opened(home: Path) -> Archive:
    """The archive in a home."""
    return Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home)


def until(condition: Callable[[], object], pause: float = 0.02, patience: float = PATIENCE) -> None:
    """Wait for a condition, and fail where it never comes."""
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "the condition never came"
        time.sleep(pause)  # between two looks at a condition, not instead of one
