"""`kliping schedule`: the nightly service, its timetable, and what became of each window."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from archive import runs, schedules, windows
from archive.window import WindowState
from kliping.cli import context, counts, output
from kliping.cli.crawl import crawl
from kliping.cli.following import follow_quietly
from kliping.cli.output import Csv, Json, Jsonl, OutputFormat
from kliping.cli.source_facts import local
from kliping.cli.timetables import check_name, jobs_of, planned_jobs_of, state_of, timetable_of
from scheduler.timetable import ROUND_OF, due, next_window, windows_between

if TYPE_CHECKING:
    from archive.database import Archive
    from archive.window import Window
    from archive.windows import Lapse
    from kliping.config import Settings
    from scheduler.timetable import Timetable, TimetableEntry

app = typer.Typer(help="Crawls on a timetable: the service, the windows, pauses.", no_args_is_help=True)
SourceName = Annotated[str, typer.Argument(metavar="SOURCE")]


@app.command(name="list")
def list_(json: Json = False, jsonl: Jsonl = False, csv: Csv = False) -> None:
    """All sources and jobs: on or off, timetable, last run, next window.

    NAME-round looks for a source's newest stories between two crawls, as often as it publishes: its timetable says why.

    \b
    Example: kliping schedule list
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    with context.archive(settings, or_empty=True) as archive:
        records = _records(archive, planned_jobs_of(settings, archive, datetime.now(UTC)))
    if form is not OutputFormat.TABLE:
        output.print_records(form, records)
        return
    rows = []
    for record in records:
        last, upcoming = (
            record[name] and local(datetime.fromisoformat(record[name]), settings)
            for name in ("last_run", "next_window")
        )
        verdict = record["verdict"] or ("under way" if last else "")
        rows.append((record["source"], record["state"], record["timetable"], last or "never", verdict, upcoming or "–"))
    output.print_table(("source", "state", "timetable", "last run", "verdict", "next window"), rows)


@app.command(name="next")
def next_(
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days to look ahead.")] = 1,
    json: Json = False,
    jsonl: Jsonl = False,
    csv: Csv = False,
) -> None:
    """The coming windows of the sources that are on, in order. Of rounds, which adapt, the next one is known.

    \b
    Example: kliping schedule next --days 7
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    now = datetime.now(UTC)
    with context.archive(settings, or_empty=True) as archive:
        known = schedules.all_schedules(archive)
        timetable = planned_jobs_of(settings, archive, now)
    coming = sorted(
        (window, source)
        for source, entry in timetable.items()
        if state_of(entry, known.get(entry.publisher)) == "on"
        for window in windows_between(entry, now, now + timedelta(days=days))
    )
    if form is not OutputFormat.TABLE:
        output.print_records(form, [{"due_at": window.isoformat(), "source": source} for window, source in coming])
    elif coming:
        output.print_table(("window", "source"), [(local(window, settings), source) for window, source in coming])
    else:
        typer.echo("No source that is on has a window in this time. `kliping schedule list` shows all sources.")


@app.command()
def history(
    name: Annotated[str | None, typer.Argument(metavar="SOURCE")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many windows, latest first.")] = 50,
    json: Json = False,
    jsonl: Jsonl = False,
    csv: Csv = False,
) -> None:
    """What became of each window, and why. Of a source, those of its rounds too.

    A window is done, waiting for another try, failed or missed. Shows how the addresses of its run ended, and why the
    run needs attention.

    \b
    Example: kliping schedule history antara --limit 10
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    with context.archive(settings, or_empty=True) as archive:
        names = [None] if name is None else [name, ROUND_OF.format(name)]
        found = [window for each in names for window in windows.history(archive, each, limit)]
        found = sorted(found, key=lambda window: window.due_at, reverse=True)[:limit]
        with archive.reading() as connection:
            outcomes = runs.outcomes_of(connection, sorted({each.run_id for each in found if each.run_id}))
        if name is not None and not found:
            check_name(name, jobs_of(settings))
    if form is not OutputFormat.TABLE:
        output.print_records(
            form, [window.as_json() | {"outcomes": outcomes.get(window.run_id or "", {})} for window in found]
        )
    elif found:
        columns = ("window", "source", "state", "attempts", "verdict", "addresses", "note")
        output.print_table(columns, [_row(each, outcomes.get(each.run_id or "", {}), settings) for each in found])
    else:
        typer.echo("No window has come yet. `kliping schedule list` shows the next ones.")


@app.command()
def run() -> None:
    """Run the service, until SIGTERM or Ctrl-C.

    It crawls every source that is on in its windows. Windows that were missed while it did not run are made up for by
    one crawl per source. It can be killed at any time. Of several services on one archive one works, and the others
    stand by. With KLIPING_LISTEN_PORT it answers /health and /metrics there.

    \b
    Example: kliping schedule run
    """
    import structlog

    from kliping.cli.health import listening
    from kliping.cli.notifying import notify_thread
    from scheduler.daemon import run_service  # APScheduler takes 0.1 s, which no other command of the group needs

    log = structlog.get_logger()
    settings = context.settings()
    timetable = jobs_of(settings)
    with (
        context.long_work(),
        context.archive(settings, creates=True, log_level=logging.INFO) as archive,
        listening(settings, archive),
        notify_thread(settings, archive) as notifying,
    ):

        def follow() -> None:
            follow_quietly(settings, archive, tell=lambda sentence: log.warning("index", detail=sentence))
            notifying.request()

        run_service(archive, settings, timetable, follow=follow)


@app.command(name="run-now")
def run_now(names: Annotated[list[str], typer.Argument(metavar="SOURCE")], json: Json = False) -> None:
    """Crawl sources once, now, as the service would.

    Each is crawled in a child process, under its lease. Windows stay as they are.

    \b
    Example: kliping schedule run-now antara
    """
    crawl(names, json)


@app.command()
def pause(name: SourceName) -> None:
    """Start no scheduled crawl of a source until `resume`.

    A crawl under way goes on.

    \b
    Example: kliping schedule pause antara
    """
    settings = context.settings()
    check_name(name, timetable_of(settings))
    with context.archive(settings, creates=True) as archive:
        paused = schedules.pause(archive, name, now=datetime.now(UTC))
    typer.echo(f"{name} is paused." if paused else f"{name} was paused already.")


@app.command()
def resume(name: SourceName) -> None:
    """Crawl a paused source again, from its next window on.

    \b
    Example: kliping schedule resume antara
    """
    settings = context.settings()
    timetable = timetable_of(settings)
    check_name(name, timetable)
    now = datetime.now(UTC)
    with context.archive(settings, creates=True) as archive:
        if not schedules.resume(archive, name, now=now, unrecorded=_unrecorded(archive, timetable[name], now)):
            typer.echo(f"{name} is not paused.")
            return
        state = state_of(timetable[name], schedules.all_schedules(archive).get(name))
    coming = next_window(timetable[name], now)
    upcoming = local(coming, settings) if coming else "not planned"
    typer.echo(f"{name} is resumed; " + (f"its next window is {upcoming}." if state == "on" else "but it is off."))


def _row(window: Window, outcomes: Mapping[str, int], settings: Settings) -> tuple[object, ...]:
    verdict = window.run.verdict if window.run else None
    again = window.as_json()["next_try"] and window.next_try
    many = f"stands for all windows since {local(window.since, settings)}" if window.since else None
    reason = window.run.reason if window.run and window.run.reason != window.note else None
    again_from = f"again from {local(again, settings)}" if again else None
    note = "; ".join(filter(None, [window.note, reason, again_from, many]))
    came = counts.in_words(outcomes)
    return local(window.due_at, settings), window.source, window.state, window.attempts, verdict, came, note


def _records(archive: Archive, timetable: Timetable) -> list[dict[str, Any]]:
    """The rows of `schedule list` as JSON."""
    now = datetime.now(UTC)
    known = schedules.all_schedules(archive)
    recorded = windows.open_and_latest(archive, now)
    waiting = Counter(window.source for window in recorded if window.state is WindowState.WAITING)

    def record(source: str, entry: TimetableEntry) -> dict[str, Any]:
        report = runs.latest(archive, entry.run_source, kinds=(str(entry.job),))
        state = state_of(entry, known.get(entry.publisher))
        upcoming = next_window(entry, now) if state == "on" else None
        return {
            "source": source,
            "job": str(entry.job),
            "state": state,
            "timetable": entry.describe(),
            "zone": entry.zone,
            "last_run": report.started_at.isoformat() if report else None,
            "run_id": report.id if report else None,
            "verdict": report.verdict if report else None,
            "reason": report.reason if report else None,
            "next_window": upcoming.isoformat() if upcoming else None,
            "waiting": waiting[source],
        }

    return [record(source, entry) for source, entry in timetable.items()]


def _unrecorded(archive: Archive, entry: TimetableEntry, now: datetime) -> Sequence[Lapse]:
    """The windows that the pause cut off and no scheduler has recorded yet, each with the reason."""
    schedule = schedules.all_schedules(archive).get(entry.source)
    if schedule is None or schedule.since is None or schedule.paused_at is None:
        return []
    plan = due(
        {entry.source: entry},
        windows.open_and_latest(archive, now),
        since={entry.source: schedule.since},
        paused={entry.source: schedule.paused_at},
        now=now,
        catch_up=timedelta.max,
    )
    return plan.abandoned
