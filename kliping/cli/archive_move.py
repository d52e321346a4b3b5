"""`kliping archive move`: from SQLite to PostgreSQL, or back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from archive import ending
from archive.database import Archive, ArchiveError
from archive.move import MovedTable, cancel
from archive.move import move as move_archive
from kliping.cli import context, output
from kliping.cli.index import progress
from kliping.cli.output import Column, Json

if TYPE_CHECKING:
    from kliping.config import Settings


def move(
    to: Annotated[
        str | None,
        typer.Option(metavar="URL", help="The database that the archive moves to; it must be empty."),
    ] = None,
    give_up: Annotated[bool, typer.Option("--cancel", help="Give up a move that was begun and is not done.")] = False,
    json: Json = False,
) -> None:
    """Move the archive to another database.

    From SQLite to PostgreSQL, or back. Ids, versions, the log and the epoch stay, so indexes stay valid. WARC files
    stay where they are. Everything is compared at the end; a move that was killed goes on when it is started again.
    Stop the service first. Leave the password out of the URL (others see a command line): PGPASSWORD or ~/.pgpass
    has it.

    \b
    Example: kliping archive move --to postgresql://kliping@db.example/kliping
    """
    if give_up == (to is not None):
        raise typer.BadParameter("Give either --to or --cancel.")
    settings = context.settings()
    try:
        with Archive.at(settings.archive_url, settings.home) as source:
            if source.is_blank():
                context.fail(f"There is no archive in {source.place}. KLIPING_DATABASE_URL names the one to move.")
            source.migrate()
            if to is None:
                _cancel(source)
                return
            moved = _move(source, settings, to)
    except ArchiveError as error:
        context.fail(str(error), context.NEEDS_ATTENTION)
    _print(moved, to, json=json)


def _move(source: Archive, settings: Settings, to: str) -> list[MovedTable]:
    if to == source.url:
        context.fail("The archive is there already. Name another database.")
    try:
        target = Archive.at(to, settings.home)
        with target:
            target.is_blank()  # whether it answers at all
    except ArchiveError as error:
        context.fail(str(error).replace("KLIPING_DATABASE_URL", "--to"))
    with context.long_work(), target, progress("Moving") as show:
        return move_archive(source, target, progress=lambda _name, done, total: show(done, total), stop=ending.asked)


def _cancel(source: Archive) -> None:
    where = cancel(source)
    typer.echo(
        f"The move to {where} is given up. The archive stays in {source.place}; what is in the target is of no use."
        if where
        else "No move is under way."
    )


def _print(moved: list[MovedTable], to: str, *, json: bool) -> None:
    if json:
        output.print_json({"tables": [{"name": each.name, "rows": each.rows, "sha256": each.digest} for each in moved]})
        return
    rows = [(each.name, each.rows, each.digest[:16]) for each in moved if each.rows]
    output.print_table(("table", Column("rows", right=True), "SHA-256"), rows)
    kind = to.partition(":")[0]
    typer.echo(
        f"{sum(each.rows for each in moved)} rows are the same in both. Let KLIPING_DATABASE_URL name the new database "
        f"({kind}:…) wherever Kliping runs: the old one is not used any more."
    )
