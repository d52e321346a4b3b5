"""Reads single files in a process of its own: a page that kills its reader (a fault of the parser) costs only itself.

One process reads one file after another. It is a fork of this process, made before there are threads and connections,
so it costs some milliseconds and not the imports of a new one. Only after a death a new one is started.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import pairwise
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import TracebackType

from archive.addresses import READER_DIED
from archive.deadline import page_deadline
from archive.outcomes import explanation
from archive.records import Rejected
from ingest.files import ReadFailure, ReadFile, read_file

BY_PROCESS = True
"""Whether commands read single files in a process of its own."""

FileReader = Callable[[Path, str | None, datetime | None], ReadFile | ReadFailure]
"""Reads one file: its path, the address of a saved page that does not name its own, and when it was saved."""


def read_here(path: Path, url: str | None, fetched_at: datetime | None) -> ReadFile | ReadFailure:
    """Read a file in this process. Whatever is wrong with it is a failure by name."""
    try:
        with page_deadline():
            return read_file(path, url, fetched_at)
    except Rejected as rejected:
        return ReadFailure(rejected.outcome, rejected.detail)
    except OSError as error:
        return ReadFailure("error:unreadable", error.strerror or type(error).__name__)


_Request = tuple[Path, str | None, datetime | None]


@contextmanager
def reader_of_files(paths: Sequence[Path]) -> Iterator[FileReader]:
    """What reads these files: a process of its own, if there are any."""
    if not (paths and BY_PROCESS):
        yield read_here
        return
    with ReaderProcess(paths) as process:
        yield process.read


class ReaderProcess:
    """Reads files in another process. It is started at once, and ends with the block, or when this process does.

    `paths` are the files that will be read, in order: while one is saved, the next is read already.
    """

    def __init__(self, paths: Sequence[Path] = ()) -> None:
        self._next = dict(pairwise(paths))
        self._asked: _Request | None = None
        self._start("fork" if threading.active_count() == 1 else "spawn")

    def __enter__(self) -> ReaderProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ours.close()
        self._process.kill()
        self._process.join()

    def read(self, path: Path, url: str | None, fetched_at: datetime | None) -> ReadFile | ReadFailure:
        """`read_here`, there. A file that kills two processes is a failure of that name."""
        request = (path, url, fetched_at)
        for _ in range(2):
            try:
                result = self._answer(request)
                if (upcoming := self._next.get(path)) is not None:
                    self._ask((upcoming, url, fetched_at))
            except (EOFError, OSError):  # it has died
                self._ours.close()
                self._process.join()
                self._start("spawn")  # this process has threads now, whose locks a fork would inherit
                continue
            if isinstance(result, BaseException):
                raise result
            return result
        return ReadFailure(READER_DIED, explanation(READER_DIED))

    def _answer(self, request: _Request) -> ReadFile | ReadFailure | BaseException:
        if self._asked is not None and self._asked != request:
            self._ours.recv()  # nobody wants it
            self._asked = None
        if self._asked is None:
            self._ask(request)
        result: ReadFile | ReadFailure | BaseException = self._ours.recv()
        self._asked = None
        return result

    def _ask(self, request: _Request) -> None:
        self._ours.send(request)
        self._asked = request

    def _start(self, how: str) -> None:
        self._asked = None
        context = multiprocessing.get_context(how)
        self._ours, theirs = context.Pipe()
        arguments = (theirs, self._ours if how == "fork" else None)
        self._process: BaseProcess = context.Process(target=_serve, args=arguments, name="reader", daemon=True)  # type: ignore[attr-defined]  # the base class of contexts lacks it
        self._process.start()
        theirs.close()


def _serve(requests: Connection, of_parent: Connection | None) -> None:
    """In the reader: answer each request, until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that imports
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if of_parent is not None:
        of_parent.close()  # else it would never be closed
    with suppress(EOFError, OSError):
        while True:
            path, url, fetched_at = requests.recv()
            try:
                requests.send(read_here(path, url, fetched_at))
            except OSError:
                raise
            except BaseException as error:  # noqa: BLE001  raised by the process that asked
                requests.send(error)
    os._exit(0)
