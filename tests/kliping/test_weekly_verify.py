"""The service's weekly verification: `archive verify --run-id` records its result as a run, and status tells it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from archive import leases, runs
from archive.database import Archive
from kliping.cli.main import app
from scheduler.supervise import LEASE_HELD


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    monkeypatch.setenv("KLIPING_HOME", str(tmp_path))
    with Archive.open(f"sqlite:///{tmp_path / 'archive.sqlite3'}", tmp_path) as archive:
        yield archive  # type: ignore[misc]


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def test_a_verification_is_a_run_with_a_verdict(archive: Archive) -> None:
    """Good if the archive is whole; else its reason says what is wrong, and `kliping status` is red until the next."""
    assert call("archive", "verify", "--run-id", "v1").exit_code == 0
    report = runs.find(archive, "v1")
    assert report
    assert (report.kind, report.source, report.verdict) == ("verify", "archive", "good")
    assert "whole, 20" in call("status", "--json").stdout
    with archive.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE counters SET value = 7 WHERE name = 'seq'")
    assert call("archive", "verify", "--run-id", "v2").exit_code == 1
    report = runs.find(archive, "v2")
    assert report
    assert (report.verdict, report.reason) == ("attention", "The log has 0 changes up to 0, but the counter is at 7.")
    with archive.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE counters SET value = 0 WHERE name = 'seq'")
    assert "the counter is at 7" in call("status").stdout
    assert call("archive", "verify", "--run-id", "v3").exit_code == 0
    assert "the counter is at 7" not in call("status").stdout


def test_only_one_verification_runs_at_a_time(archive: Archive) -> None:
    assert leases.acquire(archive, "verify", seconds=60)
    assert call("archive", "verify", "--run-id", "v1").exit_code == LEASE_HELD
    assert runs.find(archive, "v1") is None
    assert call("archive", "verify").exit_code == 0, "by hand it needs no lease"
