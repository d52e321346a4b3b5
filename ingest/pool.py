"""A pool of processes that read: tasks run on all cores, and their results come back in order."""

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
"""Tasks submitted per process: one that it runs, one that waits. More would only take memory."""


class Task(Protocol):
    """A plain function and its plain arguments."""

    @property
    def function(self) -> Callable[..., Any]: ...

    @property
    def arguments(self) -> tuple[Any, ...]: ...

    def in_parts(self, read: Read) -> Any:
        """The task's result, each page read alone; one that kills its process again has an outcome of that name."""
        ...


Read = Callable[["Task"], Any]
"""Runs a task alone. Raises ReaderDiedError if that kills its process."""

AnyTask = TypeVar("AnyTask", bound=Task)


class ReaderDiedError(Exception):
    """A process was killed or crashed over a task that it ran alone."""


class ReaderPool:
    """Processes that run tasks. Each of them ends when this process does, even if this one is killed."""

    def __init__(self, processes: int) -> None:
        self.processes = processes
        self._pool = self._start(processes)

    def __enter__(self) -> ReaderPool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def run_in_order(self, tasks: Iterable[AnyTask]) -> Iterator[tuple[AnyTask, Any]]:
        """Run tasks, and yield each with its result, in the order of `tasks`.

        A task that kills its process twice is run in parts. Raises ReaderDiedError if a part kills it where no page is
        read, and what a task raises. What iterating `tasks` raises (a torn file) is raised last,
        after the results of all tasks before it.
        """
        submitted: deque[tuple[AnyTask, Future[Any]]] = deque()
        waiting = iter(tasks)
        broken: Exception | None = None
        while True:
            try:
                # a generator that has raised is exhausted: from then on this loop submits nothing
                while len(submitted) < AHEAD * self.processes and (task := next(waiting, None)) is not None:
                    submitted.append((task, self._submit(task)))
            except Exception as error:  # noqa: BLE001  raised below, after the results before it
                broken = error
            if not submitted and broken:
                raise broken
            if not submitted:
                return
            task, future = submitted.popleft()
            try:
                result = future.result()
            except BrokenProcessPool:
                result = self._retry(task)
                submitted = deque((each, self._submit(each)) for each, _ in submitted)
            yield task, result

    def run(self, task: Task) -> Any:
        """Run one task now; in parts, if it kills its process twice."""
        try:
            return self._submit(task).result()
        except BrokenProcessPool:
            return self._retry(task)

    def _retry(self, task: Task) -> Any:
        """Run a task again, in new processes: another task may have killed its process."""
        self._renew()
        try:
            return self._alone(task)
        except ReaderDiedError:
            return task.in_parts(self._alone)

    def _alone(self, task: Task) -> Any:
        try:
            return self._submit(task).result()
        except BrokenProcessPool as error:
            self._renew()
            raise ReaderDiedError(f"a process that read {task.arguments[0]} died") from error

    def _submit(self, task: Task) -> Future[Any]:
        try:
            return self._pool.submit(task.function, *task.arguments)
        except BrokenProcessPool:  # a process has died; the tasks without a result are submitted again in their turn
            self._renew()
            return self._pool.submit(task.function, *task.arguments)

    def _renew(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._pool = self._start(self.processes)

    @staticmethod
    def _start(processes: int) -> ProcessPoolExecutor:
        # "spawn": a fork would inherit the heartbeat's locks and the open database connections
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(processes, mp_context=context, initializer=_end_with_parent)


def _end_with_parent() -> None:
    """In a reader: leave Ctrl-C to the parent, and end when the parent does, even if that is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None  # this runs in a child

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()


def cores() -> int:
    """How many processes can read at once on this machine."""
    return os.cpu_count() or 1
