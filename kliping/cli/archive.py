"""`kliping archive`: what is held, and whether it is whole."""

from __future__ import annotations

from typing import Annotated

import typer

from kliping.cli import context

app = typer.Typer(help="The archive itself: stats, verify, migrate.", no_args_is_help=True)


@app.command()
def stats(json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False) -> None:
    """How much the archive holds, by source.

    \b
    Example: kliping archive stats
    """
    settings = context.settings()
    with context.archive(settings) as archive:
        from archive.articles import statistics

        held = statistics(archive)
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
def migrate() -> None:
    """Bring the archive's tables up to date. Every command does so by itself; this one only says that it is done.

    \b
    Example: kliping archive migrate
    """
    settings = context.settings()
    with context.archive(settings) as archive:
        typer.echo(f"The archive {archive.identity.archive_id} is up to date.")
