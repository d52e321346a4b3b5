"""A process that saves, follows, watches, judges and sends, until it is killed.

`python -m tests.support.notifying_child HOME ADDRESS`: for each line of standard input it forks a child that does so,
prints the child's process id, and waits for its end. So a child begins within milliseconds, with everything imported.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, select

from archive import runs, watches
from archive.articles import save_article
from archive.conditions import all_conditions
from archive.database import Archive
from archive.leases import LeaseLostError
from archive.notice_tables import notices
from archive.tables import articles
from archive.watches import Rhythm
from indexer.contract import SearchError
from indexer.engines import open_index
from indexer.follow import follow
from kliping import logs
from notify import targets
from notify.conditions import HEALTHY, TROUBLE, Sighting
from notify.preferences import Preferences
from notify.reporting import report
from notify.sending import deliver
from notify.watching import look
from tests.conftest import an_article

LEASE = 0.25
"""Seconds that the leases of a killed child last."""
ROOT = Path(__file__).parents[2]
WORDS = "ISIS Moskow"

log = structlog.get_logger()


def opened(home: Path) -> Archive:
    """The archive of the test."""
    return Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home)


def wishes_for(address: str) -> Preferences:
    """One target, the hook."""
    return Preferences({"desk": address}, ZoneInfo("Asia/Jakarta"))


@contextmanager
def forking(home: Path, address: str) -> Iterator[subprocess.Popen[str]]:
    """The process that forks, ready."""
    command = [sys.executable, "-m", "tests.support.notifying_child", str(home), address]
    parent = subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        yield parent
    finally:
        assert parent.stdin is not None
        assert parent.stdout is not None
        parent.stdin.close()
        parent.kill()
        parent.wait(timeout=60)
        parent.stdout.close()


def fork(parent: subprocess.Popen[str]) -> int:
    """Let it fork a child; returns the child's process id."""
    assert parent.stdin is not None
    assert parent.stdout is not None
    parent.stdin.write("go\n")
    parent.stdin.flush()
    return int(parent.stdout.readline())


def prepare(home: Path) -> None:
    """An archive with a watch that tells the hook."""
    with opened(home) as archive:
        options = {"target": "desk", "address": None, "rhythm": Rhythm.EACH, "imports": False}
        watches.add(archive, WORDS, now=datetime.now(UTC), **options)  # type: ignore[arg-type]


def one_round(home: Path, address: str, *, save: bool = True) -> None:
    """Save an article, let disk change its state, and tell everybody."""
    now, wishes = datetime.now(UTC), wishes_for(address)
    with opened(home) as archive:
        if save:
            _save(archive, now)
        try:
            index = open_index("embedded:", home, "news")
            follow(archive, index, lease_seconds=LEASE, wait=2 * LEASE)
            look(archive, index, wishes, now)
        except (SearchError, LeaseLostError) as error:
            log.info("tried again in the next round", detail=str(error))
        if save:
            with archive.reading() as connection:
                known = all_conditions(connection)
            trouble = "disk" in known and known["disk"].state == HEALTHY
            report(archive, [Sighting("disk", TROUBLE if trouble else HEALTHY, "It is full.")], wishes, now)
        try:
            deliver(archive, wishes, lease_seconds=LEASE)
        except LeaseLostError as error:
            log.info("tried again in the next round", detail=str(error))


def _save(archive: Archive, now: datetime) -> None:
    with archive.saving() as saving:
        number = int(saving.connection.execute(select(func.count()).select_from(articles)).scalar_one()) + 1
        run_id = f"crawl-{number}"
        runs.begin(saving.connection, run_id, source="newsstand", kind="crawl", holder="test", lease=None, now=now)
        article = an_article(number, title=f"{WORDS} {number}")
        save_article(saving, article, run_id=run_id, fetched_at=now, page_id=None, reader="test", now=now)


def counted(archive: Archive) -> tuple[int, list[tuple[int, str, str]]]:
    """The number of articles, and number, kind and subject of every notice, in order."""
    with archive.reading() as connection:
        saved = int(connection.execute(select(func.count()).select_from(articles)).scalar_one())
        told = connection.execute(select(notices.c.id, notices.c.kind, notices.c.subject).order_by(notices.c.id))
        return saved, [(row.id, row.kind, row.subject) for row in told]


def main(home: Path, address: str) -> None:
    """Fork a child for each line of standard input."""
    logs.configure()  # to standard error
    targets.check(address)  # loads Apprise
    for _ in sys.stdin:
        child = os.fork()
        if child == 0:
            while True:
                one_round(home, address)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        os.waitpid(child, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
