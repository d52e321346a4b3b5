"""`kliping search`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kliping.cli import context
from kliping.cli.index import engine, plainly

if TYPE_CHECKING:
    from datetime import tzinfo

    from rich.text import Text

    from indexer.contract import Hit, Node, Query, Results, SearchIndex
    from kliping.config import Settings

ZONES = {"+0700": "WIB", "+0800": "WITA", "+0900": "WIT"}
"""How Indonesian papers call the country's three zones, which is shorter to read than an offset."""


def search(
    words: Annotated[list[str], typer.Argument(metavar="QUERY", help="What to look for; see below.")],
    source: Annotated[list[str] | None, typer.Option(help="Only this source; may be given again for another.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Published on or after this day, month or year.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="Published on or before this day, month or year.")] = None,
    agency: Annotated[str | None, typer.Option(help="Whose story it is: ANTARA, Reuters …")] = None,
    place: Annotated[str | None, typer.Option(help="The dateline's place, as printed or in full.")] = None,
    sort: Annotated[str, typer.Option(help="relevance, newest or oldest.")] = "relevance",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="How many articles to print.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="How the query was read, and how each score came about.")
    ] = False,
) -> None:
    """Find articles. All words must stand in an article, in any form; the most relevant come first.

    \b
    Besides words a query may have
      "a phrase"    these words, exactly so        -word        not this word
      a OR b        one of them                    ( )          brackets
      source:antara  agency:Reuters  photo:Reuters  place:Paris  author:"Nur Imansyah"
      after:2015-12-01 (that day included)         before:2016 (excluded)

    \b
    Example: kliping search 'ISIS Moskow -Paris after:2015' --source antara
    """
    for word in words:
        if word.startswith("--"):
            context.fail(f"There is no option {word.split('=')[0]}; `kliping search --help` lists them.")
    settings = context.settings()
    text = " ".join(words)
    with plainly():
        query = _query(settings, text, source or [], since, until, agency, place, sort, limit, explain)
        results = _results(settings, engine(settings), query)
    if json:
        context.print_json(results.as_json())
    else:
        _print(text, query, results, settings.zone)


def _query(
    settings: Settings,
    text: str,
    sources: list[str],
    since: str | None,
    until: str | None,
    agency: str | None,
    place: str | None,
    sort: str,
    limit: int,
    explain: bool,
) -> Query:
    from indexer.contract import (
        All,
        And,
        DateRange,
        Or,
        Query,
        Sort,
        Term,
    )
    from indexer.query import (
        BadQueryError,
        end_of,
        moment,
        read,
    )

    try:
        asked = read(text, settings.zone)
    except BadQueryError as error:
        line = "".join(sign if sign.isprintable() else " " for sign in error.query)
        context.fail(f"{error.sentence}\n\n    {line}\n    {' ' * error.position}^")
    parts: list[Node] = [] if isinstance(asked, All) else [asked]
    if sources:
        parts.append(Or(tuple(Term("source", name) for name in sources)))
    parts += [Term(field, value) for field, value in (("agency", agency), ("places", place)) if value is not None]
    try:
        first = moment(since, settings.zone) if since is not None else None
        end = end_of(until, settings.zone) if until is not None else None
    except ValueError as error:
        context.fail(f"--from and --to take a date, and {error}.")
    if first and end and first >= end:
        context.fail(f"--from {since} is later than --to {until}.")
    if first or end:
        parts.append(DateRange(first, end))
    if sort not in list(Sort):
        context.fail(f"--sort is relevance, newest or oldest, not {sort!r}.")
    root: Node = All() if not parts else parts[0] if len(parts) == 1 else And(tuple(parts))
    return Query(root, sort=Sort(sort), limit=limit, explain=explain)


def _results(settings: Settings, index: SearchIndex, query: Query) -> Results:
    """Search; where there is no index yet, make it first."""
    from indexer.contract import NoIndexError
    from indexer.follow import follow

    try:
        return index.search(query)
    except NoIndexError:
        with context.archive(settings) as archive:
            follow(archive, index, lease_seconds=settings.lease_seconds, wait=settings.lease_seconds)
        return index.search(query)


def _print(text: str, query: Query, results: Results, zone: tzinfo) -> None:
    console = context.console()
    if query.explain:
        console.print(f"Read as: {query.root}", markup=False, style="dim")
    if not results.hits:
        console.print(f"Nothing was found for {text}" if text.strip() else "Nothing was found.", markup=False)
        return
    shown = "" if results.total == len(results.hits) else f", the first {len(results.hits)} of them here"
    console.print(f"{results.total} {'article' if results.total == 1 else 'articles'}{shown}\n", markup=False)
    for hit in results.hits:
        _print_hit(console, hit, zone)
    for name in ("source", "year"):
        counts = results.facets.get(name, {})
        if len(counts) > 1:
            listed = ", ".join(f"{value} {count}" for value, count in list(counts.items())[:8])
            console.print(f"{name}: {listed}", markup=False, style="dim")


def _print_hit(console: Any, hit: Hit, zone: tzinfo) -> None:
    console.print(
        marked(hit.highlights["title"][0], console.is_terminal) if "title" in hit.highlights else hit.title,
        markup=False,
        style="bold",
    )
    console.print(f"  {hit.source} · {_when(hit.published_at, zone)} · {_short(hit.id)}", markup=False, style="dim")
    for name in ("body", "captions"):
        for fragment in hit.highlights.get(name, ()):
            console.print("  ", marked(fragment, console.is_terminal), sep="")
    if hit.explanation is not None:
        for line in _tree(hit.explanation):
            console.print(f"  {line}", markup=False, style="dim")
    console.print()


def marked(fragment: str, terminal: bool) -> Text:
    """A highlight of the contract as text: what was found is bold and underlined, or between asterisks in a pipe."""
    from html import unescape

    from rich.text import Text

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
