"""`kliping show`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

import typer

from archive.finding import SHORTEST, AmbiguousIdError, NoSuchArticleError, find
from archive.versions import LostVersionError, versions_of
from kliping.cli import context, output
from kliping.cli.article_json import as_json
from kliping.cli.found import flag_rows, how_found
from kliping.cli.output import Column, Json

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from archive.articles import StoredArticle
    from archive.records import Article
    from archive.versions import Version
    from kliping.config import Settings

RELATED = 10
"""Articles that `--related` prints at most."""


def show(
    id_or_address: Annotated[
        str,
        typer.Argument(metavar="ID", help="An id, its first eight characters, or any address of the article."),
    ],
    json: Json = False,
    diff: Annotated[bool, typer.Option("--diff", help="What changed from version to version.")] = False,
    related: Annotated[bool, typer.Option("--related", help="The articles that are most like it.")] = False,
) -> None:
    """Show one article: fields, where they were found, versions.

    ID is what `kliping search` prints, or an address in any form: with or without https://, www. or m., of the AMP or
    print page, or an old one.

    Of each field: where on the page it was found, and which other place of the page agrees ("selector; json-ld
    agrees"). Each flag comes with what it means (docs/flags.md).

    \b
    Example: kliping show 1f3a9c20
    """
    wanted = id_or_address.strip()
    if not wanted:
        context.fail("show needs an article's id or URL, like 1f3a9c20. See `kliping show --help`.")
    settings = context.settings()
    with context.archive(settings) as archive, archive.reading() as connection:
        try:
            stored = _found(connection, wanted)
            versions = versions_of(connection, stored.article.id)
        except LostVersionError as error:
            context.fail(str(error), context.NEEDS_ATTENTION)
    if related:
        _print_related(settings, stored.article, json=json)
    elif json:
        output.print_json(as_json(stored, versions))
    elif diff:
        _print_diff(versions)
    else:
        _print(stored, versions)


def _found(connection: Connection, wanted: str) -> StoredArticle:
    """The article; exits with status 1 if there is none, or more than one."""
    try:
        return find(connection, wanted)
    except AmbiguousIdError as error:
        typer.echo(error, err=True)
        for each in error.candidates:
            typer.echo(f"  {each.id}  {each.published[:10]}  {each.source}  {each.title}", err=True)
        if error.more:
            typer.echo("  … and more", err=True)
        raise typer.Exit(context.NEEDS_ATTENTION) from error
    except NoSuchArticleError as error:
        short = len(wanted) < SHORTEST and wanted.isalnum()
        problem = f"{wanted} is too short. Give the first {SHORTEST} characters of an id." if short else error
        context.fail(f"{problem} `kliping search` shows the ids of articles.", context.NEEDS_ATTENTION)


def _print_related(settings: Settings, article: Article, *, json: bool) -> None:
    from kliping.cli.search import print_hit, related_hits  # the index is not needed elsewhere

    hits = related_hits(settings, article.id, RELATED)
    if json:
        output.print_json([hit.as_json() for hit in hits])
        return
    if not hits:
        typer.echo(f"The index has no article like {article.title!r}.")
    for hit in hits:
        print_hit(output.console(), hit)


def _print(stored: StoredArticle, versions: Sequence[Version]) -> None:
    article = stored.article
    console = output.console()
    console.print(article.title, style="bold")
    rows: list[tuple[str, str | None, object]] = [
        ("id", None, article.id),
        ("address", None, article.url),
        ("source", None, article.source),
        *((label, how_found(article.provenance.get(name)), value) for label, name, value in _values(article)),
        ("status", None, stored.status),
        ("version", None, f"{stored.version} of {len(versions)}, seq {stored.seq}"),
        *(("flag", flag, sentence) for flag, sentence in flag_rows(article.flags)),
    ]
    columns = (Column(dim=True, wrap=False), Column(dim=True, wrap=False), Column())
    output.print_table(columns, [row for row in rows if row[2]], header=False)
    for image in article.images:
        if image.caption:
            console.print(f"\n[Foto] {image.caption}", style="italic")
    for paragraph in article.body:
        console.print(f"\n{paragraph}")


def _values(article: Article) -> Iterator[tuple[str, str, object]]:
    """Label, key in `provenance`, and value of each field that was found on the page."""
    characters = sum(map(len, article.body))
    captions = sum(bool(image.caption) for image in article.images)
    yield "title", "title", article.title
    yield "published", "published_at", f"{article.published_at} ({article.published_precision})"
    yield "printed", "", article.published_printed
    yield "modified", "modified_at", article.modified_at
    yield "dateline", "dateline", article.dateline.text if article.dateline else None
    yield "place", "", _place(article)
    yield "authors", "authors", ", ".join(article.authors)
    yield "editors", "editors", ", ".join(article.editors)
    yield "agency", "agency", article.agency
    yield "credit", "credit", article.credit
    yield "section", "section", article.section
    yield "tags", "tags", ", ".join(article.tags)
    yield "text", "body", f"{len(article.body)} paragraphs, {characters:,} characters" if article.body else None
    yield "captions", "captions", f"{captions} below" if captions else None


def _place(article: Article) -> str | None:
    line = article.dateline
    if line is None:
        return None
    return ", ".join(part for part in (line.canonical or line.place, line.province, line.country) if part) or None


def _print_diff(versions: Sequence[Version]) -> None:
    if len(versions) == 1:
        typer.echo("There is only one version, so nothing has changed.")
    for older, newer in pairwise(versions):
        lines = unified_diff(
            _lines(older),
            _lines(newer),
            f"version {older.version}, {older.saved_at.isoformat()}",
            f"version {newer.version}, {newer.saved_at.isoformat()}",
            lineterm="",
        )
        typer.echo("\n".join(lines))


def _lines(version: Version) -> list[str]:
    article = version.article
    head = [article.title, article.published_at.isoformat(), ", ".join(article.authors), article.agency or ""]
    return [*head, *(image.caption or "" for image in article.images), *article.body]
