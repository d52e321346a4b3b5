"""One crawl as a child process in a session of its own: a time limit, SIGTERM, and SIGKILL after the grace period.

The child writes to a log file, not to a pipe, which could fill up and block it. Processes that it starts are in its
process group, which is killed with SIGKILL as soon as the child has ended, for whatever reason.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from archive import ending
from archive.pause import pause

CRAWLER = (sys.executable, "-m", "crawler")
"""The command line of a crawl; the source's name and `--run-id ID` are added."""

ARCHIVE = (sys.executable, "-m", "kliping", "archive")
"""The command line of work on the archive; the command's name and `--run-id ID` are added."""

LEASE_HELD = 3
"""The exit code of a crawl whose politeness group's lease is held by another process (`python -m crawler`)."""

POLL_SECONDS = 0.05
"""Seconds between two polls of `run_child`."""


@dataclass(frozen=True, slots=True)
class ExitStatus:
    """How a child ended.

    `exit_code` is None if a signal ended it, `signal` is None if it exited. `timed_out`: its time limit had passed;
    `stopped`: `Child.stop` was called; `forced`: it was killed, usually because it outlived its grace period.
    """

    exit_code: int | None
    signal: int | None = None
    timed_out: bool = False
    stopped: bool = False
    forced: bool = False

    def __str__(self) -> str:
        """For notes and logs: "the crawl exited with 1 after its time limit"."""
        how = f"exited with {self.exit_code}"
        if self.signal is not None:
            how = f"was ended by {signal.Signals(self.signal).name}"
        why = " after its time limit" if self.timed_out else " after it was asked to end" if self.stopped else ""
        return f"the crawl {how}{why}"


class Child:
    """A running crawl. `poll` must be called regularly: it enforces the time limit and the grace period.

    Times are in seconds of the monotonic clock, which stops while the machine sleeps.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        *,
        time_limit: float,
        grace: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.pid = process.pid
        self._process = process
        self._grace = grace
        self._clock = clock
        self._time_out_at = clock() + time_limit
        self._kill_at: float | None = None
        self._timed_out = self._stopped = self._forced = False
        self._status: ExitStatus | None = None

    def poll(self) -> ExitStatus | None:
        """How the child ended, or None while it runs. Sends SIGTERM past the time limit, SIGKILL past the grace."""
        if self._status is None and self._has_ended():
            # it is not reaped yet, so no other process can have its id, which is also its group's
            self._signal_group(signal.SIGKILL)
            code = self._process.wait()
            self._status = ExitStatus(
                code if code >= 0 else None,
                -code if code < 0 else None,
                self._timed_out,
                self._stopped,
                self._forced,
            )
        if self._status is None:
            self._enforce_limits()
        return self._status

    def stop(self) -> None:
        """Ask the child to end (SIGTERM); `poll` kills it after its grace period. A second call kills it at once."""
        if self._status is not None:
            return
        if self._stopped:
            self.kill()
        self._stopped = True
        self._terminate()

    def kill(self) -> None:
        """Kill the child and everything it started (SIGKILL), even if it is frozen."""
        if self._status is None:
            self._forced = True
            self._signal_group(signal.SIGKILL)

    def _has_ended(self) -> bool:
        # WNOWAIT leaves the child unreaped
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _enforce_limits(self) -> None:
        now = self._clock()
        if self._kill_at is None and now >= self._time_out_at:
            self._timed_out = True
            self._terminate()
        elif self._kill_at is not None and now >= self._kill_at and not self._forced:
            self.kill()

    def _terminate(self) -> None:
        if self._kill_at is None:
            self._kill_at = self._clock() + self._grace
            os.kill(self.pid, signal.SIGTERM)  # not to its group: the child ends its own children

    def _signal_group(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


def log_file(home: Path, run_id: str) -> Path:
    """The log file of a run's child process."""
    return home / "logs" / f"{run_id}.log"


def start(
    source: str,
    *,
    run_id: str,
    time_limit: float,
    grace: float,
    log: Path,
    environment: Mapping[str, str] | None = None,
    program: Sequence[str] = CRAWLER,
    options: Sequence[str] = (),
) -> Child:
    """Start the crawl of a source as a child process, with these options besides.

    `environment` is added to this process's own. `log` is appended to; its folder is made if needed. Raises OSError if
    the file cannot be written or the process cannot be started.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*program, source, "--run-id", run_id, *options],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    return Child(process, time_limit=time_limit, grace=grace)


def run_child(
    source: str,
    *,
    run_id: str,
    time_limit: float,
    grace: float,
    log: Path,
    environment: Mapping[str, str] | None = None,
    program: Sequence[str] = CRAWLER,
) -> ExitStatus:
    """Run the crawl of a source until it ends. A signal that asks this process to end calls `Child.stop`.

    A second signal kills the child and ends this process (`archive.ending`). Raises OSError as `start` does.
    """
    with ending.heeded():
        child = start(
            source,
            run_id=run_id,
            time_limit=time_limit,
            grace=grace,
            log=log,
            environment=environment,
            program=program,
        )
        passed_on = False
        with ending.at_once(child.kill):
            while (status := child.poll()) is None:
                if ending.asked() and not passed_on:
                    passed_on = True
                    child.stop()
                pause(POLL_SECONDS)
        return status
