"""What a shared machine does to a test that measures: it is slow, or stands still for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

NAP = 0.01
"""Seconds between two looks at the clock."""
STALL = 0.05
"""Seconds; a nap that took longer was a moment in which the machine did not let us work."""


def slowness() -> float:
    """How many times slower this machine is just now than one that adds up five million numbers in a quarter of a
    second of processor time; 1 for a faster one."""
    began = time.process_time()
    total = 0
    for number in range(5_000_000):
        total += number
    assert total
    return max(1.0, (time.process_time() - began) / 0.25)


def assert_cheap(began: float, seconds: float) -> None:
    """Processor time since `began` (`time.process_time()`) is under so many seconds of a machine that is not slow."""
    spent = time.process_time() - began
    assert spent < seconds or spent < seconds * slowness(), f"{spent:.2f} s of processor time"


class Watch:
    """The moments in which the threads of this process did not come to work, by the monotonic clock."""

    def __init__(self) -> None:
        self.stalls: list[tuple[float, float]] = []

    def stalled(self, begin: float, end: float) -> bool:
        """Whether one of them overlaps the time between two moments."""
        return any(sooner < end and later > begin for sooner, later in self.stalls)


@contextmanager
def watching() -> Iterator[Watch]:
    """Watch for stalls in a thread of its own."""
    watch, ended = Watch(), threading.Event()

    def look() -> None:
        last = time.monotonic()
        while not ended.wait(NAP):
            now = time.monotonic()
            if now - last > STALL:
                watch.stalls.append((last, now))
            last = now

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()
