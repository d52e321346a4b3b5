"""`kliping archive`: what the archive holds, and whether it is intact."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from archive import published_days
from archive.articles import ArchiveCounts, count_archive
from kliping.cli import context, output
from kliping.cli.archive_backup import backup, restore
from kliping.cli.archive_changes import changes
from kliping.cli.archive_export import export
from kliping.cli.archive_forget import forget, forgotten
from kliping.cli.archive_move import move
from kliping.cli.archive_reextract import reextract
from kliping.cli.archive_verify import verify
from kliping.cli.families import families
from kliping.cli.output import Column, Json

if TYPE_CHECKING:
    from archive.database import Archive

app = typer.Typer(help="The archive itself: stats, changes, families, verify and more.", no_args_is_help=True)


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
    sizes = count_archive(archive).by_source
    if source not in {name for name, _ in sizes}:
        known = ", ".join(name for name, _ in sizes)
        context.fail(f"The archive has no article of a source {source!r}; it has articles of: {known or 'none'}.")


app.command()(verify)
app.command()(changes)
app.command()(export)


app.command()(families)
app.command()(reextract)
app.command()(backup)
app.command()(restore)
app.command()(forget)
app.command()(forgotten)
app.command()(move)


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
