"""`kliping show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kliping.cli import context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from archive.articles import StoredArticle, Version


def show(
    wanted: Annotated[
        str, typer.Argument(metavar="ID", help="An id, the first eight characters of one, or an address.")
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="What changed from version to version.")] = False,
) -> None:
    """One article as the archive holds it: its fields, where each was found, and its versions.

    \b
    Example: kliping show 1f3a9c20
    """
    settings = context.settings()
    with context.archive(settings) as archive, archive.reading() as connection:
        from archive.articles import NoSuchArticleError, find, versions_of

        try:
            held = find(connection, wanted)
        except NoSuchArticleError as error:
            context.fail(str(error), context.NEEDS_ATTENTION)
        versions = versions_of(connection, held.article.id)
    if json:
        context.print_json(as_json(held, versions))
    elif diff:
        _print_diff(versions)
    else:
        _print(held, versions)


def as_json(held: StoredArticle, versions: Sequence[Version]) -> dict[str, Any]:
    """The contract of `show --json`: the article, with its version, place in the log, family, status and history."""
    return held.article.as_json() | {
        "version": held.version,
        "seq": held.seq,
        "family": None,
        "status": str(held.status),
        "first_saved": held.first_saved.isoformat(),
        "last_saved": held.last_saved.isoformat(),
        "last_seen": held.last_seen.isoformat(),
        "versions": [
            {
                "version": each.version,
                "content_hash": each.content_hash,
                "fetched_at": each.fetched_at.isoformat() if each.fetched_at else None,
                "saved_at": each.saved_at.isoformat(),
                "run": each.run_id,
                "reader": each.reader,
                "warc": {"file": each.page[0], "offset": each.page[1]} if each.page else None,
            }
            for each in versions
        ],
    }


def _print(held: StoredArticle, versions: Sequence[Version]) -> None:
    from rich.table import Table

    article = held.article
    console = context.console()
    console.print(article.title, style="bold", markup=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_column(style="dim")
    rows: list[tuple[str, object, str | None]] = [
        ("id", article.id, None),
        ("address", article.url, None),
        ("source", article.source, None),
        ("published", _moment(article.published_at, str(article.published_precision)), article.published_from),
        ("printed", article.published_printed, None),
        ("modified", article.modified_at, None),
        ("dateline", article.dateline.text if article.dateline else None, None),
        ("place", _place(article), None),
        ("authors", ", ".join(article.authors), article.provenance.get("authors")),
        ("editors", ", ".join(article.editors), article.provenance.get("editors")),
        ("agency", article.agency, None),
        ("credit", article.credit, None),
        ("section", article.section, article.provenance.get("section")),
        ("tags", ", ".join(article.tags), article.provenance.get("tags")),
        ("flags", ", ".join(article.flags), None),
        ("status", held.status, None),
        ("version", f"{held.version} of {len(versions)}, seq {held.seq}", None),
    ]
    for name, value, where in rows:
        if value:
            table.add_row(name, str(value), where or "")
    console.print(table)
    for image in article.images:
        if image.caption:
            console.print(f"\n[Foto] {image.caption}", style="italic", markup=False)
    for paragraph in article.body:
        console.print(f"\n{paragraph}", markup=False)


def _moment(value: object, precision: str) -> str:
    return f"{value} ({precision})"


def _place(article: Any) -> str | None:
    line = article.dateline
    if line is None:
        return None
    return ", ".join(part for part in (line.canonical or line.place, line.province, line.country) if part) or None


def _print_diff(versions: Sequence[Version]) -> None:
    from difflib import unified_diff
    from itertools import pairwise

    if len(versions) == 1:
        typer.echo("There is one version; nothing has changed.")
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
