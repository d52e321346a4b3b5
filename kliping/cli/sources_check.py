"""`kliping sources check`: a source checked against the live site, on one screen."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import sources
from archive.flags import IN_DOUBT, sentence_of
from archive.records import Rejected
from crawler.probe.fixture import BadFixtureError, load_expected, read_page
from kliping.cli import context, output, source_facts
from kliping.cli.found import flag_rows, how_found
from kliping.cli.output import Column, Json
from kliping.cli.probing import probe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from archive.health.report import Health
    from sources import Source

_WIDEST = 90
"""Characters of a field's value that are printed."""


def check(
    name: Annotated[str, typer.Argument(metavar="SOURCE")],
    json: Json = False,
) -> None:
    """Check a source against the live site.

    Requests robots.txt, each listing and one article, which is shown field by field. Takes the lease of its hosts,
    obeys robots.txt and delays as a crawl does, and archives nothing. Also reads the pages of the source's fixture,
    where they are at hand. Ends with 1 if something does not work, or if an article has a flag that puts it in doubt.

    \b
    Example: kliping sources check antara
    """
    source = context.source(name)
    settings = context.settings()
    found = probe(settings, source.lease, source.group, "check", name)
    with context.archive(settings, or_empty=True) as archive:
        health = source_facts.health(archive, name)
    found["samples"] = flags_of_samples(source, Path(sources.__path__[0]).parent)
    doubtful = set(IN_DOUBT) & {*(found["article"] or {}).get("flags", ()), *found["samples"]["flags"]}
    verdict = "attention" if found["reasons"] or health.deviations or doubtful else "good"
    if json:
        output.print_json(found | {"health": health.as_json(), "verdict": verdict})
    else:
        _print(found, health, verdict)
    if verdict != "good":
        raise typer.Exit(context.NEEDS_ATTENTION)


def _print(found: dict[str, Any], health: Health, verdict: str) -> None:
    robots = [("robots.txt", f"{each['address']}: {_robots(each)}") for each in found["robots"]]
    listings = [(each["kind"], f"{each['url']}: {_listing(each)}") for each in found["listings"]]
    output.print_fields([*robots, *listings])
    if article := found["article"]:
        columns = (Column(dim=True, wrap=False), Column(), Column(dim=True))
        output.print_table(columns, _article_rows(article, health), header=False)
        output.print_table(columns, [("flag", *row) for row in flag_rows(article.get("flags", ()))], header=False)
    _print_samples(found["samples"])
    for broken in health.deviations:
        typer.echo(f"Last crawl: {broken.deviation.sentence} See: kliping sources show {found['source']}")
    for reason in found["reasons"]:
        typer.echo(reason)
    output.console().print(f"verdict: {verdict}", style="bold")


def flags_of_samples(source: Source, root: Path) -> dict[str, Any]:
    """How many pages the source's fixture below `root` has, and how many of their articles carry each flag.

    An installation without the repository has no fixtures. A page that gives no article is for `sources fixture`.
    """
    read = 0
    flags: Counter[str] = Counter()
    for page in sorted((root / "tests" / "fixtures" / "sources" / source.name).glob("*.html")):
        try:
            article = read_page(source, page, load_expected(page))
        except (BadFixtureError, Rejected):
            continue
        read += 1
        flags.update(article["flags"])
    return {"pages": read, "flags": dict(flags)}


def _print_samples(samples: dict[str, Any]) -> None:
    pages = "1 page" if samples["pages"] == 1 else f"{samples['pages']} pages"
    for flag, count in samples["flags"].items():
        typer.echo(f"{count} of {pages} of its fixture: {flag}. {sentence_of(flag)}")


def _robots(robots: dict[str, Any]) -> str:
    if robots["error"]:
        return f"could not be fetched ({robots['error']})"
    delay = f", Crawl-delay {robots['crawl_delay']:g} s" if robots["crawl_delay"] else ""
    return f"{robots['status']}{delay}"


def _listing(listing: dict[str, Any]) -> str:
    if listing["error"]:
        return str(listing["error"]).removeprefix(f"{listing['url']} ")
    newest = f", newest {listing['newest']}" if listing["newest"] else ""
    return f"{listing['status']}, {listing['items']} addresses, {listing['articles']} articles{newest}"


def _article_rows(article: dict[str, Any], health: Health) -> Iterator[tuple[str, str, str]]:
    """Label, value, and where on the page it was found or how often articles have it."""
    usual = {field.name: field.usual for field in health.fields if field.usual is not None}
    layout = f"layout {article['layout']}" if article.get("layout") else "no layout"
    yield "article", article["url"], article["rejected"] or layout
    for field in article.get("fields", ()):
        name, value = field["field"], field["value"]
        if value is None:
            share = usual.get("image" if name == "caption" else name)
            yield name, "–", f"missing; usually in {share:.0%}" if share is not None else "missing"
        else:
            yield name, value if len(value) <= _WIDEST else f"{value[:_WIDEST]}…", how_found(field["from"]) or ""
