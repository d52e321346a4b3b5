"""Whether there is a backup that would help: the nightly one, by what its folder holds and how its runs ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from archive import runs
from archive.backup import require_usable
from archive.clock import is_ahead
from archive.manifest import BackupError
from scheduler.timetable import ARCHIVE, NEVER, Job

if TYPE_CHECKING:
    from pathlib import Path

    from archive.database import Archive
    from archive.manifest import Manifest
    from archive.runs import RunReport
    from kliping.config import Settings

_KINDS = (Job.BACKUP,)
OLD_WITHOUT_TIMETABLE = timedelta(days=8)
"""With `KLIPING_BACKUP_CRON=never` a backup that is older is told: people make one by hand or by cron once a week."""
AGAIN = "kliping archive backup"


@dataclass(frozen=True, slots=True)
class BackupState:
    """What is known of the nightly backup. `problem` says what is wrong with it, `remedy` what to do."""

    made: Manifest | None
    problem: str | None = None
    remedy: str | None = None


def states(settings: Settings, archive: Archive, now: datetime) -> Iterator[BackupState]:
    """The state of the backup in KLIPING_BACKUP_TO; nothing if that is not set. Reads the folder, and writes nothing.

    That a backup is late is found by the watchman, which compares the timetable with the runs.
    """
    folder = settings.backup_to
    if folder is None:
        return
    try:
        made = require_usable(archive, folder)
        last = runs.latest(archive, ARCHIVE, now, kinds=_KINDS, ended=True)
        _require_whole(folder, made)
        _require_last(archive, folder, made, now)
    except BackupError as error:
        yield BackupState(None, str(error), f"Mend that, then: {AGAIN}")
        return
    if last is not None and last.verdict != "good" and not _is_newer(made, last):
        yield BackupState(made, last.reason or f"The last backup was {last.verdict}.", AGAIN)
    elif made is not None and is_ahead(made.made_at, now):
        seen = f"The backup in {folder} is dated {made.made_at:%Y-%m-%d %H:%M} UTC, later than now."
        yield BackupState(made, seen, f"Compare the clock of this machine with another one, then: {AGAIN}")
    elif made is not None and settings.backup_cron == NEVER and now - made.made_at > OLD_WITHOUT_TIMETABLE:
        days = (now - made.made_at).days
        yield BackupState(made, f"The backup in {folder} is {days} days old, and no timetable makes another.", AGAIN)
    else:
        yield BackupState(made)


def in_words(settings: Settings, made: Manifest | None) -> str:
    """What is said of a backup with which nothing is wrong."""
    folder = settings.backup_to
    assert folder is not None  # there is a state only of a folder
    if made is None:
        return f"none in {folder} yet; {AGAIN} makes the first one now"
    same = _on_one_disk(folder, settings.home)
    warning = ", on the same disk as the archive: that does not help if the disk fails" if same else ""
    return f"{made} in {folder}, {made.size / 1e9:.1f} GB{warning}"


def _on_one_disk(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev


def require_earlier(archive: Archive, folder: Path, now: datetime) -> None:
    """Raises BackupError if the service made backups before, and the folder has none: another disk is there, or none.

    A new one would fill the disk that shows up where the right one is not mounted.
    """
    _require_last(archive, folder, require_usable(archive, folder), now)


def _require_last(archive: Archive, folder: Path, made: Manifest | None, now: datetime) -> None:
    good = runs.latest_harvest(archive, ARCHIVE, now, kinds=_KINDS)
    if good is None or (made is not None and not _is_older(made, good)):
        return
    has = "has none" if made is None else f"has one of {made.made_at:%Y-%m-%d %H:%M} UTC"
    raise BackupError(
        f"A backup was made {good.started_at:%Y-%m-%d %H:%M} UTC, but {folder} {has}. Look whether its disk is "
        f"mounted. If the backup is to begin anew there, run `{AGAIN}` once by hand."
    )


def _require_whole(folder: Path, made: Manifest | None) -> None:
    """Raises BackupError if files of the backup are missing or too short, by a look at their sizes."""
    lost = []
    for each in (made.database, *made.files) if made else ():
        try:
            if (folder / each.path).stat().st_size < each.size:
                lost.append(each.path)
        except OSError:
            lost.append(each.path)
    if lost:
        raise BackupError(
            f"The backup in {folder} is not whole: {lost[0]} is missing or too short"
            f"{f', and so are {len(lost) - 1} more' if len(lost) > 1 else ''}. The next backup copies what it lacks."
        )


def _is_older(made: Manifest, run: RunReport) -> bool:
    return is_ahead(run.started_at, made.made_at)


def _is_newer(made: Manifest | None, run: RunReport) -> bool:
    """Whether the backup was made after the run: by hand, for instance."""
    return made is not None and run.ended_at is not None and made.made_at > run.ended_at
