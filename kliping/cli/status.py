"""`kliping status`: one screen that says whether last night was good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import typer

from archive import runs, schedules
from kliping.cli import context, counts, doctor, output
from kliping.cli.finding import Finding
from kliping.cli.output import Column, Json
from kliping.cli.source_facts import local, not_running
from kliping.cli.timetables import planned_jobs_of, state_of
from scheduler.timetable import Job, next_window

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.config import Settings
    from scheduler.timetable import Timetable

_DAY = timedelta(days=1)
_CHECK_SECONDS = 1.0
"""How long the archive is examined: the container's check asks every two minutes. `kliping doctor` takes longer."""

_SCREEN = ("host", "scheduler", "index", "disk", "archive", "verified", "backup")
"""What is shown below the sources if it is fine."""


def status(json: Json = False) -> None:
    """Whether last night was good: sources, scheduler, index, disk.

    Compares the timetable with what was crawled, so it also sees what did not happen. Ends with 1 if anything is wrong.

    \b
    Example: kliping status
    """
    settings = context.settings()
    now = datetime.now(UTC)
    findings: list[Finding] = []
    sources: list[dict[str, Any]] = []
    try:
        with context.usable_archive(settings) as archive:
            findings += doctor.of_operation(settings, archive, _CHECK_SECONDS)
            sources += sources_of(settings, archive, planned_jobs_of(settings, archive, now), now)
    except context.UnusableArchiveError as error:
        findings.append(Finding("archive", False, str(error)))
    problems = [finding for finding in findings if not finding.fine]
    if json:
        output.print_json(
            {
                "ok": not problems,
                "at": now.isoformat(),
                "problems": [_without_fine(finding) for finding in problems],
                "sources": sources,
                "fine": [_without_fine(finding) for finding in findings if finding.fine],
            }
        )
    else:
        _print(settings, problems, findings, sources)
    if problems:
        raise typer.Exit(context.NEEDS_ATTENTION)


def _without_fine(finding: Finding) -> dict[str, Any]:
    return {name: value for name, value in asdict(finding).items() if name != "fine"}


def sources_of(settings: Settings, archive: Archive, timetable: Timetable, now: datetime) -> list[dict[str, Any]]:
    """The sources that are on or paused, with their last run."""
    flags = schedules.all_schedules(archive)
    with archive.reading() as connection:
        last_day = runs.harvests_since(connection, now - _DAY, now)
    found = []
    rounds = {entry.publisher: entry for entry in timetable.values() if entry.job is Job.ROUND}
    for source, entry in timetable.items():
        state = state_of(entry, flags.get(source))
        if entry.job is not Job.CRAWL or state == "off" or not_running(settings, source):
            continue
        report = runs.latest(archive, source, now, kinds=("crawl",))
        upcoming = next_window(entry, now)
        its_round = next_window(rounds[source], now) if source in rounds else None
        found.append(
            {
                "source": source,
                "state": state,
                "last_run": report.started_at.isoformat() if report else None,
                "run_id": report.id if report else None,
                "verdict": report.verdict if report else None,
                "reason": report.reason if report else None,
                "outcomes": dict(report.outcomes) if report else {},
                "last_day": asdict(last_day[source]) if source in last_day else {"runs": 0, "outcomes": {}},
                "next_window": upcoming.isoformat() if upcoming and state == "on" else None,
                "next_round": its_round.isoformat() if its_round and state == "on" else None,
                "rounds": rounds[source].describe() if source in rounds else None,
            }
        )
    return found


def _print(settings: Settings, problems: list[Finding], findings: list[Finding], sources: list[dict[str, Any]]) -> None:
    console = output.console()
    many = f"{len(problems)} things need" if len(problems) > 1 else "one thing needs"
    console.print(f"Not good: {many} a look." if problems else "Good: nothing is missing.", style="bold")
    wide = (Column(wrap=False), Column())
    if problems:
        rows = [(each.about, f"{each.seen}\n→ {each.remedy}" if each.remedy else each.seen) for each in problems]
        output.print_table(wide, rows, header=False)
    if sources:
        console.print()
        fixed, wide_ones = ("source", "state", "last crawl", "verdict"), ("addresses", "last 24 h", "why")
        columns: Sequence[str | Column] = (*fixed, *map(Column, wide_ones), "next", "next round")
        output.print_table(columns, [_row(each, settings) for each in sources])
    else:
        console.print("No source is on. `kliping sources list` shows all; `kliping sources enable NAME` turns one on.")
    console.print()
    shown = [each for about in _SCREEN for each in findings if each.about == about and each.fine]
    output.print_table(wide, [(each.about, each.seen) for each in shown], header=False)


def _row(source: dict[str, Any], settings: Settings) -> tuple[object, ...]:
    last, upcoming, its_round = (
        local(datetime.fromisoformat(source[name]), settings) if source[name] else None
        for name in ("last_run", "next_window", "next_round")
    )
    verdict = source["verdict"] or ("under way" if last else None)
    addresses, day = counts.in_words(source["outcomes"]), source["last_day"]
    in_day = f"{counts.in_words(day['outcomes']) or 'nothing'} in {day['runs']} runs" if day["runs"] else "no run"
    return (
        *(source["source"], source["state"], last or "never", verdict, addresses, in_day, source["reason"]),
        *(upcoming, its_round),
    )
