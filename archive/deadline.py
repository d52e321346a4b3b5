"""Ends the reading of one page that takes too long, with a named rejection.

Bounds keep every known shape of page near a second (docs/decisions/0028). This is for those that nobody thought of.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from archive.records import Rejected

PAGE_SECONDS = 5.0
"""Processor time for one page. The median page takes some milliseconds, the costliest known shape about a second."""
_AGAIN_AFTER = 0.2
"""Seconds until the exception is raised again: one that is raised inside a destructor is lost."""


class _DeadlinePassedError(BaseException):
    """Not an Exception, so that nothing takes it for an error of its own."""


@contextmanager
def page_deadline(seconds: float = PAGE_SECONDS) -> Iterator[None]:
    """The block may take so many seconds of processor time. Raises Rejected("too-complex") where it stands by then.

    A single call into a library written in C is not interrupted, but ends the block when it returns; regular
    expressions are interrupted. Only the main thread can be ended so: elsewhere the block may take as long as it likes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    armed = True

    def time_is_up(_number: int, _frame: FrameType | None) -> None:
        if armed:
            raise _DeadlinePassedError

    before = signal.signal(signal.SIGPROF, time_is_up)
    signal.setitimer(signal.ITIMER_PROF, seconds, _AGAIN_AFTER)
    try:
        try:
            yield
        finally:
            armed = False
    except _DeadlinePassedError:
        raise Rejected("too-complex", f"reading it took more than {seconds:g} s of processor time") from None
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
