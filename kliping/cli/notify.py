"""`kliping notify`: what people are told of states and watches, by mail, Telegram, Slack, webhooks and more."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive import outbox
from kliping.cli import context, output
from kliping.cli.output import Column, Csv, Json, Jsonl, OutputFormat
from kliping.cli.source_facts import local

if TYPE_CHECKING:
    from archive.outbox import Delivery, ToldNotice
    from kliping.config import Settings

app = typer.Typer(help="Notifications: list, pending, send, test, drop.", no_args_is_help=True)
TargetNames = Annotated[list[str] | None, typer.Argument(metavar="TARGET", help="Targets; without any, all.")]


@app.command(name="list")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="How many messages, latest first.")] = 50,
    json: Json = False,
    jsonl: Jsonl = False,
    csv: Csv = False,
) -> None:
    """What people were told, and what became of each message.

    \b
    Example: kliping notify list --limit 10
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    with context.archive(settings, or_empty=True) as archive, archive.reading() as connection:
        told = outbox.latest(connection, limit)
    if form is not OutputFormat.TABLE:
        output.print_records(form, [each.as_json() for each in told])
    elif told:
        columns = (Column("no.", right=True), "told", "message", "delivered")
        output.print_table(columns, [_told_row(each, settings) for each in told])
    else:
        typer.echo("Nothing was told yet. `kliping notify test` tries the targets.")


@app.command()
def pending(json: Json = False, jsonl: Jsonl = False, csv: Csv = False) -> None:
    """The messages that are not delivered yet, and why.

    Ends with 1 if a target could not be reached, or is not in the settings any more.

    \b
    Example: kliping notify pending
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    with context.archive(settings, or_empty=True) as archive, archive.reading() as connection:
        waiting = outbox.pending(connection)
    if form is not OutputFormat.TABLE:
        output.print_records(form, [each.as_json() for each in waiting])
    elif waiting:
        columns = (Column("no.", right=True), "told", "target", "message", "tried", "next", "why")
        output.print_table(columns, [_pending_row(each, settings) for each in waiting])
    else:
        typer.echo("Nothing waits.")
    if any(each.problem or _is_unknown(each.target, settings) for each in waiting):
        raise typer.Exit(context.NEEDS_ATTENTION)


@app.command()
def send(json: Json = False) -> None:
    """Look at all states once, tell what changed, and deliver what waits.

    The service (`kliping schedule run`) does this by itself. Without it, let cron run this every ten minutes. Ends
    with 1 if a target could not be reached.

    \b
    Example: kliping notify send
    """
    from kliping.cli.notifying import look_and_deliver
    from notify import emergency
    from notify.preferences import Preferences

    settings = context.settings()
    try:
        with context.usable_archive(settings, writes=True) as archive:
            report = look_and_deliver(settings, archive)
    except context.UnusableArchiveError as error:
        if not error.missing:
            emergency.tell(settings.home, str(error), Preferences.of(settings), datetime.now(UTC))
        context.fail(str(error), error.status)
    if json:
        output.print_json(
            {
                "sent": report.sent,
                "doubts": report.doubts,
                "failed": report.failed,
                "unknown": report.unknown,
                "held_by": report.held_by,
            }
        )
    else:
        _print_report(report.sent, report.doubts, report.held_by, settings)
        for target, problem in report.failed.items():
            typer.echo(f"{target}: not delivered, and tried again later: {problem}")
        for target in report.unknown:
            typer.echo(f"{target}: {_NO_ADDRESS} Set it, or give its messages up: kliping notify drop {target}")
    if report.failed or report.unknown:
        raise typer.Exit(context.NEEDS_ATTENTION)


@app.command(name="test")
def try_targets(names: TargetNames = None, json: Json = False) -> None:
    """Send a test message to each target, and say for each what happened.

    Ends with 1 if one did not accept it.

    \b
    Example: kliping notify test
    """
    from notify import targets
    from notify.preferences import Preferences
    from notify.wording import Wording

    settings = context.settings()
    wishes = Preferences.of(settings)
    chosen = names or list(wishes.targets)
    for name in chosen:
        _known_target(name, settings)
    if not chosen:
        context.fail("No target is set. docs/notifications.md tells how to set one: KLIPING_NOTIFY.")
    wording, results = Wording(wishes.language, wishes.zone), []
    for name in chosen:
        url = wishes.targets[name]
        title, body = wording.test(name, datetime.now(UTC))
        results.append((name, targets.kind_of(url), targets.send(url, targets.Message(title, body))))
        if not json:
            said = "accepted the test message" if results[-1][2] is None else f"FAILED: {results[-1][2]}"
            typer.echo(f"{name} ({results[-1][1]}): {said}")
    if json:
        output.print_json([{"target": name, "kind": kind, "problem": problem} for name, kind, problem in results])
    if any(problem for _, _, problem in results):
        raise typer.Exit(context.NEEDS_ATTENTION)


@app.command()
def drop(name: Annotated[str, typer.Argument(metavar="TARGET")]) -> None:
    """Give up the messages that wait for a target. They stay in `kliping notify list`.

    \b
    Example: kliping notify drop desk
    """
    settings = context.settings()
    with context.archive(settings, writes=True) as archive, archive.writing() as connection:
        dropped = outbox.drop(connection, name)
    typer.echo(f"{dropped} messages to {name} were given up." if dropped else f"Nothing waits for {name}.")


_NO_ADDRESS = "the settings have no such target any more."


def _known_target(name: str, settings: Settings) -> None:
    """Exit with status 2 for a target that is not set."""
    if name not in settings.notify:
        known = ", ".join(settings.notify) or "none is set"
        context.fail(f"There is no target {name!r} ({known}). KLIPING_NOTIFY sets them: docs/notifications.md.")


def _is_unknown(target: str, settings: Settings) -> bool:
    return target not in settings.notify and not target.startswith("watch:")


def _print_report(sent: int, doubts: int, held_by: str | None, settings: Settings) -> None:
    if held_by:
        typer.echo(f"{held_by} sends already.")
        return
    typer.echo(f"{sent} messages were delivered." if sent else "Nothing was to be delivered.")
    if doubts:
        typer.echo(f"{doubts} of them may have come twice: a process was killed while it sent them.")
    if not settings.notify:
        typer.echo("No target is set. docs/notifications.md tells how to set one: KLIPING_NOTIFY.", err=True)


def _told_row(told: ToldNotice, settings: Settings) -> tuple[object, ...]:
    delivered = ", ".join(f"{target} {state}" for target, state in told.deliveries.items())
    doubt = "; perhaps sent twice" if told.doubts else ""
    return told.id, local(told.at, settings), told.title, f"{delivered or 'to nobody'}{doubt}"


def _pending_row(each: Delivery, settings: Settings) -> tuple[Any, ...]:
    why = each.problem
    if _is_unknown(each.target, settings):
        why = f"{_NO_ADDRESS} `kliping notify drop {each.target}` gives its messages up"
    tried = f"{each.attempts} times" if each.attempts else "not yet"
    return (
        each.notice_id,
        local(each.at, settings),
        each.target,
        each.title,
        tried,
        local(each.not_before, settings),
        why,
    )
