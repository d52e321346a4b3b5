"""`kliping archive`: what the archive holds, and whether it is intact."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from archive.articles import count_archive
from archive.leases import LeaseLostError
from archive.run import LeaseHeldError
from ingest.pool import ReaderDiedError, ReaderPool, cores
from ingest.reextract import ReextractReport
from ingest.reextract import reextract as read_again
from kliping.cli import context, output
from kliping.cli.archive_changes import changes
from kliping.cli.archive_verify import verify
from kliping.cli.following import follow_quietly
from kliping.cli.found import print_flags
from kliping.cli.index import progress
from kliping.cli.output import Column, Json

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings

app = typer.Typer(help="The archive itself: stats, changes, verify and more.", no_args_is_help=True)


@app.command()
def stats(json: Json = False) -> None:
    """How much the archive holds, by source.

    \b
    Example: kliping archive stats
    """
    settings = context.settings()
    with context.archive(settings) as archive:
        size = count_archive(archive)
    if json:
        output.print_json(
            {
                "articles": size.articles,
                "versions": size.versions,
                "pages": size.pages,
                "addresses": size.addresses,
                "last_seq": size.last_seq,
                "sources": [
                    {"source": source, "articles": count, "first": str(first), "last": str(last)}
                    for source, count, first, last in size.by_source
                ],
            }
        )
        return
    typer.echo(
        f"{size.articles} articles in {size.versions} versions, {size.pages} kept pages, {size.addresses} addresses, "
        f"last change {size.last_seq}."
    )
    if size.by_source:
        output.print_table(("source", Column("articles", right=True), "first", "last"), size.by_source)


app.command()(verify)
app.command()(changes)


@app.command()
def reextract(
    source: Annotated[str | None, typer.Option(metavar="SOURCE", help="Only this source's articles.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Reader processes; by default one per core.")] = None,
    json: Json = False,
) -> None:
    """Read every kept page again with today's readers.

    Saves what they read differently, and indexes it. Nothing is fetched. Changed content is a new version of the same
    fetch. An article that today's readers refuse stays as it is and is named; the command then ends with 1.

    \b
    Example: kliping archive reextract --source newsstand
    """
    settings = context.settings()
    with context.archive(settings, writes=True) as archive:
        if source and not archive_size(archive, source):
            known = ", ".join(sorted(name for name, *_ in count_archive(archive).by_source))
            context.fail(f"The archive has no article of a source {source!r}; it has articles of: {known or 'none'}.")
        report = reread(settings, archive, source, workers)
        needs_look = follow_quietly(settings, archive)
    if json:
        output.print_json(asdict(report))
    else:
        print_rereading(report)
    if report.problems or needs_look:
        raise typer.Exit(context.NEEDS_ATTENTION)


def reread(settings: Settings, archive: Archive, source: str | None, workers: int | None) -> ReextractReport:
    """Re-extract with a progress bar. Exits with status 1 if that is not possible now."""
    total = archive_size(archive, source)
    try:
        with ReaderPool(workers or cores()) as readers, progress("Reading") as show_progress:
            return read_again(
                archive,
                readers,
                source=source,
                lease_seconds=settings.lease_seconds,
                report_progress=lambda done: show_progress(done, total),
            )
    except LeaseHeldError as error:
        context.fail(f"{error} Run this command again when it has ended.", context.NEEDS_ATTENTION)
    except (LeaseLostError, ReaderDiedError) as error:
        context.fail(str(error), context.NEEDS_ATTENTION)


def archive_size(archive: Archive, source: str | None) -> int:
    """How many articles the archive has, of one source or of all."""
    return sum(count for name, count, _, _ in count_archive(archive).by_source if source in (None, name))


def print_rereading(report: ReextractReport) -> None:
    """Print the result of a re-extraction for people."""
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report.outcomes.items())
    typer.echo(f"{sum(report.outcomes.values())} articles read again: {counts or 'none has a kept page'}.")
    for name, count in report.fields.items():
        typer.echo(f"  {name:24} changed in {count}")
    print_flags(report.flags)
    for address, outcome, detail in report.problems:
        typer.echo(f"  {outcome}  {address}  {detail or ''}")


@app.command()
def migrate() -> None:
    """Bring the archive's tables up to date.

    Every command does this by itself when it opens the archive; this one only says that it is done.

    \b
    Example: kliping archive migrate
    """
    settings = context.settings()
    with context.archive(settings, writes=True) as archive:
        typer.echo(f"The archive {archive.identity.archive_id} is up to date.")
