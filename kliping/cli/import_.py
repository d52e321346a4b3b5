"""`kliping import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kliping.cli import context


def import_(
    paths: Annotated[
        list[Path], typer.Argument(help="Files, or folders of them: saved pages (.html), clippings (.txt).")
    ],
    url: Annotated[
        str | None, typer.Option(help="The address of the one saved page that does not name its own.")
    ] = None,
    fetched_at: Annotated[str | None, typer.Option(help="When the pages were saved, as ISO 8601 with a zone.")] = None,
    json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False,
) -> None:
    """Bring saved pages and plain clippings into the archive, and index them.

    Each file ends in one outcome: stored, updated, unchanged, or rejected with the reason.

    \b
    Example: kliping import clippings/*.txt saved/ --fetched-at 2015-12-18T12:00:00+07:00
    """
    from datetime import UTC, datetime

    from kliping.cli.following import follow_quietly

    if url and (len(paths) != 1 or paths[0].is_dir()):
        context.fail("--url is the address of one page: give one file with it.")
    missing = [str(path) for path in paths if not path.exists()]
    if missing:
        context.fail(f"There is no file {missing[0]}.")
    saved_at = _moment(fetched_at)

    settings = context.settings()
    with context.archive(settings) as archive:
        from crawler.importing import Import, files_of, printable

        batch = Import(archive, settings.user_agent, datetime.now(UTC))
        results = []
        for path in files_of(paths):
            result = batch.take(path, url, saved_at)
            results.append(result)
            if not json:
                held = f"{result.article.id}  {result.article.title}" if result.article else None
                told = "  ".join(filter(None, (printable(path), held, result.detail)))
                typer.echo(f"{result.outcome:24} {told}")
        verdict = batch.finish(results)
        behind = follow_quietly(settings, archive)
    if json:
        context.print_json(
            {
                "run": batch.id,
                "files": [
                    {
                        "path": printable(each.path),
                        "outcome": each.outcome,
                        "detail": each.detail,
                        "id": each.article.id if each.article else None,
                    }
                    for each in results
                ],
            }
        )
    if not results:
        context.fail("There is no page and no clipping in these folders.", context.NEEDS_ATTENTION)
    if verdict.reason:
        typer.echo(verdict.reason, err=True)
    if verdict.verdict != "good" or behind:
        raise typer.Exit(context.NEEDS_ATTENTION)


def _moment(text: str | None):  # type: ignore[no-untyped-def]  # datetime | None, imported lazily
    if text is None:
        return None
    from datetime import datetime

    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        context.fail(f"--fetched-at takes a moment like 2015-12-18T12:00:00+07:00, not {text!r}.")
    if moment.tzinfo is None:
        context.fail(f"--fetched-at needs a zone, like {text}+07:00.")
    return moment
