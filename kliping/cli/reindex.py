"""`kliping reindex`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from archive import ending
from indexer.reindex import reindex as build
from kliping.cli import context, output
from kliping.cli.archive_reextract import print_rereading, reread
from kliping.cli.index import engine, index_errors, progress
from kliping.cli.output import Json


def reindex(
    keep: Annotated[int, typer.Option(min=0, help="How many previous indexes to keep for a rollback.")] = 1,
    accept_fewer: Annotated[
        bool, typer.Option("--accept-fewer", help="Swap even if the new index lacks documents of the present one.")
    ] = False,
    from_kept_pages: Annotated[
        bool, typer.Option("--from-kept-pages", help="First read every kept page again (archive reextract).")
    ] = False,
    json: Json = False,
) -> None:
    """Build a new search index from the archive, then swap.

    Searches continue on the old index meanwhile, and never see a gap. A reindex that was ended (Ctrl-C) or killed
    resumes when it is started again. The old index is kept (see --keep): `kliping index rollback` goes back to it. The
    new index is not swapped in if it does not agree with the archive, lacks documents of the index that is searched
    now, or refuses every document. Ends with 1 then, and if documents were refused.

    \b
    Example: kliping reindex --keep 2
    """
    settings = context.settings()
    opened = context.archive(settings, writes=True)
    with context.long_work(), opened as archive, index_errors(), progress("Reindexing") as show_progress:
        if from_kept_pages:
            report = reread(settings, archive, None, None)
            if not json:
                print_rereading(report)

        def at(step: str, fraction: float) -> None:
            if step == "fill":
                changes = archive.last_seq()
                show_progress(round(fraction * changes), changes)

        done = build(
            archive,
            engine(settings),
            keep=keep,
            accept_fewer=accept_fewer,
            lease_seconds=settings.lease_seconds,
            on_step=at,
            stop=ending.asked,
        )
    if json:
        output.print_json(asdict(done))
    else:
        resumed = ", resumed" if done.resumed else ""
        typer.echo(f"Searches now use {done.index}: {done.documents} documents{resumed}.")
        if done.rollback_to:
            typer.echo(f"{done.rollback_to} is kept; `kliping index rollback` goes back to it.")
        elif done.previous and done.previous not in done.dropped:
            typer.echo(
                f"{done.previous} was searched before. It is damaged or does not match this archive, so there is "
                "no rollback to it; "
                f"`kliping index drop {done.previous}` removes it."
            )
        for name in done.dropped:
            typer.echo(f"Dropped {name}.")
    if done.dead_letters:
        typer.echo(f"The index refused {done.dead_letters} documents. `kliping index failures` shows why.", err=True)
        raise typer.Exit(context.NEEDS_ATTENTION)
