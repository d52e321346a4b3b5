"""A backup is whole or there is none; a restore of it is the archive as it was, and nothing is overwritten."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from archive import backup as backup_module
from archive.articles import SaveResult, save_article
from archive.backup import make_backup
from archive.database import Archive
from archive.forget import ForgetRequest, UnfinishedForgetError, finish, forget
from archive.manifest import NAME, BackupError, read_manifest
from archive.notice_tables import deliveries, notices
from archive.pages import add_page
from archive.restore import UNFINISHED, check_backup, restore
from archive.tables import leases, runs, schedules, windows
from archive.verify import verify
from archive.warc.pages import FetchedPage
from archive.warc.writing import WarcWriter
from tests.conftest import an_article
from tests.kliping.test_commands import CLIPPING
from tests.support.homes import PAGES, WORD, Command, command_on, files_with, forgotten, import_pages, opened_home

pytestmark = pytest.mark.large

Saver = Callable[..., SaveResult]
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def ignore(_done: int, _total: int) -> None: ...


def back_up(archive: Archive, folder: Path, now: datetime = NOW) -> backup_module.BackupReport:
    return make_backup(archive, folder, software="test", now=now, lease_seconds=60, progress=ignore)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `kliping` in this process, on `home`."""
    return command_on(home, monkeypatch, capsys)


@pytest.fixture
def stored(archive: Archive) -> Archive:
    """An archive with the pages and articles of two runs: one has ended, one is still writing."""
    save_run(archive, "ended", range(20))
    with archive.writing() as connection:
        connection.execute(update(runs).values(ended_at=NOW))
    save_run(archive, "writing", range(20, 30))
    return archive


def save_run(archive: Archive, run_id: str, numbers: range) -> None:
    """A run that keeps a page and saves an article for each number."""
    writer = WarcWriter(archive.warc_folder, run_id, "test")
    with archive.writing() as connection:
        if connection.execute(select(runs).where(runs.c.id == run_id)).first() is None:
            values = {"source": "newsstand", "kind": "crawl", "started_at": NOW, "holder": "t", "traffic": {}}
            connection.execute(insert(runs).values(id=run_id, **values))
    for number in numbers:
        save_one(archive, writer, run_id, number)
    writer.close()


def save_one(archive: Archive, writer: WarcWriter, run_id: str, number: int) -> None:
    article = an_article(number)
    page = FetchedPage(str(article.url), 200, (), f"<p>{number}</p>".encode() * 50, NOW)
    place = writer.write(page)
    with archive.saving() as saving:
        page_id = add_page(saving.connection, page, place, source="newsstand", run_id=run_id)
        save_article(saving, article, run_id=run_id, fetched_at=NOW, page_id=page_id, reader="t", now=NOW)


def restored(folder: Path, home: Path) -> Archive:
    restore(folder, f"sqlite:///{home / 'archive.sqlite3'}", home, now=NOW, progress=ignore)
    return opened_home(home)


def ids(archive: Archive) -> set[str]:
    with archive.reading() as connection:
        return {row.id for row in connection.exec_driver_sql("SELECT id FROM articles")}


def test_a_restored_backup_is_the_archive_in_a_new_epoch(stored: Archive, tmp_path: Path) -> None:
    made = back_up(stored, tmp_path / "backup")
    assert (made.linked, made.copied, made.reused) == (1, 1, 0)
    assert check_backup(tmp_path / "backup", ignore) == made.manifest
    with restored(tmp_path / "backup", tmp_path / "other") as other:
        assert ids(other) == ids(stored)
        assert verify(other).wrong == ()
        assert other.identity.archive_id == stored.identity.archive_id
        assert other.identity.epoch != stored.identity.epoch
        assert other.last_seq() == stored.last_seq()


def test_what_was_under_way_is_not_taken_up_by_a_restored_archive(stored: Archive, tmp_path: Path) -> None:
    with stored.writing() as connection:
        values = {"holder": "h", "generation": 3, "acquired_at": NOW, "expires_at": 9e12}
        connection.execute(insert(leases).values(name="scheduler", **values))
        connection.execute(insert(windows).values(source="antara", due_at=NOW, state="waiting", next_try=NOW))
        connection.execute(insert(schedules).values(source="antara", enabled=True, since=NOW - timedelta(days=90)))
        notice = {"kind": "change", "subject": "disk", "title": "t", "body": "b", "at": NOW}
        connection.execute(insert(notices).values(id=1, **notice))
        connection.execute(insert(deliveries).values(notice_id=1, target="desk", state="sending", not_before=NOW))
    back_up(stored, tmp_path / "backup")
    with restored(tmp_path / "backup", tmp_path / "other") as other, other.reading() as connection:
        # the lease of the backup itself was held when the copy was made
        assert set(connection.execute(select(leases.c.expires_at)).scalars()) == {0.0}
        assert connection.execute(select(windows.c.state)).scalars().all() == ["missed"]
        assert connection.execute(select(schedules.c.since)).scalars().all() == [NOW]
        assert connection.execute(select(deliveries.c.state)).scalars().all() == ["dropped"]
        assert connection.execute(select(runs.c.id).where(runs.c.ended_at.is_(None))).first() is None


def test_a_second_backup_copies_only_what_is_new_and_removes_what_is_old(stored: Archive, tmp_path: Path) -> None:
    folder = tmp_path / "backup"
    first = back_up(stored, folder)
    again = back_up(stored, folder)
    assert (again.copied, again.linked, again.reused) == (0, 0, 2)
    save_run(stored, "new", range(30, 35))
    third = back_up(stored, folder)
    assert (third.copied, third.linked, third.reused) == (1, 0, 2)
    assert read_manifest(folder) == third.manifest != first.manifest
    assert len(list(folder.glob("archive-*"))) == 1
    with restored(folder, tmp_path / "other") as other:
        assert len(ids(other)) == 35
        assert verify(other).wrong == ()


def test_a_backup_while_a_crawl_writes_is_one_moment_of_the_archive(stored: Archive, tmp_path: Path) -> None:
    writer = WarcWriter(stored.warc_folder, "busy", "test")
    save_run(stored, "busy", range(0))
    stop, saved = threading.Event(), []

    def crawl() -> None:
        number = 1_000
        while not stop.is_set():
            save_one(stored, writer, "busy", number)
            saved.append(number)
            number += 1

    thread = threading.Thread(target=crawl)
    thread.start()
    try:
        for round_ in range(3):
            before = len(saved)
            while len(saved) < before + 5:
                pass
            known = len(ids(stored))
            made = back_up(stored, tmp_path / "backup")
            with restored(tmp_path / "backup", tmp_path / f"other-{round_}") as other:
                assert len(ids(other)) == made.manifest.articles >= known
                assert verify(other).wrong == ()
    finally:
        stop.set()
        thread.join()
        writer.close()


def test_a_target_that_gets_full_leaves_the_earlier_backup_whole(
    stored: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backup"
    before = back_up(stored, folder).manifest
    save_run(stored, "new", range(30, 35))
    for step in ("copy_database", "copy_hashed", "write_manifest"):
        with monkeypatch.context() as patched:
            patched.setattr(backup_module, step, _full)
            with pytest.raises(BackupError, match=r"is full, so no backup was made. It still holds 30 articles"):
                back_up(stored, folder)
        assert check_backup(folder, ignore) == before
        assert not list(folder.glob(".making*"))
    with restored(folder, tmp_path / "other") as other:
        assert len(ids(other)) == 30


def _full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_first_backup_that_was_cut_off_is_none(
    stored: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backup"
    with monkeypatch.context() as patched:
        patched.setattr(backup_module, "write_manifest", _full)
        with pytest.raises(BackupError):
            back_up(stored, folder)
    with pytest.raises(BackupError, match="has no backup"):
        restored(folder, tmp_path / "other")
    assert not (tmp_path / "other").exists()
    back_up(stored, folder)
    check_backup(folder, ignore)


def test_a_backup_that_was_cut_off_goes_on_with_the_files_that_it_has(
    stored: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where an earlier one is there, which stays whole; a file that is not whole there is copied anew."""
    folder = tmp_path / "backup"
    with monkeypatch.context() as patched:
        patched.setattr(backup_module, "write_manifest", _full)
        with pytest.raises(BackupError):
            back_up(stored, folder)
    os.truncate(folder / "warc" / "writing-00001.warc.gz", 10)
    second = back_up(stored, folder)
    assert (second.copied, second.linked, second.reused) == (1, 0, 1)
    check_backup(folder, ignore)
    save_run(stored, "new", range(40, 45))
    with monkeypatch.context() as patched:
        patched.setattr(backup_module, "write_manifest", _full)
        with pytest.raises(BackupError):
            back_up(stored, folder)
    assert check_backup(folder, ignore) == second.manifest
    third = back_up(stored, folder)
    assert (third.copied, third.linked, third.reused) == (0, 0, 3)
    assert check_backup(folder, ignore) == third.manifest
    assert len(list((folder / "warc").iterdir())) == 3


def test_folders_that_cannot_be_a_backup_are_refused(stored: Archive, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letters.txt").write_text("x")
    (tmp_path / "file").write_text("x")
    with Archive.open(f"sqlite:///{tmp_path / 'second.sqlite3'}", tmp_path / "second") as second:
        back_up(second, tmp_path / "of-another")
    for folder, reason in (
        (stored.home / "backup", "is inside the archive's own folder"),
        (tmp_path, "contains the archive's own folder"),
        (tmp_path / "full", "is not empty, and has no backup"),
        (tmp_path / "file", "is a file"),
        (tmp_path / "of-another", "has a backup of another archive"),
    ):
        with pytest.raises(BackupError, match=reason):
            back_up(stored, folder)


@pytest.mark.parametrize("harm", ["changed", "short", "missing", "database", "rows", "manifest"])
def test_a_backup_that_is_not_whole_is_refused_and_the_home_stays_empty(
    stored: Archive, tmp_path: Path, harm: str
) -> None:
    folder = tmp_path / "backup"
    manifest = back_up(stored, folder).manifest
    file = folder / next(each.path for each in manifest.files if each.name.startswith("writing"))
    database = folder / manifest.database.path
    if harm == "changed":
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif harm == "short":
        file.write_bytes(file.read_bytes()[:-1])
    elif harm == "missing":
        file.unlink()
    elif harm == "database":
        database.write_bytes(database.read_bytes()[:-4096])
    elif harm == "manifest":
        (folder / NAME).write_text((folder / NAME).read_text()[:-20])
    else:  # the manifest and all hashes are right, and a file that rows need is not in it
        plain = json.loads((folder / NAME).read_text())
        plain["files"] = [each for each in plain["files"] if not each["name"].startswith("writing")]
        (folder / NAME).write_text(json.dumps(plain))
    with pytest.raises(BackupError):
        restored(folder, tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_a_home_that_is_not_empty_is_never_overwritten(stored: Archive, tmp_path: Path) -> None:
    back_up(stored, tmp_path / "backup")
    before = sorted(stored.home.rglob("*"))
    with pytest.raises(BackupError, match="is not empty"):
        restored(tmp_path / "backup", stored.home)
    assert sorted(stored.home.rglob("*")) == before


def test_a_restore_that_was_cut_off_is_no_archive_and_begins_anew(
    stored: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    back_up(stored, tmp_path / "backup")
    other = tmp_path / "other"
    with monkeypatch.context() as patched:
        patched.setattr("archive.restore._begin_epoch", _full)
        with pytest.raises(OSError, match="No space"):
            restored(tmp_path / "backup", other)
    assert (other / UNFINISHED).exists()
    assert not (other / "archive.sqlite3").exists()
    with restored(tmp_path / "backup", other) as whole:
        assert ids(whole) == ids(stored)
        assert verify(whole).wrong == ()
    assert sorted(path.name for path in other.iterdir()) == ["archive.mark", "archive.sqlite3", "warc"]


def test_a_forgotten_article_leaves_a_backup_with_the_next_one(
    run: Command,
    home: Path,
    tmp_path: Path,
) -> None:
    article = import_pages(run, CLIPPING.replace("Nelayan Kendari Panen", f"Nelayan {WORD} Panen"), tmp_path)[-1]
    folder = tmp_path / "backup"
    status, _, error = run("archive", "backup", str(folder))
    assert status == 0, error
    assert "on the same disk" in error
    assert files_with(folder, WORD)
    assert WORD.lower() not in forgotten(run, article).lower()
    assert files_with(home, WORD) == []
    assert run("archive", "restore", str(folder), "--check")[0] == 0  # a link of a file was not written through
    assert run("archive", "backup", str(folder))[0] == 0
    assert files_with(folder, WORD) == []
    assert run("archive", "restore", str(folder), "--check")[0] == 0


def test_a_restore_of_an_earlier_backup_learns_what_was_forgotten_since(
    run: Command,
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    article = import_pages(run, CLIPPING, tmp_path)[0]
    assert run("archive", "backup", str(tmp_path / "backup"))[0] == 0
    forgotten(run, article, "--by", "legal desk")
    listed = tmp_path / "forgotten.jsonl"
    listed.write_text(run("archive", "forgotten", "--jsonl")[1])
    monkeypatch.setenv("KLIPING_HOME", str(tmp_path / "other"))
    status, _, error = run("archive", "restore", str(tmp_path / "backup"))
    assert status == 0, error
    assert run("show", article)[0] == 0
    assert run("archive", "forget", "--from", str(listed))[0] == 0
    assert run("archive", "forget", "--from", str(listed))[0] == 0  # a second time changes nothing
    assert "legal desk asked" in run("show", article)[2]
    assert run("archive", "verify")[0] == 0
    assert run("reindex")[0] == 0
    assert json.loads(run("search", "source:newsstand", "--json")[1])["total"] == len(PAGES) - 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of four megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def fill(disk: Path, leave: int) -> Path:
    """Fill a disk up to so many bytes; returns the file that does."""
    filler_of_disk = disk / "filler"
    filler_of_disk.write_bytes(b"x" * (shutil.disk_usage(disk).free - leave))
    return filler_of_disk


@pytest.mark.processes
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a small disk")
def test_on_full_disks_no_backup_no_archive_and_no_half_article(
    archive: Archive, save: Saver, small_disk: Path, tmp_path: Path
) -> None:
    """A backup and a restore to a disk that is too small, a forget on one that is full: a clear error, then a retry."""
    url = f"sqlite:///{small_disk / 'home' / 'archive.sqlite3'}"
    for number in range(40):
        save(an_article(number, body=(os.urandom(4000).hex(), "Paragraf kedua.")))
    fill(small_disk, 300_000)
    with pytest.raises(BackupError, match="is full, so no backup was made"):
        make_backup(archive, small_disk / "backup", software="t", now=NOW, lease_seconds=60, progress=ignore)
    assert read_manifest(small_disk / "backup") is None
    make_backup(archive, tmp_path / "backup", software="t", now=NOW, lease_seconds=60, progress=ignore)
    with pytest.raises(OSError, match="No space left"):
        restore(tmp_path / "backup", url, small_disk / "home", now=NOW, progress=ignore)
    assert not (small_disk / "home" / "archive.sqlite3").exists()
    (small_disk / "filler").unlink()
    restore(tmp_path / "backup", url, small_disk / "home", now=NOW, progress=ignore)
    with Archive.open(url, small_disk / "home") as restored:
        first = an_article(0).id
        full = fill(small_disk, 250_000)  # room for rows, and not for the database a second time
        with pytest.raises(UnfinishedForgetError, match="--finish"):
            forget(restored, [ForgetRequest(first, reason="r")], NOW)
        assert len(ids(restored)) == 39
        assert any("cut off" in each for each in verify(restored).wrong)
        full.unlink()
        assert finish(restored)
        assert verify(restored).wrong == ()
