"""`kliping sources enable` and `disable`: turn a source on after showing its robots.txt and terms, or off."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from archive import consents
from archive.schedules import set_enabled
from kliping.cli import context, output, source_facts
from kliping.cli.probing import probe

if TYPE_CHECKING:
    from kliping.config import Settings
    from sources import Source


def enable(
    name: Annotated[str, typer.Argument(metavar="SOURCE")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts whose owner has read them.")] = False,
) -> None:
    """Turn a source on, after showing its robots.txt and terms.

    They bind you: read them. The archive keeps what was shown and when; `kliping sources show` prints it.

    \b
    Example: kliping sources enable antara
    """
    source = context.source(name)
    settings = context.settings()
    if reason := source_facts.not_running(settings, name):
        context.fail(reason)
    _refuse_if_configured(settings, name)
    if not yes and not sys.stdin.isatty():
        context.fail(
            f"Nobody can confirm without a terminal. Read the terms (kliping sources show {name}), then add --yes."
        )
    output.print_fields(source_facts.facts(settings, source))
    robots = _show_robots(settings, source)
    if not yes and not typer.confirm(f"Have you read them, and may {name} be crawled?"):
        context.fail(f"{name} was not turned on.", context.NEEDS_ATTENTION)
    now = datetime.now(UTC)
    with context.archive(settings, creates=True) as archive:
        consent = consents.Consent(now, source.terms, robots, "--yes" if yes else "typed")
        consents.save_consent(archive, name, consent)
        set_enabled(archive, name, True, now=now)
    typer.echo(f"{name} is on. `kliping crawl {name}` crawls it now; `kliping sources disable {name}` turns it off.")


def disable(name: Annotated[str, typer.Argument(metavar="SOURCE")]) -> None:
    """Turn a source off. Its articles stay in the archive.

    \b
    Example: kliping sources disable antara
    """
    context.source(name)
    settings = context.settings()
    _refuse_if_configured(settings, name)
    with context.archive(settings, creates=True) as archive:
        set_enabled(archive, name, False, now=datetime.now(UTC))
    typer.echo(f"{name} is off.")


def _refuse_if_configured(settings: Settings, name: str) -> None:
    """Exit with status 2 if the settings turn the source on or off; they override this command."""
    if settings.of_source(name).enabled is not None:
        context.fail(f"The settings decide this: [sources.{name}] enabled is set. Change it there, or remove it.")


def _show_robots(settings: Settings, source: Source) -> str | None:
    """Print the robots.txt of each host that serves a listing; returns what was printed, None if no host answered."""
    shown = []
    for robots in probe(settings, source.lease, source.group, "robots", source.name)["robots"]:
        address = robots["address"]
        if robots["text"] is not None:
            shown.append(f"{address} says:\n{robots['text'].rstrip()}")
            typer.echo(shown[-1])
        elif robots["error"]:
            typer.echo(f"{address} could not be fetched: {robots['error']}.")
        else:
            shown.append(f"{address} answers {robots['status']}.")
            typer.echo(shown[-1])
    return "\n\n".join(shown) or None
