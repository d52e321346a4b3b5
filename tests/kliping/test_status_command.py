"""`kliping status` and `kliping runs`: whether last night was good, and the reports of past runs."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from archive import leases, runs, schedules, windows
from archive.database import Archive
from archive.runs import AddressOutcome, Verdict
from kliping.cli.main import app

NOW = datetime.now(UTC).replace(microsecond=0)
FEW_LISTED = "Only 3 addresses were listed; at least 20 are normal."
RUN = "newsstand-20260302T190003Z-4c12aa"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KLIPING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KLIPING_FETCH_FROM", '{"newsstand.test": "http://127.0.0.1:9"}')
    return tmp_path / "home"


@pytest.fixture
def opened(home: Path) -> Any:
    with Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home) as archive:
        yield archive


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def crawl(archive: Archive, run_id: str = RUN, verdict: str = "good", reason: str | None = None) -> None:
    """A run that covered the window of last night: four addresses, one not read."""
    since = NOW - timedelta(days=5)
    schedules.record_enabled(archive, ["newsstand"], now=since)
    assert leases.acquire(archive, "scheduler", seconds=600)
    assert windows.claim(archive, "newsstand", [NOW - timedelta(hours=1)], run_id, now=NOW)
    with archive.writing() as connection:
        runs.begin(connection, run_id, source="newsstand", kind="crawl", holder="h", lease=None, now=NOW)
        endings = ("stored", "stored", "unchanged", "error:http-503")
        keys = [f"newsstand.test/berita/{number}" for number in range(len(endings))]
        runs.take_up(connection, run_id, [(key, f"http://{key}") for key in keys])
        runs.end_addresses(
            connection, run_id, [AddressOutcome(key, each) for key, each in zip(keys, endings, strict=True)]
        )
        end = NOW + timedelta(minutes=3)
        runs.finish(connection, run_id, listed=4, traffic={}, verdict=Verdict(verdict, reason), now=end)
    windows.finish(archive, run_id, now=NOW)


def test_a_good_night_is_one_green_screen(opened: Archive) -> None:
    crawl(opened)
    done = call("status")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "Good: nothing is missing."
    (row,) = [line for line in lines if line.startswith("newsstand")]
    assert "2 stored, 1 unchanged, 1 other" in row
    assert "good" in row
    below = {line.split()[0] for line in lines[lines.index(row) :] if line.strip()}
    assert {"scheduler", "index", "disk", "archive", "backup"} <= below
    machine = json.loads(call("status", "--json").stdout)
    assert (machine["ok"], machine["problems"]) == (True, [])
    (source,) = machine["sources"]
    assert source["outcomes"] == {"error:http-503": 1, "stored": 2, "unchanged": 1}
    assert source["run_id"] == RUN
    assert datetime.fromisoformat(source["next_window"]) > NOW


def test_a_run_that_needs_attention_is_told_with_its_cause(opened: Archive) -> None:
    crawl(opened, verdict="attention", reason=FEW_LISTED)
    done = call("status")
    assert done.exit_code == 1
    assert done.stdout.splitlines()[0] == "Not good: one thing needs a look."
    assert FEW_LISTED in done.stdout
    history = call("schedule", "history").stdout
    assert FEW_LISTED in history
    assert "2 stored, 1 unchanged, 1 other" in history
    (window,) = json.loads(call("schedule", "history", "--json").stdout)
    assert window["reason"] == FEW_LISTED
    assert window["outcomes"]["stored"] == 2


def test_what_the_last_crawl_found_is_told_while_the_next_one_is_under_way(opened: Archive) -> None:
    crawl(opened, verdict="attention", reason=FEW_LISTED)
    with opened.writing() as connection:
        later = NOW + timedelta(minutes=4)
        runs.begin(connection, "next", source="newsstand", kind="crawl", holder="h", lease=None, now=later)
    done = call("status")
    assert done.exit_code == 1
    assert FEW_LISTED in done.stdout


def test_a_dead_scheduler_and_an_overdue_source_are_red(opened: Archive) -> None:
    """Ten days without the service: exit status 1, and machines can tell what is wrong."""
    schedules.record_enabled(opened, ["newsstand"], now=NOW - timedelta(days=10))
    done = call("status", "--json")
    assert done.exit_code == 1
    found = json.loads(done.stdout)
    assert found["ok"] is False
    seen = {problem["about"]: problem["seen"] for problem in found["problems"]}
    assert seen["scheduler"].startswith("No scheduler runs")
    assert seen["source"].startswith("newsstand: no harvest since its window of")
    assert all(problem["remedy"] for problem in found["problems"])
    assert call("doctor").exit_code == 1
    schedules.pause(opened, "newsstand", now=NOW)
    assert call("status").exit_code == 0, "a paused source is not overdue"


def test_runs_and_windows_from_the_future_are_no_good_night(opened: Archive) -> None:
    """The clock once stood 400 days ahead: what was recorded then is not shown as the latest."""
    ahead = NOW + timedelta(days=400)
    schedules.record_enabled(opened, ["newsstand"], now=NOW - timedelta(days=5))
    assert windows.claim(opened, "newsstand", [ahead], "ahead", now=ahead)
    with opened.writing() as connection:
        runs.begin(connection, "ahead", source="newsstand", kind="crawl", holder="h", lease=None, now=ahead)
        runs.finish(connection, "ahead", listed=1, traffic={}, verdict=Verdict("good", None), now=ahead)
    windows.finish(opened, "ahead", now=ahead)
    done = call("status")
    assert done.exit_code == 1
    assert "later than now: the clock of this machine was ahead, or is behind." in done.stdout
    assert "newsstand: no harvest since its window of" in done.stdout
    assert "never" in next(line for line in done.stdout.splitlines() if line.startswith("newsstand"))
    assert "No window has come yet" in call("schedule", "history").stdout


def test_runs_lists_and_shows_any_past_report(opened: Archive) -> None:
    assert "No run yet" in call("runs", "list").stdout
    crawl(opened)
    crawl_again = "newsstand-20260303T190003Z-99aa00"
    with opened.writing() as connection:
        runs.begin(connection, crawl_again, source="newsstand", kind="crawl", holder="h", lease=None, now=NOW)
    listed = json.loads(call("runs", "list", "--json").stdout)
    assert {row["id"]: row["verdict"] for row in listed} == {RUN: "good", crawl_again: None}
    assert "3 min" in call("runs", "list", "newsstand").stdout
    shown = call("runs", "show", RUN).stdout
    assert "verdict: good" in shown
    assert "addresses taken up" in shown
    assert "error:http-503  http://newsstand.test/berita/3" in shown
    assert json.loads(call("runs", "show", "newsstand-20260302", "--json").stdout)["id"] == RUN
    assert "under way since" in call("runs", "show", crawl_again).stdout


@pytest.mark.parametrize(
    ("run_id", "says"),
    [("nothing", "There is no run 'nothing'."), ("newsstand", "Several runs begin with 'newsstand'"), ("%", "no run")],
)
def test_a_wrong_id_of_a_run_is_one_sentence(opened: Archive, run_id: str, says: str) -> None:
    with opened.writing() as connection:
        for name in ("newsstand-1", "newsstand-2"):
            runs.begin(connection, name, source="newsstand", kind="crawl", holder="h", lease=None, now=NOW)
    done = call("runs", "show", run_id)
    assert done.exit_code == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
