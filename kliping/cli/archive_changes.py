"""`kliping archive changes`: what publishers changed in their stories."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated

import typer

from archive.differences import EditKind
from archive.edits import Edit, count_kinds, edits
from kliping.cli import context, output
from kliping.cli.days import first_day
from kliping.cli.output import Column, Csv, Json, Jsonl, OutputFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kliping.config import Settings

_SHOWN = 100


def changes(
    source: Annotated[str | None, typer.Option(metavar="SOURCE", help="Only this source's articles.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="Only changes seen on or after this day, month or year.")
    ] = None,
    kind: Annotated[str | None, typer.Option(metavar="KIND", help=f"Only this kind: {', '.join(EditKind)}.")] = None,
    silent: Annotated[
        bool, typer.Option("--silent", help="Only changes of headline, number or name without a notice.")
    ] = False,
    json: Json = False,
    jsonl: Jsonl = False,
    csv: Csv = False,
) -> None:
    """What publishers changed in their stories, and how often.

    Each row is a change from one version to the next: of a headline, a number, a name; a correction that the page tells
    of; a withdrawn story. White space, quotation marks, dashes, related links and counters are no change. Re-readings
    of our own are listed with --kind reread only. `kliping show ID --diff` shows a change word by word.

    \b
    Example: kliping archive changes --source newsstand --since 2026-11 --silent
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    wanted = _kind(kind)
    settings = context.settings()
    moment = datetime.combine(first_day(since), time(), tzinfo=settings.zone) if since else None
    with context.archive(settings) as archive, archive.reading() as connection:
        found = (
            each for each in edits(connection, source=source, since=moment, kind=wanted) if each.silent or not silent
        )
        if form in (OutputFormat.JSONL, OutputFormat.CSV):
            output.print_records(form, (each.as_json() for each in found))
        elif form is OutputFormat.JSON:
            listed = list(found)
            counts = dict(sorted(count_kinds(listed).items()))
            output.print_json({"counts": counts, "changes": [each.as_json() for each in listed]})
        else:
            _print(settings, found)


def _kind(name: str | None) -> EditKind | None:
    if name is not None and name not in list(EditKind):
        context.fail(f"--kind cannot be {name!r}. It is one of: {', '.join(EditKind)}.")
    return EditKind(name) if name else None


def _print(settings: Settings, found: Iterator[Edit]) -> None:
    counts: Counter[str] = Counter()
    total = 0
    shown: list[Edit] = []
    for each in found:
        total += 1
        counts += count_kinds([each])
        if len(shown) < _SHOWN:
            shown.append(each)
    columns = (
        Column("seen", wrap=False),
        Column("source", wrap=False),
        Column("id", wrap=False),
        Column("version", right=True),
        "kinds",
        "headline",
    )
    if shown:
        output.print_table(columns, [_row(settings, each) for each in shown])
    if total > len(shown):
        typer.echo(f"… and {total - len(shown):,} more; --jsonl lists all.")
    listed = ", ".join(f"{name} {count}" for name, count in counts.most_common())
    typer.echo(f"{total:,} {'change' if total == 1 else 'changes'}{f': {listed}' if listed else ''}.")


def _row(settings: Settings, edit: Edit) -> tuple[object, ...]:
    seen = f"{edit.seen.astimezone(settings.zone):%Y-%m-%d %H:%M}" if edit.seen else ""
    marks = [*(["silent"] if edit.silent else []), *(["readers differ"] if edit.readers_differ else [])]
    kinds = ", ".join(edit.kinds) + (f" ({'; '.join(marks)})" if marks else "")
    changed = edit.title_before is not None and edit.title_before != edit.title
    title = f"{edit.title_before} → {edit.title}" if changed else edit.title
    linked = f" (corrects {edit.corrects_id[:8] if edit.corrects_id else edit.corrects})" if edit.corrects else ""
    prefix, _, digits = edit.article_id.rpartition(":")
    return seen, edit.source, f"{prefix}:{digits[:8]}" if prefix else digits[:8], edit.version, kinds, title + linked
