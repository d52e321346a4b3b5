"""`kliping sources check`: a source checked against the live site, on one screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kliping.cli import context, output, source_facts

if TYPE_CHECKING:
    from archive.health.report import Health

_WIDEST = 90


def check(
    name: Annotated[str, typer.Argument(metavar="SOURCE")],
    json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False,
) -> None:
    """Check a source against the live site: robots.txt, each listing, and one article field by field.

    Takes the lease of its hosts, keeps to robots.txt and delays as a crawl does, and archives nothing. Ends with 1 if
    something does not work.

    \b
    Example: kliping sources check antara
    """
    from kliping.cli.probing import probe

    source = source_facts.load(name)
    settings = context.settings()
    found = probe(settings, source.lease, source.group, "check", name)
    with context.archive(settings) as archive:
        health = source_facts.health(archive, name)
    verdict = "attention" if found["reasons"] or health.deviations else "good"
    if json:
        output.print_json(found | {"health": health.as_json(), "verdict": verdict})
    else:
        _print(found, health, verdict)
    if verdict != "good":
        raise typer.Exit(context.NEEDS_ATTENTION)


def _print(found: dict[str, Any], health: Health, verdict: str) -> None:
    console = output.console()
    table = source_facts.two_columns()
    for robots in found["robots"]:
        table.add_row("robots.txt", f"{robots['address']}: {_robots(robots)}")
    for listing in found["listings"]:
        table.add_row(listing["kind"], f"{listing['url']}: {_listing(listing)}")
    console.print(table)
    if article := found["article"]:
        console.print(_article(article, health))
    for broken in health.deviations:
        sentence = broken.deviation.sentence
        console.print(f"Last crawl: {sentence} See: kliping sources show {found['source']}", markup=False)
    for reason in found["reasons"]:
        console.print(reason, markup=False)
    console.print(f"{verdict}.", style="bold")


def _robots(robots: dict[str, Any]) -> str:
    if robots["error"]:
        return f"could not be fetched ({robots['error']})"
    delay = f", Crawl-delay {robots['crawl_delay']:g} s" if robots["crawl_delay"] else ""
    return f"{robots['status']}{delay}"


def _listing(listing: dict[str, Any]) -> str:
    if listing["error"]:
        return str(listing["error"])
    newest = f", newest {listing['newest']}" if listing["newest"] else ""
    return f"{listing['status']}, {listing['items']} addresses, {listing['articles']} articles{newest}"


def _article(article: dict[str, Any], health: Health) -> Any:
    usual = {field.name: field.usual for field in health.fields if field.usual is not None}
    table = source_facts.two_columns()
    table.add_column(style="dim")
    layout = f"layout {article['layout']}" if article.get("layout") else "no layout"
    table.add_row("article", article["url"], article["rejected"] or layout)
    for field in article.get("fields", ()):
        value = field["value"]
        if value is None:
            share = usual.get("image" if field["field"] == "caption" else field["field"])
            table.add_row(field["field"], "–", f"missing; usually in {share:.0%}" if share is not None else "missing")
        else:
            table.add_row(
                field["field"], value if len(value) <= _WIDEST else f"{value[:_WIDEST]}…", field["from"] or ""
            )
    return table
