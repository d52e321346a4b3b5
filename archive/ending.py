"""A process that is asked to end: one signal ends it in order, a second at once (docs/decisions/0027).

A long command runs inside `heeded`. The first SIGINT, SIGTERM or SIGHUP sets what `asked` returns; the work looks at it
where stopping costs nothing, and every wait ends (`wait`). The second calls what `at_once` has named and ends the
process. Signals are counted in a thread, so that the second is heeded while the main thread is in a long call.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_NOTICE = b"Ending after what is under way is recorded. A second signal (Ctrl-C) ends at once.\n"

Stop = Callable[[], bool]
"""Whether to stop at the next moment at which nothing is lost."""


class _State:
    """What this process was asked."""

    number: int | None = None
    pipe: tuple[int, int] | None = None
    """Its reading end is readable once the process was asked to end; nobody reads it."""
    announces = True
    """Whether the first signal is told on standard error."""
    last_acts: list[Callable[[], object]] = []  # noqa: RUF012  one list for the process


def asked() -> bool:
    """Whether this process was asked to end."""
    return _State.number is not None


def never() -> bool:
    """A `Stop` for work that goes on to its end."""
    return False


def exit_status(status: int) -> int:
    """The exit status of a command that has ended with `status`: 128 and the signal's number if it was asked to end."""
    return status if _State.number is None else 128 + _State.number


def settled() -> None:
    """The signal was no interruption: ending is what a service does when it is asked to. Its exit status is 0."""
    _State.number = None


def unannounced() -> None:
    """Say nothing on standard error when the first signal comes, inside this `heeded`: a service logs it."""
    _State.announces = False


def signal_name() -> str:
    """The signal by which this process was asked to end: "SIGINT"; empty if it was not."""
    return "" if _State.number is None else signal.Signals(_State.number).name


def wait(seconds: float) -> bool:
    """Wait for so many seconds, or until the process is asked to end. Returns whether it was."""
    watched = () if _State.pipe is None else (_State.pipe[0],)
    select.select(watched, (), (), max(0.0, seconds))
    return asked()


@contextmanager
def at_once(act: Callable[[], object]) -> Iterator[None]:
    """Call this, from another thread, if a second signal ends the process: for its children."""
    _State.last_acts.append(act)
    try:
        yield
    finally:
        _State.last_acts.remove(act)


@contextmanager
def heeded() -> Iterator[None]:
    """Heed signals that ask this process to end. Does nothing outside the main thread, and inside itself."""
    if threading.current_thread() is not threading.main_thread() or _State.pipe is not None:
        yield
        return
    _State.number, _State.pipe, _State.announces = None, os.pipe(), True
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    watcher = threading.Thread(target=_watch, args=(reading,), name="signals", daemon=True)
    watcher.start()
    before_fd = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    ours = [number for number in ENDING if signal.getsignal(number) is not signal.SIG_IGN]  # as nohup sets it
    before = {number: signal.signal(number, _nothing) for number in ours}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(before_fd)
        os.write(writing, b"\0")
        watcher.join()
        ends, _State.pipe = _State.pipe, None
        for end in (reading, writing, *ends):
            os.close(end)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """The handler in Python: the system's has written the signal's number to the watcher already."""


def _watch(reading: int) -> None:
    while number := os.read(reading, 1)[0]:
        if number not in ENDING:
            continue
        if _State.number is None:
            assert _State.pipe is not None  # it stands as long as this thread
            _State.number = number
            os.write(_State.pipe[1], b"\0")
            if _State.announces:
                with suppress(OSError):
                    os.write(2, _NOTICE)
            continue
        for act in reversed(_State.last_acts):
            with suppress(OSError):
                act()
        os._exit(128 + number)
