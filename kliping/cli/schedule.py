"""`kliping schedule`: the nightly service, its timetable, and what became of each window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kliping.cli import context

if TYPE_CHECKING:
    from datetime import datetime

    from archive.database import Archive
    from archive.runs import RunReport
    from archive.windows import Schedule, Window
    from kliping.config import Settings
    from scheduler.timetable import Timetable, TimetableEntry

app = typer.Typer(help="Crawls on a timetable: the service, the windows, pauses.", no_args_is_help=True)
SourceName = Annotated[str, typer.Argument(metavar="SOURCE")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document for machines.")]


@app.command()
def run() -> None:
    """Run the service: crawl every source that is on at its windows, until SIGTERM or Ctrl-C.

    Windows that were missed while it did not run are caught up by one crawl a source. It may be killed at any time;
    of several on one archive one works and the others stand by.

    \b
    Example: kliping schedule run
    """
    settings = context.settings()
    timetable = _timetable(settings)
    _show_events()
    with context.archive(settings) as archive:
        from kliping.cli.following import follow_quietly
        from scheduler.daemon import run_service

        run_service(archive, settings, timetable, follow=lambda: follow_quietly(settings, archive))


@app.command(name="list")
def list_(json: AsJson = False) -> None:
    """Every source: on or off, its timetable, its last run and its next window.

    \b
    Example: kliping schedule list
    """
    settings = context.settings()
    timetable = _timetable(settings)
    with context.archive(settings) as archive:
        rows = _rows(archive, timetable)
    if json:
        context.print_json(rows)
        return
    from datetime import datetime

    table = _table("source", "state", "timetable", "last run", "verdict", "next window")
    for row in rows:
        last, upcoming = (row[name] and datetime.fromisoformat(row[name]) for name in ("last_run", "next_window"))
        table.add_row(
            row["source"],
            row["state"],
            row["timetable"],
            _local(last, settings) if last else "never",
            row["verdict"] or ("under way" if last else ""),
            _local(upcoming, settings) if upcoming else "–",
        )
    context.console().print(table)


@app.command(name="next")
def next_(
    days: Annotated[int, typer.Option(min=1, max=366, help="How far to look ahead.")] = 1, json: AsJson = False
) -> None:
    """The coming windows of the sources that are on, in order.

    \b
    Example: kliping schedule next --days 7
    """
    from datetime import timedelta

    from scheduler.timetable import windows_between

    settings = context.settings()
    timetable = _timetable(settings)
    now = _now()
    with context.archive(settings) as archive:
        schedules = _schedules(archive)
    coming = sorted(
        (window, source)
        for source, entry in timetable.items()
        if _state(entry, schedules.get(source)) == "on"
        for window in windows_between(entry, now, now + timedelta(days=days))
    )
    if json:
        context.print_json([{"due_at": window.isoformat(), "source": source} for window, source in coming])
        return
    if not coming:
        typer.echo("No window: no source is on that has one. `kliping schedule list` shows them.")
        return
    table = _table("window", "source")
    for window, source in coming:
        table.add_row(_local(window, settings), source)
    context.console().print(table)


@app.command(name="run-now")
def run_now(names: Annotated[list[str], typer.Argument(metavar="SOURCE...")], json: AsJson = False) -> None:
    """Crawl sources once, now, as the service would: in a child of its own, under the lease. Windows stay as they are.

    \b
    Example: kliping schedule run-now antara
    """
    from kliping.cli.crawl import crawl

    crawl(names, json)


@app.command()
def pause(name: SourceName) -> None:
    """Let no scheduled crawl of a source begin until `resume`; one under way goes on.

    \b
    Example: kliping schedule pause antara
    """
    settings = context.settings()
    _known(name, _timetable(settings))
    with context.archive(settings) as archive:
        from archive import windows

        paused = windows.pause(archive, name, now=_now())
    typer.echo(f"{name} is paused." if paused else f"{name} was paused already.")


@app.command()
def resume(name: SourceName) -> None:
    """Crawl a paused source again, from its next window on.

    \b
    Example: kliping schedule resume antara
    """
    settings = context.settings()
    timetable = _timetable(settings)
    _known(name, timetable)
    with context.archive(settings) as archive:
        from archive import windows
        from scheduler.timetable import next_window

        now = _now()
        if not windows.resume(archive, name, now=now, unrecorded=_unrecorded(archive, timetable[name], now)):
            typer.echo(f"{name} is not paused.")
            return
        state = _state(timetable[name], _schedules(archive).get(name))
    upcoming = _local(next_window(timetable[name], now), settings)
    typer.echo(f"{name} is resumed; " + (f"its next window is {upcoming}." if state == "on" else "but it is off."))


@app.command()
def history(
    name: Annotated[str | None, typer.Argument(metavar="[SOURCE]")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many windows, the youngest first.")] = 50,
    json: AsJson = False,
) -> None:
    """What became of each window: done, waiting for another try, failed or missed, and why.

    \b
    Example: kliping schedule history antara --limit 10
    """
    settings = context.settings()
    with context.archive(settings) as archive:
        from archive import windows

        found = windows.history(archive, name, limit)
        if name is not None and not found:
            _known(name, _timetable(settings))
    if json:
        context.print_json([window.as_json() for window in found])
        return
    if not found:
        typer.echo("No window has come yet. `kliping schedule list` shows the next ones.")
        return
    table = _table("window", "source", "state", "attempts", "verdict", "note")
    for window in found:
        verdict = (window.run.verdict if window.run else None) or ""
        cells = (window.source, str(window.state), str(window.attempts), verdict, _note(window, settings))
        table.add_row(_local(window.due_at, settings), *cells)
    context.console().print(table)


def _timetable(settings: Settings) -> Timetable:
    """The timetable of all sources; ends with status 2 and a sentence where a source or a cron cannot be used."""
    import sources
    from kliping.cli.sources import default_on
    from scheduler.timetable import BadTimetableError, from_settings

    try:
        leases = {name: sources.load(name).lease for name in sources.names()}
        return from_settings(settings, leases, by_default=default_on(settings))
    except BadTimetableError as error:
        context.fail(str(error))
    except sources.BadSourceError as error:
        context.fail(f"{error}.")


def _rows(archive: Archive, timetable: Timetable) -> list[dict[str, Any]]:
    """What `schedule list` shows of each source, as JSON writes it."""
    from archive import runs, windows
    from scheduler.timetable import next_window

    now = _now()
    schedules = _schedules(archive)
    waiting: dict[str, int] = {}
    for window in windows.open_and_latest(archive):
        if window.state is windows.WindowState.WAITING:
            waiting[window.source] = waiting.get(window.source, 0) + 1

    def row(source: str, entry: TimetableEntry, report: RunReport | None) -> dict[str, Any]:
        state = _state(entry, schedules.get(source))
        return {
            "source": source,
            "state": state,
            "timetable": entry.describe(),
            "zone": entry.zone,
            "last_run": report.started_at.isoformat() if report else None,
            "run_id": report.id if report else None,
            "verdict": report.verdict if report else None,
            "reason": report.reason if report else None,
            "next_window": next_window(entry, now).isoformat() if state == "on" else None,
            "waiting": waiting.get(source, 0),
        }

    return [row(source, entry, runs.latest(archive, source)) for source, entry in timetable.items()]


def _state(entry: TimetableEntry, schedule: Schedule | None) -> str:
    if not entry.is_on(schedule.enabled if schedule else None):
        return "off"
    return "paused" if schedule and schedule.paused_at else "on"


def _schedules(archive: Archive) -> dict[str, Schedule]:
    from archive import windows

    return windows.all_schedules(archive)


def _unrecorded(archive: Archive, entry: TimetableEntry, now: datetime) -> list[tuple[datetime, str]]:
    """The windows that the pause cut off and no scheduler has recorded yet, each with the reason."""
    from datetime import timedelta

    from archive import windows
    from scheduler.timetable import due

    schedule = _schedules(archive).get(entry.source)
    if schedule is None or schedule.since is None or schedule.paused_at is None:
        return []
    plan = due(
        {entry.source: entry},
        windows.open_and_latest(archive),
        since={entry.source: schedule.since},
        paused={entry.source: schedule.paused_at},
        now=now,
        catch_up=timedelta.max,
    )
    return [(window.due_at, window.note) for window in plan.abandoned]


def _known(name: str, timetable: Timetable) -> None:
    if name not in timetable:
        context.fail(f"There is no source {name!r}; there are: {', '.join(timetable)}.")


def _note(window: Window, settings: Settings) -> str:
    again = window.as_json()["next_try"] and window.next_try
    return "; ".join(filter(None, [window.note, f"again from {_local(again, settings)}" if again else None]))


def _now() -> datetime:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _local(moment: datetime, settings: Settings) -> str:
    return moment.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M %Z")


def _table(*columns: str) -> Any:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column)
    return table


def _show_events() -> None:
    """The service says on standard error what it does; other commands keep quiet."""
    import logging
    import sys

    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
