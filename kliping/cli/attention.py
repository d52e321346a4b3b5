"""`kliping attention`: how many articles match queries over time, and the words that stand out."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive.arrivals import sources_in
from indexer.attention import Interval, Span, attention
from indexer.contract import SearchError
from indexer.engines import index_of
from indexer.keyness import keyness
from indexer.query import BadQueryError
from indexer.watching import watched
from kliping.cli import context, output, source_facts
from kliping.cli.days import first_day, last_day
from kliping.cli.output import Column, Csv, Json, Jsonl, OutputFormat

if TYPE_CHECKING:
    from collections.abc import Iterator

    from indexer.attention import Attention, Coverage
    from indexer.nodes import Node


def over_time(
    queries: Annotated[list[str], typer.Argument(metavar="QUERY…", help="Words as in `kliping search`, all required.")],
    interval: Annotated[Interval | None, typer.Option("--by", help="Default: what suits the time.")] = None,
    first: Annotated[date | None, typer.Option("--from", parser=first_day, metavar="DAY")] = None,
    last: Annotated[date | None, typer.Option("--to", parser=last_day, metavar="DAY")] = None,
    source: Annotated[list[str] | None, typer.Option(metavar="SOURCE", help="Count these alone.")] = None,
    words: Annotated[bool, typer.Option("--words", help="The words that stand out in the first query.")] = False,
    json: Json = False,
    jsonl: Jsonl = False,
    csv: Csv = False,
) -> None:
    """How many articles match over time.

    Of each period: the articles that have all words of each query, all articles, and on how many of the sources' days
    the archive is unusually without one. A period without any article has no numbers: it is a gap, no silence.

    \b
    Example: kliping attention gempa banjir --by month --from 2015 --csv
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    roots: dict[str, Node] = {}
    for text in dict.fromkeys(queries):
        try:
            roots[text] = watched(text, settings.zone)
        except BadQueryError as error:
            context.bad_query(error)
    with context.archive(settings) as archive:
        with archive.reading() as connection:
            known = list(sources_in(connection))
        chosen = [name for name in known if not source or name in source]
        if source and (unknown := sorted(set(source) - set(known))):
            context.fail(f"The archive has no articles of {unknown[0]}. It has: {', '.join(known) or 'none'}.")
        running = {name for name in chosen if source_facts.is_on(settings, archive, name)}
    span = Span(
        today=datetime.now(settings.zone).date(),
        sources=chosen,
        running=running,
        interval=interval,
        since=first,
        until=last,
    )
    try:
        if words:
            _print_words(form, asdict(keyness(index_of(settings), next(iter(roots.values())))))
        else:
            _print(form, attention(index_of(settings), roots, span))
    except SearchError as error:
        context.fail(str(error), context.NEEDS_ATTENTION)


def _print(form: OutputFormat, answer: Attention) -> None:
    if form is not OutputFormat.TABLE:
        output.print_records(form, list(_records(answer)))
        return
    names = [curve.name for curve in answer.curves]
    columns: list[str | Column] = ["period"]
    columns += [Column(name, right=True) for name in (*names, "all articles", "silent")]
    rows = [
        (name, *(curve.counts[place] for curve in answer.curves), covered.articles, _silent(covered))
        for place, (name, covered) in enumerate(zip(answer.names(), answer.coverage, strict=True))
    ]
    output.print_table(columns, rows)
    if answer.coarser:
        typer.echo(f"The time is too long for that interval, so it is counted by {answer.interval}.")


def _silent(covered: Coverage) -> str:
    return f"{covered.silent} of {covered.source_days} days" if covered.silent else ""


def _records(answer: Attention) -> Iterator[dict[str, Any]]:
    """A record for each period and query."""
    for place, (name, period, covered) in enumerate(zip(answer.names(), answer.periods, answer.coverage, strict=True)):
        for curve in answer.curves:
            yield {
                "period": name,
                "from": period.first.isoformat(),
                "to": period.last.isoformat(),
                "whole": period.whole,
                "query": curve.name,
                "count": curve.counts[place],
                "articles": curve.of[place],
                "share": curve.shares[place],
                "source_days": covered.source_days,
                "silent": covered.silent,
            }


def _print_words(form: OutputFormat, found: dict[str, Any]) -> None:
    if form is OutputFormat.JSON:
        output.print_json(found)
    elif form is not OutputFormat.TABLE:
        output.print_records(form, found["words"])
    elif found["words"]:
        columns: list[str | Column] = ["word"]
        columns += [Column(name, right=True) for name in ("stories", "in the archive", "times", "score")]
        rows = [
            (each["word"], each["stories"], each["articles"], _rounded(each["ratio"], 1), _rounded(each["score"], 0))
            for each in found["words"]
        ]
        output.print_table(columns, rows)
    else:
        typer.echo(_WHY_NONE[found["why_none"]])


def _rounded(value: float | None, digits: int) -> str | None:
    return None if value is None else f"{value:.{digits}f}"


_WHY_NONE = {
    "few": "Fewer than 20 articles match, which is too few to tell.",
    "copies": "Fewer than 20 stories match, and the others are copies of them, which is too few to tell.",
    "all": "Almost every article matches, so there is nothing to compare with.",
    "alike": "No word is much more frequent than in the rest of the archive.",
}
