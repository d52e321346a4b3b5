"""Whether a scheduler works on this archive: ends with 0 where its lease is held by the living, with 1 where not."""

from __future__ import annotations

import sys

from archive.database import Archive
from archive.leases import holder_of
from kliping import config

settings = config.load()
with Archive.open(settings.archive_url, settings.home) as archive:
    holding = holder_of(archive, "scheduler")
sys.exit(0 if holding and holding.living else 1)
