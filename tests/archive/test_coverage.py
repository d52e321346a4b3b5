"""The coverage of each day: compared, uncompared or a gap, and the ranges that a command fills."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from archive import backfills
from archive.articles import SaveResult
from archive.backfills import BackfillDay, DayState
from archive.coverage import (
    CoverageState,
    compare_days,
    coverage,
    date_ranges,
)
from archive.database import Archive
from tests.conftest import WIB, an_article
from tests.support.children import kliping, settings

JAKARTA = ZoneInfo("Asia/Jakarta")


def day(number: int, state: DayState, listed: int = 0, note: str | None = None) -> BackfillDay:
    return BackfillDay(
        "newsstand", date(2024, 5, number), state, listed, 0, note, "r", datetime(2024, 6, 1, tzinfo=UTC)
    )


def test_a_day_is_compared_uncompared_or_a_gap() -> None:
    """Done with its list; stories without a list; neither; a list that could not be read; an empty list."""
    rows = [day(1, DayState.DONE, 3), day(4, DayState.OPEN, 2, "answered 500"), day(5, DayState.EMPTY)]
    found = compare_days(
        date(2024, 5, 1), date(2024, 5, 5), {date(2024, 5, 1): 2, date(2024, 5, 2): 9}, {d.day: d for d in rows}
    )
    assert [(each.state, each.expected, each.collected, each.note) for each in found] == [
        (CoverageState.COMPARED, 3, 2, None),
        (CoverageState.UNCOMPARED, None, 9, None),
        (CoverageState.GAP, None, 0, "no story in the archive"),
        (CoverageState.GAP, 2, 0, "answered 500"),
        (CoverageState.GAP, 0, 0, "its list is empty"),
    ]


def test_consecutive_days_are_one_range() -> None:
    days = [date(2024, 5, 3), date(2024, 4, 30), date(2024, 5, 1), date(2024, 5, 6)]
    assert date_ranges(days) == [
        (date(2024, 4, 30), date(2024, 5, 1)),
        (date(2024, 5, 3), date(2024, 5, 3)),
        (date(2024, 5, 6), date(2024, 5, 6)),
    ]
    assert date_ranges([]) == []


def test_stories_count_for_their_day_in_the_zone_of_the_source(
    archive: Archive, save: Callable[..., SaveResult]
) -> None:
    """Half past midnight in Jakarta is the day before in UTC."""
    save(an_article(published_at=datetime(2024, 5, 2, 0, 30, tzinfo=WIB)))
    found = coverage(archive, "newsstand", date(2024, 5, 1), date(2024, 5, 2), JAKARTA)
    assert [each.collected for each in found] == [0, 1]


@pytest.mark.processes
def test_the_command_prints_the_backfill_for_each_gap(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = settings(home, {"newsstand.test": "http://127.0.0.1:1"})
    with Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home) as archive, archive.writing() as connection:
        backfills.save_day(connection, day(2, DayState.DONE, 4))
    words = ("coverage", "newsstand", "--from", "2024-05-01", "--to", "2024-05-04")
    shown = kliping(environment, *words)
    assert shown.returncode == 1, shown.stderr
    assert "  kliping backfill newsstand --from 2024-05-01 --to 2024-05-01\n" in shown.stdout
    assert "  kliping backfill newsstand --from 2024-05-03 --to 2024-05-04\n" in shown.stdout
    printed = json.loads(kliping(environment, *words, "--json").stdout)
    assert [each["expected"] for each in printed["newsstand"]] == [None, 4, None, None]


@pytest.mark.processes
def test_a_day_that_is_not_over_is_refused(tmp_path: Path) -> None:
    """No backfill may fill it, so it is not reported as a gap."""
    words = ("coverage", "newsstand", "--from", "2024-05-01", "--to", "2099-05-04")
    shown = kliping(settings(tmp_path, {"newsstand.test": "http://127.0.0.1:9"}), *words)
    assert shown.returncode == 2
    assert shown.stderr.startswith("--to 2099-05-04 is not over yet in Asia/Jakarta. Take an earlier day")
