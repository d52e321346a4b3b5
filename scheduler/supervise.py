"""One crawl as a child process: started in a session of its own, watched, ended gently, then for certain.

The child writes to a log file, never to a pipe that could fill up and stop it. Whatever it starts shares its process
group and is killed with SIGKILL as soon as the child itself has ended, however that came about.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

CRAWLER = (sys.executable, "-m", "crawler")
"""The program of a crawl; it takes the source's name and `--run-id`."""

LEASE_HELD = 3
"""The exit status of a crawl that found its politeness group's lease in other hands (`python -m crawler`)."""

POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class ExitStatus:
    """How a child ended.

    `exit_code` is null for one that a signal ended, and `signal` for one that exited. `timed_out`: its time limit had
    passed; `stopped`: it was asked to end by `stop`; `forced`: it was killed, for it did not end within its grace.
    """

    exit_code: int | None
    signal: int | None = None
    timed_out: bool = False
    stopped: bool = False
    forced: bool = False

    def __str__(self) -> str:
        """A sentence's worth, for notes and logs."""
        how = f"exited with {self.exit_code}"
        if self.signal is not None:
            how = f"was ended by {signal.Signals(self.signal).name}"
        why = " after its time limit" if self.timed_out else " after it was asked to end" if self.stopped else ""
        return f"the crawl {how}{why}"


class Child:
    """A running crawl. `poll` must be called now and then: it is what enforces the time limit and the grace.

    Times are in seconds, by a clock that stands still while the machine sleeps.
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
        self._limit = clock() + time_limit
        self._kill_at: float | None = None
        self._timed_out = self._stopped = self._forced = False
        self._ending: ExitStatus | None = None

    def poll(self) -> ExitStatus | None:
        """How the child ended, or null while it runs. Asks it to end, or kills it, where its time has come."""
        if self._ending is None and self._has_ended():
            # not reaped yet, so its process id, which is its group's, cannot be another's by now
            self._signal_group(signal.SIGKILL)
            code = self._process.wait()
            self._ending = ExitStatus(
                code if code >= 0 else None,
                -code if code < 0 else None,
                self._timed_out,
                self._stopped,
                self._forced,
            )
        if self._ending is None:
            self._press()
        return self._ending

    def stop(self) -> None:
        """Ask the child to end (SIGTERM); it is killed when its grace has passed. Asked again, it is killed now."""
        if self._ending is not None:
            return
        if self._stopped:
            self.kill()
        self._stopped = True
        self._ask()

    def kill(self) -> None:
        """Kill the child and all that it started (SIGKILL), even if it is frozen."""
        if self._ending is None:
            self._forced = True
            self._signal_group(signal.SIGKILL)

    def _has_ended(self) -> bool:
        # WNOWAIT leaves it unreaped
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _press(self) -> None:
        now = self._clock()
        if self._kill_at is None and now >= self._limit:
            self._timed_out = True
            self._ask()
        elif self._kill_at is not None and now >= self._kill_at and not self._forced:
            self.kill()

    def _ask(self) -> None:
        if self._kill_at is None:
            self._kill_at = self._clock() + self._grace
            os.kill(self.pid, signal.SIGTERM)  # to the child alone: it decides what its own children need

    def _signal_group(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)


def log_file(home: Path, run_id: str) -> Path:
    """Where the output of a run's child goes."""
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
) -> Child:
    """Start the crawl of a source as a child process, and give it back running.

    `environment` is added to this process's own; `log` is appended to, and its folder made. Raises OSError where the
    file cannot be written or the process not started.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*program, source, "--run-id", run_id],
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
    """Run the crawl of a source to its end. SIGTERM, SIGINT and SIGHUP to this process are passed on as `stop`.

    A second signal kills the child. Signals are passed on only from the main thread, the one that Python gives them to.
    Raises OSError as `start` does.
    """
    with _collecting_signals() as asked:
        child = start(
            source,
            run_id=run_id,
            time_limit=time_limit,
            grace=grace,
            log=log,
            environment=environment,
            program=program,
        )
        passed_on = 0
        while (ending := child.poll()) is None:
            if passed_on < len(asked):
                passed_on += 1
                child.stop()
            time.sleep(POLL_SECONDS)
        return ending


@contextmanager
def _collecting_signals() -> Iterator[list[int]]:
    """A list that grows by each signal that asks this process to end.

    The handler does nothing else: it may run in the very moment in which the child is reaped.
    """
    asked: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def collect(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    numbers = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup means to outlive the terminal
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, collect) for number in numbers}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
