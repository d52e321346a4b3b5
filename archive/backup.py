"""Makes a backup: the database as it is at one moment, and the WARC files up to there, in one folder.

Writing goes on meanwhile. What an earlier backup in the folder has and is unchanged stays where it is. New files get
names of their own, the manifest comes last by one rename, and only then is anything removed: killed anywhere, or with
the folder full, what the folder held before is whole.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Table, func, select

from archive import ending, leases, postgres_copy, sqlite
from archive.database import Archive
from archive.disk import sync_folder
from archive.forget import LEASE, is_unfinished
from archive.leases import Lease
from archive.manifest import (
    NAME,
    BackupError,
    BackupFile,
    Manifest,
    Progress,
    copy_hashed,
    forget_notes,
    hash_of,
    note_file,
    noted_files,
    read_manifest,
    write_manifest,
)
from archive.mark import warc_files
from archive.run import LeaseHeldError
from archive.tables import articles, pages, runs, versions
from archive.warc.unreferenced import run_of_file

MARKER = ".kliping-backup"
"""Stands in a folder that a backup was begun in, so that one that was cut off can be begun again."""
WARC = "warc"
_MAKING = ".making"


class BackupStoppedError(BackupError):
    """The process was asked to end before the backup was whole."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A backup that was made: what it holds, and how many files were copied, linked, and there already."""

    folder: Path
    manifest: Manifest
    copied: int
    linked: int
    reused: int


@dataclass(frozen=True, slots=True)
class _WantedFile:
    """A WARC file to back up: the bytes that rows refer to. Not `stable`: its run may still be writing to it."""

    name: str
    size: int
    stable: bool


def make_backup(
    archive: Archive, folder: Path, *, software: str, now: datetime, lease_seconds: float, progress: Progress
) -> BackupReport:
    """Back the archive up into a folder, which is made or brought up to date.

    Raises BackupError for a folder that cannot be used or is full, BackupStoppedError, LeaseHeldError while another
    backup or a forget runs, and LeaseLostError. The folder then holds what it held before.
    """
    require_usable(archive, folder)
    lease = leases.acquire(archive, LEASE, seconds=lease_seconds)
    if lease is None:
        info = leases.holder_of(archive, LEASE)
        holder = info.in_words if info else "another process"
        raise LeaseHeldError(f"Another backup or a forget is under way: {holder} holds the lease {LEASE}.")
    with leases.renewed(lease):
        return make_backup_under(lease, archive, folder, software=software, now=now, progress=progress)


def make_backup_under(
    lease: Lease, archive: Archive, folder: Path, *, software: str, now: datetime, progress: Progress
) -> BackupReport:
    """`make_backup`, under a lease that the caller has taken and renews."""
    folder = folder.absolute()
    before = require_usable(archive, folder)
    with _plain_errors(folder, before):
        (folder / WARC).mkdir(parents=True, exist_ok=True)
        (folder / MARKER).write_text(f"{archive.identity.archive_id}\n")
        _remove_unfinished(folder)
        made = _Backup(archive, folder, before, progress).make(software, now)
        lease.renew()  # raises LeaseLostError if this process slept past it
        write_manifest(folder, made.manifest)
        forget_notes(folder)
        _remove_others(folder, made.manifest)
    return made


def require_usable(archive: Archive, folder: Path) -> Manifest | None:
    """The manifest of the earlier backup in the folder, if there is one. Raises BackupError. Writes nothing."""
    home, target = archive.home.resolve(), folder.resolve()
    if target == home or home in target.parents:
        raise BackupError(f"{folder} is inside the archive's own folder {home}. Choose one on another disk.")
    if target in home.parents:
        raise BackupError(f"{folder} contains the archive's own folder {home}. Choose one on another disk.")
    if folder.exists() and not folder.is_dir():
        raise BackupError(f"{folder} is a file. Name a folder.")
    with archive.reading() as connection:
        if is_unfinished(connection):
            raise BackupError("A forget was cut off. Run `kliping archive forget --finish` first.")
    try:
        return _earlier(archive, folder)
    except OSError as error:  # of a folder that this user may not read, or whose disk is gone
        raise BackupError(
            f"{folder} cannot be read: {error.strerror or error}. Look whether its disk is there, and may be read by "
            "this user."
        ) from error


def _earlier(archive: Archive, folder: Path) -> Manifest | None:
    before = read_manifest(folder) if folder.is_dir() else None
    ours = archive.identity.archive_id
    if before is not None and before.archive_id != ours:
        raise BackupError(f"{folder} has a backup of another archive ({before.archive_id}). Choose another folder.")
    if before is None and folder.is_dir() and any(folder.iterdir()):
        begun = folder / MARKER
        if not begun.exists():
            raise BackupError(f"{folder} is not empty, and has no backup. Choose an empty folder, or a new one.")
        if begun.read_text().strip() not in ("", ours):
            raise BackupError(f"{folder} has the beginning of a backup of another archive. Choose another folder.")
    return before


@contextmanager
def _plain_errors(folder: Path, before: Manifest | None) -> Iterator[None]:
    kept = f" It still holds {before}." if before else ""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or "is full" in str(error)
        reason = f"{folder} is full" if full else f"The backup could not be written to {folder}: {error}"
        remedy = "Make room, then run this command again" if full else "Mend that, then run this command again"
        raise BackupError(f"{reason}, so no backup was made.{kept} {remedy}.") from error
    finally:
        if folder.is_dir():
            _remove_unfinished(folder)


class _Backup:
    """One backup under way."""

    def __init__(self, archive: Archive, folder: Path, before: Manifest | None, progress: Progress) -> None:
        self._archive = archive
        self._folder = folder
        self._known: dict[str, list[BackupFile]] = {}
        for each in (*(before.files if before else ()), *noted_files(folder)):  # also of one that was cut off
            self._known.setdefault(each.name, []).append(each)
        self._progress = progress
        self._done = self._total = 0
        self._copied = self._linked = self._reused = 0

    def make(self, software: str, now: datetime) -> BackupReport:
        archive = self._archive
        temporary = self._folder / f"{_MAKING}-database"
        with archive.reading() as connection:  # one view, of which the database's copy is made
            seq = archive.seq_in(connection)
            counts = [_count(connection, table) for table in (articles, versions, pages)]
            migration = MigrationContext.configure(connection).get_current_revision() or ""
            wanted, missing = self._wanted(connection)
            size = archive.file.stat().st_size if archive.file else 0
            self._total = size + sum(each.size for each in wanted)
            copy_database(connection, temporary, lambda done: self._progress(done, self._total))
        self._done = size
        require_sound_copy(connection.dialect.name, temporary)
        digest = hash_of(temporary, temporary.stat().st_size, lambda _: None)
        name = f"archive-{seq}-{digest[:8]}.{DATABASE_ENDINGS[connection.dialect.name]}"
        database = BackupFile(name, name, temporary.stat().st_size, digest)
        temporary.replace(self._folder / name)
        files = tuple(self._file(each) for each in wanted)
        for each in (self._folder / WARC, self._folder):
            sync_folder(each)
        here = archive.identity
        manifest = Manifest(
            here.archive_id,
            here.epoch,
            seq,
            counts[0],
            counts[1],
            counts[2],
            now.astimezone(UTC),
            software,
            migration,
            connection.dialect.name,
            database,
            files,
            missing,
        )
        return BackupReport(self._folder, manifest, self._copied, self._linked, self._reused)

    def _wanted(self, connection: Connection) -> tuple[list[_WantedFile], tuple[str, ...]]:
        """The WARC files to back up, and the names of those that the archive has lost."""
        end = func.max(pages.c.warc_offset + pages.c.warc_length)
        rows = connection.execute(select(pages.c.warc_file, end).group_by(pages.c.warc_file)).all()
        ends = {str(row[0]): int(row[1]) for row in rows}
        known = {row.id: row.ended_at for row in connection.execute(select(runs.c.id, runs.c.ended_at))}
        present = {path.name: path.stat().st_size for path in warc_files(self._archive.warc_folder)}
        found, missing = [], []
        for name, size in sorted(ends.items()):
            if present.get(name, -1) < size:
                missing.append(name)
            else:
                ended = known.get(run_of_file(name)) is not None
                found.append(_WantedFile(name, size, stable=ended and present[name] == size))
        rowless = [name for name in present if name not in ends and run_of_file(name) not in known]
        found += [_WantedFile(name, present[name], stable=False) for name in sorted(rowless)]  # its rows were lost
        return found, tuple(missing)

    def _file(self, wanted: _WantedFile) -> BackupFile:
        if ending.asked():
            raise BackupStoppedError(f"{ending.signal_name()} ended the backup, so no backup was made.")
        source = self._archive.warc_folder / wanted.name
        modified = source.stat().st_mtime_ns
        known = self._known.get(wanted.name, [])
        for there in known:
            if there.size != wanted.size or not self._is_there(there):
                continue
            unchanged = there.modified_ns == modified
            if unchanged or hash_of(source, wanted.size, lambda _: None) == there.sha256:
                self._reused += 1
                self._step(wanted.size)
                return replace(there, modified_ns=modified)
        temporary = self._folder / f"{_MAKING}-{wanted.name}"
        if wanted.stable and _link(source, temporary):
            digest = hash_of(temporary, wanted.size, self._step)
            self._linked += 1
        else:
            digest = copy_hashed(source, temporary, wanted.size, self._step)
            self._copied += 1
        path = f"{WARC}/{wanted.name}"
        if known:  # the earlier backup stays whole until this one is
            path = f"{WARC}/{wanted.name}.{digest[:12]}"
        temporary.replace(self._folder / path)
        made = BackupFile(wanted.name, path, wanted.size, digest, modified)
        note_file(self._folder, made)
        return made

    def _is_there(self, known: BackupFile) -> bool:
        path = self._folder / known.path
        return path.is_file() and path.stat().st_size == known.size

    def _step(self, count: int) -> None:
        self._done += count
        self._progress(self._done, self._total)


def _link(source: Path, to: Path) -> bool:
    """A second name of the file; False if it is on another disk, or the disk has no such names."""
    try:
        os.link(source, to)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        return False
    return True


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _remove_unfinished(folder: Path) -> None:
    for path in folder.glob(f"{_MAKING}-*"):
        path.unlink(missing_ok=True)


def _remove_others(folder: Path, manifest: Manifest) -> None:
    """Remove what belonged to the earlier backup, and is in this one no more."""
    kept = {manifest.database.path, NAME, MARKER, *(each.path for each in manifest.files)}
    for path in (*folder.glob("archive-*"), *(folder / WARC).glob("*")):
        if str(path.relative_to(folder)) not in kept and path.is_file():
            path.unlink()
    sync_folder(folder)


# -- the database: one function for each kind --------------------------------------------------------------------------

DATABASE_ENDINGS = {"sqlite": "sqlite3", "postgresql": "pgdump"}


def copy_database(connection: Connection, to: Path, progress: sqlite.CopyProgress) -> None:
    """Copy the database as a reading transaction sees it into a file. Raises OSError, BackupError and sqlite3.Error."""
    if connection.dialect.name == "postgresql":
        postgres_copy.dump(connection, to)
    else:
        sqlite.copy(connection, to, progress)


def require_sound_copy(kind: str, copy: Path) -> None:
    """Raises BackupError if a copy of a database is damaged."""
    if kind == "postgresql":
        postgres_copy.require_readable(copy)
    elif problems := sqlite.problems_of(copy):
        raise BackupError(
            f"The copy of the database is damaged: {problems[0]}. Run `kliping archive verify`, then take another "
            "backup."
        )
