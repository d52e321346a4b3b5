"""`kliping import`."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kliping.cli import context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from archive.run import Run
    from ingest.bulk import FileReport, FileToImport
    from ingest.files import ImportedFile


def import_(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Files, or folders of them: saved pages (.html), clippings (.txt), WARC files (.warc), "
            "other scrapers' exports (.jsonl, .csv); the last three also as .gz."
        ),
    ],
    url: Annotated[
        str | None, typer.Option(help="The address of the one saved page that does not name its own.")
    ] = None,
    fetched_at: Annotated[str | None, typer.Option(help="When the pages were saved, as ISO 8601 with a zone.")] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD=COLUMN", help="Which column of an export is what, where the guess is wrong."),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Of WARC files also what belongs to no publisher we know.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Read files anew that were read to their end before.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes that read; without it, one a core.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False,
) -> None:
    """Bring saved pages, clippings, WARC files and other scrapers' exports into the archive, and index them.

    Each file, and each record of a large one, ends in one outcome: stored, updated, unchanged, or rejected with the
    reason. A killed import goes on where it was; a file that was read to its end is not read again.

    \b
    Example: kliping import clippings/*.txt saved/ --fetched-at 2015-12-18T12:00:00+07:00
    """
    from datetime import UTC, datetime

    from kliping.cli.following import follow_quietly

    if url and (len(paths) != 1 or paths[0].is_dir()):
        context.fail("--url is the address of one page: give one file with it.")
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        context.fail(f"There is no file {missing[0]}.")
    special = [str(path) for path in paths if not path.is_file() and not path.is_dir()]
    if special:
        context.fail(f"{special[0]} is neither a file nor a folder (a pipe?); put what it gives into a file first.")
    saved_at = _moment(fetched_at)
    settings = context.settings()
    single, large, unusable = _sorted(paths, _chosen(column or []), every=every, again=again)
    _refuse_what_has_no_use(single, large, url, fetched_at, None if unusable else column)
    if not json:
        _show_columns(large)

    with context.archive(settings) as archive:
        from sqlalchemy.exc import OperationalError

        from archive.leases import LeaseLostError
        from ingest.run import begin_import

        now = datetime.now(UTC)
        seconds = settings.lease_seconds
        try:
            with begin_import(archive, software=settings.user_agent, lease_seconds=seconds, now=now) as run:
                results = _take_single(run, single, url, saved_at, quiet=json)
                reports = [*unusable, *_take_large(run, large, workers, seconds, quiet=json)]
                reason = _finish(run, results, reports)
        except LeaseLostError as lost:
            context.fail(str(lost), context.NEEDS_ATTENTION)
        except OperationalError as error:
            context.fail(f"The archive could not be written: {error.orig}.", context.NEEDS_ATTENTION)
        behind = follow_quietly(settings, archive)
    if json:
        context.print_json({"run": run.id, **_as_json(results, reports)})
    if not results and not reports:
        context.fail("There is no page and no clipping in these folders.", context.NEEDS_ATTENTION)
    if reason:
        typer.echo(reason, err=True)
    if reason or behind:
        raise typer.Exit(context.NEEDS_ATTENTION)


def _refuse_what_has_no_use(
    single: list[Path], large: list[FileToImport], url: str | None, fetched_at: str | None, column: list[str] | None
) -> None:
    """An option that none of the files can follow would be passed over in silence, and what was meant not be done."""
    if url and large:
        context.fail(f"--url is the address of a saved page; {large[0].path} tells those of its records itself.")
    if fetched_at and large and not single:
        context.fail(
            "--fetched-at is of saved pages and clippings; a WARC file tells it of each record, an export in a column "
            "(--column fetched_at=NAME)."
        )
    if column and not any(wanted.columns for wanted in large):
        context.fail("--column is of exports (.jsonl, .csv), and none of these files is one.")


def _chosen(columns: list[str]) -> dict[str, str]:
    parted = [each.partition("=") for each in columns]
    for field, sign, _ in parted:
        if not sign:
            context.fail(f"--column takes FIELD=COLUMN, like body=isi_berita, not {field!r}.")
    return {field: name for field, _, name in parted}


def _sorted(
    paths: list[Path], chosen: dict[str, str], *, every: bool, again: bool
) -> tuple[list[Path], list[FileToImport], list[FileReport]]:
    """Single pages and clippings, the files of many records, and the exports whose columns cannot be used.

    Ends where such an export is the only file: there is nothing else to go on with.
    """
    from ingest.bulk import FileReport, FileToImport
    from ingest.columns import BadColumnsError
    from ingest.export_file import NotAnExportError, columns_of
    from ingest.paths import files_of, is_export, is_warc
    from ingest.publishers import publisher_of
    from sources import BadSourceError

    single: list[Path] = []
    large: list[FileToImport] = []
    unusable: list[FileReport] = []
    for path in files_of(paths):
        if is_warc(path):
            large.append(FileToImport(path, unknown_publishers=every, from_start=again))
        elif is_export(path):
            try:
                large.append(FileToImport(path, columns=columns_of(path, chosen), from_start=again))
            except (BadColumnsError, NotAnExportError, OSError) as problem:
                why = str(getattr(problem, "strerror", None) or problem).rstrip(".")
                unusable.append(FileReport(path, "failed", {}, 0, 0.0, why))
        else:
            single.append(path)
    if unusable and not single and not large:
        context.fail(" ".join(filter(None, (report.needs_attention for report in unusable))))
    if large:
        try:
            publisher_of("")  # opens every source file, here and not first in a reader
        except BadSourceError as problem:
            context.fail(f"{problem}.")
    return single, large, unusable


def _show_columns(large: list[FileToImport]) -> None:
    for wanted in large:
        if wanted.columns:
            told = ", ".join(f"{field}={column}" for field, column in wanted.columns.items())
            typer.echo(f"{wanted.path}: {told} (--column says otherwise)")


def _take_single(
    run: Run, paths: list[Path], url: str | None, saved_at: datetime | None, *, quiet: bool
) -> list[ImportedFile]:
    from ingest.files import SingleFileImport
    from ingest.paths import printable

    files = SingleFileImport(run)
    results = []
    for path in paths:
        result = files.import_file(path, url, saved_at)
        results.append(result)
        if not quiet:
            held = f"{result.article.id}  {result.article.title}" if result.article else None
            told = "  ".join(filter(None, (printable(path), held, result.detail)))
            typer.echo(f"{result.outcome:24} {told}")
    return results


def _take_large(
    run: Run, wanted: list[FileToImport], workers: int | None, lease_seconds: float, *, quiet: bool
) -> list[FileReport]:
    if not wanted:
        return []
    from ingest.bulk import BulkImport
    from ingest.pool import ReaderPool, cores

    reports = []
    with ReaderPool(workers or cores()) as readers, _progress(wanted) as report_progress:
        bulk = BulkImport(run, readers, lease_seconds=lease_seconds, report_progress=report_progress)
        for each in wanted:
            try:
                report = bulk.import_file(each)
            except KeyboardInterrupt:
                run.finish(listed=0, verdict=_stopped())
                raise
            reports.append(report)
            if not quiet:
                _print(report)
    return reports


def _stopped() -> Any:
    from archive.runs import Verdict

    return Verdict("failed", "It was stopped; the same command goes on where it was.")


def _finish(run: Run, results: list[ImportedFile], reports: list[FileReport]) -> str | None:
    """Close the run: good, or in need of attention where a file gave no article. Gives the reason."""
    from archive.outcomes import HARVEST
    from archive.runs import Verdict
    from ingest.bulk import verdict_of

    bad = [each for each in results if each.outcome not in HARVEST]
    said = [f"{len(bad)} of {len(results)} files gave no article."] if bad else []
    reason = " ".join([*said, *filter(None, [verdict_of(reports)])]) or None
    listed = len(results) + sum(report.read_now for report in reports)
    run.finish(listed=listed, verdict=Verdict("attention" if reason else "good", reason))
    return reason


def _print(report: FileReport) -> None:
    from archive.outcomes import explanation
    from ingest.paths import printable

    name = printable(report.path)
    if report.state == "done-before":
        typer.echo(f"{name} was read to its end before; --again reads it anew.")
        return
    if report.detail:
        typer.echo(f"{name}: {report.detail}.")
    rate = f" in {report.seconds:,.0f} s, {report.read_now / report.seconds:,.0f} a second" if report.seconds else ""
    earlier = sum(report.counts.values()) - report.read_now
    before = f" ({earlier:,} more before it was broken off)" if earlier else ""
    typer.echo(f"{name}: {report.read_now:,} records{rate}{before}")
    for outcome, count in sorted(report.counts.items(), key=lambda item: (-item[1], item[0])):
        typer.echo(f"  {outcome:28} {count:>10,}  {explanation(outcome) or ''}".rstrip())
    for problem in report.problems:
        typer.echo(f"  {problem.outcome}  {problem.address}  {problem.detail or ''}".rstrip())
    bad = sum(report.bad.values())
    if bad > len(report.problems):
        typer.echo(f"  … and {bad - len(report.problems):,} more")


def _as_json(results: list[ImportedFile], reports: list[FileReport]) -> dict[str, object]:
    from dataclasses import asdict

    from ingest.paths import printable

    files = [
        {
            "path": printable(each.path),
            "outcome": each.outcome,
            "detail": each.detail,
            "id": each.article.id if each.article else None,
        }
        for each in results
    ]
    large = [
        {
            "path": printable(each.path),
            "state": each.state,
            "detail": each.detail,
            "outcomes": dict(sorted(each.counts.items())),
            "problems": [asdict(problem) for problem in each.problems],
            "records": sum(each.counts.values()),
            "read_now": each.read_now,
            "seconds": round(each.seconds, 3),
        }
        for each in reports
    ]
    return {"files": files, "large": large} if large else {"files": files}


@contextmanager
def _progress(wanted: list[FileToImport]) -> Iterator[Any]:
    """On a terminal, how much of all the files lies behind, the records read, their rate and the time left."""
    import time

    console = context.console(stderr=True)
    if not console.is_terminal:
        yield lambda path, position, records: None  # noqa: ARG005  the signature is the caller's
        return
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    sizes = {each.path: each.path.stat().st_size for each in wanted}
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    begun = time.monotonic()
    behind: dict[Path, tuple[int, int]] = {}
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("0 records", total=sum(sizes.values()))

        def tell(path: Path, position: int, records: int) -> None:
            behind[path] = (position, records)
            read = sum(count for _, count in behind.values())
            rate = read / max(time.monotonic() - begun, 0.001)
            done = sum(place for place, _ in behind.values())
            bar.update(task, completed=done, description=f"{read:,} records, {rate:,.0f} a second")

        yield tell


def _moment(text: str | None):  # type: ignore[no-untyped-def]  # datetime | None, imported lazily
    if text is None:
        return None
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        context.fail(f"--fetched-at takes a moment like 2015-12-18T12:00:00+07:00, not {text!r}.")
    if moment.tzinfo is None:
        context.fail(f"--fetched-at needs a zone, like {text}+07:00.")
    return moment
