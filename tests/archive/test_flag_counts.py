"""A run counts the flags of the articles it reads, by source."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from archive import flag_counts, runs
from archive.database import Archive
from archive.flag_counts import FlagCount
from tests.conftest import an_article

START = datetime(2026, 3, 2, 19, 0, tzinfo=UTC)


def begin(connection: Any, run_id: str, kind: str = "crawl", nights: int = 0) -> None:
    at = START + timedelta(days=nights)
    runs.begin(connection, run_id, source="newsstand", kind=kind, holder="h", lease=None, now=at)


def test_the_flags_of_a_run_are_counted_over_its_batches_by_source(archive: Archive) -> None:
    with archive.writing() as connection:
        begin(connection, "run-1", "import")
        flag_counts.count(connection, "run-1", [an_article(1), an_article(2, flags=("only-modified",))])
        flag_counts.count(connection, "run-1", [])
        both = ("only-modified", "body-incomplete")
        flag_counts.count(connection, "run-1", [an_article(3, flags=both), an_article(4, source="antara")])
    with archive.reading() as connection:
        counted = flag_counts.of_run(connection, "run-1")
    newsstand = FlagCount("newsstand", 3, 1, {"only-modified": 2, "body-incomplete": 1})
    assert counted == [FlagCount("antara", 1, 0, {}), newsstand]
    report = runs.find(archive, "run-1")
    assert report is not None
    assert report.flags == tuple(counted)
    assert report.as_json()["flags"][1]["flags"] == {"only-modified": 2, "body-incomplete": 1}


def test_the_last_runs_of_a_source_are_counted_together(archive: Archive) -> None:
    with archive.writing() as connection:
        for night in range(4):
            begin(connection, f"run-{night}", nights=night)
            flag_counts.count(connection, f"run-{night}", [an_article(1, flags=("layout-unknown",)), an_article(2)])
    with archive.reading() as connection:
        (counted,) = flag_counts.of_last_runs(connection, 3)
    assert counted == FlagCount("newsstand", 6, 3, {"layout-unknown": 3}, runs=3)


def test_a_reextraction_replaces_what_earlier_runs_counted(archive: Archive) -> None:
    """With the layout mended, the same pages carry no flag any more."""
    with archive.writing() as connection:
        for night, (kind, flags) in enumerate([("crawl", ("body-incomplete",)), ("reextract", ()), ("crawl", ())]):
            begin(connection, f"run-{night}", kind, night)
            flag_counts.count(connection, f"run-{night}", [an_article(1, flags=flags)])
    with archive.reading() as connection:
        assert flag_counts.of_last_runs(connection, 10) == [FlagCount("newsstand", 2, 0, {}, runs=2)]
