"""`kliping import`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive import ending, flag_counts
from archive.leases import LeaseLostError
from archive.outcomes import HARVEST, explanation
from archive.runs import Verdict
from ingest.alone import reader_of_files
from ingest.bulk import (
    BulkImport,
    FileReport,
    FileToImport,
    verdict_of,
)
from ingest.columns import BadColumnsError
from ingest.export_file import columns_of
from ingest.export_lines import NotAnExportError
from ingest.files import SingleFileImport
from ingest.paths import files_of, is_export, is_warc, printable
from ingest.pool import ReaderPool, cores
from ingest.run import begin_import
from kliping.cli import context, output
from kliping.cli.following import follow_quietly
from kliping.cli.found import print_flags
from kliping.cli.output import Json
from kliping.cli.skipped_sources import usable_sources

if TYPE_CHECKING:
    from archive.run import Run
    from ingest.files import ImportedFile

ShowProgress = Callable[[Path, int, int], None]
"""Takes a file, the bytes of it that are read, and the records read now."""


def import_(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="PATH",
            help="Files, or folders of them: saved pages (.html, .mht, .webarchive), clippings (.txt), WARC files "
            "(.warc), other scrapers' exports (.jsonl, .json, .csv, .tsv); WARC files and exports also as .gz.",
        ),
    ],
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Address of the one saved page, if the page does not state it.")
    ] = None,
    fetched_at: Annotated[
        str | None, typer.Option(metavar="TIME", help="When the pages were saved, in ISO 8601 with a zone.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FIELD=COLUMN", help="The column of an export that has a field, where the guess is wrong."
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="From WARC files, also import pages of unknown publishers.")
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Read files again that were read completely before.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Reader processes; by default one per core.")] = None,
    json: Json = False,
) -> None:
    """Import saved pages, clippings, WARC files and exports.

    Archives and indexes their articles. Each file, and each record of a large file, ends in one outcome: stored,
    updated, unchanged, or rejected with the reason. An import that was ended (Ctrl-C) or killed resumes where it
    stopped; a file that was read completely is not read again.

    \b
    Example: kliping import clippings/*.txt saved/ --fetched-at 2015-12-18T12:00:00+07:00
    """
    _check_paths(paths, url)
    saved_at = _moment(fetched_at)
    settings = context.settings()
    files, parts = files_of(paths)
    single, large, unusable = _sorted(files, _chosen(column or []), every=every, again=again)
    _refuse_unused_options(single, large, url, fetched_at, None if unusable else column)
    if not json:
        _print_columns(large)
        if parts:
            typer.echo(
                f"{len(parts)} files are in the folders of saved pages ({printable(parts[0])}) and were left out."
            )

    with (
        reader_of_files(single) as read,  # first, as there are neither threads nor connections yet
        context.long_work(),
        context.archive(settings, creates=True) as archive,
    ):
        now = datetime.now(UTC)
        seconds = settings.lease_seconds
        try:
            with begin_import(archive, software=settings.user_agent, lease_seconds=seconds, now=now) as run:
                results = _import_single(SingleFileImport(run, read), single, url, saved_at, quiet=json)
                reports = [*unusable, *_import_large(run, large, workers, seconds, quiet=json)]
                reason = _finish(run, results, reports)
        except LeaseLostError as lost:
            context.fail(str(lost), context.NEEDS_ATTENTION)
        with archive.reading() as connection:
            flags = flag_counts.of_run(connection, run.id)
        needs_look = follow_quietly(settings, archive)
    if json:
        output.print_json({"run": run.id, **_as_json(results, reports), "flags": [asdict(each) for each in flags]})
    else:
        print_flags(flags)
    if not results and not reports and not ending.asked():
        context.fail(
            "These folders have no file that can be imported. See `kliping import --help`.", context.NEEDS_ATTENTION
        )
    if reason:
        typer.echo(reason, err=True)
    if reason or needs_look:
        raise typer.Exit(context.NEEDS_ATTENTION)


def _check_paths(paths: list[Path], url: str | None) -> None:
    if url and (len(paths) != 1 or paths[0].is_dir()):
        context.fail("--url is the address of one page. Give exactly one file with it.")
    for path in paths:
        if not path.exists():
            context.fail(f"There is no file or folder {path}. Check the path.")
        if not path.is_file() and not path.is_dir():
            context.fail(f"{path} is neither a file nor a folder (a pipe?). Save its content to a file first.")


def _refuse_unused_options(
    single: list[Path], large: list[FileToImport], url: str | None, fetched_at: str | None, column: list[str] | None
) -> None:
    """Exit with status 2 for an option that applies to none of the files; ignoring it would hide a mistake."""
    if url and large:
        context.fail(
            f"--url is the address of a saved page. {large[0].path} states the addresses of its records itself."
        )
    if fetched_at and large and not single:
        context.fail(
            "--fetched-at is for saved pages and clippings. A WARC file states the time of each record; an export has "
            "it in a column: --column fetched_at=NAME."
        )
    if column and not any(wanted.columns for wanted in large):
        context.fail("--column is for exports (.jsonl, .csv), and none of these files is one. Leave it out.")


def _chosen(columns: list[str]) -> dict[str, str]:
    pairs = [each.partition("=") for each in columns]
    for field, sign, _ in pairs:
        if not sign:
            context.fail(f"--column cannot be {field!r}. Write FIELD=COLUMN, like body=isi_berita.")
    return {field: name for field, _, name in pairs}


def _sorted(
    files: list[Path], chosen: dict[str, str], *, every: bool, again: bool
) -> tuple[list[Path], list[FileToImport], list[FileReport]]:
    """Single pages and clippings, files of many records, and exports whose columns cannot be used.

    Exits with status 2 if such exports are the only files.
    """
    single: list[Path] = []
    large: list[FileToImport] = []
    unusable: list[FileReport] = []
    for path in files:
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
    usable_sources()  # names each broken source file once, here and not in the reader processes
    return single, large, unusable


def _print_columns(large: list[FileToImport]) -> None:
    for wanted in large:
        if wanted.columns:
            pairs = ", ".join(f"{field}={column}" for field, column in wanted.columns.items())
            typer.echo(f"{wanted.path}: {pairs} (--column changes this)")


def _import_single(
    files: SingleFileImport, paths: list[Path], url: str | None, saved_at: datetime | None, *, quiet: bool
) -> list[ImportedFile]:
    results = []
    for path in paths:
        if ending.asked():
            break
        result = files.import_file(path, url, saved_at)
        results.append(result)
        if not quiet:
            article = f"{result.article.id}  {result.article.title}" if result.article else None
            parts = filter(None, (printable(path), article, result.detail))
            typer.echo(f"{result.outcome:24} {'  '.join(parts)}")
    return results


def _import_large(
    run: Run, large: list[FileToImport], workers: int | None, lease_seconds: float, *, quiet: bool
) -> list[FileReport]:
    if not large:
        return []
    reports = []
    with ReaderPool(workers or cores()) as readers, _progress(large) as show_progress:
        bulk = BulkImport(run, readers, lease_seconds=lease_seconds, report_progress=show_progress)
        for wanted in large:
            if ending.asked():
                break
            report = bulk.import_file(wanted)
            reports.append(report)
            if not quiet:
                _print(report)
    return reports


def _finish(run: Run, results: list[ImportedFile], reports: list[FileReport]) -> str | None:
    """Close the run. Returns why it needs attention, or None if all is well."""
    bad = [each for each in results if each.outcome not in HARVEST]
    parts = [f"{len(bad)} of {len(results)} files gave no article."] if bad else []
    if ending.asked():
        parts.append(f"{ending.signal_name()} ended the import; the same command goes on where it stopped.")
    reason = " ".join([*parts, *filter(None, [verdict_of(reports)])]) or None
    listed = len(results) + sum(report.read_now for report in reports)
    run.finish(listed=listed, verdict=Verdict("attention" if reason else "good", reason))
    return reason


def _print(report: FileReport) -> None:
    name = printable(report.path)
    if report.state == "done-before":
        typer.echo(f"{name} was read completely before; --again reads it again.")
        return
    if report.detail:
        typer.echo(f"{name}: {report.detail}.")
    rate = f" in {report.seconds:,.0f} s, {report.read_now / report.seconds:,.0f} a second" if report.seconds else ""
    earlier = sum(report.counts.values()) - report.read_now
    before = f" ({earlier:,} more before it was interrupted)" if earlier else ""
    typer.echo(f"{name}: {report.read_now:,} records{rate}{before}")
    for outcome, count in sorted(report.counts.items(), key=lambda item: (-item[1], item[0])):
        typer.echo(f"  {outcome:28} {count:>10,}  {explanation(outcome) or ''}".rstrip())
    for problem in report.problems:
        typer.echo(f"  {problem.outcome}  {problem.address}  {problem.detail or ''}".rstrip())
    bad = sum(report.bad.values())
    if bad > len(report.problems):
        typer.echo(f"  … and {bad - len(report.problems):,} more")


def _as_json(results: list[ImportedFile], reports: list[FileReport]) -> dict[str, object]:
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
def _progress(large: list[FileToImport]) -> Iterator[ShowProgress]:
    """On a terminal, a progress bar over the bytes of all files, with the records read and their rate."""
    if not output.console(stderr=True).is_terminal:
        yield lambda path, position, records: None  # noqa: ARG005  the signature is the caller's
        return
    size = sum(path.stat().st_size for path in {wanted.path for wanted in large})
    begun = time.monotonic()
    read: dict[Path, tuple[int, int]] = {}
    with output.progress_bar(counted=False) as bar:
        task = bar.add_task("0 records", total=size)

        def show_progress(path: Path, position: int, records: int) -> None:
            read[path] = (position, records)
            count = sum(records for _, records in read.values())
            rate = count / max(time.monotonic() - begun, 0.001)
            done = sum(position for position, _ in read.values())
            bar.update(task, completed=done, description=f"{count:,} records, {rate:,.0f} a second")

        yield show_progress


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        context.fail(f"--fetched-at cannot be {text!r}. Write it like 2015-12-18T12:00:00+07:00.")
    if moment.tzinfo is None:
        context.fail(f"--fetched-at needs a zone. Write it like {text}+07:00.")
    return moment
