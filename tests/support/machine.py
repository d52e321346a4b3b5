"""For tests that measure time on a shared machine, which may be slow, or give a test no processor for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

NAP = 0.01
"""Seconds between two readings of the clock."""
STALL = 0.05
"""Seconds; a nap that took longer means that the machine did not run this process meanwhile."""


def slowness() -> float:
    """How many times slower this machine is now than one that adds five million numbers in 0.25 s of processor time.

    At least 1.
    """
    started_at = time.process_time()
    total = 0
    for number in range(5_000_000):
        total += number
    assert total
    return max(1.0, (time.process_time() - started_at) / 0.25)


def assert_cheap(began: float, seconds: float) -> None:
    """Processor time since `began` (`time.process_time()`) is below `seconds`, or that times `slowness()`."""
    spent = time.process_time() - began
    assert spent < seconds or spent < seconds * slowness(), f"{spent:.2f} s of processor time"


class Watch:
    """The periods in which the threads of this process did not run, by the monotonic clock."""

    def __init__(self) -> None:
        self.stalls: list[tuple[float, float]] = []

    def stalled(self, begin: float, end: float) -> bool:
        """Whether one of them overlaps the period from `begin` to `end`."""
        return any(stalled_at < end and resumed_at > begin for stalled_at, resumed_at in self.stalls)


@contextmanager
def watching() -> Iterator[Watch]:
    """Record stalls in a thread of its own."""
    watch, ended = Watch(), threading.Event()

    def record() -> None:
        last = time.monotonic()
        while not ended.wait(NAP):
            now = time.monotonic()
            if now - last > STALL:
                watch.stalls.append((last, now))
            last = now

    thread = threading.Thread(target=record)
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()
