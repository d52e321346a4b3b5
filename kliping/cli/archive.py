"""`kliping archive`: what the archive holds, and whether it is intact."""

from __future__ import annotations

import typer

from archive.articles import count_archive
from kliping.cli import context, output
from kliping.cli.archive_changes import changes
from kliping.cli.archive_export import export
from kliping.cli.archive_reextract import reextract
from kliping.cli.archive_verify import verify
from kliping.cli.output import Column, Json

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
app.command()(export)


app.command()(reextract)


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
