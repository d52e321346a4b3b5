"""`kliping doctor`: what is configured, reachable, behind or broken, and what to do about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from kliping.cli import context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from archive.database import Archive
    from archive.windows import Window
    from indexer.contract import SearchIndex
    from kliping.config import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, whether it is well, what was seen, and the remedy where it is not."""

    about: str
    fine: bool
    seen: str
    remedy: str | None = None


def doctor(json: Annotated[bool, typer.Option("--json", help="One JSON document for machines.")] = False) -> None:
    """Look at everything, and say of each thing that is not well what to do. Ends with 1 where there is any.

    \b
    Example: kliping doctor
    """
    settings = context.settings()
    with context.archive(settings) as archive:
        findings = [
            *_settings(settings),
            *_archive(settings, archive),
            *_index(settings, archive),
            *_sources(settings, archive),
            *_scheduler(settings, archive),
        ]
    if json:
        context.print_json([asdict(finding) for finding in findings])
    else:
        _print(findings)
    if not all(finding.fine for finding in findings):
        raise typer.Exit(context.NEEDS_ATTENTION)


def _print(findings: list[Finding]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for finding in findings:
        seen = finding.seen if finding.remedy is None else f"{finding.seen}\n→ {finding.remedy}"
        table.add_row("ok" if finding.fine else "LOOK", finding.about, seen)
    context.console().print(table)


def _settings(settings: Settings) -> Iterator[Finding]:
    from kliping.config import Settings as Defaults
    from kliping.config import config_file

    file = config_file()
    yield Finding("settings", True, f"{file} and the environment" if file.is_file() else "the environment alone")
    if wrong := _timetable_is_wrong(settings):
        yield Finding("settings", False, wrong, f"Mend it in {file} or in the environment.")
    named = settings.user_agent != Defaults.model_fields["user_agent"].default
    yield Finding(
        "user agent",
        named or settings.fetch_from != {},
        settings.user_agent,
        None if named or settings.fetch_from else "Set KLIPING_USER_AGENT to a product token with your contact.",
    )


def _timetable_is_wrong(settings: Settings) -> str | None:
    import sources
    from scheduler.timetable import BadTimetableError, from_settings

    try:
        from_settings(settings, {name: sources.load(name).lease for name in sources.names()})
    except BadTimetableError as error:
        return str(error)
    except sources.BadSourceError:  # told of among the sources
        return None
    return None


def _archive(settings: Settings, archive: Archive) -> Iterator[Finding]:
    import shutil

    from archive.articles import count_archive

    held = count_archive(archive)
    yield Finding("archive", True, f"{settings.home.resolve()}: {held.articles} articles, {held.pages} kept pages")
    free = shutil.disk_usage(settings.home).free
    yield Finding(
        "disk",
        free > 2_000_000_000,
        f"{free / 1e9:.1f} GB free",
        None if free > 2_000_000_000 else "Make room: a page that cannot be kept is not archived.",
    )


def _index(settings: Settings, archive: Archive) -> Iterator[Finding]:
    from indexer.contract import SearchError
    from indexer.engines import index_of
    from indexer.status import behind

    try:
        index = index_of(settings)
    except SearchError as error:
        yield Finding("index", False, str(error))
        return
    try:
        for each in index.conditions():
            yield Finding(each.about, each.fine, each.seen, each.remedy)
        yield from _behind_the_alias(archive, index)
    except SearchError as error:
        yield Finding("index", False, str(error))
        if waiting := behind(archive, index):
            yield Finding("index", False, f"{waiting} changes behind the archive", "Then: kliping index follow")


def _behind_the_alias(archive: Archive, index: SearchIndex) -> Iterator[Finding]:
    from indexer.status import status

    seen = status(archive, index)
    name = seen.index or f"none yet behind the alias {seen.alias}"
    lag = f", {seen.lag} changes behind" if seen.lag else ""
    stuck = bool(seen.lag and not seen.follower and not seen.reindex_needed)
    yield Finding(
        "index", not stuck, f"{name}: {seen.documents} documents{lag}", "kliping index follow" if stuck else None
    )
    for reason in seen.reindex_needed:
        yield Finding("index", False, reason, "kliping reindex")
    if seen.dead_letters:
        yield Finding("index", False, f"{seen.dead_letters} articles were refused", "kliping index failures")


def _sources(settings: Settings, archive: Archive) -> Iterator[Finding]:
    import sources
    from archive import runs
    from kliping.cli import source_facts

    for name in sources.names():
        try:
            source = sources.load(name)
        except sources.BadSourceError as error:
            yield Finding("source", False, str(error), "Mend the file.")
            continue
        if not source_facts.is_on(settings, archive, name):
            continue
        report = runs.latest(archive, name)
        if report is None:
            yield Finding("source", True, f"{source.name} is on and was never crawled")
            continue
        verdict = report.verdict or "under way"
        fine = verdict in ("good", "under way")
        remedy = None
        if not fine:
            # another crawl brings a field back only if it was chance that it fell: the pages before and after tell more
            deviations = source_facts.health(archive, name).deviations
            remedy = f"kliping sources show {name}" if deviations else f"kliping crawl {name}"
        told = f"{name}: {verdict}, {_local(report.started_at, settings)}. {report.reason or ''}"
        yield Finding("source", fine, told, remedy)


def _scheduler(settings: Settings, archive: Archive) -> Iterator[Finding]:
    from archive.leases import holder_of
    from archive.windows import history

    holding = holder_of(archive, "scheduler")
    if holding and holding.living:
        yield Finding("scheduler", True, f"run by {holding.holder}")
    else:
        yield Finding("scheduler", True, "not running; `kliping schedule run` is the service")
    past = history(archive, limit=50)
    for window in _not_made_up_for(archive, past)[:5]:
        yield Finding(
            "window",
            False,
            f"{window.source} of {_local(window.due_at, settings)}: {window.state}",
            f"kliping crawl {window.source}",
        )


def _not_made_up_for(archive: Archive, past: list[Window]) -> list[Window]:
    """The windows that failed or were missed, where the source has had no harvest since."""
    from archive import runs
    from archive.windows import HARVEST_VERDICTS, WindowState

    last = {source: runs.latest(archive, source) for source in {window.source for window in past}}
    harvests = {name: each.started_at for name, each in last.items() if each and each.verdict in HARVEST_VERDICTS}
    bad = [each for each in past if each.state in (WindowState.FAILED, WindowState.MISSED)]
    return [each for each in bad if each.source not in harvests or harvests[each.source] < each.due_at]


def _local(moment: datetime, settings: Settings) -> str:
    return moment.astimezone(settings.zone).strftime("%Y-%m-%d %H:%M %Z")
