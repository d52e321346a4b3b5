"""`kliping archive`: what is held, and whether it is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kliping.cli import context

if TYPE_CHECKING:
    from typing import NoReturn

    from archive.database import Archive
    from ingest.reextract import ReextractReport
    from kliping.config import Settings

app = typer.Typer(help="The archive itself: stats, verify, reextract, migrate.", no_args_is_help=True)


@app.command()
def stats(json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False) -> None:
    """How much the archive holds, by source.

    \b
    Example: kliping archive stats
    """
    settings = context.settings()
    with context.archive(settings) as archive:
        from archive.articles import count_archive

        held = count_archive(archive)
    if json:
        context.print_json(
            {
                "articles": held.articles,
                "versions": held.versions,
                "pages": held.pages,
                "addresses": held.addresses,
                "last_seq": held.last_seq,
                "sources": [
                    {"source": source, "articles": count, "first": str(first), "last": str(last)}
                    for source, count, first, last in held.by_source
                ],
            }
        )
        return
    typer.echo(
        f"{held.articles} articles in {held.versions} versions, {held.pages} kept pages, {held.addresses} addresses, "
        f"last change {held.last_seq}."
    )
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("source", "articles", "first", "last"):
        table.add_column(column, justify="right" if column == "articles" else "left")
    for source, count, first, last in held.by_source:
        table.add_row(source, str(count), str(first), str(last))
    if held.by_source:
        context.console().print(table)


@app.command()
def verify() -> None:
    """Read back every kept page and every version, and say what does not hold. Ends with 1 where anything is wrong.

    \b
    Example: kliping archive verify
    """
    settings = context.settings()
    with context.archive(settings) as archive:
        from archive.verify import verify as verify_archive

        found = verify_archive(archive)
    for sentence in found.wrong:
        typer.echo(sentence)
    typer.echo(f"{found.pages} kept pages and {found.versions} versions read; {len(found.wrong)} are wrong.")
    if found.wrong:
        raise typer.Exit(context.NEEDS_ATTENTION)


@app.command()
def reextract(
    source: Annotated[str | None, typer.Option(help="One source's articles alone.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that read; without it, one a core.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False,
) -> None:
    """Run today's readers over every kept page, save what they read otherwise, and index it. Nothing is fetched.

    Changed content is a new version of the same fetch. An article that today's readers refuse stays as it is and is
    named; then the command ends with 1.

    \b
    Example: kliping archive reextract --source newsstand
    """
    from kliping.cli.following import follow_quietly

    settings = context.settings()
    with context.archive(settings) as archive:
        if source and not archive_size(archive, source):
            _no_articles_of(archive, source)
        report = reread(settings, archive, source, workers)
        behind = follow_quietly(settings, archive)
    if json:
        from dataclasses import asdict

        context.print_json(asdict(report))
    else:
        print_rereading(report)
    if report.problems or behind:
        raise typer.Exit(context.NEEDS_ATTENTION)


def _no_articles_of(archive: Archive, source: str) -> NoReturn:
    from archive.articles import count_archive

    there = ", ".join(sorted(name for name, *_ in count_archive(archive).by_source))
    context.fail(f"The archive holds no article of a source {source!r}; it holds those of: {there or 'none'}.")


def reread(settings: Settings, archive: Archive, source: str | None, workers: int | None) -> ReextractReport:
    """Re-extract with a progress line; ends with one sentence where that cannot be done now."""
    from archive.leases import LeaseLostError
    from archive.run import LeaseHeldError
    from ingest.pool import ReaderDiedError, ReaderPool, cores
    from ingest.reextract import reextract as read_again
    from kliping.cli.index import progress

    total = archive_size(archive, source)
    try:
        with ReaderPool(workers or cores()) as readers, progress("Reading") as tell:
            return read_again(
                archive,
                readers,
                source=source,
                lease_seconds=settings.lease_seconds,
                report_progress=lambda done: tell(done, total),
            )
    except (LeaseHeldError, LeaseLostError, ReaderDiedError) as error:
        context.fail(str(error), context.NEEDS_ATTENTION)


def archive_size(archive: Archive, source: str | None) -> int:
    """How many articles the archive holds, of all sources or of one."""
    from archive.articles import count_archive

    held = count_archive(archive)
    return sum(count for name, count, _, _ in held.by_source if source in (None, name))


def print_rereading(report: ReextractReport) -> None:
    """What a re-extraction came to, for people."""
    told = ", ".join(f"{count} {outcome}" for outcome, count in report.outcomes.items())
    typer.echo(f"{sum(report.outcomes.values())} articles read again: {told or 'none has a kept page'}.")
    for name, count in report.fields.items():
        typer.echo(f"  {name:24} changed in {count}")
    for address, outcome, detail in report.problems:
        typer.echo(f"  {outcome}  {address}  {detail or ''}")


@app.command()
def migrate() -> None:
    """Bring the archive's tables up to date. Every command does so by itself; this one only says that it is done.

    \b
    Example: kliping archive migrate
    """
    settings = context.settings()
    with context.archive(settings) as archive:
        typer.echo(f"The archive {archive.identity.archive_id} is up to date.")
