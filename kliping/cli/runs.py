"""`kliping runs`: past runs, and the whole report of one."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from archive import runs
from archive.clock import duration
from kliping.cli import context, counts, output
from kliping.cli.crawl import print_run
from kliping.cli.output import Column, Csv, Json, Jsonl, OutputFormat
from kliping.cli.source_facts import local
from scheduler.supervise import log_file

if TYPE_CHECKING:
    from archive.runs import RunSummary
    from kliping.config import Settings

app = typer.Typer(help="Past runs and their reports: list, show.", no_args_is_help=True)


@app.command(name="list")
def list_(
    name: Annotated[str | None, typer.Argument(metavar="SOURCE")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many runs, latest first.")] = 20,
    json: Json = False,
    jsonl: Jsonl = False,
    csv: Csv = False,
) -> None:
    """The latest runs: crawls, backfills, imports, re-extractions.

    \b
    Example: kliping runs list antara
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    with context.archive(settings, or_empty=True) as archive:
        found = runs.summaries(archive, name, limit, datetime.now(UTC))
    if form is not OutputFormat.TABLE:
        output.print_records(form, [run.as_json() for run in found])
    elif found:
        columns = (*("run", "kind", "started", "took", "verdict"), Column("addresses"), Column("why"))
        output.print_table(columns, [_row(run, settings) for run in found])
    else:
        typer.echo(f"No run{f' of {name}' if name else ''} yet. `kliping crawl` makes one.")


@app.command()
def show(run_id: Annotated[str, typer.Argument(metavar="ID")], json: Json = False) -> None:
    """Print the report of a past run.

    `kliping runs list` shows the ids of runs. The beginning of an id is enough, if no other run has it.

    \b
    Example: kliping runs show antara-20260302T190003Z-4c12aa
    """
    settings = context.settings()
    with context.archive(settings) as archive:
        ids = runs.ids_like(archive, run_id)
        if not ids:
            context.fail(f"There is no run {run_id!r}. `kliping runs list` shows the latest ones.")
        if len(ids) > 1 and run_id not in ids:
            context.fail(f"Several runs begin with {run_id!r}: {', '.join(ids[:5])}. Write more of the id.")
        report = runs.find(archive, run_id if run_id in ids else ids[0])
    assert report is not None  # its id was found
    if json:
        output.print_json(report.as_json())
    elif report.ended_at is None:
        typer.echo(
            f"{report.id}: under way since {local(report.started_at, settings)}, or its process died; "
            f"{report.taken_up - report.unfinished} of {report.taken_up} addresses have an outcome."
        )
    else:
        print_run(report, log_file(settings.home, report.id))


def _row(run: RunSummary, settings: Settings) -> tuple[object, ...]:
    took = duration(run.ended_at - run.started_at) if run.ended_at and run.ended_at >= run.started_at else None
    verdict = run.verdict or "under way"
    return run.id, run.kind, local(run.started_at, settings), took, verdict, counts.in_words(run.outcomes), run.reason
