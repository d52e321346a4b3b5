"""`kliping index`: the search index, which can always be built again from the archive."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from kliping.cli import context

if TYPE_CHECKING:
    from collections.abc import Callable

    from indexer.contract import SearchIndex
    from indexer.follow import FollowResult
    from kliping.config import Settings

app = typer.Typer(
    help="The search index: status, follow, list, rollback, prune, failures, retry, drop.", no_args_is_help=True
)
Json = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]


def engine(settings: Settings) -> SearchIndex:
    """The search engine of the settings; ends with status 2 and a sentence where they name none."""
    from indexer.engines import UnknownEngineError, index_of

    try:
        return index_of(settings)
    except UnknownEngineError as error:
        context.fail(str(error))


@contextmanager
def plainly() -> Iterator[None]:
    """Turns what an index cannot do into its sentence and status 1."""
    from archive.leases import LeaseLostError
    from indexer.contract import SearchError

    try:
        yield
    except (SearchError, LeaseLostError) as error:
        context.fail(str(error), context.NEEDS_ATTENTION)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Shows how far something has come, how fast, and the time left, on a terminal; gives a function that is told the
    changes "so far" and "in all"."""
    if not sys.stderr.isatty():
        yield lambda done, total: None  # noqa: ARG005  the signature is the caller's
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """Changes a second."""

        def render(self, task: Task) -> Text:
            return Text(f"{task.speed:,.0f}/s" if task.speed else "")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield tell


@app.command()
def status(json: Json = False) -> None:
    """The index that searches see: what it was made for, how far behind it is, what it refused.

    Ends with 1 where documents were refused or a reindex is needed.

    \b
    Example: kliping index status
    """
    settings = context.settings()
    with context.archive(settings) as archive, plainly():
        from indexer.status import status as look

        seen = look(archive, engine(settings))
    if json:
        context.print_json(seen.as_json())
    else:
        made = seen.made_for or {}
        _rows(
            {
                "alias": f"{seen.alias} ({seen.engine})",
                "index": seen.index or "none yet; `kliping index follow` makes one",
                "made for": ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in made.items()) or None,
                "documents": seen.documents,
                "cursor": f"{seen.cursor} of {seen.last_seq}" + (f", {seen.lag} changes behind" if seen.lag else ""),
                "dead letters": f"{seen.dead_letters}; see `kliping index failures`" if seen.dead_letters else 0,
                "followed by": seen.follower,
            }
        )
        for reason in seen.reindex_needed:
            typer.echo(f"Reindex needed: {reason}")
    if not seen.fine:
        raise typer.Exit(context.NEEDS_ATTENTION)


@app.command()
def follow(
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for another process that follows already.")] = 0.0,
    json: Json = False,
) -> None:
    """Bring the index up to the archive's latest change. Without any index, one is made.

    Ends with 1 where the index refused a document.

    \b
    Example: kliping index follow --wait 60
    """
    settings = context.settings()
    with context.archive(settings) as archive, plainly(), progress("Indexing") as tell:
        from indexer.follow import follow as bring_up

        done = bring_up(archive, engine(settings), lease_seconds=settings.lease_seconds, wait=wait, progress=tell)
    _report(done, json)


@app.command()
def retry(json: Json = False) -> None:
    """Send the documents that the index refused once more.

    \b
    Example: kliping index retry
    """
    settings = context.settings()
    with context.archive(settings) as archive, plainly():
        from indexer.follow import retry as send_again

        done = send_again(archive, engine(settings), lease_seconds=settings.lease_seconds)
    _report(done, json)


@app.command()
def failures(json: Json = False) -> None:
    """The documents that the index refused, and why.

    \b
    Example: kliping index failures
    """
    settings = context.settings()
    with context.archive(settings) as archive, plainly():
        from archive import indexes

        standing = engine(settings).current()
        with archive.reading() as connection:
            letters = indexes.dead_letters_of(connection, standing.uuid) if standing else ()
    if json:
        context.print_json(
            [
                {"id": letter.article_id, "seq": letter.seq, "reason": letter.reason, "at": letter.at.isoformat()}
                for letter in letters
            ]
        )
        return
    for letter in letters:
        typer.echo(f"{letter.article_id}  {letter.at.astimezone(settings.zone):%Y-%m-%d %H:%M}  {letter.reason}")
    if not letters:
        typer.echo("No document was refused.")


@app.command(name="list")
def list_(json: Json = False) -> None:
    """Every index of the alias: the one that is searched, previous ones, one being built.

    \b
    Example: kliping index list
    """
    settings = context.settings()
    with context.archive(settings) as archive, plainly():
        from indexer.status import listing

        found = listing(archive, engine(settings))
    if json:
        context.print_json(
            [
                {
                    "name": each.name,
                    "state": each.state,
                    "behind_alias": each.behind_alias,
                    "documents": each.documents,
                    "cursor": each.cursor,
                    "created_at": each.created_at.isoformat(),
                }
                for each in found
            ]
        )
        return
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("", "index", "state", "documents", "cursor"):
        table.add_column(column, no_wrap=True)
    for each in found:
        cells = (each.name, each.state, *("" if n is None else str(n) for n in (each.documents, each.cursor)))
        table.add_row("→" if each.behind_alias else "", *cells)
    context.console().print(table)


@app.command()
def rollback() -> None:
    """Search the previous index again, once it has every change up to now. A second rollback goes forth again.

    \b
    Example: kliping index rollback
    """
    settings = context.settings()
    with context.archive(settings) as archive, plainly():
        from indexer.rollback import rollback as go_back

        done = go_back(archive, engine(settings), lease_seconds=settings.lease_seconds)
    typer.echo(f"Searches see {done.index} again; {done.previous} is kept.")


@app.command()
def prune(keep: Annotated[int, typer.Option(min=0, help="How many previous indexes to keep.")] = 1) -> None:
    """Drop previous indexes and what killed runs left behind.

    \b
    Example: kliping index prune --keep 1
    """
    settings = context.settings()
    with context.archive(settings) as archive, plainly():
        from indexer.rollback import prune as drop_older

        dropped = drop_older(archive, engine(settings), keep, lease_seconds=settings.lease_seconds)
    for name in dropped:
        typer.echo(f"Dropped {name}.")
    if not dropped:
        typer.echo("There was nothing to drop.")


@app.command()
def drop(name: Annotated[str, typer.Argument(help="The index, as `kliping index list` shows it.")]) -> None:
    """Drop one index; never the one that is searched.

    \b
    Example: kliping index drop news-v1-20151218020000-0a1b2c3d
    """
    settings = context.settings()
    with context.archive(settings) as archive, plainly():
        from indexer.rollback import NoPreviousIndexError
        from indexer.rollback import drop as drop_one

        try:
            drop_one(archive, engine(settings), name, lease_seconds=settings.lease_seconds)
        except NoPreviousIndexError as error:
            context.fail(str(error))
    typer.echo(f"Dropped {name}.")


def _report(done: FollowResult, json: bool) -> None:
    from dataclasses import asdict

    if json:
        context.print_json(asdict(done))
    elif done.held_by:
        typer.echo(f"{done.held_by} follows the index already; nothing was done.")
    else:
        parts = [f"{done.done} indexed"] + [
            f"{n} {what}" for n, what in ((done.deleted, "deleted"), (done.refused, "refused")) if n
        ]
        typer.echo(f"{', '.join(parts)}; the index is at change {done.cursor}.")
    if done.refused:
        if not json:
            typer.echo("`kliping index failures` shows why documents were refused.", err=True)
        raise typer.Exit(context.NEEDS_ATTENTION)


def _rows(values: dict[str, object]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for name, value in values.items():
        if value is not None:
            table.add_row(name, str(value))
    context.console().print(table)
