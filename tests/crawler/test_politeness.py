"""The interval between requests to one host, on an event loop that was blocked."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

from scrapy import Request
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.settings import Settings
from scrapy.signalmanager import SignalManager

from crawler.fetching.politeness import PoliteHosts


def test_requests_delayed_by_a_blocked_event_loop_are_still_sent_apart() -> None:
    """Three requests wait 0.1 s each for their turn while the loop is blocked for longer than all of them."""
    crawler = SimpleNamespace(stats=None, signals=SignalManager(), settings=Settings())  # all that PoliteHosts uses
    polite = PoliteHosts(cast("Any", crawler))
    rules = ProtegoRobotParser(b"User-agent: *\nCrawl-delay: 0.1", spider=None)
    polite.robots_parsed(rules, Request("http://x.test/robots.txt"))
    sent: list[float] = []

    async def ask() -> None:
        await polite.process_request(Request("http://x.test/berita"))
        sent.append(await polite.wait_for_turn("x.test"))

    async def ask_all() -> None:
        asking = [asyncio.create_task(ask()) for _ in range(4)]
        await asyncio.sleep(0)
        time.sleep(0.5)  # blocks the loop on purpose: this is the condition under test
        await asyncio.gather(*asking)

    asyncio.run(ask_all())
    assert all(later - sooner >= 0.099 for sooner, later in pairwise(sent)), sent
