"""What a backup folder says that it holds. The manifest is written last: without it there is no backup."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from archive.disk import sync_folder

NAME = "kliping-backup.json"
FORMAT = 1
_CHUNK = 1 << 20

Progress = Callable[[int, int], None]
"""Called with the bytes done and all bytes."""


class BackupError(Exception):
    """A backup cannot be made, or not be restored; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class BackupFile:
    """A file of a backup: its name in the archive, its path below the folder, bytes and SHA-256.

    `modified_ns` is when the archive's own file was changed last, as it was copied.
    """

    name: str
    path: str
    size: int
    sha256: str
    modified_ns: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: which archive, up to which change, how much of it, made when (UTC) and by what.

    `missing` names WARC files that the archive had lost already. `migration` is the version of the tables.
    """

    archive_id: str
    epoch: str
    seq: int
    articles: int
    versions: int
    pages: int
    made_at: datetime
    kliping: str
    migration: str
    kind: str
    database: BackupFile
    files: tuple[BackupFile, ...]
    missing: tuple[str, ...] = ()
    format: int = FORMAT

    def __str__(self) -> str:
        """For messages: "118 articles of 2026-11-23 02:00 UTC"."""
        return f"{self.articles:,} articles of {self.made_at:%Y-%m-%d %H:%M} UTC"

    @property
    def size(self) -> int:
        """All bytes of its files."""
        return self.database.size + sum(each.size for each in self.files)

    def as_json(self) -> dict[str, Any]:
        """The manifest as it is written."""
        return asdict(self) | {"made_at": self.made_at.isoformat()}


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a folder; None if it has none. Raises BackupError for one that cannot be read."""
    try:
        plain = json.loads((folder / NAME).read_text())
        if plain["format"] > FORMAT:
            raise BackupError(f"{folder / NAME} was written by a newer version of Kliping. Use that version.")
        known = plain | {
            "made_at": datetime.fromisoformat(plain["made_at"]),
            "database": BackupFile(**plain["database"]),
            "files": tuple(BackupFile(**each) for each in plain["files"]),
            "missing": tuple(plain["missing"]),
        }
        return Manifest(**known)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupError(
            f"{folder / NAME} cannot be read: {error}. Remove that file, and take another backup."
        ) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write the manifest, whole or not at all. Raises OSError."""
    temporary = folder / f".{NAME}"
    with temporary.open("w") as file:
        json.dump(manifest.as_json(), file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(folder / NAME)
    sync_folder(folder)


_BEGUN = ".kliping-backup-files.jsonl"


def note_file(folder: Path, file: BackupFile) -> None:
    """Note that a file of a backup under way is in the folder: the next one need not copy it. Raises OSError."""
    with (folder / _BEGUN).open("a") as notes:
        notes.write(json.dumps(asdict(file)) + "\n")


def noted_files(folder: Path) -> Iterator[BackupFile]:
    """The files that backups have noted that did not come to their end. A torn line is passed over."""
    try:
        lines = (folder / _BEGUN).read_text().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        with suppress(ValueError, TypeError):
            yield BackupFile(**json.loads(line))


def forget_notes(folder: Path) -> None:
    """Remove the notes: a manifest names the files. Raises OSError."""
    (folder / _BEGUN).unlink(missing_ok=True)


def copy_hashed(source: Path, to: Path, size: int, step: Callable[[int], None]) -> str:
    """Copy the first `size` bytes of a file, force them to disk, and return their SHA-256. Raises OSError.

    `step` is called with the number of bytes of each piece.
    """
    digest = hashlib.sha256()
    with source.open("rb") as reading, to.open("wb") as writing:
        for chunk in chunks(reading, size):
            digest.update(chunk)
            writing.write(chunk)
            step(len(chunk))
        writing.flush()
        os.fsync(writing.fileno())
    return digest.hexdigest()


def hash_of(path: Path, size: int, step: Callable[[int], None]) -> str:
    """The SHA-256 of the first `size` bytes of a file. Raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in chunks(file, size):
            digest.update(chunk)
            step(len(chunk))
    return digest.hexdigest()


def chunks(file: IO[bytes], size: int) -> Iterator[bytes]:
    """The first `size` bytes of a file in pieces. Raises OSError if there are fewer."""
    left = size
    while left:
        chunk = file.read(min(left, _CHUNK))
        if not chunk:
            raise OSError(f"{file.name} has {left:,} bytes less than it should")
        left -= len(chunk)
        yield chunk
