"""Waiting for a duration."""

from __future__ import annotations

import select


def pause(seconds: float) -> None:
    """Wait for so many seconds.

    `time.sleep` waits until an absolute time, which the system refuses (EINVAL) where the monotonic clock is below
    zero, as under a library that sets clocks back. This waits for a duration.
    """
    select.select((), (), (), max(0.0, seconds))
