"""The run of an import."""

from __future__ import annotations

from datetime import datetime

import structlog

from archive import imports, runs
from archive.database import Archive
from archive.run import Run

SOURCE = "import"

log = structlog.get_logger()


def begin_import(archive: Archive, *, software: str, lease_seconds: float, now: datetime) -> Run:
    """Close the runs of imports that died, and open one under a lease of its own name.

    It is no politeness lease: imports ask nothing of a publisher, so several may run at once, and beside crawls. It
    only shows that the import is alive.
    """
    for dead in imports.close_dead_runs(archive, lease_seconds, now):
        log.warning("closed a dead run", run=dead)
    run_id = runs.new_id(SOURCE, now)
    return Run.begin(
        archive,
        run_id,
        source=SOURCE,
        kind=imports.KIND,
        lease=imports.lease_of(run_id),
        lease_seconds=lease_seconds,
        software=software,
        now=now,
    )
