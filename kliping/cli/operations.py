"""What the reading room shows of the operation: what `kliping doctor` finds, and the sources of `kliping status`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

import sources
from kliping.cli import doctor, source_facts, status
from kliping.cli.finding import Finding
from kliping.cli.timetables import planned_jobs_of
from web.holdings import Holdings
from web.operations import Operations

if TYPE_CHECKING:
    from archive.database import Archive
    from indexer.contract import SearchIndex
    from kliping.config import Settings

_CHECK_SECONDS = 2.0
"""How long the archive is examined for a page. `kliping doctor` takes longer."""


def holdings(settings: Settings, archive: Archive, index: SearchIndex) -> Holdings:
    """What the pages of the reading room read from."""

    def running() -> frozenset[str]:
        return frozenset(name for name in sources.names() if source_facts.is_on(settings, archive, name))

    def findings() -> list[Finding]:
        return doctor.findings_of(settings, archive, _CHECK_SECONDS)

    def backup() -> list[Finding]:
        return doctor.of_backup(settings, archive)

    def crawls() -> list[dict[str, Any]]:
        now = datetime.now(UTC)
        try:
            planned = planned_jobs_of(settings, archive, now)
        except typer.Exit:  # the timetable cannot be used, which the doctor's page tells with its remedy
            return []
        return status.sources_of(settings, archive, planned, now)

    return Holdings(settings, archive, index, Operations(findings, running, crawls, backup))
