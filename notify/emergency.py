"""Tells people that the archive cannot be used. Then there is no outbox either, so this is sent at once.

A file beside the archive remembers what was told, or one in the system's folder for temporary files if the archive's
disk takes none: one message a day while it lasts, and one when it is over.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
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
        _remember(home, now)
    return reached


def tell_recovery(home: Path, wishes: Preferences, now: datetime, send: Send = targets.send) -> bool:
    """Send that the archive can be used again, if the opposite was told. Returns whether it was sent to anybody."""
    if _told_at(home) is None:
        return False
    title, body = Wording(wishes.language, wishes.zone).archive_usable(now)
    reached = _send_to_all(wishes, Message(title, body), send)
    if reached:
        for file in _files(home):
            with suppress(OSError):
                file.unlink()
    return reached


def _files(home: Path) -> tuple[Path, Path]:
    """Where it is remembered: beside the archive, and for a disk that is full, in the folder for temporary files."""
    name = hashlib.sha256(f"{home.resolve()} {os.geteuid()}".encode()).hexdigest()[:16]
    return home / FILE, Path(tempfile.gettempdir(), f"kliping-emergency-{name}.json")


def _remember(home: Path, now: datetime) -> None:
    """Write when it was told. If neither place takes it, it is told again at the next look."""
    for file in _files(home):
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW  # others may write in the second place
            with os.fdopen(os.open(file, flags, 0o600), "w", encoding="utf-8") as opened:
                json.dump({"told_at": now.isoformat()}, opened)
        except OSError:
            continue
        return


def _told_at(home: Path) -> datetime | None:
    """When it was told last; None if it was not."""
    beside, elsewhere = _files(home)
    return max(filter(None, (_read(beside), _read(elsewhere, must_be_ours=True))), default=None)


def _read(file: Path, *, must_be_ours: bool = False) -> datetime | None:
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW), encoding="utf-8") as opened:
            if must_be_ours and os.fstat(opened.fileno()).st_uid != os.geteuid():
                return None
            return datetime.fromisoformat(json.load(opened)["told_at"])
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
