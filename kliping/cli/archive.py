"""`kliping archive`: what the archive holds, and whether it is intact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from archive import published_days
from archive.articles import ArchiveCounts, count_archive
from archive.leases import LeaseLostError
from archive.run import LeaseHeldError
from ingest.pool import ReaderDiedError, ReaderPool, cores
from ingest.reextract import ReextractReport
from ingest.reextract import reextract as read_again
from kliping.cli import context, output
from kliping.cli.archive_verify import verify
from kliping.cli.families import families
from kliping.cli.following import follow_quietly
from kliping.cli.found import print_flags
from kliping.cli.index import progress
from kliping.cli.output import Column, Json

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings

app = typer.Typer(help="The archive itself: stats, families, verify, reextract, migrate.", no_args_is_help=True)
app.command()(families)


class By(StrEnum):
    """What `archive stats` counts by."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"


@app.command()
def stats(
    by: Annotated[By | None, typer.Option(help="Count the articles of each day, month or year, too.")] = None,
    source: Annotated[str | None, typer.Option(metavar="SOURCE", help="Only this source, with --by.")] = None,
    json: Json = False,
) -> None:
    """How much the archive holds, by source.

    Days are those that the articles print, in their own zones, as in `kliping search`.

    \b
    Example: kliping archive stats --by month
    """
    if source and by is None:
        raise typer.BadParameter("--source goes with --by.")
    settings = context.settings()
    with context.archive(settings) as archive:
        size = count_archive(archive)
        if source:
            _require_articles(archive, source)
        with archive.reading() as connection:
            days = published_days.first_and_last_days(connection)
            counts = published_days.count_by(connection, published_days.CountPeriod[by.name], source) if by else {}
    rows = [(name, count, *(days.get(name) or (None, None))) for name, count in size.by_source]
    periods = [(period, name, count) for (period, name), count in counts.items()]
    if json:
        output.print_json(_stats_as_json(size, rows) | ({f"by_{by}": _as_objects(periods, by)} if by else {}))
        return
    typer.echo(
        f"{size.articles} articles in {size.versions} versions, {size.pages} kept pages, {size.addresses} addresses, "
        f"last change {size.last_seq}."
    )
    if rows:
        output.print_table(("source", Column("articles", right=True), "first", "last"), rows)
    if by and periods:
        output.print_table((str(by), "source", Column("articles", right=True)), periods)


def _stats_as_json(size: ArchiveCounts, rows: Sequence[tuple[str, int, str | None, str | None]]) -> dict[str, object]:
    return {
        "articles": size.articles,
        "versions": size.versions,
        "pages": size.pages,
        "addresses": size.addresses,
        "last_seq": size.last_seq,
        "sources": [dict(zip(("source", "articles", "first", "last"), row, strict=True)) for row in rows],
    }


def _as_objects(periods: Sequence[tuple[str, str, int]], by: By) -> list[dict[str, object]]:
    return [{str(by): period, "source": name, "articles": count} for period, name, count in periods]


def _require_articles(archive: Archive, source: str) -> None:
    """Exit with status 2 if the archive has no article of a source."""
    if not archive_size(archive, source):
        known = ", ".join(name for name, _ in count_archive(archive).by_source)
        context.fail(f"The archive has no article of a source {source!r}; it has articles of: {known or 'none'}.")


app.command()(verify)


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
    with context.long_work(), context.archive(settings, writes=True) as archive:
        if source:
            _require_articles(archive, source)
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
    return sum(count for name, count in count_archive(archive).by_source if source in (None, name))


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
