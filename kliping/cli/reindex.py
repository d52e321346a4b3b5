"""`kliping reindex`."""

from __future__ import annotations

from typing import Annotated

import typer

from kliping.cli import context
from kliping.cli.index import Json, engine, plainly, progress


def reindex(
    keep: Annotated[int, typer.Option(min=0, help="How many previous indexes to keep for a rollback.")] = 1,
    from_kept_pages: Annotated[
        bool, typer.Option("--from-kept-pages", help="First read every kept page again (archive reextract).")
    ] = False,
    json: Json = False,
) -> None:
    """Build the search index anew from the archive, beside the one that is searched, and swap them in one step.

    Searches go on meanwhile and never see a gap. Killed anywhere, the next reindex goes on where it was. The index
    that was searched before is kept: `kliping index rollback` goes back to it. Ends with 1 where documents were
    refused, or where the new index is not what the archive says and was not taken.

    \b
    Example: kliping reindex --keep 2
    """
    settings = context.settings()
    with context.archive(settings) as archive, plainly(), progress("Reindexing") as tell:
        from indexer.reindex import reindex as build

        if from_kept_pages:
            from kliping.cli.archive import print_rereading, reread

            report = reread(settings, archive, None, None)
            if not json:
                print_rereading(report)

        def at(step: str, fraction: float) -> None:
            if step == "fill":
                changes = archive.last_seq()
                tell(round(fraction * changes), changes)

        done = build(archive, engine(settings), keep=keep, lease_seconds=settings.lease_seconds, on_step=at)
    if json:
        from dataclasses import asdict

        context.print_json(asdict(done))
    else:
        typer.echo(
            f"Searches see {done.index} now: {done.documents} documents" + (", resumed." if done.resumed else ".")
        )
        if done.previous:
            typer.echo(f"{done.previous} is kept; `kliping index rollback` goes back to it.")
        for name in done.dropped:
            typer.echo(f"Dropped {name}.")
    if done.dead_letters:
        typer.echo(f"{done.dead_letters} documents were refused: `kliping index failures` shows why.", err=True)
        raise typer.Exit(context.NEEDS_ATTENTION)
