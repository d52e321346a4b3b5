"""`kliping watch`: searches that tell what is new to them."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive import outbox, watches
from archive.watches import Rhythm
from indexer.contract import NoIndexError, SearchError
from indexer.engines import index_of
from indexer.queries import Query, Sort
from indexer.query import BadQueryError
from indexer.watching import watched
from kliping.cli import context, output
from kliping.cli.output import Column, Csv, Json, Jsonl, OutputFormat
from kliping.cli.source_facts import local

if TYPE_CHECKING:
    from archive.database import Archive
    from archive.watches import SearchWatch
    from indexer.nodes import Node
    from indexer.queries import Hit
    from kliping.config import Settings

app = typer.Typer(help="Tell what is new to a search: add, list, test, feed, remove.", no_args_is_help=True)
WatchId = Annotated[int, typer.Argument(metavar="ID", help="The number that `kliping watch list` shows.")]
_SHOWN = 5


@app.command()
def add(
    query: Annotated[str, typer.Argument(help="Words as in `kliping search`; an article must have them all.")],
    to: Annotated[
        str | None,
        typer.Option(
            metavar="TARGET|URL", help="A target of the settings, or an Apprise URL. Without: its feed alone."
        ),
    ] = None,
    each: Annotated[bool, typer.Option("--each", help="A message for each article, at once (default).")] = False,
    hourly: Annotated[bool, typer.Option("--hourly", help="At most one message an hour.")] = False,
    daily: Annotated[bool, typer.Option("--daily", help="At most one message a day.")] = False,
    imports: Annotated[bool, typer.Option("--imports", help="Tell of imports and backfills, too.")] = False,
    json: Json = False,
) -> None:
    """Tell what is new to a search, from now on, after each crawl.

    A corrected article is told again, as corrected. Name a target of the settings if you can: an address given here is
    kept in the archive, and in the history of your shell.

    \b
    Example: kliping watch add "ISIS Moskow" --to desk --daily
    """
    settings = context.settings()
    rhythm = _rhythm(each=each, hourly=hourly, daily=daily)
    _read(query, settings)
    target, address = _where(to, settings)
    with context.archive(settings, creates=True) as archive:
        watch = watches.add(
            archive, query, target=target, address=address, rhythm=rhythm, imports=imports, now=datetime.now(UTC)
        )
    if json:
        output.print_json(_record(watch, None))
    else:
        typer.echo(f"Watch {watch.id} looks for {query!r} and tells {_recipient(watch)}, {rhythm}.")
        typer.echo(f"`kliping watch test {watch.id}` shows what it would have found.")


@app.command(name="list")
def list_(json: Json = False, jsonl: Jsonl = False, csv: Csv = False) -> None:
    """All watches, and how much each has found.

    \b
    Example: kliping watch list
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    with context.archive(settings, or_empty=True) as archive, archive.reading() as connection:
        known = watches.all_watches(connection)
        found = watches.count_hits(connection)
    if form is not OutputFormat.TABLE:
        output.print_records(form, [_record(watch, found.get(watch.id)) for watch in known])
    elif known:
        columns = (Column("id", right=True), "query", "tells", "when", Column("found", right=True), "last", "problem")
        output.print_table(columns, [_row(watch, found.get(watch.id), settings) for watch in known])
    else:
        typer.echo('There is no watch yet. For example: kliping watch add "ISIS Moskow" --to TARGET')


@app.command(name="test")
def try_watch(
    watch_id: WatchId,
    send: Annotated[bool, typer.Option("--send", help="Send the newest one to its target.")] = False,
    json: Json = False,
) -> None:
    """Show the newest articles that a watch would tell of.

    They are those of the index. Changes nothing.

    \b
    Example: kliping watch test 1 --send
    """
    settings = context.settings()
    with context.archive(settings, writes=send) as archive:
        watch = _found(archive, watch_id)
        total, hits = _newest(settings, _read(watch.query, settings))
    if json:
        output.print_json({"watch": _record(watch, None), "total": total, "hits": [hit.as_json() for hit in hits]})
    else:
        typer.echo(f"{total} articles of the archive match {watch.query!r}." + (" The newest:" if hits else ""))
        output.print_table(
            ("published", "source", "title"), [(hit.published_at, hit.source, hit.title) for hit in hits], header=False
        )
    if send:
        _send_test(settings, watch, hits)


@app.command()
def feed(
    watch_id: WatchId,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there, for you alone (mode 0600).")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many articles, newest first.")] = 100,
) -> None:
    """What a watch has found, as an Atom feed.

    \b
    Example: kliping watch feed 1 --to isis.atom
    """
    from archive.feeds import atom, feed_of_watch
    from notify.feed import write_private

    settings = context.settings()
    with context.archive(settings) as archive:
        watch = _found(archive, watch_id)
        with archive.reading() as connection:
            hits = watches.latest_hits(connection, watch_id, limit)
        written = atom(feed_of_watch(archive.identity.archive_id, watch, hits))
    if to is None:
        sys.stdout.buffer.write(written)
        return
    try:
        write_private(to, written)
    except OSError as error:
        context.fail(f"{to} cannot be written: {error.strerror or error}. Name a file in a folder you can write to.")
    typer.echo(f"{len(hits)} articles are in {to}.")


@app.command()
def remove(watch_id: WatchId) -> None:
    """Remove a watch and what it has found.

    What waits for its own address is given up.

    \b
    Example: kliping watch remove 1
    """
    settings = context.settings()
    with context.archive(settings, writes=True) as archive:
        watch = _found(archive, watch_id)
        with archive.writing() as connection:
            outbox.drop(connection, watch.subject)
            watches.remove(connection, watch_id)
    typer.echo(f"Watch {watch_id} ({watch.query!r}) is removed.")


def _rhythm(*, each: bool, hourly: bool, daily: bool) -> Rhythm:
    flags = ((Rhythm.EACH, each), (Rhythm.HOURLY, hourly), (Rhythm.DAILY, daily))
    asked = [rhythm for rhythm, wanted in flags if wanted]
    if len(asked) > 1:
        raise typer.BadParameter(f"--{asked[0]} and --{asked[1]} exclude each other. Give one of them.")
    return asked[0] if asked else Rhythm.EACH


def _read(query: str, settings: Settings) -> Node:
    """The query of a watch. Exits with status 2 if it cannot be read."""
    try:
        return watched(query, settings.zone)
    except BadQueryError as error:
        context.bad_query(error)


def _where(to: str | None, settings: Settings) -> tuple[str | None, str | None]:
    """A target of the settings, or an address of its own. Exits with status 2 for what is neither."""
    from notify import targets

    if to is None or to in settings.notify:
        return to, None
    if "://" not in to:
        known = ", ".join(settings.notify) or "none is set"
        context.fail(f"There is no target {to!r} ({known}), and it is no address: docs/notifications.md has examples.")
    try:
        targets.check(to)
    except targets.BadTargetError as error:
        context.fail(str(error))
    return None, to


def _found(archive: Archive, watch_id: int) -> SearchWatch:
    with archive.reading() as connection:
        watch = watches.find(connection, watch_id)
    if watch is None:
        context.fail(f"There is no watch {watch_id}. `kliping watch list` shows all.")
    return watch


def _newest(settings: Settings, root: Node) -> tuple[int, tuple[Hit, ...]]:
    try:
        found = index_of(settings).search(Query(root, sort=Sort.NEWEST, limit=_SHOWN, highlights=False, as_typed=True))
    except NoIndexError:
        return 0, ()
    except SearchError as error:
        context.fail(str(error), context.NEEDS_ATTENTION)
    return found.total, found.hits


def _send_test(settings: Settings, watch: SearchWatch, hits: tuple[Hit, ...]) -> None:
    """Send the newest article, or a plain test message if there is none, at once. Exits with 1 if that fails."""
    from notify import targets
    from notify.preferences import Preferences
    from notify.wording import Wording

    wishes = Preferences.of(settings)
    url = watch.address or wishes.targets.get(watch.target or "")
    if url is None:
        context.fail(f"Watch {watch.id} tells {_recipient(watch)}, so there is nobody to send to.")
    wording = Wording(wishes.language, wishes.zone)
    title, body = wording.test(watch.recipient or "", datetime.now(UTC))
    if hits:
        hit = hits[0]
        title = wording.hit_title(watch.query, hit.title, corrects=False)
        told = wording.hit(hit.title, hit.source, hit.published_at, hit.url, corrects=False)
        body = f"{told}\n\n{body}"
    problem = targets.send(url, targets.Message(title, body))
    if problem is not None:
        context.fail(f"{watch.recipient} FAILED: {problem}", context.NEEDS_ATTENTION)
    typer.echo(f"{watch.recipient} accepted the test message.", err=True)


def _recipient(watch: SearchWatch) -> str:
    """Who is told, for people: never an address."""
    from notify.targets import kind_of

    if watch.address:
        return f"its own address ({kind_of(watch.address)})"
    return watch.target or f"its feed alone (kliping watch feed {watch.id})"


def _record(watch: SearchWatch, found: tuple[int, datetime] | None) -> dict[str, Any]:
    """For JSON output: never an address."""
    return {
        "id": watch.id,
        "query": watch.query,
        "target": watch.recipient,
        "rhythm": str(watch.rhythm),
        "imports": watch.imports,
        "created_at": watch.created_at.isoformat(),
        "found": found[0] if found else 0,
        "last_found": found[1].isoformat() if found else None,
        "problem": watch.problem,
    }


def _row(watch: SearchWatch, found: tuple[int, datetime] | None, settings: Settings) -> tuple[object, ...]:
    count, last = found or (0, None)
    when = f"{watch.rhythm}, imports too" if watch.imports else str(watch.rhythm)
    told_last = local(last, settings) if last else "never"
    return watch.id, watch.query, _recipient(watch), when, count, told_last, watch.problem
