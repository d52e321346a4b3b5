"""`kliping search`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from html import unescape
from typing import TYPE_CHECKING, Annotated, Any

import typer

from indexer.contract import All, And, DateRange, Node, NoIndexError, Or, Query, SearchError, Sort, Term
from indexer.engines import UnknownEngineError, index_of
from indexer.query import BadQueryError, end_of, moment, read
from kliping.cli import context, output, usage
from kliping.cli.no_hits import why_nothing
from kliping.cli.output import Csv, Json, Jsonl, OutputFormat

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from indexer.contract import Hit, Results, SearchIndex
    from kliping.config import Settings

ZONES = {"+0700": "WIB", "+0800": "WITA", "+0900": "WIT"}
"""What Indonesian papers call the country's three zones; shorter to read than an offset."""


_INCOMPLETE = {"body-incomplete": "incomplete text", "first-page-only": "first page only"}


def _check_words(given: typer.Context, words: list[str]) -> list[str]:
    """Print help for `-h`, and refuse unknown options: Typer leaves both among the words."""
    for word in words:
        if word == "-h":
            typer.echo(given.get_help())
            raise typer.Exit
        if word.startswith("--"):
            context.fail(usage.no_option(word.split("=")[0], given))
    return words


def search(
    words: Annotated[
        list[str], typer.Argument(metavar="QUERY", help="What to look for; see above.", callback=_check_words)
    ],
    source: Annotated[
        list[str] | None, typer.Option(metavar="SOURCE", help="Only this source; repeat it for more sources.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="Published on or after this day, month or year.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="DAY", help="Published on or before this day, month or year.")
    ] = None,
    agency: Annotated[str | None, typer.Option(metavar="AGENCY", help="Whose story it is: ANTARA, Reuters …")] = None,
    place: Annotated[
        str | None, typer.Option(metavar="PLACE", help="The dateline's place, as printed or in full.")
    ] = None,
    sort: Annotated[str, typer.Option(metavar="ORDER", help="relevance, newest or oldest.")] = "relevance",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many articles to print.")] = 10,
    json: Json = False,
    jsonl: Jsonl = False,
    csv: Csv = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how the query was read, and how each score was computed.")
    ] = False,
) -> None:
    """Find articles.

    An article must have all words, in any form; the most relevant articles come first. --json prints the total, the
    hits and the facets; --jsonl and --csv print the hits.

    \b
    Besides words a query may have
      "a phrase"    these words, exactly so        -word        not this word
      a OR b        one of them                    ( )          brackets
      source:antara  agency:Reuters  photo:Reuters  place:Paris  author:"Nur Imansyah"
      flag:body-incomplete  -flag:layout-unknown   what is in doubt (docs/flags.md)
      after:2015-12-01 (that day included)         before:2016 (excluded)

    \b
    Example: kliping search 'ISIS Moskow -Paris after:2015' --source antara
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    text = " ".join(words)
    terms = [*_sources(source or []), *_terms(agency, place), *_dates(since, until, settings.zone)]
    query = Query(_root(text, terms, settings.zone), sort=_sort(sort), limit=limit, explain=explain)
    results = _results(settings, query)
    if form is OutputFormat.JSON:
        output.print_json(results.as_json())
    elif form is not OutputFormat.TABLE:
        output.print_records(form, [hit.as_json() for hit in results.hits])
        for sentence in results.notes.sentences():
            typer.echo(sentence, err=True)
    else:
        _print(settings, text, query, results)


def _root(text: str, terms: list[Node], zone: tzinfo) -> Node:
    """The query's words and the terms of the options, joined."""
    try:
        asked = read(text, zone)
    except BadQueryError as error:
        line = "".join(sign if sign.isprintable() else " " for sign in error.query)
        context.fail(f"{error.sentence}\n\n    {line}\n    {' ' * error.position}^")
    parts = terms if isinstance(asked, All) else [asked, *terms]
    return All() if not parts else parts[0] if len(parts) == 1 else And(tuple(parts))


def _sources(names: list[str]) -> Iterator[Node]:
    if names:
        yield Or(tuple(Term("source", name) for name in names))


def _terms(agency: str | None, place: str | None) -> Iterator[Node]:
    for field, value in (("agency", agency), ("places", place)):
        if value is not None:
            yield Term(field, value)


def _dates(since: str | None, until: str | None, zone: tzinfo) -> Iterator[Node]:
    try:
        first = moment(since, zone) if since is not None else None
        end = end_of(until, zone) if until is not None else None
    except ValueError as error:
        context.fail(f"--from and --to need a date, and {error}. Write it like 2015-12-01, 2015-12 or 2015.")
    if first and end and first >= end:
        context.fail(f"--from {since} is after --to {until}. Exchange the two.")
    if first or end:
        yield DateRange(first, end)


def _sort(name: str) -> Sort:
    if name not in list(Sort):
        context.fail(f"--sort cannot be {name!r}. It is relevance, newest or oldest.")
    return Sort(name)


def _results(settings: Settings, query: Query) -> Results:
    """Search; if there is no index yet, make it first. Exits with a sentence if the index cannot be searched."""
    try:
        index = index_of(settings)
        try:
            return index.search(query)
        except NoIndexError:
            _make_index(settings, index)
            return index.search(query)
    except UnknownEngineError as error:
        context.fail(str(error))
    except SearchError as error:
        context.fail(str(error), context.NEEDS_ATTENTION)


def _make_index(settings: Settings, index: SearchIndex) -> None:
    # 0.5 s with SQLAlchemy, which a search of an index that is there does not need
    from archive.leases import LeaseLostError
    from indexer.follow import follow

    with context.archive(settings) as archive:
        try:
            follow(archive, index, lease_seconds=settings.lease_seconds, wait=settings.lease_seconds)
        except LeaseLostError as error:
            context.fail(str(error), context.NEEDS_ATTENTION)


def _print(settings: Settings, text: str, query: Query, results: Results) -> None:
    console = output.console()
    if query.explain:
        console.print(f"Read as: {query.root}", style="dim")
    if not results.hits:
        hint = why_nothing(settings, text, query.root) or ""
        console.print(f"Nothing was found{f' for {text.strip()}' if text.strip() else ''}. {hint}".rstrip())
    for sentence in results.notes.sentences():
        console.print(sentence, style="yellow")
    if not results.hits:
        return
    shown = "" if results.total == len(results.hits) else f", the first {len(results.hits)} of them here"
    console.print(f"{results.total} {'article' if results.total == 1 else 'articles'}{shown}\n")
    for hit in results.hits:
        _print_hit(console, hit, settings.zone)
    for name in ("source", "year"):
        counts = results.facets.get(name, {})
        if len(counts) > 1:
            listed = ", ".join(f"{value} {count}" for value, count in list(counts.items())[:8])
            console.print(f"{name}: {listed}", style="dim")


def _print_hit(console: Console, hit: Hit, zone: tzinfo) -> None:
    title = marked(hit.highlights["title"][0], console.is_terminal) if "title" in hit.highlights else hit.title
    console.print(title, style="bold")
    parts = (hit.source, _when(hit.published_at, zone), _short(hit.id), *_marks(hit))
    console.print(f"  {' · '.join(parts)}", style="dim")
    for name in ("body", "captions", "credits"):
        for fragment in hit.highlights.get(name, ()):
            console.print("  ", marked(fragment, console.is_terminal), sep="")
    if hit.explanation is not None:
        for line in _tree(hit.explanation):
            console.print(f"  {line}", style="dim")
    console.print()


def _marks(hit: Hit) -> Iterator[str]:
    """Of a hit's flags, those that say that its text is not the whole story."""
    yield from (words for flag, words in _INCOMPLETE.items() if flag in hit.flags)


def marked(fragment: str, terminal: bool) -> Text:
    """A highlight with the found words in bold and underlined on a terminal, between asterisks in a pipe."""
    from rich.text import Text  # 0.04 s, which --json does not need

    text = Text()
    for number, piece in enumerate(fragment.replace("</em>", "<em>").split("<em>")):
        found = number % 2 == 1
        text.append(
            f"*{unescape(piece)}*" if found and not terminal else unescape(piece),
            style="bold underline" if found else "",
        )
    return text


def _when(published_at: str, zone: tzinfo) -> str:
    if "T" not in published_at:
        return published_at
    moment = datetime.fromisoformat(published_at).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M} {ZONES.get(f'{moment:%z}', f'{moment:%z}')}"


def _short(article_id: str) -> str:
    prefix, _, digits = article_id.rpartition(":")
    return f"{prefix}:{digits[:8]}" if prefix else digits[:8]


def _tree(explanation: dict[str, Any], depth: int = 0) -> list[str]:
    lines = [f"{'  ' * depth}{explanation['value']:.3f} {explanation['description']}"]
    lines += [f"{'  ' * (depth + 1)}{name}" for name in explanation.get("context") or ()]
    if depth < 4:
        for detail in explanation.get("details") or ():
            lines += _tree(detail, depth + 1)
    return lines
