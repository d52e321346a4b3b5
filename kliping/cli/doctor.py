"""`kliping doctor`: what is configured, unreachable, behind or broken, and what to do about it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import typer

import sources
from archive import outbox, runs
from archive.articles import count_archive
from archive.health.state import SourceState
from archive.integrity import Examination, examine
from indexer.contract import SearchError
from indexer.engines import index_of
from indexer.status import behind, status
from kliping.cli import backups, context, doctor_sources, output, source_facts
from kliping.cli.finding import Finding
from kliping.cli.output import Column, Csv, Json, Jsonl, OutputFormat
from kliping.cli.timetables import having_news
from kliping.config import PRODUCT_TOKEN, Settings, config_file
from scheduler.lookout import look
from scheduler.timetable import BACKUP, BadTimetableError, from_settings, with_jobs
from scheduler.watchman import AlarmKind, alarms

if TYPE_CHECKING:
    from archive.database import Archive
    from indexer.contract import SearchIndex
    from scheduler.timetable import Timetable

_LEAST_FREE = 2_000_000_000
"""Bytes."""
CHECK_SECONDS = 5.0
"""Seconds for the check of the database's own structure; `benchmarks/integrity.py` took 3 s for 500,000 articles."""
_MESSAGES_WAIT = timedelta(hours=1)


def doctor(json: Json = False, jsonl: Jsonl = False, csv: Csv = False) -> None:
    """Check everything, and say how to fix what is wrong.

    Ends with 1 if anything is wrong.

    \b
    Example: kliping doctor
    """
    form = OutputFormat.chosen(json=json, jsonl=jsonl, csv=csv)
    settings = context.settings()
    try:
        with context.usable_archive(settings) as archive:
            findings = findings_of(settings, archive, CHECK_SECONDS)
    except context.UnusableArchiveError as error:
        findings = [*_settings(settings), Finding("archive", False, str(error)), *_engine(settings)]
    if form is OutputFormat.TABLE:
        _print(findings)
    else:
        output.print_records(form, [asdict(finding) for finding in findings])
    if not all(finding.fine for finding in findings):
        raise typer.Exit(context.NEEDS_ATTENTION)


def findings_of(settings: Settings, archive: Archive, check_seconds: float) -> list[Finding]:
    """Everything. `check_seconds` is how long the archive is examined."""
    return [*_settings(settings), *of_operation(settings, archive, check_seconds), *doctor_sources.in_doubt(archive)]


def of_operation(settings: Settings, archive: Archive, check_seconds: float) -> Iterator[Finding]:
    """What `kliping status` looks at too: everything that may go wrong in a night.

    `check_seconds` is how long the archive is examined.
    """
    damage = examine(archive, check_seconds)
    yield from _archive(settings, archive)
    yield from _damage(damage, check_seconds)
    yield from _verified(settings, archive)
    yield from _backup(settings, archive)
    yield from _index(settings, archive, whole=not damage.faults)
    yield from doctor_sources.of_sources(settings, archive)
    yield from doctor_sources.mostly_in_doubt(settings, archive)
    yield from doctor_sources.of_hosts(settings, archive)
    yield from _scheduler(settings, archive)
    yield from _notifications(settings, archive)


def of_backup(settings: Settings, archive: Archive) -> list[Finding]:
    """What is found of the nightly backup: its state, and whether it is late."""
    return [*_backup(settings, archive), *(each for each in _scheduler(settings, archive) if each.about == "backup")]


def _print(findings: list[Finding]) -> None:
    rows = []
    for finding in findings:
        seen = finding.seen if finding.remedy is None else f"{finding.seen}\n→ {finding.remedy}"
        rows.append(("ok" if finding.fine else "LOOK", finding.about, seen))
    output.print_table((Column(wrap=False), Column(wrap=False), Column()), rows, header=False)


def _settings(settings: Settings) -> Iterator[Finding]:
    file = config_file()
    seen = f"from {file} and the environment" if file.is_file() else f"from the environment; no {file}"
    yield Finding("settings", True, seen)
    if problem := _timetable_problem(settings):
        yield Finding("settings", False, problem, f"Correct it in {file} or in the environment.")
    yield _user_agent(settings)


def _user_agent(settings: Settings) -> Finding:
    """Publishers must be able to reach whoever crawls them. Crawls of mirrors (`fetch_from`) need no contact."""
    agent = settings.user_agent.strip()
    default = agent == Settings.model_fields["user_agent"].default
    if agent and (not default or settings.fetch_from):
        return Finding("user agent", True, agent)
    seen = "the default, which names no contact" if agent else "it is empty"
    return Finding(
        "user agent", False, seen, f"Set KLIPING_USER_AGENT, for example: {PRODUCT_TOKEN}/0.1 (you@your.org)"
    )


def _timetable(settings: Settings) -> Timetable:
    """The timetable of all sources that load (the others are reported among the sources), with all other jobs.

    Raises BadTimetableError.
    """
    found = sources.load_all()[0]
    leases = {source.name: source.lease for source in found}
    crawls = from_settings(settings, leases, by_default=source_facts.default_on(settings))
    return with_jobs(settings, crawls, having_news(settings, found))


def _timetable_problem(settings: Settings) -> str | None:
    try:
        _timetable(settings)
    except BadTimetableError as error:
        return str(error)
    return None


def _archive(settings: Settings, archive: Archive) -> Iterator[Finding]:
    size = count_archive(archive)
    rights = ", read-only for this user" if archive.read_only else ""
    held = f"{size.articles} articles, {size.pages} kept pages"
    yield Finding("archive", True, f"{settings.home.resolve()}: {held}{rights}")
    free = shutil.disk_usage(settings.home).free
    enough = free > _LEAST_FREE
    remedy = None if enough else "Make room: a page that cannot be kept is not archived."
    yield Finding("disk", enough, f"{free / 1e9:.1f} GB free", remedy)


def _damage(damage: Examination, seconds: float) -> Iterator[Finding]:
    """What is lost or damaged in the archive, as far as so many seconds show."""
    for fault in damage.faults:
        remedy = "kliping archive verify --mend" if fault.mendable else "kliping archive verify"
        yield Finding("archive", False, fault.sentence, remedy)
    if not damage.faults and damage.complete:
        yield Finding("archive", True, "the database and its WARC files agree")
    elif not damage.faults:
        seen = f"nothing wrong in {seconds:.0f} s of checking; `kliping archive verify` reads everything"
        yield Finding("archive", True, seen)


def _verified(settings: Settings, archive: Archive) -> Iterator[Finding]:
    """What the service's last verification of the whole archive found."""
    report = runs.latest(archive, "archive", kinds=("verify",), ended=True)
    if report is None:
        return
    when = source_facts.local(report.started_at, settings)
    if report.verdict == "good":
        yield Finding("verified", True, f"whole, {when}: {report.listed} pages were read")
    else:
        yield Finding("verified", False, f"{when}: {report.reason}", "kliping archive verify")


def _backup(settings: Settings, archive: Archive) -> Iterator[Finding]:
    """The backup that the service makes; that it is late is told by the watchman."""
    if settings.backup_to is None:
        hint = "none is made by itself: KLIPING_BACKUP_TO names the folder for one every night (docs/operations.md)"
        yield Finding("backup", True, hint)
    for each in backups.states(settings, archive, datetime.now(UTC)):
        seen = each.problem or backups.in_words(settings, each.made)
        yield Finding("backup", each.problem is None, seen, each.remedy)


def _engine(settings: Settings) -> Iterator[Finding]:
    """The search engine, where the archive cannot be compared with it."""
    try:
        yield from (Finding(each.about, each.fine, each.seen, each.remedy) for each in index_of(settings).conditions())
    except SearchError as error:
        yield Finding("index", False, str(error))


def _index(settings: Settings, archive: Archive, *, whole: bool) -> Iterator[Finding]:
    try:
        index = index_of(settings)
    except SearchError as error:
        yield Finding("index", False, str(error))
        return
    try:
        for each in index.conditions():
            yield Finding(each.about, each.fine, each.seen, each.remedy)
        yield from _searched_index(archive, index, whole=whole)
    except SearchError as error:
        yield Finding("index", False, str(error))
        if waiting := behind(archive, index):
            yield Finding("index", False, f"{waiting} changes behind the archive", "Then: kliping index follow")


def _searched_index(archive: Archive, index: SearchIndex, *, whole: bool) -> Iterator[Finding]:
    seen = status(archive, index)
    name = seen.index or f"no index yet for the alias {seen.alias}"
    lag = f", {seen.lag} changes behind" if seen.lag else ""
    stuck = bool(seen.lag and not seen.follower and not seen.reindex_needed)
    remedy = "kliping index follow" if stuck else None
    yield Finding("index", not stuck, f"{name}: {seen.documents} documents{lag}", remedy, passing=stuck)
    stored = count_archive(archive).articles
    for reason in seen.reindex_needed:
        remedy = "kliping reindex"
        if not whole:
            remedy = "Mend the archive first, as said above: a new index would lack what the archive has lost."
        elif stored < seen.documents:
            remedy = (
                f"Look for the right archive first: the index has {seen.documents} articles, and this archive only "
                f"{stored}. A new index would lack the others."
            )
        yield Finding("index", False, reason, remedy)
    if seen.dead_letters:
        yield Finding("index", False, f"{seen.dead_letters} articles were refused", "kliping index failures")


def _notifications(settings: Settings, archive: Archive) -> Iterator[Finding]:
    """Targets that cannot be reached. People cannot be told of that by a message."""
    with archive.reading() as connection:
        stuck = outbox.stuck(connection)
    late = [each for each in stuck if datetime.now(UTC) - each.since > _MESSAGES_WAIT]
    for each in late:
        since = source_facts.local(each.since, settings)
        seen = f"{each.target}: {each.waiting} messages wait since {since}: {each.problem}"
        yield Finding("notifications", False, seen, f"kliping notify pending; kliping notify test {each.target}")
    if settings.notify and not late:
        targets = ", ".join(settings.notify)
        waiting = f"; {sum(each.waiting for each in stuck)} messages wait" if stuck else ""
        yield Finding("notifications", True, f"{targets}{waiting}")


def _scheduler(settings: Settings, archive: Archive) -> Iterator[Finding]:
    """What the watchman finds: the timetable compared with what was crawled."""
    try:
        timetable = _timetable(settings)
    except BadTimetableError:
        return  # told among the settings
    now = datetime.now(UTC)
    watch = look(archive, _that_can_run(settings, timetable), now, grace=settings.grace)
    found = alarms(watch, now, settings.zone)
    if watch.scheduler is not None and watch.scheduler_lives:
        yield Finding("scheduler", True, f"run by {watch.scheduler.holder}")
    elif not watch.sources:
        yield Finding("scheduler", True, "not running; `kliping schedule run` starts it")
    for alarm in found:
        yield Finding(
            "backup" if alarm.source == BACKUP else _ABOUT[alarm.kind],
            False,
            alarm.sentence,
            alarm.remedy,
            publisher := _publisher(timetable, alarm.source),
            SourceState.OVERDUE if publisher else None,
        )
    if watch.sources and not found:
        yield Finding("windows", True, f"every window of {len(watch.sources)} sources was run")
    if watch.jumps and not any(alarm.kind is AlarmKind.CLOCK for alarm in found):
        last = watch.jumps[0]
        yield Finding("clock", True, f"{last.in_words}, to {source_facts.local(last.after, settings)}")


def _publisher(timetable: Timetable, name: str | None) -> str | None:
    """The source that a job of the timetable crawls; None for one that crawls nothing."""
    entry = timetable.get(name) if name else None
    return entry.publisher if entry is not None and not entry.job.concerns_archive else None


_ABOUT = {
    AlarmKind.NO_SCHEDULER: "scheduler",
    AlarmKind.MISSED: "window",
    AlarmKind.NOT_STARTED: "window",
    AlarmKind.HANGS: "source",
    AlarmKind.STALE: "source",
    AlarmKind.CLOCK: "clock",
}


def _that_can_run(settings: Settings, timetable: Timetable) -> Timetable:
    return {name: entry for name, entry in timetable.items() if not source_facts.not_running(settings, entry.publisher)}
