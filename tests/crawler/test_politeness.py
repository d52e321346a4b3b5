"""The spacing of requests to one host, at its hardest: on an event loop that was busy elsewhere."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

from scrapy import Request
from scrapy.signalmanager import SignalManager

from crawler.fetching.politeness import PoliteHosts


def test_requests_that_waited_behind_a_busy_loop_do_not_leave_together() -> None:
    """Three wait 0.1 s each for their turns while the loop is held up past all of them."""
    crawler = SimpleNamespace(stats=None, signals=SignalManager())  # all that it asks of Scrapy's
    polite = PoliteHosts(cast("Any", crawler))
    rules = SimpleNamespace(rp=SimpleNamespace(crawl_delay=lambda _token: 0.1))
    polite.robots_parsed(rules, Request("http://x.test/robots.txt"))
    left: list[float] = []

    async def ask() -> None:
        await polite.process_request(Request("http://x.test/berita"))
        left.append(await polite.turn("x.test"))

    async def ask_all() -> None:
        asking = [asyncio.create_task(ask()) for _ in range(4)]
        await asyncio.sleep(0)
        time.sleep(0.5)  # the loop is busy: this is what is tested, not a wait for something
        await asyncio.gather(*asking)

    asyncio.run(ask_all())
    assert all(later - sooner >= 0.099 for sooner, later in pairwise(left)), left
