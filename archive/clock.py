"""How far the clock of this machine is believed (decision 21; docs/decisions/0024-a-clock-is-not-believed.md).

Deadlines and intervals are measured with `steady`. A stored time is believed only up to a bound: nothing that was done
lies later than now, and nothing that is planned lies further ahead than its kind allows. What lies beyond was written
while the clock stood ahead. It is treated as if it were not there, and not deleted: the clock that is wrong may be
today's.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

TOLERANCE = timedelta(minutes=5)
"""The clocks of two machines that share a database may differ by this; a clock may be corrected by it unnoticed."""

EARLIEST = datetime(2024, 1, 1, tzinfo=UTC)
"""Kliping is younger than this. A clock that shows an earlier time was never set: a machine without a battery."""

_BOOTTIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)  # Linux only


def steady() -> float:
    """Seconds of a clock that nobody can set. On Linux it goes on while the machine sleeps."""
    return time.monotonic() if _BOOTTIME is None else time.clock_gettime(_BOOTTIME)


_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def this_boot() -> str:
    """A name for the time since this machine was started, in which `steady` counts from one moment.

    Where the system does not tell it, each call returns another name: nothing is then compared across processes.
    """
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return secrets.token_hex(8)


def latest(now: datetime | None = None) -> datetime:
    """The latest moment that something already done may bear. `now` is aware; None is the present."""
    return (now or datetime.now(UTC)) + TOLERANCE


def is_ahead(moment: datetime, now: datetime, bound: timedelta = timedelta()) -> bool:
    """Whether a stored moment lies further ahead than its kind allows. Both are aware."""
    return moment - now > bound + TOLERANCE


@dataclass(frozen=True, slots=True)
class Jump:
    """A change of the clock that was noticed: it shows `after` where it would have shown `before`.

    Of a clock that was set back while nobody looked, `before` is the latest moment that the archive holds. `at` is when
    it happened, by the clock as it is now; None if no change of the clock since is known.
    """

    before: datetime
    after: datetime
    at: datetime | None = field(default=None, compare=False)

    @property
    def happened(self) -> datetime:
        """When it happened."""
        return self.at or self.after

    @property
    def in_words(self) -> str:
        """What happened: "the clock was set back by 2 h 0 min"."""
        back = self.after < self.before
        return f"the clock was set {'back' if back else 'forward'} by {duration(abs(self.after - self.before))}"


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What both clocks showed at one moment: seconds since 1970, and seconds of `steady`."""

    wall: float
    steady: float


class JumpWatch:
    """Compares the wall clock with the steady one, from look to look.

    `counts_sleep` says whether the steady clock goes on while the machine sleeps. If it does not, a sleep looks like a
    clock that was set forward, so only a clock that was set back is a jump.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        steady: Callable[[], float] = steady,
        *,
        counts_sleep: bool = _BOOTTIME is not None,
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._counts_sleep = counts_sleep
        self._seen = self.read()

    def read(self) -> ClockReading:
        """Both clocks now."""
        return ClockReading(self._wall(), self._steady())

    def look(self) -> Jump | None:
        """The jump since the last look, if there was one of more than TOLERANCE."""
        before, self._seen = self._seen, self.read()
        return self._between(before, self._seen)

    def since(self, earlier: ClockReading) -> Jump | None:
        """The jump since an earlier reading in the same boot (`this_boot`), if there was one of more than TOLERANCE."""
        return self._between(earlier, self.read())

    def _between(self, before: ClockReading, after: ClockReading) -> Jump | None:
        expected = before.wall + after.steady - before.steady
        jumped = after.wall - expected
        if abs(jumped) <= TOLERANCE.total_seconds() or (jumped > 0 and not self._counts_sleep):
            return None
        return Jump(datetime.fromtimestamp(expected, UTC), datetime.fromtimestamp(after.wall, UTC))


def duration(span: timedelta) -> str:
    """A span for people, with its two largest units: "400 d 3 h", "2 h 0 min", "40 s"."""
    seconds = round(span.total_seconds())
    for size, unit, rest_size, rest_unit in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} {seconds % size // rest_size} {rest_unit}"
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"
