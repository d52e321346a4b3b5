"""`kliping sources list`: all sources with their state, last run and health."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import typer

import sources
from archive import runs
from kliping.cli import context, output, source_facts
from kliping.cli.output import Column, Csv, Json, Jsonl, OutputFormat

if TYPE_CHECKING:
    from archive.database import Archive
    from archive.health.report import Health
    from archive.runs import RunReport
    from kliping.config import Settings
    from sources import Source


@dataclass(frozen=True, slots=True)
class ListedSource:
    """A source as it is listed: with whether it is on, its last run (None: never crawled) and its health."""

    source: Source
    on: bool
    last_run: RunReport | None
    health: Health

    @property
    def proved(self) -> str:
        """The day on which its layouts were proved on a stored page."""
        return self.source.proved.isoformat() if self.source.proved else "unproved"

    def as_json(self) -> dict[str, Any]:
        """For JSON output."""
        return {
            "name": self.source.name,
            "title": self.source.title,
            "on": self.on,
            "proved": self.proved,
            "last_run": self.last_run.as_json() if self.last_run else None,
            "health": self.health.as_json(),
        }


def list_(json: Json = False, jsonl: Jsonl = False, csv: Csv = False) -> None:
    """List all sources with their state, last run and health.

    Ends with 1 if a source file cannot be used: it names each one, and lists the others.

    \b
    Example: kliping sources list
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    with context.archive(settings, or_empty=True) as archive:
        listed, broken = _listed_sources(settings, archive)
    for sentence in broken:
        typer.echo(sentence, err=True)
    if form is OutputFormat.TABLE:
        _print_table(settings, listed)
    else:
        output.print_records(form, [each.as_json() for each in listed])
    if broken:
        raise typer.Exit(context.NEEDS_ATTENTION)


def _listed_sources(settings: Settings, archive: Archive) -> tuple[list[ListedSource], list[str]]:
    """The sources that load, and a sentence for each that does not."""
    listed = []
    broken = []
    for name in sources.names():
        try:
            source = sources.load(name)
        except sources.BadSourceError as error:
            broken.append(f"{error}.")
            continue
        on = source_facts.is_on(settings, archive, name)
        listed.append(ListedSource(source, on, runs.latest(archive, name), source_facts.health(archive, name)))
    return listed, broken


def _print_table(settings: Settings, listed: list[ListedSource]) -> None:
    rows = []
    for each in listed:
        state = "on" if each.on else "off"
        if run := each.last_run:
            last = (source_facts.local(run.started_at, settings), run.verdict or "under way", each.health.in_words)
        else:
            last = ("never", "", "")
        rows.append((each.source.name, each.source.title, state, each.proved, *last))
    columns = (Column("source", wrap=False), "title", "state", "layouts proved on", "last run", "verdict", "health")
    output.print_table(columns, rows)
