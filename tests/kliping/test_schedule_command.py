"""`kliping schedule`: what it prints, what it refuses, and the service that it starts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from archive import schedules, windows
from archive.database import Archive
from archive.window import RunFailure
from kliping.cli.schedule import app

COMMANDS = ("run", "list", "next", "run-now", "pause", "resume", "history")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KLIPING_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KLIPING_FETCH_FROM", '{"newsstand.test": "http://127.0.0.1:9"}')
    return tmp_path / "home"


def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    (tmp_path / "kliping.toml").write_text(text)
    monkeypatch.setenv("KLIPING_CONFIG", str(tmp_path / "kliping.toml"))


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def answer(*arguments: str) -> list[dict[str, object]]:
    result = call(*arguments, "--json")
    assert result.exit_code == 0
    found: list[dict[str, object]] = json.loads(result.stdout)
    return found


def opened(home: Path) -> Archive:
    return Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example(command: str) -> None:
    assert f"Example: kliping schedule {command}" in call(command, "--help").stdout


def test_list_shows_what_is_on_and_when(home: Path) -> None:
    """With a newsstand in the settings, only the newsstand is on: every night at 02:00 in Jakarta, with its rounds."""
    rows = {row["source"]: row for row in answer("list")}
    on = [name for name, row in rows.items() if row["state"] == "on"]
    assert on == ["newsstand", "newsstand-round", "archive-verify"]
    assert rows["newsstand-round"]["timetable"] == "as often as it publishes"
    assert rows["newsstand-round"]["next_window"] is None, "no service has planned one yet"
    assert rows["newsstand"]["timetable"] == "daily at 02:00"
    upcoming = datetime.fromisoformat(str(rows["newsstand"]["next_window"]))
    assert (upcoming.hour, upcoming.minute) == (19, 0)
    assert datetime.now(UTC) < upcoming <= datetime.now(UTC) + timedelta(days=1)
    assert rows["antara"]["state"] == "off"
    assert rows["antara"]["next_window"] is None
    assert "02:00 WIB" in call("list").stdout


def test_settings_override_enable_and_disable(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(
        monkeypatch,
        tmp_path,
        "verify_cron = 'never'\n[sources.newsstand]\nenabled = false\n[sources.antara]\nenabled = true\nevery = 3600\n",
    )
    with opened(home) as archive:
        schedules.set_enabled(archive, "antara", False, now=datetime.now(UTC))
    rows = {row["source"]: row for row in answer("list")}
    assert (rows["newsstand"]["state"], rows["antara"]["state"]) == ("off", "on")
    assert rows["antara"]["timetable"] == "every hour"
    assert len(answer("next")) == 24
    assert len(answer("next", "--days", "2")) == 48


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[sources.newsstand]\ncron = "0 2 * *"\n', "needs five fields"),
        ('[sources.newsstand]\ncron = "0 2 * * *"\nevery = 900\n', "not both"),
        ("[sources.antra]\nevery = 900\n", "sources.antra is not a setting. Did you mean sources.antara?"),
    ],
)
def test_a_wrong_timetable_is_one_sentence_and_status_2(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, sentence: str
) -> None:
    configure(monkeypatch, tmp_path, text)
    result = call("list")
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert result.stderr.count("\n") == 1


def test_pause_and_resume(home: Path) -> None:
    """A paused source has no next window. `resume` records the windows that the pause cut off as missed."""
    assert call("pause", "newsstand").stdout == "newsstand is paused.\n"
    assert call("pause", "newsstand").stdout == "newsstand was paused already.\n"
    assert {row["source"]: row["state"] for row in answer("list")}["newsstand"] == "paused"
    assert "No source that is on has a window" in call("next").stdout
    now = datetime.now(UTC)
    with opened(home) as archive:  # on for three days, and paused an hour ago
        schedules.resume(archive, "newsstand", now=now)
        schedules.record_enabled(archive, ["newsstand"], now=now - timedelta(days=3))
        schedules.pause(archive, "newsstand", now=now - timedelta(hours=1))
    assert call("resume", "newsstand").stdout.startswith("newsstand is resumed; its next window is ")
    rows = answer("history", "newsstand")
    assert len(rows) in {2, 3}
    assert {row["note"] for row in rows} == {"paused before it could run"}
    assert call("resume", "newsstand").stdout == "newsstand is not paused.\n"


@pytest.mark.parametrize("arguments", [("pause", "antra"), ("resume", "antra"), ("run-now", "antra"), ("history", "x")])
def test_an_unknown_source_is_one_sentence_and_status_2(home: Path, arguments: tuple[str, str]) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert f"There is no source {arguments[1]!r}. " in result.stderr
    assert "`kliping sources list` shows all sources." in result.stderr


def test_history_shows_attempts_and_reasons(home: Path) -> None:
    """Latest first, with state, attempts, reason and the time of the next try."""
    assert "No window has come yet" in call("history").stdout
    night = datetime(2025, 3, 2, 19, tzinfo=UTC)
    with opened(home) as archive:
        windows.claim(archive, "newsstand", [night, night + timedelta(days=1)], "run-1", now=night + timedelta(days=1))
        windows.finish(archive, "run-1", now=night + timedelta(days=1))
        windows.claim(archive, "newsstand", [night + timedelta(days=2)], "run-2", now=night + timedelta(days=2))
        windows.retry(archive, "run-2", RunFailure.FAILED, now=night + timedelta(days=2), note="an empty harvest")
    rows = answer("history", "newsstand", "--limit", "2")
    assert [(row["state"], row["attempts"], row["note"]) for row in rows] == [
        ("waiting", 1, "an empty harvest"),
        ("done", 1, None),
    ]
    table = call("history").stdout
    assert "2025-03-05 02:00 WIB" in table
    assert "an empty harvest; again from 2025-03-05 02:10 WIB" in " ".join(table.split())


@pytest.mark.processes
def test_the_service_starts_and_ends_by_sigterm(home: Path, tmp_path: Path) -> None:
    """`kliping schedule run` leads within seconds, and SIGTERM ends it with status 0."""
    log = tmp_path / "service.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", "from kliping.cli.schedule import app; app()", "run"],
            env={**os.environ, "KLIPING_HOME": str(home)},
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=Path(__file__).parents[2],
        )
    try:
        end = time.monotonic() + 30
        while "leading" not in log.read_text():
            assert time.monotonic() < end, log.read_text()
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text()
