"""`kliping search`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, tzinfo
from html import unescape
from itertools import islice
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from indexer.contract import NoIndexError, SearchError
from indexer.engines import UnknownEngineError, index_of
from indexer.nodes import All, And, DateRange, Node, Or, Term
from indexer.paging import BadCursorError
from indexer.queries import Query, Sort
from indexer.query import BadQueryError, end_of, moment, read
from indexer.query_words import as_lines
from indexer.related import related
from indexer.schema import FACETS
from indexer.wording import typed
from kliping.cli import context, output, usage
from kliping.cli.choices import Since, Sources, Until
from kliping.cli.no_hits import why_nothing
from kliping.cli.output import Csv, Json, Jsonl, OutputFormat
from kliping.cli.search_fields import chosen, with_fields

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from indexer.contract import SearchIndex
    from indexer.queries import Hit, Stream
    from kliping.config import Settings

Answer = TypeVar("Answer")
ZONES = {"+0700": "WIB", "+0800": "WITA", "+0900": "WIT"}
"""What Indonesian papers call the country's three zones; shorter to read than an offset."""

FEW = 1_000
"""Hits that are read before the first is printed, so that what they lack can stand above them."""


_MARKS = {"body-incomplete": "incomplete text", "first-page-only": "first page only", "gone": "taken down"}
"""The flags that a hit shows, in words."""


def _check_words(given: typer.Context, words: list[str] | None) -> list[str] | None:
    """Print help for `-h`, and refuse unknown options: Typer leaves both among the words."""
    for word in words or ():
        if word == "-h":
            typer.echo(given.get_help())
            raise typer.Exit
        if word.startswith("--"):
            context.fail(usage.no_option(word.split("=")[0], given))
    return words


def search(
    words: Annotated[
        list[str] | None, typer.Argument(metavar="QUERY", help="What to look for; see above.", callback=_check_words)
    ] = None,
    source: Sources = None,
    since: Since = None,
    until: Until = None,
    agency: Annotated[str | None, typer.Option(metavar="AGENCY", help="Whose story it is: ANTARA, Reuters …")] = None,
    place: Annotated[
        str | None, typer.Option(metavar="PLACE", help="The dateline's place, as printed or in full.")
    ] = None,
    sort: Annotated[str, typer.Option(metavar="ORDER", help="relevance, newest or oldest.")] = "relevance",
    limit: Annotated[int, typer.Option(min=1, help="How many articles to print; any number.")] = 10,
    after: Annotated[
        str | None, typer.Option(metavar="CURSOR", help="The next page: `next` of the page before, in its --json.")
    ] = None,
    fields: Annotated[
        str | None,
        typer.Option(metavar="NAMES", help="Fields for --json, --jsonl and --csv: title,body,authors …, or all."),
    ] = None,
    facets: Annotated[
        bool | None,
        typer.Option("--facets/--no-facets", help="Count the matches by source, agency, place …; --json does so."),
    ] = None,
    copies: Annotated[
        bool, typer.Option("--copies", help="Print every copy of a story, not only the first of each family.")
    ] = False,
    suggest: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Suggest what a query that begins so may become.")
    ] = None,
    json: Json = False,
    jsonl: Jsonl = False,
    csv: Csv = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how the query was read, and how each score was computed.")
    ] = False,
) -> None:
    """Find articles.

    An article must have all words, in any form; the most relevant articles come first. Without words, options alone
    select articles, the newest first. --json prints the total, the hits, the facets and the cursor of the next page;
    --jsonl and --csv print the hits. Hits are printed as they are read, so --limit may be any number.

    \b
    Besides words a query may have
    {QUERY_WORDS}
    Agencies and places are found by any of their names; days are those that the articles print.

    \b
    Example: kliping search 'ISIS Moskow -Paris after:2015' --source antara
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    terms_given = (source, since, until, agency, place)
    if suggest is not None:
        if words or any(terms_given):
            context.fail("--suggest takes the place of a query. Leave out the query and the options that narrow it.")
        _suggest(suggest, form)
        return
    if not words and not any(terms_given):
        context.fail(
            "search needs a query, like 'gempa Ternate', or an option like --source. See `kliping search --help`."
        )
    names = _names(fields, form)
    settings = context.settings()
    text = " ".join(words or ())
    terms = [*sources_of(source or []), *_terms(agency, place), *dates_of(since, until, settings.zone)]
    counted = form is OutputFormat.JSON if facets is None else facets
    query = Query(
        root_of(text, terms, settings.zone),
        sort=_sort(sort),
        limit=limit,
        after=after,
        explain=explain,
        facets=tuple(FACETS) if counted else (),
        highlights=names is None or "highlights" in names,
        reference=datetime.now(settings.zone),
        folds=not copies,
    )
    with _sentences():
        stream = _asked(settings, lambda index: index.stream(query))
        if form is OutputFormat.TABLE:
            _print(settings, text, query, stream)
            return
        records = (hit.as_json() for hit in stream.hits) if names is None else with_fields(settings, stream.hits, names)
        if form is OutputFormat.JSON:
            output.print_json_stream(lambda: stream.end().as_json(), "hits", records)
            return
        output.print_records(form, records)
        for sentence in stream.end().notes.sentences():
            typer.echo(sentence, err=True)


search.__doc__ = (search.__doc__ or "").replace("    {QUERY_WORDS}", as_lines())


def _names(fields: str | None, form: OutputFormat) -> tuple[str, ...] | None:
    """The fields to print, or None for those of a hit."""
    if fields is not None and form is OutputFormat.TABLE:
        context.fail("--fields is for --json, --jsonl and --csv. Add one of them.")
    return None if fields is None else chosen(fields)


def root_of(text: str, terms: list[Node], zone: tzinfo) -> Node:
    """The query's words and the terms of the options, joined."""
    try:
        asked = read(text, zone)
    except BadQueryError as error:
        context.bad_query(error)
    parts = terms if isinstance(asked, All) else [asked, *terms]
    return All() if not parts else parts[0] if len(parts) == 1 else And(tuple(parts))


def sources_of(names: list[str]) -> Iterator[Node]:
    if names:
        yield Or(tuple(Term("source", name) for name in names))


def _terms(agency: str | None, place: str | None) -> Iterator[Node]:
    for field, value in (("agencies", agency), ("places", place)):
        if value is not None:
            yield Term(field, value)


def dates_of(since: str | None, until: str | None, zone: tzinfo) -> Iterator[Node]:
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


@contextmanager
def _sentences() -> Iterator[None]:
    """Exit with a sentence if the index cannot be searched."""
    try:
        yield
    except (UnknownEngineError, BadCursorError) as error:
        context.fail(str(error))
    except SearchError as error:
        context.fail(str(error), context.NEEDS_ATTENTION)


def _asked(settings: Settings, question: Callable[[SearchIndex], Answer]) -> Answer:
    """Ask the index; if there is none yet, make it first."""
    index = index_of(settings)
    try:
        return question(index)
    except NoIndexError:
        _make_index(settings, index)
        return question(index)


def _suggest(typed: str, form: OutputFormat) -> None:
    from kliping.cli.suggest import print_suggestions  # its names of agencies and places are not needed elsewhere

    with _sentences():
        _asked(context.settings(), lambda index: print_suggestions(index, typed, form))


def related_hits(settings: Settings, article_id: str, limit: int) -> tuple[Hit, ...]:
    """The articles most like one. Exits with a sentence if the index cannot be searched."""
    with _sentences():
        return _asked(settings, lambda index: related(index, article_id, limit))


def _make_index(settings: Settings, index: SearchIndex) -> None:
    # 0.5 s with SQLAlchemy, which a search of an index that is there does not need
    from archive.leases import LeaseLostError
    from indexer.follow import follow

    with context.archive(settings, writes=True) as archive:
        try:
            follow(archive, index, lease_seconds=settings.lease_seconds, wait=settings.lease_seconds)
        except LeaseLostError as error:
            context.fail(str(error), context.NEEDS_ATTENTION)


def _print(settings: Settings, text: str, query: Query, stream: Stream) -> None:
    console = output.console()
    total = stream.answer.total
    if query.explain:
        console.print(f"Read as: {typed(query.root)}", style="dim")
    if not total:
        reason = why_nothing(settings)
        console.print(f"Nothing was found{f' for {text.strip()}' if text.strip() else ''}. {reason or ''}".rstrip())
        if reason:
            return
    shown: Iterable[Hit] = list(islice(stream.hits, FEW)) if query.limit <= FEW else stream.hits
    for sentence in stream.end().notes.sentences():  # of few hits, the words that they lack are known now
        console.print(sentence, style="yellow")
    if not total:
        return
    articles = f"{total} {'article' if total == 1 else 'articles'}"
    some = f"the first {query.limit} of them" if query.after is None else f"at most {query.limit} more of them"
    console.print(f"{articles}, {some} here\n" if query.limit < total or query.after else f"{articles}\n")
    folded = False
    for hit in shown:
        folded |= query.folds and hit.copies > 0
        print_hit(console, hit)
    if folded:
        console.print("Of a story that several ran, the first hit stands for all; --copies prints each.", style="dim")
    for name, counts in stream.answer.facets.items():
        if counts:
            listed = ", ".join(f"{value} {count}" for value, count in list(counts.items())[:8])
            console.print(f"{name}: {listed}", style="dim")


def print_hit(console: Console, hit: Hit) -> None:
    """Print a hit: title, source, time and short id, and where its text matches."""
    title = marked(hit.highlights["title"][0], console.is_terminal) if "title" in hit.highlights else hit.title
    console.print(title, style="bold")
    parts = (hit.source, _when(hit.published_at), _short(hit.id), *_copies(hit), *_marks(hit))
    console.print(f"  {' · '.join(parts)}", style="dim")
    for name in ("body", "captions", "credits"):
        for fragment in hit.highlights.get(name, ()):
            console.print("  ", marked(fragment, console.is_terminal), sep="")
    if hit.explanation is not None:
        score = [] if hit.score is None else [f"Score {hit.score:.2f}."]
        for sentence in (*score, *hit.explanation["sentences"]):
            console.print(f"  {sentence}", style="dim")
    console.print()


def _copies(hit: Hit) -> Iterator[str]:
    if hit.copies:
        yield "1 copy" if hit.copies == 1 else f"{hit.copies} copies"


def _marks(hit: Hit) -> Iterator[str]:
    """Of a hit's flags, those that say that its text is not the whole story, or stands no longer."""
    yield from (words for flag, words in _MARKS.items() if flag in hit.flags)


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


def _when(published_at: str) -> str:
    """The publication time on the clock of the place where it was printed; `--from`, `--to` and facets go by it too."""
    if "T" not in published_at:
        return published_at
    moment = datetime.fromisoformat(published_at)
    return f"{moment:%Y-%m-%d %H:%M} {ZONES.get(f'{moment:%z}', f'{moment:%z}')}"


def _short(article_id: str) -> str:
    prefix, _, digits = article_id.rpartition(":")
    return f"{prefix}:{digits[:8]}" if prefix else digits[:8]
