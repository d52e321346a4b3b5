"""Restores a backup into an empty home, after it was checked whole.

Until the last step the home has no database, so nothing takes it for an archive. A restore that was killed is begun
again: what it had put into the home is removed first.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, select, update

from archive import dialects, ending, postgres_copy, runs, sqlite
from archive.backup import DATABASE_ENDINGS, BackupStoppedError, require_sound_copy
from archive.database import Archive, new_epoch
from archive.disk import sync_folder
from archive.manifest import BackupError, BackupFile, Manifest, Progress, copy_hashed, hash_of, read_manifest
from archive.notice_tables import deliveries
from archive.outbox import DeliveryState
from archive.tables import facts, leases, rounds, schedules, windows
from archive.tables import runs as runs_table
from archive.window import WindowState
from kliping.config import sqlite_url

UNFINISHED = ".restoring"
"""Stands in a home while a backup is restored into it."""
RESTORED = "The archive was restored from a backup."


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """A restored archive: what the backup held, its new epoch, and what was not taken up again.

    `runs` were under way when the backup was made, `windows` waited for a crawl, `messages` for their delivery.
    """

    manifest: Manifest
    epoch: str
    runs: int
    windows: int
    messages: int


def check_backup(folder: Path, progress: Progress) -> Manifest:
    """Check a backup whole: every file's size and hash, the database's structure and counts, its pages in the files.

    Raises BackupError with the first thing that is wrong, and BackupStoppedError.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        raise BackupError(
            f"{folder} has no backup: kliping-backup.json, which `kliping archive backup` writes last, is missing."
        )
    done, total = 0, manifest.size

    def step(count: int) -> None:
        nonlocal done
        done += count
        progress(done, total)

    for each in (manifest.database, *manifest.files):
        if ending.asked():
            raise BackupStoppedError(f"{ending.signal_name()} ended the check; nothing was restored.")
        _check_file(folder, each, step)
    _check_database(folder / manifest.database.path, manifest)
    return manifest


def _check_file(folder: Path, wanted: BackupFile, step: Callable[[int], None]) -> None:
    path = folder / wanted.path
    if not path.is_file():
        raise BackupError(f"The backup is not whole: {path} is missing. Take another backup.")
    if (size := path.stat().st_size) != wanted.size:
        raise BackupError(f"The backup is not whole: {path} has {size:,} bytes, and should have {wanted.size:,}.")
    try:
        digest = hash_of(path, wanted.size, step)
    except OSError as error:
        raise BackupError(f"The backup cannot be read: {error}.") from error
    if digest != wanted.sha256:
        raise BackupError(f"The backup is damaged: {path} is not what was written. Take another backup.")


def _check_database(file: Path, manifest: Manifest) -> None:
    if manifest.kind not in DATABASE_ENDINGS:
        raise BackupError(f"The backup is of a database of an unknown kind, {manifest.kind!r}.")
    require_sound_copy(manifest.kind, file)
    if manifest.kind != "sqlite":
        return  # rows can be counted only in a database
    sizes = {each.name: each.size for each in manifest.files}
    with closing(sqlite3.connect(f"file:{file.absolute()}?mode=ro&immutable=1", uri=True)) as connection:
        for table in ("articles", "versions", "pages"):
            (count,) = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()
            if count != getattr(manifest, table):
                raise BackupError(f"The backup's database has {count:,} {table}, and should have more or fewer.")
        ends = "SELECT warc_file, max(warc_offset + warc_length) FROM pages GROUP BY warc_file"
        for name, end in connection.execute(ends):
            if name not in manifest.missing and sizes.get(name, -1) < end:
                raise BackupError(f"The backup has not all kept pages of {name}. Take another backup.")


def restore(folder: Path, url: str, home: Path, *, now: datetime, progress: Progress) -> RestoreReport:
    """Check a backup, and restore it into a home that has nothing in it, as a new epoch of the archive.

    `url` is the database that it is restored into: of the same kind, and empty. Raises BackupError if the backup is not
    whole, or is of a newer version, or home or database are not empty; then they stay as they were. Raises OSError (a
    full disk); then the home has no archive yet, and the restore can be run again.
    """
    file = sqlite.file_of(url) if url.startswith("sqlite") else None
    manifest = read_manifest(folder)
    if manifest is not None and (manifest.kind == "sqlite") != (file is not None):
        raise BackupError(
            f"The backup is of a {manifest.kind} database, and {dialects.name_of(url)} is none. Set "
            "KLIPING_DATABASE_URL to an empty one of that kind; `kliping archive move` moves it afterwards."
        )
    _require_empty(home, file, url, manifest)
    total = manifest.size if manifest else 0
    manifest = check_backup(folder, lambda done, _: progress(done, 2 * total))
    home.mkdir(parents=True, exist_ok=True)
    (home / UNFINISHED).write_text(f"{folder}\n")
    sync_folder(home)
    done = manifest.size

    def step(count: int) -> None:
        nonlocal done
        done += count
        progress(done, 2 * total)

    (home / "warc").mkdir(exist_ok=True)
    for each in manifest.files:
        if ending.asked():
            raise BackupStoppedError(f"{ending.signal_name()} ended the restore. Run it again to begin anew.")
        _copy(folder / each.path, home / "warc" / each.name, each, step)
    sync_folder(home / "warc")
    copy = folder / manifest.database.path
    report = _load(copy, url, home, manifest, now) if file is None else _put(copy, file, home, manifest, now, step)
    (home / UNFINISHED).unlink()
    with Archive.open(url, home, create=False) as archive:
        archive.save_mark()
    return report


def _put(
    copy: Path, file: Path, home: Path, manifest: Manifest, now: datetime, step: Callable[[int], None]
) -> RestoreReport:
    """Put a copy into the place of a SQLite database, by one rename when it is ready."""
    fresh = file.with_name(f"{UNFINISHED}-{file.name}")
    file.parent.mkdir(parents=True, exist_ok=True)
    _copy(copy, fresh, manifest.database, step)
    report = _begin_epoch(sqlite_url(fresh), home, manifest, now)
    with closing(sqlite3.connect(fresh)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    fresh.rename(file)
    sync_folder(file.parent)
    return report


def _load(copy: Path, url: str, home: Path, manifest: Manifest, now: datetime) -> RestoreReport:
    """Load a copy into an empty PostgreSQL database, unless a restore that was cut off has done so."""
    with Archive.at(url, home) as archive:
        if archive.is_blank():
            try:
                with archive.reading() as connection:
                    postgres_copy.load(connection, copy)
            except BackupError:  # the program of a restore that was killed may have gone on, and ended meanwhile
                if archive.is_blank() or _identity(archive) != (manifest.archive_id, manifest.epoch):
                    raise
    return _begin_epoch(url, home, manifest, now)


def _copy(source: Path, to: Path, wanted: BackupFile, step: Callable[[int], None]) -> None:
    if copy_hashed(source, to, wanted.size, step) != wanted.sha256:
        raise BackupError(f"{source} changed while it was being restored. Run the restore again.")


def _require_empty(home: Path, file: Path | None, url: str, manifest: Manifest | None) -> None:
    """Raises BackupError if home or database have anything that a restore did not put there which was cut off."""
    unfinished = (home / UNFINISHED).exists()
    if unfinished and (file is None or not file.exists()):
        for path in (*(home / "warc").glob("*.warc.gz"), *(file or home).parent.glob(f"{UNFINISHED}-*")):
            path.unlink()
    others = [path for path in home.iterdir() if path.name not in (UNFINISHED, "warc")] if home.is_dir() else []
    kept = home / "warc"
    if kept.exists() and any(kept.iterdir()):
        others.append(kept)
    if file is not None and file.exists() and file not in others:
        others.append(file)
    if others:
        raise BackupError(
            f"{home} is not empty ({others[0]} is there), and a restore never overwrites anything. Choose another "
            "KLIPING_HOME, or move it away."
        )
    if file is None:
        with Archive.at(url, home) as archive:
            ours = manifest and (manifest.archive_id, manifest.epoch)
            if not archive.is_blank() and not (unfinished and _identity(archive) == ours):
                raise BackupError(f"{archive.place} is not empty. Create another one for the restored archive.")


def _identity(archive: Archive) -> tuple[str, str]:
    return archive.identity.archive_id, archive.identity.epoch


def _begin_epoch(url: str, home: Path, manifest: Manifest, now: datetime) -> RestoreReport:
    """Let a copy of the database be a new epoch of the archive, in which nothing is under way and nothing is due."""
    epoch = new_epoch(now)
    # opening it migrates it, and raises ArchiveError for one of a newer version
    with Archive.make_anew(url, home) as archive, archive.writing() as connection:
        connection.execute(update(facts).where(facts.c.name == "epoch").values(value=epoch))
        return RestoreReport(manifest, epoch, *_let_rest(connection, now))


def _let_rest(connection: Connection, now: datetime) -> tuple[int, int, int]:
    """End what was under way when the backup was made. Returns how many runs, windows and messages there were."""
    connection.execute(update(leases).values(expires_at=0.0))
    opened = connection.execute(select(runs_table.c.id).where(runs_table.c.ended_at.is_(None))).scalars().all()
    for run_id in opened:
        runs.close_dead(connection, run_id, now)
    waiting = windows.c.state.in_([str(WindowState.CLAIMED), str(WindowState.WAITING)])
    missed = {"state": str(WindowState.MISSED), "next_try": None, "note": RESTORED, "at": now}
    count = connection.execute(update(windows).where(waiting).values(**missed)).rowcount
    connection.execute(update(schedules).where(schedules.c.since.is_not(None)).values(since=now))
    connection.execute(rounds.delete())
    unsent = deliveries.c.state.in_([str(DeliveryState.WAITING), str(DeliveryState.SENDING)])
    messages = connection.execute(
        update(deliveries).where(unsent).values(state=str(DeliveryState.DROPPED), problem=RESTORED)
    ).rowcount
    return len(opened), count, messages
