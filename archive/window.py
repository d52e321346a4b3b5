"""One window of the timetable, as its row has it: its state, its run, and what a wrong clock did to it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from archive.clock import is_ahead

START_SECONDS = 300
"""A child that has not written its run row this long after its windows were claimed is taken for dead."""

HARVEST_VERDICTS = ("good", "attention")
"""The verdicts of runs that had a harvest; their windows are done."""


class WindowState(StrEnum):
    """The state of a window."""

    CLAIMED = "claimed"
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"
    MISSED = "missed"


class RunFailure(StrEnum):
    """Why a run's windows must be retried."""

    FAILED = "failed"
    """The run ended with the verdict "failed"."""
    DIED = "died"
    """The run never ended: killed, crashed, or its lease was lost."""


RETRY_MINUTES: Mapping[RunFailure, tuple[float, ...]] = {
    RunFailure.FAILED: (10, 30, 120, 360),
    RunFailure.DIED: (0, 5, 30, 120),
}
"""How long a window waits after its first, second … failed attempt. After the last one it has failed for good.

After a failed harvest the publisher is left alone for a while. A killed child says nothing about the publisher, so the
first retry waits only until the dead child's lease expires."""

LONGEST_RETRY = timedelta(minutes=max(max(delays) for delays in RETRY_MINUTES.values()))
"""A next try further ahead was written while the clock stood ahead."""


RUN_AGAIN = timedelta(days=1)
"""A window that was run too early, by today's clock, is run again for this long, whatever was run since."""


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The run row of the run that covers a window. `began` is told by today's clock."""

    ended_at: datetime | None
    verdict: str | None
    reason: str | None
    generation: int | None
    began: datetime | None = None

    @property
    def is_done(self) -> bool:
        """Whether the run ended with a harvest. A run with the verdict "attention" had one."""
        return self.ended_at is not None and self.verdict in HARVEST_VERDICTS


@dataclass(frozen=True, slots=True)
class Window:
    """One firing time of one source, and its state.

    `next_try` of a waiting window is the earliest time of its retry, and of a claimed one the time by which its run
    must have begun. `run` is None until the run has written its row. `at` is when the row was last changed. Both are
    told by today's clock, if the clock was changed since. `since` is the first of the windows for which the row stands,
    if there were too many for a row each, else None. `covered_at` is when the last run that did a window of the source
    began, by today's clock; it is told where this row seems to be dealt with too early.
    """

    source: str
    due_at: datetime
    state: WindowState
    run_id: str | None = None
    attempts: int = 0
    next_try: datetime | None = None
    note: str | None = None
    run: RunFacts | None = None
    at: datetime | None = None
    since: datetime | None = None
    covered_at: datetime | None = None

    def is_void(self, now: datetime) -> bool:
        """Whether the row was written while the clock stood ahead, so that its window counts as unhandled.

        A window of days ago that was run too early is made up for by a later run that began after it.
        """
        if self.state is WindowState.CLAIMED:
            return False
        covered = (
            self.state is WindowState.DONE
            and now - self.due_at > RUN_AGAIN
            and self.covered_at is not None
            and self.covered_at >= self.due_at
        )
        return is_ahead(max(self.due_at, self._at), now) or (self.seems_early and not covered)

    @property
    def seems_early(self) -> bool:
        """Whether it was dealt with before its time, by today's clock."""
        dealt_with = self._at if self.run is None or self.run.began is None else min(self._at, self.run.began)
        return is_ahead(self.due_at, dealt_with)

    @property
    def _at(self) -> datetime:
        return self.at or self.due_at

    def may_retry(self, now: datetime) -> bool:
        """Whether the delay of a waiting window is over, or was written while the clock stood ahead."""
        return self.next_try is None or self.next_try <= now or is_ahead(self.next_try, now, LONGEST_RETRY)

    def as_json(self) -> dict[str, Any]:
        """For `kliping schedule history --json`."""
        return {
            "source": self.source,
            "due_at": self.due_at.isoformat(),
            "since": self.since.isoformat() if self.since else None,
            "state": str(self.state),
            "run_id": self.run_id,
            "attempts": self.attempts,
            "next_try": self.next_try.isoformat() if self.next_try and self.state is WindowState.WAITING else None,
            "note": self.note,
            "verdict": self.run.verdict if self.run else None,
            "reason": self.run.reason if self.run else None,
        }


OPEN_STATES = (WindowState.CLAIMED, WindowState.WAITING)
"""The states that are not final."""
