"""Health check: exits with 0 if a running scheduler holds the scheduler's lease on this archive, with 1 if not."""

from __future__ import annotations

import sys

from archive.database import Archive
from archive.leases import holder_of
from kliping import config

settings = config.load()
with Archive.open(settings.archive_url, settings.home, create=False) as archive:
    lease = holder_of(archive, "scheduler")
sys.exit(0 if lease and lease.living else 1)
