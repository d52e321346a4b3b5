"""Sends a message to one address by Apprise, and keeps the address secret whatever happens.

An Apprise URL holds tokens and passwords in any of its parts (docs/notifications.md). Apprise logs parts of it, so what
it says of a failure is cleaned before anybody reads it.
"""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    import apprise

SHORTEST_SECRET = 3
"""Characters of a part of an address that is hidden. Shorter ones are ports and flags."""
HOST_IS_NO_SECRET = frozenset({"json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos"})
"""Kinds of addresses whose host is a host. Of others it may be a token."""
LONGEST_PROBLEM = 300
"""Characters of a problem that are kept."""


class BadTargetError(ValueError):
    """An address that Apprise cannot use. The message does not tell it."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent. `is_alarm`: something is wrong."""

    title: str
    body: str
    is_alarm: bool = False


Send = Callable[[str, Message], str | None]
"""Sends a message to an Apprise URL. Returns None if the target accepted it, else why not, without secrets."""


def kind_of(url: str) -> str:
    """What may be shown of an address: "tgram://…"."""
    scheme, found, _ = url.partition("://")
    return f"{scheme.strip().lower()}://…" if found and re.fullmatch(r"[\w.+-]{1,20}", scheme.strip()) else "…"


def check(url: str) -> None:
    """Raises BadTargetError for an address that Apprise cannot use."""
    with _listening():
        _opened(url)


def send(url: str, message: Message) -> str | None:
    """See `Send`. Waits for the target as long as Apprise does: some seconds, unless the address says otherwise."""
    with _listening() as heard:
        try:
            target = _opened(url)
        except BadTargetError as error:
            return str(error)
        kind = "warning" if message.is_alarm else "info"
        if target.notify(title=message.title, body=message.body, notify_type=kind, body_format="text"):
            return None
    said = " ".join(dict.fromkeys(heard)) or "it did not accept the message, and gave no reason"
    return without_secrets(said, url)[:LONGEST_PROBLEM]


def without_secrets(text: str, url: str) -> str:
    """A text with every part of an address hidden."""
    for secret in sorted(_secrets(url), key=len, reverse=True):
        text = re.sub(re.escape(secret), "***", text, flags=re.IGNORECASE)
    return text


def _secrets(url: str) -> set[str]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    found = {url, url.partition("://")[2], parts.username or "", parts.password or "", *parts.path.split("/")}
    found.update(value for pair in parse_qsl(parts.query, keep_blank_values=True) for value in pair[1:])
    if parts.scheme.lower() not in HOST_IS_NO_SECRET:
        found |= {host, f"{host}:{port}"}
    found |= {unquote(each) for each in found}
    return {each for each in found if len(each) >= SHORTEST_SECRET}


@cache
def _apprise() -> tuple[type[apprise.Apprise], apprise.AppriseAsset, apprise.OverflowMode]:
    """Apprise with all its plugins, some of which import deprecated modules of Python."""
    import apprise  # 0.6 s, which only a process that sends needs

    memory = apprise.PersistentStoreMode.MEMORY
    asset = apprise.AppriseAsset(app_id="Kliping", app_desc="Kliping", async_mode=False, storage_mode=memory)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        apprise.Apprise(asset=asset).add("json://localhost/")  # loads them
    return apprise.Apprise, asset, apprise.OverflowMode.SPLIT


def _opened(url: str) -> apprise.Apprise:
    kind, asset, in_parts = _apprise()
    target = kind(asset=asset)
    if not target.add(url):
        raise BadTargetError(
            f"The address ({kind_of(url)}) is none that Apprise understands. docs/notifications.md has examples."
        )
    if not re.search("[?&]overflow=", url):
        for each in target:
            each.overflow_mode = in_parts  # a message longer than the target takes would be refused for ever
    return target


class _Listener(logging.Handler):
    """Collects what Apprise warns of."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keeps the message."""
        self.heard.append(record.getMessage())


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Let nothing of what Apprise and its HTTP library log reach any other log, and yield what they warn of."""
    loggers: list[Any] = [logging.getLogger(name) for name in ("apprise", "urllib3", "requests")]
    before = [(each.propagate, each.level) for each in loggers]
    listener = _Listener()
    for each in loggers:
        each.propagate = False
        each.setLevel(logging.WARNING)
    loggers[0].addHandler(listener)
    silent = logging.NullHandler()
    for each in loggers[1:]:
        each.addHandler(silent)
    try:
        yield listener.heard
    finally:
        loggers[0].removeHandler(listener)
        for each, (propagate, level) in zip(loggers, before, strict=True):
            each.removeHandler(silent)
            each.propagate, each.level = propagate, level
