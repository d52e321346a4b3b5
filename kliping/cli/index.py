"""`kliping index`: the search index, which can always be rebuilt from the archive."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from archive import ending, indexes
from archive.leases import LeaseLostError
from indexer import rollback as previous
from indexer.contract import SearchError
from indexer.engines import UnknownEngineError, index_of
from indexer.follow import FollowResult
from indexer.follow import follow as bring_up_to_date
from indexer.follow import retry as send_again
from indexer.status import listing
from indexer.status import status as status_of
from kliping.cli import context, output
from kliping.cli.following import tell_watches
from kliping.cli.output import Column, Csv, Json, Jsonl, OutputFormat

if TYPE_CHECKING:
    from indexer.contract import SearchIndex
    from kliping.config import Settings

app = typer.Typer(help="The search index: list, status, follow, rollback and more.", no_args_is_help=True)


def engine(settings: Settings) -> SearchIndex:
    """The search engine that the settings name. Exits with status 2 if they name none."""
    try:
        return index_of(settings)
    except UnknownEngineError as error:
        context.fail(str(error))


@contextmanager
def index_errors() -> Iterator[None]:
    """Turn an error of the index into its message and status 1."""
    try:
        yield
    except (SearchError, LeaseLostError) as error:
        context.fail(str(error), context.NEEDS_ATTENTION)


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """On a terminal, a progress bar with rate and time left. Yields a function that takes the changes done and all."""
    if not sys.stderr.isatty():
        yield lambda done, total: None  # noqa: ARG005  the signature is the caller's
        return
    with output.progress_bar(counted=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@app.command(name="list")
def list_(json: Json = False, jsonl: Jsonl = False, csv: Csv = False) -> None:
    """All indexes of the alias: searched, previous, being built.

    \b
    Example: kliping index list
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    with context.archive(settings) as archive, index_errors():
        found = listing(archive, engine(settings))
    if form is not OutputFormat.TABLE:
        output.print_records(
            form,
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
            ],
        )
        return
    output.print_table(
        [Column(heading, wrap=False) for heading in ("", "index", "state", "documents", "cursor")],
        [("→" if each.behind_alias else "", each.name, each.state, each.documents, each.cursor) for each in found],
    )


@app.command()
def status(json: Json = False) -> None:
    """The searched index: what it was made for, its lag, its refusals.

    Ends with 1 if documents were refused or a reindex is needed.

    \b
    Example: kliping index status
    """
    settings = context.settings()
    with context.archive(settings) as archive, index_errors():
        seen = status_of(archive, engine(settings))
    if json:
        output.print_json(seen.as_json())
    else:
        made_for = (seen.made_for or {}).items()
        output.print_fields(
            {
                "alias": f"{seen.alias} ({seen.engine})",
                "index": seen.index or "none yet; `kliping index follow` makes one",
                "made for": ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in made_for) or None,
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
    wait: Annotated[float, typer.Option(min=0, help="Seconds to wait for another process that is following.")] = 0.0,
    new: Annotated[
        bool, typer.Option("--new", help="Make an empty archive first, where none is yet: for a service's first start.")
    ] = False,
    json: Json = False,
) -> None:
    """Bring the index up to the archive's latest change.

    If there is no index yet, it is made. Ends with 1 if the index refused a document. Ctrl-C ends it after the batch
    under way; the next follow goes on there.

    \b
    Example: kliping index follow --wait 60
    """
    settings = context.settings()
    opened = context.archive(settings, creates=new, writes=True)
    with context.long_work(), opened as archive, index_errors(), progress("Indexing") as show_progress:
        index = engine(settings)
        done = bring_up_to_date(
            archive,
            index,
            lease_seconds=settings.lease_seconds,
            wait=wait,
            progress=show_progress,
            stop=ending.asked,
        )
        if not done.held_by:
            tell_watches(settings, archive, index)
    _report(done, json)


@app.command()
def rollback() -> None:
    """Search the previous index again, once it is up to date.

    A second rollback goes forward again.

    \b
    Example: kliping index rollback
    """
    settings = context.settings()
    with context.archive(settings, writes=True) as archive, index_errors():
        try:
            done = previous.rollback(archive, engine(settings), lease_seconds=settings.lease_seconds)
        except previous.NoPreviousIndexError as error:
            remedy = "`kliping reindex` builds a new index and keeps the present one."
            context.fail(f"{error} {remedy}", context.NEEDS_ATTENTION)
    typer.echo(f"Searches now use {done.index} again; {done.previous} is kept.")


@app.command()
def failures(json: Json = False, jsonl: Jsonl = False, csv: Csv = False) -> None:
    """The documents that the index refused, and why.

    \b
    Example: kliping index failures
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    with context.archive(settings) as archive, index_errors():
        searched = engine(settings).current()
        with archive.reading() as connection:
            letters = indexes.dead_letters_of(connection, searched.uuid) if searched else ()
    if form is not OutputFormat.TABLE:
        output.print_records(
            form,
            [
                {"id": letter.article_id, "seq": letter.seq, "reason": letter.reason, "at": letter.at.isoformat()}
                for letter in letters
            ],
        )
        return
    for letter in letters:
        typer.echo(f"{letter.article_id}  {letter.at.astimezone(settings.zone):%Y-%m-%d %H:%M}  {letter.reason}")
    if not letters:
        typer.echo("No document was refused.")


@app.command()
def retry(json: Json = False) -> None:
    """Send the documents again that the index refused.

    \b
    Example: kliping index retry
    """
    settings = context.settings()
    with context.archive(settings, writes=True) as archive, index_errors():
        done = send_again(archive, engine(settings), lease_seconds=settings.lease_seconds)
    _report(done, json)


@app.command()
def prune(keep: Annotated[int, typer.Option(min=0, help="How many previous indexes to keep.")] = 1) -> None:
    """Drop previous indexes, and unfinished ones of killed runs.

    \b
    Example: kliping index prune --keep 1
    """
    settings = context.settings()
    with context.archive(settings, writes=True) as archive, index_errors():
        dropped = previous.prune(archive, engine(settings), keep, lease_seconds=settings.lease_seconds)
    for name in dropped:
        typer.echo(f"Dropped {name}.")
    if not dropped:
        typer.echo("There was nothing to drop.")


@app.command()
def drop(
    name: Annotated[str, typer.Argument(metavar="INDEX", help="The index, as `kliping index list` shows it.")],
) -> None:
    """Drop one index; never the searched one.

    \b
    Example: kliping index drop news-v1-20151218020000-0a1b2c3d
    """
    settings = context.settings()
    with context.archive(settings, writes=True) as archive, index_errors():
        try:
            previous.drop(archive, engine(settings), name, lease_seconds=settings.lease_seconds)
        except previous.NoPreviousIndexError as error:
            context.fail(str(error))
    typer.echo(f"Dropped {name}.")


def _report(done: FollowResult, json: bool) -> None:
    if json:
        output.print_json(asdict(done))
    elif done.held_by:
        typer.echo(f"{done.held_by} follows the index already; nothing was done.")
    else:
        counts = ((done.deleted, "deleted"), (done.refused, "refused"))
        parts = [f"{done.done} indexed", *(f"{count} {what}" for count, what in counts if count)]
        typer.echo(f"{', '.join(parts)}; the index is at change {done.cursor}.")
    if done.stopped and not json:
        typer.echo(f"{ending.signal_name()} ended it; the next `kliping index follow` goes on there.", err=True)
    if done.refused:
        if not json:
            typer.echo("`kliping index failures` shows why documents were refused.", err=True)
        raise typer.Exit(context.NEEDS_ATTENTION)
