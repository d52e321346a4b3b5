"""Families for people: `kliping archive families`, and the copies that `kliping show` lists."""

from __future__ import annotations

from datetime import date, datetime, time, tzinfo
from typing import TYPE_CHECKING, Annotated

import typer

from archive.families.members import beginning, family_of, largest
from kliping.cli import context, output
from kliping.cli.output import Column, Json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.families.members import Member, StoryFamily


def families(
    family: Annotated[
        str | None, typer.Argument(metavar="FAMILY", help="The id of one family, or its beginning.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="Stories first published on or after this day, as in 2015-12-18.")
    ] = None,
    source: Annotated[str | None, typer.Option(metavar="SOURCE", help="Stories that this source ran.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many families to print.")] = 20,
    json: Json = False,
) -> None:
    """Stories that several outlets ran, or the copies of one.

    Of each copy: how it differs from the article that was published first (docs/families.md).

    \b
    Example: kliping archive families --since 2015-12-18
    """
    settings = context.settings()
    first = _day(since, settings.zone) if since else None
    with context.archive(settings) as archive, archive.reading() as connection:
        ids = (
            [beginning(connection, family)]
            if family
            else [each for each, _ in largest(connection, since=first, source=source, limit=limit)]
        )
        found = [known for each in ids if (known := family_of(connection, each)) is not None]
    if family and not found:
        context.fail(f"There is no family {family}. `kliping archive families` lists them.", context.NEEDS_ATTENTION)
    if json:
        output.print_json([each.as_json() for each in found])
        return
    if not found:
        typer.echo("No story was run by more than one outlet. `kliping index follow` looks for copies.")
    for each in found:
        if not family:
            output.console().print(each.members[0].article.title, style="bold")
        print_family(each)


def print_family(family: StoryFamily, *, shown: str | None = None) -> None:
    """Print the members of a family, the first publisher first. `shown` is the article that was printed above."""
    agency = f", credited to {family.agency}" if family.agency else ""
    output.console().print(f"\n{len(family.members)} articles tell this story{agency} (family {family.id[:8]}):")
    columns = (Column(wrap=False), Column(wrap=False), Column(wrap=False, dim=True), Column(dim=True))
    output.print_table(columns, [(*_named(each), _said(each, shown)) for each in family.members], header=False)


def _named(member: Member) -> Iterator[str]:
    article = member.article
    yield article.source
    yield (
        article.published_at.isoformat(sep=" ", timespec="minutes")
        if isinstance(article.published_at, datetime)
        else article.published_at.isoformat()
    )
    yield article.id[:8]


def _said(member: Member, shown: str | None) -> str:
    words = "published first" if member.differences is None else member.differences.in_words()
    gone = "; gone from the publisher's site" if member.status == "gone" else ""
    return f"{words}{gone}{' (this article)' if member.article.id == shown else ''}"


def _day(text: str, zone: tzinfo) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=zone)
    except ValueError:
        context.fail(f"--since needs a day like 2015-12-18, and {text!r} is none.")
