"""What a child process does until it is killed: imports, re-extracts, backs up, restores, forgets.

The children are forked from a server that has loaded everything (`multiprocessing`'s forkserver), so one takes some
milliseconds to start.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from datetime import UTC, datetime
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import ingest.reextract
import ingest.saving
from archive.backup import make_backup
from archive.database import Archive
from archive.forget import ForgetRequest, forget
from archive.restore import restore
from tests.support.importing import InProcessReaders, import_one

SMALL = 5
"""Articles in one transaction, so that there are many moments to be killed at."""


def context() -> ForkServerContext:
    """Starts the children."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload([__name__])
    return found


def start(children: ForkServerContext, work: Callable[..., None], *arguments: object) -> BaseProcess:
    """Start one of the functions below in a child."""
    child = children.Process(target=work, args=arguments, daemon=True)
    child.start()
    return child


def opened(home: Path) -> Archive:
    """The archive in a home."""
    return Archive.open(url(home), home)


def url(home: Path) -> str:
    """The URL of its database: a file in it, unless the file beside it names a server's."""
    beside = home.with_suffix(".url")
    return beside.read_text() if beside.exists() else f"sqlite:///{home / 'archive.sqlite3'}"


def ignore(*_: object) -> None: ...


def import_file(home: Path, file: Path) -> None:
    """Import a file of records."""
    ingest.saving.BATCH = SMALL
    with opened(home) as archive:
        import_one(archive, file)


def reextract(home: Path) -> None:
    """Read everything again."""
    ingest.reextract.CHUNK = SMALL
    with opened(home) as archive:
        readers = InProcessReaders()
        ingest.reextract.reextract(archive, readers, source=None, lease_seconds=5, report_progress=ignore)  # type: ignore[arg-type]


def back_up(home: Path, folder: Path) -> None:
    """Back the archive up."""
    with opened(home) as archive:
        make_backup(archive, folder, software="t", now=datetime.now(UTC), lease_seconds=5, progress=ignore)


def restore_into(home: Path, folder: Path) -> None:
    """Restore a backup."""
    restore(folder, url(home), home, now=datetime.now(UTC), progress=ignore)


def forget_these(home: Path, ids: tuple[str, ...]) -> None:
    """Forget articles."""
    with opened(home) as archive:
        forget(archive, [ForgetRequest(each, reason="r") for each in ids], datetime.now(UTC), lease_seconds=5)
