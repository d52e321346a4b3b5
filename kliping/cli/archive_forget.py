"""`kliping archive forget`: an article taken out for good; and `kliping archive forgotten`: what was."""

from __future__ import annotations

import json as json_module
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive import tombstones
from archive.finding import AmbiguousIdError, NoSuchArticleError, find
from archive.forget import ForgetRequest, ForgottenArticle, UnfinishedForgetError
from archive.forget import finish as finish_forgetting
from archive.forget import forget as forget_articles
from archive.leases import LeaseLostError
from archive.run import LeaseHeldError
from archive.versions import LostVersionError
from indexer.contract import SearchError
from indexer.engines import index_of
from indexer.expunge import expunge
from kliping.cli import context, output
from kliping.cli.output import Column, Csv, Json, Jsonl, OutputFormat

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings

_ELSEWHERE = (
    "Backups made before still have it: run `kliping archive backup FOLDER` again, which removes it there. So do files "
    "that were imported from outside, exports, messages that were sent, and the logs of crawls, which may name its "
    "address."
)


def forget(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID", help="Ids or addresses of the articles.")] = None,
    reason: Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept for good. Needed.")] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who asked for it; kept for good.")] = None,
    from_file: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="Forget what another copy of this archive had forgotten."),
    ] = None,
    finish: Annotated[bool, typer.Option("--finish", help="Bring a forget to its end that was cut off.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    json: Json = False,
) -> None:
    """Take articles out for good, and never keep them again.

    Removes each article with all versions, its kept pages (also inside the WARC files), its addresses, its part in
    families, its words in messages, and its entry in every index. A tombstone stays: reason, date, who asked, and
    hashes by which crawls and imports know it again (`skipped:forgotten`). It cannot be undone. The database is
    written anew, so this takes about ten seconds a gigabyte. --from takes what `archive forgotten --jsonl` printed.

    \b
    Example: kliping archive forget 0f3a91c2 --reason "court order 12/Pdt.G/2026" --by "legal desk"
    """
    settings = context.settings()
    with context.long_work(), context.archive(settings, writes=True) as archive:
        if finish:
            _refuse(bool(ids) or from_file is not None, "--finish goes without articles.")
            done = _carried_out(lambda: finish_forgetting(archive, lease_seconds=settings.lease_seconds))
            _expunge(settings, archive)
            typer.echo("The forget was brought to its end." if done else "There was nothing left to do.")
            return
        wanted = _from_file(from_file) if from_file else _requests(archive, ids or [], reason, by)
        if not yes and not from_file:
            _confirm(archive, wanted)
        now = datetime.now(UTC)
        forgotten: list[ForgottenArticle] = _carried_out(
            lambda: forget_articles(archive, wanted, now, lease_seconds=settings.lease_seconds)
        )
        remaining = _expunge(settings, archive)
    if json:
        output.print_json({"forgotten": [each.as_json() for each in forgotten], "indexes_left": remaining})
    else:
        _print(forgotten)


def _refuse(wrong: bool, sentence: str) -> None:
    if wrong:
        context.fail(sentence)


def _requests(archive: Archive, ids: Sequence[str], reason: str | None, by: str | None) -> list[ForgetRequest]:
    _refuse(not ids, "forget needs the id or address of an article. `kliping search` prints ids.")
    if reason is None or not reason.strip():
        context.fail('forget needs a reason, which is kept for good: --reason "court order 12/Pdt.G/2026".')
    wanted: dict[str, ForgetRequest] = {}
    with archive.reading() as connection:
        for each in ids:
            try:
                found = find(connection, each).article.id
            except LostVersionError as error:
                context.fail(str(error), context.NEEDS_ATTENTION)
            except AmbiguousIdError as error:
                listed = "".join(f"\n  {one.id}  {one.title}" for one in error.candidates)
                context.fail(f"{error}{listed}")
            except NoSuchArticleError as error:
                context.fail(str(error))
            wanted[found] = ForgetRequest(found, reason=reason.strip(), requested_by=by)
    return list(wanted.values())


def _from_file(path: Path) -> list[ForgetRequest]:
    try:
        lines = [json_module.loads(line) for line in path.read_text().splitlines() if line.strip()]
        return [_from_line(line) for line in lines]
    except OSError as error:
        context.fail(f"{path} cannot be read: {error.strerror}.")
    except (ValueError, KeyError, TypeError) as error:
        context.fail(
            f"{path} is no list of forgotten articles, as `kliping archive forgotten --jsonl` prints: {error}."
        )


def _from_line(line: dict[str, Any]) -> ForgetRequest:
    return ForgetRequest(
        line["article_id"],
        line["source"],
        datetime.fromisoformat(line["at"]).astimezone(UTC),
        line["reason"],
        line["requested_by"],
        tuple((str(key), str(kind)) for key, kind in line["keys"].items()),
    )


def _confirm(archive: Archive, wanted: Sequence[ForgetRequest]) -> None:
    with archive.reading() as connection:
        for each in wanted:
            stored = find(connection, each.wanted)
            typer.echo(f"{stored.article.source}  {stored.article.published_at:%Y-%m-%d}  {stored.article.title}")
    if not sys.stdin.isatty():
        context.fail("Nobody can confirm without a terminal. Add --yes.")
    if not typer.confirm("Forget this for good? It cannot be undone."):
        raise typer.Exit(context.NEEDS_ATTENTION)


def _carried_out(work: Any) -> Any:
    try:
        return work()
    except LeaseHeldError as error:
        context.fail(f"{error} Run this command again when it has ended.", context.NEEDS_ATTENTION)
    except (UnfinishedForgetError, LeaseLostError) as error:
        context.fail(str(error), context.NEEDS_ATTENTION)


def _expunge(settings: Settings, archive: Archive) -> list[str]:
    """Take it out of the indexes. Exits with status 1 if that is not possible now: the next follow does it."""
    try:
        remaining = expunge(archive, index_of(settings), lease_seconds=settings.lease_seconds)
    except (SearchError, LeaseLostError) as error:
        context.fail(
            f"The article is forgotten in the archive, but not in the index yet: {error} Run `kliping archive forget "
            "--finish` then.",
            context.NEEDS_ATTENTION,
        )
    if remaining:
        context.fail(
            f"The article is forgotten in the archive, but the index {remaining[0]} is of an earlier state of it. Run "
            "`kliping reindex`, then `kliping archive forget --finish`.",
            context.NEEDS_ATTENTION,
        )
    return remaining


def _print(forgotten: Sequence[ForgottenArticle]) -> None:
    for each in forgotten:
        stone = each.tombstone
        typer.echo(f"{stone.article_id} is forgotten: {each.versions} versions, {each.pages} kept pages.")
        if each.copies:
            typer.echo(f"  Other articles tell its story in the same words, and stay: {', '.join(each.copies)}.")
    typer.echo(_ELSEWHERE)


def forgotten(json: Json = False, jsonl: Jsonl = False, csv: Csv = False) -> None:
    """What was forgotten on purpose: when, why, who asked.

    --jsonl prints what `kliping archive forget --from` takes: keep it beside your backups, because a backup that was
    made before does not know of it.

    \b
    Example: kliping archive forgotten --jsonl > forgotten.jsonl
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    with context.archive(settings) as archive, archive.reading() as connection:
        found = tombstones.all_of(connection)
        records = [
            each.as_json() | ({} if csv else {"keys": tombstones.keys_of(connection, each.article_id)})
            for each in found
        ]
    if form in (OutputFormat.JSONL, OutputFormat.CSV):
        output.print_records(form, iter(records))
    elif form is OutputFormat.JSON:
        output.print_json({"forgotten": records})
    elif not found:
        typer.echo("Nothing was forgotten.")
    else:
        rows = [(f"{each.at:%Y-%m-%d}", each.article_id, each.source, each.reason, each.requested_by) for each in found]
        output.print_table(("day (UTC)", Column("id", wrap=False), "source", "reason", "asked by"), rows)
