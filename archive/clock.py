"""How far the clock of this machine is believed (decision 21; docs/decisions/0024-a-clock-is-not-believed.md).

Deadlines and intervals are measured with `steady`. A stored time is believed only up to a bound: nothing that was done
lies later than now, and nothing that is planned lies further ahead than its kind allows. What lies beyond was written
while the clock stood ahead. It is treated as if it were not there, and not deleted: the clock that is wrong may be
today's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

TOLERANCE = timedelta(minutes=5)
"""The clocks of two machines that share a database may differ by this; a clock may be corrected by it unnoticed."""

EARLIEST = datetime(2024, 1, 1, tzinfo=UTC)
"""Kliping is younger than this. A clock that shows an earlier time was never set: a machine without a battery."""

_BOOTTIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)  # Linux only


def steady() -> float:
    """Seconds of a clock that nobody can set. On Linux it goes on while the machine sleeps."""
    return time.monotonic() if _BOOTTIME is None else time.clock_gettime(_BOOTTIME)


def latest(now: datetime | None = None) -> datetime:
    """The latest moment that something already done may bear. `now` is aware; None is the present."""
    return (now or datetime.now(UTC)) + TOLERANCE


def is_ahead(moment: datetime, now: datetime, bound: timedelta = timedelta()) -> bool:
    """Whether a stored moment lies further ahead than its kind allows. Both are aware."""
    return moment - now > bound + TOLERANCE


@dataclass(frozen=True, slots=True)
class Jump:
    """A change of the clock that was noticed: it shows `after` where it would have shown `before`.

    Of a clock that was set back while nobody looked, `before` is the latest moment that the archive holds.
    """

    before: datetime
    after: datetime

    @property
    def in_words(self) -> str:
        """What happened: "the clock was set back by 2 h 0 min"."""
        back = self.after < self.before
        return f"the clock was set {'back' if back else 'forward'} by {duration(abs(self.after - self.before))}"


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
        self._seen = wall(), steady()

    def look(self) -> Jump | None:
        """The jump since the last look, if there was one of more than TOLERANCE."""
        (wall_before, steady_before), self._seen = self._seen, (self._wall(), self._steady())
        wall, steady = self._seen
        expected = wall_before + steady - steady_before
        jumped = wall - expected
        if abs(jumped) <= TOLERANCE.total_seconds() or (jumped > 0 and not self._counts_sleep):
            return None
        return Jump(datetime.fromtimestamp(expected, UTC), datetime.fromtimestamp(wall, UTC))


def duration(span: timedelta) -> str:
    """A span for people, with its two largest units: "400 d 3 h", "2 h 0 min", "40 s"."""
    seconds = round(span.total_seconds())
    for size, unit, rest_size, rest_unit in ((86400, "d", 3600, "h"), (3600, "h", 60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} {seconds % size // rest_size} {rest_unit}"
    return f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"
