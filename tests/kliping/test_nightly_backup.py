"""The nightly backup: `archive backup --run-id` records how it ended, and status tells what the folder has."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from archive import leases, runs, schedules
from archive.backup import MARKER
from archive.database import Archive
from archive.forget import LEASE
from archive.manifest import NAME, read_manifest
from kliping import config
from kliping.cli.judgement import sightings
from kliping.cli.main import app
from notify.conditions import HEALTHY
from notify.preferences import Preferences
from notify.reporting import report
from notify.wording import Language, Wording
from scheduler.supervise import LEASE_HELD
from scheduler.timetable import BACKUP, BACKUP_LEASE, Job, TimetableEntry, from_settings, with_jobs
from tests.support.simulated import ChildBehaviour, SimulatedMachine


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KLIPING_BACKUP_TO", str(tmp_path / "backup"))
    return tmp_path / "backup"


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    home = tmp_path / "home"
    monkeypatch.setenv("KLIPING_HOME", str(home))
    with Archive.open(f"sqlite:///{home / 'archive.sqlite3'}", home) as archive:
        yield archive


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, catch_exceptions=False)


def told() -> tuple[bool, str]:
    """What `kliping status` says of the backup, and whether that is fine."""
    seen = json.loads(call("status", "--json").stdout)
    problems = [each for each in seen["problems"] if each["about"] == "backup"]
    fine = [each for each in seen["fine"] if each["about"] == "backup"]
    assert problems or fine
    return not problems, " ".join(f"{each['seen']} {each['remedy'] or ''}" for each in problems or fine)


def test_without_a_folder_there_is_a_hint_and_no_window(archive: Archive) -> None:
    fine, sentence = told()
    assert fine
    assert "KLIPING_BACKUP_TO" in sentence
    assert BACKUP not in with_jobs(config.load(), from_settings(config.load(), {"a": "site:a"}), [])
    assert call("archive", "backup").exit_code == 2


def test_it_is_in_the_timetable_once_there_is_a_folder(archive: Archive, target: Path) -> None:
    assert BACKUP_LEASE == LEASE
    crawls = from_settings(config.load(), {"a": "site:a"})
    assert with_jobs(config.load(), crawls, [])[BACKUP].describe() == "daily at 03:15"
    assert BACKUP not in with_jobs(config.load(backup_cron="never"), crawls, [])
    listed = json.loads(call("schedule", "list", "--json").stdout)
    assert [each["job"] for each in listed if each["source"] == BACKUP] == ["backup"]
    assert call("archive", "backup", "--run-id", "b1").exit_code == 0
    found = runs.find(archive, "b1")
    assert found
    assert (found.kind, found.source, found.verdict) == ("backup", "archive", "good")
    fine, sentence = told()
    assert fine
    assert "on the same disk as the archive" in sentence


def test_a_failed_backup_is_red_until_the_next_good_one_also_by_hand(archive: Archive, target: Path) -> None:
    target.mkdir()
    (target / "letters.txt").write_text("x")
    failed = call("archive", "backup", "--run-id", "b1")
    assert failed.exit_code == 1
    assert "is not empty, and has no backup" in failed.stderr
    found = runs.find(archive, "b1")
    assert found
    assert found.verdict == "failed"
    assert not told()[0]
    (target / "letters.txt").unlink()
    fine, sentence = told()
    assert not fine, "the folder is right now, but there is no backup yet"
    assert "kliping archive backup" in sentence
    assert call("archive", "backup").exit_code == 0
    assert told()[0]


def test_a_disk_that_is_not_mounted_gets_no_backup_and_is_told(archive: Archive, target: Path) -> None:
    """Its mount point is an empty folder of another disk, which a whole backup would fill."""
    assert call("archive", "backup", "--run-id", "b1").exit_code == 0
    shutil.move(target, target.with_name("elsewhere"))
    fine, sentence = told()
    assert not fine
    assert "Look whether its disk is mounted" in sentence
    target.mkdir()
    refused = call("archive", "backup", "--run-id", "b2")
    assert refused.exit_code == 1
    assert "run `kliping archive backup` once by hand" in refused.stderr
    assert list(target.iterdir()) == []
    target.rmdir()
    shutil.move(target.with_name("elsewhere"), target)
    assert call("archive", "backup", "--run-id", "b3").exit_code == 0
    assert told()[0]


@pytest.mark.parametrize("harm", ["inside the home", "a file", "of another archive", "short", "lost", "older"])
def test_a_backup_that_would_not_help_is_told_at_once(
    archive: Archive, target: Path, harm: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert call("archive", "backup", "--run-id", "b1").exit_code == 0
    made = read_manifest(target)
    assert made
    database = target / made.database.path
    if harm == "inside the home":
        monkeypatch.setenv("KLIPING_BACKUP_TO", str(archive.home / "backup"))
    elif harm == "a file":
        shutil.rmtree(target)
        target.write_text("x")
    elif harm == "of another archive":
        (target / MARKER).write_text("another\n")
        plain = json.loads((target / NAME).read_text()) | {"archive_id": "another"}
        (target / NAME).write_text(json.dumps(plain))
    elif harm == "short":
        os.truncate(database, 100)
    elif harm == "lost":
        database.unlink()
    else:
        plain = json.loads((target / NAME).read_text())
        plain["made_at"] = (datetime.now(UTC) - timedelta(days=3)).isoformat()
        (target / NAME).write_text(json.dumps(plain))
    fine, sentence = told()
    assert not fine
    assert sentence.rstrip().endswith("kliping archive backup")


def test_a_backup_by_hand_or_a_forget_meanwhile_lets_the_window_wait(archive: Archive, target: Path) -> None:
    assert leases.acquire(archive, LEASE, seconds=60)
    assert call("archive", "backup", "--run-id", "b1").exit_code == LEASE_HELD
    assert runs.find(archive, "b1") is None


def test_people_are_told_once_that_it_failed_and_once_that_it_is_good_again(archive: Archive, target: Path) -> None:
    settings = config.load(notify={"desk": "json://127.0.0.1:9"}, notify_language="id")
    wishes = Preferences.of(settings)

    def changes() -> list[tuple[str | None, str | None]]:
        found = report(archive, sightings(settings, archive), wishes, datetime.now(UTC))
        texts = [Wording(Language.INDONESIAN, settings.zone).change(each) for each in found]
        assert all("cadangan" in title for title, _ in texts if found[0].seen.subject == "backup")
        return [(each.before, each.seen.state) for each in found if each.seen.subject == "backup"]

    assert call("archive", "backup", "--run-id", "b1").exit_code == 0
    assert changes() == []
    (target / NAME).write_text("{")
    assert [after for _, after in changes()] == ["trouble"]
    assert call("archive", "backup", "--run-id", "b2").exit_code == 1
    assert changes() == []
    (target / NAME).unlink()
    assert call("archive", "backup").exit_code == 0
    assert [after for _, after in changes()] == [HEALTHY]
    assert changes() == []


def test_one_that_does_not_come_is_late_by_the_timetable(
    archive: Archive, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a crawl is: by its window, time limit and grace; also where no source is on, for whoever sets a folder."""
    entry = TimetableEntry(
        BACKUP, BACKUP_LEASE, "Asia/Jakarta", every=3600, configured=True, time_limit=1800, job=Job.BACKUP
    )
    began = datetime.now(UTC).replace(minute=30) - timedelta(hours=6)
    machine = SimulatedMachine(archive, {BACKUP: entry}, start=began, behaviour=lambda _: ChildBehaviour("good", 300))
    machine.run_for(timedelta(hours=3))
    assert {state for _, state in machine.table(BACKUP)} == {"done"}
    assert schedules.all_schedules(archive)[BACKUP].since
    monkeypatch.setattr("kliping.cli.doctor._timetable", lambda _settings: {BACKUP: entry})
    fine, sentence = told()
    assert not fine
    assert "no backup since its window of" in sentence


def test_a_missing_pg_dump_is_a_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from archive import postgres_copy
    from archive.manifest import BackupError

    def missing(*_: object, **__: object) -> subprocess.CompletedProcess[str]:
        raise FileNotFoundError("pg_dump")

    monkeypatch.setattr(subprocess, "run", missing)
    with pytest.raises(BackupError, match=r"pg_dump is missing\. Install PostgreSQL's client programs"):
        postgres_copy._run("pg_dump", [], None)
