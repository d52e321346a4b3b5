"""What the service tells monitors: `/health`, the judgement of `kliping status`, and `/metrics`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import orjson
from sqlalchemy.exc import DatabaseError

from archive.database import ArchiveError, damage_in_words, is_damage
from kliping.cli import context, doctor
from kliping.cli.finding import Finding
from scheduler.listener import Listener, ListenerPage

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings

KEPT_SECONDS = 30.0
"""How long a judgement is given again: monitors may ask every second."""

CHECK_SECONDS = 0.5
"""How long the archive's database is examined for one judgement."""

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class OperationReport:
    """What was found at a moment; well if everything is fine."""

    at: datetime
    findings: Sequence[Finding]

    @property
    def problems(self) -> Sequence[Finding]:
        """What is wrong."""
        return [finding for finding in self.findings if not finding.fine]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """The body of `/health`."""
        problems = [{"about": each.about, "seen": each.seen, "remedy": each.remedy} for each in self.problems]
        return {"ok": self.ok, "at": self.at.isoformat(), "problems": problems}


def judge(settings: Settings, archive: Archive) -> OperationReport:
    """Judge the operation as `kliping status` does. A database that cannot be read is a problem, and no error."""
    findings: list[Finding] = []
    try:
        archive.require_sound(CHECK_SECONDS)
        findings += doctor.of_operation(settings, archive, CHECK_SECONDS)
    except (ArchiveError, DatabaseError) as error:
        findings.append(Finding("archive", False, _in_words(archive, error), "kliping doctor"))
    return OperationReport(datetime.now(UTC), findings)


def _in_words(archive: Archive, error: Exception) -> str:
    if isinstance(error, ArchiveError):
        return str(error)
    if is_damage(error):
        return damage_in_words(archive, error)
    return f"The archive's database cannot be used: {getattr(error, 'orig', error)}."


class _Kept(Generic[_Value]):
    """A value that is made at most once in KEPT_SECONDS, by one thread at a time."""

    def __init__(self, make: Callable[[], _Value]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._value: _Value | None = None
        self._made_at = 0.0

    def __call__(self) -> _Value:
        with self._lock:
            if self._value is None or time.monotonic() - self._made_at > KEPT_SECONDS:
                self._value = self._make()
                self._made_at = time.monotonic()
            return self._value


@contextmanager
def listening(settings: Settings, archive: Archive) -> Iterator[Listener | None]:
    """The service's listener, if a port is set. Exits with status 2 if it cannot listen there."""
    if settings.listen_port is None:
        yield None
        return
    from kliping.cli.metrics import metrics_page  # prometheus-client takes 0.1 s, which no other command needs

    judgement = _Kept(lambda: judge(settings, archive))
    metrics = _Kept(lambda: metrics_page(settings, archive, judgement().problems))

    def health() -> ListenerPage:
        found = judgement()
        return ListenerPage(200 if found.ok else 503, "application/json", orjson.dumps(found.as_json()) + b"\n")

    with ExitStack() as stack:
        try:
            listener = Listener(settings.listen_host, settings.listen_port, {"/health": health, "/metrics": metrics})
        except OSError as error:
            context.fail(
                f"The service cannot listen on {settings.listen_host}:{settings.listen_port}: "
                f"{error.strerror or error}. Choose another KLIPING_LISTEN_PORT or KLIPING_LISTEN_HOST."
            )
        yield stack.enter_context(listener)
