"""`kliping archive export`: articles taken out of the archive, in formats that people use."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from archive import ending
from archive.export.files import ENDINGS, FORMATS, TABLES, MissingPyArrowError
from archive.export.run import EndedError, ExportReport, codebook_path
from archive.export.run import export as write_export
from archive.export.selection import IdsOnDisk, Selection, ids_on_disk
from archive.export.stamp import ExportStamp
from archive.versions import LostVersionError
from kliping.cli import context, output
from kliping.cli.choices import Since, Sources, Until
from kliping.cli.days import first_day, last_day
from kliping.cli.index import engine, index_errors, progress
from kliping.cli.output import Json
from reading.version import READER

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings

_MOST = 1 << 31
"""More hits than any index has."""
_NAMED = 3


def export(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="QUERY", help="Which articles, as in `kliping search`; else all."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="The file to write; needed.")
    ] = None,
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="FORMAT", help=f"{', '.join(FORMATS)}; by default by FILE's ending."),
    ] = None,
    source: Sources = None,
    since: Since = None,
    until: Until = None,
    codebook: Annotated[
        bool, typer.Option("--codebook", help="Also write FILE.codebook.csv: what each column means, and its share.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Write over a file that is there.")] = False,
    json: Json = False,
) -> None:
    """Write articles to a file for other programs.

    JSON Lines, CSV, Parquet, a bibliography (BibTeX, RIS, CSL-JSON) or WARC. Of each article the current version, by
    id; a WARC file has every kept page. A query selects as in `kliping search`, but every article has all its words.
    Beside FILE stands FILE.stamp.json: archive, state, query and readers, and a line for citing it. The same stamp
    gives the same bytes. --codebook describes the columns.

    \b
    Example: kliping archive export 'beras after:2024' --source antara -o beras.parquet --codebook
    """
    if file is None:
        context.fail("export needs a file to write. Give it with -o, like -o articles.csv.")
    chosen = _format(form, file)
    if codebook and chosen not in TABLES:
        context.fail(
            f"--codebook describes columns, and {chosen} has none. Leave it out, or take jsonl, csv or parquet."
        )
    _check_file(file, codebook=codebook, replace=replace)
    selection = _selection(" ".join(words or ()), source, since, until)
    settings = context.settings()
    with context.long_work(), context.archive(settings) as archive, ExitStack() as stack:
        ids = stack.enter_context(ids_on_disk()) if selection.query else None
        if ids is not None:
            _find(settings, archive, selection, ids)
        show_progress = stack.enter_context(progress("Exporting"))
        try:
            report = write_export(
                archive,
                file,
                selection,
                ids,
                lambda seq: _stamp(archive, selection, chosen, seq),
                names=_titles(),
                with_codebook=codebook,
                report_progress=show_progress,
            )
        except (MissingPyArrowError, LostVersionError) as error:
            context.fail(str(error), context.NEEDS_ATTENTION)
        except EndedError:
            context.fail(f"{ending.signal_name()} ended the export; no file was written.", context.NEEDS_ATTENTION)
    if json:
        output.print_json({"file": str(file), **report.as_json()})
    else:
        _print(report, codebook=codebook)
    if report.missing:
        raise typer.Exit(context.NEEDS_ATTENTION)


def _format(form: str | None, file: Path) -> str:
    name = file.name.lower()
    found = form or next((each for ending, each in ENDINGS.items() if name.endswith(ending)), None)
    if found is None:
        context.fail(f"The ending of {file.name} names no format. Give one with --format: {', '.join(FORMATS)}.")
    if found not in FORMATS:
        context.fail(f"--format cannot be {found!r}. It is one of: {', '.join(FORMATS)}.")
    return found


def _check_file(file: Path, *, codebook: bool, replace: bool) -> None:
    if not file.parent.is_dir():
        context.fail(f"There is no folder {file.parent}. Make it first.")
    if file.is_dir():
        context.fail(f"{file} is a folder. Name a file in it.")
    for each in (file, *([codebook_path(file)] if codebook else [])):
        if each.exists() and not replace:
            context.fail(f"{each} is there already. Name another file, or add --replace.")


def _selection(text: str, source: list[str] | None, since: str | None, until: str | None) -> Selection:
    first: date | None = first_day(since) if since else None
    last: date | None = last_day(until) if until else None
    if first and last and first > last:
        context.fail(f"--from {since} is after --to {until}. Exchange the two.")
    return Selection(text.strip() or None, tuple(sorted(set(source or ()))), first, last)


def _find(settings: Settings, archive: Archive, selection: Selection, ids: IdsOnDisk) -> None:
    """Let the index find the articles of the query. Exits with a sentence if it cannot, or lacks the last changes."""
    from indexer.contract import NoIndexError  # a search engine is not needed to export everything
    from indexer.queries import Query, Sort
    from indexer.status import behind
    from kliping.cli.search import dates_of, root_of, sources_of

    text = selection.query or ""
    first, last = (day.isoformat() if day else None for day in (selection.first, selection.last))
    terms = [*sources_of(list(selection.sources)), *dates_of(first, last, settings.zone)]
    query = Query(root_of(text, terms, settings.zone), sort=Sort.OLDEST, limit=_MOST, highlights=False, as_typed=True)
    with index_errors():
        index = engine(settings)
        try:
            ids.add(hit.id for hit in index.stream(query).hits)
        except NoIndexError:
            context.fail("There is no index to search yet. Run `kliping index follow` first.", context.NEEDS_ATTENTION)
        if late := behind(archive, index):
            context.fail(
                f"The index is {late} changes behind the archive, so the query would miss some. Run `kliping index "
                "follow` first.",
                context.NEEDS_ATTENTION,
            )


def _stamp(archive: Archive, selection: Selection, form: str, seq: int) -> ExportStamp:
    here = archive.identity
    software = f"Kliping {metadata.version('kliping')}"
    return ExportStamp(here.archive_id, here.epoch, seq, selection.as_json(), form, READER, software)


def _titles() -> dict[str, str]:
    from kliping.cli.skipped_sources import usable_sources

    return {source.name: source.title for source in usable_sources()}


def _print(report: ExportReport, *, codebook: bool) -> None:
    records = f", {report.records:,} kept pages" if report.stamp.format == "warc" else ""
    articles = "1 article" if report.articles == 1 else f"{report.articles:,} articles"
    typer.echo(f"{articles}{records} in {report.path} ({report.path.stat().st_size:,} bytes).")
    if codebook:
        typer.echo(f"The columns are described in {codebook_path(report.path)}.")
    typer.echo(f"Cite it as: {report.stamp.citation(report.articles)}")
    if report.missing:
        named = ", ".join(report.missing[:_NAMED])
        lost = f"{len(report.missing):,} kept pages are lost and left out ({named})"
        typer.echo(f"{lost}. Run `kliping archive verify`.", err=True)
