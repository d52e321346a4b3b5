"""The metrics of `/metrics`, for Prometheus: read from the archive at each scrape, so they outlive a restart."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import DatabaseError

from archive import runs, schedules
from archive.database import ArchiveError
from archive.manifest import BackupError, read_manifest
from archive.tables import addresses
from indexer.contract import SearchError
from indexer.engines import index_of
from indexer.status import behind
from kliping.cli.source_facts import not_running
from kliping.cli.timetables import planned_jobs_of, state_of
from scheduler.listener import ListenerPage
from scheduler.timetable import next_window

if TYPE_CHECKING:
    from archive.database import Archive
    from kliping.cli.finding import Finding
    from kliping.config import Settings
    from scheduler.timetable import Timetable

_VERDICTS = ("good", "attention", "failed")
_DAY = timedelta(days=1)


def metrics_page(settings: Settings, archive: Archive, problems: Sequence[Finding]) -> ListenerPage:
    """All metrics as text. Where the database cannot be read, those that do not need it. `problems`: what is wrong."""
    registry = CollectorRegistry()
    registry.register(_Metrics(settings, archive, problems))
    ProcessCollector(registry=registry)
    return ListenerPage(200, CONTENT_TYPE_LATEST, generate_latest(registry))


class _Metrics(Collector):
    def __init__(self, settings: Settings, archive: Archive, problems: Sequence[Finding]) -> None:
        self._settings = settings
        self._archive = archive
        self._problems = problems

    def collect(self) -> Iterator[Metric]:
        yield _gauge("kliping_ok", "1 if kliping status is green", float(not self._problems))
        problems = GaugeMetricFamily("kliping_problems", "What is wrong, by what it is about", labels=["about"])
        for about, count in Counter(each.about for each in self._problems).items():
            problems.add_metric([about], count)
        yield problems
        free = shutil.disk_usage(self._settings.home).free
        yield _gauge("kliping_disk_free_bytes", "Room on the disk of KLIPING_HOME", free)
        try:
            now = datetime.now(UTC)
            jobs = _on(self._settings, self._archive, planned_jobs_of(self._settings, self._archive, now))
            yield from _of_jobs(self._archive, jobs, now)
            yield from _of_archive(self._archive, now)
            yield from _of_backup(self._settings)
            yield from _of_index(self._settings, self._archive)
        except (ArchiveError, DatabaseError):
            return  # one of the problems says so


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value=value)


def _on(settings: Settings, archive: Archive, jobs: Timetable) -> Timetable:
    """The entries that are on, paused ones included."""
    flags = schedules.all_schedules(archive)
    return {
        name: entry
        for name, entry in jobs.items()
        if state_of(entry, flags.get(entry.publisher)) != "off" and not not_running(settings, entry.publisher)
    }


def _of_jobs(archive: Archive, jobs: Timetable, now: datetime) -> Iterator[Metric]:
    labels = ["source", "job"]
    began = GaugeMetricFamily(
        "kliping_last_run_timestamp_seconds", "When the last run of each job began", labels=labels
    )
    verdict = GaugeMetricFamily(
        "kliping_last_run_verdict", "1 for the verdict of the last run that has one", labels=[*labels, "verdict"]
    )
    coming = GaugeMetricFamily("kliping_next_window_timestamp_seconds", "When each job runs next", labels=labels)
    for entry in jobs.values():
        which = [entry.run_source, str(entry.job)]
        report = runs.latest(archive, entry.run_source, now, kinds=(str(entry.job),))
        if report is not None:
            began.add_metric(which, report.started_at.timestamp())
            for each in _VERDICTS if report.verdict else ():
                verdict.add_metric([*which, each], float(report.verdict == each))
        window = next_window(entry, now)
        if window is not None:
            coming.add_metric(which, window.timestamp())
    yield from (began, verdict, coming)


def _of_archive(archive: Archive, now: datetime) -> Iterator[Metric]:
    ended = GaugeMetricFamily(
        "kliping_addresses_last_day", "How addresses ended in crawls and rounds of 24 h", labels=["source", "outcome"]
    )
    waiting = GaugeMetricFamily("kliping_addresses_queued", "Addresses that wait for a try", labels=["source"])
    with archive.reading() as connection:
        for source, harvest in runs.harvests_since(connection, now - _DAY, now).items():
            for outcome, count in harvest.outcomes.items():
                ended.add_metric([source, outcome], count)
        queued = select(addresses.c.source, func.count()).where(addresses.c.state == "queued")
        for source, count in connection.execute(queued.group_by(addresses.c.source)):
            waiting.add_metric([source], count)
    yield from (ended, waiting)
    yield _gauge("kliping_archive_seq", "The archive's last change", archive.last_seq())


def _of_backup(settings: Settings) -> Iterator[Metric]:
    try:
        made = None if settings.backup_to is None else read_manifest(settings.backup_to)
    except BackupError:
        return  # one of the problems says so
    if made is not None:
        what = "When the backup in KLIPING_BACKUP_TO was made"
        yield _gauge("kliping_backup_timestamp_seconds", what, made.made_at.timestamp())


def _of_index(settings: Settings, archive: Archive) -> Iterator[Metric]:
    try:
        lag = behind(archive, index_of(settings))
    except SearchError:
        return  # one of the problems says so
    yield _gauge("kliping_index_lag", "Changes that the index has not got yet", lag)
