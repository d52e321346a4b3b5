"""What notifies people: looks at all states, writes what changed into the outbox, and delivers it.

The service does so in a thread of its own, `kliping notify send` once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import DatabaseError

from archive.database import ArchiveError
from archive.leases import LeaseLostError
from kliping.cli import context
from kliping.cli.judgement import sightings
from notify import emergency, reporting, sending
from notify.preferences import Preferences
from notify.sending import SendingReport

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings

BEAT = 20.0
"""Seconds between two looks at the outbox."""
LOOK = 300.0
"""Seconds between two looks at all states, if no crawl has ended meanwhile."""
ENDING = 10.0
"""Seconds that the end of the service waits for a message that is being sent."""

log = structlog.get_logger()


def look_and_deliver(settings: Settings, archive: Archive, *, look: bool = True) -> SendingReport:
    """Look at all states (if `look`), write what changed, and deliver what is due.

    If the archive cannot be used, people are told so directly, and its error is raised.
    """
    wishes = Preferences.of(settings)
    try:
        if look and wishes.targets:  # what is told to nobody is told when there is somebody
            changes = reporting.report(archive, sightings(settings, archive), wishes, datetime.now(UTC))
            for change in changes:
                log.info("state changed", subject=change.seen.subject, state=change.seen.state, before=change.before)
            emergency.tell_recovery(settings.home, wishes, datetime.now(UTC))
        if wishes.targets:
            reporting.add_digest(archive, wishes, datetime.now(UTC))
        return sending.deliver(archive, wishes, lease_seconds=settings.lease_seconds)
    except (DatabaseError, ArchiveError, OSError) as error:
        _tell_if_unusable(settings, archive, error)
        raise


def _tell_if_unusable(settings: Settings, archive: Archive, error: Exception) -> None:
    if sentence := context.unusable_in_words(error, archive):
        emergency.tell(settings.home, sentence, Preferences.of(settings), datetime.now(UTC))


class NotifyThread:
    """Notifies in a thread of its own: every few minutes, soon after `request`, and more often while messages wait.

    It is a daemon thread: the end of the process may cut it off, and the next one continues from the outbox.
    """

    def __init__(self, settings: Settings, archive: Archive, *, beat: float = BEAT, look: float = LOOK) -> None:
        self._settings = settings
        self._archive = archive
        self._beat = beat
        self._beats = max(1, round(look / beat))
        self._requested = threading.Event()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="notify", daemon=True)

    @property
    def lives(self) -> bool:
        """Whether it runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Begin. The first look comes one beat later, when the service has its lease."""
        self._thread.start()

    def request(self) -> None:
        """Look at all states at the next beat; returns at once."""
        self._requested.set()

    def end(self) -> None:
        """End, and wait some seconds for a message that is being sent."""
        self._ending.set()
        self._thread.join(ENDING)

    def _run(self) -> None:
        beats = self._beats
        while not self._ending.wait(self._beat):
            beats += 1
            look = beats >= self._beats or self._requested.is_set()
            if look:
                beats = 0
                self._requested.clear()
            try:
                look_and_deliver(self._settings, self._archive, look=look)
            except LeaseLostError as lost:
                log.warning("another process sends", detail=str(lost))
            except Exception:  # whatever it is, it is logged with its traceback, and crawls go on
                log.exception("notifying failed; the next beat tries again")


@contextmanager
def notify_thread(settings: Settings, archive: Archive) -> Iterator[NotifyThread]:
    """A thread that notifies until the block ends. If that is because the archive cannot be used, people are told."""
    thread = NotifyThread(settings, archive)
    thread.start()
    try:
        yield thread
    except (DatabaseError, ArchiveError, OSError) as error:  # the service ends, and nobody looks at states any more
        _tell_if_unusable(settings, archive, error)
        raise
    finally:
        thread.end()
