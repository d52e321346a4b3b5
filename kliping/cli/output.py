"""What commands print: tables for people; JSON, JSON Lines and CSV for programs.

Every command has `--json`. A command that lists rows also has `--jsonl` and `--csv`, with the same fields as its JSON.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated

import typer

from kliping import streams

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

Json = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]
Jsonl = Annotated[bool, typer.Option("--jsonl", help="One JSON object per line.")]
Csv = Annotated[bool, typer.Option("--csv", help="CSV with a header row; nested values as JSON.")]


class OutputFormat(StrEnum):
    """Form of a command's rows."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"

    @classmethod
    def chosen(cls, *, json: bool, jsonl: bool, csv: bool) -> OutputFormat:
        """The format that the switches ask for. Raises BadParameter if there is more than one."""
        asked = [form for form, wanted in ((cls.JSON, json), (cls.JSONL, jsonl), (cls.CSV, csv)) if wanted]
        if len(asked) > 1:
            raise typer.BadParameter(f"--{asked[0]} and --{asked[1]} exclude each other. Give one of them.")
        return asked[0] if asked else cls.TABLE


@dataclass(frozen=True, slots=True)
class Column:
    """Column of a table: its heading, and how its cells are laid out on a terminal."""

    heading: str = ""
    right: bool = False
    wrap: bool = True
    dim: bool = False


def print_json(value: object) -> None:
    """Print one JSON document in UTF-8, without escapes."""
    streams.print_in_utf8()
    typer.echo(_dumped(value))


def print_json_stream(record: Callable[[], Mapping[str, object]], name: str, items: Iterable[object]) -> None:
    """Print a JSON object as `print_json` does, with `items` as the list `name`, each printed when it comes.

    The members behind the list are read from `record` once it has ended.
    """
    streams.print_in_utf8()
    names = list(record())
    place = names.index(name)
    before = {each: record()[each] for each in names[:place]}
    typer.echo(_dumped(before).removesuffix("\n}") + "," if before else "{")
    typer.echo(f'  "{name}": [', nl=False)
    separator = ""
    for item in items:
        typer.echo(f"{separator}\n    " + _dumped(item).replace("\n", "\n    "), nl=False)
        separator = ","
    typer.echo("\n  ]" if separator else "]", nl=False)
    behind = {each: record()[each] for each in names[place + 1 :]}
    typer.echo("," + _dumped(behind).removeprefix("{") if behind else "\n}")


def _dumped(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def print_records(form: OutputFormat, records: Iterable[Mapping[str, object]]) -> None:
    """Print records as JSON, JSON Lines or CSV."""
    if form is OutputFormat.JSON:
        print_json(list(records))
    elif form is OutputFormat.JSONL:
        print_jsonl(records)
    else:
        print_csv(records)


def print_jsonl(records: Iterable[Mapping[str, object]]) -> None:
    """Print one JSON object per line, in UTF-8."""
    streams.print_in_utf8()
    for record in records:
        typer.echo(json.dumps(record, ensure_ascii=False))


def print_csv(records: Iterable[Mapping[str, object]]) -> None:
    """Print a header row and one row per record, in UTF-8; None is an empty cell, a list or object is JSON in its cell.

    The first record names the columns. No records, no output.
    """
    streams.print_in_utf8()
    writer = csv.writer(sys.stdout, lineterminator="\n")
    names: list[str] = []
    for record in records:
        if not names:
            names = list(record)
            writer.writerow(names)
        writer.writerow([_csv_cell(record.get(name)) for name in names])


def _csv_cell(value: object) -> object:
    if isinstance(value, (Mapping, list, tuple, bool)):
        return json.dumps(value, ensure_ascii=False)
    return value


def print_table(columns: Sequence[str | Column], rows: Iterable[Sequence[object]], *, header: bool = True) -> None:
    """Print a table: fitted to the width of a terminal; in a pipe every row stays on its line, for grep and less.

    None is an empty cell.
    """
    laid_out = [column if isinstance(column, Column) else Column(column) for column in columns]
    cells = [tuple("" if cell is None else str(cell) for cell in row) for row in rows]
    if sys.stdout.isatty():
        _print_on_terminal(laid_out, cells, header=header)
    else:
        headings = [tuple(column.heading for column in laid_out)] if header else []
        _print_in_pipe(laid_out, [*headings, *cells])


def print_fields(fields: Mapping[str, object] | Iterable[tuple[str, object]]) -> None:
    """Print names and values in two columns. A field that is None is left out."""
    pairs = fields.items() if isinstance(fields, Mapping) else fields
    rows = [pair for pair in pairs if pair[1] is not None]
    print_table((Column(dim=True, wrap=False), Column()), rows, header=False)


def _print_on_terminal(columns: Sequence[Column], rows: Iterable[Sequence[str]], *, header: bool) -> None:
    from rich.table import Table  # 0.04 s, which a pipe and --json do not need

    table = Table(box=None, pad_edge=False, show_header=header)
    for column in columns:
        table.add_column(
            column.heading,
            justify="right" if column.right else "left",
            no_wrap=not column.wrap,
            overflow="fold",
            style="dim" if column.dim else None,
        )
    for row in rows:
        table.add_row(*row)
    console().print(table)


def _print_in_pipe(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    lines = [line for row in rows for line in zip_longest(*(cell.split("\n") for cell in row), fillvalue="")]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        cells = zip(columns, line, widths, strict=True)
        typer.echo("  ".join(cell.rjust(w) if column.right else cell.ljust(w) for column, cell, w in cells).rstrip())


def console(*, stderr: bool = False) -> Console:
    """A console for people: coloured on a terminal, plain in a pipe. It prints brackets and `:b:` as text."""
    from rich.console import Console  # 0.04 s, which --json does not need

    soft_wrap = not (sys.stderr if stderr else sys.stdout).isatty()
    return Console(highlight=False, markup=False, emoji=False, stderr=stderr, soft_wrap=soft_wrap)


def progress_bar(*, counted: bool) -> Progress:
    """A progress bar with the time left on standard error; it disappears at the end.

    `counted` adds "done of all" and the rate; otherwise it shows a percentage.
    """
    from rich import progress  # 0.05 s, which only a terminal needs

    class Rate(progress.ProgressColumn):
        """Units per second."""

        def render(self, task: progress.Task) -> str:
            return f"{task.speed:,.0f}/s" if task.speed else ""

    middle = (progress.MofNCompleteColumn(), Rate()) if counted else (progress.TaskProgressColumn(),)
    return progress.Progress(
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        *middle,
        progress.TimeRemainingColumn(),
        console=console(stderr=True),
        transient=True,
    )
