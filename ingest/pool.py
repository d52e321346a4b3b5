"""Units of work on all cores: read in child processes, handed back in their order, never more under way than needed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from types import TracebackType
from typing import Any, Protocol, TypeVar

AHEAD = 2
"""Units under way for each process: one that it reads, one that waits for it. More would only fill the memory."""


class Work(Protocol):
    """A plain function and its plain arguments."""

    @property
    def read(self) -> Callable[..., Any]: ...

    @property
    def arguments(self) -> tuple[Any, ...]: ...


AnyWork = TypeVar("AnyWork", bound=Work)


class ReaderDiedError(Exception):
    """A process was killed, or crashed, over a unit of work, twice."""


class Readers:
    """A pool of processes that read. Each ends by itself when this process does, however that came about."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._pool = self._start(processes)

    def __enter__(self) -> Readers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def in_order(self, units: Iterable[AnyWork]) -> Iterator[tuple[AnyWork, Any]]:
        """Each unit with what its function gave, in the order of `units`.

        Raises ReaderDiedError, and what a unit raises.

        What `units` itself raises (a torn file) comes last: the units before it are handed back first.
        """
        ahead: deque[tuple[AnyWork, Future[Any]]] = deque()
        waiting = iter(units)
        broken: Exception | None = None
        while True:
            try:
                # a generator that has raised is at its end: asked again, it gives nothing more
                while len(ahead) < AHEAD * self.processes and (unit := next(waiting, None)) is not None:
                    ahead.append((unit, self._submit(unit)))
            except Exception as error:  # noqa: BLE001  raised below, when all before it has been handed back
                broken = error
            if not ahead and broken:
                raise broken
            if not ahead:
                return
            unit, future = ahead.popleft()
            try:
                result = future.result()
            except BrokenProcessPool:
                result = self.again(unit)
                ahead = deque((each, self._submit(each)) for each, _ in ahead)
            yield unit, result

    def again(self, unit: Work) -> Any:
        """Read one unit alone, in new processes. Raises ReaderDiedError where that kills them once more."""
        self._renew()
        try:
            return self._submit(unit).result()
        except BrokenProcessPool as error:
            raise ReaderDiedError(f"a process that read {unit.arguments[0]} died twice over one part of it") from error

    def one(self, unit: Work) -> Any:
        """Read one unit now."""
        return self._submit(unit).result()

    def _submit(self, unit: Work) -> Future[Any]:
        try:
            return self._pool.submit(unit.read, *unit.arguments)
        except BrokenProcessPool:  # one died since; what it had not given yet is read again when its turn comes
            self._renew()
            return self._pool.submit(unit.read, *unit.arguments)

    def _renew(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._pool = self._start(self.processes)

    @staticmethod
    def _start(processes: int) -> ProcessPoolExecutor:
        # "spawn": a fork would take over the heartbeat's locks and the database's connections as they stand
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(processes, mp_context=context, initializer=_outlive_nobody)


def _outlive_nobody() -> None:
    """In a reader: leave Ctrl-C to the parent, and end with it even if it was killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None  # this runs in a child

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent's end", daemon=True).start()


def cores() -> int:
    """How many processes can read at once on this machine."""
    return os.cpu_count() or 1
