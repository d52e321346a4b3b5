"""What the tests of notifications share: a hook on loopback, wishes, and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from archive.database import Archive
from archive.outbox import NewNotice, NoticeKind, Recipient, add
from notify.preferences import Preferences
from tests.support.webhook import Webhook, webhook

JAKARTA = ZoneInfo("Asia/Jakarta")


@dataclass
class Moved:
    """A clock that shows what it is told."""

    now: datetime = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Moved:
    """10:00 in Jakarta."""
    return Moved()


@pytest.fixture
def hook() -> Iterator[Webhook]:
    """A web hook; the test must be marked `processes`."""
    with webhook() as opened:
        yield opened


@pytest.fixture
def wishes(hook: Webhook) -> Preferences:
    """One target, `desk`, which is the hook."""
    return Preferences({"desk": hook.url}, JAKARTA)


@pytest.fixture
def put(archive: Archive) -> Callable[..., None]:
    """Put a notice into the outbox."""

    def put_one(title: str, *to: Recipient, at: datetime, key: str | None = None) -> None:
        with archive.writing() as connection:
            add(connection, [(NewNotice(NoticeKind.CHANGE, "disk", title, f"About {title}.", at, key), to)])

    return put_one
