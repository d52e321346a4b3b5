"""A page that takes too long ends with a named rejection."""

from __future__ import annotations

import re
import signal
import threading
import time
from contextlib import suppress

import pytest

from archive.deadline import page_deadline
from archive.records import Rejected

SHORT = 0.03


def burn(seconds: float) -> None:
    """Use processor time."""
    ends_at = time.process_time() + seconds
    while time.process_time() < ends_at:
        pass


def swallowing() -> None:
    """Use processor time, and go on after every error."""
    for _ in range(50):
        with suppress(Exception):
            burn(0.1)


def slow_pattern() -> None:
    """A regular expression that looks back for seconds."""
    re.match(r"(?:x+x+)+y", "x" * 28)


@pytest.mark.parametrize("work", [lambda: burn(5), swallowing, slow_pattern])
def test_work_is_ended_where_it_stands(work: object) -> None:
    """In a loop, inside a block that goes on after errors, and inside a regular expression."""
    began = time.process_time()
    with pytest.raises(Rejected, match=r"took more than 0\.03 s of processor time") as ended, page_deadline(SHORT):
        work()  # type: ignore[operator]
    assert ended.value.outcome == "rejected:too-complex"
    assert time.process_time() - began < 2


def test_nothing_is_interrupted_after_the_block_nor_for_time_spent_waiting() -> None:
    before = signal.getsignal(signal.SIGPROF)
    with page_deadline(SHORT):
        threading.Event().wait(2 * SHORT)
    burn(2 * SHORT)
    assert signal.getsignal(signal.SIGPROF) is before
    assert signal.getitimer(signal.ITIMER_PROF) == (0.0, 0.0)


def test_other_errors_pass_through() -> None:
    with pytest.raises(KeyError), page_deadline():
        raise KeyError


def test_another_thread_reads_without_a_deadline() -> None:
    done = []

    def read() -> None:
        with page_deadline(SHORT):
            burn(2 * SHORT)
        done.append(True)

    thread = threading.Thread(target=read)
    thread.start()
    thread.join()
    assert done
