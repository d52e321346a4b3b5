"""Tells people that the archive cannot be used. Then there is no outbox either, so this is sent at once.

A file beside the archive remembers what was told: one message a day while it lasts, and one when it is over.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from notify import targets
from notify.preferences import Preferences
from notify.targets import Message, Send
from notify.wording import Wording

FILE = "notify-emergency.json"
AGAIN_AFTER = timedelta(days=1)

log = structlog.get_logger()


def tell(home: Path, sentence: str, wishes: Preferences, now: datetime, send: Send = targets.send) -> bool:
    """Send that the archive cannot be used, unless that was told within a day. Returns whether anybody was reached."""
    before = _told_at(home)
    if before is not None and timedelta() <= now - before < AGAIN_AFTER:
        return False
    title, body = Wording(wishes.language, wishes.zone).archive_unusable(sentence)
    reached = _send_to_all(wishes, Message(title, body, is_alarm=True), send)
    if reached:
        with suppress(OSError):  # the disk may be what is broken; then it is told again at the next look
            (home / FILE).write_text(json.dumps({"told_at": now.isoformat()}), encoding="utf-8")
    return reached


def tell_recovery(home: Path, wishes: Preferences, now: datetime, send: Send = targets.send) -> bool:
    """Send that the archive can be used again, if the opposite was told. Returns whether it was sent to anybody."""
    if _told_at(home) is None:
        return False
    title, body = Wording(wishes.language, wishes.zone).archive_usable(now)
    reached = _send_to_all(wishes, Message(title, body), send)
    if reached:
        with suppress(OSError):
            (home / FILE).unlink()
    return reached


def _told_at(home: Path) -> datetime | None:
    try:
        return datetime.fromisoformat(json.loads((home / FILE).read_text(encoding="utf-8"))["told_at"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _send_to_all(wishes: Preferences, message: Message, send: Send) -> bool:
    reached = False
    for name, url in wishes.targets.items():
        problem = send(url, message)
        if problem is not None:
            log.warning("not delivered", target=name, problem=problem)
        reached = reached or problem is None
    return reached
