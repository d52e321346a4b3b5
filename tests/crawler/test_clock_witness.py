"""A crawl whose clock is days off: the publisher's own time tells it, before an article is refused or dated wrongly."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from archive import clock_witnesses
from archive.tables import addresses, articles
from newsstand import Newsstand
from tests.support.children import kliping, opened, settings
from tests.support.moved_clock import MovedClock

DAY = 86400.0


def count(home: Path, table: type | object) -> int:
    with opened(home) as archive, archive.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


@pytest.mark.processes
def test_a_crawl_days_behind_stops_before_it_refuses_new_articles_as_future(tmp_path: Path) -> None:
    """No address is lost: with the right clock the next crawl reads everything."""
    clock, home = MovedClock(tmp_path), tmp_path / "home"
    with Newsstand(crawl_delay=0) as site:
        environment = settings(home, {"newsstand.test": site.base_url})
        clock.move(-30 * DAY)
        done = kliping(environment | clock.environment, "crawl", "newsstand", "--json")
        assert done.returncode == 1, done.stderr
        (result,) = json.loads(done.stdout)
        assert "The clock is behind: " in result["report"]["reason"]
        assert result["report"]["verdict"] == "failed"
        assert not [name for name in result["report"]["outcomes"] if name.startswith("rejected")]
        assert count(home, articles) == 0
        assert kliping(environment, "crawl", "newsstand").returncode == 0
        assert count(home, articles) == len(site.stories())


@pytest.mark.processes
@pytest.mark.parametrize(("off", "told"), [(400 * DAY, True), (7200.0, False), (-7200.0, False)])
def test_a_clock_that_is_ahead_needs_attention_and_some_hours_do_not(tmp_path: Path, off: float, told: bool) -> None:
    clock, home = MovedClock(tmp_path), tmp_path / "home"
    with Newsstand(crawl_delay=0) as site:
        environment = settings(home, {"newsstand.test": site.base_url})
        clock.move(off)
        done = kliping(environment | clock.environment, "crawl", "newsstand", "--json")
        (result,) = json.loads(done.stdout)
        assert ("The clock is ahead: " in (result["report"]["reason"] or "")) is told
        assert result["report"]["verdict"] == ("attention" if told else "good")
        assert count(home, articles) == len(site.stories())
        assert count(home, addresses) == len(site.stories())
        with opened(home) as archive, archive.reading() as connection:
            mine = datetime.now(UTC) + timedelta(seconds=off)
            said = clock_witnesses.since(connection, mine - timedelta(hours=1), mine)
        assert said == {"newsstand": pytest.approx(-off, abs=60)}
