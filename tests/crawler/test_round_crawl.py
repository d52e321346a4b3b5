"""Rounds and revisits: what is new is found between two crawls, and what is archived is looked at again, politely."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from archive import addresses, revisits, runs
from archive.addresses import FetchResult, SettledAddress
from archive.database import Archive
from archive.finding import find
from archive.records import Listing
from archive.runs import RunReport, judge_round
from archive.tables import addresses as address_table
from archive.tables import changes
from newsstand import Fault, FaultKind, Newsstand
from tests.support.simulated import quick_archive

NOW = datetime(2025, 3, 3, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Crawl = Callable[..., RunReport]


@pytest.mark.parametrize(
    ("age", "next_age"),
    [
        (timedelta(), HOUR),
        (HOUR, 6 * HOUR),
        (2 * HOUR, 6 * HOUR),
        (20 * HOUR, DAY),
        (DAY, 3 * DAY),
        (5 * DAY, 7 * DAY),
        (29 * DAY, 30 * DAY),
        (30 * DAY, None),
        (-HOUR, HOUR),
    ],
)
def test_an_article_is_visited_again_at_its_next_age(age: timedelta, next_age: timedelta | None) -> None:
    """1 h, 6 h, 1 d, 3 d, 7 d and 30 d after its publication. One visit makes up for all ages that have passed."""
    assert revisits.next_visit(NOW - age, NOW) == (None if next_age is None else NOW - age + next_age)


def test_revisits_are_the_longest_overdue_ones_and_bounded(tmp_path: Path) -> None:
    """Queued addresses come by their own retry, and a visit planned by a wrong clock comes now."""
    with quick_archive(tmp_path) as archive, archive.writing() as connection:
        listings = [Listing(f"https://a.test/{number}", "feed") for number in range(6)]
        keys = [each.key for each in addresses.remember(connection, "a", listings, NOW)]
        visits = [NOW - HOUR, NOW - 2 * HOUR, NOW + HOUR, None, NOW + 400 * DAY, NOW - 3 * HOUR]
        settled = [
            SettledAddress(key, "stored", FetchResult(200), f"id{number}", visit)
            for number, (key, visit) in enumerate(zip(keys, visits, strict=True))
        ]
        addresses.settle(connection, settled, NOW)
        addresses.settle(connection, [SettledAddress(keys[5], "error:timeout", FetchResult())], NOW)
        assert [each.key for each in revisits.due(connection, "a", NOW)] == [keys[1], keys[0], keys[4]]
        assert [each.key for each in revisits.due(connection, "a", NOW, limit=1)] == [keys[1]]
        assert revisits.due(connection, "b", NOW) == []


@pytest.mark.parametrize(
    ("listed", "counts", "trouble", "verdict"),
    [
        (20, {}, [], "good"),
        (20, {"error:timeout": 1}, [], "good"),
        (20, {"error:timeout": 5}, [], "failed"),
        (20, {"blocked": 1}, [], "failed"),
        (20, {"unchanged": 1, "error:timeout": 9}, [], "good"),
        (0, {"unchanged": 3}, [], "failed"),
        (20, {"stored": 1}, ["The feed answered 500."], "attention"),
    ],
)
def test_a_round_is_judged_by_whether_it_could_look(
    listed: int, counts: dict[str, int], trouble: list[str], verdict: str
) -> None:
    assert judge_round(listed=listed, counts=counts, trouble=trouble).verdict == verdict


@pytest.fixture
def site() -> Iterator[Newsstand]:
    with Newsstand(crawl_delay=0) as site:
        yield site


@pytest.fixture
def crawl(tmp_path: Path, site: Newsstand) -> Crawl:
    """Runs `python -m crawler newsstand` with these options; returns the report."""

    def run(*options: str) -> RunReport:
        environment = {
            **os.environ,
            "KLIPING_HOME": str(tmp_path),
            "KLIPING_FETCH_FROM": json.dumps({"newsstand.test": site.base_url}),
            "KLIPING_AUTOTHROTTLE": "false",
            "KLIPING_SOURCES__NEWSSTAND__DELAY": "0",
            "KLIPING_CONCURRENCY": "8",
        }
        command = [sys.executable, "-m", "crawler", "newsstand", *options]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        with opened(tmp_path) as archive:
            report = runs.latest(archive, "newsstand")
        assert report, done.stderr
        return report

    return run


def opened(home: Path) -> Archive:
    return Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home)


def plan(home: Path, key: str, **values: Any) -> None:
    """Let time pass for one address: its next visit or try is due."""
    with opened(home) as archive, archive.writing() as connection:
        connection.execute(address_table.update().where(address_table.c.url == key).values(**values))


@pytest.mark.processes
def test_rounds_find_what_is_new_and_revisits_what_was_corrected_taken_down_and_returned(
    tmp_path: Path, site: Newsstand, crawl: Crawl
) -> None:
    """A round asks for no archived story that is not due. A page missing twice marks its article as gone, since it was
    first found missing; its text stays, and a page that returns takes the mark off."""
    first = crawl("--round")
    assert (first.kind, first.verdict) == ("round", "good"), first
    assert first.outcomes["stored"] > 10
    again = crawl("--round")
    assert (again.verdict, again.taken_up) == ("good", 0), again
    story = site.stories("www")[0]
    past = datetime.now(UTC) - HOUR
    site.correct(story.path, "Ralat: kalimat ini ditambahkan kemudian oleh redaksi.")
    plan(tmp_path, story.url, next_visit=past)
    corrected = crawl("--round")
    assert (dict(corrected.outcomes), corrected.traffic["revisits"]) == ({"updated": 1}, 1)

    site.faults[story.path] = Fault(FaultKind.GONE)
    plan(tmp_path, story.url, next_visit=past)
    assert dict(crawl("--round").outcomes) == {"error:http-410": 1}
    plan(tmp_path, story.url, next_try=None, last_fetched=past)
    assert dict(crawl("--round").outcomes) == {"gone": 1}
    with opened(tmp_path) as archive, archive.reading() as connection:
        gone = find(connection, story.url)
        assert (gone.status, gone.version) == ("gone", 2)
        assert gone.gone_since == past
        assert "Ralat" in " ".join(gone.article.body)

    del site.faults[story.path]
    plan(tmp_path, story.url, next_visit=past)
    back = crawl("--round")
    assert sum(back.outcomes.values()) == 1
    with opened(tmp_path) as archive, archive.reading() as connection:
        live = find(connection, story.url)
        assert (live.status, live.gone_since, live.version) == ("live", None, 2)
        kinds = select(changes.c.kind).where(changes.c.article_id == live.article.id).order_by(changes.c.seq)
        assert list(connection.execute(kinds).scalars()) == ["version", "version", "gone", "reread"]
