"""A crawl in which a third of the requests fail, and its politeness ledger compared with the site's own log."""

from __future__ import annotations

import json
import random
from collections import Counter, defaultdict
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select

from archive import runs
from archive.identity import canonical_key
from archive.tables import addresses, articles, outcomes, versions
from archive.verify import verify
from newsstand import Fault, FaultKind, Newsstand
from newsstand.faults import find_fault
from tests.support.children import kliping, opened, settings, start_crawl
from tests.support.machine import watching

pytestmark = pytest.mark.processes

CRAWL_DELAY = 0.3
JITTER = 0.15
"""Seconds by which the site may log a request late, if the machine does not stall."""

LASTING = [FaultKind.NOT_FOUND, FaultKind.GONE, FaultKind.BROKEN, FaultKind.CUT, FaultKind.REDIRECT_LOOP]
LASTING += [FaultKind.REDIRECT_PRIVATE, FaultKind.BLOCKED, FaultKind.CAPTCHA, FaultKind.EMPTY, FaultKind.BINARY]
LASTING += [FaultKind.NO_ARTICLE, FaultKind.IMPOSSIBLE_DATE]
PASSING = [
    Fault(FaultKind.BROKEN, times=1),
    Fault(FaultKind.CUT, times=1),
    Fault(FaultKind.TOO_MANY, times=1, seconds=1),
]


@pytest.mark.parametrize("seed", [20151218, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(9))])
def test_a_crawl_in_which_a_third_of_all_requests_fail(seed: int, tmp_path: Path) -> None:
    """Outcomes sum to the addresses taken up, and each good article is stored once.

    By the site's own log, no request is sent before the Crawl-delay is over, and the ledger counts what that log has.
    """
    draw = random.Random(seed)
    home = tmp_path / "home"
    with Newsstand(crawl_delay=CRAWL_DELAY) as site, opened(home) as archive, watching() as watch:
        stories = site.stories()
        bad = draw.sample(stories, len(stories) // 3)
        faults = {story.outlet.host + story.path: Fault(draw.choice(LASTING)) for story in bad}
        good = [story for story in stories if story not in bad]
        faults |= {story.outlet.host + story.path: draw.choice(PASSING) for story in draw.sample(good, len(good) // 3)}
        site.faults |= faults
        environment = settings(home, {"newsstand.test": site.base_url}, KLIPING_RETRY_TIMES="2")
        assert start_crawl(environment).wait(240) in (0, 1)

        failed = sum(find_fault(faults, visit.host, visit.path) is not None for visit in site.log)
        assert failed >= len(site.log) / 3, (failed, len(site.log))
        report = runs.latest(archive, "newsstand")
        assert report
        assert (report.unfinished, sum(report.outcomes.values())) == (0, report.taken_up)
        with archive.reading() as connection:
            stored = Counter(connection.execute(select(articles.c.url)).scalars())
            written = connection.execute(select(func.count()).select_from(versions)).scalar_one()
            ended = dict(connection.execute(select(outcomes.c.address_key, outcomes.c.outcome)).all())
            states = dict(connection.execute(select(addresses.c.key, addresses.c.state)).all())
        assert set(stored) == {story.url for story in good}
        assert set(stored.values()) == {1}
        assert written == len(good)
        for story in bad:
            assert ended[canonical_key(story.url)].startswith(("error:", "rejected:", "blocked", "gone")), story.url
        assert all(states[key] == "queued" for key, outcome in ended.items() if outcome.startswith(("error:", "block")))
        assert verify(archive).wrong == ()

        times, intervals = defaultdict(list), 0
        for visit in site.log:
            times[visit.host.partition(":")[0]].append(visit.monotonic)
        for host, moments in times.items():
            measured = [(a, b) for a, b in pairwise(moments) if not watch.stalled(a - CRAWL_DELAY, b)]
            assert all(later - sooner >= CRAWL_DELAY - JITTER for sooner, later in measured), (host, moments)
            intervals += len(measured)
            for first in moments[:1] if not watch.stalled(moments[0] - CRAWL_DELAY, moments[0]) else ():
                assert moments[-1] - first >= (len(moments) - 1) * CRAWL_DELAY - JITTER, host
        assert intervals > len(site.log) / 10, watch.stalls
        ledger = {each.host: each for each in report.hosts}
        assert {host: each.requests for host, each in ledger.items() if host in times} == {
            host: len(moments) for host, moments in times.items()
        }
        assert all(ledger[host].crawl_delay == CRAWL_DELAY for host in times)
        assert all((ledger[host].shortest_interval or 0) >= CRAWL_DELAY for host in times)
        assert sum(each.refused for each in ledger.values()) == sum(visit.status == 429 for visit in site.log)
        assert sum(each.waits for each in ledger.values()) > 0


def test_the_ledger_counts_not_modified_responses_and_adds_up_runs(tmp_path: Path) -> None:
    """A second crawl requests everything again and gets 304s; the command adds up both runs by host."""
    home = tmp_path / "home"
    with Newsstand(crawl_delay=0) as site:
        environment = settings(home, {"newsstand.test": site.base_url})
        assert start_crawl(environment).wait(120) == 0
        first = len(site.log)
        assert start_crawl(environment).wait(120) == 0
        second = site.log[first:]
        done = kliping(environment, "sources", "politeness", "newsstand", "--json")
        rows = json.loads(done.stdout)
        assert sum(row["requests"] for row in rows) == len(site.log)
        assert sum(row["not_modified"] for row in rows) == sum(visit.status == 304 for visit in second) > 0
        assert sum(row["bytes"] for row in rows) == sum(visit.sent for visit in site.log)
        assert {row["host"] for row in rows} == {visit.host.partition(":")[0] for visit in site.log}
        with opened(home) as archive:
            report = runs.latest(archive, "newsstand")
            assert report
            assert report.ended_at
            assert report.ended_at - report.started_at < timedelta(minutes=2)
        table = kliping(environment, "sources", "politeness").stdout
        assert "www.newsstand.test" in table
        assert kliping(environment, "sources", "politeness", "koran").returncode == 2
