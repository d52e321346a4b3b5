"""`kliping sources`: which publishers there are, and which are on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kliping.cli import context, sources_politeness

if TYPE_CHECKING:
    from archive.database import Archive
    from crawler.sources import Source
    from kliping.config import Settings

app = typer.Typer(help="The publishers: list, show, enable, disable.", no_args_is_help=True)
app.command()(sources_politeness.politeness)
NEWSSTAND = "newsstand"


def default_on(settings: Settings) -> tuple[str, ...]:
    """The sources that are on before anybody turned them on: ours alone, and only where there is one to be reached."""
    return (NEWSSTAND,) if "newsstand.test" in settings.fetch_from else ()


@app.command(name="list")
def list_(json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False) -> None:
    """All sources, with their state and their last run.

    \b
    Example: kliping sources list
    """
    settings = context.settings()
    with context.archive(settings) as archive:
        from archive import runs
        from crawler import sources

        rows, broken = [], []
        for name in sources.names():
            try:
                rows.append((sources.load(name), runs.latest(archive, name), is_on(settings, archive, name)))
            except sources.BadSource as error:
                broken.append(f"{error}.")
    for sentence in broken:
        typer.echo(sentence, err=True)
    if json:
        context.print_json(
            [
                {
                    "name": source.name,
                    "title": source.title,
                    "on": on,
                    "proved": source.proved.isoformat() if source.proved else "unproved",
                    "last_run": report.as_json() if report else None,
                }
                for source, report, on in rows
            ]
        )
        raise typer.Exit(context.NEEDS_ATTENTION if broken else 0)
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("source", "title", "state", "layouts proved on", "last run", "verdict"):
        table.add_column(column)
    for source, report, on in rows:
        last = report.started_at.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M %Z") if report else "never"
        proved = source.proved.isoformat() if source.proved else "unproved"
        verdict = report.verdict or "under way" if report else ""
        table.add_row(source.name, source.title, "on" if on else "off", proved, last, verdict)
    context.console().print(table)
    if broken:
        raise typer.Exit(context.NEEDS_ATTENTION)


@app.command()
def show(name: Annotated[str, typer.Argument(metavar="SOURCE")]) -> None:
    """One source: its facts and its terms.

    \b
    Example: kliping sources show antara
    """
    _print_facts(_load(name))


@app.command()
def enable(name: Annotated[str, typer.Argument(metavar="SOURCE")]) -> None:
    """Turn a source on, after showing its robots.txt and terms. They bind you, not us: read them.

    \b
    Example: kliping sources enable antara
    """
    source = _load(name)
    settings = context.settings()
    _print_facts(source)
    typer.echo(_robots(source, settings))
    with context.archive(settings) as archive:
        _set(settings, archive, name, True)
    typer.echo(f"{name} is on. `kliping crawl {name}` crawls it now; `kliping sources disable {name}` turns it off.")


@app.command()
def disable(name: Annotated[str, typer.Argument(metavar="SOURCE")]) -> None:
    """Turn a source off. What the archive holds of it stays.

    \b
    Example: kliping sources disable antara
    """
    _load(name)
    settings = context.settings()
    with context.archive(settings) as archive:
        _set(settings, archive, name, False)
    typer.echo(f"{name} is off.")


def is_on(settings: Settings, archive: Archive, name: str) -> bool:
    """Whether a source may be crawled: kliping.toml has the last word, before it `sources enable`, then our own."""
    from archive.windows import all_schedules

    configured = settings.of_source(name).enabled
    if configured is not None:
        return configured
    row = all_schedules(archive).get(name)
    return row.enabled if row is not None and row.enabled is not None else name in default_on(settings)


def _set(settings: Settings, archive: Archive, name: str, enabled: bool) -> None:
    from datetime import UTC, datetime

    from archive.windows import set_enabled

    if settings.of_source(name).enabled is not None:
        context.fail(f"The settings say [sources.{name}] enabled = …, which has the last word; change it there.")
    set_enabled(archive, name, enabled, now=datetime.now(UTC))


def _load(name: str) -> Source:
    from crawler import sources

    try:
        return sources.load(name)
    except sources.BadSource as error:
        context.fail(f"{error}.")


def _print_facts(source: Source) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    facts: list[tuple[str, Any]] = [
        ("source", f"{source.name}, {source.title}"),
        ("domains", ", ".join(source.domains)),
        ("zone", source.zone),
        ("found by", "\n".join(f"{type(find).__name__} {find.url}" for find in source.finds)),
        ("articles", source.article),
        ("wire", source.agency),
        ("layouts proved on", source.proved or "unproved: no stored page yet"),
        ("delay", f"{source.delay:g} s between requests"),
        ("terms", source.terms),
    ]
    for name, value in facts:
        if value:
            table.add_row(name, str(value))
    context.console().print(table)


def _robots(source: Source, settings: Settings) -> str:
    """The robots.txt of the source's first feed's or sitemap's host as it stands now, or why it could not be had."""
    from http.client import HTTPException
    from urllib.parse import urlsplit
    from urllib.request import Request, urlopen

    from crawler.routes import route

    parts = urlsplit(source.finds[0].url)
    address = f"{parts.scheme}://{parts.netloc}/robots.txt"
    fetched_at = route(address, settings.fetch_from) or address
    request = Request(fetched_at, headers={"User-Agent": settings.user_agent, "Host": parts.netloc})
    try:
        with urlopen(request, timeout=10) as answer:
            text = answer.read(64_000).decode("utf-8", "replace")
    except (HTTPException, OSError, ValueError) as error:  # urllib's URLError is an OSError
        return f"{address} could not be had now: {getattr(error, 'reason', error)}."
    return f"{address} says:\n{text.rstrip()}"
