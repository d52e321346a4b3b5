"""`kliping archive backup` and `kliping archive restore`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive.backup import BackupReport, make_backup, make_backup_under
from archive.database import ArchiveError
from archive.forget import LEASE
from archive.leases import LeaseLostError
from archive.manifest import BackupError, Manifest
from archive.restore import RestoreReport, check_backup
from archive.restore import restore as restore_backup
from archive.run import LeaseHeldError, Run
from archive.runs import Verdict, new_id
from kliping.cli import context, output
from kliping.cli.backups import require_earlier
from kliping.cli.index import progress
from kliping.cli.output import Json
from scheduler.supervise import LEASE_HELD
from scheduler.timetable import ARCHIVE, Job

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings

_NAMED = 3


def backup(
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="FOLDER", help="Where to: a new folder, or one with a backup. Default: KLIPING_BACKUP_TO."
        ),
    ] = None,
    json: Json = False,
    run_id: Annotated[
        str | None, typer.Option("--run-id", hidden=True, help="Record the result as this run: the service does.")
    ] = None,
) -> None:
    """Back the whole archive up into one folder, while crawls go on.

    The folder gets the database as it is now, the WARC files (by a second name where it is on the same disk, else
    copied), and kliping-backup.json, which says what it holds. Run again with the same folder, it copies only what is
    new. What the folder held before stays whole until the new backup is. Put it on another disk than the archive.
    Without FOLDER it goes where the service backs up every night (KLIPING_BACKUP_TO), and counts for that night.

    \b
    Example: kliping archive backup /mnt/backup/kliping
    """
    settings = context.settings()
    target = folder or settings.backup_to
    if target is None:
        raise typer.BadParameter("Name a folder, or set KLIPING_BACKUP_TO (docs/settings.md).")
    with context.long_work(), context.archive(settings, writes=True) as archive, progress("Backing up") as show:
        try:
            if settings.backup_to is not None and target.resolve() == settings.backup_to.resolve():
                made = _recorded(settings, archive, target, run_id, show)
            else:
                made = make_backup(
                    archive,
                    target,
                    software=_software(),
                    now=datetime.now(UTC),
                    lease_seconds=settings.lease_seconds,
                    progress=show,
                )
        except LeaseHeldError as error:
            status = LEASE_HELD if run_id else context.NEEDS_ATTENTION
            context.fail(f"{error} Run this command again when it has ended.", status)
        except (BackupError, LeaseLostError) as error:
            context.fail(str(error), context.NEEDS_ATTENTION)
    missing = made.manifest.missing
    if json:
        output.print_json(_as_json(made))
    else:
        typer.echo(
            f"{made.manifest} are in {target}: {made.manifest.size:,} bytes, the last change {made.manifest.seq}. "
            f"Of {len(made.manifest.files)} WARC files {made.copied} were copied, {made.linked} linked, and "
            f"{made.reused} were there."
        )
    if made.linked and not json:
        typer.echo("It is on the same disk as the archive: it does not help if that disk fails.", err=True)
    if missing:
        named = ", ".join(missing[:_NAMED])
        typer.echo(
            f"The archive has lost {len(missing)} WARC files ({named}), so the backup lacks them. Run `kliping archive "
            "verify`.",
            err=True,
        )
        raise typer.Exit(context.NEEDS_ATTENTION)


def _software() -> str:
    return f"Kliping {metadata.version('kliping')}"


def _recorded(
    settings: Settings, archive: Archive, folder: Path, run_id: str | None, show: Callable[[int, int], None]
) -> BackupReport:
    """Back up as a run, whose verdict says how it ended. Raises what `make_backup` raises.

    `run_id` is given by the service; such a run makes no new folder where it made backups before.
    """
    now = datetime.now(UTC)
    run = Run.begin(
        archive,
        run_id or new_id(ARCHIVE, now),
        source=ARCHIVE,
        kind=Job.BACKUP,
        lease=LEASE,
        lease_seconds=settings.lease_seconds,
        now=now,
        closes=(Job.BACKUP,),
    )
    with run:
        try:
            if run_id is not None:
                require_earlier(archive, folder, now)
            made = make_backup_under(run.lease, archive, folder, software=_software(), now=now, progress=show)
        except BackupError as error:
            run.finish(Verdict("failed", str(error)), listed=0)
            raise
        missing = len(made.manifest.missing)
        lost = f"The archive has lost {missing} WARC files, so the backup lacks them." if missing else None
        run.finish(Verdict("attention" if missing else "good", lost), listed=made.manifest.pages)
    return made


def restore(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A folder with a backup.")],
    check: Annotated[bool, typer.Option("--check", help="Only check the backup whole; restore nothing.")] = False,
    json: Json = False,
) -> None:
    """Check a backup whole, and restore it into an empty home.

    Every file is compared with its hash, the database's structure is checked, and its pages are looked for in the WARC
    files. The restored archive begins a new epoch: indexes have to be built again, and timetables begin now, so nothing
    is crawled for the time before. A home that is not empty is refused. --check is the drill for every month.

    \b
    Example: kliping archive restore /mnt/backup/kliping --check
    """
    settings = context.settings()
    now = datetime.now(UTC)
    with context.long_work(), progress("Checking" if check else "Restoring") as show:
        try:
            if check:
                manifest = check_backup(folder, show)
                _print_checked(folder, manifest, json=json)
                return
            done = restore_backup(folder, settings.archive_url, settings.home, now=now, progress=show)
        except (BackupError, ArchiveError) as error:
            context.fail(str(error), context.NEEDS_ATTENTION)
        except OSError as error:
            what = f"{error.filename or settings.home}: {error.strerror or error}"
            context.fail(
                f"The backup could not be restored: {what}. Nothing uses {settings.home} yet; run this command again.",
                context.NEEDS_ATTENTION,
            )
    if json:
        output.print_json({"home": str(settings.home), "epoch": done.epoch, **_restored_as_json(done)})
    else:
        _print(done, settings.home)


def _as_json(made: BackupReport) -> dict[str, object]:
    return {
        "folder": str(made.folder),
        "copied": made.copied,
        "linked": made.linked,
        "reused": made.reused,
        **made.manifest.as_json(),
    }


def _restored_as_json(done: RestoreReport) -> dict[str, object]:
    return {
        "runs_ended": done.runs,
        "windows_missed": done.windows,
        "messages_dropped": done.messages,
        "backup": done.manifest.as_json(),
    }


def _print_checked(folder: Path, manifest: Manifest, *, json: bool) -> None:
    if json:
        output.print_json({"folder": str(folder), "whole": True, "backup": manifest.as_json()})
    else:
        typer.echo(f"The backup in {folder} is whole: {manifest}, {len(manifest.files)} WARC files.")


def _print(done: RestoreReport, home: Path) -> None:
    typer.echo(f"{done.manifest} are restored in {home}. The archive begins a new epoch, {done.epoch}.")
    rested = ((done.runs, "runs"), (done.windows, "windows of timetables"), (done.messages, "messages"))
    for count, what in rested:
        if count:
            typer.echo(f"  {count} {what} were under way or waiting in the backup, and are not taken up again.")
    if done.manifest.missing:
        typer.echo(f"  The backup lacks {len(done.manifest.missing)} WARC files, which were lost before.")
    typer.echo(
        "Next: `kliping archive forget --from FILE` with what was forgotten since, if anything was; `kliping archive "
        "verify`; `kliping reindex`."
    )
