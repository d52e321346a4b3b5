"""`kliping show`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from archive.edits import CorrectionLinks, corrections_of
from archive.families.members import family_of
from archive.finding import SHORTEST, AmbiguousIdError, NoSuchArticleError, find
from archive.history import Cause
from archive.versions import LostVersionError, lost_versions, versions_of
from kliping.cli import context, output, show_diff
from kliping.cli.article_json import as_json
from kliping.cli.families import print_family
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
    between: Annotated[
        str | None, typer.Argument(metavar="[A..B]", help="With --diff: the two versions to compare.")
    ] = None,
    json: Json = False,
    diff: Annotated[bool, typer.Option("--diff", help="What changed from version to version, word by word.")] = False,
    related: Annotated[bool, typer.Option("--related", help="The articles that are most like it.")] = False,
) -> None:
    """Show one article: fields, where they were found, versions.

    ID is what `kliping search` prints, or an address in any form: with or without https://, www. or m., of the AMP or
    print page, or an old one.

    Of each field: where on the page it was found, and which other place of the page agrees ("selector; json-ld
    agrees"). Each flag comes with what it means (docs/flags.md).

    With --diff: headline, lede, text, dates, names and captions, word by word, between each two versions, or between
    those of A..B ("1..3", "2..", "3": what made version 3). In a pipe, [-old-]{+new+}.

    \b
    Example: kliping show 1f3a9c20 --diff 1..2
    """
    wanted = id_or_address.strip()
    if not wanted:
        context.fail("show needs an article's id or URL, like 1f3a9c20. See `kliping show --help`.")
    if between and not diff:
        if ".." in between:
            context.fail(f"{between} is for --diff. Add --diff, or leave it out.")
        context.fail(f"show takes only ID; {between!r} is too much. See `kliping show --help`.")
    settings = context.settings()
    with context.archive(settings) as archive, archive.reading() as connection:
        try:
            stored = _found(connection, wanted)
        except LostVersionError as error:
            context.fail(str(error), context.NEEDS_ATTENTION)
        versions = versions_of(connection, stored.article.id)
        lost = lost_versions(connection, stored.article.id)
        links = corrections_of(connection, stored.article)
        family = family_of(connection, stored.family) if stored.family else None
    if related:
        _print_related(settings, stored.article, json=json)
    elif diff:
        pairs = show_diff.chosen(versions, between)
        if json:
            output.print_json(show_diff.as_json(stored.article.id, pairs))
        else:
            show_diff.print_diff(pairs)
    elif json:
        output.print_json(as_json(stored, versions, lost, links, family))
    else:
        _print(stored, versions, links)
        if family:
            print_family(family, shown=stored.article.id)
    if lost:
        context.fail(_lost_in_words(lost), context.NEEDS_ATTENTION)


def _lost_in_words(lost: Sequence[int]) -> str:
    """Which versions are lost, and what to do."""
    names = ", ".join(map(str, lost))
    which = f"version {names}" if len(lost) == 1 else f"the versions {names}"
    remedy = "Run `kliping archive verify --mend`, which reads kept pages again."
    return f"The archive has lost {which} of this article. {remedy}"


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


def _print(stored: StoredArticle, versions: Sequence[Version], links: CorrectionLinks) -> None:
    article = stored.article
    console = output.console()
    console.print(article.title, style="bold")
    rows: list[tuple[str, str | None, object]] = [
        ("id", None, article.id),
        ("address", None, article.url),
        ("source", None, article.source),
        *((label, how_found(article.provenance.get(name)), value) for label, name, value in _values(article)),
        ("status", None, f"gone since {stored.gone_since:%Y-%m-%d %H:%M} UTC" if stored.gone_since else stored.status),
        ("version", None, f"{stored.version} of {stored.version}, seq {stored.seq}"),
        *_history(versions),
        ("corrects", None, links.corrects_id or article.corrects),
        ("corrected by", None, ", ".join(links.corrected_by)),
        *(("flag", flag, sentence) for flag, sentence in flag_rows(article.flags)),
    ]
    columns = (Column(dim=True, wrap=False), Column(dim=True, wrap=False), Column())
    output.print_table(columns, [row for row in rows if row[2]], header=False)
    for image in article.images:
        if image.caption:
            console.print(f"\n[Foto] {image.caption}", style="italic")
    for paragraph in article.body:
        console.print(f"\n{paragraph}")


def _history(versions: Sequence[Version]) -> Iterator[tuple[str, None, str]]:
    """A line for each of several versions: when it was seen first, and whether it is a re-reading of ours."""
    for each in versions if len(versions) > 1 else ():
        seen = f"seen {each.since:%Y-%m-%d %H:%M %Z}" if each.since else "time unknown"
        yield f"version {each.version}", None, f"{seen}{', read anew' if each.cause == Cause.REREAD else ''}"


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
