"""How often the API may be asked: a token bucket for each address that asks."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from math import ceil

from fastapi import Request

from web.problems import PageError

MOST_ADDRESSES = 10_000
"""Addresses that are remembered. The one that asked longest ago is forgotten first: its bucket is full again."""


class TokenBuckets:
    """Lets each address ask `per_minute` times a minute, and a tenth of that (ten at least) at once."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_minute / 60
        self._size = max(10.0, per_minute / 10)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, address: str) -> float:
        """Take a token: 0 if there was one, else the seconds until there is one."""
        with self._lock:
            now = self._clock()
            tokens, then = self._buckets.pop(address, (self._size, now))
            tokens = min(self._size, tokens + (now - then) * self._rate)
            allowed = tokens >= 1
            self._buckets[address] = (tokens - 1 if allowed else tokens, now)
            if len(self._buckets) > MOST_ADDRESSES:
                self._buckets.popitem(last=False)
        return 0.0 if allowed else (1 - tokens) / self._rate


async def limited(request: Request) -> None:
    """Let a request through, or raise PageError (429) with the seconds to wait."""
    buckets: TokenBuckets = request.app.state.api_limits
    wait = buckets.take(request.client.host if request.client else "")
    if wait:
        raise PageError(429, "too_often", headers={"Retry-After": str(ceil(wait))}, seconds=ceil(wait))
