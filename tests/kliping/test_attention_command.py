"""`kliping attention`: the counts of the reading room, in a terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.reading_room import demo_home, run

__all__ = ["demo_home"]


def test_counts_are_printed_for_each_period_and_query(demo_home: Path) -> None:
    """In JSON a record for each, in a table a column for each; both count the same."""
    arguments = ("attention", "ISIS", "articles", "--by", "year", "--from", "2015", "--to", "2015")
    records = json.loads(run(demo_home, *arguments, "--json"))
    assert [(each["period"], each["query"]) for each in records] == [("2015", "ISIS"), ("2015", "articles")]
    assert records[0]["count"] > records[1]["count"] == 0
    assert records[0]["share"] == pytest.approx(records[0]["count"] / records[0]["articles"])
    table = run(demo_home, *arguments)
    assert f"2015 {records[0]['count']}" in " ".join(table.split())


def test_a_gap_has_no_number(demo_home: Path) -> None:
    """Null in JSON, and nothing in the table."""
    (record,) = json.loads(
        run(demo_home, "attention", "ISIS", "--by", "month", "--from", "1999-01", "--to", "1999-01", "--json")
    )
    assert (record["count"], record["articles"], record["share"]) == (None, None, None)


def test_few_articles_have_no_words_that_stand_out(demo_home: Path) -> None:
    """The sentence says why."""
    assert "too few to tell" in run(demo_home, "attention", "ISIS", "--words")
    assert json.loads(run(demo_home, "attention", "ISIS", "--words", "--json"))["why_none"] == "few"
