"""`kliping sources`: the publishers, which of them are on, and their health."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kliping.cli import (
    context,
    output,
    source_facts,
    sources_check,
    sources_fixture,
    sources_new,
    sources_politeness,
    sources_show,
)
from kliping.cli.source_facts import default_on, is_on

if TYPE_CHECKING:
    from archive.database import Archive
    from archive.health.report import Health
    from archive.runs import RunReport
    from kliping.config import Settings
    from sources import Source

__all__ = ["app", "default_on", "is_on"]

app = typer.Typer(help="The publishers: list, check, show, enable, disable, new, fixture.", no_args_is_help=True)
app.command()(sources_check.check)
app.command()(sources_show.show)
app.command()(sources_show.accept)
app.command()(sources_new.new)
app.command()(sources_fixture.fixture)
app.command()(sources_politeness.politeness)


@app.command(name="list")
def list_(json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False) -> None:
    """List all sources with their state, last run and health.

    \b
    Example: kliping sources list
    """
    settings = context.settings()
    with context.archive(settings) as archive:
        rows, broken = _rows(settings, archive)
    for sentence in broken:
        typer.echo(sentence, err=True)
    if json:
        output.print_json([_row_as_json(*row) for row in rows])
    else:
        _print_rows(settings, rows)
    if broken:
        raise typer.Exit(context.NEEDS_ATTENTION)


Row = tuple["Source", bool, "RunReport | None", "Health"]


def _rows(settings: Settings, archive: Archive) -> tuple[list[Row], list[str]]:
    """A row for each source that loads, and a sentence for each that does not."""
    import sources
    from archive import runs

    rows: list[Row] = []
    broken = []
    for name in sources.names():
        try:
            source = sources.load(name)
        except sources.BadSourceError as error:
            broken.append(f"{error}.")
            continue
        on = is_on(settings, archive, name)
        rows.append((source, on, runs.latest(archive, name), source_facts.health(archive, name)))
    return rows, broken


def _row_as_json(source: Source, on: bool, report: RunReport | None, health: Health) -> dict[str, Any]:
    return {
        "name": source.name,
        "title": source.title,
        "on": on,
        "proved": source.proved.isoformat() if source.proved else "unproved",
        "last_run": report.as_json() if report else None,
        "health": health.as_json(),
    }


def _print_rows(settings: Settings, rows: list[Row]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in ("source", "title", "state", "layouts proved on", "last run", "verdict", "health"):
        table.add_column(column)
    for source, on, report, health in rows:
        last = source_facts.local(report.started_at, settings) if report else "never"
        proved = source.proved.isoformat() if source.proved else "unproved"
        verdict = report.verdict or "under way" if report else ""
        state = "on" if on else "off"
        table.add_row(source.name, source.title, state, proved, last, verdict, health.in_words if report else "")
    output.console().print(table)


@app.command()
def enable(
    name: Annotated[str, typer.Argument(metavar="SOURCE")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts whose owner has read them.")] = False,
) -> None:
    """Turn a source on, after showing its robots.txt and terms. They bind you: read them.

    The archive keeps what was shown and when; `kliping sources show` prints it.

    \b
    Example: kliping sources enable antara
    """
    from datetime import UTC, datetime

    from archive import consents

    source = source_facts.load(name)
    settings = context.settings()
    _leave_to_the_settings(settings, name)
    if not yes and not sys.stdin.isatty():
        context.fail(
            f"Nobody can confirm without a terminal. Read the terms (kliping sources show {name}), then add --yes."
        )
    source_facts.print_facts(settings, source)
    robots = _shown_robots(settings, source)
    if not yes and not typer.confirm(f"Have you read them, and may {name} be crawled?"):
        context.fail(f"{name} was not turned on.", context.NEEDS_ATTENTION)
    now = datetime.now(UTC)
    with context.archive(settings) as archive:
        from archive.windows import set_enabled

        consent = consents.Consent(now, source.terms, robots, "--yes" if yes else "typed")
        consents.save_consent(archive, name, consent)
        set_enabled(archive, name, True, now=now)
    typer.echo(f"{name} is on. `kliping crawl {name}` crawls it now; `kliping sources disable {name}` turns it off.")


@app.command()
def disable(name: Annotated[str, typer.Argument(metavar="SOURCE")]) -> None:
    """Turn a source off. Its articles stay in the archive.

    \b
    Example: kliping sources disable antara
    """
    from datetime import UTC, datetime

    from archive.windows import set_enabled

    source_facts.load(name)
    settings = context.settings()
    _leave_to_the_settings(settings, name)
    with context.archive(settings) as archive:
        set_enabled(archive, name, False, now=datetime.now(UTC))
    typer.echo(f"{name} is off.")


def _leave_to_the_settings(settings: Settings, name: str) -> None:
    if settings.of_source(name).enabled is not None:
        context.fail(f"The settings decide this: [sources.{name}] enabled is set. Change it there, or remove it.")


def _shown_robots(settings: Settings, source: Source) -> str | None:
    """Print the robots.txt of each host that serves a listing; returns what was printed, None if no host answered."""
    from kliping.cli.probing import probe

    shown = []
    for robots in probe(settings, source.lease, source.group, "robots", source.name)["robots"]:
        address = robots["address"]
        if robots["text"] is not None:
            shown.append(f"{address} says:\n{robots['text'].rstrip()}")
            typer.echo(shown[-1])
        elif robots["error"]:
            typer.echo(f"{address} could not be fetched: {robots['error']}.")
        else:
            shown.append(f"{address} answers {robots['status']}.")
            typer.echo(shown[-1])
    return "\n\n".join(shown) or None
