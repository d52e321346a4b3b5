"""`kliping archive reextract`: today's readers run again over the kept pages."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict
from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.articles import count_archive
from archive.differences import compared
from archive.leases import LeaseLostError
from archive.rereadings import count_targets
from archive.run import LeaseHeldError
from ingest.pool import ReaderDiedError, ReaderPool, cores
from ingest.reextract import ReextractReport, dry_run
from ingest.reextract import reextract as read_again
from kliping.cli import context, output
from kliping.cli.days import first_day
from kliping.cli.following import follow_quietly
from kliping.cli.found import print_flags
from kliping.cli.index import progress
from kliping.cli.output import Column, Json

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings

_LONGEST = 70
"""Characters of a value in the table of samples."""


def reextract(
    source: Annotated[str | None, typer.Option(metavar="SOURCE", help="Only this source's articles.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="Only pages fetched on or after this day, month or year.")
    ] = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only show what would change; write nothing.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Reader processes; by default one per core.")] = None,
    json: Json = False,
) -> None:
    """Read every kept page again with today's readers.

    Saves what they read differently, and indexes it. Nothing is fetched. Changed content is a new version of the same
    fetch, marked as a re-reading. Samples of each changed field are shown. An article that today's readers refuse stays
    as it is and is named; the command then ends with 1.

    \b
    Example: kliping archive reextract --source newsstand --dry-run
    """
    settings = context.settings()
    moment = datetime.combine(first_day(since), time(), tzinfo=settings.zone) if since else None
    with context.long_work(), context.archive(settings, writes=not dry) as archive:
        known = {name for name, *_ in count_archive(archive).by_source}
        if source and source not in known:
            names = ", ".join(sorted(known)) or "none"
            context.fail(f"The archive has no article of a source {source!r}; it has articles of: {names}.")
        report = reread(settings, archive, source, workers, since=moment, dry=dry)
        needs_look = not dry and follow_quietly(settings, archive)
    if json:
        output.print_json(as_json(report))
    else:
        print_rereading(report)
    if report.problems or needs_look:
        raise typer.Exit(context.NEEDS_ATTENTION)


def reread(
    settings: Settings,
    archive: Archive,
    source: str | None,
    workers: int | None,
    *,
    since: datetime | None = None,
    dry: bool = False,
) -> ReextractReport:
    """Re-extract with a progress bar. Exits with status 1 if that is not possible now."""
    with archive.reading() as connection:
        total = count_targets(connection, source, since)
    try:
        with ReaderPool(workers or cores()) as readers, progress("Reading") as show_progress:

            def show(done: int) -> None:
                show_progress(done, total)

            if dry:
                return dry_run(archive, readers, source=source, since=since, report_progress=show)
            seconds = settings.lease_seconds
            return read_again(archive, readers, source=source, since=since, lease_seconds=seconds, report_progress=show)
    except LeaseHeldError as error:
        context.fail(f"{error} Run this command again when it has ended.", context.NEEDS_ATTENTION)
    except (LeaseLostError, ReaderDiedError) as error:
        context.fail(str(error), context.NEEDS_ATTENTION)


def as_json(report: ReextractReport) -> dict[str, Any]:
    """The report as plain values for JSON."""
    return {
        "run_id": report.run_id,
        "dry_run": report.run_id is None,
        "outcomes": dict(report.outcomes),
        "fields": dict(report.fields),
        "samples": {name: [asdict(each) for each in samples] for name, samples in report.samples.items()},
        "problems": report.problems,
        "flags": [asdict(each) for each in report.flags],
    }


def print_rereading(report: ReextractReport) -> None:
    """Print the result of a re-extraction for people."""
    counts = ", ".join(f"{count} {outcome}" for outcome, count in report.outcomes.items())
    would = ". Nothing was written" if report.run_id is None else ""
    typer.echo(f"{sum(report.outcomes.values())} articles read again: {counts or 'none has a kept page'}{would}.")
    for name, count in report.fields.items():
        typer.echo(f"  {name:24} changed in {count}")
    rows = [
        (name, each.article_id.rpartition(":")[2][:8], _shown(each.before, each.after))
        for name, samples in report.samples.items()
        for each in samples
    ]
    if rows:
        output.print_table((Column("field", wrap=False), Column("id", wrap=False), "sample of the change"), rows)
    print_flags(report.flags)
    for address, outcome, detail in report.problems:
        typer.echo(f"  {outcome}  {address}  {detail or ''}")


def _shown(before: Any, after: Any) -> str:
    """What changed of a value, as [-before-]{+after+}, with what is around it."""
    pieces = compared(_as_text(before), _as_text(after))
    first = next((number for number, piece in enumerate(pieces) if piece.sign != "="), 0)
    marks = {"=": ("", ""), "-": ("[-", "-]"), "+": ("{+", "+}")}
    shown = "".join(_short(piece.text).join(marks[piece.sign]) for piece in pieces[max(0, first - 1) : first + 3])
    return shown.replace("\n", " ¶ ")


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return "\n".join(value)
    return value if isinstance(value, str) else json_module.dumps(value, ensure_ascii=False)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} … {text[-_LONGEST // 2 :]}"
